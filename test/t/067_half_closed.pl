# Clients that send requests one behind the other, close their half of the
# connection and read: all answers come, whatever keeps the worker waiting.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use Test::More;
use Time::HiRes qw(sleep);

my $node = dynamo_node('halves', extra => <<END);
dynamo.workers = 1
dynamo.request_memory = 32MB
dynamo.lock_timeout = 60s
END

create_table($node, 'Things', name => 'S');

sub item
{
	my ($name, $size) = @_;

	return { TableName => 'Things', Item => { name => { S => $name }, data => { S => 'x' x $size } } };
}

# A connection on which all of these have been sent, and nothing more will be
sub half_closed
{
	my ($socket, @requests) = @_;

	raw_send($socket, join '', @requests);
	shutdown $socket, 1;
	return $socket;
}

sub is_answered
{
	my ($socket, $count, $name) = @_;
	my @statuses;

	while (my $reply = raw_reply($socket))
	{
		push @statuses, $reply->{status};
	}
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is("@statuses", join(' ', (200) x $count), $name);
	return;
}

# Clients that have begun to send bodies of these lengths
sub hold_memory
{
	my @clients = map {
		my $socket = raw_connect($node);

		raw_send($socket, request_bytes('ListTables', '{', 'Content-Length' => $_));
		$socket;
	} @_;

	is(request($node, 'UnknownOperation', '')->{status}, 400,
		'what they have sent is read');
	return @clients;
}

my @small = map { request_bytes('PutItem', item("small $_", 100)) } 1 .. 20;

subtest 'a lock' => sub {
	my $session = sql_session($node);
	my $socket = raw_connect($node);

	ddb_ok($node, 'PutItem', item('small 3', 1));
	sql_run($session, q{BEGIN; SELECT 1 FROM dynamo_data."Things" FOR UPDATE});
	half_closed($socket, @small);
	# for as long as it takes to look for idle connections twice
	sleep 2.5;
	sql_run($session, 'ROLLBACK');
	sql_end($session);
	is_answered($socket, 20, 'all answers come');
};

# Its connection has been idle before, and then both come at once: requests and
# the end.
subtest 'a worker that does something else' => sub {
	my ($worker) = worker_pids($node);
	my $socket = raw_connect($node);

	raw_send($socket, $small[0]);
	is(raw_reply($socket)->{status}, 200, 'a first request');
	kill 'STOP', $worker;
	half_closed($socket, @small);
	sleep 2.5;
	kill 'CONT', $worker;
	is_answered($socket, 20, 'all answers come');
};

# Bodies of several sizes, while others hold all memory for theirs.  The socket
# holds all of what each client sends, and its end.
subtest 'memory' => sub {
	my @holders = hold_memory(16_777_216, 8_300_000);

	push @holders, hold_memory((65_536) x 129, 22_800);
	my $chunk = '{"Limit":1}';
	my @chunked = (request_bytes('ListTables',
			sprintf("%x\r\n%s\r\n0\r\n\r\n", length $chunk, $chunk),
			'Content-Length' => undef, 'Transfer-Encoding' => 'chunked')) x 10;
	my @medium = map { request_bytes('PutItem', item("medium $_", 15_000)) } 1 .. 3;
	my @large = map { request_bytes('PutItem', item("large $_", 25_000)) } 1 .. 2;

	my @sockets = map { half_closed(raw_connect($node), @$_) }
	  (\@small, \@chunked, \@medium, \@large);

	sleep 2.5;
	close $_ foreach @holders;
	is_answered($sockets[0], 20, 'all answers come to small ones');
	is_answered($sockets[1], 10, 'to those in chunks');
	is_answered($sockets[2], 3, 'to medium ones');
	is_answered($sockets[3], 2, 'to large ones');
};

# The end is noticed nevertheless, although it comes together with data.
subtest 'half a request' => sub {
	my $socket = half_closed(raw_connect($node), $small[0], substr $small[1], 0, 300);

	is_answered($socket, 1, 'the complete one is answered, the connection closed');
	$socket = half_closed(raw_connect($node),
		request_bytes('ListTables', ' ' x 10, 'Content-Length' => 700_000));
	ok(raw_is_closed($socket, 20), 'long before dynamo.idle_timeout');
	ddb_ok($node, 'PutItem', item('large', 300_000));
};

$node->stop;
done_testing();
