# Connections that do almost nothing.  They cost other clients nothing, and are
# closed after some time.

use strict;
use warnings;

# The limit of file descriptors on most systems.  Workers raise it for themselves.
# One client process could not open enough connections, so there are several.
BEGIN
{
	exec 'bash', '-c', 'ulimit -Sn 1024 && exec "$@"', 'bash', $^X, $0
	  unless $ENV{DYNAMO_TEST_LIMITED}++;
}

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use POSIX ();
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $node = dynamo_node('connections');
my $key = { name => { S => 'a' } };
my $get = { TableName => 'Things', Key => $key };
my $hard_limit = `bash -c 'ulimit -Hn'`;

create_table($node, 'Things', name => 'S');
ddb_ok($node, 'PutItem', { TableName => 'Things', Item => $key });

# Starts a process that opens this many connections and sends one request on each.
# It keeps them until the returned handle is closed, and prints how many were
# served.
sub hold_connections
{
	my ($count) = @_;

	pipe(my $from_child, my $to_parent) or die "pipe: $!";
	pipe(my $from_parent, my $to_child) or die "pipe: $!";
	my $pid = fork // die "fork: $!";

	if ($pid == 0)
	{
		my @sockets;
		my $served = 0;

		close $to_child;
		eval {
			push @sockets, raw_connect($node) foreach 1 .. $count;
			raw_send($_, request_bytes('GetItem', $get)) foreach @sockets;
			$served += raw_reply($_)->{status} == 200 foreach @sockets;
		};
		syswrite $to_parent, "$served\n";
		sysread $from_parent, my $end, 1;
		POSIX::_exit(0);
	}
	return { pid => $pid, reader => $from_child, writer => $to_child };
}

# Returns the number of sockets of each worker, its listening socket among them.
sub sockets_of_workers
{
	return map {
		my $pid = $_;
		scalar grep { (readlink($_) // '') =~ /^socket:/ } glob "/proc/$pid/fd/*";
	} sort { $a <=> $b } worker_pids($node);
}

subtest 'connections are spread over the workers' => sub {
	plan skip_all => 'no /proc' if !-d '/proc/self/fd';

	my @before = sockets_of_workers();
	my @share;

	# A worker that the system keeps from running for milliseconds misses its turn.
	foreach (1 .. 20)
	{
		my @sockets = map { raw_connect($node) } 1 .. 8 * @before;

		raw_send($_, request_bytes('GetItem', $get)) foreach @sockets;
		raw_reply($_) foreach @sockets;

		my @after = sockets_of_workers();

		@share = map { $after[$_] - $before[$_] } 0 .. $#before;
		last if !grep { $_ < 6 } @share;
		close $_ foreach @sockets;
		wait_until(sub { "@{[ sockets_of_workers() ]}" eq "@before" },
			'the connections end');
	}
	is(scalar(grep { $_ < 6 } @share), 0, "each worker has its share: @share");
};

subtest 'two thousand idle connections' => sub {
	plan skip_all => 'too few descriptors'
	  if $hard_limit ne "unlimited\n" && $hard_limit < 8000;

	my @holders = map { hold_connections(500) } 1 .. 4;
	my $served = 0;

	$served += readline $_->{reader} foreach @holders;
	is($served, 2000, 'each of them is served');
	ddb_ok($node, 'GetItem', $get, "another client, request $_")
	  foreach 1 .. 20;
	close $_->{writer} foreach @holders;
	waitpid $_->{pid}, 0 foreach @holders;
	ddb_ok($node, 'GetItem', $get, 'and when they have gone');
};

$node->stop;
$node = dynamo_node('impatient', extra => <<END);
dynamo.idle_timeout = 2s
dynamo.lock_timeout = 5s
max_prepared_transactions = 5
END
create_table($node, 'Things', name => 'S');
ddb_ok($node, 'PutItem', { TableName => 'Things', Item => $key });

# Sends the bytes one by one, slowly, until the connection is closed.  The
# connection is never idle for long, but the request as a whole is too slow.
sub dies_trickling
{
	my ($before, $bytes, $name) = @_;
	my $socket = raw_connect($node);
	my $sent = 0;

	raw_send($socket, $before);
	wait_until(
		sub {
			raw_send($socket, substr($bytes, $sent++, 1)) or return 1;
			return raw_is_closed($socket, 0.1);
		},
		'the connection is closed');
	cmp_ok($sent, '<', length $bytes, $name);
	return;
}

subtest 'slow clients' => sub {
	my $request = request_bytes('GetItem', $get);
	my $padded = request_bytes('GetItem', $get, 'X-Padding' => 'x' x 2000);
	my ($head, $body) = request_bytes('GetItem', ' ' x 2000) =~ /^(.*\r\n\r\n)(.*)$/s;
	my $chunks = "1\r\n \r\n" x 500;

	ok(raw_is_closed(raw_connect($node), 60), 'one that sends nothing');
	dies_trickling('', $padded, 'one slow with its headers');
	dies_trickling($head, $body, 'one slow with its body');
	dies_trickling(
		request_bytes('GetItem', '',
			'Content-Length' => undef, 'Transfer-Encoding' => 'chunked'),
		$chunks, 'one slow with its chunks');
	dies_trickling('', "\r\n" x 1000, 'one that sends empty lines');

	my $socket = raw_connect($node);

	raw_send($socket, $request);
	is(raw_reply($socket)->{status}, 200, 'one with a first request');
	ok(raw_is_closed($socket, 60), 'and no second');
	ddb_ok($node, 'GetItem', $get, 'others are served');
};

subtest 'busy clients' => sub {
	my $socket = raw_connect($node);
	my $began = time;

	for (my $n = 0; time < $began + 4; $n++)
	{
		raw_send($socket, request_bytes('GetItem', $get));
		raw_reply($socket) or last;
		sleep 0.1;
	}
	cmp_ok(time, '>=', $began + 4, 'a connection in use outlives the time-out');

	$node->safe_psql($DynamoTest::database, <<END);
BEGIN;
SELECT FROM dynamo_data."Things" WHERE pk = 'a' FOR UPDATE;
PREPARE TRANSACTION 'holder';
END
	raw_send($socket,
		request_bytes('PutItem', { TableName => 'Things', Item => $key }));
	my $reply = raw_reply($socket);

	like(
		$reply ? $reply->{body} : 'closed',
		qr/TransactionConflictException/,
		'so does one that waits for a lock');
	$node->safe_psql($DynamoTest::database, "ROLLBACK PREPARED 'holder'");
};

$node->stop;
done_testing();
