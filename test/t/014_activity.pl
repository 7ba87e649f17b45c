# What an administrator sees of the server, and what pg_cancel_backend() does to it.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use IO::Select;
use PostgreSQL::Test::Utils;
use Test::More;

my $database = $DynamoTest::database;
my $node = dynamo_node('activity', extra => "dynamo.workers = 1\n");

create_table($node, 'Things', name => 'S', number => 'N');
$node->safe_psql($database, <<'END');
SELECT count(dynamo.put_item(jsonb_build_object('TableName', 'Things', 'Item',
	jsonb_build_object('name', '{"S": "a"}'::jsonb,
		'number', jsonb_build_object('N', i::text),
		'text', jsonb_build_object('S', repeat('x', 100))))))
FROM generate_series(1, 10000) AS i
END

my ($worker) = worker_pids($node);
my $scan = request_bytes('Scan',
	{   TableName => 'Things',
		FilterExpression => 'contains(#t, :y)',
		ExpressionAttributeNames => { '#t' => 'text' },
		ExpressionAttributeValues => { ':y' => { S => 'y' } } });

sub worker_shows
{
	my ($column) = @_;

	return $node->safe_psql('postgres',
		"SELECT $column FROM pg_stat_activity WHERE pid = $worker");
}

# Calls a function while the worker reads, until the function returns true, and
# counts the answers.  A call takes longer than a scan, so the worker always has
# more than one scan to do.
sub while_scanning
{
	my ($callback) = @_;
	my $socket = raw_connect($node);
	my $done = 0;
	my %statuses;

	until ($done)
	{
		raw_send($socket, $scan) foreach 1 .. 20;
		$done = $callback->();
		$statuses{ raw_reply($socket)->{status} }++ foreach 1 .. 20;
	}
	return \%statuses;
}

subtest 'processes' => sub {
	is( $node->safe_psql('postgres', <<END),
SELECT backend_type, datname FROM pg_stat_activity
WHERE backend_type LIKE 'dynamo%' ORDER BY 1
END
		"dynamo flusher|\ndynamo launcher|\n"
		  . "dynamo tasks|$database\ndynamo worker|$database",
		'all are shown');
	is(worker_shows('application_name'), 'dynamo', 'a worker has a name');
	ddb_ok($node, 'ListTables', {});
	wait_until(sub { worker_shows('state') eq 'idle' },
		'a worker without requests is idle');
};

subtest 'the operation being run' => sub {
	my $statuses =
	  while_scanning(sub { worker_shows('state, query') eq 'active|Scan' });

	ok(1, 'is shown');
	is_deeply([ keys %$statuses ], [200], 'and runs undisturbed');
	wait_until(sub { worker_shows('state') eq 'idle' }, 'it is idle again');
};

subtest 'statistics' => sub {
	my $count = sub {
		return $node->safe_psql($database, <<END);
SELECT $_[0] FROM pg_stat_user_tables
WHERE schemaname = 'dynamo_data' AND relname = 'Things'
END
	};
	wait_until(sub { $count->('n_tup_ins') == 10000 }, 'SQL has reported');

	my $scans = $count->('idx_scan');
	my %key = (name => { S => 'b' }, number => { N => 1 });

	foreach my $n (1 .. 100)
	{
		ddb_ok($node, 'PutItem',
			{ TableName => 'Things', Item => { %key, number => { N => "$n" } } });
		ddb_ok($node, 'GetItem',
			{ TableName => 'Things', Key => { %key, number => { N => "$n" } } });
	}
	wait_until(sub { $count->('n_tup_ins') == 10100 }, 'puts are reported');
	wait_until(sub { $count->('idx_scan') >= $scans + 100 },
		'gets are reported');
	pass('a worker reports its rows and scans');
};

subtest 'pg_cancel_backend' => sub {
	my $cancel = sub {
		return $node->safe_psql('postgres', "SELECT pg_cancel_backend($worker)");
	};

	$cancel->() foreach 1 .. 10;
	ddb_ok($node, 'ListTables', {}, 'an idle worker goes on');

	my $cancels = 0;
	my $statuses = while_scanning(sub { $cancel->(); return ++$cancels == 15 });
	my @unexpected = grep { !/^(200|500)$/ } keys %$statuses;

	is("@unexpected", '', 'a busy one fails requests at most');
	cmp_ok($statuses->{200} // 0, '>', 0, 'and not all');
	ddb_ok($node, 'ListTables', {}, 'and goes on');
	is((worker_pids($node))[0], $worker, 'it is the same process');
};

$node->stop;
done_testing();
