# Statistics and other indexes never change a plan.  Every statement on a table's
# rows scans the intended index, and never sorts.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = dynamo_node('main', extra => <<END);
shared_preload_libraries = 'dynamo,auto_explain'
auto_explain.log_min_duration = 0
auto_explain.log_nested_statements = on
dynamo.workers = 2
autovacuum = off
END
my $json = JSON::PP->new;

# There are enough connections that every worker has some.
my @connections = map { raw_connect($node) } 1 .. 16;
my $session = sql_session($node);

create_table($node, 'Pages', Id => 'S', Nr => 'N');
$node->safe_psql($DynamoTest::database, q{
	INSERT INTO dynamo_data."Pages"
	SELECT pk, sk, jsonb_build_object('Id', jsonb_build_object('S', pk),
		'Nr', jsonb_build_object('N', sk::text))
	FROM generate_series(1, 500) AS sk, unnest('{a,b,c}'::text[]) AS pk
	ORDER BY random()});

my @disturbances = (
	'nothing' => 'SELECT 1',
	'statistics' => 'ANALYZE dynamo_data."Pages"',
	'an index on sk' =>
	  'CREATE INDEX pages_sk ON dynamo_data."Pages" (sk) INCLUDE (pk); ANALYZE dynamo_data."Pages"',
	'an index on all columns' =>
	  'CREATE INDEX pages_all ON dynamo_data."Pages" (sk DESC, pk) INCLUDE (item); VACUUM ANALYZE dynamo_data."Pages"',
	'a table said to be empty' =>
	  q{UPDATE pg_class SET reltuples = 0, relpages = 0 WHERE relname = 'Pages'},
	'a table said to be huge' =>
	  q{UPDATE pg_class SET reltuples = 1e15, relpages = 1e9 WHERE relname = 'Pages'},
	'an index said to be huge' =>
	  q{UPDATE pg_class SET reltuples = 1e15, relpages = 1e9 WHERE relname LIKE 'Pages:%'});

# Sends the request on every connection and in SQL, one after the other.  Returns
# references to all outputs.
sub everybody
{
	my ($operation, $input) = @_;
	my $request = $json->encode($input);
	my @outputs = map { exchange($_, $operation, $input)->{json} } @connections;

	push @outputs, map {
		$json->decode(sql_run($session,
				"SET plan_cache_mode = $_; SELECT dynamo.execute('$operation', '$request')"))
	} qw(force_custom_plan auto);
	return @outputs;
}

# Returns the lists of sort keys of all outputs, each different list once.
sub keys_read
{
	my (@outputs) = @_;
	my %lists = map { join(' ', map { $_->{Nr}{N} } @{ $_->{Items} }) => 1 } @outputs;

	return join ' or ', keys %lists;
}

sub query
{
	my ($condition, %more) = @_;

	return keys_read(everybody('Query', {
				TableName => 'Pages',
				KeyConditionExpression => "Id = :id$condition",
				ExpressionAttributeValues => {
					':id' => { S => 'b' },
					$condition ? (':at' => { N => '300' }) : () },
				Limit => 5,
				%more }));
}

# Runs each statement.  The items that it reads show the order of its scan.
sub check_answers
{
	my ($name) = @_;
	my $back = JSON::PP::false;
	my $key = { Id => { S => 'b' }, Nr => { N => '300' } };
	my @segments;

	is(query(''), '1 2 3 4 5', "$name: a partition");
	is(query('', ScanIndexForward => $back), '500 499 498 497 496', "$name: and backwards");
	is(query(' AND Nr >= :at'), '300 301 302 303 304', "$name: a range");
	is(query(' AND Nr < :at', ScanIndexForward => $back),
		'299 298 297 296 295', "$name: and backwards");
	is(query('', ExclusiveStartKey => $key), '301 302 303 304 305', "$name: the next page");
	is( keys_read(everybody('Scan', { TableName => 'Pages', Limit => 3 })),
		'1 2 3', "$name: a scan");
	is( keys_read(everybody('Scan',
			{ TableName => 'Pages', Limit => 3, ExclusiveStartKey => $key })),
		'301 302 303', "$name: the next page");
	foreach my $segment (0 .. 2)
	{
		my ($list) = keys_read(everybody('Scan',
				{ TableName => 'Pages', Segment => $segment, TotalSegments => 3 }));
		push @segments, split / /, $list;
	}
	is(scalar @segments, 1500, "$name: all segments together");
	is(keys_read(map { { Items => [ $_->{Item} ] } }
			everybody('GetItem', { TableName => 'Pages', Key => $key })),
		'300', "$name: an item");
	everybody('UpdateItem', { TableName => 'Pages', Key => $key,
			ConditionExpression => 'attribute_exists(Id)' });
	everybody('DeleteItem', { TableName => 'Pages', Key => { %$key, Nr => { N => '-1' } } });
	return;
}

# Returns the plans of statements on the table, from the server's log.
sub plans_since
{
	my ($offset) = @_;
	my $log = substr slurp_file($node->logfile), $offset;

	return grep { /dynamo_data\."Pages"/ && /Query Text: (SELECT (pk|item)|UPDATE dyn|DELETE)/ }
	  $log =~ /^.*? LOG:  duration: .*? plan:\n((?:\t.*\n)+)/mg;
}

while (my ($name, $sql) = splice @disturbances, 0, 2)
{
	my $offset = -s $node->logfile;

	$node->safe_psql($DynamoTest::database, $sql);
	check_answers($name);

	my @plans = plans_since($offset);
	my @wrong = grep {
		/Sort|Seq Scan|Bitmap|Join/ || !/Index Scan (Backward )?using "Pages:(pkey|token)"/
	} @plans;

	cmp_ok(scalar @plans, '>', 100, "$name: the log has the plans");
	is(scalar @wrong, 0, "$name: all walk their index") or diag($wrong[0]);
}

sql_end($session);
$node->stop;
done_testing();
