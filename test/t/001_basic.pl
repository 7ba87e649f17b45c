# One pass through everything: creates a table and an item, reads the item in SQL,
# and deletes both.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = dynamo_node('main');
my $key = { Artist => { S => 'No One You Know' }, SongTitle => { S => 'Call Me Today' } };
my $item = { %$key, Price => { N => '1.98' }, Tags => { SS => [ 'blues', 'slow' ] } };

my $created = create_table($node, 'Music', Artist => 'S', SongTitle => 'S');
is($created->{TableDescription}{TableName},
	'Music', 'the description names the table');
my $listed = ddb_ok($node, 'ListTables', {});
is_deeply($listed->{TableNames}, ['Music'], 'the table is listed');

ddb_ok($node, 'PutItem', { TableName => 'Music', Item => $item });
my $got = ddb_ok($node, 'GetItem',
	{ TableName => 'Music', Key => $key, ConsistentRead => JSON::PP::true });
is_deeply($got->{Item}, $item, 'the item comes back as it was put');

is( $node->safe_psql(
		$DynamoTest::database,
		q{SELECT pk, sk, item #>> '{Price,N}' FROM dynamo_data."Music"}),
	'No One You Know|Call Me Today|1.98',
	'SQL sees the row');

ddb_ok($node, 'DeleteItem', { TableName => 'Music', Key => $key });
$got = ddb_ok($node, 'GetItem',
	{ TableName => 'Music', Key => $key, ConsistentRead => JSON::PP::true });
ok(!exists $got->{Item}, 'a deleted item is gone');
ddb_error($node, 'GetItem', { TableName => 'Nowhere', Key => $key },
	'ResourceNotFoundException', 'Requested resource not found',
	'a missing table is an error');

ddb_ok($node, 'DeleteTable', { TableName => 'Music' });
is( $node->safe_psql(
		$DynamoTest::database,
		q{SELECT count(*) FROM pg_class WHERE relname = 'Music'}),
	'0',
	'the heap table goes with the table');

my $socket = raw_connect($node);
raw_send($socket,
	request_bytes('ListTables', {}) . request_bytes('ListTables', {}));
is(raw_reply($socket)->{status}, 200, 'the first of two pipelined requests');
is(raw_reply($socket)->{status}, 200, 'and the second');

$node->stop;
done_testing();
