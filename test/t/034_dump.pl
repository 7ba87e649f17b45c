# Dump, restore and pg_upgrade bring everything back: descriptions, items, indexes
# and grants.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $json = JSON::PP->new->utf8->canonical;
my $database = $DynamoTest::database;
my $node = dynamo_node('main');
my $dir = PostgreSQL::Test::Utils::tempdir();

# Values for each type of key.  If the type allows, the last value is longer than an
# index entry of PostgreSQL can be.
my %values = (
	S => [ 'a', "\N{U+E9}", 'x' x 2048 ],
	N => [ '-1E+100', '0', '3.14159265358979323846264338327950288' ],
	B => [ 'AA==', 'Af8=', 'QUJD' x 600 ]);
my @tables = (
	[ 'Text', Id => 'S' ],
	[ 'Number', Id => 'N' ],
	[ 'Binary', Id => 'B' ],
	[ 'Text_Number', Id => 'S', At => 'N' ],
	[ 'Number.Binary', Id => 'N', At => 'B' ],
	[ 'Binary-Text', Id => 'B', At => 'S' ],
	[ 'L' . 'o' x 98 . 'ng', Id => 'S', At => 'S' ]);

sub fill_table
{
	my ($name, %types) = @_;

	foreach my $id (@{ $values{ $types{Id} } })
	{
		foreach my $at ($types{At} ? @{ $values{ $types{At} } }[ 0, 1 ] : undef)
		{
			my $item = {
				Id => { $types{Id} => $id },
				V => { M => { list => { L => [ { BOOL => JSON::PP::true }, { NS => [ '1', '2' ] } ] } } } };

			$item->{At} = { $types{At} => $at } if defined $at;
			request($node, 'PutItem', { TableName => $name, Item => $item })->{status} == 200
			  or die "an item of table $name cannot be put";
		}
	}
	return;
}

# Two ways to send a request: over HTTP, and in SQL.
sub over_http
{
	my ($served) = @_;

	return sub {
		my ($operation, $input) = @_;

		return request($served, $operation, $input)->{json};
	};
}

sub in_sql
{
	my ($there, $in_database) = @_;

	return sub {
		my ($operation, $input) = @_;
		my $request = $json->encode($input);

		return $json->decode($there->safe_psql($in_database,
				"SELECT dynamo.execute('$operation', '$request')"));
	};
}

# Returns everything that clients can see.
sub contents
{
	my ($ask) = @_;
	my %contents;

	foreach my $name (@{ $ask->('ListTables', {})->{TableNames} })
	{
		my $description = $ask->('DescribeTable', { TableName => $name })->{Table};
		my @pages;

		# statistics are not dumped
		delete @$description{qw(ItemCount TableSizeBytes)};
		push @pages, $ask->('Scan', { TableName => $name });
		push @pages, $ask->('Scan', { TableName => $name, Segment => $_, TotalSegments => 3 })
		  foreach 0 .. 2;
		$contents{$name} = [ $description, @pages,
			$ask->('DescribeTimeToLive', { TableName => $name }),
			$ask->('ListTagsOfResource', { ResourceArn => $description->{TableArn} }) ];
	}
	return $json->encode(\%contents);
}

# A copy must not only look right, but work.
sub check_service
{
	my ($served, $name) = @_;
	my $key = { Id => { S => 'a' }, At => { N => '0' } };

	ddb_ok($served, 'UpdateItem', {
			TableName => 'Text_Number', Key => $key,
			UpdateExpression => 'SET Seen = :yes',
			ExpressionAttributeValues => { ':yes' => { BOOL => JSON::PP::true } } },
		"$name: an item is updated");
	create_table($served, 'Afterwards', Id => 'S');
	ddb_ok($served, 'DeleteTable', { TableName => 'Afterwards' }, "$name: a table is deleted");
	is( $served->safe_psql($database,
			'SELECT count(*) FROM dynamo.tables AS t, dynamo.check(t.table_name)'),
		'0', "$name: the rows are in order");
	ddb_ok($served, 'UpdateItem', {
			TableName => 'Text_Number', Key => $key, UpdateExpression => 'REMOVE Seen' },
		"$name: and updated back");
	return;
}

foreach my $table (@tables)
{
	create_table($node, @$table);
	fill_table(@$table);
}
ddb_ok($node, 'UpdateTimeToLive', { TableName => 'Text_Number',
	TimeToLiveSpecification => { Enabled => JSON::PP::true, AttributeName => "\N{U+E9}'s" } });
wait_until(
	sub {
		return request($node, 'DescribeTimeToLive', { TableName => 'Text_Number' })
		  ->{json}{TimeToLiveDescription}{TimeToLiveStatus} eq 'ENABLED';
	},
	'time to live is enabled');
ddb_ok($node, 'TagResource', {
	ResourceArn => ddb_ok($node, 'DescribeTable', { TableName => 'Text' })->{Table}{TableArn},
	Tags => [ { Key => 'Owner', Value => "\N{U+E9}" } ] });
my $original = contents(over_http($node));

# The same texts as bytes, as SQL has them
is(contents(in_sql($node, $database)), $original, 'SQL sees the same as HTTP');

$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/custom", $database ], 'pg_dump, custom format');
$node->command_ok([ 'pg_dump', '-f', "$dir/plain", $database ], 'pg_dump, plain format');
$node->command_ok([ 'pg_dumpall', '--globals-only', '-f', "$dir/globals" ], 'pg_dumpall');

# Into databases that are not served

$node->safe_psql('postgres', 'CREATE DATABASE from_custom; CREATE DATABASE from_plain');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', 'from_custom', "$dir/custom" ],
	'pg_restore into a fresh database');
is(contents(in_sql($node, 'from_custom')), $original, 'everything is back');
$node->command_ok(
	[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/plain", 'from_plain' ],
	'the plain dump into a fresh database');
is(contents(in_sql($node, 'from_plain')), $original, 'everything is back');

# Restores into the database that is served, twice.  The second time the extension
# is dropped too.

$node->safe_psql($database, 'DROP SCHEMA dynamo_data CASCADE');
is_deeply(ddb_ok($node, 'ListTables', {})->{TableNames}, [],
	'dropped by SQL, the tables are gone for HTTP');
# what is not there is remembered, too
ddb_error($node, 'GetItem', { TableName => 'Text', Key => { Id => { S => 'a' } } },
	'ResourceNotFoundException')
  foreach 1 .. 4;
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $database, "$dir/custom" ],
	'pg_restore into the database that is served');
is(contents(over_http($node)), $original, 'HTTP serves it without a restart');
check_service($node, 'restored');

$node->command_ok(
	[ 'pg_restore', '--exit-on-error', '--clean', '--if-exists', '-d', $database, "$dir/custom" ],
	'pg_restore --clean');
wait_until_served($node);
is(contents(over_http($node)), $original, 'HTTP serves it without a restart');
check_service($node, 'cleaned');

# Into another cluster

my $other = dynamo_node('other', extension => 0);
my ($status) = $other->psql('postgres', slurp_file("$dir/globals"), on_error_stop => 0);
$other->command_ok(
	[ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/plain", $database ],
	'the plain dump into another cluster');
wait_until_served($other);
is(contents(over_http($other)), $original, 'HTTP serves it');
check_service($other, 'another cluster');
$other->stop;

# An upgrade

sub upgrade
{
	my $new = PostgreSQL::Test::Cluster->new('new');

	chomp(my $bin = qx(pg_config --bindir));
	$node->stop;
	$new->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
	dynamo_configure($new);
	# it leaves files in the current directory
	chdir $dir or die "cannot enter $dir: $!";
	$new->command_ok([
			'pg_upgrade',
			'-d', $node->data_dir, '-D', $new->data_dir,
			'-b', $bin, '-B', $bin,
			'-s', $new->host, '-p', $node->port, '-P', $new->port ],
		'pg_upgrade');
	$new->start;
	wait_until_served($new);
	is(contents(over_http($new)), $original, 'everything is back after an upgrade');
	check_service($new, 'upgraded');
	return $new;
}

my $last = upgrade();

# Without the extension

$last->safe_psql($database, 'DROP EXTENSION dynamo CASCADE');
is($last->safe_psql($database, 'SELECT count(*) FROM dynamo_data."Text_Number"'),
	'6', 'DROP EXTENSION CASCADE keeps the items');
wait_until(sub { request($last, 'ListTables', {})->{status} == 503 },
	'the service says that the extension is missing');
pass('HTTP answers 503 without the extension');

$last->stop;
done_testing();
