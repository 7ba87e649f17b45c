# pg_restore with several jobs restores every object, in any order.
#
# DYNAMO_TEST_RESTORES is the number of restores for each number of jobs.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $times = $ENV{DYNAMO_TEST_RESTORES} || 1;
my $node = dynamo_node('main');
my $database = $DynamoTest::database;
my $archive = PostgreSQL::Test::Utils::tempdir() . '/archive';

sub index_definition
{
	my ($name, @keys) = @_;
	my @roles = qw(HASH RANGE);

	return {
		IndexName => $name,
		KeySchema => [ map { { AttributeName => $_, KeyType => shift @roles } } @keys ],
		Projection => { ProjectionType => 'ALL' } };
}

# Creates tables that use everything that the catalog can hold.
foreach my $number (1 .. 6)
{
	my $name = $number == 6 ? 'L' . 'o' x 98 . 'ng' : "Table$number";
	my $definition = table_definition($name, Id => 'S', At => (qw(S N B))[ $number % 3 ]);

	push @{ $definition->{AttributeDefinitions} },
	  { AttributeName => 'G', AttributeType => 'S' }, { AttributeName => 'L', AttributeType => 'N' };
	$definition->{GlobalSecondaryIndexes} = [ index_definition('ByG', 'G'), index_definition('ByGAndL', 'G', 'L') ];
	$definition->{LocalSecondaryIndexes} = [ index_definition('ByL', 'Id', 'L') ];
	$definition->{Tags} = [ { Key => 'number', Value => "$number" }, { Key => 'team', Value => "\N{U+E9}" } ];
	ddb_ok($node, 'CreateTable', $definition, "$name is created");
	request($node, 'UpdateTimeToLive', { TableName => $name, TimeToLiveSpecification => { AttributeName => 'Expires', Enabled => JSON::PP::true } })
	  if $number % 2;
	request($node, 'BatchWriteItem', { RequestItems => { $name => [ map { { PutRequest => { Item => {
						Id => { S => "$_" }, G => { S => 'g' }, L => { N => "$_" },
						At => { 0 => { S => 's' }, 1 => { N => '1.5' }, 2 => { B => 'AA==' } }->{ $number % 3 } } } } } 1 .. 20 ] } })->{status} == 200
	  or die 'items cannot be put';
}
wait_until(
	sub { $node->safe_psql($database, q{SELECT count(*) FROM dynamo_catalog.tables WHERE ttl_status = 'ENABLED'}) eq '3' },
	'the indexes for time to live are built');

# A query for one line for each object of the extension and each table, with all its
# properties but its OID.
my $objects = <<'END';
WITH relations AS (
	SELECT c.* FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
	WHERE n.nspname IN ('dynamo', 'dynamo_catalog', 'dynamo_data') AND c.relkind IN ('r', 'i', 'v')
)
SELECT line FROM (
SELECT concat_ws(' | ', 'relation', c.oid::regclass, c.relkind, pg_get_userbyid(c.relowner), c.relacl, obj_description(c.oid, 'pg_class')) AS line
FROM relations AS c
UNION ALL SELECT concat_ws(' | ', 'column', c.oid::regclass, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
	a.attcollation::regcollation, a.attcompression, a.attstorage)
FROM pg_attribute AS a JOIN relations AS c ON c.oid = a.attrelid WHERE a.attnum > 0
UNION ALL SELECT concat_ws(' | ', 'index', c.oid::regclass, pg_get_indexdef(x.indexrelid), x.indisvalid, x.indisprimary)
FROM pg_index AS x JOIN relations AS c ON c.oid = x.indexrelid
UNION ALL SELECT concat_ws(' | ', 'constraint', c.oid::regclass, k.conname, pg_get_constraintdef(k.oid))
FROM pg_constraint AS k JOIN relations AS c ON c.oid = k.conrelid
UNION ALL SELECT concat_ws(' | ', 'trigger', c.oid::regclass, t.tgname, t.tgenabled)
FROM pg_trigger AS t JOIN relations AS c ON c.oid = t.tgrelid
UNION ALL SELECT concat_ws(' | ', 'table', t) FROM dynamo_catalog.tables AS t
UNION ALL SELECT concat_ws(' | ', 'secondary index', i) FROM dynamo_catalog.indexes AS i
UNION ALL SELECT concat_ws(' | ', 'tag', g) FROM dynamo_catalog.tags AS g
UNION ALL SELECT concat_ws(' | ', 'item', t.table_name, row)
FROM dynamo_catalog.tables AS t,
	unnest(xpath('/table/row', query_to_xml(format('SELECT * FROM dynamo_data.%I ORDER BY 1, 2', t.heap_name), true, false, ''))::text[]) AS row
UNION ALL SELECT concat_ws(' | ', 'problem', table_name, problem) FROM dynamo.check_catalog()
) AS lines ORDER BY line COLLATE "C"
END

my $before = $node->safe_psql($database, $objects);

cmp_ok(() = $before =~ /^item /mg, '==', 120, 'all items are among the objects');
cmp_ok(() = $before =~ /^index \| dynamo_data/mg, '==', 6 * 5 + 3, 'and all indexes');
unlike($before, qr/^problem/m, 'nothing is amiss');
$node->command_ok([ 'pg_dump', '-Fd', '-j2', '-f', $archive, '-d', $database ], 'the database is dumped');

foreach my $jobs ((1, 2, 4) x $times)
{
	$node->safe_psql('postgres', 'CREATE DATABASE restored TEMPLATE template0');
	$node->command_ok([ 'pg_restore', '--exit-on-error', "-j$jobs", '-d', 'restored', $archive ], "it is restored by $jobs jobs");
	is_deeply([ split /\n/, $node->safe_psql('restored', $objects) ], [ split /\n/, $before ], 'and is the same, object by object');
	is($node->safe_psql('restored', <<'END'), 20, 'its global index is read');
SELECT dynamo.query('{"TableName": "Table1", "IndexName": "ByGAndL", "Select": "COUNT", "KeyConditionExpression": "G = :g AND L > :l",
	"ExpressionAttributeValues": {":g": {"S": "g"}, ":l": {"N": "0"}}}') -> 'Count'
END
	$node->safe_psql('postgres', 'DROP DATABASE restored');
}

$node->stop;
done_testing();
