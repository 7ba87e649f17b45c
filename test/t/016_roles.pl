# Requests run as the role that dynamo.default_role names, with only that role's
# privileges and policies.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $database = $DynamoTest::database;
my $node = dynamo_node('roles', extra => "dynamo.workers = 1\n");
my %key = (name => { S => 'a' });
my %get = (TableName => 'Things', Key => \%key);

create_table($node, 'Things', name => 'S');
ddb_ok($node, 'PutItem', { TableName => 'Things', Item => { name => { S => $_ } } })
  foreach qw(a b c);

sub sql
{
	return $node->safe_psql($database, shift);
}

subtest 'an operation that may not be executed' => sub {
	sql('REVOKE EXECUTE ON FUNCTION dynamo.delete_item(jsonb) FROM dynamo_service');
	my $reply = ddb_error($node, 'DeleteItem', \%get, 'AccessDeniedException',
		qr/DeleteItem/, 'is refused');

	is($reply->{status}, 400, 'with status 400');
	like($reply->{body},
		qr/^\{"__type":"com\.amazon\.coral\.service#AccessDeniedException","Message":"/,
		'and the body of that error');
	ddb_ok($node, 'GetItem', \%get, 'others are executed');
	sql('GRANT EXECUTE ON FUNCTION dynamo.delete_item(jsonb) TO dynamo_service');
	ddb_ok($node, 'DeleteItem', { %get, Key => { name => { S => 'c' } } },
		'and this one, too, when it is granted');
};

subtest 'another role' => sub {
	sql('CREATE ROLE reader');
	$node->append_conf('postgresql.conf', "dynamo.default_role = 'reader'");
	$node->reload;
	wait_until(
		sub { request($node, 'GetItem', \%get)->{status} == 400 },
		'the setting has come into effect');
	ddb_error($node, 'GetItem', \%get, 'AccessDeniedException', undef,
		'may execute nothing');

	sql('GRANT EXECUTE ON FUNCTION dynamo.get_item(jsonb) TO reader');
	ddb_error($node, 'GetItem', \%get, 'AccessDeniedException', undef,
		'needs the table as well as the operation');
	sql('GRANT USAGE ON SCHEMA dynamo_data TO reader;'
		  . 'GRANT SELECT ON dynamo_data."Things" TO reader');
	is_deeply(ddb_ok($node, 'GetItem', \%get)->{Item}, \%key,
		'reads what it may read');
	ddb_error($node, 'PutItem', { TableName => 'Things', Item => \%key },
		'AccessDeniedException', undef, 'and writes nothing');
	sql('GRANT EXECUTE ON FUNCTION dynamo.put_item(jsonb) TO reader');
	ddb_error($node, 'PutItem', { TableName => 'Things', Item => \%key },
		'AccessDeniedException', undef, 'not even with the operation');
};

subtest 'row level security' => sub {
	sql(<<'END');
ALTER TABLE dynamo_data."Things" ENABLE ROW LEVEL SECURITY;
CREATE POLICY only_b ON dynamo_data."Things" TO reader USING (pk = 'b');
GRANT INSERT, UPDATE ON dynamo_data."Things" TO reader;
GRANT EXECUTE ON FUNCTION dynamo.scan(jsonb), dynamo.query(jsonb) TO reader;
END
	ok(!exists ddb_ok($node, 'GetItem', \%get)->{Item},
		'an item behind a policy is not there');
	is(ddb_ok($node, 'Scan', { TableName => 'Things' })->{Count},
		1, 'a scan shows the other');
	is( ddb_ok(
			$node, 'Query',
			{   TableName => 'Things',
				KeyConditionExpression => '#n = :n',
				ExpressionAttributeNames => { '#n' => 'name' },
				ExpressionAttributeValues => { ':n' => { S => 'a' } } })->{Count},
		0,
		'a query does not find it');
	ddb_ok($node, 'PutItem',
		{ TableName => 'Things', Item => { name => { S => 'b' } } });
	ddb_error(
		$node, 'PutItem',
		{ TableName => 'Things', Item => { name => { S => 'z' } } },
		'AccessDeniedException', undef, 'a policy refuses an item');
	is(sql(q{SELECT string_agg(pk, ',' ORDER BY pk) FROM dynamo_data."Things"}),
		'a,b', 'which has not been written');
	sql('ALTER TABLE dynamo_data."Things" DISABLE ROW LEVEL SECURITY');
	is_deeply(ddb_ok($node, 'GetItem', \%get)->{Item},
		\%key, 'without policies it is there again');
};

subtest 'a role that does not exist' => sub {
	$node->append_conf('postgresql.conf', "dynamo.default_role = 'nobody'");
	$node->reload;
	wait_until(
		sub { request($node, 'GetItem', \%get)->{status} == 503 },
		'the setting has come into effect');
	ddb_error(
		$node, 'GetItem', \%get, 'ServiceUnavailableException',
		'role "nobody", which dynamo.default_role names, does not exist',
		'is a reason not to serve');
	sql('CREATE ROLE nobody; GRANT dynamo_service TO nobody');
	ddb_ok($node, 'GetItem', \%get, 'until it does');
};

subtest 'roles that no grant holds' => sub {
	sql('ALTER ROLE nobody SUPERUSER');
	ddb_error($node, 'GetItem', \%get, 'ServiceUnavailableException',
		'role "nobody", which dynamo.default_role names, is a superuser',
		'a superuser does not serve');
	sql('ALTER ROLE nobody NOSUPERUSER; GRANT dynamo_owner TO nobody');
	ddb_error($node, 'GetItem', \%get, 'ServiceUnavailableException',
		'role "nobody", which dynamo.default_role names, owns the tables',
		'nor does the owner of the tables');
	sql('REVOKE dynamo_owner FROM nobody');
	ddb_ok($node, 'GetItem', \%get, 'an ordinary role does');
};

subtest 'the role that made a table' => sub {
	sql('REVOKE dynamo_service FROM nobody;'
		  . 'GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dynamo TO nobody');
	ddb_error($node, 'DeleteTable', { TableName => 'Things' },
		'AccessDeniedException',
		qr/user\/nobody is not authorized to perform: dynamodb:DeleteTable on resource: arn:aws:dynamodb:us-east-1:000000000000:table\/Things /,
		'a table of another role cannot be deleted');
	create_table($node, 'Own', name => 'S');
	ddb_ok($node, 'DescribeTable', { TableName => 'Own' });
	ddb_ok($node, 'DeleteTable', { TableName => 'Own' });
};

$node->stop;
done_testing();
