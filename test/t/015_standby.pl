# A streaming replica answers only eventually consistent reads.  After promotion
# the same server writes.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = dynamo_node('primary', init => [ allows_streaming => 1 ]);
my %key = (name => { S => 'a' }, number => { N => '1' });
my %get = (TableName => 'Things', Key => \%key);
my %query = (
	TableName => 'Things',
	KeyConditionExpression => '#n = :n',
	ExpressionAttributeNames => { '#n' => 'name' },
	ExpressionAttributeValues => { ':n' => { S => 'a' } });
my @consistent = (ConsistentRead => JSON::PP::true);

create_table($primary, 'Things', name => 'S', number => 'N');
$primary->backup('copy');

my $standby = PostgreSQL::Test::Cluster->new('standby');

$standby->init_from_backup($primary, 'copy', has_streaming => 1);
dynamo_configure($standby);
$standby->start;
wait_until_served($standby);

subtest 'reads' => sub {
	foreach my $n (1 .. 3)
	{
		ddb_ok($primary, 'PutItem',
			{   TableName => 'Things',
				Item => { %key, number => { N => "$n" } } });
	}
	$primary->wait_for_catchup($standby);
	is_deeply(ddb_ok($standby, 'GetItem', \%get)->{Item}, \%key, 'an item');
	is(ddb_ok($standby, 'Query', \%query)->{Count}, 3, 'a page');
	is(ddb_ok($standby, 'Scan', { TableName => 'Things' })->{Count},
		3, 'a scan');
	is( ddb_ok($standby, 'Scan',
			{ TableName => 'Things', Segment => 0, TotalSegments => 1 })->{Count},
		3,
		'a segment');
	ddb_ok($standby, 'BatchGetItem',
		{ RequestItems => { Things => { Keys => [ \%key ] } } });
	is( ddb_ok($standby, 'DescribeTable', { TableName => 'Things' })
		  ->{Table}{TableStatus},
		'ACTIVE', 'a description');
	is(http_request($standby, 'GET', '/', '')->{status}, 200, 'health');
	ddb_error($standby, 'GetItem', { %get, TableName => 'Nothing' },
		'ResourceNotFoundException', undef, 'a missing table');
};

subtest 'all the rest' => sub {
	foreach my $case (
		[ 'GetItem', { %get, @consistent } ],
		[ 'Query', { %query, @consistent } ],
		[ 'Scan', { TableName => 'Things', @consistent } ],
		[ 'PutItem', { TableName => 'Things', Item => \%key } ],
		[ 'DeleteItem', \%get ],
		[ 'UpdateItem', \%get ],
		[ 'BatchWriteItem',
			{ RequestItems => { Things => [ { DeleteRequest => { Key => \%key } } ] } } ],
		[ 'TransactGetItems', { TransactItems => [ { Get => \%get } ] } ],
		[ 'TransactWriteItems', { TransactItems => [ { Delete => \%get } ] } ],
		[ 'CreateTable', table_definition('More', a => 'S') ],
		[ 'DeleteTable', { TableName => 'Things' } ])
	{
		my ($operation, $input) = @$case;
		my $reply = ddb_error(
			$standby, $operation, $input, 'ServiceUnavailableException',
			'This server is a standby: it answers eventually consistent reads only.',
			"$operation is refused");

		is($reply->{status}, 503, 'as something the standby cannot do');
	}
	ddb_error($standby, 'PutItem', { TableName => 'Things' },
		'ValidationException', undef, 'after it has been checked');
};

subtest 'changes reach the standby' => sub {
	create_table($primary, 'Late', name => 'S');
	ddb_ok($primary, 'PutItem',
		{ TableName => 'Late', Item => { name => { S => 'x' } } });
	$primary->wait_for_catchup($standby);
	is( ddb_ok($standby, 'GetItem',
			{ TableName => 'Late', Key => { name => { S => 'x' } } })
		  ->{Item}{name}{S},
		'x', 'a new table');
	ddb_ok($primary, 'DeleteTable', { TableName => 'Late' });
	wait_until(
		sub {
			return request($standby, 'DescribeTable', { TableName => 'Late' })
			  ->{status} == 400;
		},
		'a deleted table has gone');
};

subtest 'promotion' => sub {
	my $socket = raw_connect($standby);
	my $put = request_bytes('PutItem',
		{ TableName => 'Things', Item => { %key, new => { S => 'yes' } } });

	raw_send($socket, $put);
	is(raw_reply($socket)->{status}, 503, 'a write is refused');
	my @workers = worker_pids($standby);
	my $once = {
		ClientRequestToken => 'once',
		TransactItems => [ { Update => {
					TableName => 'Things', Key => { name => { S => 'n' }, number => { N => '1' } },
					UpdateExpression => 'ADD times :one',
					ExpressionAttributeValues => { ':one' => { N => '1' } } } } ] };

	ddb_ok($primary, 'TransactWriteItems', $once);
	$primary->wait_for_catchup($standby);
	$primary->stop;
	$standby->promote;
	raw_send($socket, $put);
	is(raw_reply($socket)->{status},
		200, 'after promotion the same connection writes');
	is_deeply([ worker_pids($standby) ], \@workers, 'to the same worker');
	is( ddb_ok($standby, 'GetItem', { %get, @consistent })->{Item}{new}{S},
		'yes', 'consistent reads are answered');
	ddb_ok($standby, 'TransactWriteItems', $once, 'a token is known');
	is( ddb_ok($standby, 'TransactGetItems', {
				TransactItems => [ { Get => {
							TableName => 'Things', Key => { name => { S => 'n' }, number => { N => '1' } } } } ] })
		  ->{Responses}[0]{Item}{times}{N},
		'1', 'and what was done under it is not done again');
	create_table($standby, 'More', a => 'S');
};

$standby->stop;
done_testing();
