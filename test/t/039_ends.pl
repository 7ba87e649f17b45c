# The server ends in every possible way while clients write items and create and
# delete tables.  No answered write is lost, and no table is half created.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep);

my $rounds = $ENV{DYNAMO_TEST_ROUNDS} || 1;

my $node = dynamo_node('main', extra => "restart_after_crash = on\n");

create_table($node, 'Letters', Id => 'S');

# Sends a request, on a new connection if the client has lost its connection.
# Returns whether the request succeeded.
sub try_request
{
	my ($client, $operation, $input) = @_;
	my $reply = eval {
		$client->{socket} ||= raw_connect($node);
		exchange($client->{socket}, $operation, $input);
	};

	if (!$reply)
	{
		delete $client->{socket};
		sleep 0.05;
	}
	return $reply && $reply->{status} == 200;
}

sub item
{
	my ($id) = @_;

	return { Id => { S => $id } };
}

# Notes a write before the request is sent, and again when it is answered.
sub write_items
{
	my ($prefix, $note) = @_;
	my %client;

	for (my $i = 1;; $i++)
	{
		my $id = "$prefix.$i";

		$note->('put', $id)
		  if try_request(\%client, 'PutItem', { TableName => 'Letters', Item => item($id) });
	}
}

sub make_and_delete_tables
{
	my ($prefix, $note) = @_;
	my %client;

	for (my $i = 1;; $i++)
	{
		my $name = "T.$prefix.$i";

		$note->('created', $name)
		  if try_request(\%client, 'CreateTable', table_definition($name, Id => 'S'));
		$note->('filled', $name)
		  if try_request(\%client, 'PutItem', { TableName => $name, Item => item('a') });
		next if $i % 3 == 0;

		$note->('deleting', $name);
		$note->('deleted', $name)
		  if try_request(\%client, 'DeleteTable', { TableName => $name });
	}
}

my @ends = (
	'fast restart' => sub { $node->restart },
	'immediate restart' => sub { $node->stop('immediate'); $node->start },
	'kill -9 of a worker' => sub {
		my ($worker) = process_ids($node, 'dynamo worker');

		kill 'KILL', $worker;
		wait_until(sub { !kill 0, $worker }, 'the worker is dead');
	},
	'kill -9 of everything' => sub { kill_server($node); $node->start });

sub run_load
{
	my ($round, $end) = @_;

	my $load = start_clients(8, sub {
		my ($number, $note) = @_;
		my $prefix = "$round.$number";

		$number <= 4 ? write_items($prefix, $note) : make_and_delete_tables($prefix, $note);
	});
	wait_for_notes($load, 400 + int rand 200);
	$end->();
	wait_until_served($node);
	wait_for_notes($load, note_count($load) + 100);
	return stop_clients($load);
}

# Returns the names in the notes of this kind.
sub named
{
	my ($kind, @notes) = @_;

	return map { $_->[1] } grep { $_->[0] eq $kind } @notes;
}

# Returns the names that a query finds.
sub found
{
	my ($sql) = @_;

	return map { $_ => 1 } split /\n/, $node->safe_psql($DynamoTest::database, $sql);
}

sub check_items
{
	my ($name, @notes) = @_;
	my %letters = found('SELECT pk FROM dynamo_data."Letters"');
	my @lost = grep { !$letters{$_} } named('put', @notes);

	is("@lost", '', "$name: every answered write is there");
	return;
}

sub check_tables
{
	my ($name, @notes) = @_;

	# a deletion that could not finish at once finishes when the table is free
	wait_until(sub { !found(q{SELECT 1 FROM dynamo_catalog.tables WHERE status <> 'ACTIVE'}) },
		'all deletions are finished');

	my %tables = found('SELECT table_name FROM dynamo_catalog.tables');
	my %deleting = map { $_ => 1 } named('deleting', @notes);
	my @lost = grep { !$tables{$_} && !$deleting{$_} } named('created', @notes);
	my @risen = grep { $tables{$_} } named('deleted', @notes);

	is("@lost", '', "$name: every table created is there");
	is("@risen", '', "$name: and none deleted");
	foreach my $table (grep { $tables{$_} } named('filled', @notes))
	{
		push @lost, $table
		  unless request($node, 'GetItem', { TableName => $table, Key => item('a') })->{json}{Item};
	}
	is("@lost", '', "$name: with its item");
	note(keys(%tables) . ' tables');
	return;
}

# Compares the heap tables with the catalog.
sub check_catalog
{
	my ($name) = @_;
	my %incomplete = found(q{
		SELECT table_name FROM dynamo_catalog.tables AS t WHERE 2 <>
			(SELECT count(*) FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
			 WHERE indrelid = to_regclass('dynamo_data.' || quote_ident(t.heap_name))
				AND indisvalid AND indisready
				AND index.relname IN (t.heap_name || ':pkey', t.heap_name || ':token'))});
	my %orphans = found(q{
		SELECT relname FROM pg_class AS c
		WHERE relnamespace = 'dynamo_data'::regnamespace AND relkind = 'r'
			AND NOT EXISTS (SELECT FROM dynamo_catalog.tables WHERE heap_name = c.relname)});

	is(join(' ', keys %incomplete), '', "$name: every table has its heap and its indexes");
	is(join(' ', keys %orphans), '', "$name: every heap has its table");
	return;
}

foreach my $round (1 .. $rounds)
{
	my @left = @ends;

	while (my ($name, $end) = splice @left, 0, 2)
	{
		my @notes = run_load($name =~ s/\W/_/gr . ".$round", $end);

		is(join(' ', named('died', @notes)), '', "$name: no client gave up");
		check_items($name, @notes);
		check_tables($name, @notes);
		check_catalog($name);
	}
}

$node->stop;
done_testing();
