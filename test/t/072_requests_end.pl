# A request leaves nothing behind in its worker, neither its role nor the settings
# that its triggers have changed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $database = $DynamoTest::database;
my $node = dynamo_node('requests', extra => "dynamo.workers = 1\ndynamo.ttl_interval = 1\n");
my %other = (TableName => 'Other', Item => { name => { S => 'a' } });

create_table($node, $_, name => 'S') foreach qw(Things Other);

sub sql
{
	return $node->safe_psql($database, shift);
}

# Each of these settings would change or break later requests
my @settings = (
	[ 'default_transaction_read_only', 'on' ],
	[ 'default_transaction_isolation', 'serializable' ],
	[ 'statement_timeout', '1' ],
	[ 'lock_timeout', '3600000' ],
	[ 'row_security', 'off' ],
	[ 'search_path', 'trap' ],
	[ 'enable_indexscan', 'off' ],
	[ 'work_mem', '64' ],
	[ 'TimeZone', 'Pacific/Chatham' ],
	[ 'extra_float_digits', '-15' ],
	[ 'synchronous_commit', 'off' ],
	[ 'bytea_output', 'escape' ]);
my $settings = join ' ', map { "PERFORM set_config('$_->[0]', '$_->[1]', false);" } @settings;

# The settings of a worker's session, as the trigger of a later request sees them
sql(<<'END');
CREATE SCHEMA test;
CREATE TABLE test.seen (name text, value text, at timestamptz DEFAULT clock_timestamp());
GRANT USAGE ON SCHEMA test TO PUBLIC;
GRANT ALL ON test.seen TO PUBLIC;
CREATE FUNCTION test.look() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO test.seen SELECT name, setting FROM pg_settings WHERE name ~ 'transaction_read_only|transaction_isolation'
		OR name IN ('statement_timeout', 'lock_timeout', 'row_security', 'search_path', 'enable_indexscan', 'work_mem',
			'TimeZone', 'extra_float_digits', 'synchronous_commit', 'bytea_output');
	INSERT INTO test.seen VALUES ('user', current_user);
	RETURN NULL;
END $$;
CREATE TRIGGER look AFTER INSERT OR UPDATE ON dynamo_data."Other" FOR EACH ROW EXECUTE FUNCTION test.look();
END

sub seen
{
	ddb_ok($node, 'PutItem', \%other);
	my $seen = sql(q{SELECT name, value FROM test.seen ORDER BY 1});
	sql('TRUNCATE test.seen');
	return $seen;
}

my $before = seen();
like($before, qr/^user\|dynamo_service$/m, 'a request runs as its role');

my $things = 0;

sub put_thing
{
	return request($node, 'PutItem', { TableName => 'Things', Item => { name => { S => 'a' . ++$things } } });
}

foreach my $case (
	[ 'a trigger', 'CREATE TRIGGER change AFTER INSERT ON dynamo_data."Things" FOR EACH ROW' ],
	[ 'a deferred trigger', 'CREATE CONSTRAINT TRIGGER change AFTER INSERT ON dynamo_data."Things" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW' ])
{
	my ($name, $trigger) = @$case;

	sql(qq{CREATE OR REPLACE FUNCTION test.change() RETURNS trigger LANGUAGE plpgsql AS \$\$
		BEGIN $settings RETURN NULL; END \$\$;
		$trigger EXECUTE FUNCTION test.change();});
	is(put_thing()->{status}, 200, "$name changes settings");
	is(seen(), $before, 'the next request does not see them');
	sql('DROP TRIGGER change ON dynamo_data."Things"');
}

subtest 'a cursor that outlives its transaction' => sub {
	sql(qq{CREATE OR REPLACE FUNCTION test.late() RETURNS integer LANGUAGE plpgsql AS \$\$
			BEGIN $settings INSERT INTO test.seen VALUES ('late', current_user); RETURN 1; END \$\$;
		CREATE OR REPLACE FUNCTION test.change() RETURNS trigger LANGUAGE plpgsql AS \$\$
			BEGIN EXECUTE 'DECLARE late CURSOR WITH HOLD FOR SELECT test.late()'; RETURN NULL; END \$\$;
		CREATE TRIGGER change AFTER INSERT ON dynamo_data."Things" FOR EACH ROW EXECUTE FUNCTION test.change();});
	is(put_thing()->{status}, 200, 'a trigger opens one');
	is(sql(q{SELECT string_agg(value, ',') FROM test.seen WHERE name = 'late'}),
		'dynamo_service', 'its query runs as the caller');
	sql('TRUNCATE test.seen');
	is(seen(), $before, 'and what it sets ends with it');
	is(put_thing()->{status}, 200, 'another of the same name can be opened');
	sql('DROP TRIGGER change ON dynamo_data."Things"; TRUNCATE test.seen');
};

subtest 'a policy' => sub {
	sql(q{CREATE FUNCTION test.policy() RETURNS boolean LANGUAGE plpgsql AS $$
			BEGIN PERFORM set_config('statement_timeout', '1', false); RETURN true; END $$;
		ALTER TABLE dynamo_data."Things" ENABLE ROW LEVEL SECURITY;
		CREATE POLICY everybody ON dynamo_data."Things" USING (test.policy());});
	ddb_ok($node, 'GetItem', { TableName => 'Things', Key => { name => { S => 'a1' } } });
	is(seen(), $before, 'that sets something for a read');
};

subtest 'time to live' => sub {
	sql(qq{ALTER TABLE dynamo_data."Things" DISABLE ROW LEVEL SECURITY;
		CREATE OR REPLACE FUNCTION test.change() RETURNS trigger LANGUAGE plpgsql AS \$\$
			BEGIN INSERT INTO test.seen VALUES ('timeout', current_setting('statement_timeout') || ' ' || current_user);
			PERFORM set_config('statement_timeout', '1', false);
			PERFORM set_config('default_transaction_read_only', 'on', false); RETURN NULL; END \$\$;
		CREATE TRIGGER change AFTER DELETE ON dynamo_data."Things" FOR EACH ROW EXECUTE FUNCTION test.change();});
	ddb_ok($node, 'UpdateTimeToLive', { TableName => 'Things',
			TimeToLiveSpecification => { Enabled => JSON::PP::true, AttributeName => 'expires' } });
	foreach my $round (1, 2)
	{
		ddb_ok($node, 'PutItem', { TableName => 'Things',
				Item => { name => { S => "expired$round" }, expires => { N => '' . (time - 100) } } });
		wait_until(
			sub { sql(q{SELECT count(*) FROM test.seen WHERE name = 'timeout'}) == $round },
			"item $round has expired");
	}
	is(sql(q{SELECT string_agg(DISTINCT value, ',') FROM test.seen}),
		'0 dynamo_service', 'triggers of one item change nothing for the next');
};

$node->stop;
done_testing();
