# kill -9 of everything, at any point.  Every answered write is there afterwards.
#
# Writers put items of their own, counters count, and readers note what a consistent
# read returned, because that is an answer too.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $rounds = $ENV{DYNAMO_TEST_ROUNDS} || 3;

# The WAL writer must not make durable what the flusher forgets.
my $node = dynamo_node('main', extra => "wal_writer_delay = 10s\n");

create_table($node, 'Letters', Id => 'S');

sub write_items
{
	my ($round, $number, $note) = @_;
	my $socket = raw_connect($node);

	for (my $i = 1;; $i++)
	{
		my $id = "$round.$number.$i";
		my $reply = exchange($socket, 'PutItem',
			{ TableName => 'Letters', Item => { Id => { S => $id }, V => { N => "$i" } } });

		return unless $reply;
		$note->($reply->{status} == 200 ? 'put' : "error_$reply->{body}", $id, $i);
		next unless $i % 3 == 0;

		$reply = exchange($socket, 'DeleteItem',
			{ TableName => 'Letters', Key => { Id => { S => $id } } });
		$note->($reply && $reply->{status} == 200 ? 'deleted' : 'in_doubt', $id);
		return unless $reply;
	}
}

sub count_up
{
	my ($round, $number, $note) = @_;
	my $socket = raw_connect($node);

	while (1)
	{
		$note->('attempt');
		my $reply = exchange($socket, 'UpdateItem', {
				TableName => 'Letters',
				Key => { Id => { S => "counter $round" } },
				UpdateExpression => 'ADD V :one',
				ExpressionAttributeValues => { ':one' => { N => '1' } } });

		return unless $reply;
		$note->('counted') if $reply->{status} == 200;
	}
}

sub read_counter
{
	my ($round, $number, $note) = @_;
	my $socket = raw_connect($node);

	while (1)
	{
		my $reply = exchange($socket, 'GetItem', {
				TableName => 'Letters',
				Key => { Id => { S => "counter $round" } },
				ConsistentRead => JSON::PP::true });

		return unless $reply;
		$note->('read', $reply->{json}{Item}{V}{N} // 0);
	}
}

sub run_round
{
	my ($round) = @_;
	my @roles = (\&count_up, \&count_up, \&read_counter, \&read_counter);

	my $load = start_clients(12, sub {
		my ($number, $note) = @_;

		($roles[ $number - 1 ] || \&write_items)->($round, $number, $note);
	});
	wait_for_notes($load, 2000 + int rand 2000);
	kill_server($node);
	my @notes = finish_clients($load);

	$node->start;
	wait_until_served($node);
	return @notes;
}

sub check_items
{
	my ($round, @notes) = @_;
	my %answered;
	my %found = map { split /\|/ } split /\n/, $node->safe_psql(
		$DynamoTest::database,
		qq{SELECT pk, item #>> '{V,N}' FROM dynamo_data."Letters"});

	# The last note about an item counts.
	foreach my $note (@notes)
	{
		my ($event, $id, $value) = @$note;

		$answered{$id} = $value if $event eq 'put';
		$answered{$id} = undef if $event eq 'deleted';
		delete $answered{$id} if $event eq 'in_doubt';
	}
	my @wrong =
	  grep { ($found{$_} // 'nothing') ne ($answered{$_} // 'nothing') } keys %answered;

	note(keys(%answered) . ' items were answered');
	is(scalar @wrong, 0, "$round: every answered write is there")
	  or diag("@wrong[0 .. ($#wrong > 9 ? 9 : $#wrong)]");
	return;
}

sub check_counter
{
	my ($round, @notes) = @_;
	my $value = $node->safe_psql($DynamoTest::database,
		qq{SELECT item #>> '{V,N}' FROM dynamo_data."Letters" WHERE pk = 'counter $round'}
	);
	my $attempts = grep { $_->[0] eq 'attempt' } @notes;
	my $counted = grep { $_->[0] eq 'counted' } @notes;
	my ($read) = sort { $b <=> $a } map { $_->[1] } grep { $_->[0] eq 'read' } @notes;

	note("attempts $attempts, answered $counted, read $read, found $value");
	cmp_ok($value, '>=', $counted, "$round: every answered update counts");
	cmp_ok($value, '>=', $read, "$round: what a consistent read saw is durable");
	cmp_ok($value, '<=', $attempts, "$round: no update counts twice");
	return;
}

sub check_round
{
	my ($round) = @_;
	my @notes = run_round($round);
	my @errors = grep { $_->[0] =~ /^(error|died)/ } @notes;

	is(scalar @errors, 0, "$round: no client saw an error") or diag($errors[0][0]);
	check_items($round, @notes);
	check_counter($round, @notes);
	return;
}

check_round("round-$_") foreach 1 .. $rounds;

$node->append_conf('postgresql.conf', 'dynamo.group_flush = off');
$node->reload;
check_round('plain-commits');

$node->stop;
done_testing();
