# The server deletes expired items.  Clients do not wait for the sweep, and the sweep
# does not wait for clients.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $node = dynamo_node('main', init => [ allows_streaming => 1 ], extra => <<END);
restart_after_crash = on
autovacuum = off
dynamo.ttl_interval = 1
dynamo.ttl_batch_size = 20
END

# ---------------------------------------------------------------- requests

sub specify
{
	my ($table, $enabled, $attribute) = @_;

	return { TableName => $table,
		TimeToLiveSpecification => {
			Enabled => $enabled ? JSON::PP::true : JSON::PP::false,
			AttributeName => $attribute // 'expires' } };
}

sub status
{
	my ($table, $on) = @_;
	my $reply = request($on // $node, 'DescribeTimeToLive', { TableName => $table });

	return $reply->{json}{TimeToLiveDescription}{TimeToLiveStatus};
}

sub wait_for_status
{
	my ($table, $status) = @_;

	wait_until(sub { (status($table) // '') eq $status }, "$table is $status");
	pass("$table is $status");
	return;
}

# Puts an item that expires in this many seconds.  Returns the status.
sub put
{
	my ($table, $id, $seconds, $on) = @_;

	return request($on // $node, 'PutItem',
		{   TableName => $table,
			Item => { Id => { S => "$id" }, expires => { N => '' . (int(time) + $seconds) } } })
	  ->{status};
}

# Puts this many items that have expired.
sub fill_with_old
{
	my ($table, $count) = @_;

	$node->safe_psql($DynamoTest::database, <<END);
INSERT INTO dynamo_data."$table" SELECT 'many ' || i, jsonb_build_object('Id', jsonb_build_object('S', 'many ' || i),
	'expires', jsonb_build_object('N', (extract(epoch FROM now())::bigint - 2 - i % 3)::text))
FROM generate_series(1, $count) AS i
END
	return;
}

sub is_there
{
	my ($table, $id, $on) = @_;

	return request($on // $node, 'GetItem',
		{ TableName => $table, Key => { Id => { S => "$id" } }, ConsistentRead => JSON::PP::true })
	  ->{json}{Item};
}

sub count
{
	my ($table) = @_;

	return $node->safe_psql($DynamoTest::database, "SELECT count(*) FROM dynamo_data.\"$table\"");
}

# -------------------------------------------------------------- processes

sub processes
{
	return $node->safe_psql('postgres', <<END);
SELECT string_agg(backend_type, ', ' ORDER BY backend_type)
FROM pg_stat_activity WHERE backend_type IN ('dynamo sweeper', 'dynamo builder')
END
}

sub wait_for_processes
{
	my ($wanted) = @_;

	wait_until(sub { processes() eq $wanted },
		$wanted eq '' ? 'there are no such processes' : "there is $wanted");
	pass($wanted eq '' ? 'there are no processes for it' : "there is $wanted");
	return;
}

sub index_state
{
	my ($table) = @_;

	return $node->safe_psql($DynamoTest::database, <<END);
SELECT indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname = '$table:ttl'
END
}

# -------------------------------------------------------------------- tests

create_table($node, $_, Id => 'S') foreach qw(Things Others);

subtest 'no process without time to live' => sub {
	is(put('Things', 'old', -10), 200, 'an item that expired before that mattered');
	is(put('Things', 'new', 1000), 200, 'one that will not');
	is(status('Things'), 'DISABLED', 'nothing is enabled');
	is(processes(), '', 'and nobody is there to delete anything');
};

subtest 'enabled' => sub {
	my $output = ddb_ok($node, 'UpdateTimeToLive', specify('Things', 1));

	is_deeply($output, { TimeToLiveSpecification => { Enabled => JSON::PP::true, AttributeName => 'expires' } },
		'the answer repeats what was asked for');
	is(status('Things'), 'ENABLED', 'a small table is ENABLED at once');
	is(index_state('Things'), 't', 'the index is there');
	wait_until(sub { !is_there('Things', 'old') }, 'the item is gone');
	wait_for_processes('dynamo sweeper');

	put('Things', "again $_", $_) foreach -5, 2;
	wait_until(sub { count('Things') == 1 }, 'others are gone when their time has come');
	ok(is_there('Things', 'new'), 'and only they');
};

subtest 'many items' => sub {
	fill_with_old('Things', 25000);
	wait_until(sub { count('Things') == 1 }, 'all are gone');
	pass('more than a chunk and many batches of items are deleted');
};

subtest 'enabled in SQL' => sub {
	my $began = time;

	is( $node->safe_psql($DynamoTest::database, <<END), 'ENABLING', 'a server makes the index, not the session');
BEGIN;
SELECT FROM dynamo.update_time_to_live('{"TableName": "Others", "TimeToLiveSpecification": {"Enabled": true, "AttributeName": "expires"}}');
SELECT dynamo.describe_time_to_live('{"TableName": "Others"}') #>> '{TimeToLiveDescription,TimeToLiveStatus}';
COMMIT;
END
	wait_for_status('Others', 'ENABLED');
	cmp_ok(time - $began, '<', 5, 'the commit wakes it');
};

subtest 'what somebody else has locked' => sub {
	my $item = sql_session($node);
	my $table = sql_session($node);

	put('Things', $_, -1000) foreach 'locked', 'free';
	sql_run($item, q{BEGIN; SELECT FROM dynamo_data."Things" WHERE pk = 'locked' FOR SHARE});
	sql_run($table, q{BEGIN; LOCK TABLE dynamo_data."Others"});
	wait_until(sub { !is_there('Things', 'free') }, 'the item beside it is gone');
	ok(is_there('Things', 'locked'), 'a locked item stays');
	put('Things', 'later', -1000);
	wait_until(sub { !is_there('Things', 'later') }, 'later ones go');
	pass('a locked table and a locked item hold nothing up');
	sql_run($_, 'COMMIT') foreach $item, $table;
	wait_until(sub { !is_there('Things', 'locked') }, 'the item is gone');
	pass('unlocked it goes');
	sql_end($_) foreach $item, $table;
};

subtest 'an item that cannot be deleted' => sub {
	my $log = -s $node->logfile;

	$node->safe_psql($DynamoTest::database, <<'END');
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
	IF old.pk LIKE 'refused%' THEN
		RAISE 'not this one, says %', current_user;
	END IF;
	RETURN old;
END $$;
CREATE CONSTRAINT TRIGGER refuse AFTER DELETE ON dynamo_data."Things" INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();
END
	put('Things', "refused $_", -2000 - $_) foreach 1 .. 3;
	put('Things', "accepted $_", -1000 - $_) foreach 1 .. 50;
	wait_until(sub { count('Things') == 4 }, 'the others are gone');
	ok(is_there('Things', "refused $_"), "refused $_ is there") foreach 1 .. 3;
	my $complaints = () = slurp_file($node->logfile, $log) =~
	  /could not delete expired items of table "Things": not this one, says dynamo_service/g;

	cmp_ok($complaints, '>', 0, 'the log says why, and that it is no superuser who deletes');
	cmp_ok($complaints, '<', 60, 'once in a pass');
	$node->safe_psql($DynamoTest::database, 'DROP FUNCTION refuse CASCADE');
	wait_until(sub { count('Things') == 1 }, 'they are gone');
};

subtest 'restarts' => sub {
	$node->restart;
	wait_until_served($node);
	put('Things', 'old', -10);
	wait_until(sub { !is_there('Things', 'old') }, 'the item is gone');
	pass('after a restart items expire');

	put('Things', 'old', -10);
	$node->safe_psql('postgres',
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'dynamo sweeper'");
	wait_until(sub { !is_there('Things', 'old') }, 'the item is gone');
	pass('a process that was terminated is replaced');

	kill_server($node);
	$node->start;
	wait_until_served($node);
	put('Things', 'old', -10);
	wait_until(sub { !is_there('Things', 'old') }, 'the item is gone');
	pass('after a crash, too');
};

subtest 'a table that is locked for a moment' => sub {
	my $session = sql_session($node);

	# a new process sweeps once at its start, and then not for an hour
	put('Things', 'old', 2);
	$node->safe_psql('postgres', $_)
	  foreach 'ALTER SYSTEM SET dynamo.ttl_interval = 3600', 'SELECT pg_reload_conf()';
	sql_run($session, 'BEGIN; LOCK TABLE dynamo_data."Things"; SELECT pg_sleep(3)');
	my ($pid) = process_ids($node, 'dynamo sweeper');
	$node->safe_psql('postgres', "SELECT pg_terminate_backend($pid)");
	wait_until(
		sub {
			my ($new) = process_ids($node, 'dynamo sweeper');
			return $new && $new != $pid;
		},
		'there is another process');
	sql_run($session, 'SELECT pg_sleep(0.5); COMMIT');
	sql_end($session);
	wait_until(sub { !is_there('Things', 'old') }, 'the item is gone');
	pass('it is tried again in the same pass');
	$node->safe_psql('postgres', $_)
	  foreach 'ALTER SYSTEM RESET dynamo.ttl_interval', 'SELECT pg_reload_conf()';
};

subtest 'disabled' => sub {
	ddb_ok($node, 'UpdateTimeToLive', specify('Others', 0));
	wait_for_status('Others', 'DISABLED');
	is(index_state('Others'), '', 'the index is gone');
	wait_for_processes('dynamo sweeper');
	ddb_ok($node, 'UpdateTimeToLive', specify('Things', 0));
	wait_for_status('Things', 'DISABLED');
	wait_for_processes('');
	unlike(slurp_file($node->logfile), qr/terminating background worker "dynamo (ttl|builder) 1"/,
		'they end by themselves');
};

# CREATE INDEX CONCURRENTLY waits for every transaction that has written to the table.
sub hold_up_builds
{
	my ($table) = @_;
	my $session = sql_session($node);

	sql_run($session, qq{BEGIN; UPDATE dynamo_data."$table" SET item = item});
	return $session;
}

subtest 'while the index is being made' => sub {
	my $session = hold_up_builds('Things');

	ddb_ok($node, 'UpdateTimeToLive', specify('Things', 1));
	wait_until(sub { index_state('Things') eq 'f' }, 'the build has begun');
	is_deeply(ddb_ok($node, 'DescribeTimeToLive', { TableName => 'Things' })->{TimeToLiveDescription},
		{ TimeToLiveStatus => 'ENABLING', AttributeName => 'expires' }, 'the table is ENABLING');
	is(put('Things', 'meanwhile', -10), 200, 'items can be written');
	ddb_error($node, 'UpdateTimeToLive', specify('Things', 1), 'ValidationException',
		'TimeToLive is already enabled', 'enabled it is');
	is(processes(), 'dynamo builder', 'nobody deletes items yet');

	fill_with_old('Others', 10001);
	ddb_ok($node, 'UpdateTimeToLive', specify('Others', 1));
	is(status('Others'), 'ENABLING', 'another table, not small, waits for its turn');
	is(put('Others', 'meanwhile', -10), 200, 'where items can be written, too');

	sql_run($session, 'COMMIT');
	sql_end($session);
	wait_for_status($_, 'ENABLED') foreach qw(Things Others);
	is(index_state('Things'), 't', 'the index is complete');
	wait_until(sub { !is_there($_, 'meanwhile') }, "the item of $_ is gone") foreach qw(Things Others);
	wait_for_processes('dynamo sweeper');
};

subtest 'an index that somebody has dropped' => sub {
	my $log = -s $node->logfile;

	$node->safe_psql($DynamoTest::database, 'DROP INDEX dynamo_data."Things:ttl"');
	put($_, 'old', -10) foreach qw(Things Others);
	wait_until(sub { !is_there('Others', 'old') }, 'other tables are swept');
	wait_until(
		sub {
			slurp_file($node->logfile, $log) =~ /the index for time to live of table "Things" is missing/;
		},
		'the log says why');
	ok(is_there('Things', 'old'), 'nothing is deleted without it');
	foreach my $enabled (0, 1)
	{
		ddb_ok($node, 'UpdateTimeToLive', specify('Things', $enabled));
		wait_for_status('Things', $enabled ? 'ENABLED' : 'DISABLED');
	}
	wait_until(sub { !is_there('Things', 'old') }, 'the item is gone');
	pass('enabling time to live makes it again');
};

subtest 'disabled while somebody uses the table' => sub {
	my $session = sql_session($node);

	sql_run($session, 'BEGIN; SELECT count(*) FROM dynamo_data."Others"');
	ddb_ok($node, 'UpdateTimeToLive', specify('Others', 0));
	is_deeply(ddb_ok($node, 'DescribeTimeToLive', { TableName => 'Others' })->{TimeToLiveDescription},
		{ TimeToLiveStatus => 'DISABLING', AttributeName => 'expires' }, 'the table is DISABLING');
	ddb_error($node, 'UpdateTimeToLive', specify('Others', 0), 'ValidationException',
		'TimeToLive is already disabled', 'disabled it is');
	ddb_error($node, 'UpdateTimeToLive', specify('Others', 1), 'ValidationException',
		'Time to live has been modified multiple times within a fixed interval',
		'enabled it cannot be yet');
	is(put('Others', 'meanwhile', -10), 200, 'items can be written');
	ok(is_there('Others', 'meanwhile'), 'and read');
	sql_run($session, 'COMMIT');
	sql_end($session);
	wait_for_status('Others', 'DISABLED');
	is(index_state('Others'), '', 'the index is gone');
};

subtest 'kill -9 in the middle of a build' => sub {
	my $session = hold_up_builds('Others');

	ddb_ok($node, 'UpdateTimeToLive', specify('Others', 1));
	wait_until(sub { index_state('Others') eq 'f' }, 'the build has begun');
	my ($pid) = process_ids($node, 'dynamo builder');
	kill 'KILL', $pid;
	wait_until(sub { !kill 0, $pid }, 'it is gone');
	eval { sql_end($session) };
	wait_until_served($node);
	wait_for_status('Others', 'ENABLED');
	is(index_state('Others'), 't', 'what was left of the index has been replaced');
	wait_until(sub { !is_there('Others', 'meanwhile') }, 'the item is gone');
	pass('and is used');
};

subtest 'a table deleted in the middle of a build' => sub {
	create_table($node, 'Doomed', Id => 'S');
	fill_with_old('Doomed', 10001);
	my $session = sql_session($node);

	# the build comes to where it waits for this transaction's snapshot
	sql_run($session, 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
	ddb_ok($node, 'UpdateTimeToLive', specify('Doomed', 1));
	wait_until(sub { $node->safe_psql('postgres', <<END) }, 'the build waits');
SELECT pid FROM pg_stat_activity WHERE backend_type = 'dynamo builder' AND wait_event = 'virtualxid'
END
	ddb_ok($node, 'DeleteTable', { TableName => 'Doomed' });
	wait_until(
		sub {
			!grep { $_ eq 'Doomed' } @{ request($node, 'ListTables', {})->{json}{TableNames} };
		},
		'the table is gone');
	pass('a forgotten transaction does not keep it');
	sql_run($session, 'COMMIT');
	sql_end($session);
	wait_for_processes('dynamo sweeper');
};

subtest 'a standby' => sub {
	$node->backup('copy');
	my $standby = PostgreSQL::Test::Cluster->new('standby');

	$standby->init_from_backup($node, 'copy', has_streaming => 1);
	dynamo_configure($standby);
	$standby->start;
	wait_until_served($standby);
	is(status('Things', $standby), 'ENABLED', 'a standby describes it');
	is( $standby->safe_psql('postgres',
			"SELECT count(*) FROM pg_stat_activity WHERE backend_type IN ('dynamo sweeper', 'dynamo builder')"),
		'0', 'but deletes nothing');
	$node->wait_for_catchup($standby);
	$node->stop;
	$standby->promote;
	$standby->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()');
	wait_until(sub { put('Things', 'old', -10, $standby) == 200 }, 'it writes');
	wait_until(sub { !is_there('Things', 'old', $standby) }, 'the item is gone');
	pass('promoted it does');
	$standby->stop;
};

done_testing();
