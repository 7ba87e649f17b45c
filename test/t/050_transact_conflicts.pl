# Conflicts of API transactions with rows, keys and tables that SQL has locked, with
# a request of the same token, and with each other.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

# No worker has room for more than a few of the clients.
my $node = dynamo_node('main', extra => "dynamo.workers = 4\ndynamo.max_connections = 32\n");
my $json = JSON::PP->new->utf8->canonical;

# Far more than a request takes, but still bounded.
my $too_long = 10_000;

create_table($node, $_, Id => 'S') foreach qw(Tab Other Hot);
ddb_ok($node, 'PutItem', { TableName => 'Tab', Item => item($_) }) foreach 'a' .. 'e';

sub item
{
	my ($id, $value) = @_;

	return { Id => { S => "$id" }, V => { S => $value // 'old' } };
}

sub put
{
	my ($id, $value, $table) = @_;

	return { Put => { TableName => $table // 'Tab', Item => item($id, $value) } };
}

sub add
{
	my ($id, $table) = @_;

	return { Update => {
			TableName => $table, Key => { Id => { S => "$id" } },
			UpdateExpression => 'ADD N :one',
			ExpressionAttributeValues => { ':one' => { N => '1' } } } };
}

sub get
{
	my ($id, $table) = @_;

	return { Get => { TableName => $table // 'Tab', Key => { Id => { S => "$id" } } } };
}

sub write_items
{
	my ($token, @items) = @_;

	return { TransactItems => \@items, ($token ? (ClientRequestToken => $token) : ()) };
}

sub contents
{
	return $node->safe_psql($DynamoTest::database,
		q{SELECT string_agg(pk || '=' || (item #>> '{V,S}'), ' ' ORDER BY pk) FROM dynamo_data."Tab"});
}

# Tests that the transaction is cancelled in time, with a conflict for the given
# actions and no reason for the others.
sub conflict
{
	my ($operation, $input, $codes, $name) = @_;
	my ($ms, $reply) = timed(sub { request($node, $operation, $input) });
	my $error = $reply->{json};

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	note(sprintf '%s: %s after %.0f ms', $name, $reply->{status}, $ms);
	cmp_ok($ms, '<', $too_long, "$name: does not wait for ever");
	is(error_type($reply), 'TransactionCanceledException', "$name: is cancelled");
	is($error->{Message},
		'Transaction cancelled, please refer cancellation reasons for specific reasons ['
		  . join(', ', @$codes) . ']', "$name: message");
	is_deeply($error->{CancellationReasons}, [
			map {
				{ Code => $_, $_ eq 'None' ? () : (Message => 'Transaction is ongoing for the item') }
			} @$codes ], "$name: reasons");
	return;
}

my $before = contents();
my $session = sql_session($node);

# A row that SQL holds
sql_run($session, q{BEGIN; UPDATE dynamo_data."Tab" SET item = item WHERE pk = 'c'});
conflict('TransactWriteItems',
	write_items('row', put('a', 'new'), put('new', 'new'), put('c', 'new'), put('d', 'new')),
	[ 'None', 'None', 'TransactionConflict', 'None' ], 'a locked row');
conflict('TransactWriteItems', write_items(undef, put('a', 'new'), {
			ConditionCheck => {
				TableName => 'Tab', Key => { Id => { S => 'c' } },
				ConditionExpression => 'attribute_exists(Id)' } }),
	[ 'None', 'TransactionConflict' ], 'a check of a locked row');
ddb_ok($node, 'TransactWriteItems', write_items(undef, put('a', 'a'), put('b', 'b')),
	'a transaction without it is done');
is_deeply(ddb_ok($node, 'TransactGetItems', { TransactItems => [ get('a'), get('c') ] })
	  ->{Responses}, [ { Item => item('a', 'a') }, { Item => item('c') } ],
	'it is read all the same');
sql_run($session, 'ROLLBACK');
is(contents(), 'a=a b=b c=old d=old e=old', 'of the others nothing is left behind');
ddb_ok($node, 'TransactWriteItems',
	write_items('row', put('a', 'new'), put('new', 'new'), put('c', 'new'), put('d', 'new')),
	'the same token runs again when the lock is gone');
is(contents(), 'a=new b=b c=new d=new e=old new=new', 'and it has done it');

# A row that SQL inserts, and a key that a transaction of ours holds in SQL
sql_run($session, q{BEGIN; INSERT INTO dynamo_data."Tab" VALUES ('x', '{"Id": {"S": "x"}}')});
conflict('TransactWriteItems', write_items(undef, put('a', 'newer'), put('x', 'newer')),
	[ 'None', 'TransactionConflict' ], 'a row being inserted');
sql_run($session, 'ROLLBACK');
my $request = $json->encode(write_items('sql', put('absent', 'sql'), put('e', 'sql')));
sql_run($session, "BEGIN; SELECT dynamo.transact_write_items('$request')");
conflict('TransactWriteItems', write_items(undef, put('absent', 'http'), put('a', 'http')),
	[ 'TransactionConflict', 'None' ], 'a key held by SQL');
my $reply = request($node, 'PutItem',
	{ TableName => 'Tab', Item => item('absent', 'http') });
is(error_type($reply), 'TransactionConflictException', 'a single write meets it, too');

# The token that it holds
ddb_error($node, 'TransactWriteItems', $request, 'TransactionInProgressException',
	'Transaction from previous request is still in progress', 'the same token while it runs');
sql_run($session, 'COMMIT');
ddb_ok($node, 'TransactWriteItems', $request, 'and when it has run');
ddb_error($node, 'TransactWriteItems', write_items('sql', put('absent', 'sql')),
	'IdempotentParameterMismatchException', undef, 'and for something else');
is(contents(), 'a=new absent=sql b=b c=new d=new e=sql new=new', 'all that was done once');

# A transaction that waits for a lock is in progress for every worker, until it is
# given up.
sql_run($session, q{BEGIN; UPDATE dynamo_data."Tab" SET item = item WHERE pk = 'c'});
my $waiting = write_items('waiting', put('c', 'waited'));
my $load = start_clients(1, sub {
	my ($number, $note) = @_;
	my $socket = raw_connect($node);

	$note->('sent');
	$note->(error_type(exchange($socket, 'TransactWriteItems', $waiting)));
});
my @told;

wait_for_notes($load, 1);
do
{
	push @told, error_type(request($node, 'TransactWriteItems', $waiting)) foreach 1 .. 4;
} while (note_count($load) < 2);
push @told, map { $_->[0] } grep { $_->[0] ne 'sent' } finish_clients($load);
cmp_ok(scalar(grep { $_ eq 'TransactionCanceledException' } @told), '>', 0,
	'a request waits for the lock in vain');
cmp_ok(scalar(grep { $_ eq 'TransactionInProgressException' } @told), '>', 0,
	'meanwhile it is in progress');
is(scalar(grep { !/^Transaction(Canceled|InProgress)Exception$/ } @told), 0, 'and never done');
sql_run($session, 'ROLLBACK');
ddb_ok($node, 'TransactWriteItems', $waiting, 'afterwards it is not');

# A table
sql_run($session, 'BEGIN; LOCK TABLE dynamo_data."Other" IN ACCESS EXCLUSIVE MODE');
conflict('TransactWriteItems', write_items(undef, put('a'), put('a', 'new', 'Other')),
	[ 'None', 'TransactionConflict' ], 'a locked table');
conflict('TransactGetItems', { TransactItems => [ get('a', 'Other'), get('a') ] },
	[ 'TransactionConflict', 'None' ], 'a read of a locked table');
sql_end($session);

# Each other.  Clients of both workers use the same few items all the time, in every
# order, and also write single items.  No client gets a conflict, and no write is
# lost.
my @hot = map { "h$_" } 1 .. 6;
my $times = $ENV{DYNAMO_TEST_INCREMENTS} || 40;

sub shuffled
{
	my @list = @_;

	foreach my $i (reverse 1 .. $#list)
	{
		my $j = int rand $i + 1;
		@list[ $i, $j ] = @list[ $j, $i ];
	}
	return @list;
}

$load = start_clients(24, sub {
	my ($number, $note) = @_;
	my $socket = raw_connect($node);

	srand $number;
	foreach (1 .. $times)
	{
		my @items = (shuffled(@hot))[ 0 .. 3 ];
		my $answer =
		  $number % 3 == 0
		  ? exchange($socket, 'UpdateItem', add($items[0], 'Hot')->{Update})
		  : exchange($socket, 'TransactWriteItems',
			write_items(undef, map { add($_, 'Hot') } @items));

		$note->($answer->{status}, $number % 3 == 0 ? 1 : 4, $answer->{body} =~ s/\s+/_/gr);
	}
});
my @notes = finish_clients($load);
my @errors = grep { $_->[0] ne '200' } @notes;
my $written = 0;

is(scalar @errors, 0, 'nobody meets a conflict') or diag("@{ $errors[0] }");
$written += $_->[1] foreach @notes;
is($node->safe_psql($DynamoTest::database,
		q{SELECT sum((item #>> '{N,N}')::integer) FROM dynamo_data."Hot"}),
	$written, 'and every action counts');

# Large transactions, which hold their locks for a long time
my @large = map {
	{ Put => { TableName => 'Hot', Item => { Id => { S => "l$_" }, V => { S => 'x' x 39_000 } } } }
} 1 .. 100;

$load = start_clients(6, sub {
	my ($number, $note) = @_;
	my $socket = raw_connect($node);

	foreach my $time (1 .. $number <= 4 ? 4 : 100)
	{
		my $answer =
		  $number <= 4
		  ? exchange($socket, 'TransactWriteItems', write_items(undef, shuffled(@large)))
		  : exchange($socket, 'UpdateItem', add("l$time", 'Hot')->{Update});

		$note->($answer->{status}, $number <= 4 ? 'large' : 'single', $answer->{body} =~ s/\s+/_/gr);
	}
});
@errors = grep { $_->[0] ne '200' } finish_clients($load);
is(scalar @errors, 0, 'nobody meets a conflict with large transactions') or diag("@{ $errors[0] }");

$node->stop;
done_testing();
