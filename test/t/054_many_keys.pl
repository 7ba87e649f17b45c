# One SQL transaction writes more keys than the lock table has room for.  So do many
# transactions together.
#
# DYNAMO_TEST_KEYS is the number of keys.  1000000 takes minutes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $keys = $ENV{DYNAMO_TEST_KEYS} || 20_000;

# Room for a few hundred locks.
my $node = dynamo_node('main', extra => "max_connections = 50\nmax_locks_per_transaction = 10\n");

create_table($node, 'Many', Id => 'S');
create_table($node, 'Other', Id => 'S');

my $session = sql_session($node);
my $put = q{dynamo.put_item(jsonb_build_object('TableName', 'Many', 'Item', jsonb_build_object('Id', jsonb_build_object('S', i::text))))};
my $transact = q{dynamo.transact_write_items(jsonb_build_object('TransactItems', jsonb_build_array(
	jsonb_build_object('Update', jsonb_build_object('TableName', 'Many', 'Key', jsonb_build_object('Id', jsonb_build_object('S', i::text)),
		'UpdateExpression', 'SET V = :v', 'ExpressionAttributeValues', '{":v": {"N": "1"}}'::jsonb)),
	jsonb_build_object('Put', jsonb_build_object('TableName', 'Many', 'Item', jsonb_build_object('Id', jsonb_build_object('S', 'x' || i)))))))};

sql_run($session, '\set ON_ERROR_STOP 1');
sql_run($session, 'BEGIN');
is(sql_run($session, "SELECT count($put) FROM generate_series(1, $keys) AS i"),
	$keys, "$keys items are put in one transaction");
is(sql_run($session, "SELECT count($transact) FROM generate_series(1, $keys / 10) AS i"),
	$keys / 10, 'and ' . $keys / 10 . ' transactions are in it, too');
cmp_ok(sql_run($session, 'SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()'),
	'<', 200, 'it holds few locks');

# Meanwhile
my $item = { Id => { S => 'y' } };

is(error_type(request($node, 'PutItem', { TableName => 'Many', Item => $item })),
	'TransactionConflictException', 'nobody else can write the table');
is(error_type(request($node, 'TransactWriteItems',
			{ TransactItems => [ { Put => { TableName => 'Many', Item => $item } } ] })),
	'TransactionCanceledException', 'in a transaction neither');
ddb_ok($node, 'TransactWriteItems', {
		TransactItems => [ map { { Put => { TableName => 'Other', Item => { Id => { S => "$_" } } } } } 1 .. 100 ] },
	'others go on with other tables');
is(ddb_ok($node, 'GetItem', { TableName => 'Many', Key => { Id => { S => '1' } } })->{Item},
	undef, 'and read this one');
sql_run($session, 'COMMIT');
sql_end($session);

ddb_ok($node, 'PutItem', { TableName => 'Many', Item => $item }, 'afterwards they write it');
is($node->safe_psql($DynamoTest::database, 'SELECT count(*) FROM dynamo_data."Many"'),
	$keys + $keys / 10 + 1, 'everything is there');

# As many sessions as the server allows, each with more keys than its share.
my @sessions = map { sql_session($node) } 1 .. 40;

foreach my $number (1 .. @sessions)
{
	my $name = "Own$number";

	$node->safe_psql($DynamoTest::database, <<END);
SELECT dynamo.create_table('{"TableName": "$name", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}]}')
END
	my $own_put = $put =~ s/Many/$name/r;

	sql_send($sessions[ $number - 1 ], "BEGIN; SELECT count($own_put) FROM generate_series(1, 300) AS i;");
}
is(join(',', map { sql_wait($_) } @sessions), join(',', (300) x @sessions), 'forty transactions of 300 keys');
is($node->safe_psql($DynamoTest::database, 'SELECT 1'), 1, 'new sessions are let in meanwhile');
ddb_ok($node, 'PutItem', { TableName => 'Many', Item => { Id => { S => 'z' } } }, 'and requests write');
sql_run($_, 'COMMIT'), sql_end($_) foreach @sessions;
is($node->safe_psql($DynamoTest::database, 'SELECT count(*) FROM dynamo_data."Own40"'), 300, 'everything is there, too');

$node->stop;
done_testing();
