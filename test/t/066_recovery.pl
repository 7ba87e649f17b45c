# While the database is in recovery and refuses connections, requests get an error.
# Afterwards they are served.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoLoad;
use DynamoTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = dynamo_node('primary', init => [ allows_streaming => 1 ]);

create_table($primary, 'Things', Id => 'S');
$primary->backup('copy');

my $standby = PostgreSQL::Test::Cluster->new('standby');

$standby->init_from_backup($primary, 'copy', has_streaming => 1);
dynamo_configure($standby, "hot_standby = off\n");
$standby->start;

my $put = { TableName => 'Things', Item => { Id => { S => 'a' } } };
my $reply = ddb_error($standby, 'PutItem', $put, 'ServiceUnavailableException',
	qr/in recovery/, 'a request is answered during recovery');

is($reply->{status}, 503, 'with the status that clients try again after');
is($reply->{headers}{connection}, 'close', 'and its connection is closed');
ddb_error($standby, 'PutItem', { %$put, Item => { Id => { S => 'a' }, V => { S => 'v' x 1_000_000 } } },
	'ServiceUnavailableException', undef, 'so is one that is large');

my @sockets = map { raw_connect($standby) } 1 .. 20;

raw_send($_, request_bytes('PutItem', $put), piece => 100) foreach @sockets;
is(join(',', map { raw_reply($_)->{status} } @sockets), join(',', (503) x 20), 'and are many at once');

my $silent = raw_connect($standby);

$standby->promote;
wait_until_served($standby);
ddb_ok($standby, 'PutItem', $put, 'after recovery requests are served');
ok(raw_is_closed($silent, $DynamoTest::patience), 'a connection that said nothing is closed');
wait_until(sub { process_ids($standby, 'dynamo flusher') == 1 }, 'the flusher is there');

$standby->stop;
$primary->stop;
done_testing();
