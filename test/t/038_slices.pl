# A long request is done in slices, with other requests in between.  The answer must
# be the same.  Each request is also the first of a new worker, which reads the
# catalog during the request.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use Test::More;

my $node = dynamo_node('main', extra => "dynamo.workers = 1\n");

# Four times the 64 kB of a slice, and less than the 1 MB of a page
my $count = 16;
my $large = 'x' x 16_000;

create_table($node, 'Large', Id => 'S', At => 'N');
ddb_ok($node, 'BatchWriteItem', {
		RequestItems => { Large => [ map { { PutRequest => { Item => item($_) } } } 1 .. $count ] } });

sub key
{
	my ($at) = @_;

	return { Id => { S => 'a' }, At => { N => "$at" } };
}

sub item
{
	my ($at) = @_;

	return { %{ key($at) }, V => { S => $large } };
}

# A request to a new worker, while others keep it busy
sub first_request
{
	my ($operation, $input) = @_;
	my ($old) = process_ids($node, 'dynamo worker');

	$node->safe_psql('postgres', "SELECT pg_terminate_backend($old)");
	wait_until(
		sub {
			my ($new) = process_ids($node, 'dynamo worker');
			return $new && $new != $old;
		},
		'there is a new worker');
	my @sockets = map { raw_connect($node) } 1 .. 6;
	raw_send($_, request_bytes($operation, $input)) foreach @sockets;
	return map { raw_reply($_)->{json} } @sockets;
}

sub is_answer
{
	my ($operation, $input, $expected, $name) = @_;
	my @outputs = first_request($operation, $input);

	is_deeply([ map { [ map { $_->{At}{N} } @{ $_->{Items} || $_->{Responses}{Large} } ] } @outputs ],
		[ map { $expected } @outputs ], $name);
	is_deeply([ grep { $_->{V}{S} ne $large } map { @{ $_->{Items} || $_->{Responses}{Large} } } @outputs ],
		[], "$name: and all of each item");
	return;
}

my %partition = (
	TableName => 'Large',
	KeyConditionExpression => 'Id = :id',
	ExpressionAttributeValues => { ':id' => { S => 'a' } });

is_answer('Query', \%partition, [ 1 .. $count ], 'Query');
is_answer('Query', { %partition, ScanIndexForward => JSON::PP::false },
	[ reverse 1 .. $count ], 'Query backwards');
is_answer('Query', { %partition, ExclusiveStartKey => key(3), Limit => $count - 4 },
	[ 4 .. $count - 1 ], 'Query from a key up to a limit');
is_answer('Scan', { TableName => 'Large' }, [ 1 .. $count ], 'Scan');
is_answer('Scan', { TableName => 'Large', Segment => 0, TotalSegments => 1, ExclusiveStartKey => key(3) },
	[ 4 .. $count ], 'Scan from a key');
is_answer('BatchGetItem',
	{ RequestItems => { Large => { Keys => [ map { key($_) } 1 .. $count ] } } },
	[ 1 .. $count ], 'BatchGetItem');

my @outputs = first_request('BatchWriteItem', {
		RequestItems => { Large => [ map { { PutRequest => { Item => item(100 + $_) } } } 1 .. $count ] } });
is_deeply([ map { $_->{UnprocessedItems} } @outputs ], [ map { {} } @outputs ], 'BatchWriteItem');
is(ddb_ok($node, 'Query', { %partition, Select => 'COUNT' })->{Count}, 2 * $count,
	'and all is written');

$node->stop;
done_testing();
