# HTTP itself: persistent connections, several requests in one write, and bodies
# that are chunked, sent in pieces, compressed, or of the largest size.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Compress::Raw::Zlib ();
use Compress::Zlib ();
use DynamoTest;
use PostgreSQL::Test::Utils;
use Socket qw(IPPROTO_TCP TCP_NODELAY);
use Test::More;

my $node = dynamo_node('http');
my $largest = 16 * 1024 * 1024;

create_table($node, 'Numbers', n => 'N');
ddb_ok($node, 'PutItem',
	{ TableName => 'Numbers', Item => { n => { N => "$_" } } })
  foreach 1 .. 10;

sub get_item
{
	my ($n, %header) = @_;

	return request_bytes('GetItem',
		{ TableName => 'Numbers', Key => { n => { N => "$n" } } }, %header);
}

sub chunked
{
	my ($operation, @pieces) = @_;
	my $body = join '', map { sprintf "%x\r\n%s\r\n", length, $_ } @pieces, '';

	return request_bytes($operation, $body,
		'Content-Length' => undef,
		'Transfer-Encoding' => 'chunked');
}

# Returns a harmless request of this size.
sub padded
{
	my ($size) = @_;

	return '{' . ' ' x ($size - 2) . '}';
}

subtest 'a connection stays open' => sub {
	my $socket = raw_connect($node);

	foreach my $n (1 .. 5)
	{
		raw_send($socket, get_item($n));
		is(raw_reply($socket)->{json}{Item}{n}{N}, $n, "request $n");
	}
	raw_send($socket, request_bytes('GetItem', '{'));
	is(raw_reply($socket)->{status}, 400, 'also after an error');
	raw_send($socket, get_item(1, Connection => 'close'));
	is(raw_reply($socket)->{status}, 200, 'a last request');
	ok(raw_is_closed($socket, 60), 'closes it');
};

# Paths come as a browser, a load balancer or a proxy writes them.
subtest 'paths' => sub {
	my $status = sub {
		my ($method, $path, @rest) = @_;
		my $socket = raw_connect($node);

		raw_send($socket, http_bytes($method, $path, @rest));
		return raw_reply($socket)->{status};
	};
	my %operation = ('X-Amz-Target' => 'DynamoDB_20120810.ListTables');

	is($status->('GET', $_, ''), 200, "GET $_ is a health check")
	  foreach '/', '/?', '/?a=/x', 'http://127.0.0.1/', 'HTTP://localhost:8000/?a',
	  'http://localhost';
	is($status->('GET', $_, ''), 404, "GET $_ is not")
	  foreach '/x', '//', '/index.html', '/favicon.ico?x=/', '/http://h/',
	  'http://localhost/x', 'http:/';
	is($status->('POST', $_, '', %operation), 400, "POST $_ is an operation")
	  foreach '/', '/x', '/x/?y', 'http://localhost/';
	is($status->('PUT', $_, '', %operation), 404, "PUT $_ is nothing")
	  foreach '/', '/x';
};

subtest 'HTTP/1.0' => sub {
	my $socket = raw_connect($node);

	raw_send($socket, get_item(1) =~ s,HTTP/1\.1,HTTP/1.0,r);
	is(raw_reply($socket)->{status}, 200, 'is served');
	ok(raw_is_closed($socket, 60), 'once');
};

subtest 'pipelining' => sub {
	my $socket = raw_connect($node);
	my @wanted = map { 1 + $_ * 7 % 10 } 1 .. 200;
	my $bytes = join '', map { get_item($_) } @wanted;
	my @got;

	raw_send($socket, $bytes);
	push @got, raw_reply($socket)->{json}{Item}{n}{N} foreach @wanted;
	is_deeply(\@got, \@wanted, 'two hundred answers come in order');

	raw_send($socket,
		request_bytes('GetItem', '{')
		  . http_bytes('GET', '/', '')
		  . get_item(3)
		  . http_bytes('PUT', '/', 'x')
		  . chunked('ListTables', '{', '}')
		  . get_item(4));
	is_deeply(
		[ map { raw_reply($socket)->{status} } 1 .. 6 ],
		[ 400, 200, 200, 404, 200, 200 ],
		'also of different kinds');

	# Answers in the order of requests although the first takes long
	raw_send($socket,
		request_bytes('ListTables', padded(2_000_000)) . get_item(5));
	ok(exists raw_reply($socket)->{json}{TableNames}, 'a slow one first');
	is(raw_reply($socket)->{json}{Item}{n}{N}, 5, 'then the fast one');
};

subtest 'chunks' => sub {
	my $socket = raw_connect($node);
	my $body = '{"TableName":"Numbers","Key":{"n":{"N":"7"}}}';
	my $is_seven = sub {
		my ($bytes, $name) = @_;

		raw_send($socket, $bytes);
		is(raw_reply($socket)->{json}{Item}{n}{N}, 7, $name);
	};

	$is_seven->(chunked('GetItem', $body), 'one chunk');
	$is_seven->(chunked('GetItem', split //, $body), 'a chunk for every byte');
	$is_seven->(chunked('GetItem', ' ' x 100_000, $body), 'a large chunk');
	$is_seven->(
		chunked('GetItem', $body) =~ s/\r\n0\r\n\r\n$/\r\n0\r\nX-Trailer: 1\r\n\r\n/r,
		'a trailer');
	raw_send($socket, chunked('ListTables'));
	is(raw_reply($socket)->{status}, 400, 'no chunk');

	# Version 1.0.1 of the library refuses these, versions before and after take
	# them.
	my $refused = `pkg-config --modversion libmicrohttpd` =~ /^1\.0\.1$/;
	my $extended = raw_connect($node);

	raw_send($extended,
		chunked('GetItem', $body) =~ s/(\r\n\r\n[0-9a-f]+)/$1;name=value/r);
	my $reply = raw_reply($extended);

	is($reply->{status}, $refused ? 400 : 200, 'an extension of a chunk');
	is($reply->{json}{Item}{n}{N}, $refused ? undef : 7, 'and what it stands beside');
};

subtest 'requests that arrive in pieces' => sub {
	my $socket = raw_connect($node);

	setsockopt($socket, IPPROTO_TCP, TCP_NODELAY, 1) or die "setsockopt: $!";
	raw_send($socket, get_item(8) . get_item(9), piece => 1);
	is(raw_reply($socket)->{json}{Item}{n}{N}, 8, 'byte by byte');
	is(raw_reply($socket)->{json}{Item}{n}{N}, 9, 'and the next one');
};

subtest 'Expect: 100-continue' => sub {
	my $socket = raw_connect($node);
	my ($head, $body) = get_item(2, Expect => '100-continue') =~ /^(.*\r\n\r\n)(.*)$/s;

	raw_send($socket, $head);
	is(raw_reply($socket)->{status}, 100, 'the body is asked for');
	raw_send($socket, $body);
	is(raw_reply($socket)->{json}{Item}{n}{N}, 2, 'and answered');

	raw_send($socket,
		request_bytes('ListTables', '',
			'Expect' => '100-continue', 'Content-Length' => $largest + 1));
	is(raw_reply($socket)->{status}, 413, 'one too large is not asked for');
};

subtest 'the largest body' => sub {
	my $socket = raw_connect($node);
	my @million = (' ' x 1_048_576) x 15;
	my $rest = 1_048_576 - 2;

	raw_send($socket, request_bytes('ListTables', padded($largest)));
	is(raw_reply($socket)->{status}, 200, '16 MiB are served');
	raw_send($socket, chunked('ListTables', '{', @million, ' ' x $rest, '}'));
	is(raw_reply($socket)->{status}, 200, 'in chunks, too');

	raw_send($socket,
		chunked('ListTables', '{', @million, ' ' x ($rest + 1), '}'));
	my $reply = raw_reply($socket);

	is("$reply->{status} $reply->{body}", '413 ', 'one byte more is refused');
	ok(raw_is_closed($socket, 60), 'and the connection closed');

	$socket = raw_connect($node);
	raw_send($socket,
		request_bytes('ListTables', '', 'Content-Length' => $largest + 1));
	$reply = raw_reply($socket);
	is("$reply->{status} $reply->{body}",
		'413 ', 'one that is announced is refused before it comes');
	ok(raw_is_closed($socket, 60), 'and the connection closed');

	foreach my $length ('99999999999999999999999999', '18446744073709551617',
		'-1', '2x', '')
	{
		$socket = raw_connect($node);
		raw_send($socket,
			request_bytes('ListTables', '{}', 'Content-Length' => $length));
		$reply = raw_reply($socket);
		ok( !$reply || $reply->{status} =~ /^4\d\d$/,
			"Content-Length: '$length' is refused");
	}
};

subtest 'compressed requests' => sub {
	my %gzip = ('Content-Encoding' => 'gzip');
	my $send = sub { return request($node, 'ListTables', shift, %gzip) };
	my $good = Compress::Zlib::memGzip('{}');

	is($send->($good)->{status}, 200, 'gzip is understood');
	is( $send->(Compress::Zlib::memGzip(padded($largest)))->{status},
		200, '16 MiB after decompression');
	is( $send->(Compress::Zlib::memGzip(padded($largest + 1)))->{status},
		413, 'one byte more is refused');
	is( $send->(Compress::Zlib::memGzip("\0" x 100_000_000))->{status},
		413, 'a bomb is not decompressed');
	foreach my $bad (
		[ 'half of it', substr $good, 0, 12 ],
		[ 'a wrong checksum', substr($good, 0, -8) . "\1" x 8 ],
		[ 'plain text', '{}' ],
		[ 'nothing at all', '' ])
	{
		is($send->($bad->[1])->{status}, 500, $bad->[0]);
	}
	is(request($node, 'PutItem',
			{ TableName => 'Numbers', Item => { n => { N => '4711' } } },
			'Content-Encoding' => 'br')->{status},
		500, 'a coding that we do not know');
	ok(!exists ddb_ok($node, 'GetItem',
			{ TableName => 'Numbers', Key => { n => { N => '4711' } } })->{Item},
		'executes nothing');
	foreach my $bad (
		[ 'no JSON inside', Compress::Zlib::memGzip('{') ],
		[ 'nothing inside', Compress::Zlib::memGzip('') ])
	{
		is( $send->($bad->[1])->{body},
			'{"__type":"com.amazon.coral.service#SerializationException"}',
			$bad->[0]);
	}
};

subtest 'compressed answers' => sub {
	my $item = { n => { N => '100' }, text => { S => 'blue ' x 1000 } };
	my $get = sub {
		my ($n, $accept) = @_;
		my $socket = raw_connect($node);

		raw_send($socket, get_item($n, 'Accept-Encoding' => $accept));
		return raw_reply($socket);
	};
	my $is_compressed = sub { return exists $_[0]{headers}{'content-encoding'} };

	ddb_ok($node, 'PutItem', { TableName => 'Numbers', Item => $item });
	foreach my $accept ('gzip', 'gzip, deflate', 'gzip;q=0.5')
	{
		my $reply = $get->(100, $accept);

		is($reply->{headers}{'content-encoding'}, 'gzip', "accepted: $accept");
		is( $reply->{headers}{'x-amz-crc32'},
			Compress::Raw::Zlib::crc32($reply->{body}),
			'the checksum is of what is sent');
		my $text = Compress::Zlib::memGunzip($reply->{body});

		cmp_ok(length $reply->{body}, '<', length($text) / 10, 'it is smaller');
		is_deeply(JSON::PP::decode_json($text), { Item => $item },
			'and contains the item');
	}
	ok(!$is_compressed->($get->(100, $_)), 'not accepted: ' . ($_ // 'nothing'))
	  foreach undef, 'identity', 'br', 'gzip;q=0', 'gzip; q=0.0';
	ok(!$is_compressed->($get->(1, 'gzip')), 'a small answer is left alone');

	my $error = request($node, 'PutItem',
		{ TableName => 'a' x 5000 }, 'Accept-Encoding' => 'gzip');

	is($error->{status}, 400, 'a large error');
	like(Compress::Zlib::memGunzip($error->{body}),
		qr/ValidationException/, 'is compressed as well');
};

subtest 'headers' => sub {
	foreach my $size (1_000, 8_000, 15_000)
	{
		my $socket = raw_connect($node);

		raw_send($socket, get_item(1, 'X-Padding' => 'x' x $size));
		is(raw_reply($socket)->{status}, 200, "a header of $size bytes");
	}
	my $socket = raw_connect($node);

	raw_send($socket, get_item(1, 'X-Padding' => 'x' x 40_000));
	is(raw_reply($socket)->{status}, 431, 'one of 40,000 is refused');

	$socket = raw_connect($node);
	raw_send($socket, http_bytes('GET', '/' . 'x' x 40_000, ''));
	is(raw_reply($socket)->{status}, 414, 'a path, too');
	ddb_ok($node, 'ListTables', {}, 'others are served');
};

$node->stop;
done_testing();
