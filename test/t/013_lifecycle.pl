# The database and the extension are created and dropped while the server runs.
# The server reports what is missing, and serves as soon as both exist.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $database = $DynamoTest::database;

# There is one worker, so an answer of the new one means that the old one has ended.
my $node = dynamo_node('lifecycle',
	extension => 0,
	extra => "dynamo.workers = 1\n");

sub unavailable
{
	my ($name, $message) = @_;

	wait_until(
		sub {
			my $reply = eval { request($node, 'ListTables', {}) };
			return $reply && $reply->{body} eq
			  '{"__type":"com.amazon.coral.service#ServiceUnavailableException",'
			  . '"message":'
			  . JSON::PP->new->allow_nonref->encode($message) . '}';
		},
		"$name: $message");
	my $reply = request($node, 'ListTables', {});

	is($reply->{status}, 503, "$name: the operations say so");
	is(http_request($node, 'GET', '/', '')->{status},
		503, "$name: and the health check");
	return;
}

sub without_extension
{
	unavailable(shift,
		"extension \"dynamo\" is not installed in database \"$database\"; "
		  . 'run CREATE EXTENSION dynamo there');
	return;
}

sub without_database
{
	unavailable(shift, "database \"$database\" does not exist");
	return;
}

sub served
{
	my ($name) = @_;

	wait_until_served($node);
	is(http_request($node, 'GET', '/', '')->{status}, 200, "$name: healthy");
	return;
}

sub connections
{
	return $node->safe_psql('postgres',
		"SELECT count(*) FROM pg_stat_activity WHERE datname = '$database'");
}

subtest 'the extension' => sub {
	without_extension('before CREATE EXTENSION');
	is(request($node, 'ListTables', '{')->{status},
		400, 'a bad request is a bad request');

	# One connection lives through all of it
	my $socket = raw_connect($node);
	my $ask = sub {
		raw_send($socket, request_bytes('ListTables', {}));
		return raw_reply($socket)->{status};
	};

	is($ask->(), 503, 'a connection from before');
	$node->safe_psql($database, 'CREATE EXTENSION dynamo');
	is($ask->(), 200, 'is served after CREATE EXTENSION');
	create_table($node, 'Music', a => 'S');
	ddb_ok($node, 'PutItem',
		{ TableName => 'Music', Item => { a => { S => 'x' } } });

	$node->safe_psql($database, 'DROP EXTENSION dynamo CASCADE');
	is($ask->(), 503, 'not after DROP EXTENSION');
	without_extension('after DROP EXTENSION');
	is( $node->safe_psql(
			$database, 'SELECT pk FROM dynamo_data."Music"'),
		'x', 'which leaves the items');

	$node->safe_psql($database, 'CREATE EXTENSION dynamo');
	is($ask->(), 200, 'and again after CREATE EXTENSION');
	ddb_ok($node, 'ListTables', {});
};

subtest 'the database' => sub {
	$node->safe_psql('postgres', "DROP DATABASE $database WITH (FORCE)");
	without_database('after DROP DATABASE');
	is($node->safe_psql('postgres', 'SELECT 1'), 1, 'PostgreSQL goes on');

	$node->safe_psql('postgres', "CREATE DATABASE $database");
	without_extension('after CREATE DATABASE');
	$node->safe_psql($database, 'CREATE EXTENSION dynamo');
	served('after CREATE EXTENSION');
	create_table($node, 'Music', a => 'S');
	is_deeply(ddb_ok($node, 'ListTables', {})->{TableNames},
		['Music'], 'nothing is remembered of the old database');
};

subtest 'no workers' => sub {
	$node->append_conf('postgresql.conf', 'dynamo.workers = 0');
	$node->reload;
	wait_until(sub { connections() == 0 }, 'nobody is connected');
	$node->safe_psql('postgres',
		"ALTER DATABASE $database RENAME TO elsewhere");
	$node->safe_psql('postgres',
		"ALTER DATABASE elsewhere RENAME TO $database");
	pass('the database can be renamed');

	$node->append_conf('postgresql.conf', 'dynamo.workers = 3');
	$node->reload;
	served('with workers again');
	wait_until(sub { (() = worker_pids($node)) == 3 }, 'there are three');
	is_deeply(ddb_ok($node, 'ListTables', {})->{TableNames},
		['Music'], 'the table is there');

	$node->append_conf('postgresql.conf', 'dynamo.workers = 1');
	$node->reload;
	wait_until(sub { (() = worker_pids($node)) == 1 }, 'there is one');
	ddb_ok($node, 'ListTables', {});
};

subtest 'a template' => sub {
	$node->append_conf('postgresql.conf', 'dynamo.workers = 0');
	$node->reload;
	wait_until(sub { connections() == 0 }, 'nobody is connected');
	$node->safe_psql('postgres', "CREATE DATABASE copy TEMPLATE $database");
	is( $node->safe_psql(
			'copy', q{SELECT dynamo.list_tables('{}') ->> 'TableNames'}),
		'["Music"]',
		'the copy of the database has the tables');
};

$node->stop;
ok( slurp_file($node->logfile) !~ /PANIC|was terminated by signal/,
	'nothing has crashed');
done_testing();
