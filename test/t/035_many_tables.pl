# Thousands of tables used in turn.  A worker keeps the descriptors and plans of a
# few tables, and its memory does not grow with each round.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $tables = $ENV{DYNAMO_TEST_TABLES} || 1500;

my $node = dynamo_node('main', extra => <<END);
dynamo.workers = 1
dynamo.plan_cache = 100
fsync = off
autovacuum = off
END

# A hundred tables in each transaction, because each takes locks until its end.
sub create_tables
{
	my $definition = JSON::PP->new->encode(table_definition('%', Id => 'S'));

	$node->safe_psql($DynamoTest::database, <<SQL);
CREATE PROCEDURE create_tables(first int, last int) LANGUAGE plpgsql AS \$\$
BEGIN
	FOR i IN first .. last LOOP
		PERFORM dynamo.create_table(replace('$definition', '%', 'T_' || i)::jsonb);
		IF i % 100 = 0 THEN
			COMMIT;
		END IF;
	END LOOP;
END
\$\$;
CALL create_tables(1, $tables);
SQL
	return;
}

# Returns how many requests have failed.
sub touch_tables
{
	my ($round) = @_;
	my $socket = raw_connect($node);
	my $failed = 0;

	foreach my $i (1 .. $tables)
	{
		my $item = { Id => { S => 'a' }, V => { N => "$round" } };
		my $put = exchange($socket, 'PutItem', { TableName => "T_$i", Item => $item });
		my $get = exchange($socket, 'GetItem',
			{ TableName => "T_$i", Key => { Id => { S => 'a' } } });

		$failed++
		  unless $put->{status} == 200 && ($get->{json}{Item}{V}{N} // '') eq $round;
	}
	return $failed;
}

# Returns the private memory of a worker in kB.
sub memory_of_worker
{
	my ($pid) = process_ids($node, 'dynamo worker');
	my ($memory) = slurp_file("/proc/$pid/status") =~ /^RssAnon:\s+(\d+) kB/m;

	return $memory;
}

create_tables();
my @memory = memory_of_worker();
foreach my $round (1 .. 3)
{
	is(touch_tables($round), 0, "round $round: all $tables tables are served");
	push @memory, memory_of_worker();
}
note("the worker's memory, kB: @memory");

# The first round fills PostgreSQL's own caches.  Memory that is freed then is used
# again in the next round.
cmp_ok($memory[3] - $memory[1], '<', 2 * $tables, 'after the first round memory stays');

$node->append_conf('postgresql.conf', 'dynamo.plan_cache = 100000');
$node->reload;
is(touch_tables($_), 0, "round $_: all tables are served") foreach 4 .. 5;
push @memory, memory_of_worker();
note("when it may keep them all: $memory[4]");
cmp_ok($memory[4] - $memory[3], '>', 10 * $tables, 'so it was the setting that kept it small');

$node->stop;
done_testing();
