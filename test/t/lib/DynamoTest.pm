
=pod

=head1 NAME

DynamoTest - a PostgreSQL cluster that serves DynamoDB, and ways to talk to it

=head1 SYNOPSIS

  use FindBin;
  use lib "$FindBin::RealBin/lib";
  use DynamoTest;

  my $node = dynamo_node('main');

  my $reply = request($node, 'ListTables', {});
  is($reply->{status}, 200, 'tables can be listed');

  my $output = ddb_ok($node, 'PutItem', { ... }, 'an item is put');
  ddb_error($node, 'GetItem', '{"TableName":', 'SerializationException',
	undef, 'half an object is refused');

  my $socket = raw_connect($node);
  raw_send($socket, "GARBAGE\r\n\r\n");
  my $reply = raw_reply($socket);

=head1 DESCRIPTION

Requests are made over plain sockets, so a test decides every byte.  A reply
is { status, reason, headers (lower case), body, json }, where json is there
if the body is JSON; no reply (the connection was closed) is undef.

=cut

package DynamoTest;

use strict;
use warnings;

use Exporter 'import';
use File::Basename qw(dirname);
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(
  dynamo_node
  dynamo_configure
  dynamo_port
  wait_until_served
  wait_until
  request
  request_bytes
  http_bytes
  http_request
  ddb_ok
  ddb_error
  raw_connect
  raw_send
  raw_reply
  raw_is_closed
  create_table
  table_definition
  change_index
  create_index
  worker_pids
  worker_memory
);

# What every cluster of ours has, of tests or not
my $settings = slurp_file(dirname(__FILE__) . '/../../../scripts/cluster.conf');

our ($database) = $settings =~ /^dynamo\.database = '(.*)'$/m;

# Seconds after which a test gives up waiting, as for PostgreSQL's own tests
our $patience = $ENV{PG_TEST_TIMEOUT_DEFAULT} || 60;

my %http_port_of;

# What was read from a connection beyond the reply asked for
my %unread;
my $json = JSON::PP->new->utf8->canonical->allow_nonref;

=pod

=over

=item dynamo_node(name, option => value, ...)

Makes and starts a cluster that serves.  Options: extra => lines for
postgresql.conf; init => arguments of PostgreSQL::Test::Cluster::init;
extension => 0 to make the database without the extension (and not wait).

=cut

sub dynamo_node
{
	my ($name, %option) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);

	$node->init(extra => [ '--encoding=UTF8', '--locale=C' ],
		@{ $option{init} || [] });
	dynamo_configure($node, $option{extra});
	$node->start;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	if ($option{extension} // 1)
	{
		$node->safe_psql($database, 'CREATE EXTENSION dynamo');
		wait_until_served($node);
	}
	return $node;
}

=pod

=item dynamo_configure(node, extra)

Gives the node (one made from a backup, too) the settings to serve, with an
HTTP port of its own.

=cut

sub dynamo_configure
{
	my ($node, $extra) = @_;
	my $port = PostgreSQL::Test::Cluster::get_free_port();

	$http_port_of{ $node->name } = $port;
	$node->append_conf('postgresql.conf',
		$settings . "dynamo.port = $port\n" . ($extra // ''));
	return;
}

=pod

=item dynamo_port(node)

=cut

sub dynamo_port
{
	my ($node) = @_;

	return $http_port_of{ $node->name };
}

=pod

=item wait_until(condition, what)

Calls the function until it returns true, or fails the whole test.

=cut

sub wait_until
{
	my ($condition, $what) = @_;

	for (my $end = time + $patience; time < $end; sleep 0.05)
	{
		my $result = $condition->();
		return $result if $result;
	}
	die "gave up waiting until $what";
}

=pod

=item wait_until_served(node)

Until a worker answers requests with the extension's own answers.

=cut

sub wait_until_served
{
	my ($node) = @_;

	wait_until(
		sub {
			my $reply = eval { request($node, 'ListTables', {}) };
			return $reply && $reply->{status} == 200;
		},
		$node->name . ' serves');
	return;
}

=pod

=item request_bytes(operation, body, header => value, ...)

The bytes of a request, with a signature that is well-formed and not valid.
A header given as undef is left out.

=cut

sub request_bytes
{
	my ($operation, $body, %header) = @_;

	my $target =
	  $operation =~ /\./ ? $operation : "DynamoDB_20120810.$operation";

	$body = $json->encode($body) if ref $body;
	return http_bytes(
		'POST', '/', $body,
		'Content-Type' => 'application/x-amz-json-1.0',
		'X-Amz-Target' => $target,
		'X-Amz-Date' => '20240102T030405Z',
		'Authorization' => 'AWS4-HMAC-SHA256 '
		  . 'Credential=test/20240102/us-east-1/dynamodb/aws4_request, '
		  . 'SignedHeaders=host;x-amz-date;x-amz-target, Signature='
		  . '0' x 64,
		%header);
}

=pod

=item http_bytes(method, path, body, header => value, ...)

The bytes of a request with these headers, Host and the body's length.  A
header given as undef is left out.

=cut

sub http_bytes
{
	my ($method, $path, $body, %header) = @_;
	my %all = (
		'Host' => 'localhost',
		'Content-Length' => length $body,
		%header);
	my $head = join '',
	  map { "$_: $all{$_}\r\n" } grep { defined $all{$_} } sort keys %all;

	return "$method $path HTTP/1.1\r\n$head\r\n$body";
}

=pod

=item http_request(node, method, path, body, header => value, ...)

One such request on a connection of its own.

=cut

sub http_request
{
	my ($node, $method, @rest) = @_;
	my $socket = raw_connect($node);

	raw_send($socket, http_bytes($method, @rest));
	my $reply = raw_reply($socket, no_body => $method eq 'HEAD');
	close $socket;
	return $reply;
}

=pod

=item request(node, operation, input, header => value, ...)

One request on a connection of its own.  The input is a reference to be
encoded, or the body's bytes.

=cut

sub request
{
	my ($node, $operation, $input, %header) = @_;
	my $socket = raw_connect($node);

	raw_send($socket, request_bytes($operation, $input, %header));
	my $reply = raw_reply($socket);
	close $socket;
	return $reply;
}

=pod

=item ddb_ok(node, operation, input, name)

Tests that the operation succeeds, and returns its output.

=cut

sub ddb_ok
{
	my ($node, $operation, $input, $name) = @_;
	my $reply = request($node, $operation, $input);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($reply && $reply->{status}, 200, $name // "$operation succeeds")
	  or diag($reply ? $reply->{body} : 'no reply');
	return $reply && $reply->{json};
}

=pod

=item ddb_error(node, operation, input, type, message, name)

Tests that the operation fails with this type (without the part up to "#") and
message: a string, a qr//, or undef for any.

=cut

sub ddb_error
{
	my ($node, $operation, $input, $type, $message, $name) = @_;
	my $reply = request($node, $operation, $input);
	my $error = $reply && $reply->{json} || {};
	my $got_type = $error->{__type} // '';
	my $got_message = $error->{message} // $error->{Message} // '';

	$got_type =~ s/^.*#//;
	$message = qr/^\Q$message\E$/ if defined $message && !ref $message;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok( $got_type eq $type && (!defined $message || $got_message =~ $message),
		$name // "$operation fails with $type"
	) or diag($reply ? "$reply->{status} $reply->{body}" : 'no reply');
	return $reply;
}

=pod

=item raw_connect(node)

=cut

sub raw_connect
{
	my ($node) = @_;
	my $socket = IO::Socket::INET->new(
		PeerAddr => '127.0.0.1',
		PeerPort => dynamo_port($node),
		Proto => 'tcp',
		Timeout => $patience)
	  or die 'cannot connect to ' . $node->name . ": $!";

	binmode $socket;
	$socket->autoflush(1);
	# Perl may give a new socket the name of one that is gone
	delete $unread{$socket};
	return $socket;
}

=pod

=item raw_send(socket, bytes, piece => bytes, pause => seconds)

Sends all bytes, in pieces with pauses if wanted.  False if the other side has
closed the connection.

=cut

sub raw_send
{
	my ($socket, $bytes, %option) = @_;
	my $piece = $option{piece} || length $bytes;

	for (my $at = 0; $at < length $bytes;)
	{
		my $sent = syswrite $socket, $bytes, $piece, $at;

		return 0 unless defined $sent;
		$at += $sent;
		sleep $option{pause} if $option{pause};
	}
	return 1;
}

=pod

=item raw_reply(socket, timeout => seconds, no_body => boolean)

The next reply on the connection (no_body: the answer to a HEAD).  Bytes that
follow it stay for the next call, so replies to pipelined requests come one by
one.  undef if the connection is closed before one is complete; dies on
time-out.

=cut

sub raw_reply
{
	my ($socket, %option) = @_;
	my $end = time + ($option{timeout} || $patience);
	my $buffer = delete $unread{$socket} // '';
	my %reply = (headers => {});
	my $head_length;

	while (($head_length = index $buffer, "\r\n\r\n") < 0)
	{
		return undef unless read_more($socket, \$buffer, $end);
	}
	my ($first, @lines) = split /\r\n/, substr $buffer, 0, $head_length;

	(undef, $reply{status}, $reply{reason}) = split / /, $first, 3;
	foreach my $line (@lines)
	{
		my ($name, $value) = split /:\s*/, $line, 2;
		$reply{headers}{ lc $name } = $value;
	}
	my $length = $option{no_body} ? 0 : $reply{headers}{'content-length'};
	my $total = $head_length + 4 + ($length // 0);

	while (length $buffer < $total)
	{
		return undef unless read_more($socket, \$buffer, $end);
	}
	$reply{body} = substr $buffer, $head_length + 4,
	  $total - $head_length - 4;
	$unread{$socket} = substr $buffer, $total;
	$reply{json} = eval { $json->decode($reply{body}) };
	return \%reply;
}

sub read_more
{
	my ($socket, $buffer, $end) = @_;
	my $left = $end - time;

	die 'no reply in time'
	  unless $left > 0 && IO::Select->new($socket)->can_read($left);
	return sysread $socket, $$buffer, 65536, length $$buffer;
}

=pod

=item raw_is_closed(socket, seconds)

Whether the server closes the connection, without another byte, within so many
seconds.

=cut

sub raw_is_closed
{
	my ($socket, $seconds) = @_;
	my $byte;

	return 0 if length($unread{$socket} // '');
	return 0 unless IO::Select->new($socket)->can_read($seconds);
	return !sysread $socket, $byte, 1;
}

=pod

=item table_definition(name, key => type, ...), create_table(node, ...)

The input of CreateTable for a table with a hash key and perhaps a range key,
given in that order; and the request itself, as a test.

=cut

sub table_definition
{
	my ($name, @keys) = @_;
	my %definition = (TableName => $name, BillingMode => 'PAY_PER_REQUEST');
	my @roles = qw(HASH RANGE);

	while (my ($key, $type) = splice @keys, 0, 2)
	{
		push @{ $definition{AttributeDefinitions} },
		  { AttributeName => $key, AttributeType => $type };
		push @{ $definition{KeySchema} },
		  { AttributeName => $key, KeyType => shift @roles };
	}
	return \%definition;
}

sub create_table
{
	my ($node, $name, @keys) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ddb_ok($node, 'CreateTable', table_definition($name, @keys),
		"table $name is created");
}

=pod

=item change_index(node, table, change)

UpdateTable with one change of a global index; returns the answer.

=cut

sub change_index
{
	my ($node, $table, %change) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return ddb_ok(
		$node,
		'UpdateTable',
		{   TableName => $table,
			AttributeDefinitions => [ { AttributeName => 'Color', AttributeType => 'S' } ],
			GlobalSecondaryIndexUpdates => [ \%change ]
		},
		join ' ', keys %change, 'an index of', $table);
}

=pod

=item create_index(node, table)

Add the index ByColor, whose partition key is the string Color.

=cut

sub create_index
{
	my ($node, $table) = @_;

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	return change_index(
		$node, $table,
		Create => {
			IndexName => 'ByColor',
			KeySchema => [ { AttributeName => 'Color', KeyType => 'HASH' } ],
			Projection => { ProjectionType => 'ALL' }
		});
}

=pod

=item worker_pids(node)

Of the HTTP workers, ascending.

=cut

sub worker_pids
{
	my ($node) = @_;

	return split /\n/, $node->safe_psql('postgres', <<END);
SELECT pid FROM pg_stat_activity WHERE backend_type = 'dynamo worker' ORDER BY pid
END
}

=pod

=item worker_memory(pid)

What a process has for itself, without shared memory, in kilobytes.

=cut

sub worker_memory
{
	my ($pid) = @_;

	my ($memory) = slurp_file("/proc/$pid/status") =~ /^RssAnon:\s*(\d+) kB/m;
	return $memory;
}

=pod

=back

=cut

1;
