# Proves that there is one order of all operations in which every answer is right.
#
# Clients do single-item operations and transactions on a few keys.  They note when
# each began and ended, and its answer.  The history is right if every operation
# can have taken effect at one moment between its beginning and its end.  The
# server is killed between two rounds.  An answered operation must have taken
# effect, and an unanswered one may have.
#
# DYNAMO_TEST_SECONDS: how long a round takes; DYNAMO_TEST_ROUNDS: how many.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use Linearizability;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC sleep);

my $rounds = $ENV{DYNAMO_TEST_ROUNDS} || 3;
my $seconds = $ENV{DYNAMO_TEST_SECONDS} || 6;

# The numbers of worlds, of keys in each world, and of clients in each world.
my $worlds = 3;
my $keys = 3;
my $clients = 4;

# ---------------------------------------------------------------- the model

# A state is the values of all keys, with "-" for an absent item.

sub values_of
{
	return split /,/, $_[0];
}

# Returns the new value after an action, or undef if its condition fails.
# put VALUE, add VALUE, delete, check; if ANY|ABSENT|PRESENT|VALUE
sub act
{
	my ($value, $action) = @_;
	my ($kind, $argument, $if) = @$action{qw(kind value if)};
	my $holds =
		$if eq 'ANY'     ? 1
	  : $if eq 'ABSENT'  ? $value eq '-'
	  : $if eq 'PRESENT' ? $value ne '-'
	  :                    $value eq $if;

	return undef unless $holds;
	return $argument if $kind eq 'put';
	return ($value eq '-' ? 0 : $value) + $argument if $kind eq 'add';
	return '-' if $kind eq 'delete';
	return $value;
}

# Returns the state after an operation, or undef if the operation would have another
# result.
sub step
{
	my ($state, $operation) = @_;
	my @values = values_of($state);
	my ($type, $result) = @$operation{qw(type result)};
	my (@codes, @new, @seen);

	if ($type eq 'read')
	{
		my $expected = join ',', map { $values[$_] } @{ $operation->{keys} };
		return !defined $result || $result eq $expected ? $state : undef;
	}
	foreach my $action (@{ $operation->{actions} })
	{
		my $value = $values[ $action->{key} ];
		my $new = act($value, $action);

		push @codes, defined $new ? 'ok' : 'failed';
		push @seen, $operation->{returns} eq 'old' ? $value : $new // $value
		  if $operation->{returns};
		push @new, [ $action->{key}, $new ];
	}
	my $outcome = (grep { $_ eq 'failed' } @codes) ? join(',', @codes) : 'done';

	$outcome .= ":@seen" if $outcome eq 'done' && $operation->{returns};
	return undef if defined $result && $result ne $outcome;
	return $state if $outcome !~ /^done/;
	$values[ $_->[0] ] = $_->[1] foreach @new;
	return join ',', @values;
}

# ------------------------------------------------- the checker is checked first

sub history
{
	my @operations = map {
		my ($call, $return, $type, @rest) = @$_;
		my %operation = (call => $call, return => $return, type => $type);

		if ($type eq 'read')
		{
			@operation{qw(keys result)} = @rest;
		}
		else
		{
			@operation{qw(result returns)} = splice @rest, 0, 2;
			$operation{actions} = [ map {
					my ($kind, $key, $value, $if) = @$_;
					{ kind => $kind, key => $key, value => $value, if => $if // 'ANY' }
				} @rest ];
		}
		\%operation
	} @_;
	return check_history(\@operations, '-,-,-', \&step);
}

sub put { return [ 'write', 'done', undef, [ 'put', @_ ] ] }

ok(!history([ 0, 1, @{ put(0, 5) } ], [ 2, 3, 'read', [0], '5' ]), 'a write is read');
ok(history([ 0, 1, @{ put(0, 5) } ], [ 2, 3, 'read', [0], '-' ]), 'a stale read is noticed');
ok(!history([ 0, 3, @{ put(0, 5) } ], [ 1, 2, 'read', [0], '-' ], [ 1, 2, 'read', [0], '5' ]),
	'reads during a write may differ');
ok(history([ 0, 9, @{ put(0, 5) } ], [ 1, 2, 'read', [0], '5' ], [ 3, 4, 'read', [0], '-' ]),
	'but not go back');
ok(!history([ 0, undef, @{ put(0, 5) } ], [ 1, 2, 'read', [0], '-' ], [ 3, 4, 'read', [0], '5' ]),
	'a write without an answer may come at any time');
ok(history([ 0, 1, @{ put(0, 5) } ], [ 0, undef, 'write', undef, undef, [ 'put', 0, 6 ] ],
		[ 2, 3, 'read', [0], '6' ], [ 4, 5, 'read', [0], '5' ]),
	'but only once');
ok(history([ 0, 5, 'write', 'done:1', 'new', [ 'add', 0, 1 ] ], [ 0, 5, 'write', 'done:1', 'new', [ 'add', 0, 1 ] ]),
	'a lost update is noticed');
ok(history([ 0, 9, 'write', 'done', undef, [ 'put', 0, 1 ], [ 'put', 1, 1 ] ],
		[ 1, 2, 'read', [ 0, 1 ], '1,-' ]),
	'half a transaction is noticed');
ok(history([ 0, 9, 'write', 'done', undef, [ 'check', 0, undef, 'ABSENT' ], [ 'put', 1, 1 ] ],
		[ 0, 9, 'write', 'done', undef, [ 'check', 1, undef, 'ABSENT' ], [ 'put', 0, 1 ] ]),
	'write skew is noticed');
ok(history([ 0, 1, @{ put(0, 1) } ], [ 2, 3, 'write', 'done', undef, [ 'put', 0, 2, 'ABSENT' ] ]),
	'a condition judged wrongly is noticed');
ok(history([ 0, 1, 'write', 'failed,ok', undef, [ 'put', 0, 2, 'ABSENT' ], [ 'put', 1, 2 ] ]),
	'a reason that is none is noticed');

# --------------------------------------------------------------- the clients

# There are more workers than processors, so that they are interrupted at any point.
# No worker has room for more than a few of the clients.
my $node = dynamo_node('main', extra => "dynamo.workers = 4\ndynamo.max_connections = 20\n");

create_table($node, 'Keys', Id => 'S');

# An operation takes a fraction of a millisecond in a worker, and would hardly ever
# overlap another.  So reading a row is slow, in every round but the last.
$node->safe_psql($DynamoTest::database, <<'SQL');
CREATE FUNCTION dawdle() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_sleep(0.003 * random());
	RETURN true;
END
$$;
ALTER TABLE dynamo_data."Keys" ENABLE ROW LEVEL SECURITY;
CREATE POLICY dawdle ON dynamo_data."Keys" USING (dawdle()) WITH CHECK (true);
SQL

sub id
{
	my ($world, $key) = @_;

	return { Id => { S => "$world.$key" } };
}

sub choose
{
	return $_[ rand @_ ];
}

my $counter = 0;

# Values are unique, so that a read shows which write it has seen.  Adding makes new
# values.
sub any_action
{
	my ($number, $key) = @_;
	my %action = (kind => choose(qw(put put add delete check)), key => $key,
		if => choose('ANY', 'ANY', 'ABSENT', 'PRESENT'));

	$action{value} = ++$counter * 1000 + $number if $action{kind} eq 'put';
	$action{value} = 1 if $action{kind} eq 'add';
	$action{if} = choose('ABSENT', 'PRESENT') if $action{kind} eq 'check';
	return \%action;
}

# Returns some of the keys, in any order.
sub some_keys
{
	my ($least) = @_;
	my @all = sort { $a->[1] <=> $b->[1] } map { [ $_, rand ] } 0 .. $keys - 1;

	return map { $all[$_][0] } 0 .. $least - 1 + int rand($keys - $least + 1);
}

sub any_operation
{
	my ($number) = @_;

	return { type => 'read', keys => [ some_keys(2) ] } if rand() < 0.2;
	return { type => 'read', keys => [ int rand $keys ] } if rand() < 0.2;
	return { type => 'write', actions => [ map { any_action($number, $_) } some_keys(2) ] }
	  if rand() < 0.5;
	my $action = any_action($number, int rand $keys);

	$action->{kind} = 'delete' if $action->{kind} eq 'check';
	return {
		type => 'write', actions => [$action],
		single => 1, returns => $action->{kind} eq 'add' ? 'new' : 'old' };
}

# Returns the request of an action, without the members that depend on its operation.
sub terms
{
	my ($world, $action) = @_;
	my %terms = (TableName => 'Keys');

	if ($action->{kind} eq 'put')
	{
		$terms{Item} = { %{ id($world, $action->{key}) }, V => { N => "$action->{value}" } };
	}
	else
	{
		$terms{Key} = id($world, $action->{key});
	}
	if ($action->{kind} eq 'add')
	{
		$terms{UpdateExpression} = 'ADD V :v';
		$terms{ExpressionAttributeValues} = { ':v' => { N => "$action->{value}" } };
	}
	$terms{ConditionExpression} = 'attribute_not_exists(Id)' if $action->{if} eq 'ABSENT';
	$terms{ConditionExpression} = 'attribute_exists(Id)' if $action->{if} eq 'PRESENT';
	return \%terms;
}

my %single = (put => 'PutItem', add => 'UpdateItem', delete => 'DeleteItem');
my %member = (put => 'Put', add => 'Update', delete => 'Delete', check => 'ConditionCheck');

sub request_of
{
	my ($world, $operation) = @_;

	if ($operation->{type} eq 'read')
	{
		my @requests = map { { TableName => 'Keys', Key => id($world, $_) } } @{ $operation->{keys} };

		return ('TransactGetItems', { TransactItems => [ map { { Get => $_ } } @requests ] })
		  if @requests > 1;
		return ('GetItem', { %{ $requests[0] }, ConsistentRead => JSON::PP::true });
	}
	my @actions = @{ $operation->{actions} };

	return ($single{ $actions[0]{kind} }, {
			%{ terms($world, $actions[0]) },
			ReturnValues => $operation->{returns} eq 'new' ? 'ALL_NEW' : 'ALL_OLD' })
	  if $operation->{single};
	return ('TransactWriteItems', {
			TransactItems => [ map { { $member{ $_->{kind} } => terms($world, $_) } } @actions ] });
}

sub value_in
{
	my ($item) = @_;

	return $item ? $item->{V}{N} : '-';
}

# Returns the result of an operation in the terms of the model.
sub result_of
{
	my ($operation, $reply) = @_;
	my $output = $reply->{json};
	my $type = error_type($reply);

	return 'failed' if $type eq 'ConditionalCheckFailedException';
	if ($type eq 'TransactionCanceledException')
	{
		my %words = (None => 'ok', ConditionalCheckFailed => 'failed');

		return join ',', map { $words{ $_->{Code} } // $_->{Code} } @{ $output->{CancellationReasons} };
	}
	return "error:$reply->{body}" if $reply->{status} != 200;
	if ($operation->{type} eq 'read')
	{
		return value_in($output->{Item}) if @{ $operation->{keys} } == 1;
		return join ',', map { value_in($_->{Item}) } @{ $output->{Responses} };
	}
	return 'done:' . value_in($output->{Attributes}) if $operation->{single};
	return 'done';
}

my $json = JSON::PP->new->canonical;

sub run_client
{
	my ($round, $number, $note) = @_;
	my $world = $number % $worlds;
	my $socket = raw_connect($node);

	srand $round * 1000 + $number;
	$counter = $round * 100_000;
	for (my $end = clock_gettime(CLOCK_MONOTONIC) + $seconds + 60;
		clock_gettime(CLOCK_MONOTONIC) < $end;)
	{
		my $operation = any_operation($number);
		my ($name, $input) = request_of($world, $operation);
		my $bytes = request_bytes($name, $input);

		# before it is sent, so that there is a note even if no answer comes
		$operation->{call} = clock_gettime(CLOCK_MONOTONIC);
		$note->('call', $world, $json->encode($operation));
		my $reply = raw_send($socket, $bytes) ? raw_reply($socket) : undef;
		my $return = clock_gettime(CLOCK_MONOTONIC);

		return unless $reply;
		$note->('return', $return, result_of($operation, $reply) =~ s/\s+/_/gr);
	}
	return;
}

# Returns the operations of every world, from the notes of all its clients.
sub operations_of
{
	my ($died_at, @notes) = @_;
	my (@operations, $last);

	foreach my $note (@notes)
	{
		my ($event, @words) = @$note;

		if ($event eq 'call')
		{
			$last = $json->decode($words[1]);
			push @{ $operations[ $words[0] ] }, $last;
		}
		elsif ($event eq 'return')
		{
			@$last{qw(return result)} = @words;
		}
	}
	return @operations;
}

my @states = (join(',', ('-') x $keys)) x $worlds;
my $all = 0;

sub states_now
{
	my %found = map { split /\|/ } split /\n/, $node->safe_psql($DynamoTest::database,
		q{SELECT pk, item #>> '{V,N}' FROM dynamo_data."Keys"});

	return map { my $world = $_; join ',', map { $found{"$world.$_"} // '-' } 0 .. $keys - 1 } 0 .. $worlds - 1;
}

foreach my $round (1 .. $rounds)
{
	$node->safe_psql($DynamoTest::database,
		'ALTER TABLE dynamo_data."Keys" DISABLE ROW LEVEL SECURITY')
	  if $round == $rounds && $rounds > 1;
	my $load = start_clients($worlds * $clients, sub { run_client($round, @_) });

	sleep $seconds;
	kill_server($node);
	my @notes = finish_clients($load);
	$node->start;
	wait_until_served($node);
	my @now = states_now();
	my $later = clock_gettime(CLOCK_MONOTONIC);
	my @operations = operations_of($later, @notes);
	my @errors = grep { ($_->{result} // '') =~ /^error|Conflict/ } map { @$_ } @operations;

	is(scalar @errors, 0, "round $round: nobody got an error") or diag($errors[0]{result});
	foreach my $world (0 .. $worlds - 1)
	{
		my @history = @{ $operations[$world] };
		my $lost = grep { !defined $_->{return} } @history;

		$all += @history;
		# the contents after the crash count as one more read
		push @history, {
			type => 'read', keys => [ 0 .. $keys - 1 ], result => $now[$world],
			call => $later, return => $later };
		my $problem = check_history(\@history, $states[$world], \&step);

		ok(!$problem, sprintf 'round %d, world %d: there is an order of %d operations, %d of them without an answer',
			$round, $world, scalar @history, $lost);
		explain_problem($problem, @history) if $problem;
	}
	@states = @now;
}
note("$all operations");
cmp_ok($all, '>', 20 * $rounds * $seconds, 'enough has happened');

# Prints the operations that were in progress when no order was left.
sub explain_problem
{
	my ($problem, @history) = @_;
	my @near = grep {
		$_->{call} <= $problem->{return}
		  && (!defined $_->{return} || $_->{return} >= $problem->{call} - 0.01)
	} @history;

	diag('no order with ' . $json->encode($problem));
	diag($json->encode($_)) foreach sort { $a->{call} <=> $b->{call} } @near;
	return;
}

$node->stop;
done_testing();
