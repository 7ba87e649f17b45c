# Clients that send garbage, stop in the middle, or vanish.  Other clients do not
# notice, and no worker dies.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;

my $node = dynamo_node('hostile', extra => <<END);
dynamo.request_memory = 32MB
max_prepared_transactions = 5
END
my $key = { name => { S => 'a' } };
my $get = { TableName => 'Things', Key => $key };

create_table($node, 'Things', name => 'S');
ddb_ok($node, 'PutItem', { TableName => 'Things', Item => $key });

my @workers = worker_pids($node);

sub unharmed
{
	my ($name) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_deeply(ddb_ok($node, 'GetItem', $get)->{Item}, $key, 'an item is served');
	is_deeply([ worker_pids($node) ], \@workers, "$name harm no worker");
	return;
}

# Closes the socket so that the other side gets a reset.
sub vanish
{
	my ($socket) = @_;

	setsockopt($socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0))
	  or die "setsockopt: $!";
	close $socket;
	return;
}

# Sends each request on a connection of its own and closes it.  Returns the
# statuses of all answers.
sub statuses_after
{
	my (@inputs) = @_;
	my @statuses;
	my @sockets = map {
		my $socket = raw_connect($node);

		raw_send($socket, $_);
		shutdown $socket, 1;
		$socket;
	} @inputs;

	foreach my $socket (@sockets)
	{
		while (my $reply = raw_reply($socket))
		{
			push @statuses, $reply->{status};
		}
	}
	return @statuses;
}

sub is_failure
{
	my ($status) = @_;

	return $status !~ /^\d{3}$/ || $status == 500 || $status == 503;
}

subtest 'a client that sends no more' => sub {
	is_deeply([ statuses_after(request_bytes('GetItem', $get)) ],
		[200], 'gets the answer to what it has sent');
};

subtest 'noise' => sub {
	my @noise = (
		"\r\n" x 1000, "\0" x 1000, "\xff" x 100_000,
		'POST', "POST\r\n\r\n", "POST /\r\n\r\n", "POST / HTTP/9.9\r\n\r\n",
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" . 'x' x 500,
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"SSH-2.0-OpenSSH_9.2p1\r\n", 'A' x 100_000,
		"POST / HTTP/1.1\r\n" . "X: y\r\n" x 10_000,
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		  . "ffffffffffffffffff\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
		  . "-1\r\nabc\r\n0\r\n\r\n");

	srand 20120810;
	push @noise, join '', map { chr int rand 256 } 1 .. 1 + rand 2000
	  foreach 1 .. 100;

	my @failures = grep { is_failure($_) } statuses_after(@noise);

	is("@failures", '', 'no answer is a failure of ours');
	unharmed('noise');
};

subtest 'requests with random faults' => sub {
	my $request = request_bytes('GetItem', $get);
	my @inputs;

	foreach (1 .. 500)
	{
		my $bytes = $request;

		foreach (0 .. rand 3)
		{
			my $at = int rand length $bytes;
			my $length = int rand 10;
			my $new = join '', map { chr int rand 256 } 1 .. rand 10;

			substr $bytes, $at, $length, $new;
		}
		push @inputs, $bytes;
	}
	my @failures = grep { is_failure($_) } statuses_after(@inputs);

	is("@failures", '', 'no answer is a failure of ours');
	unharmed('faults');
};

subtest 'requests that end early' => sub {
	my $request = request_bytes('GetItem', $get);

	for (my $length = 1; $length < length $request; $length += 5)
	{
		my $socket = raw_connect($node);

		raw_send($socket, substr $request, 0, $length);
		$length % 2 ? vanish($socket) : close $socket;
	}
	unharmed('halves');
};

subtest 'clients that vanish before the answer' => sub {
	ddb_ok(
		$node,
		'PutItem',
		{   TableName => 'Things',
			Item => { name => { S => "large $_" }, data => { S => 'x' x 350_000 } }
		}) foreach 1 .. 3;
	foreach (1 .. 100)
	{
		my $socket = raw_connect($node);

		raw_send($socket, request_bytes('Scan', { TableName => 'Things' }) x 3);
		vanish($socket);
	}
	unharmed('unread answers');
};

subtest 'clients that vanish while their request waits for a lock' => sub {
	$node->safe_psql($DynamoTest::database, <<END);
BEGIN;
SELECT FROM dynamo_data."Things" WHERE pk = 'a' FOR UPDATE;
PREPARE TRANSACTION 'holder';
END
	foreach (1 .. 20)
	{
		my $socket = raw_connect($node);

		raw_send($socket,
			request_bytes('PutItem', { TableName => 'Things', Item => $key }));
		vanish($socket);
	}
	ddb_error($node, 'PutItem', { TableName => 'Things', Item => $key },
		'TransactionConflictException', undef, 'one that stays gets an answer');
	$node->safe_psql($DynamoTest::database, "ROLLBACK PREPARED 'holder'");
	unharmed('requests without clients');
};

subtest 'memory for bodies of clients that vanish' => sub {
	my $large = 16 * 1024 * 1024;

	foreach (1 .. 20)
	{
		my $socket = raw_connect($node);

		raw_send($socket,
			request_bytes('GetItem', '{' . ' ' x 100_000,
				'Content-Length' => $large));
		vanish($socket);
	}

	# More than there are workers, so each of them has one
	foreach (1 .. 3 * @workers)
	{
		is( request($node, 'ListTables', '{}' . ' ' x ($large - 2))->{status},
			200, 'is there for others');
	}
	unharmed('large bodies');
};

subtest 'expensive JSON' => sub {
	my @bodies = (
		[ 'deep arrays', '{"a":' . '[' x 1_000_000 . ']' x 1_000_000 . '}' ],
		[ 'deep objects', '{"a":' x 1_000_000 . '1' . '}' x 1_000_000 ],
		[ 'no end', '[' x 16_000_000 ]);

	foreach my $case (@bodies)
	{
		is( request($node, 'ListTables', $case->[1])->{body},
			'{"__type":"com.amazon.coral.service#SerializationException"}',
			"$case->[0] are refused");
	}
	is( request($node, 'ListTables',
			'{' . join(',', map { "\"k$_\":1" } 1 .. 500_000) . '}')->{status},
		200, 'half a million members are ignored');
	is( request($node, 'ListTables', '{' . '"a":1,' x 1_000_000 . '"a":1}')
		  ->{status},
		200, 'also of one name');

	my $value = '{"S":"x"}';

	$value = "{\"L\":[$value]}" foreach 1 .. 40;
	is( request($node, 'PutItem',
			"{\"TableName\":\"Things\",\"Item\":{\"name\":{\"S\":\"b\"},\"v\":$value}}")
		  ->{status},
		400, 'a value nested too deep is refused');
	unharmed('bodies');
};

$node->stop;
ok( slurp_file($node->logfile) !~ /PANIC|was terminated by signal/,
	'nothing has crashed');
done_testing();
