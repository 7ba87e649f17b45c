# A lock that psql holds delays requests on its own item or table, and no others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $node = dynamo_node('main');

# Far more than a request takes, but still bounded.
my $too_long = 10_000;

create_table($node, $_, Id => 'S') foreach qw(Busy Locked Doomed);
ddb_ok($node, 'PutItem', put('Busy', $_)) foreach 1 .. 10;
ddb_ok($node, 'PutItem', put($_, '1')) foreach qw(Locked Doomed);

sub put
{
	my ($table, $id, $value) = @_;

	return { TableName => $table, Item => { Id => { S => "$id" }, V => { S => $value // 'old' } } };
}

sub key
{
	my ($table, $id) = @_;

	return { TableName => $table, Key => { Id => { S => "$id" } } };
}

# Runs the code while clients use another table.  Returns how long they waited.
sub with_others_served
{
	my ($what, $code) = @_;

	my $load = start_clients(2, sub {
		my ($number, $note) = @_;
		my $socket = raw_connect($node);

		while (1)
		{
			my ($ms, $reply) = timed(sub { exchange($socket, 'GetItem', key('Busy', 5)) });

			$note->($reply ? $reply->{status} : 'closed', $ms);
			return unless $reply;
			sleep 0.001;
		}
	});
	wait_for_notes($load, 20);
	$code->();
	wait_for_notes($load, note_count($load) + 20);
	my @notes = stop_clients($load);
	my $worst = worst_times("GetItem of another table while $what", map { $_->[1] } @notes);

	is(scalar(grep { $_->[0] ne '200' } @notes), 0, "others are served while $what");
	cmp_ok($worst, '<', 2000, "and nobody has to wait while $what");
	return;
}

# Returns the reply, and tests that it came before the lock was released.
sub in_time
{
	my ($operation, $input, $name) = @_;
	my ($ms, $reply) = timed(sub { request($node, $operation, $input) });

	note(sprintf '%s: %s after %.0f ms', $operation, $reply->{status}, $ms);
	cmp_ok($ms, '<', $too_long, "$name does not wait for the lock");
	return $reply;
}

sub test_locked_row
{
	my $session = sql_session($node);

	sql_run($session, q{BEGIN; UPDATE dynamo_data."Busy" SET item = item WHERE pk = '1'});
	my $reply = in_time('PutItem', put('Busy', 1, 'new'), 'PutItem');
	is(error_type($reply), 'TransactionConflictException', 'PutItem of a locked row');
	is($reply->{json}{message}, 'Transaction is ongoing for the item', 'and its message');
	$reply = in_time('DeleteItem', key('Busy', 1), 'DeleteItem');
	is(error_type($reply), 'TransactionConflictException', 'DeleteItem of a locked row');
	$reply = in_time('UpdateItem',
		{ %{ key('Busy', 1) }, ConditionExpression => 'attribute_exists(Id)' }, 'UpdateItem');
	is(error_type($reply), 'TransactionConflictException', 'UpdateItem of a locked row');

	is(ddb_ok($node, 'GetItem',
			{ %{ key('Busy', 1) }, ConsistentRead => JSON::PP::true })->{Item}{V}{S},
		'old', 'GetItem of a locked row is served');
	ddb_ok($node, 'PutItem', put('Busy', 2), 'PutItem of the next row is served');

	$reply = in_time('BatchWriteItem', {
			RequestItems =>
			  { Busy => [ map { { PutRequest => { Item => put('Busy', $_, 'batch')->{Item} } } } 1 .. 4 ] } },
		'BatchWriteItem');
	is_deeply(
		[ map { $_->{PutRequest}{Item}{Id}{S} } @{ $reply->{json}{UnprocessedItems}{Busy} } ],
		['1'], 'BatchWriteItem returns the locked item, and only that');
	is($node->safe_psql($DynamoTest::database,
			q{SELECT string_agg(pk, ',' ORDER BY pk) FROM dynamo_data."Busy" WHERE item #>> '{V,S}' = 'batch'}),
		'2,3,4', 'and has written the others');

	sql_end($session);
	ddb_ok($node, 'PutItem', put('Busy', 1), 'PutItem is served when the lock is gone');
	return;
}

# An absent key has no row to lock, but it has an inserter in progress.
sub test_inserted_row
{
	my $session = sql_session($node);

	sql_run($session,
		q{BEGIN; INSERT INTO dynamo_data."Busy" VALUES ('new', '{"Id": {"S": "new"}}')});
	my $reply = in_time('PutItem',
		{ %{ put('Busy', 'new') }, ConditionExpression => 'attribute_not_exists(Id)' },
		'a conditional PutItem');
	is(error_type($reply), 'TransactionConflictException', 'PutItem of a row being inserted');
	is(ddb_ok($node, 'GetItem', key('Busy', 'new'))->{Item}, undef, 'GetItem does not see it');

	sql_run($session, 'COMMIT');
	ddb_error($node, 'PutItem',
		{ %{ put('Busy', 'new') }, ConditionExpression => 'attribute_not_exists(Id)' },
		'ConditionalCheckFailedException', undef, 'the condition fails once it is there');
	sql_end($session);
	return;
}

sub test_locked_table
{
	my $session = sql_session($node);

	sql_run($session, 'BEGIN; LOCK TABLE dynamo_data."Locked" IN ACCESS EXCLUSIVE MODE');
	foreach my $request ([ 'GetItem', key('Locked', 1) ],
		[ 'Query', { TableName => 'Locked', KeyConditionExpression => 'Id = :id',
				ExpressionAttributeValues => { ':id' => { S => '1' } } } ],
		[ 'Scan', { TableName => 'Locked' } ],
		[ 'PutItem', put('Locked', 1) ])
	{
		my ($operation, $input) = @$request;
		my $reply = in_time($operation, $input, $operation);

		is(error_type($reply), 'TransactionConflictException', "$operation of a locked table");
	}
	sql_end($session);
	ddb_ok($node, 'GetItem', key('Locked', 1), 'GetItem is served when the lock is gone');
	return;
}

# A TRUNCATE that waits for its lock blocks later lockers of the table.  A request
# gets an error in time instead of waiting.
sub test_waiting_for_a_table
{
	my $reader = sql_session($node);
	my $dropper = sql_session($node);

	sql_run($reader, 'BEGIN; SELECT count(*) FROM dynamo_data."Locked"');
	sql_send($dropper, 'TRUNCATE dynamo_data."Locked"');
	wait_until_blocked($node, $dropper);
	my $reply = in_time('GetItem', key('Locked', 1), 'GetItem behind a waiting TRUNCATE');
	is(error_type($reply), 'TransactionConflictException', 'GetItem behind a waiting TRUNCATE');
	sql_end($reader);
	sql_wait($dropper);
	sql_end($dropper);
	is(ddb_ok($node, 'GetItem', key('Locked', 1))->{Item}, undef, 'then the table is empty');
	return;
}

sub heap_exists
{
	return $node->safe_psql($DynamoTest::database,
		q{SELECT count(*) FROM pg_class WHERE relname = 'Doomed'});
}

sub test_delete_table
{
	my $session = sql_session($node);

	sql_run($session, 'BEGIN; SELECT count(*) FROM dynamo_data."Doomed"');
	my $reply = in_time('DeleteTable', { TableName => 'Doomed' }, 'DeleteTable');
	is($reply->{status}, 200, 'DeleteTable succeeds though the table is used');
	is($reply->{json}{TableDescription}{TableStatus}, 'DELETING', 'the table is DELETING');

	# each worker gives this answer
	foreach (1 .. 10)
	{
		$reply = request($node, 'GetItem', key('Doomed', 1));
		last if error_type($reply) ne 'ResourceNotFoundException';
	}
	is(error_type($reply), 'ResourceNotFoundException', 'GetItem finds no table at once');
	ddb_error($node, 'PutItem', put('Doomed', 1), 'ResourceNotFoundException', undef,
		'nor does PutItem');
	is(ddb_ok($node, 'DescribeTable', { TableName => 'Doomed' })->{Table}{TableStatus},
		'DELETING', 'DescribeTable says what happens');
	ddb_error($node, 'CreateTable', table_definition('Doomed', Id => 'S'),
		'ResourceInUseException', undef, 'the name is not free yet');
	ddb_error($node, 'DeleteTable', { TableName => 'Doomed' },
		'ResourceInUseException', undef, 'it cannot be deleted twice');
	is(sql_run($session, 'SELECT count(*) FROM dynamo_data."Doomed"'),
		'1', 'who uses the table goes on using it');

	sql_end($session);
	wait_until(
		sub {
			error_type(request($node, 'DescribeTable', { TableName => 'Doomed' })) eq
			  'ResourceNotFoundException';
		},
		'the table is gone');
	is(heap_exists(), '0', 'the heap is dropped when the transaction ends');
	create_table($node, 'Doomed', Id => 'S');
	is(ddb_ok($node, 'GetItem', key('Doomed', 1))->{Item}, undef, 'and the new one is empty');
	return;
}

with_others_served('a row is locked', \&test_locked_row);
with_others_served('a row is being inserted', \&test_inserted_row);
with_others_served('a table is locked', \&test_locked_table);
with_others_served('a table is waited for', \&test_waiting_for_a_table);
with_others_served('a table is deleted', \&test_delete_table);

$node->stop;
done_testing();
