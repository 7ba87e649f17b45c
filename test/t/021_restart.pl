# A process that ends, in any way, is started again.  All processes end when
# PostgreSQL ends.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = dynamo_node('restart', extra => "restart_after_crash = on\n");
my $key = { name => { S => 'a' } };
my $get =
  { TableName => 'Things', Key => $key, ConsistentRead => JSON::PP::true };

create_table($node, 'Things', name => 'S');
ddb_ok($node, 'PutItem', { TableName => 'Things', Item => $key });

sub pid_of
{
	my ($type) = @_;

	return $node->safe_psql('postgres',
		"SELECT min(pid) FROM pg_stat_activity WHERE backend_type = '$type'");
}

sub served
{
	my ($name) = @_;

	wait_until_served($node);
	is_deeply(ddb_ok($node, 'GetItem', $get)->{Item},
		$key, "$name: the item is there");
	ddb_ok($node, 'PutItem', { TableName => 'Things', Item => $key },
		"$name: and can be written");
	return;
}

# Returns the number of processes of each kind.
sub census
{
	return $node->safe_psql('postgres', <<END);
SELECT string_agg(backend_type, ', ' ORDER BY backend_type)
FROM pg_stat_activity WHERE backend_type LIKE 'dynamo%'
END
}

my $census = census();

foreach my $type ('dynamo worker', 'dynamo launcher', 'dynamo flusher',
	'dynamo tasks')
{
	subtest "pg_terminate_backend of a $type" => sub {
		my $pid = pid_of($type);
		my %old = map { $_ => 1 } worker_pids($node);

		$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
		wait_until(
			sub {
				my $new = pid_of($type);

				return $new && $new != $pid;
			},
			'there is another');

		# A launcher ends its workers with itself, and the next launcher starts others.
		wait_until(sub { !grep { $old{$_} } worker_pids($node) },
			'all workers are new')
		  if $type eq 'dynamo launcher';
		wait_until(sub { census() eq $census }, "it is again $census");
		served($type);
	};
}

subtest 'a connection whose worker ends' => sub {
	my $socket = raw_connect($node);

	raw_send($socket, request_bytes('GetItem', $get));
	is(raw_reply($socket)->{status}, 200, 'is served');
	my @workers = worker_pids($node);

	$node->safe_psql('postgres',
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid IN ("
		  . join(', ', @workers) . ')');
	ok(raw_is_closed($socket, 60), 'and closed');
	wait_until(
		sub {
			my %is_old = map { $_ => 1 } @workers;

			return @workers == grep { !$is_old{$_} } worker_pids($node);
		},
		'all workers are new');
	served('new workers');
};

foreach my $type ('dynamo worker', 'dynamo flusher')
{
	subtest "kill -9 of a $type" => sub {
		my $pid = pid_of($type);

		kill 'KILL', $pid;
		wait_until(
			sub {
				my ($status, $out) = $node->psql('postgres',
					"SELECT count(*) FROM pg_stat_activity WHERE pid = $pid");

				return defined $out && $out eq '0';
			},
			'PostgreSQL has restarted itself');
		served($type);
	};
}

subtest 'fast shutdown with clients' => sub {
	my @idle = map { raw_connect($node) } 1 .. 50;
	my @half = map { raw_connect($node) } 1 .. 50;

	raw_send($_, 'POST / HTTP/1.1') foreach @half;
	$node->stop('fast');
	pass('takes place');
	is(scalar(grep { raw_is_closed($_, 60) } @idle, @half),
		100, 'and closes their connections');
	is( IO::Socket::INET->new(
			PeerAddr => '127.0.0.1',
			PeerPort => dynamo_port($node)),
		undef,
		'nobody listens any more');
	$node->start;
	served('start');
};

subtest 'immediate shutdown and restart' => sub {
	$node->stop('immediate');
	$node->start;
	served('recovery');
	$node->restart;
	served('restart');
};

$node->stop;
done_testing();
