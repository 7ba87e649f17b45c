# Answers that no client reads.  They are given up after some time.  Until then they
# count as memory, so that there are never many.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use IO::Select;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'needs /proc' unless -r '/proc/self/status';

my $node = dynamo_node('unread', extra => <<END);
dynamo.request_memory = 32MB
dynamo.idle_timeout = 4s
END
my $key = { name => { S => 'a' } };
my $get = { TableName => 'Things', Key => $key };

# Kilobytes for one worker: answers, one more that is growing, and the worker itself
my $bound = 3 * 32 * 1024;

create_table($node, 'Things', name => 'S');
ddb_ok($node, 'PutItem', { TableName => 'Things', Item => $key });
ddb_ok($node, 'PutItem',
	{ TableName => 'Things', Item => { name => { S => "large $_" }, data => { S => 'x' x 390_000 } } })
  foreach 1 .. 30;

# 12 MB
my $all = { RequestItems => { Things =>
			{ Keys => [ map { { name => { S => "large $_" } } } 1 .. 30 ] } } };
my @workers = worker_pids($node);

sub most_memory
{
	my ($most) = sort { $b <=> $a } map { worker_memory($_) } @workers;

	return $most;
}

# Returns how many bytes arrive until the connection is closed, or the status if the
# request failed.
sub drain
{
	my ($socket) = @_;
	my $total = 0;
	my $status;

	while (IO::Select->new($socket)->can_read(60))
	{
		my $got = sysread $socket, my $bytes, 1_000_000;

		last if !$got;
		($status) = $bytes =~ m,^HTTP/1\.1 ([45]\d\d) , if $total == 0;
		$total += $got;
	}
	return $status // ($total > 11_000_000 ? 'whole' : 'cut');
}

subtest 'forty clients that read nothing' => sub {
	my @sockets = map { raw_connect($node) } 1 .. 40;
	my $began = time;
	my $most = 0;
	my ($served, $refused) = (0, 0);
	my %outcomes;

	raw_send($_, request_bytes('BatchGetItem', $all)) foreach @sockets;
	while (time < $began + 12)
	{
		request($node, 'GetItem', $get)->{status} == 200 ? $served++ : $refused++;
		$most = most_memory() if most_memory() > $most;
		sleep 0.1;
	}
	cmp_ok($most, '<', $bound, "the memory is bounded");
	cmp_ok($served, '>', 0, 'others are served');
	is($refused, 0, 'all of them');
	note("most: $most kB, served: $served");
	wait_until(sub { most_memory() < 48 * 1024 }, 'the memory is free again');
	foreach my $socket (@sockets)
	{
		$outcomes{ drain($socket) }++;
	}
	note(join ' ', map { "$_: $outcomes{$_}" } sort keys %outcomes);
	# one request may just have been served
	cmp_ok($outcomes{whole} // 0, '<', 10, 'hardly one has got all of its answer');
	cmp_ok($outcomes{503} // 0, '>', 0, 'some have waited for memory too long');
	cmp_ok($outcomes{cut} // 0, '>', 0, 'some are cut off');
	ddb_ok($node, 'BatchGetItem', $all, 'a client that reads gets it');
};

subtest 'a client that reads slowly' => sub {
	my $socket = raw_connect($node);
	my $began = time;
	my $total = 0;

	raw_send($socket, request_bytes('BatchGetItem', $all));
	while (time < $began + 10)
	{
		last if !sysread $socket, my $bytes, 65536;
		$total += length $bytes;
		sleep 0.1;
	}
	$total += drain_answer($socket, $total);
	cmp_ok($total, '>', 11_000_000, 'gets all of its answer, for more than dynamo.idle_timeout');
};

# Reads the rest of an answer of 12 MB from a connection that stays open.
sub drain_answer
{
	my ($socket, $before) = @_;
	my $total = 0;

	while ($before + $total < 11_500_000)
	{
		last if !sysread $socket, my $bytes, 1_000_000;
		$total += length $bytes;
	}
	return $total;
}

is_deeply([ worker_pids($node) ], \@workers, 'no worker has died');
$node->stop;
done_testing();
