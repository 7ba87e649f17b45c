# Many clients, one item.  No increment is lost, and no client gets an error because
# of the others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $clients = 64;
my $times = $ENV{DYNAMO_TEST_INCREMENTS} || 25;

# No worker has room for more than a third of the clients.
my $node = dynamo_node('main',
	extra => "max_connections = 50\ndynamo.workers = 4\ndynamo.max_connections = 80\n");

create_table($node, 'Counters', Id => 'S');
ddb_ok($node, 'PutItem',
	{ TableName => 'Counters', Item => { Id => { S => $_ }, V => { N => '0' } } })
  foreach qw(add put sql both);

sub value_of
{
	my ($id) = @_;

	return $node->safe_psql($DynamoTest::database,
		qq{SELECT item #>> '{V,N}' FROM dynamo_data."Counters" WHERE pk = '$id'});
}

sub increment
{
	my ($id) = @_;

	return {
		TableName => 'Counters',
		Key => { Id => { S => $id } },
		UpdateExpression => 'ADD V :one',
		ExpressionAttributeValues => { ':one' => { N => '1' } },
		ReturnValues => 'UPDATED_NEW' };
}

# Each answer is noted with the value that it returned.
sub add_over_http
{
	my ($id, $note) = @_;
	my $socket = raw_connect($node);

	foreach (1 .. $times)
	{
		my $reply = exchange($socket, 'UpdateItem', increment($id));

		$note->($reply->{status}, $reply->{json}{Attributes}{V}{N} // $reply->{body} =~ s/\s+/_/gr);
	}
	return;
}

sub add_in_sql
{
	my ($id, $note) = @_;
	my $session = sql_session($node);
	my $request = JSON::PP->new->encode(increment($id));

	foreach (1 .. $times)
	{
		my $value = sql_run($session,
			qq{SELECT dynamo.update_item('$request') #>> '{Attributes,V,N}'});

		$note->($value =~ /^\d+$/ ? '200' : 'error', $value =~ s/\s+/_/gr);
	}
	sql_end($session);
	return;
}

# Reads, and puts the next number if no other client has.  Repeats this until the
# put succeeds.
sub put_next
{
	my ($socket, $note) = @_;

	while (1)
	{
		my $old = exchange($socket, 'GetItem', { TableName => 'Counters', Key => { Id => { S => 'put' } } })
		  ->{json}{Item}{V}{N};
		my $new = $old + 1;
		my $reply = exchange($socket, 'PutItem', {
				TableName => 'Counters',
				Item => { Id => { S => 'put' }, V => { N => "$new" } },
				ConditionExpression => 'V = :old',
				ExpressionAttributeValues => { ':old' => { N => "$old" } } });

		next if error_type($reply) eq 'ConditionalCheckFailedException';
		$note->($reply->{status}, $reply->{status} == 200 ? $new : $reply->{body} =~ s/\s+/_/gr);
		return;
	}
}

# Every number from 1 to the last was given to exactly one client.
sub check
{
	my ($id, $expected, @notes) = @_;
	my @errors = grep { $_->[0] ne '200' } @notes;
	my %given = map { $_->[1] => 1 } grep { $_->[0] eq '200' } @notes;

	is(scalar @errors, 0, "$id: no client gets an error")
	  or diag("@{ $errors[0] }");
	is(scalar keys %given, $expected, "$id: every answer has a number of its own");
	is(value_of($id), $expected, "$id: the last number is exact");
	return;
}

my $load = start_clients($clients, sub { add_over_http('add', $_[1]) });
check('add', $clients * $times, finish_clients($load));

# Fewer rounds, because each success makes all other clients fail once.
my $puts = 1 + int($times / 10);
$load = start_clients($clients / 2, sub {
	my ($number, $note) = @_;
	my $socket = raw_connect($node);

	put_next($socket, $note) foreach 1 .. $puts;
});
check('put', $clients / 2 * $puts, finish_clients($load));

$load = start_clients(16, sub { add_in_sql('sql', $_[1]) });
check('sql', 16 * $times, finish_clients($load));

$load = start_clients(24, sub {
	my ($number, $note) = @_;

	return $number <= 8 ? add_in_sql('both', $note) : add_over_http('both', $note);
});
check('both', 24 * $times, finish_clients($load));

$node->stop;
done_testing();
