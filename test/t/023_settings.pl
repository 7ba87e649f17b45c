# Settings of ALTER DATABASE, ALTER ROLE and ALTER SYSTEM do not change an answer.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $database = $DynamoTest::database;
my $node = dynamo_node('settings', extra => "dynamo.workers = 1\n");
my $json = JSON::PP->new->canonical;

create_table($node, 'Things', name => 'S', number => 'N');

# Returns the answers to a series of requests that leave everything as it was.
sub answers
{
	my %table = (TableName => 'Things');
	my %key = (name => { S => "it's \\ \x{1}" }, number => { N => '1.5' });
	my @values = (
		ExpressionAttributeNames => { '#n' => 'name' },
		ExpressionAttributeValues => { ':n' => $key{name} });
	my @requests = (
		(map { [ 'PutItem', { %table, Item => { %key, number => { N => "$_" } } } ] }
			  1 .. 300),
		[ 'PutItem',
			{   %table,
				Item => {
					%key,
					float => { N => '0.1000000000000000055511151231257827' },
					bytes => { B => 'AAECAw==' },
					long => { S => 'x' x 5000 } } } ],
		[ 'GetItem', { %table, Key => \%key } ],
		[ 'GetItem', { %table, Key => \%key, ConsistentRead => JSON::PP::true } ],
		[ 'UpdateItem',
			{   %table, Key => \%key, ReturnValues => 'ALL_NEW',
				UpdateExpression => 'SET #n2 = :v',
				ExpressionAttributeNames => { '#n2' => 'updated' },
				ExpressionAttributeValues => { ':v' => { N => '1E+10' } } } ],
		[ 'PutItem',
			{ %table, Item => \%key, ConditionExpression => 'attribute_not_exists(#n)',
				ExpressionAttributeNames => { '#n' => 'name' } } ],
		[ 'Query', { %table, KeyConditionExpression => '#n = :n', @values } ],
		[ 'Query',
			{   %table, KeyConditionExpression => '#n = :n', @values,
				ScanIndexForward => JSON::PP::false, Limit => 7 } ],
		[ 'Scan', { %table, Select => 'COUNT' } ],
		(map { [ 'Scan', { %table, Segment => $_, TotalSegments => 3, Select => 'COUNT' } ] }
			  0 .. 2),
		[ 'BatchWriteItem',
			{ RequestItems => { Things => [ map { { PutRequest => { Item => { %key, number => { N => "$_" } } } } } 1000 .. 1024 ] } } ],
		[ 'BatchGetItem',
			{ RequestItems => { Things => { Keys => [ map { { %key, number => { N => "$_" } } } 1 .. 10 ] } } } ],
		[ 'DeleteItem', { %table, Key => \%key, ReturnValues => 'ALL_OLD' } ],
		[ 'GetItem', { TableName => 'None', Key => \%key } ]);
	my @answers;

	foreach my $request (@requests)
	{
		my $reply = request($node, @$request);
		my $answer = $reply ? $reply->{json} : {};

		# Keys come back in no particular order
		@{ $_ } = sort { $json->encode($a) cmp $json->encode($b) } @$_
		  foreach values %{ $answer->{Responses} || {} };
		push @answers, "$request->[0] $reply->{status} " . $json->encode($answer);
	}

	# The same for tables
	my $created = request($node, 'CreateTable', table_definition('New', a => 'S'));
	my $put = request($node, 'PutItem',
		{ TableName => 'New', Item => { a => { S => 'a' } } });
	my $deleted = request($node, 'DeleteTable', { TableName => 'New' });

	push @answers, map { $_->{status} } $created, $put, $deleted;
	wait_until(
		sub { request($node, 'DescribeTable', { TableName => 'New' })->{status} == 400 },
		'the table has gone');
	return \@answers;
}

sub new_worker
{
	my ($old) = worker_pids($node);

	$node->safe_psql('postgres', "SELECT pg_terminate_backend($old)");
	wait_until(
		sub { my ($new) = worker_pids($node); return $new && $new != $old },
		'there is a new worker');
	wait_until_served($node);
	return;
}

# The first time, there are fewer items.
answers();
my $expected = answers();

is(scalar(grep { / 5\d\d / } @$expected), 0, 'there are no failures at first');
is(scalar(grep { /^\w+ 400 / } @$expected), 2, 'two errors are meant');

# Functions and operators that a careless search_path would find first
$node->safe_psql($database, <<'END');
CREATE SCHEMA trap;
GRANT USAGE ON SCHEMA trap TO PUBLIC;
CREATE FUNCTION trap.fail() RETURNS boolean LANGUAGE plpgsql
	AS $$ BEGIN RAISE EXCEPTION 'fell into the trap'; END $$;
CREATE FUNCTION trap.texteq(text, text) RETURNS boolean LANGUAGE sql
	AS 'SELECT trap.fail()';
CREATE OPERATOR trap.= (FUNCTION = trap.texteq, LEFTARG = text, RIGHTARG = text);
CREATE FUNCTION trap.numericgt(numeric, numeric) RETURNS boolean LANGUAGE sql
	AS 'SELECT trap.fail()';
CREATE OPERATOR trap.> (FUNCTION = trap.numericgt, LEFTARG = numeric, RIGHTARG = numeric);
CREATE FUNCTION trap.now() RETURNS timestamptz LANGUAGE sql
	AS $$ SELECT CASE WHEN trap.fail() THEN '-infinity'::timestamptz END $$;
CREATE TABLE trap."Things" (pk text, sk numeric, item jsonb);
CREATE TABLE trap.tables (table_name text);
END

my @settings = (
	[ 'search_path', 'trap, pg_catalog, public' ],
	[ 'search_path', '' ],
	[ 'default_transaction_read_only', 'on' ],
	[ 'default_transaction_isolation', 'serializable' ],
	[ 'default_transaction_deferrable', 'on' ],
	[ 'statement_timeout', '1ms' ],
	[ 'lock_timeout', '1h' ],
	[ 'idle_in_transaction_session_timeout', '1ms' ],
	[ 'transaction_timeout', '1ms' ],
	[ 'enable_indexscan', 'off' ],
	[ 'enable_indexonlyscan', 'off' ],
	[ 'enable_seqscan', 'off' ],
	[ 'enable_sort', 'off' ],
	[ 'force_parallel_mode', 'on' ],
	[ 'debug_parallel_query', 'on' ],
	[ 'plan_cache_mode', 'force_custom_plan' ],
	[ 'jit_above_cost', '0' ],
	[ 'row_security', 'off' ],
	[ 'session_replication_role', 'replica' ],
	[ 'work_mem', '64kB' ],
	[ 'DateStyle', 'SQL, DMY' ],
	[ 'IntervalStyle', 'iso_8601' ],
	[ 'TimeZone', 'Pacific/Chatham' ],
	[ 'standard_conforming_strings', 'off' ],
	[ 'escape_string_warning', 'off' ],
	[ 'backslash_quote', 'off' ],
	[ 'bytea_output', 'escape' ],
	[ 'extra_float_digits', '-15' ],
	[ 'quote_all_identifiers', 'on' ],
	[ 'xmloption', 'document' ],
	[ 'transform_null_equals', 'on' ],
	[ 'synchronous_commit', 'local' ],
	[ 'client_encoding', 'LATIN1' ],
	[ 'default_tablespace', 'pg_default' ],
	[ 'default_toast_compression', 'pglz' ],
	[ 'check_function_bodies', 'off' ],
	[ 'role', 'pg_monitor' ],
	[ 'log_statement', 'all' ]);

# Not every version of PostgreSQL has each of them
my %is_known = map { lc $_ => 1 } split /\n/,
  $node->safe_psql('postgres', 'SELECT name FROM pg_settings');

@settings = grep { $is_known{ lc $_->[0] } || $_->[0] eq 'role' } @settings;

sub is_same
{
	my ($name) = @_;
	my $answers = answers();
	my ($difference) =
	  grep { $answers->[$_] ne $expected->[$_] } 0 .. $#$expected;

	ok(!defined $difference, $name)
	  or diag(substr($answers->[$difference], 0, 150)
		  . "\ninstead of\n"
		  . substr($expected->[$difference], 0, 150));
	return;
}

foreach my $setting (@settings)
{
	my ($name, $value) = @$setting;
	my $database_set = "ALTER DATABASE $database SET $name = "
	  . ($name eq 'search_path' ? $value || "''" : "'$value'");

	$node->safe_psql('postgres', $database_set);
	new_worker();
	is_same("the database has $name = $value");
	$node->safe_psql('postgres', "ALTER DATABASE $database RESET ALL");
}

# Workers connect as a superuser and execute as dynamo_service.  The settings must
# not apply to psql.
my $all = join '', map { "ALTER ROLE %s SET $_->[0] = $_->[1];\n" }
  map { [ $_->[0], $_->[0] eq 'search_path' ? $_->[1] : "'$_->[1]'" ] }
  grep { $_->[0] !~ /^(role|client_encoding|log_statement)$/ && $_->[1] ne '' }
  @settings;

foreach my $role ('dynamo_service', 'ALL')
{
	$node->safe_psql('postgres', $all =~ s/%s/$role/gr);
	local $ENV{PGOPTIONS} = '-c search_path=pg_catalog -c statement_timeout=0'
	  . ' -c default_transaction_read_only=off'
	  . ($is_known{transaction_timeout} ? ' -c transaction_timeout=0 -c debug_parallel_query=off' : '');
	new_worker();
	is_same("ALTER ROLE $role SET everything");
}

$node->stop;
done_testing();
