# Request tokens are deleted when they are old, are not dumped, and are as durable as
# the request they belong to.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

# No worker has room for more than a few of the clients.
my $node = dynamo_node('main', extra => "dynamo.workers = 4\ndynamo.max_connections = 12\n");
my $database = $DynamoTest::database;

create_table($node, 'Counters', Id => 'S');

sub add
{
	my ($token) = @_;

	return {
		ClientRequestToken => $token,
		TransactItems => [ { Update => {
					TableName => 'Counters', Key => { Id => { S => 'n' } },
					UpdateExpression => 'ADD N :one',
					ExpressionAttributeValues => { ':one' => { N => '1' } } } } ] };
}

sub value
{
	return ddb_ok($node, 'GetItem', {
			TableName => 'Counters', Key => { Id => { S => 'n' } },
			ConsistentRead => JSON::PP::true }, 'the counter is read')->{Item}{N}{N};
}

sub tokens
{
	return $node->safe_psql($database,
		q{SELECT string_agg(token, ' ' ORDER BY token) FROM dynamo_catalog.request_tokens});
}

sub age
{
	my ($token, $by) = @_;

	$node->safe_psql($database,
		"UPDATE dynamo_catalog.request_tokens SET completed_at = completed_at - interval '$by' WHERE token = '$token'");
	return;
}

# The same request at once, on connections of both workers.  One is executed, and the
# others get the answer that it is in progress or done.
my $load = start_clients(8, sub {
	my ($number, $note) = @_;
	my $socket = raw_connect($node);

	foreach my $i (1 .. 20)
	{
		my $reply = exchange($socket, 'TransactWriteItems', add("at once $i"));

		$note->($i, $reply->{status} == 200 ? 'done' : error_type($reply));
	}
});
my %told;

push @{ $told{ $_->[0] } }, $_->[1] foreach finish_clients($load);
is(value(), 20, 'twenty requests sent by eight at once are done once each');
is(scalar(grep { my $i = $_; !grep { $_ eq 'done' } @{ $told{$i} } } 1 .. 20),
	0, 'somebody is told that it is done');
is(scalar(grep { $_ ne 'done' && $_ ne 'TransactionInProgressException' } map { @$_ } values %told),
	0, 'nobody is told anything but that or that it is under way');

# Old ones
ddb_ok($node, 'TransactWriteItems', add('old'));
age('old', '10 minutes');
ddb_ok($node, 'TransactWriteItems', add('old'), 'after ten minutes it is done again');
is(value(), 22, 'and counts again');
ddb_ok($node, 'TransactWriteItems', add('old'), 'but then not a third time');
is(value(), 22, 'and does not count');

age("at once $_", '12 minutes') foreach 1 .. 20;
ddb_ok($node, 'TransactWriteItems', add('young'));
age('young', '9 minutes');
# the tasks process looks for old tokens when it starts
$node->safe_psql('postgres',
	q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'dynamo tasks'});
wait_until(sub { tokens() !~ /at once/ }, 'old tokens are forgotten');
is(tokens(), 'old young', 'those that count are not');

# Tokens are not dumped
$node->command_ok([ 'pg_dump', '-f', "$node->{_basedir}/dump", $database ], 'pg_dump');
unlike(slurp_file("$node->{_basedir}/dump"), qr/request_tokens/, 'tokens are not dumped');

# A crash
ddb_ok($node, 'TransactWriteItems', add('crash'));
kill_server($node);
$node->start;
wait_until_served($node);
ddb_ok($node, 'TransactWriteItems', add('crash'), 'after a crash it is known');
is(value(), 24, 'what was done before it');

# One by one, without the flusher
$node->append_conf('postgresql.conf', 'dynamo.group_flush = off');
$node->reload;
ddb_ok($node, 'TransactWriteItems', add('plain'));
ddb_ok($node, 'TransactWriteItems', add('plain'));
is(value(), 25, 'tokens work with plain commits, too');

$node->stop;
done_testing();
