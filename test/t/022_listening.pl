# Where the server listens.  If it cannot listen, PostgreSQL starts anyway and the
# log says why.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use IO::Socket::INET;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = dynamo_node('listening');
my $port = dynamo_port($node);

sub is_listening
{
	return defined IO::Socket::INET->new(
		PeerAddr => '127.0.0.1',
		PeerPort => $port);
}

# Returns the log of a start with these settings.
sub start_with
{
	my (%setting) = @_;
	my $offset = -s $node->logfile;

	$node->stop;
	$node->append_conf('postgresql.conf', "$_ = '$setting{$_}'")
	  foreach sort keys %setting;
	$node->start;
	return slurp_file($node->logfile, $offset);
}

subtest 'an address that is not one' => sub {
	my $log = start_with('dynamo.listen_addresses' => 'no.such.host.invalid');

	like($log,
		qr/WARNING: .*could not translate address "no\.such\.host\.invalid"/,
		'a warning');
	like($log, qr/HINT: .*one host name or address/, 'and a hint');
	is($node->safe_psql('postgres', 'SELECT 1'), 1, 'PostgreSQL serves');
	is(scalar(worker_pids($node)), 0, 'there are no workers');
};

subtest 'an address that is not ours' => sub {
	my $log = start_with(
		'dynamo.listen_addresses' => '192.0.2.1',
		'dynamo.allow_unauthenticated' => 'on');

	like($log, qr/WARNING: .*could not listen on "192\.0\.2\.1", port $port: /,
		'a warning');
	is($node->safe_psql('postgres', 'SELECT 1'), 1, 'PostgreSQL serves');
};

subtest 'a port in use' => sub {
	$node->stop;
	my $other = IO::Socket::INET->new(
		LocalAddr => '127.0.0.1',
		LocalPort => $port,
		ReuseAddr => 1,
		Listen => 5) or die "cannot listen: $!";

	$node->start;
	my $log = start_with('dynamo.listen_addresses' => '127.0.0.1');

	like($log, qr/WARNING: .*could not listen on "127\.0\.0\.1", port $port: /,
		'a warning');
	like($log, qr/HINT: .*another server using the port/, 'and a hint');
	is( $node->safe_psql(
			$DynamoTest::database, q{SELECT dynamo.list_tables('{}')}),
		'{"TableNames": []}',
		'the SQL functions work');
	close $other;
	$node->restart;
	wait_until_served($node);
	pass('a restart helps when the port is free');
};

subtest 'beyond loopback' => sub {
	foreach my $address ('0.0.0.0', '*', '::')
	{
		my $log = start_with(
			'dynamo.listen_addresses' => $address,
			'dynamo.allow_unauthenticated' => 'off');

		like($log,
			qr/WARNING: .*does not listen on "\Q$address\E": any access key would be accepted/,
			"$address is refused");
		like($log, qr/HINT: .*dynamo\.allow_unauthenticated = on/, 'with a hint');
		ok(!is_listening(), 'nobody listens');
	}
	foreach my $address ('0.0.0.0', '*')
	{
		start_with(
			'dynamo.listen_addresses' => $address,
			'dynamo.allow_unauthenticated' => 'on');
		wait_until_served($node);
		pass("$address is allowed if told so");
	}
	start_with(
		'dynamo.listen_addresses' => 'localhost',
		'dynamo.allow_unauthenticated' => 'off');
	like(
		slurp_file($node->logfile),
		qr/LOG: .*dynamo is listening on "localhost", port $port/,
		'localhost is loopback');
};

# Settings can change while the socket is open
subtest 'clients from beyond loopback' => sub {
	my ($own) = grep { !/^127\./ && /^[0-9.]+$/ } split ' ', `hostname -I 2>/dev/null` // '';

	plan skip_all => 'this machine has no other address' if !defined $own;
	start_with(
		'dynamo.listen_addresses' => '*',
		'dynamo.allow_unauthenticated' => 'on');
	wait_until_served($node);
	my $ask = sub {
		my $socket = IO::Socket::INET->new(PeerAddr => $own, PeerPort => $port, Timeout => 5) or return '';

		print $socket "GET / HTTP/1.1\r\nHost: any.name.at.all\r\nConnection: close\r\n\r\n";
		local $/ = undef;
		return <$socket> // '';
	};

	like($ask->(), qr/^HTTP\/1\.1 200 /, 'are served when told so, whatever they call this machine');
	my $offset = -s $node->logfile;

	$node->append_conf('postgresql.conf', 'dynamo.allow_unauthenticated = off');
	$node->reload;
	wait_until(sub { $ask->() eq '' }, 'clients are turned away');
	pass('are turned away when no longer');
	is($ask->(), '', 'again and again');
	like(slurp_file($node->logfile, $offset),
		qr/LOG: .*dynamo refuses connections from beyond loopback/, 'the log says so');
	wait_until_served($node);
	pass('those on this machine are served');
};

subtest 'no address' => sub {
	my $log = start_with('dynamo.listen_addresses' => '');

	unlike($log, qr/WARNING/, 'is no reason to warn');
	ok(!is_listening(), 'nobody listens');
	is(scalar(worker_pids($node)), 0, 'there are no workers');
};

# A process that does not serve must not take the port.
subtest 'no server' => sub {
	start_with('dynamo.listen_addresses' => '127.0.0.1');
	wait_until_served($node);
	command_like(
		[ 'postgres', '-C', 'dynamo.port', '-D', $node->data_dir ],
		qr/^$port$/, 'postgres -C shows a setting');
	ddb_ok($node, 'ListTables', {}, 'of a server that goes on');
	$node->stop;

	my $input = "SELECT 'still ' || 'here'\n";
	my ($output, $errors) = ('', '');
	my $other = IO::Socket::INET->new(
		LocalAddr => '127.0.0.1',
		LocalPort => $port,
		ReuseAddr => 1,
		Listen => 5) or die "cannot listen: $!";

	IPC::Run::run(
		[ 'postgres', '--single', '-D', $node->data_dir, $DynamoTest::database ],
		'<', \$input, '>', \$output, '2>', \$errors);
	like($output, qr/still here/, 'single-user mode works');
	unlike($errors, qr/WARNING.*dynamo/, 'and tries no port');
	close $other;
	$node->start;
};

subtest 'without shared_preload_libraries' => sub {
	start_with('shared_preload_libraries' => '');
	ok(!is_listening(), 'nobody listens');
	is($node->safe_psql('postgres', q{
			SELECT count(*) FROM pg_stat_activity
			WHERE backend_type LIKE 'dynamo%'}),
		0, 'there is no process of ours');

	$node->safe_psql('postgres', 'CREATE DATABASE plain');
	my ($status, $out, $err) = $node->psql('plain', 'CREATE EXTENSION dynamo');

	is($status, 0, 'the extension can be created');
	like($err, qr/WARNING: .*the HTTP server is not running/, 'with a warning');
	like($err, qr/HINT: .*shared_preload_libraries/, 'and a hint');
	is($node->safe_psql('plain', q{
			SELECT dynamo.create_table('{"TableName": "Plain",
				"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
				"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
				"BillingMode": "PAY_PER_REQUEST"}') #>> '{TableDescription,TableName}';
			SELECT dynamo.put_item('{"TableName": "Plain", "Item": {"a": {"S": "x"}}}');
			SELECT dynamo.get_item('{"TableName": "Plain", "Key": {"a": {"S": "x"}}}');
			}),
		qq(Plain\n{}\n{"Item": {"a": {"S": "x"}}}),
		'the SQL functions work');
};

$node->stop;
done_testing();
