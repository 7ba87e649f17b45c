# A worker needs no more memory after very many requests of all kinds than after a
# few.  DYNAMO_TEST_REQUESTS sets the number of requests.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use IO::Select;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'needs /proc' unless -r '/proc/self/status';

my $node = dynamo_node('memory', extra => "dynamo.workers = 1\n");
my $wanted = $ENV{DYNAMO_TEST_REQUESTS} || 200_000;

# Kilobytes.  A leak of 40 bytes for each request exceeds this after 200,000.
my $bound = 8 * 1024;

create_table($node, 'Things', name => 'S', number => 'N');

my ($worker) = worker_pids($node);

# Nearly two hundred requests, ordered so that each has something to do
sub batch
{
	my ($n) = @_;
	my %table = (TableName => 'Things');
	my $bytes = request_bytes('CreateTable', table_definition("T$n", a => 'B'))
	  . request_bytes('DescribeTable', { TableName => "T$n" })
	  . request_bytes('DeleteTable', { TableName => "T$n" });

	foreach my $i (1 .. 17)
	{
		my %key = (name => { S => "n$n" }, number => { N => "$i" });
		my %value = (':v' => { N => '1' });

		$bytes .= join '',
		  request_bytes('PutItem', { %table, Item => { %key, s => { SS => [qw(a b)] } } }),
		  request_bytes('GetItem', { %table, Key => \%key }),
		  request_bytes(
			'UpdateItem',
			{   %table, Key => \%key,
				UpdateExpression => "SET v$n = :v ADD s :s",
				ExpressionAttributeValues => { %value, ':s' => { SS => ['c'] } } }),
		  request_bytes(
			'Query',
			{   %table,
				KeyConditionExpression => '#n = :n',
				ExpressionAttributeNames => { '#n' => 'name' },
				ExpressionAttributeValues => { ':n' => $key{name} } }),
		  request_bytes('Scan', { %table, Limit => 3 }),
		  request_bytes(
			'DeleteItem',
			{   %table, Key => \%key,
				ConditionExpression => "v$n = :v",
				ExpressionAttributeValues => \%value }),
		  request_bytes('DeleteItem',
			{ %table, Key => \%key, ConditionExpression => 'attribute_exists(v)' }),
		  request_bytes('PutItem', { TableName => "None$n", Item => \%key }),
		  request_bytes('PutItem', '{"TableName":1}'),
		  request_bytes('Nothing', '{}'),
		  request_bytes('ListTables', '{');
	}
	return $bytes;
}

# Sends a batch and waits for all answers.  Returns their number.
my $socket = raw_connect($node);
my $sent = 0;

sub exchange
{
	my $bytes = batch($sent);
	my $count = () = $bytes =~ m,POST / HTTP/,g;
	my ($at, $answers, $buffer) = (0, 0, '');
	my $select = IO::Select->new($socket);

	$socket->blocking(0);
	while ($answers < $count)
	{
		$at += syswrite($socket, $bytes, 65536, $at) // 0 if $at < length $bytes;
		$select->can_read($at < length $bytes ? 0.001 : 60) or $at < length $bytes
		  or die 'no reply in time';
		if (sysread $socket, $buffer, 65536, length $buffer)
		{
			$answers += () = $buffer =~ /^x-amzn-RequestId: /mg;

			# Keep what may be the beginning of another
			$buffer = $buffer =~ /([^\n]*)\z/ ? $1 : '';
		}
	}
	$sent += $count;
	return;
}

exchange() while $sent < $wanted / 10;
my $before = worker_memory($worker);

exchange() while $sent < $wanted;
my $after = worker_memory($worker);

note "$before kB after the first tenth, $after kB after $sent requests";
cmp_ok($after - $before, '<', $bound, 'the memory of the worker stays the same');
is((worker_pids($node))[0], $worker, 'and it is the same worker');

$node->stop;
done_testing();
