# A bank.  Clients transfer money between accounts, each transfer in one transaction
# with a token.  Others add up all accounts in one transaction, or in SQL.  The sum
# never changes, even when the server is killed.  A client that got no answer sends
# the same request again, and no transfer is lost or done twice.
#
# DYNAMO_TEST_ROUNDS is how often the server is killed, DYNAMO_TEST_SECONDS the
# length of a round.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

my $rounds = $ENV{DYNAMO_TEST_ROUNDS} || 3;
my $seconds = $ENV{DYNAMO_TEST_SECONDS} || 4;
my $accounts = 100;
my $clients = 16;
my $opening = 100;

# No worker has room for more than a few of the clients.
my $node = dynamo_node('main', extra => "dynamo.workers = 4\ndynamo.max_connections = 28\n");

create_table($node, 'Accounts', Id => 'S');
create_table($node, 'Ledger', Id => 'S');
ddb_ok($node, 'TransactWriteItems', {
		TransactItems => [ map {
				{ Put => { TableName => 'Accounts', Item => { Id => { S => "$_" }, N => { N => "$opening" } } } }
			} 1 .. $accounts ] },
	'a hundred accounts are opened at once');

# Transactions of workers are short and would hardly ever overlap.  So reading a row
# is slow now and then, in every round but the last.
$node->safe_psql($DynamoTest::database, <<'SQL');
CREATE FUNCTION dawdle() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	IF random() < 0.03 THEN
		PERFORM pg_sleep(0.005 * random());
	END IF;
	RETURN true;
END
$$;
ALTER TABLE dynamo_data."Accounts" ENABLE ROW LEVEL SECURITY;
CREATE POLICY dawdle ON dynamo_data."Accounts" USING (dawdle()) WITH CHECK (true);
SQL

# ------------------------------------------------------------------- clients

sub change
{
	my ($account, $amount) = @_;

	return {
		TableName => 'Accounts', Key => { Id => { S => "$account" } },
		UpdateExpression => 'ADD N :n',
		ExpressionAttributeValues => { ':n' => { N => "$amount" } } };
}

# Some transfers overdraw the account, and are cancelled.
sub transfer
{
	my ($id) = @_;
	my $from = 1 + int rand $accounts;
	my $to = 1 + ($from + int rand($accounts - 1)) % $accounts;
	my $amount = 1 + int rand($opening / 2);
	my $withdrawal = change($from, -$amount);

	$withdrawal->{ConditionExpression} = 'N >= :least';
	$withdrawal->{ExpressionAttributeValues}{':least'} = { N => "$amount" };
	return {
		ClientRequestToken => $id,
		TransactItems => [
			{ Update => $withdrawal },
			{ Update => change($to, $amount) },
			{ Put => {
					TableName => 'Ledger',
					Item => { Id => { S => $id }, From => { S => "$from" }, To => { S => "$to" }, N => { N => "$amount" } },
					ConditionExpression => 'attribute_not_exists(Id)' } } ] };
}

sub make_transfers
{
	my ($round, $number, $note) = @_;
	my $socket = raw_connect($node);

	srand $round * 100 + $number;
	for (my $i = 1; ; $i++)
	{
		my $id = "$round.$number.$i";
		my $request = transfer($id);

		# a note has no blanks
		$note->('asked', $id, JSON::PP->new->encode($request) =~ s/ /\\u0020/gr);
		my $reply = exchange($socket, 'TransactWriteItems', $request);

		return unless $reply;
		$note->($reply->{status} == 200 ? 'done' : error_type($reply), $id, $reply->{body} =~ s/\s+/_/gr);
	}
	return;
}

my $all_accounts = {
	TransactItems => [ map { { Get => { TableName => 'Accounts', Key => { Id => { S => "$_" } } } } } 1 .. $accounts ]
};

sub sum_up
{
	my ($note) = @_;
	my $socket = raw_connect($node);

	while (my $reply = exchange($socket, 'TransactGetItems', $all_accounts))
	{
		my $sum = 0;

		$sum += $_->{Item}{N}{N} // -1e9 foreach @{ $reply->{json}{Responses} };
		$note->('sum', $reply->{status} == 200 ? $sum : $reply->{body} =~ s/\s+/_/gr);
	}
	return;
}

my $sum_in_sql = q{SELECT count(*) || ' ' || sum((item #>> '{N,N}')::numeric) FROM dynamo_data."Accounts"};

sub sum_up_in_sql
{
	my ($note) = @_;
	my $session = sql_session($node);

	# when the server is gone this ends with an error, and so the client
	eval {
		$note->('sql', sql_run($session, $sum_in_sql) =~ s/\s/_/gr) while 1;
	};
	return;
}

# --------------------------------------------------------------------- checks

sub check_sums
{
	my ($name, @notes) = @_;
	my @sums = map { $_->[1] } grep { $_->[0] eq 'sum' } @notes;
	my @sql = map { $_->[1] } grep { $_->[0] eq 'sql' && $_->[1] =~ /^\d+_/ } @notes;
	my @wrong = grep { $_ ne $accounts * $opening } @sums;
	my @wrong_sql = grep { $_ ne "${accounts}_" . $accounts * $opening } @sql;

	note("$name: " . @sums . ' sums over HTTP, ' . @sql . ' in SQL');
	is(scalar @wrong, 0, "$name: every sum over HTTP is the same") or diag($wrong[0]);
	is(scalar @wrong_sql, 0, "$name: every sum in SQL is the same") or diag($wrong_sql[0]);
	ok(@sums && @sql, "$name: there are some");
	return;
}

# If two requests with the same token are sent at once, one may get the error that
# the other is in progress.
sub send_again
{
	my (@requests) = @_;
	my $load = start_clients(2, sub {
		my ($number, $note) = @_;
		my $socket = raw_connect($node);

		foreach my $request (@requests)
		{
			my $reply;

			do { $reply = exchange($socket, 'TransactWriteItems', $request) }
			  while (error_type($reply) eq 'TransactionInProgressException');
			$note->($reply->{status} == 200 ? 'done' : error_type($reply),
				JSON::PP->new->decode($request)->{ClientRequestToken}, $reply->{body} =~ s/\s+/_/gr);
		}
	});

	return finish_clients($load);
}

# Tests that the ledger has exactly the transfers that were answered with success,
# and that the accounts agree with the ledger.
sub check_books
{
	my ($name, @notes) = @_;
	my %said = map { $_->[1] => $_->[0] } grep { $_->[0] =~ /^(done|Transaction)/ } @notes;
	my %ledger = map { $_ => 1 } split /\n/, $node->safe_psql($DynamoTest::database,
		q{SELECT pk FROM dynamo_data."Ledger" WHERE pk LIKE '} . $name =~ s/\D//gr . q{.%'});
	my @missing = grep { $said{$_} eq 'done' && !$ledger{$_} } keys %said;
	my @unasked = grep { ($said{$_} // '') ne 'done' } keys %ledger;

	note("$name: " . keys(%ledger) . ' transfers');
	is("@missing", '', "$name: every transfer that was answered is in the ledger");
	is("@unasked", '', "$name: and no other");
	is($node->safe_psql($DynamoTest::database, q{
		WITH moved AS (
			SELECT item #>> '{From,S}' AS id, -(item #>> '{N,N}')::numeric AS n FROM dynamo_data."Ledger"
			UNION ALL SELECT item #>> '{To,S}', (item #>> '{N,N}')::numeric FROM dynamo_data."Ledger")
		SELECT count(*) FROM dynamo_data."Accounts" AS a
		WHERE (item #>> '{N,N}')::numeric <> } . $opening . q{ + coalesce((SELECT sum(n) FROM moved WHERE id = a.pk), 0)
			OR (item #>> '{N,N}')::numeric < 0}),
		'0', "$name: each account has what the ledger says");
	is($node->safe_psql($DynamoTest::database, $sum_in_sql), "$accounts " . $accounts * $opening,
		"$name: the sum is the same");
	return;
}

foreach my $round (1 .. $rounds)
{
	my $name = "round $round";

	$node->safe_psql($DynamoTest::database,
		'ALTER TABLE dynamo_data."Accounts" DISABLE ROW LEVEL SECURITY')
	  if $round == $rounds && $rounds > 1;
	my $load = start_clients($clients + 3, sub {
		my ($number, $note) = @_;

		return make_transfers($round, $number, $note) if $number <= $clients;
		return $number <= $clients + 2 ? sum_up($note) : sum_up_in_sql($note);
	});

	sleep $seconds;
	# however slow the machine is
	wait_until(
		sub {
			my %seen = map { $_->[0] => 1 } DynamoLoad::read_notes($load);
			return $seen{done} && $seen{sum} && $seen{sql};
		},
		'everybody has done something');
	kill_server($node);
	my @notes = finish_clients($load);
	$node->start;
	wait_until_served($node);

	my %answered = map { $_->[1] => 1 } grep { $_->[0] ne 'asked' } @notes;
	my @in_doubt = map { $_->[2] } grep { $_->[0] eq 'asked' && !$answered{ $_->[1] } } @notes;
	my @errors = grep {
		$_->[0] =~ /Exception|Error/
		  && !($_->[0] eq 'TransactionCanceledException' && $_->[2] =~ /\[ConditionalCheckFailed,_None,_None\]/)
	} @notes;

	is(scalar @errors, 0, "$name: nobody gets an error but for what is overdrawn") or diag("@{ $errors[0] }");
	check_sums($name, @notes);
	note(@in_doubt . ' are in doubt');

	my @answers = send_again(@in_doubt);
	my @strange = grep {
		$_->[0] ne 'done' && $_->[2] !~ /\[ConditionalCheckFailed,_None,_None\]/
	} @answers;

	is(scalar @strange, 0, "$name: sent again, they are done now if they were not") or diag("@{ $strange[0] }");
	check_books($name, @notes, @answers);
}

$node->stop;
done_testing();
