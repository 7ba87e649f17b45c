# The next request of every worker and session sees a change of a table, whichever
# way the table was changed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = dynamo_node('main', extra => "dynamo.workers = 3\ndynamo.lock_timeout = 60s\n");
my $json = JSON::PP->new;

# Connections, enough to reach all workers, and SQL sessions.  All of them have used
# the table before it changes.
my @connections = map { raw_connect($node) } 1 .. 24;
my @sessions = map { sql_session($node) } 1 .. 2;

sub sql
{
	my ($sql) = @_;

	return $node->safe_psql($DynamoTest::database, $sql);
}

# Returns the different answers of all connections and sessions: one if they agree.
sub everybody
{
	my ($operation, $input) = @_;
	my %answers;

	foreach my $socket (@connections)
	{
		my $reply = exchange($socket, $operation, $input);

		$answers{ error_type($reply) || $json->canonical->encode($reply->{json}) } = 1;
	}
	foreach my $session (@sessions)
	{
		my $request = $json->encode($input);
		my $answer = sql_run($session, "SELECT dynamo.execute('$operation', '$request')");

		$answer = $answer =~ /^ERROR:  (\w+):/ ? $1 : $json->canonical->encode($json->decode($answer));
		$answers{$answer} = 1;
	}
	return join ' and ', sort keys %answers;
}

sub get
{
	my ($name, %key) = @_;

	return everybody('GetItem',
		{ TableName => $name, Key => { map { $_ => { S => $key{$_} } } keys %key } });
}

my $item = { Id => { S => 'a' }, V => { S => 'one' } };
my $found = $json->canonical->encode({ Item => $item });
my $nothing = '{}';
my $no_table = 'ResourceNotFoundException';

sub make_table
{
	my ($name) = @_;

	create_table($node, $name, Id => 'S');
	ddb_ok($node, 'PutItem', { TableName => $name, Item => $item });
	is(get($name, Id => 'a'), $found, "everybody knows $name");
	return;
}

sub test_recreated_by_sql
{
	my $definition = $json->encode(table_definition('Made', Id => 'S', At => 'S'));

	make_table('Made');
	sql(qq{BEGIN; SELECT dynamo.delete_table('{"TableName": "Made"}');
		SELECT dynamo.create_table('$definition'); ROLLBACK});
	is(get('Made', Id => 'a'), $found, 'made anew and rolled back: all is as it was');

	sql(qq{BEGIN; SELECT dynamo.delete_table('{"TableName": "Made"}');
		SELECT dynamo.create_table('$definition'); COMMIT});
	is(get('Made', Id => 'a'), 'ValidationException', 'made anew by SQL: the old key is wrong');
	is(get('Made', Id => 'a', At => 'b'), $nothing, 'and the new one right');
	return;
}

sub test_recreated_over_http
{
	make_table('Remade');
	ddb_ok($node, 'DeleteTable', { TableName => 'Remade' });
	is(get('Remade', Id => 'a'), $no_table, 'deleted over HTTP: nobody finds it');
	create_table($node, 'Remade', Id => 'S', At => 'S');
	is(get('Remade', Id => 'a'), 'ValidationException', 'made anew over HTTP: the old key is wrong');
	is(get('Remade', Id => 'a', At => 'b'), $nothing, 'and the new one right');
	return;
}

sub test_dropped
{
	make_table('Dropped');
	sql('DROP TABLE dynamo_data."Dropped"');
	is(get('Dropped', Id => 'a'), $no_table, 'dropped by SQL: nobody finds it');
	unlike(everybody('ListTables', {}), qr/Dropped/, 'nobody lists it');
	create_table($node, 'Dropped', Id => 'S');
	is(get('Dropped', Id => 'a'), $nothing, 'it can be made anew');
	return;
}

sub test_heap_renamed
{
	make_table('Renamed');
	sql('ALTER TABLE dynamo_data."Renamed" RENAME TO "Elsewhere"');
	is(get('Renamed', Id => 'a'), $no_table, 'heap renamed: nobody finds the table');
	sql('ALTER TABLE dynamo_data."Elsewhere" RENAME TO "Renamed"');
	is(get('Renamed', Id => 'a'), $found, 'and back: everybody does');
	return;
}

sub test_reindexed
{
	make_table('Reindexed');
	$node->safe_psql($DynamoTest::database, 'REINDEX TABLE CONCURRENTLY dynamo_data."Reindexed"');
	is(get('Reindexed', Id => 'a'), $found, 'new indexes do not matter');
	return;
}

sub test_catalog_edited
{
	make_table('Before');
	is(get('After', Id => 'a'), $no_table, 'the other name is not there, everybody knows');
	sql(q{UPDATE dynamo_catalog.tables SET table_name = 'After' WHERE table_name = 'Before'});
	is(get('After', Id => 'a'), $found, 'table renamed in the catalog: everybody finds it');
	is(get('Before', Id => 'a'), $no_table, 'and nobody under its old name');

	sql(q{CREATE TABLE dynamo_data."Copy" AS SELECT * FROM dynamo_data."Before";
		UPDATE dynamo_data."Copy" SET item = jsonb_set(item, '{V,S}', '"two"');
		ALTER TABLE dynamo_data."Copy" ADD CONSTRAINT "Copy:pkey" PRIMARY KEY (pk);
		GRANT SELECT ON dynamo_data."Copy" TO dynamo_service;
		UPDATE dynamo_catalog.tables SET heap_name = 'Copy' WHERE table_name = 'After'});
	like(get('After', Id => 'a'), qr/^\S*"two"\S*$/, 'another heap in the catalog: everybody reads that');
	return;
}

sub test_heap_changed
{
	make_table('Changed');
	sql(q{ALTER TABLE dynamo_data."Changed" ADD price numeric
		GENERATED ALWAYS AS ((item #>> '{Price,N}')::numeric) STORED});
	is(get('Changed', Id => 'a'), $found, 'a column of the user does not matter');
	ddb_ok($node, 'PutItem',
		{ TableName => 'Changed', Item => { %$item, Price => { N => '3' } } });
	is(sql('SELECT price FROM dynamo_data."Changed"'), '3', 'it is kept up');
	sql('CREATE INDEX ON dynamo_data."Changed" (price); VACUUM FULL dynamo_data."Changed"');
	like(get('Changed', Id => 'a'), qr/^\S*"one"\S*$/, 'nor does an index, nor another file');
	sql('TRUNCATE dynamo_data."Changed"');
	is(get('Changed', Id => 'a'), $nothing, 'truncated: everybody sees nothing');
	return;
}

sub test_extension_recreated
{
	make_table('Extended');
	sql('DROP SCHEMA dynamo_data CASCADE; DROP EXTENSION dynamo; CREATE EXTENSION dynamo');
	is(get('Extended', Id => 'a'), $no_table, 'extension made anew: all is empty');
	make_table('Extended');
	return;
}

# As autovacuum does when it truncates a catalog: requests that have to look whether
# the extension is there find it locked.
sub test_catalog_locked
{
	make_table('Locked');
	sql('CREATE TABLE forget (); DROP TABLE forget');
	my $session = sql_session($node);
	sql_run($session, 'BEGIN');
	sql_run($session, 'LOCK TABLE pg_depend IN ACCESS EXCLUSIVE MODE');
	raw_send($_, request_bytes('GetItem', { TableName => 'Locked', Key => { Id => { S => 'a' } } }))
	  foreach @connections;
	sleep 1;
	sql_run($session, 'ROLLBACK');
	my %answers = map { (raw_reply($_)->{status} => 1) } @connections;
	is(join(' ', sort keys %answers), '200', 'they are answered when it is free');
	sql_end($session);
	return;
}

test_recreated_by_sql();
test_recreated_over_http();
test_dropped();
test_heap_renamed();
test_reindexed();
test_catalog_edited();
test_heap_changed();
test_catalog_locked();
test_extension_recreated();

sql_end($_) foreach @sessions;
$node->stop;
done_testing();
