# dynamo.control_plane_delay: every worker shows clients the intermediate states for
# the same time, and then the real state.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

use constant DELAY => 2;

my $node = dynamo_node('delay',
	extra => "dynamo.workers = 2\ndynamo.control_plane_delay = '" . DELAY . "s'\n");
my %tab = (TableName => 'Tab');
my $in_use = 'Attempt to change a resource which is still in use: ';
my $index = {
	IndexName => 'ByG',
	KeySchema => [ { AttributeName => 'g', KeyType => 'HASH' } ],
	Projection => { ProjectionType => 'ALL' } };

# Returns the state, such as "ACTIVE ByG CREATING", or the error.
sub state_of
{
	my ($description) = @_;

	return join ' ', $description->{TableStatus},
	  map { ("$_->{IndexName} $_->{IndexStatus}",
			exists $_->{Backfilling} ? ($_->{Backfilling} ? 'backfilling' : 'allocating') : ()) }
	  @{ $description->{GlobalSecondaryIndexes} || [] };
}

sub described
{
	my $reply = request($node, 'DescribeTable', \%tab);

	return $reply->{status} == 200 ? state_of($reply->{json}{Table}) : 'gone';
}

# Checks that the table is in the first state for at least the delay, and then in
# the other states.  Only a state that starts with a question mark may be skipped.
sub passes
{
	my ($since, @states) = @_;
	my @seen;
	my $left;

	wait_until(
		sub {
			my $state = described();

			push @seen, $state if !@seen || $seen[-1] ne $state;
			$left //= time if $state ne $states[0];
			return $state eq $states[-1];
		},
		"the table is $states[-1], after @states");
	my %seen = map { ($_ => 1) } @seen;
	my @expected = grep { !s/^\?// || $seen{$_} } @states;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_deeply(\@seen, \@expected, "the table is $states[0], in the end $states[-1]");
	cmp_ok($left - $since, '>=', DELAY, 'not before its time');
	return;
}

# Creation: the name is taken, but the table has no items yet.
my $definition = table_definition('Tab', pk => 'S');
my $since = time;
is(state_of(ddb_ok($node, 'CreateTable', $definition)->{TableDescription}),
	'CREATING', 'a table is being created');
ddb_error($node, 'PutItem', { %tab, Item => { pk => { S => 'a' } } },
	'ResourceNotFoundException', 'Requested resource not found');
ddb_error($node, 'CreateTable', $definition,
	'ResourceInUseException', "${in_use}Table is being created: Tab");
ddb_error($node, 'DeleteTable', \%tab,
	'ResourceInUseException', "${in_use}Table is being created: Tab");
passes($since, 'CREATING', 'ACTIVE');
ddb_ok($node, 'PutItem', { %tab, Item => { pk => { S => $_ }, g => { S => 'x' } } })
  foreach qw(a b c);

# Change: the items can be read all the time.
$since = time;
ddb_ok($node, 'UpdateTable', { %tab, TableClass => 'STANDARD_INFREQUENT_ACCESS' });
is(ddb_ok($node, 'Scan', { %tab, Select => 'COUNT' })->{Count}, 3,
	'items are there');
ddb_error($node, 'UpdateTable', { %tab, TableClass => 'STANDARD' },
	'ResourceInUseException', "${in_use}Table is being updated: Tab");
passes($since, 'UPDATING', 'ACTIVE');

# An index: it is allocated for the delay, and then built as fast as possible.
my %query = (%tab, IndexName => 'ByG', KeyConditionExpression => 'g = :g',
	ExpressionAttributeValues => { ':g' => { S => 'x' } });
$since = time;
ddb_ok($node, 'UpdateTable',
	{   %tab,
		AttributeDefinitions => [ { AttributeName => 'g', AttributeType => 'S' } ],
		GlobalSecondaryIndexUpdates => [ { Create => $index } ] });
ddb_error($node, 'Query', \%query, 'ValidationException',
	qr/backfilling global secondary index: ByG$/);
passes($since, 'UPDATING ByG CREATING allocating', '?ACTIVE ByG CREATING backfilling',
	'ACTIVE ByG ACTIVE');
is(ddb_ok($node, 'Query', \%query)->{Count}, 3, 'the index holds the items');
$since = time;
ddb_ok($node, 'UpdateTable',
	{ %tab, GlobalSecondaryIndexUpdates => [ { Delete => { IndexName => 'ByG' } } ] });
ddb_error($node, 'DeleteTable', \%tab,
	'ResourceInUseException', "${in_use}Table: Tab is in the process of being updated.");
passes($since, 'UPDATING ByG DELETING', '?ACTIVE ByG DELETING', 'ACTIVE');

# Deletion: no client sees the items, and the name is still taken.
$since = time;
is(state_of(ddb_ok($node, 'DeleteTable', \%tab)->{TableDescription}),
	'DELETING', 'a table is being deleted');
ddb_error($node, 'GetItem', { %tab, Key => { pk => { S => 'a' } } },
	'ResourceNotFoundException', 'Requested resource not found');
ddb_error($node, 'CreateTable', $definition,
	'ResourceInUseException', 'Table already exists: Tab');
ddb_error($node, 'DeleteTable', \%tab,
	'ResourceInUseException', "${in_use}Table is being deleted: Tab");
passes($since, 'DELETING', 'gone');
is($node->safe_psql($DynamoTest::database,
		q(SELECT count(*) FROM pg_class WHERE relname LIKE 'Tab%')),
	0, 'its relations have gone');

# The same from SQL.  The tasks process does the remaining work.
$node->safe_psql($DynamoTest::database, q(
	SET dynamo.control_plane_delay = 0;
	SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
		"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}')));
is(described(), 'ACTIVE', 'without the delay a table is there at once');
$since = time;
$node->safe_psql($DynamoTest::database, q(SELECT dynamo.delete_table('{"TableName": "Tab"}')));
passes($since, 'DELETING', 'gone');

# Without a delay, changes are complete when they are answered.
$node->append_conf('postgresql.conf', "dynamo.control_plane_delay = 0\n");
$node->reload;
wait_until(
	sub {
		ddb_ok($node, 'CreateTable', $definition);
		my $state = described();
		wait_until(sub { described() ne 'CREATING' }, 'the table is there');
		ddb_ok($node, 'DeleteTable', \%tab);
		wait_until(sub { described() eq 'gone' }, 'the table has gone');
		return $state eq 'ACTIVE';
	},
	'changes take no time');

$node->stop;
done_testing();
