# The flusher.  Answers wait for it, but workers continue to serve.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use IO::Select;
use PostgreSQL::Test::Utils;
use Test::More;

# A single client is answered without the flusher.  So another request waits for a
# row during the whole test.
my $node = dynamo_node('main', init => [ allows_streaming => 1 ], extra => <<END);
dynamo.lock_timeout = '60s'
wal_writer_delay = 10s
END

create_table($node, 'Post', Id => 'S');

sub key
{
	my ($id) = @_;

	return { TableName => 'Post', Key => { Id => { S => "$id" } } };
}

sub put
{
	my ($id, $value) = @_;

	return { TableName => 'Post', Item => { Id => { S => "$id" }, V => { S => $value } } };
}

# Sends a request, and returns the connection on which the answer will arrive.
sub send_request
{
	my ($operation, $input) = @_;
	my $socket = raw_connect($node);

	raw_send($socket, request_bytes($operation, $input));
	return $socket;
}

sub wait_until_put
{
	my ($id, $value) = @_;

	wait_until(
		sub {
			my $reply = request($node, 'GetItem', key($id));
			return ($reply->{json}{Item}{V}{S} // '') eq $value;
		},
		"$id is put");
	return;
}

ddb_ok($node, 'PutItem', put('hostage', 'old'));
my $session = sql_session($node);

sql_run($session, q{BEGIN; SELECT 1 FROM dynamo_data."Post" WHERE pk = 'hostage' FOR UPDATE});
my $company = send_request('PutItem', put('hostage', 'new'));

sub test_stopped_flusher
{
	my $flusher = flusher_pid($node);

	kill 'STOP', $flusher;
	my @writes = map { send_request('PutItem', put($_, 'kept back')) } 1 .. 6;

	# An eventually consistent read sees what is not durable yet.
	wait_until_put($_, 'kept back') foreach 1 .. 6;
	my @reads =
	  map { send_request('GetItem', { %{ key($_) }, ConsistentRead => JSON::PP::true }) } 1 .. 6;
	my @failures = map {
		send_request('PutItem',
			{ %{ put($_, 'never') }, ConditionExpression => 'attribute_not_exists(Id)' })
	} 1 .. 6;

	foreach my $i (1 .. 50)
	{
		my $reply = request($node, 'GetItem', key($i % 6 + 1));

		die 'an eventually consistent read has failed' if $reply->{status} != 200;
	}
	pass('eventually consistent reads are answered');
	is(scalar IO::Select->new(@writes)->can_read(0), undef, 'writes wait');
	is(scalar IO::Select->new(@reads)->can_read(0), undef, 'consistent reads wait');
	is(scalar IO::Select->new(@failures)->can_read(0), undef, 'failed conditions wait');

	kill 'CONT', $flusher;
	is_deeply([ map { raw_reply($_)->{status} } @writes ], [ (200) x 6 ],
		'the writes are answered when the flusher goes on');
	is_deeply([ map { raw_reply($_)->{json}{Item}{V}{S} } @reads ], [ ('kept back') x 6 ],
		'and the reads');
	is_deeply([ map { error_type(raw_reply($_)) } @failures ],
		[ ('ConditionalCheckFailedException') x 6 ], 'and the conditions');
	return;
}

sub test_terminated_flusher
{
	my $flusher = flusher_pid($node);

	# A stopped flusher cannot die before a request has begun to wait for it.
	kill 'STOP', $flusher;
	my @writes = map { send_request('PutItem', put($_, 'orphaned')) } 1 .. 6;

	wait_until_put($_, 'orphaned') foreach 1 .. 6;
	kill 'TERM', $flusher;
	kill 'CONT', $flusher;
	is_deeply([ map { raw_reply($_)->{status} } @writes ], [ (200) x 6 ],
		'writes are answered though the flusher is gone');

	my $next;
	wait_until(
		sub {
			die 'a write has failed'
			  if request($node, 'PutItem', put('1', 'served'))->{status} != 200;
			($next) = process_ids($node, 'dynamo flusher');
			return $next && $next != $flusher;
		},
		'there is a new flusher, and service meanwhile');
	pass('the flusher comes back');
	return;
}

# The synchronous standby is missing: no write may be answered, no matter which
# process flushes.
sub test_synchronous_standby
{
	my ($name) = @_;

	$node->append_conf('postgresql.conf', "synchronous_standby_names = 'nobody'");
	$node->reload;
	wait_until(
		sub { $node->safe_psql('postgres', 'SHOW synchronous_standby_names') eq 'nobody' },
		'the setting is there');

	my $socket;
	wait_until(
		sub {
			# workers may not have read the setting when they answer this
			$socket = send_request('PutItem', put('remote', $name));
			wait_until_put('remote', $name);
			return !IO::Select->new($socket)->can_read(1);
		},
		'a write waits');
	my $flusher = flusher_pid($node);

	$node->safe_psql('postgres',
		"SELECT pg_cancel_backend($flusher), pg_terminate_backend($flusher)");
	wait_until(
		sub {
			die 'a read has failed' if request($node, 'GetItem', key('1'))->{status} != 200;
			my ($next) = process_ids($node, 'dynamo flusher');
			return $next && $next != $flusher;
		},
		'there is a new flusher');
	pass("$name: reads are served while a write waits for a standby");
	ok(!IO::Select->new($socket)->can_read(0),
		"$name: the write still waits when the flusher has ended");

	$node->append_conf('postgresql.conf', "synchronous_standby_names = ''");
	$node->reload;
	is(raw_reply($socket)->{status}, 200,
		"$name: a write is answered when the standby is no longer waited for");
	return;
}

test_stopped_flusher();
test_terminated_flusher();
test_synchronous_standby('in company');

sql_run($session, 'ROLLBACK');
is(raw_reply($company)->{status}, 200, 'the request that waited for the row ends well');
test_synchronous_standby('alone');

sql_end($session);
$node->stop;
done_testing();
