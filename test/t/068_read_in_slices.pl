# Large requests are read in slices, so that others are served meanwhile.  What
# a slice takes is told by the worker, in time of the processor: what others do
# on this machine does not count.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Compress::Zlib ();
use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Socket qw(SOL_SOCKET SO_LINGER);
use Test::More;

my $node = dynamo_node('slices', extra => <<END);
dynamo.workers = 1
log_min_messages = debug1
END
my $get = { TableName => 'Things', Key => { name => { S => 'a' } } };
my @workers = worker_pids($node);

# Microseconds; a slice is meant to take 2 ms, and at once each of these takes
# more than a hundred.
my $bound = 50_000;

create_table($node, 'Things', name => 'S');
ddb_ok($node, 'PutItem', { TableName => 'Things', Item => $get->{Key} });

# [slices, longest] of each large request so far
sub readings
{
	return [ slurp_file($node->logfile) =~ /was read in (\d+) slices, the longest took (\d+) us/g ];
}

# The last two of them
sub reading
{
	my ($known) = @_;
	my $all;

	wait_until(sub { $all = readings(); @$all > $known }, 'the worker tells');
	return @$all[ -2, -1 ];
}

sub numbered
{
	my ($count, $format) = @_;

	return join ',', map { sprintf $format, $_ } 1 .. $count;
}

my %bodies = (
	'many small values' => '{"x":[' . '1,' x 2_000_000 . '1]}',
	'deep ones' => '{"x":[' . ('[' x 500 . ']' x 500 . ',') x 4_000 . '1]}',
	'many names' => '{' . numbered(300_000, '"a%d":1') . '}',
	'one name' => '{' . '"a":1,' x 500_000 . '"a":1}',
	'escapes' => '{"x":"' . '\\u00e4' x 2_500_000 . '"}',
	'strings that are long' => '{"x":[' . ('"' . 'x' x 70_000 . '",') x 200 . '1]}',
	'blanks' => '{"x":[' . ' ' x 16_000_000 . '1]}');

foreach my $name (sort keys %bodies)
{
	foreach my $gzip (0, 1)
	{
		my $known = @{ readings() };
		my $body = $gzip ? Compress::Zlib::memGzip($bodies{$name}) : $bodies{$name};
		my $socket = raw_connect($node);

		raw_send($socket, request_bytes('ListTables', $body, $gzip ? ('Content-Encoding' => 'gzip') : ()));
		is(raw_reply($socket)->{status}, 200, "$name" . ($gzip ? ', compressed' : ''));
		my ($slices, $longest) = reading($known);

		cmp_ok($slices, '>', 10, "are read in $slices slices");
		cmp_ok($longest, '<', $bound, "of which the longest takes $longest us");
	}
}

# What is judged after the parser
my $names = numbered(100_000, '"a%d"');

foreach my $case (
	[ 'a set', 'PutItem', qq({"TableName":"Things","Item":{"name":{"S":"b"},"a":{"SS":[$names]}}}) ],
	[ 'AttributesToGet', 'GetItem',
		qq({"TableName":"Things","Key":{"name":{"S":"a"}},"AttributesToGet":[$names]}) ],
	[ 'unused names', 'GetItem',
		qq({"TableName":"Things","Key":{"name":{"S":"a"}},"ProjectionExpression":"#a1",)
		  . '"ExpressionAttributeNames":{' . numbered(100_000, '"#a%d":"x"') . '}}' ])
{
	my ($name, $operation, $body) = @$case;
	my $known = @{ readings() };

	ok(request($node, $operation, $body), "$name: an answer");
	my ($slices, $longest) = reading($known);

	cmp_ok($slices, '>', 5, "$name: read in $slices slices");
	cmp_ok($longest, '<', 2 * $bound, "of which the longest takes $longest us");
}

subtest 'clients that vanish while their request is read' => sub {
	my $other = raw_connect($node);
	my $known = @{ readings() };

	foreach (1 .. 5)
	{
		my $socket = raw_connect($node);

		raw_send($socket, request_bytes('ListTables', $bodies{'many small values'}));
		is(exchange($other, 'GetItem', $get)->{status}, 200, 'another one is served');
		setsockopt($socket, SOL_SOCKET, SO_LINGER, pack('ii', 1, 0)) or die "setsockopt: $!";
		close $socket;
		is(exchange($other, 'GetItem', $get)->{status}, 200, 'and again');
	}
	is(request($node, 'ListTables', $bodies{blanks})->{status}, 200, 'a large one, too');
};

subtest 'large requests at once' => sub {
	my @sockets = map { raw_connect($node) } 1 .. 4;

	raw_send($_, request_bytes('ListTables', $bodies{'many names'})) foreach @sockets;
	ddb_ok($node, 'GetItem', $get);
	is(raw_reply($_)->{status}, 200, 'is answered') foreach @sockets;
};

is_deeply([ worker_pids($node) ], \@workers, 'no worker has died');
$node->stop;
done_testing();
