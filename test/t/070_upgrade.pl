# A database of version 0.1 under the new library.  Nothing is served until
# ALTER EXTENSION UPDATE.  Then everything is served, and the extension has the
# same objects as in a new database.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $database = $DynamoTest::database;
my $node = dynamo_node('upgrade', extension => 0, extra => "dynamo.workers = 1\n");
my $offset = -s $node->logfile;
my %get = (TableName => 'Plain', Key => { id => { N => '3' } });

command_ok(
	[   'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d',
		$node->connstr($database), '-f', "$FindBin::RealBin/data/dynamo-0.1.sql" ],
	'a dump of version 0.1 is restored as version 0.1');
is($node->safe_psql($database, q{SELECT extversion FROM pg_extension WHERE extname = 'dynamo'}),
	'0.1', 'which it is then');

subtest 'before the update' => sub {
	wait_until(
		sub {
			my $reply = request($node, 'GetItem', \%get);
			return $reply && $reply->{body} =~ /has version 0\.1/;
		},
		'workers have seen the extension');
	ddb_error($node, 'GetItem', \%get, 'ServiceUnavailableException',
		qr/has version 0\.1 in database "$database", but the library has version \S+; run ALTER EXTENSION dynamo UPDATE there/,
		'requests are told why');
	wait_until(
		sub { slurp_file($node->logfile, $offset) =~ /HINT:.*run ALTER EXTENSION dynamo UPDATE there/ },
		'the log says so');
	my ($status, $out, $err) =
	  $node->psql($database, q{SELECT dynamo.list_tables('{}')});
	isnt($status, 0, 'functions in SQL are not served either');
	like($err, qr/HINT:.*run ALTER EXTENSION dynamo UPDATE there/, 'with a hint');

	$node->safe_psql($database, q{INSERT INTO dynamo_data."Music" VALUES
		('artist 1', 'song 9', '{"Song": {"S": "song 9"}, "Year": {"N": "1999"}, "Artist": {"S": "artist 1"}}')});
	pass('plain SQL writes');
	$node->safe_psql($database, 'CREATE TABLE kept AS SELECT * FROM dynamo_data."Plain";
		DROP TABLE dynamo_data."Plain";');
	is($node->safe_psql($database, q{SELECT string_agg(table_name, ',') FROM dynamo_catalog.tables}),
		'Music', 'a table that SQL drops leaves the catalog');
};

subtest 'after the update' => sub {
	$node->safe_psql($database, 'ALTER EXTENSION dynamo UPDATE');
	wait_until_served($node);
	ddb_error($node, 'GetItem', \%get, 'ResourceNotFoundException', undef,
		'the workers know it');
	is(scalar @{ ddb_ok($node, 'Query',
				{   TableName => 'Music', IndexName => 'Years',
					KeyConditionExpression => '#y = :y',
					ExpressionAttributeNames => { '#y' => 'Year' },
					ExpressionAttributeValues => { ':y' => { N => '1999' } } })->{Items} },
		1, 'a global index is read');
	is(ddb_ok($node, 'Query',
			{   TableName => 'Music', IndexName => 'ByYear',
				KeyConditionExpression => 'Artist = :a',
				ExpressionAttributeValues => { ':a' => { S => 'artist 1' } } })->{Count},
		4, 'and a local one');
	is(ddb_ok($node, 'DescribeTimeToLive', { TableName => 'Music' })->{TimeToLiveDescription}{TimeToLiveStatus},
		'ENABLED', 'time to live is on');
	ddb_ok($node, 'PutItem',
		{ TableName => 'Music', Item => { Artist => { S => 'new' }, Song => { S => 'new' } } });
	ddb_ok($node, 'TagResource',
		{ ResourceArn => 'arn:aws:dynamodb:us-east-1:000000000000:table/Music',
			Tags => [ { Key => 'team', Value => 'blue' } ] });
	is($node->safe_psql($database, q{
			SELECT DISTINCT relowner::regrole FROM pg_class
			WHERE relnamespace IN ('dynamo_data'::regnamespace, 'dynamo_catalog'::regnamespace)}),
		'dynamo_owner', 'catalog and tables belong to dynamo_owner');
	create_table($node, 'New', a => 'S');
	ddb_ok($node, 'UpdateTable', {
			TableName => 'Music',
			GlobalSecondaryIndexUpdates => [ { Delete => { IndexName => 'Years' } } ] });
	ddb_ok($node, 'DeleteTable', { TableName => $_ }) foreach qw(New);
	wait_until(
		sub { request($node, 'DeleteTable', { TableName => 'Music' })->{status} == 200 },
		'the old table can be deleted, too');
	wait_until(
		sub { $node->safe_psql($database, q{SELECT count(*) FROM pg_class
			WHERE relnamespace = 'dynamo_data'::regnamespace AND relkind = 'r'}) == 0 },
		'and its items go');
};

# Returns a line for each property of each object of the extension, comments
# included.
sub objects
{
	my ($in) = @_;

	return $node->safe_psql($in, <<'END');
SET search_path = pg_catalog;
WITH members AS (
	SELECT d.classid, d.objid, pg_describe_object(d.classid, d.objid, 0) AS name
	FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid AND d.refclassid = 'pg_extension'::regclass
	WHERE d.deptype = 'e' AND e.extname = 'dynamo')
SELECT name, 'comment', obj_description(objid, classid::regclass::text), NULL, NULL
FROM members
UNION ALL
SELECT name, c.relowner::regrole::text, c.relacl::text, pg_get_viewdef(c.oid), NULL
FROM members JOIN pg_class AS c ON classid = 'pg_class'::regclass AND c.oid = objid
UNION ALL
SELECT name, a.attnum || ' ' || a.attname, format_type(a.atttypid, a.atttypmod) || ' ' || a.attcollation::regcollation,
	a.attnotnull::text, concat_ws('; ', pg_get_expr(ad.adbin, ad.adrelid), col_description(a.attrelid, a.attnum))
FROM members JOIN pg_attribute AS a ON classid = 'pg_class'::regclass AND a.attrelid = objid AND a.attnum > 0
LEFT JOIN pg_attrdef AS ad ON ad.adrelid = a.attrelid AND ad.adnum = a.attnum
UNION ALL
SELECT name, 'constraint', conname, pg_get_constraintdef(k.oid), NULL
FROM members JOIN pg_constraint AS k ON classid = 'pg_class'::regclass AND k.conrelid = objid
UNION ALL
SELECT name, 'index', indexrelid::regclass::text, pg_get_indexdef(indexrelid), NULL
FROM members JOIN pg_index ON classid = 'pg_class'::regclass AND indrelid = objid
UNION ALL
SELECT name, 'trigger', pg_get_triggerdef(t.oid), t.tgenabled::text, NULL
FROM members JOIN pg_trigger AS t ON classid = 'pg_class'::regclass AND t.tgrelid = objid AND NOT tgisinternal
UNION ALL
SELECT name, p.proowner::regrole::text, p.proacl::text, pg_get_functiondef(p.oid), NULL
FROM members JOIN pg_proc AS p ON classid = 'pg_proc'::regclass AND p.oid = objid
UNION ALL
SELECT name, n.nspowner::regrole::text, n.nspacl::text, NULL, NULL
FROM members JOIN pg_namespace AS n ON classid = 'pg_namespace'::regclass AND n.oid = objid
UNION ALL
SELECT name, t.evtevent, t.evtenabled::text, t.evttags::text, t.evtfoid::regproc::text
FROM members JOIN pg_event_trigger AS t ON classid = 'pg_event_trigger'::regclass AND t.oid = objid
UNION ALL
SELECT 'configuration', (SELECT string_agg(c::regclass::text, ',' ORDER BY c::regclass::text) FROM unnest(extconfig) AS c), extversion, NULL, NULL
FROM pg_extension WHERE extname = 'dynamo'
ORDER BY 1, 2, 3, 4, 5
END
}

$node->safe_psql('postgres', 'CREATE DATABASE fresh');
$node->safe_psql('fresh', 'CREATE EXTENSION dynamo');
my $fresh = objects('fresh');
cmp_ok(scalar(split /\n/, $fresh), '>', 100, 'a new database has many objects');
is(objects($database), $fresh, 'an updated one has the same');

$node->stop;
done_testing();
