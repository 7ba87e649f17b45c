# The worst that each operation can be sent: whoever else is served by the same
# worker hardly notices, and the worker ends when it is told to.
#
# The bound is far above what any of these takes (068_read_in_slices.pl looks
# closer) and far below what they took when members of lists were
# compared with each other: from several seconds up to many minutes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use IO::Select;
use Test::More;

my $bound = 3000;
my $node = dynamo_node('worst', extra => "dynamo.workers = 1\n");
my $get = { TableName => 'Things', Key => { name => { S => 'a' } } };
my $arn = 'arn:aws:dynamodb:us-east-1:000000000000:table/Things';

create_table($node, 'Things', name => 'S');
ddb_ok($node, 'PutItem', { TableName => 'Things', Item => $get->{Key} });

sub list
{
	my ($count, $format) = @_;

	return join ',', map { sprintf $format, ($_) x 3 } 1 .. $count;
}

sub schema
{
	my ($hash) = @_;

	return qq([{"AttributeName":"$hash","KeyType":"HASH"}]);
}

sub new_table
{
	my ($definitions, $rest) = @_;

	return qq({"TableName":"New","BillingMode":"PAY_PER_REQUEST","KeySchema":) . schema('a1')
	  . qq(,"AttributeDefinitions":[$definitions],$rest});
}

my $definition = '{"AttributeName":"a%d","AttributeType":"S"}';
my $projection = '"Projection":{"ProjectionType":"ALL"}';
my $index = qq({"IndexName":"index%d","KeySchema":) . schema('a%d') . ",$projection}";
my $element = '{"AttributeName":"a%d","KeyType":"HASH"}';
my $table = '"TableName":"Things"';
my $key = '"Key":{"name":{"S":"large"}}';

# An item of very many attributes, one of a very large set, one of a large map
my $many = '{"name":{"S":"large"},' . list(22_000, '"a%d":{"BOOL":true}') . '}';
my $map = '{"M":{' . list(22_000, '"a%d":{"BOOL":true}') . '}}';
my $set = '{"SS":[' . list(25_000, '"%d"') . ']}';

foreach my $item ($many, qq({"name":{"S":"set"},"a":$set}), qq({"name":{"S":"map"},"m":$map}))
{
	is(request($node, 'PutItem', "{$table,\"Item\":$item}")->{status}, 200,
		'a large item is put');
}

my @worst = (
	[ 'UpdateTable: indexes', 'UpdateTable',
		"{$table,\"GlobalSecondaryIndexUpdates\":["
		  . list(40_000, '{"Update":{"IndexName":"index%d","ProvisionedThroughput":'
			  . '{"ReadCapacityUnits":1,"WriteCapacityUnits":1}}}') . ']}' ],
	[ 'CreateTable: definitions', 'CreateTable',
		new_table(list(60_000, $definition), '"Tags":[]') ],
	[ 'CreateTable: global indexes', 'CreateTable',
		new_table(list(20_000, $definition),
			'"GlobalSecondaryIndexes":[' . list(20_000, $index) . ']') ],
	[ 'CreateTable: a long key', 'CreateTable',
		new_table(list(40_000, $definition),
			"\"GlobalSecondaryIndexes\":[{\"IndexName\":\"long\",$projection,\"KeySchema\":["
			  . list(40_000, $element) . ']}]') ],
	[ 'UpdateTable: a long key', 'UpdateTable',
		"{$table,\"AttributeDefinitions\":[" . list(40_000, $definition)
		  . "],\"GlobalSecondaryIndexUpdates\":[{\"Create\":{\"IndexName\":\"long\",$projection,"
		  . '"KeySchema":[' . list(40_000, $element) . ']}}]}' ],
	[ 'TagResource', 'TagResource',
		"{\"ResourceArn\":\"$arn\",\"Tags\":["
		  . list(50_000, '{"Key":"k%d","Value":"v"}') . ']}' ],
	[ 'UntagResource', 'UntagResource',
		"{\"ResourceArn\":\"$arn\",\"TagKeys\":[" . list(200_000, '"k%d"') . ']}' ],
	[ 'UpdateItem: AttributeUpdates', 'UpdateItem',
		"{$table,$key,\"AttributeUpdates\":{"
		  . list(21_000, '"a%d":{"Value":{"BOOL":false}}') . '}}' ],
	[ 'UpdateItem: Expected', 'UpdateItem',
		"{$table,$key,\"Expected\":{"
		  . list(21_000, '"a%d":{"Value":{"BOOL":false}}') . '}}' ],
	[ 'UpdateItem: paths', 'UpdateItem',
		"{$table,$key,\"UpdateExpression\":\"REMOVE " . list(600, 'b%d') . '"}' ],
	[ 'BatchGetItem: keys that are none', 'BatchGetItem',
		'{"RequestItems":{"Things":{"Keys":['
		  . join(',', map { '{"name":{"SS":[' . list(4_000, '"%d"') . ",\"x$_\"]}}" } 1 .. 100)
		  . ']}}}' ],
	[ 'BatchGetItem: keys of many attributes', 'BatchGetItem',
		'{"RequestItems":{"Things":{"Keys":['
		  . join(',', map { '{' . list(1_500, '"a%d":{"N":"1"}') . ",\"b\":{\"N\":\"1$_\"}}" } 1 .. 100)
		  . ']}}}' ],
	[ 'BatchWriteItem: more than there may be', 'BatchWriteItem',
		'{"RequestItems":{"Things":['
		  . list(50_000, '{"DeleteRequest":{"Key":{"name":{"S":"%d"}}}}') . ']}}' ],
	[ 'TransactWriteItems: more than there may be', 'TransactWriteItems',
		'{"TransactItems":['
		  . list(30_000, "{\"Delete\":{$table,\"Key\":{\"name\":{\"S\":\"%d\"}}}}") . ']}' ],
	[ 'TransactGetItems: more than there may be', 'TransactGetItems',
		'{"TransactItems":['
		  . list(30_000, "{\"Get\":{$table,\"Key\":{\"name\":{\"S\":\"%d\"}}}}") . ']}' ],
	[ 'PutItem: a set', 'PutItem',
		"{$table,\"Item\":{\"name\":{\"S\":\"b\"},\"a\":{\"SS\":[" . list(200_000, '"%d"') . ']}}}' ],
	[ 'PutItem: unused names', 'PutItem',
		"{$table,\"Item\":{\"name\":{\"S\":\"b\"}},"
		  . '"ConditionExpression":"attribute_exists(x)","ExpressionAttributeNames":{'
		  . list(60_000, '"#%d":"a%d"') . '}}' ],
	[ 'GetItem: AttributesToGet', 'GetItem',
		"{$table,$key,\"AttributesToGet\":[" . list(100_000, '"a%d"') . ']}' ],
	[ 'DeleteItem: unknown members', 'DeleteItem',
		"{$table,$key,\"ReturnValues\":\"NONE\"," . list(200_000, '"a%d":1') . ',"Key":{}}' ],
	[ 'Query: KeyConditions', 'Query',
		"{$table,\"KeyConditions\":{"
		  . list(50_000, '"a%d":{"ComparisonOperator":"EQ","AttributeValueList":[{"S":"x"}]}') . '}}' ],
	[ 'Scan: one attribute many times', 'Scan',
		"{$table,\"FilterExpression\":\"" . join(' AND ', ('a <> :v') x 145)
		  . "\",\"ExpressionAttributeValues\":{\":v\":"
		  . ($set =~ s/"1"/"x"/r) . '}}' ],
	[ 'Scan: one map many times', 'Scan',
		"{$table,\"FilterExpression\":\"" . join(' OR ', ('m = :v') x 145)
		  . "\",\"ExpressionAttributeValues\":{\":v\":" . ($map =~ s/true\}\}\}$/false}}}/r) . '}}' ],
	[ 'Scan: ScanFilter', 'Scan',
		"{$table,\"ScanFilter\":{" . list(20_000, '"a%d":{"ComparisonOperator":"NOT_NULL"}') . '}}' ],
	[ 'ListTables: 16 MB', 'ListTables', '{"Limit":' . ' ' x 16_000_000 . '0}' ],
);

# Send a request, and another client's small ones until it is answered: the
# status, and the longest time that one of those took
sub watch
{
	my ($operation, $body) = @_;
	my $attacker = raw_connect($node);
	my $watcher = raw_connect($node);
	my @times;

	exchange($watcher, 'GetItem', $get);
	raw_send($attacker, request_bytes($operation, $body));
	do
	{
		my ($time, $reply) = timed(sub { exchange($watcher, 'GetItem', $get) });

		die 'the other client is not answered' unless $reply && $reply->{status} == 200;
		push @times, $time;
	} until IO::Select->new($attacker)->can_read(0);
	return (raw_reply($attacker)->{status}, worst_times($operation, @times));
}

foreach (@worst)
{
	my ($name, $operation, $body) = @$_;
	my ($status, $worst) = watch($operation, $body);

	like($status, qr/^[24]00$/, "$name: an answer");
	cmp_ok($worst, '<', $bound, "$name: another client waits for " . int($worst) . ' ms');
}

# All of them at once, when the worker is told to end
my ($old) = worker_pids($node);
my @sockets;

foreach (@worst)
{
	my ($name, $operation, $body) = @$_;
	my $socket = raw_connect($node);

	raw_send($socket, request_bytes($operation, $body));
	push @sockets, $socket;
}
my ($time) = timed(
	sub {
		$node->safe_psql('postgres', "SELECT pg_terminate_backend($old, 60000)");
	});

cmp_ok($time, '<', $bound, 'a worker ends in ' . int($time) . ' ms');
wait_until_served($node);

$node->stop;
done_testing();
