# Background work.  No class of tasks delays another.  A job reports what it does and
# what it waits for, and can be cancelled.  A missing process is reported.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $database = $DynamoTest::database;
my $node = dynamo_node('main', extra => "dynamo.workers = 1\ndynamo.ttl_interval = 1\n");

sub sql
{
	my ($statement) = @_;

	return $node->safe_psql($database, $statement);
}

# Returns the output of a statement, or the first line of its error.
sub sql_as
{
	my ($role, $statement) = @_;
	my ($code, $out, $error) = $node->psql($database, "SET ROLE $role; $statement");

	return $code == 0 ? $out : ($error =~ /ERROR: +(.*)/)[0];
}

sub fill
{
	my ($table, $count) = @_;

	create_table($node, $table, Id => 'S');
	sql("INSERT INTO dynamo_data.\"$table\" SELECT 'i' || i, jsonb_build_object('Id',"
		  . " jsonb_build_object('S', 'i' || i), 'Color', jsonb_build_object('S', 'c' || i % 7),"
		  . " 'At', jsonb_build_object('N', (extract(epoch FROM now())::bigint - 9)::text))"
		  . " FROM generate_series(1, $count) AS i");
	return;
}

sub index_status
{
	my ($table) = @_;
	my $reply = request($node, 'DescribeTable', { TableName => $table });

	return (($reply->{json}{Table}{GlobalSecondaryIndexes} || [])->[0] || {})->{IndexStatus} // '';
}

sub job
{
	my ($columns, $table) = @_;

	return sql("SELECT $columns FROM dynamo.jobs WHERE table_name = '$table' AND task = 'BUILD INDEX'");
}

# A transaction that has a snapshot holds up CREATE INDEX CONCURRENTLY.
sub hold_builds_up
{
	my $session = sql_session($node);
	my $pid = sql_run($session, 'SELECT pg_backend_pid()');

	sql_run($session, 'BEGIN ISOLATION LEVEL REPEATABLE READ');
	sql_run($session, 'SELECT count(*) FROM pg_class');
	return ($session, $pid);
}

subtest 'while an index is built' => sub {
	fill('Expiring', 100);
	ddb_ok($node, 'UpdateTimeToLive',
		{ TableName => 'Expiring', TimeToLiveSpecification => { Enabled => JSON::PP::true, AttributeName => 'At' } });
	fill('Indexed', 100);
	create_index($node, 'Indexed');
	wait_until(sub { index_status('Indexed') eq 'ACTIVE' }, 'there is an index');
	wait_until(sub { sql('SELECT count(*) FROM dynamo_data."Expiring"') eq '0' }, 'items expire');

	my ($blocker) = hold_builds_up();

	fill('Held', 100);
	create_index($node, 'Held');
	wait_until(sub { job('waits_for', 'Held') ne '' }, 'the build waits');

	# a deletion that has to wait for a transaction
	fill('Deleted', 10);
	my $user = sql_session($node);
	sql_run($user, 'BEGIN; SELECT count(*) FROM dynamo_data."Deleted"');
	ddb_ok($node, 'DeleteTable', { TableName => 'Deleted' });
	sql_run($user, 'SELECT count(*) FROM dynamo_data."Indexed"');
	change_index($node, 'Indexed', Delete => { IndexName => 'ByColor' });
	is(index_status('Indexed'), 'DELETING', 'an index in use is not gone at once');
	sql(q{INSERT INTO dynamo_catalog.request_tokens
		VALUES ('old', 'TransactWriteItems', now() - interval '1 hour', '', '{}')});
	sql_end($user);
	wait_until(sub { sql(q{SELECT to_regclass('dynamo_data."Deleted"') IS NULL}) eq 't' }, 'a table is dropped');
	wait_until(sub { index_status('Indexed') eq '' }, 'an index is dropped');
	wait_until(sub { sql('SELECT count(*) FROM dynamo_catalog.request_tokens') eq '0' }, 'a token is forgotten');
	ddb_ok($node, 'PutItem',
		{ TableName => 'Expiring', Item => { Id => { S => 'late' }, At => { N => '' . (time() - 9) } } });
	wait_until(sub { sql('SELECT count(*) FROM dynamo_data."Expiring"') eq '0' }, 'an item expires');
	is(index_status('Held'), 'CREATING', 'all the time an index was being built');
	sql_end($blocker);
	wait_until(sub { index_status('Held') eq 'ACTIVE' }, 'it is built');
};

subtest 'what a job tells' => sub {
	my ($blocker, $pid) = hold_builds_up();

	fill('Told', 100);
	create_index($node, 'Told');
	wait_until(sub { job('waits_for', 'Told') eq "the transaction of process $pid" }, 'whom it waits for');
	is(job('state, job_id > 0, phase LIKE $$waiting for%$$, error', 'Told'), 'RUNNING|t|t|', 'its state');
	is(sql_as('dynamo_admin', q{SELECT phase IS NOT NULL FROM dynamo.jobs WHERE table_name = 'Told'}),
		't', 'and so to those who may not see what sessions do');
	sql_end($blocker);
	wait_until(sub { index_status('Told') eq 'ACTIVE' }, 'it is built');
	is(job('*', 'Told'), '', 'then there is no job');
};

subtest 'cancelled' => sub {
	my ($blocker) = hold_builds_up();

	sql('CREATE ROLE stranger; CREATE ROLE reader; CREATE ROLE "table owner"');
	fill('Cancelled', 100);
	sql('GRANT SELECT ON dynamo_data."Cancelled" TO reader, "table owner";'
		  . q{ UPDATE dynamo_catalog.tables SET owner_role = 'table owner' WHERE table_name = 'Cancelled'});
	create_index($node, 'Cancelled');
	wait_until(sub { job('waits_for', 'Cancelled') ne '' }, 'the build waits');

	my $id = job('job_id', 'Cancelled');
	is(sql_as('stranger', "SELECT dynamo.cancel_job($id)"),
		"job $id does not exist", 'whoever is not told of the table is not told of the job');
	is(sql_as('reader', "SELECT dynamo.cancel_job($id)"),
		'must be owner of table "Cancelled" to cancel its jobs', 'a reader may not');
	is(job('state', 'Cancelled'), 'RUNNING', 'so it goes on');
	is(sql_as('"table owner"', "SELECT dynamo.cancel_job($id)"), 't', 'the owner may');
	wait_until(sub { job('state', 'Cancelled') eq 'RETRYING' }, 'the attempt has ended, though it waited');
	is( job('job_id, attempts, error_code, error, retry_at > now() + interval $$4 minutes$$', 'Cancelled'),
		"$id|1|57014|cancelled by role \"table owner\"|t",
		'it is tried again in five minutes');
	is(index_status('Cancelled'), 'CREATING', 'the index is still wanted');

	sql(q{UPDATE dynamo_catalog.jobs SET retry_at = now() + interval '10 seconds'});
	is(sql_as('dynamo_admin', "SELECT dynamo.cancel_job($id)"), 't', 'an administrator puts the next attempt off');
	is(job('retry_at > now() + interval $$4 minutes$$', 'Cancelled'), 't', 'for as long');
	is(sql_as('dynamo_admin', 'SELECT dynamo.cancel_job(0)'), 'job 0 does not exist', 'what is not there is said');

	sql_end($blocker);
	sql('UPDATE dynamo_catalog.jobs SET retry_at = now()');
	wait_until(sub { index_status('Cancelled') eq 'ACTIVE' }, 'the next attempt builds it');
	is(sql_as('dynamo_admin', "SELECT dynamo.cancel_job($id)"), "job $id does not exist", 'then there is no job');
};

subtest 'no place for a process' => sub {
	my $log = -s $node->logfile;

	# launcher, flusher, worker, tasks, and PostgreSQL's logical replication launcher
	$node->append_conf('postgresql.conf', 'max_worker_processes = 5');
	ddb_ok($node, 'UpdateTimeToLive',
		{ TableName => 'Expiring', TimeToLiveSpecification => { Enabled => JSON::PP::false, AttributeName => 'At' } });
	wait_until(sub { sql(q{SELECT ttl_status FROM dynamo.tables WHERE table_name = 'Expiring'}) eq 'DISABLED' },
		'nothing expires');
	$node->restart;
	wait_until_served($node);
	wait_until(sub { sql('SELECT count(*) FROM dynamo.processes WHERE running < wanted') eq '0' },
		'all that are wanted run');
	fill('Waiting', 10);
	create_index($node, 'Waiting');
	wait_until(
		sub {
			sql(q{SELECT * FROM dynamo.processes WHERE waits_for IS NOT NULL}) eq
			  'dynamo builder|1|0|a place among max_worker_processes';
		},
		'dynamo.processes tells');
	is(index_status('Waiting'), 'CREATING', 'the index has to wait');

	my $text = slurp_file($node->logfile, $log);
	like($text, qr/dynamo may need 6 background workers, but "max_worker_processes" is 5\n.*HINT: +Increase max_worker_processes to 6/,
		'the log told so at the start');
	is(() = $text =~ /could not start "dynamo builder": too many background workers/g, 1, 'and once when it came to it');

	$node->append_conf('postgresql.conf', 'max_worker_processes = 8');
	$node->restart;
	wait_until_served($node);
	wait_until(sub { index_status('Waiting') eq 'ACTIVE' }, 'with a place it is built');
	is(sql('SELECT count(*) FROM dynamo.processes WHERE waits_for IS NOT NULL'), '0', 'nobody waits');
};

$node->stop;
done_testing();
