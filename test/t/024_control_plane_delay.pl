# dynamo.control_plane_delay: clients see the states that they wait for, every
# worker for as long, and afterwards what is really there.

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

# "ACTIVE ByG CREATING", or the error
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

# The table is in the first state for the delay at least, then in the others,
# of which none is skipped but those that start with a question mark.
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

# Made: its name is taken, its items are not there yet.
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

# Changed: items are there all the time.
$since = time;
ddb_ok($node, 'UpdateTable', { %tab, TableClass => 'STANDARD_INFREQUENT_ACCESS' });
is(ddb_ok($node, 'Scan', { %tab, Select => 'COUNT' })->{Count}, 3,
	'items are there');
ddb_error($node, 'UpdateTable', { %tab, TableClass => 'STANDARD' },
	'ResourceInUseException', "${in_use}Table is being updated: Tab");
passes($since, 'UPDATING', 'ACTIVE');

# An index: allocated as long as was asked for, then built, however fast.
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

# Deleted: nobody sees its items, its name is still taken.
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

# The same from SQL, where the tasks process does what is left to do.
$node->safe_psql($DynamoTest::database, q(
	SET dynamo.control_plane_delay = 0;
	SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
		"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}')));
is(described(), 'ACTIVE', 'without the delay a table is there at once');
$since = time;
$node->safe_psql($DynamoTest::database, q(SELECT dynamo.delete_table('{"TableName": "Tab"}')));
passes($since, 'DELETING', 'gone');

# Switched off, changes are there when they are answered.
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
