# The owner of a database need not be a superuser.  He may create objects that
# CREATE EXTENSION, background processes or administrators could use by mistake.
# None of them runs with privileges that the owner does not have.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $database = $DynamoTest::database;
my $node = dynamo_node('hostile', extension => 0, extra => "dynamo.workers = 1\n");

$node->safe_psql('postgres', "CREATE ROLE mallory LOGIN CREATEROLE;
	ALTER DATABASE $database OWNER TO mallory;");

sub as_superuser
{
	return $node->safe_psql($database, shift);
}

# With PostgreSQL's own operators, whatever the database says
sub calmly
{
	return as_superuser('SET search_path = pg_catalog; ' . shift);
}

sub as_mallory
{
	my ($sql) = @_;
	my ($status, $out, $err) = $node->psql($database, $sql,
		extra_params => [ '-U', 'mallory' ], on_error_stop => 1);

	$status == 0 or die "mallory cannot: $err";
	return $out;
}

sub create_extension
{
	my ($status, $out, $err) = $node->psql($database, 'CREATE EXTENSION dynamo');

	return $status == 0 ? 'created' : $err;
}

sub is_superuser
{
	return calmly(q{SELECT count(*) FROM pg_roles
		WHERE rolname <> 'postgres' AND rolname !~ '^pg_' AND rolsuper
		AND rolname <> (SELECT rolname FROM pg_roles WHERE oid = 10)});
}

# Waits for two rounds of the tasks process, which begins a round when it is woken at
# its start.
sub let_jobs_run
{
	foreach (1, 2)
	{
		my $pid = wait_until(
			sub { calmly(q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'dynamo tasks'
				AND backend_start < clock_timestamp() - interval '0.5 s'}) },
			'the tasks process runs');
		calmly("SELECT pg_terminate_backend($pid)");
		wait_until(
			sub { calmly(qq{SELECT count(*) FROM pg_stat_activity WHERE pid = $pid}) == 0 },
			'the tasks process has ended');
	}
	wait_until(
		sub { calmly(q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'dynamo tasks'
			AND state = 'idle' OR backend_type = 'dynamo tasks' AND wait_event IS NOT NULL
			AND backend_start < clock_timestamp() - interval '0.5 s'}) > 0 },
		'the next tasks process has run');
	return;
}

subtest 'tables that look like the catalog' => sub {
	as_mallory(<<'END');
CREATE SCHEMA dynamo_catalog;
CREATE TABLE dynamo_catalog.tables (table_name text, table_id uuid, heap_name text, status text, created_at timestamptz,
	partition_key text, partition_key_type text, sort_key text, sort_key_type text, definition jsonb, shown_status text,
	shown_until timestamptz, ttl_status text, ttl_attribute text, ttl_changed_at timestamptz, owner_role text);
CREATE TABLE dynamo_catalog.indexes (table_name text, index_name text, status text);
CREATE TABLE dynamo_catalog.jobs (table_name text);
CREATE TABLE dynamo_catalog.request_tokens (token text, completed_at timestamptz);
INSERT INTO dynamo_catalog.request_tokens VALUES ('a', '2000-01-01');
CREATE FUNCTION dynamo_catalog.rise() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	ALTER ROLE mallory SUPERUSER;
	RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER rise AFTER DELETE ON dynamo_catalog.request_tokens
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dynamo_catalog.rise();
END
	let_jobs_run();
	is(is_superuser(), 0, 'make nobody a superuser');
	is(as_mallory('SELECT count(*) FROM dynamo_catalog.request_tokens'),
		1, 'are left alone');
	like(request($node, 'ListTables', {})->{body},
		qr/is not installed in database/, 'are not served');
	like(create_extension(), qr/schema "dynamo_catalog" already exists/,
		'stop CREATE EXTENSION');
	as_mallory('DROP SCHEMA dynamo_catalog CASCADE');
};

subtest 'a schema for the data' => sub {
	as_mallory('CREATE SCHEMA dynamo_data');
	like(create_extension(), qr/schema "dynamo_data" exists and belongs to role "mallory".*HINT/s,
		'is refused');
	as_mallory('DROP SCHEMA dynamo_data');
};

subtest 'roles of our names' => sub {
	my @attempts = (
		[ 'CREATE ROLE dynamo_owner LOGIN', qr/role "dynamo_owner" exists, but it can log in.*HINT/s ],
		[ 'CREATE ROLE dynamo_owner ROLE mallory', qr/role "dynamo_owner" exists, but it has members/ ],
		[ 'CREATE ROLE dynamo_admin CREATEROLE', qr/role "dynamo_admin" exists, but it has attributes/ ],
		[ 'CREATE ROLE dynamo_admin ROLE mallory', qr/role "dynamo_admin" exists, but it has members/ ],
		[ 'CREATE ROLE dynamo_service ROLE mallory', qr/role "dynamo_service" exists, but it has members/ ]);

	foreach my $attempt (@attempts)
	{
		my ($sql, $expected) = @$attempt;
		my ($role) = $sql =~ /(dynamo_\w+)/;

		as_mallory($sql);
		like(create_extension(), $expected, $sql);
		as_mallory("DROP ROLE $role");
	}
	as_superuser('CREATE ROLE dynamo_owner SUPERUSER');
	like(create_extension(), qr/role "dynamo_owner" exists, but it is a superuser/,
		'a superuser');
	as_superuser('DROP ROLE dynamo_owner');
};

# Creates an operator of every name for every pair of types that statements use, and
# functions too.  A careless search_path finds them before PostgreSQL's own.
as_mallory(<<'END');
CREATE SCHEMA trap;
GRANT ALL ON SCHEMA trap TO PUBLIC;
CREATE TABLE trap.sprung (who text, what text);
GRANT ALL ON trap.sprung TO PUBLIC;
DO $$
DECLARE
	types text[] := '{text,name,numeric,bigint,integer,oid,boolean,jsonb,timestamptz,uuid,bytea,regclass,"char",text[]}';
	o record; l text; r text;
BEGIN
	FOR o IN SELECT DISTINCT oprname FROM pg_operator WHERE oprkind = 'b'
		AND oprname IN ('=','<>','<','>','<=','>=','+','-','*','/','||','->','->>','?','~','!~','~~','@>') LOOP
		FOREACH l IN ARRAY types LOOP FOREACH r IN ARRAY types LOOP
			EXECUTE format('CREATE FUNCTION trap.%I(%s, %s) RETURNS %s LANGUAGE plpgsql AS $f$
				BEGIN INSERT INTO trap.sprung VALUES (current_user, %L);
				RETURN NULL; END $f$', 'op' || o.oprname, l, r,
				CASE WHEN o.oprname ~ '[=<>~?@]' AND o.oprname NOT IN ('->', '->>') THEN 'boolean' ELSE l END,
				o.oprname || ' ' || l || ' ' || r);
			EXECUTE format('CREATE OPERATOR trap.%s (FUNCTION = trap.%I, LEFTARG = %s, RIGHTARG = %s)',
				o.oprname, 'op' || o.oprname, l, r);
		END LOOP; END LOOP;
	END LOOP;
	FOR o IN SELECT DISTINCT proname, pg_get_function_identity_arguments(oid) AS args, format_type(prorettype, NULL) AS result
		FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind = 'f' AND NOT proretset
		AND provariadic = 0 AND proname IN ('format', 'round', 'clock_timestamp', 'now', 'current_database', 'concat',
			'pg_table_size', 'pg_indexes_size', 'pg_relation_size', 'getdatabaseencoding', 'current_setting')
		AND format_type(prorettype, NULL) !~ 'internal|any|cstring' LOOP
		EXECUTE format('CREATE FUNCTION trap.%I(%s) RETURNS %s LANGUAGE plpgsql AS $f$
			BEGIN INSERT INTO trap.sprung VALUES (current_user, %L); RETURN NULL; END $f$',
			o.proname, o.args, o.result, o.proname);
	END LOOP;
END $$;
END
$node->safe_psql($database, "ALTER DATABASE $database SET search_path = trap, pg_catalog, public",
	extra_params => [ '-U', 'mallory' ]);

subtest 'operators and functions in front of ours' => sub {
	cmp_ok(as_superuser(q{SELECT count(*) FROM pg_catalog.pg_operator WHERE oprnamespace OPERATOR(pg_catalog.=) 'trap'::pg_catalog.regnamespace}),
		'>', 2000, 'there are many');
	is(create_extension(), 'created', 'do not stop CREATE EXTENSION');
	is(as_superuser(q{
			SET search_path = pg_catalog;
			SELECT pg_describe_object(d.classid, d.objid, d.objsubid) || ' on ' || pg_describe_object(d.refclassid, d.refobjid, 0)
			FROM pg_depend AS d
			LEFT JOIN pg_operator AS o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
			LEFT JOIN pg_proc AS p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
			WHERE coalesce(o.oprnamespace, p.pronamespace) = 'trap'::regnamespace
				AND NOT EXISTS (SELECT FROM pg_operator AS t WHERE d.classid = 'pg_operator'::regclass AND t.oid = d.objid)}),
		'', 'nothing of ours depends on them');
	wait_until_served($node);
	create_table($node, 'Things', name => 'S', at => 'N');
	ddb_ok($node, 'PutItem', { TableName => 'Things',
			Item => { name => { S => 'a' }, at => { N => '1' }, expires => { N => '1600000000' } } });
	ddb_ok($node, 'UpdateTable', { TableName => 'Things',
			AttributeDefinitions => [ { AttributeName => 'g', AttributeType => 'S' } ],
			GlobalSecondaryIndexUpdates => [ { Create => { IndexName => 'index',
				KeySchema => [ { AttributeName => 'g', KeyType => 'HASH' } ], Projection => { ProjectionType => 'ALL' } } } ] });
	wait_until(
		sub { ddb_ok($node, 'DescribeTable', { TableName => 'Things' })->{Table}{GlobalSecondaryIndexes}[0]{IndexStatus} eq 'ACTIVE' },
		'the index is built');
	ddb_ok($node, 'UpdateTimeToLive', { TableName => 'Things',
			TimeToLiveSpecification => { Enabled => JSON::PP::true, AttributeName => 'expires' } });
	ddb_ok($node, 'TransactWriteItems', { ClientRequestToken => 'token',
			TransactItems => [ { Delete => { TableName => 'Things', Key => { name => { S => 'a' }, at => { N => '1' } } } } ] });
	let_jobs_run();
	as_superuser(q{
		SELECT pg_catalog.count(*) FROM dynamo.tables;
		SELECT pg_catalog.count(*) FROM dynamo.indexes;
		SELECT * FROM dynamo.jobs;
		SELECT dynamo.check('Things'), dynamo.ttl_sweep(), dynamo.list_tables(), dynamo.take_ownership();
		SELECT dynamo.scan('{"TableName": "Things"}');
		SELECT dynamo.delete_table('{"TableName": "Things"}');
	});
	is(as_superuser('SELECT pg_catalog.string_agg(DISTINCT pg_catalog.concat(who, $$ $$, what), $$, $$) FROM trap.sprung'),
		'', 'and no trap has sprung');
	is(is_superuser(), 0, 'nobody has become a superuser');
};

subtest 'relations that are no longer ours' => sub {
	as_superuser('ALTER EXTENSION dynamo DROP TABLE dynamo_catalog.request_tokens; ALTER TABLE dynamo_catalog.request_tokens OWNER TO mallory');
	wait_until(
		sub { request($node, 'ListTables', {})->{status} == 503 },
		'a table of the catalog that is somebody\'s is noticed');
	pass('and nothing is served');
	as_superuser('ALTER TABLE dynamo_catalog.request_tokens OWNER TO dynamo_owner; ALTER EXTENSION dynamo ADD TABLE dynamo_catalog.request_tokens; ALTER TABLE dynamo_catalog.request_tokens OWNER TO dynamo_owner;');
	wait_until_served($node);
};

$node->stop;
done_testing();
