# Requests whose end is ambiguous, and requests with too many headers.  They are
# refused, and no byte after them is read as another request.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use IO::Select;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = dynamo_node('framing');
my $largest = 16 * 1024 * 1024;
my $refusal = '{"__type":"com.amazon.coral.service#SerializationException"}';

# Returns a request with these header lines about its body, followed by a request
# that a proxy may take for a part of the body.
sub smuggle
{
	my ($lines, $body, %option) = @_;
	my $request = request_bytes('ListTables', '', 'Content-Length' => undef);
	my $socket = raw_connect($node);

	$request =~ s,HTTP/1\.1,$option{version}, if $option{version};
	$request =~ s/\r\n\r\n$/\r\n$lines\r\n\r\n/;
	raw_send($socket, $request . $body . request_bytes('ListTables', '{}'));
	return $socket;
}

sub is_refused
{
	my ($name, @request) = @_;
	my $socket = smuggle(@request);
	my $reply = raw_reply($socket);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($reply && $reply->{status}, 400, "$name: refused");
	ok(raw_is_closed($socket, 60), "$name: the connection is closed");
	return $reply;
}

subtest 'in the form of the service' => sub {
	my $chunk = "2\r\n{}\r\n0\r\n\r\n";
	my @cases = (
		[ 'length and chunks', "Content-Length: 1\r\nTransfer-Encoding: chunked", $chunk ],
		[ 'chunks and length', "Transfer-Encoding: chunked\r\nContent-Length: 12", $chunk ],
		[ 'two lengths', "Content-Length: 2\r\nContent-Length: 3", '{}' ],
		[ 'two equal lengths', "Content-Length: 2\r\ncontent-length: 2", '{}' ],
		[ 'chunks twice', "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", $chunk ],
		[ 'two codings', 'Transfer-Encoding: gzip, chunked', $chunk ],
		[ 'another coding', 'Transfer-Encoding: gzip', $chunk ],
		[ 'identity', 'Transfer-Encoding: identity', '{}' ],
		[ 'nearly chunked', 'Transfer-Encoding: xchunked', $chunk ],
		[ 'chunked and more', 'Transfer-Encoding: chunked;q=1', $chunk ],
		[ 'no coding', 'Transfer-Encoding:', $chunk ],
		[ 'a blank in a name', "Content-Length: 2\r\nTransfer-Encoding : chunked", '{}' ]);

	foreach my $case (@cases)
	{
		my $reply = is_refused(@$case);

		is($reply->{body}, $refusal, "$case->[0]: in the form of the service");
		is($reply->{headers}{connection}, 'close', "$case->[0]: says so");
	}
	is_refused('chunks in HTTP/1.0', 'Transfer-Encoding: chunked', $chunk,
		version => 'HTTP/1.0');
};

# Returns the statuses of all answers until the connection is closed.
sub statuses
{
	my ($socket) = @_;
	my $all = '';

	while (IO::Select->new($socket)->can_read(60))
	{
		sysread($socket, $all, 65536, length $all) or last;
	}
	return join '', map { "$_ " } $all =~ m,^HTTP/1\.1 (\d+) ,mg;
}

# libmicrohttpd refuses these itself, with a page of its own.
subtest 'lengths that are not digits' => sub {
	foreach my $length ('+1', '-1', '1, 1', '0x2', '2x', '1 1', '2.0', '',
		'99999999999999999999', '18446744073709551617')
	{
		like(statuses(smuggle("Content-Length: $length", '{}')),
			qr/^(4\d\d )*$/, "'$length' is refused, and the connection closed");
	}
};

subtest 'one of either is fine' => sub {
	foreach my $case (
		[ 'Content-Length: 2', '{}' ],
		[ 'Content-Length: 002', '{}' ],
		[ 'Transfer-Encoding: chunked', "2\r\n{}\r\n0\r\n\r\n" ],
		[ 'transfer-encoding: CHUNKED', "2\r\n{}\r\n0\r\n\r\n" ])
	{
		my $socket = smuggle(@$case);

		is(raw_reply($socket)->{status}, 200, "$case->[0]: a first request");
		is(raw_reply($socket)->{status}, 200, "$case->[0]: and a second");
	}
};

# Returns a request whose request line and headers together have this many bytes.
sub with_headers
{
	my ($size, %where) = @_;
	my $bytes = request_bytes('ListTables', '{}', 'X-Padding' => '');
	my ($head) = $bytes =~ /^(.*\r\n\r\n)/s;
	my $padding = 'x' x ($size - length $head);

	if ($where{path})
	{
		$bytes =~ s,^POST /,POST /$padding,;
	}
	else
	{
		$bytes =~ s/X-Padding: /X-Padding: $padding/;
	}
	return $bytes;
}

subtest 'headers' => sub {
	foreach my $where ([], [ path => 1 ])
	{
		my $name = @$where ? 'a path' : 'a header';

		foreach my $size (1_000, 16_000)
		{
			my $socket = raw_connect($node);

			raw_send($socket, with_headers($size, @$where));
			is(raw_reply($socket)->{status}, 200, "$name, $size bytes in all");
		}
		foreach my $size (16_500, 17_000, 18_000)
		{
			my $socket = raw_connect($node);

			raw_send($socket, with_headers($size, @$where));
			is(raw_reply($socket)->{body}, $refusal, "$name, $size bytes are refused");
			ok(raw_is_closed($socket, 60), 'and the connection is closed');
		}
		foreach my $size (19_000, 25_000, 31_000, 40_000, 200_000)
		{
			my $socket = raw_connect($node);

			raw_send($socket, with_headers($size, @$where));
			like(statuses($socket), qr/^(4\d\d )*$/,
				"$name, $size bytes are refused, and the connection closed");
		}
	}
	ddb_ok($node, 'ListTables', {}, 'others are served');
};

# Clients send their body first and read the answer after it.
subtest 'a body that is too large is read and dropped' => sub {
	foreach my $size ($largest + 1, 2 * $largest)
	{
		my $socket = raw_connect($node);

		ok(raw_send($socket, request_bytes('ListTables', ' ' x $size)),
			"$size bytes can be sent");
		my $reply = raw_reply($socket);

		is($reply && "$reply->{status} $reply->{body}", '413 ', 'then the answer is read');
		ok(raw_is_closed($socket, 60), 'and the connection ends');
	}
	ddb_ok($node, 'ListTables', {}, 'others are served');
};

subtest 'but not for ever' => sub {
	my $socket = raw_connect($node);
	my $sent = 0;

	local $SIG{PIPE} = 'IGNORE';
	raw_send($socket, request_bytes('ListTables', '', 'Content-Length' => '1000000000'));
	$sent += 1_000_000 while $sent < 1_000_000_000 && raw_send($socket, ' ' x 1_000_000);
	cmp_ok($sent, '<', 200_000_000, 'an endless body is cut off');

	$socket = raw_connect($node);
	$sent = 0;
	raw_send($socket, request_bytes('ListTables', '',
			'Content-Length' => undef, 'Transfer-Encoding' => 'chunked'));
	$sent += 1_000_000
	  while $sent < 1_000_000_000 && raw_send($socket, "f4240\r\n" . ' ' x 1_000_000 . "\r\n");
	cmp_ok($sent, '<', 200_000_000, 'one in chunks, too');
	ddb_ok($node, 'ListTables', {}, 'others are served');
};

$node->stop;
done_testing();
