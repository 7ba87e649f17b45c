# A secondary index is built on a table in use.  Writers continue, and items that do
# not fit are left out.  If the build is interrupted, the index is completed or
# removed in the end.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $items = $ENV{DYNAMO_TEST_ITEMS} || 20_000;
my $node = dynamo_node('main');

sub sql
{
	my ($statement) = @_;

	return $node->safe_psql($DynamoTest::database, $statement);
}

# The description of a table's only index, or nothing.
sub index_of
{
	my ($table) = @_;
	my $reply = request($node, 'DescribeTable', { TableName => $table });

	return ($reply->{json}{Table}{GlobalSecondaryIndexes} || [])->[0];
}

sub wait_until_active
{
	my ($table) = @_;

	wait_until(sub { (index_of($table) || {})->{IndexStatus} eq 'ACTIVE' },
		"the index of $table is active");
	return;
}

# Returns a job as dynamo.jobs shows it: "attempts state error_code".
sub job_of
{
	my ($table) = @_;

	return sql("SELECT concat_ws(' ', attempts, state, error_code) FROM dynamo.jobs"
		  . " WHERE table_name = '$table' AND task = 'BUILD INDEX' AND object_name = 'ByColor'");
}

# Returns the number of items that a Scan of the index finds.
sub count_by_index
{
	my ($table) = @_;
	my %request = (TableName => $table, IndexName => 'ByColor', Select => 'COUNT');
	my $count = 0;

	do
	{
		my $page = request($node, 'Scan', \%request)->{json};

		$count += $page->{Count};
		$request{ExclusiveStartKey} = $page->{LastEvaluatedKey};
	} while ($request{ExclusiveStartKey});
	return $count;
}

# Returns the number of items that should be found: those whose Color can be a key.
sub count_in_table
{
	my ($table) = @_;

	return sql("SELECT count(*) FROM dynamo_data.\"$table\""
		  . " WHERE length(item #>> '{Color,S}') BETWEEN 1 AND 2048");
}

sub relations_of
{
	my ($table) = @_;

	return sql("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class"
		  . " WHERE relname LIKE '$table:%' AND relkind = 'i'");
}

sub fill
{
	my ($table, $count) = @_;

	create_table($node, $table, Id => 'S');
	sql("INSERT INTO dynamo_data.\"$table\" SELECT 'i' || i, jsonb_build_object('Id',"
		  . " jsonb_build_object('S', 'i' || i), 'Color', jsonb_build_object('S', 'c' || i % 7))"
		  . " FROM generate_series(1, $count) AS i");
	return;
}

# A transaction that has a snapshot holds up CREATE INDEX CONCURRENTLY.
sub hold_builds_up
{
	my $session = sql_session($node);

	sql_run($session, 'BEGIN ISOLATION LEVEL REPEATABLE READ');
	sql_run($session, 'SELECT count(*) FROM pg_class');
	return $session;
}

subtest 'while clients write' => sub {
	fill('Busy', $items);
	sql("INSERT INTO dynamo_data.\"Busy\" VALUES"
		  . q[ ('number', '{"Id": {"S": "number"}, "Color": {"N": "1"}}'),]
		  . q[ ('empty', '{"Id": {"S": "empty"}, "Color": {"S": ""}}'),]
		  . q[ ('none', '{"Id": {"S": "none"}}')]);
	sql("INSERT INTO dynamo_data.\"Busy\" SELECT 'long', jsonb_build_object('Id',"
		  . " jsonb_build_object('S', 'long'), 'Color', jsonb_build_object('S', repeat('x', 2049)))");

	my $load = start_clients(
		4,
		sub {
			my ($number, $note) = @_;
			my $socket = raw_connect($node);

			for (my $i = 1;; $i++)
			{
				my %id = (S => $i % 2 ? "w$number.$i" : 'i' . ($i * 13 % $items));
				my $reply = exchange(
					$socket,
					'PutItem',
					{   TableName => 'Busy',
						Item => { Id => \%id, Color => { S => "new $number" } }
					});

				$note->($reply->{status} == 200 ? 'ok' : "failed $reply->{body}");
			}
		});
	wait_for_notes($load, 100);

	my $answer = create_index($node, 'Busy')->{TableDescription}{GlobalSecondaryIndexes}[0];
	is($answer->{IndexStatus}, 'CREATING', 'the answer says that it is being made');
	wait_until_active('Busy');
	ok(!exists index_of('Busy')->{Backfilling}, 'nothing is backfilled any more');
	wait_for_notes($load, note_count($load) + 100);

	my @notes = stop_clients($load);
	is_deeply([ grep { $_->[0] ne 'ok' } @notes ], [], 'no write has failed');
	is(count_by_index('Busy'), count_in_table('Busy'), 'the index has all items that fit');
	is(sql("SELECT count(*) FROM dynamo_data.\"Busy\""
			. " WHERE (dynamo.index_key(item, 'hS5:Color kS2:Id') IS NULL)"
			. " = (length(item #>> '{Color,S}') BETWEEN 1 AND 2048)"),
		0, 'and none that does not');
	is(job_of('Busy'), '', 'the job is done');
};

subtest 'how many items are in it' => sub {
	fill('Counted', 2);
	sql("INSERT INTO dynamo_data.\"Counted\" SELECT 'n' || i, jsonb_build_object('Id',"
		  . " jsonb_build_object('S', 'n' || i), 'Color', jsonb_build_object('N', i::text))"
		  . " FROM generate_series(1, 6) AS i");
	create_index($node, 'Counted');
	wait_until_active('Counted');
	is(index_of('Counted')->{ItemCount}, 2, 'those that fit');
};

subtest 'before it is built' => sub {
	my $blocker = hold_builds_up();

	fill('Held', 100);
	create_index($node, 'Held');
	wait_until(sub { job_of('Held') eq '1 RUNNING' }, 'the build has begun');
	is(index_of('Held')->{Backfilling}, JSON::PP::true, 'it is being backfilled');
	ddb_error($node, 'Query',
		{   TableName => 'Held',
			IndexName => 'ByColor',
			KeyConditionExpression => 'Color = :c',
			ExpressionAttributeValues => { ':c' => { S => 'c1' } }
		},
		'ValidationException',
		'Cannot read from backfilling global secondary index: ByColor');
	ddb_error($node, 'PutItem',
		{ TableName => 'Held', Item => { Id => { S => 'n' }, Color => { N => '1' } } },
		'ValidationException',
		'One or more parameter values were invalid: Type mismatch for Index Key Color'
		  . ' Expected: S Actual: N IndexName: ByColor');
	ddb_ok($node, 'PutItem',
		{ TableName => 'Held', Item => { Id => { S => 'n' }, Color => { S => 'c1' } } },
		'items that fit are written');
	ddb_error($node, 'DeleteTable', { TableName => 'Held' },
		'ResourceInUseException', qr/indexes are being created/,
		'the table cannot be deleted');
	sql_end($blocker);
	wait_until_active('Held');
	is(count_by_index('Held'), 101, 'what was written meanwhile is in the index');
};

subtest 'a crash' => sub {
	my $blocker = hold_builds_up();

	fill('Crash', 500);
	create_index($node, 'Crash');
	wait_until(sub { relations_of('Crash') =~ /ByColor/ }, 'there is half an index');
	kill_server($node);
	sql_end($blocker);
	$node->start;
	wait_until_served($node);
	wait_until_active('Crash');
	is(count_by_index('Crash'), 500, 'the index is whole');
	is(relations_of('Crash'), 'Crash:i:ByColor Crash:pkey Crash:token', 'there is no other');
};

subtest 'a failure' => sub {
	fill('Fails', 100);
	sql('CREATE TABLE dynamo_data."Fails:i:ByColor" (i integer)');
	create_index($node, 'Fails');
	wait_until(sub { job_of('Fails') =~ /^[2-9] RETRYING 4/ }, 'the build has failed twice');
	is(index_of('Fails')->{IndexStatus}, 'CREATING', 'the index is still to be made');
	like(sql("SELECT error FROM dynamo.jobs WHERE table_name = 'Fails'"),
		qr/Fails:i:ByColor/, 'dynamo.jobs tells why');
	sql('DROP TABLE dynamo_data."Fails:i:ByColor"');
	wait_until_active('Fails');
	is(count_by_index('Fails'), 100, 'when the cause is gone it is built');
};

subtest 'deleted before it is built' => sub {
	my $blocker = hold_builds_up();

	fill('Deleted', 500);
	create_index($node, 'Deleted');
	wait_until(sub { relations_of('Deleted') =~ /ByColor/ }, 'there is half an index');
	change_index($node, 'Deleted', Delete => { IndexName => 'ByColor' });
	wait_until(sub { !index_of('Deleted') }, 'the index is gone, though the build is held up');
	is(relations_of('Deleted'), 'Deleted:pkey Deleted:token', 'it has left nothing');
	ddb_ok($node, 'PutItem',
		{ TableName => 'Deleted', Item => { Id => { S => 'n' }, Color => { N => '1' } } },
		'and nothing is demanded of items');
	sql_end($blocker);
};

wait_until(sub { !process_ids($node, 'dynamo builder') }, 'the builder ends when nothing is left to do');
pass('the builder has ended');

done_testing();
