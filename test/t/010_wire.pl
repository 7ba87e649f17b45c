# The HTTP around an operation: methods, content types, the order in which a
# request is checked, and the headers of every answer.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use Compress::Raw::Zlib ();
use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = dynamo_node('wire');
my $json10 = 'application/x-amz-json-1.0';
my $not_found = "<UnknownOperationException/>\n";
my $bad_json = '{"__type":"com.amazon.coral.service#SerializationException"}';
my $unknown = '{"__type":"com.amazon.coral.service#UnknownOperationException"}';
my $no_token = '{"__type":"com.amazon.coral.service#MissingAuthenticationTokenException",'
  . '"message":"Request is missing Authentication Token"}';

sub crc_ok
{
	my ($reply, $name) = @_;

	is( $reply->{headers}{'x-amz-crc32'},
		Compress::Raw::Zlib::crc32($reply->{body}), $name);
	return;
}

sub answers
{
	my ($reply, $status, $body, $name) = @_;

	is("$reply->{status} $reply->{body}", "$status $body", $name);
	crc_ok($reply, "$name: checksum");
	return;
}

subtest 'methods' => sub {
	my $health = http_request($node, 'GET', '/', '');

	answers($health, 200, 'healthy: dynamodb.us-east-1.amazonaws.com ',
		'GET is a health check');
	is($health->{headers}{'x-amz-crc32'},
		3128867991, 'the checksum of the health text');
	ok(!exists $health->{headers}{'content-type'}, 'which has no type');

	answers(http_request($node, $_, '/', ''), 404, $not_found, $_)
	  foreach qw(PUT DELETE OPTIONS PATCH);
	answers(http_request($node, 'PUT', '/', '{}', 'Content-Type' => $json10),
		404, $not_found, 'PUT with a body');
	is(http_request($node, 'HEAD', '/', '')->{status}, 404, 'HEAD');
	answers(http_request($node, 'POST', '/any/path', ''),
		400, $unknown, 'a bare POST to any path has no operation');
};

subtest 'CORS' => sub {
	my $preflight = http_request(
		$node, 'OPTIONS', '/', '',
		'Origin' => 'http://localhost:3000',
		'Access-Control-Request-Method' => 'POST',
		'Access-Control-Request-Headers' => 'x-amz-target, x-one');
	my $headers = $preflight->{headers};

	is("$preflight->{status} $preflight->{body}", '200 ', 'a preflight');
	is($headers->{'content-length'}, 0, 'is empty');
	is($headers->{'access-control-allow-origin'}, '*', 'any origin');
	is($headers->{'access-control-max-age'}, 172800, 'for two days');
	is($headers->{'access-control-allow-methods'}, 'POST', 'its method');
	is($headers->{'access-control-allow-headers'},
		'x-amz-target, x-one', 'its headers');

	my $simple = http_request($node, 'OPTIONS', '/', '', 'Origin' => 'http://127.0.0.1:8080');
	is($simple->{status}, 200, 'a preflight that asks for nothing');
	ok(!grep({ exists $simple->{headers}{$_} }
			qw(access-control-allow-methods access-control-allow-headers)),
		'is told nothing');

	foreach my $body ('{}', '{')
	{
		my $reply = request($node, 'ListTables', $body,
			'Origin' => 'http://localhost:3000');

		is($reply->{headers}{'access-control-allow-origin'},
			'*', "an answer with status $reply->{status} is for any origin");
		ok(!exists $reply->{headers}{'access-control-max-age'},
			'and no preflight');
	}
	ok( !exists request($node, 'ListTables', {})
		  ->{headers}{'access-control-allow-origin'},
		'nothing without Origin');

	my $foreign = request($node, 'ListTables', {}, 'Origin' => 'https://evil.example');

	is($foreign->{status}, 403, 'a page of a stranger is refused');
	is(request($node, 'ListTables', {}, 'Host' => 'rebound.example')->{status},
		403, 'so is one that has made its name ours');
};

subtest 'allowed names and origins' => sub {
	$node->append_conf('postgresql.conf', <<'END');
dynamo.allowed_hosts = 'loopback, db.example, *.internal'
dynamo.allowed_origins = 'https://app.example, null'
END
	$node->reload;
	wait_until(
		sub { request($node, 'ListTables', {}, 'Host' => 'db.example:8000')->{status} == 200 },
		'the settings have come into effect');
	is(request($node, 'ListTables', {}, @{ $_->[0] })->{status}, $_->[1], $_->[2])
	  foreach (
		[ [ Host => 'a.internal' ], 200, 'a name below an allowed one' ],
		[ [ Host => 'internal' ], 403, 'which is not allowed itself' ],
		[ [ Host => 'db.example.evil' ], 403, 'nor is a longer one' ],
		[ [ Origin => 'https://app.example' ], 200, 'an allowed origin' ],
		[ [ Origin => 'null' ], 200, 'pages without origin, if allowed' ],
		[ [ Origin => 'http://app.example' ], 403, 'another scheme is another origin' ],
		[ [ Origin => 'http://localhost:3000' ], 403, 'loopback is a word in the list like others' ]);
};

subtest 'content types' => sub {
	foreach my $type ($json10, 'application/json', 'Application/JSON',
		"$json10; charset=utf-8", ' application/json ;x')
	{
		my $echo = $type =~ /1\.0/ ? $json10 : 'application/json';
		my $good = request($node, 'ListTables', '{}', 'Content-Type' => $type);
		my $bad = request($node, 'ListTables', '{', 'Content-Type' => $type);

		is($good->{status}, 200, "'$type' is accepted");
		is($good->{headers}{'content-type'}, $echo, 'the answer has the same');
		is($bad->{headers}{'content-type'}, $echo, 'an error as well');
	}
	foreach my $type (undef, '', 'text/plain', 'application/x-amz-json-1.1',
		'application/jsonx', 'application')
	{
		answers(
			request($node, 'ListTables', '{}', 'Content-Type' => $type),
			404, $not_found, 'refused: ' . ($type // 'none'));
	}
	answers(request($node, 'ListTables', '', 'Content-Type' => undef),
		400, $bad_json, 'an empty body needs none');
};

subtest 'order of errors' => sub {
	my %no_auth = (Authorization => undef);
	my %no_type = ('Content-Type' => 'text/plain');

	answers(request($node, 'Nothing', '{', %no_auth, %no_type),
		404, $not_found, 'the content type comes first');
	answers(request($node, 'Nothing', '{', %no_auth),
		400, $bad_json, 'then the body');
	answers(request($node, 'Nothing', '{}', %no_auth),
		400, $unknown, 'then the operation');
	answers(request($node, 'ListTables', '', %no_auth),
		400, $no_token, 'then the signature');
	answers(request($node, 'ListTables', ''),
		400, $bad_json, 'then the absence of a body');
	answers(
		request($node, 'PutItem', '{"TableName":23}'),
		400,
		'{"__type":"com.amazon.coral.service#SerializationException",'
		  . '"Message":"NUMBER_VALUE cannot be converted to String"}',
		'then the types');
	ddb_error(
		$node, 'PutItem', '{"TableName":"no!"}', 'ValidationException',
		qr/TableName|tableName/, 'then the values');
	answers(
		request($node, 'GetItem',
			{ TableName => 'none', Key => { a => { S => 'a' } } }),
		400,
		'{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",'
		  . '"message":"Requested resource not found"}',
		'then the table');
};

subtest 'bodies that are no object' => sub {
	answers(request($node, 'ListTables', $_),
		400, $bad_json, 'body: ' . s/[^ -~]/?/gr)
	  foreach '{', '}', '[]', '"x"', '1', 'null', 'true', ' ', '{}{}', '{}x',
	  '{"a":1,}', "{'a':1}", '{a:1}', '{"a":01}', '{"a":NaN}', "{\"a\":\"\n\"}",
	  "{\"a\":\"\xff\"}", "\xef\xbb\xbf{}", '{"a":"\ud800"}', "{}\0";
};

subtest 'operations that do not exist' => sub {
	answers(request($node, $_, {}), 400, $unknown, "target: $_")
	  foreach 'DynamoDB_20120810.', 'DynamoDB_20120810.listtables',
	  'dynamodb_20120810.ListTables', 'DynamoDB_20111205.ListTables',
	  'DynamoDB_20120810.ListTables.', 'DynamoDB_20120810.ListTables x',
	  'DynamoDBStreams_20120810.ListTables', 'ListTables.DynamoDB_20120810',
	  '.', '.ListTables', 'DynamoDB_20120810.' . 'x' x 5000;
	answers(request($node, 'ListTables', {}, 'X-Amz-Target' => undef),
		400, $unknown, 'no target');
	answers(request($node, 'ListTables', {}, 'X-Amz-Target' => 'ListTables'),
		400, $unknown, 'a target without a dot');
};

subtest 'signatures' => sub {
	my $scope = 'test/20240102/us-east-1/dynamodb/aws4_request';
	my $incomplete =
	  '{"__type":"com.amazon.coral.service#IncompleteSignatureException","message":"';
	my $needs = 'Authorization header requires';
	my $needs_date =
	  "$needs existence of either a 'X-Amz-Date' or a 'Date' header. ";

	foreach my $header (undef, '', 'Basic dGVzdA==', 'AWS test:abc', 'aws4-x')
	{
		answers(
			request($node, 'ListTables', {}, Authorization => $header),
			400, $no_token, 'not of our kind: ' . ($header // 'none'));
	}

	# header, is there a date, message; the header is appended
	foreach my $case (
		[ 'AWS4-HMAC-SHA256', 1, "$needs 'Credential' parameter. $needs 'Signature' parameter. $needs 'SignedHeaders' parameter. " ],
		[ 'AWS4-HMAC-SHA256 Signature=0', 0, "$needs 'Credential' parameter. $needs 'SignedHeaders' parameter. $needs_date" ],
		[ "AWS4-HMAC-SHA256 Credential=$scope, SignedHeaders=", 1, "$needs 'Signature' parameter. " ],
		[ "AWS4-HMAC-SHA256 Credential=$scope,SignedHeaders=,Signature=0", 0, $needs_date ])
	{
		my ($header, $has_date, $message) = @$case;

		answers(
			request($node, 'ListTables', {},
				Authorization => $header,
				'X-Amz-Date' => $has_date ? '20240102T030405Z' : undef),
			400, qq($incomplete${message}Authorization=$header"}),
			"incomplete: $header");
	}
	answers(
		request($node, 'ListTables', {}, Authorization => 'AWS4-X Credential=a, b'),
		400,
		qq(${incomplete}'b' not a valid key=value pair (missing equal-sign) )
		  . q(in Authorization header: 'AWS4-X Credential=a, b'."}),
		'a part without a value');
	is( request($node, 'ListTables', {}, 'X-Amz-Date' => undef,
			Date => 'Tue, 02 Jan 2024 03:04:05 GMT')->{status},
		200, 'Date instead of X-Amz-Date');
};

subtest 'signatures in the query' => sub {
	my @all = (
		'X-Amz-Algorithm=AWS4-HMAC-SHA256', 'X-Amz-Credential=a',
		'X-Amz-Signature=0', 'X-Amz-SignedHeaders=host',
		'X-Amz-Date=20240102T030405Z');
	my $ask = sub {
		my ($parameters, %header) = @_;
		return http_request(
			$node, 'POST', '/?' . join('&', @$parameters), '{}',
			'Content-Type' => $json10,
			'X-Amz-Target' => 'DynamoDB_20120810.ListTables', %header);
	};

	is($ask->(\@all)->{status}, 200, 'a complete one');
	answers(
		$ask->(\@all, Authorization => 'AWS4-HMAC-SHA256 Credential=a'),
		400,
		'{"__type":"com.amazon.coral.service#InvalidSignatureException",'
		  . q("message":"Found both 'X-Amz-Algorithm' as a query-string param )
		  . q(and 'Authorization' as HTTP header."}),
		'one here and one there');
	foreach my $missing ([1], [2], [3], [4], [ 1, 3 ], [ 1 .. 4 ])
	{
		my %is_missing = map { $_ => 1 } @$missing;
		my @names = map { $all[$_] =~ /^(.*?)=/ } @$missing;

		answers(
			$ask->([ @all[ grep { !$is_missing{$_} } 0 .. $#all ] ]),
			400,
			'{"__type":"com.amazon.coral.service#IncompleteSignatureException","message":"'
			  . join('', map { "AWS query-string parameters must include '$_'. " } @names)
			  . 'Re-examine the query-string parameters."}',
			"without @names");
	}
};

subtest 'headers of an answer' => sub {
	my %seen;
	my @replies = (
		(map { request($node, 'ListTables', {}) } 1 .. 20),
		request($node, 'ListTables', '{'),
		http_request($node, 'GET', '/', ''),
		http_request($node, 'PUT', '/', ''));

	foreach my $reply (@replies)
	{
		my $headers = $reply->{headers};

		like($headers->{'x-amzn-requestid'}, qr/^[0-9A-Z]{52}$/, 'a request id');
		$seen{ $headers->{'x-amzn-requestid'} }++;
		is($headers->{'content-length'}, length $reply->{body}, 'a length');
		is($headers->{server}, 'Server', 'a name');
		like(lc($headers->{connection} // ''), qr/^keep-alive$/, 'a connection');
		like(
			$headers->{date},
			qr/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
			'a date');
	}
	is(keys %seen, @replies, 'no request id comes twice');
	is($replies[0]->{headers}{'x-amz-crc32'},
		1315925753, 'a checksum that is known');
};

subtest 'members' => sub {
	ddb_ok($node, 'ListTables', '{"Limit":0,"Nothing":[{}],"Limit":1}',
		'of two members with one name the last one counts');
	ddb_error($node, 'ListTables', '{"Limit":1,"Limit":0}',
		'ValidationException', undef, 'even if it is the wrong one');
	ddb_ok($node, 'ListTables', '{"Limit":null}', 'null is absent');
};

$node->stop;
done_testing();
