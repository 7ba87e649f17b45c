# Tables and indexes are created, described, changed, deleted and rebuilt on many
# connections at once.  Every client gets an answer that the service gives, and
# background processes log no errors.
#
# DYNAMO_TEST_SECONDS is the length of the test.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $seconds = $ENV{DYNAMO_TEST_SECONDS} || 12;
my $node = dynamo_node('main', extra => "dynamo.workers = 4\nlog_line_prefix = '%m [%p] %b '\nmax_worker_processes = 20\n");
my $end;

sub sql
{
	my ($statement) = @_;

	return $node->safe_psql($DynamoTest::database, $statement);
}

sub index_definition
{
	my ($name, $attribute) = @_;

	return { IndexName => $name, KeySchema => [ { AttributeName => $attribute, KeyType => 'HASH' } ], Projection => { ProjectionType => 'ALL' } };
}

sub with_index
{
	my ($definition) = @_;

	push @{ $definition->{AttributeDefinitions} }, { AttributeName => 'G', AttributeType => 'S' };
	$definition->{GlobalSecondaryIndexes} = [ index_definition('ByG', 'G') ];
	return $definition;
}

# Requests on tables that are created and deleted, each with its allowed errors.
my $in_use = 'ResourceInUseException LimitExceededException';
my $gone = 'ResourceNotFoundException';
my @changes = (
	[ 'CreateTable', sub { table_definition($_[0], Id => 'S') }, $in_use ],
	[ 'CreateTable', sub { with_index(table_definition($_[0], Id => 'S')) }, $in_use ],
	[ 'DescribeTable', sub { { TableName => $_[0] } }, $gone ],
	[ 'DescribeTimeToLive', sub { { TableName => $_[0] } }, "$gone ValidationException" ],
	[ 'ListTables', sub { {} }, '' ],
	[ 'UpdateTable', sub { { TableName => $_[0], AttributeDefinitions => [ { AttributeName => 'H', AttributeType => 'S' } ],
				GlobalSecondaryIndexUpdates => [ { Create => index_definition('ByH', 'H') } ] } }, "$in_use $gone ValidationException" ],
	[ 'UpdateTable', sub { { TableName => $_[0], GlobalSecondaryIndexUpdates => [ { Delete => { IndexName => 'ByH' } } ] } },
		"$in_use $gone ValidationException" ],
	[ 'UpdateTimeToLive', sub { { TableName => $_[0], TimeToLiveSpecification => { AttributeName => 'E', Enabled => JSON::PP::true } } },
		"$in_use $gone ValidationException" ],
	[ 'PutItem', sub { { TableName => $_[0], Item => { Id => { S => 'a' }, G => { S => 'g' }, H => { S => 'h' }, E => { N => '1' } } } },
		"$gone TransactionConflictException" ],
	[ 'Query', sub { { TableName => $_[0], IndexName => 'ByG', KeyConditionExpression => 'G = :g',
				ExpressionAttributeValues => { ':g' => { S => 'g' } } } }, "$gone ValidationException" ],
	[ 'DeleteTable', sub { { TableName => $_[0] } }, "$in_use $gone" ],
);

# Requests on a table that stays, while its relations are rebuilt.
my @uses = (
	[ 'PutItem', sub { { TableName => 'Fixed', Item => { Id => { S => int(rand 300) . '' }, G => { S => 'g' . int(rand 3) }, V => { S => 'v' x 500 } } } } ],
	[ 'GetItem', sub { { TableName => 'Fixed', Key => { Id => { S => int(rand 300) . '' } } } } ],
	[ 'Query', sub { { TableName => 'Fixed', IndexName => 'ByG', KeyConditionExpression => 'G = :g',
				ExpressionAttributeValues => { ':g' => { S => 'g' . int(rand 3) } } } } ],
	[ 'Scan', sub { { TableName => 'Fixed', Segment => int(rand 4), TotalSegments => 4 } } ],
	[ 'DescribeTable', sub { { TableName => 'Fixed' } } ],
);

sub judge
{
	my ($note, $operation, $reply, $allowed) = @_;
	my $type = $reply ? error_type($reply) : 'none';

	return $note->("ok $operation") if $reply && $reply->{status} == 200;
	return $note->("refused $operation") if grep { $_ eq $type } split / /, $allowed;
	return $note->("wrong $operation " . ($reply ? $reply->{status} . ' ' . $reply->{body} : 'no reply') =~ s/\s+/_/gr);
}

# Clients 1 to 10 change tables.  Clients 11 to 16 use the table that stays.
sub client
{
	my ($number, $note) = @_;
	my $socket = raw_connect($node);

	srand $number;
	while (time < $end)
	{
		my $use = $number > 10;
		my ($operation, $input, $allowed) = $use ? @{ $uses[ rand @uses ] } : @{ $changes[ rand @changes ] };

		# VACUUM FULL and CLUSTER lock out all other users of the table.
		judge($note, $operation, exchange($socket, $operation, $input->('Storm' . int rand 5)),
			$use ? 'TransactionConflictException' : $allowed);
	}
	return;
}

ddb_ok($node, 'CreateTable', with_index(table_definition('Fixed', Id => 'S')), 'a table that stays');
ddb_ok($node, 'PutItem', { TableName => 'Fixed', Item => { Id => { S => "$_" }, G => { S => 'g' . $_ % 3 } } }, 'an item') foreach 1 .. 3;

my $log_start = -s $node->logfile;

$end = time + $seconds;
my $load = start_clients(16, \&client);
my @rebuilds = (
	'REINDEX INDEX CONCURRENTLY dynamo_data."Fixed:i:ByG"',
	'REINDEX INDEX CONCURRENTLY dynamo_data."Fixed:pkey"',
	'REINDEX TABLE CONCURRENTLY dynamo_data."Fixed"',
	'VACUUM FULL dynamo_data."Fixed"',
	'CLUSTER dynamo_data."Fixed" USING "Fixed:pkey"',
	'ANALYZE dynamo_data."Fixed"',
);
my $rebuilt = 0;

while (time < $end)
{
	sql($rebuilds[ $rebuilt++ % @rebuilds ]);
}
my (%count, %wrong);

foreach my $line (finish_clients($load))
{
	my ($outcome, $operation, $what) = @$line;

	$count{$outcome}++;
	$wrong{"$operation $what"}++ if $outcome ne 'ok' && $outcome ne 'refused';
}
cmp_ok($rebuilt, '>', 0, "relations are rebuilt: $rebuilt times");
cmp_ok($count{ok} // 0, '>', 100, "requests succeed: " . ($count{ok} // 0));
cmp_ok($count{refused} // 0, '>', 10, 'others are refused: ' . ($count{refused} // 0));
is(join("\n", map { "$wrong{$_} times $_" } sort keys %wrong), '', 'no other answers');

# Waits until the remaining background work is done.
wait_until(
	sub {
		sql(q{SELECT count(*) FROM dynamo_catalog.tables AS t LEFT JOIN dynamo_catalog.indexes AS i USING (table_name)
			WHERE t.status = 'DELETING' OR i.status <> 'ACTIVE' OR ttl_status IN ('ENABLING', 'DISABLING')}) eq '0';
	},
	'all changes are done');
is(sql('SELECT count(*) FROM dynamo_catalog.jobs'), 0, 'and no job is left');
my @errors = slurp_file($node->logfile, $log_start) =~ /^(.* dynamo (?:launcher|worker|jobs|builder|ttl|flusher)\S* (?:ERROR|FATAL|PANIC|WARNING|LOG:  (?:could not|dynamo request)).*)$/mg;

is(join("\n", @errors), '', 'the log has no errors of the processes in the background');

$node->stop;
done_testing();
