# Memory for bodies is bounded, however many clients send large ones.  Clients that
# hold the memory do not keep small requests out.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Compress::Zlib ();
use DynamoLoad;
use DynamoTest;
use IO::Select;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

plan skip_all => 'needs /proc' unless -r '/proc/self/status';

my $node = dynamo_node('memory', extra => <<END);
dynamo.request_memory = 32MB
dynamo.idle_timeout = 40s
dynamo.lock_timeout = 4s
END
my $key = { name => { S => 'a' } };
my $get = { TableName => 'Things', Key => $key };
my $large = 16 * 1024 * 1024;
my $body = '{' . ' ' x ($large - 2) . '}';

# Kilobytes for one worker: bodies, one parsed request, and the worker itself
my $bound = 3 * 32 * 1024;

create_table($node, 'Things', name => 'S');
ddb_ok($node, 'PutItem', { TableName => 'Things', Item => $key });

my @workers = worker_pids($node);

sub most_memory
{
	my ($most) = sort { $b <=> $a } map { worker_memory($_) } @workers;

	return $most;
}

# Starts clients that each send this request without waiting.
sub crowd
{
	my ($count, $bytes) = @_;
	my %left;

	foreach (1 .. $count)
	{
		my $socket = raw_connect($node);

		$socket->blocking(0);
		$left{$socket} = { socket => $socket, at => 0, bytes => \$bytes };
	}
	return \%left;
}

# Sends what can be sent without waiting.  Removes the clients that have sent
# everything from the list, and returns them.
sub send_some
{
	my ($crowd) = @_;
	my $select = IO::Select->new(map { $_->{socket} } values %$crowd);
	my @done;

	foreach my $socket ($select->can_write(0.1))
	{
		my $client = $crowd->{$socket};
		my $sent = syswrite $socket, ${ $client->{bytes} }, 262144, $client->{at};

		$client->{at} += $sent // 0;
		next unless $client->{at} == length ${ $client->{bytes} };
		push @done, delete $crowd->{$socket};
		$socket->blocking(1);
	}
	return map { $_->{socket} } @done;
}

subtest 'two hundred clients with 16 MB each, begun and left' => sub {
	my $crowd = crowd(200, substr request_bytes('ListTables', $body), 0, 100_000);
	my @begun;

	push @begun, send_some($crowd) while %$crowd;
	ddb_ok($node, 'GetItem', $get, "another client, request $_")
	  foreach 1 .. 50;
	cmp_ok(most_memory(), '<', $bound, 'the memory is bounded');
};

subtest 'the memory is given back' => sub {
	wait_until(
		sub { request($node, 'ListTables', $body)->{status} == 200 },
		'a large request is served')
	  foreach 1 .. 3 * @workers;
	pass('large requests are served again');
};

subtest 'clients with 16 MB each at once' => sub {
	my $crowd = crowd(40, request_bytes('ListTables', $body));
	my $most = 0;
	my (@waiting, %statuses, $others);
	my $end = time + 3 * 60;

	while (%$crowd && time < $end)
	{
		push @waiting, send_some($crowd);
		$others++ if request($node, 'GetItem', $get)->{status} == 200;
		$most = most_memory() if most_memory() > $most;
	}
	$statuses{ raw_reply($_)->{status} }++ foreach @waiting;
	is_deeply(\%statuses, { 200 => 40 }, 'are all served');
	cmp_ok($others, '>', 0, 'others as well');
	cmp_ok($most, '<', $bound, 'the memory is bounded');
};

subtest 'many small values in a large body' => sub {
	foreach my $small ('1,', '"",', '{},', '[],', '{"":1},')
	{
		my $many = $small x (16_000_000 / length $small);
		my $reply = request($node, 'ListTables', "{\"x\":[${many}1]}");

		like($reply->{status}, qr/^(200|400|413)$/, "array of $small");
	}
	wait_until(sub { most_memory() < $bound }, 'the memory is free again');
};

# Returns the peak of memory while this many clients send the request at once, and
# their answers.
sub most_while_served
{
	my ($count, $bytes) = @_;
	my $crowd = crowd($count, $bytes);
	my $most = 0;
	my (@waiting, %statuses);

	while (%$crowd)
	{
		push @waiting, send_some($crowd);
	}
	my $select = IO::Select->new(@waiting);

	while ($select->count)
	{
		$most = most_memory() if most_memory() > $most;
		foreach my $socket ($select->can_read(0.02))
		{
			$statuses{ raw_reply($socket)->{status} }++;
			$select->remove($socket);
		}
	}
	return ($most, \%statuses);
}

# Requests of 16 kB and 262 kB.  Neither is large, but each needs much memory.
subtest 'small bodies that become much' => sub {
	my $many = '{"x":[' . '1,' x 8_300_000 . '1]}';
	my $gzip = request_bytes('ListTables', Compress::Zlib::memGzip($many),
		'Content-Encoding' => 'gzip');
	my ($most, $statuses) = most_while_served(6, $gzip);

	is_deeply($statuses, { 413 => 6 }, 'too large for any limit');
	cmp_ok($most, '<', 352 * 1024, 'one at a time');
	note("most: $most kB");

	my $plain = request_bytes('ListTables', '{"x":[' . '1,' x 131_000 . '1]}');

	($most, $statuses) = most_while_served(150, $plain);
	is_deeply($statuses, { 200 => 150 }, 'many are served');
	cmp_ok($most, '<', $bound, 'and the memory is bounded');
	note("most: $most kB");
};

# If these were not counted, each worker would hold all of them.
subtest 'what requests that wait for a lock were parsed into' => sub {
	my $item = { TableName => 'Things', Item => $key, Ignored => [ (1) x 500_000 ] };
	my $session = sql_session($node);
	my $most = 0;
	my %waiting;

	sql_run($session, q{BEGIN; SELECT 1 FROM dynamo_data."Things" FOR UPDATE});
	foreach (1 .. 30)
	{
		my $socket = raw_connect($node);

		raw_send($socket, request_bytes('PutItem', $item));
		$waiting{$socket} = $socket;
	}
	my $end = time + 2;

	while (time < $end)
	{
		$most = most_memory() if most_memory() > $most;
	}
	sql_run($session, 'ROLLBACK');
	sql_end($session);
	# some may have waited for too long
	like(raw_reply($_)->{status}, qr{^(200|400)$}, 'is answered') foreach values %waiting;
	cmp_ok($most, '<', 250_000, 'the memory is bounded');
	note("most: $most kB");
};

is_deeply([ worker_pids($node) ], \@workers, 'no worker has died');
$node->stop;
done_testing();
