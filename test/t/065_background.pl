# Background work is cheap and reports in time: statistics of workers that have
# become idle, old tokens, a full disk.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = dynamo_node('main');
my $database = $DynamoTest::database;

create_table($node, 'Tab', Id => 'S');

# Statistics
my $socket = raw_connect($node);

is(scalar(grep { $_->{status} == 200 }
		map { exchange($socket, 'PutItem', { TableName => 'Tab', Item => { Id => { S => "$_" } } }) } 1 .. 100),
	100, 'a hundred items are put');
my $inserted = wait_until(
	sub {
		my $count = $node->safe_psql($database, q{SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'Tab'});
		return $count >= 100 && $count;
	},
	'an idle worker has reported what it did');
is($inserted, 100, 'PostgreSQL knows of all of them soon');

# Tokens are swept when the tasks process starts.
$node->safe_psql($database, <<END);
INSERT INTO dynamo_catalog.request_tokens
SELECT 'token ' || i, 'TransactWriteItems', now() - interval '1 hour', '', '{}' FROM generate_series(1, 1000) AS i;
SELECT pg_stat_reset_single_table_counters('dynamo_catalog.request_tokens'::regclass);
END
$node->restart;
wait_until_served($node);
wait_until(
	sub { $node->safe_psql($database, 'SELECT count(*) FROM dynamo_catalog.request_tokens') eq '0' },
	'old tokens are forgotten');
wait_until(
	sub {
		$node->safe_psql($database,
			q{SELECT idx_scan > 0 FROM pg_stat_all_indexes WHERE indexrelname = 'request_tokens_completed_at'}) eq 't';
	},
	'old tokens are found by an index');
pass('old tokens are found by an index');

# A full disk, as far as PostgreSQL reports it
$node->safe_psql($database, <<'END');
CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER disk_is_full BEFORE INSERT ON dynamo_data."Tab" FOR EACH ROW EXECUTE FUNCTION disk_is_full();
END
my $log_start = -s $node->logfile;

$socket = raw_connect($node);
is(scalar(grep { $_->{status} == 500 }
		map { exchange($socket, 'PutItem', { TableName => 'Tab', Item => { Id => { S => "more $_" } } }) } 1 .. 100),
	100, 'a hundred requests fail');
my @lines = slurp_file($node->logfile, $log_start) =~ /^.*could not extend file.*$/mg;

cmp_ok(scalar @lines, '>', 0, 'the log tells why');
cmp_ok(scalar @lines, '<', 50, 'but not of each of them');

$node->stop;
done_testing();
