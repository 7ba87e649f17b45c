# Every member of every operation, at every depth, gets a value of every JSON type.
# The answer is always one that the service gives, never an internal failure.
#
# The operations and their members are read from the lists from which the server is
# built, so new ones are tested without a change here.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";

use DynamoTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $model = "$FindBin::RealBin/../../src/model";

# Nested structures are followed to this depth.  Attribute values contain attribute
# values.
my $deepest = 5;

my @wrong = ('true', '1', '1.5', '"x"', '""', '[]', '{}', 'null', '[1]',
	'{"x":1}', '[[]]', '[{}]', '[null]', '{"x":null}', '{"":{}}', '-1',
	'1e400', '99999999999999999999', '"\u0000"');

my %shape = read_shapes(join '', map { slurp_file($_) } glob "$model/shapes/*.def");
my @operations =
  slurp_file("$model/operation.def") =~ /^DDB_OPERATION\(\w+, \w+, (\w+),/mg;

sub read_shapes
{
	my ($text) = @_;
	my %shapes;

	$text =~ s,/\*.*?\*/,,gs;
	foreach my $row (split /^(?=DDB_)/m, $text)
	{
		my ($kind, $name, $rest) = $row =~ /^DDB_(\w+)\((\w+)(.*)/s or next;
		my %this = (kind => $kind);

		($this{element}) = $rest =~ /^,\s*(\w+)/ if $kind eq 'LIST';
		($this{element}) = $rest =~ /^,\s*\w+,\s*(\w+)/ if $kind eq 'MAP';
		($this{value}) = $rest =~ /"(\w+)"[^"]*$/ if $kind eq 'ENUM';
		$this{members} = [ map { [ split /,\s*/ ] }
			  $rest =~ /DDB_(?:REQUIRED|OPTIONAL)\((\w+,\s*\w+)/g ];
		$this{required} = { map { $_ => 1 } $rest =~ /DDB_REQUIRED\((\w+)/g };
		$shapes{$name} = \%this;
	}
	return %shapes;
}

# Returns the shortest value of the right type.
sub right
{
	my ($name, $depth) = @_;
	my $this = $shape{$name} or die "no shape $name";
	my $kind = $this->{kind};

	return '"Things"' if $name =~ /TableName$/;
	return "\"$this->{value}\"" if $kind eq 'ENUM';
	return '"abc"' if $kind eq 'STRING';
	return '"AAAA"' if $kind eq 'BLOB';
	return '1' if $kind eq 'INTEGER' || $kind eq 'LONG';
	return 'true' if $kind eq 'BOOLEAN';
	return '{"S":"a"}' if $name eq 'AttributeValue';
	return '[' . right($this->{element}, $depth + 1) . ']' if $kind eq 'LIST';
	return '{"name":' . right($this->{element}, $depth + 1) . '}'
	  if $kind eq 'MAP';
	return structure($this, $depth);
}

# Returns a structure with its required members and one more, which has this value.
sub structure
{
	my ($this, $depth, $extra, $value) = @_;
	my @members;

	foreach my $member (@{ $this->{members} })
	{
		my ($name, $its_shape) = @$member;

		if (defined $extra && $name eq $extra)
		{
			push @members, "\"$name\":$value";
		}
		elsif ($this->{required}{$name})
		{
			push @members, "\"$name\":" . right($its_shape, $depth + 1);
		}
	}
	return '{' . join(',', @members) . '}';
}

# Returns values of this shape, each with one mistake.
sub wrongs
{
	my ($name, $depth) = @_;
	my $this = $shape{$name} or die "no shape $name";
	my @values;

	return @wrong if $depth > $deepest;
	@values = @wrong if $depth > 0;
	if ($this->{kind} eq 'LIST')
	{
		push @values, map { "[$_]" } wrongs($this->{element}, $depth + 1);
	}
	elsif ($this->{kind} eq 'MAP')
	{
		push @values, map { "{\"name\":$_}" } wrongs($this->{element}, $depth + 1);
	}
	elsif ($this->{kind} eq 'STRUCTURE')
	{
		foreach my $member (@{ $this->{members} })
		{
			my ($member_name, $its_shape) = @$member;

			push @values, map { structure($this, $depth, $member_name, $_) }
			  wrongs($its_shape, $depth + 1);
		}
	}
	return @values;
}

# Returns a description of how an answer differs from those of the service.
sub complaint
{
	my ($reply) = @_;

	return 'no answer' unless $reply;
	return "status $reply->{status}" unless $reply->{status} =~ /^(200|400)$/;
	return 'no JSON object' unless ref $reply->{json} eq 'HASH';
	return undef if $reply->{status} == 200;

	my ($prefix, $type) = ($reply->{json}{__type} // '') =~ /^(.*)#(\w+)$/
	  or return 'no type';
	my $expected =
	    $type eq 'ValidationException' ? 'com.amazon.coral.validate'
	  : $type eq 'SerializationException' ? 'com.amazon.coral.service'
	  : 'com.amazonaws.dynamodb.v20120810';
	my $message = $reply->{json}{message} // $reply->{json}{Message};

	return "prefix of $type" unless $prefix eq $expected;
	return 'no message' unless defined $message && length $message;
	return undef;
}

my $node = dynamo_node('members');

create_table($node, 'Things', name => 'S');
cmp_ok(scalar @operations, '>=', 14, 'the operations are found');

my @workers = worker_pids($node);

foreach my $operation (@operations)
{
	my $socket = raw_connect($node);
	my $count = 0;
	my @complaints;
	my %done;

	foreach my $body (grep { !$done{$_}++ }
		wrongs("${operation}Input", 0), '{}')
	{
		raw_send($socket, request_bytes($operation, $body));
		my $complaint = complaint(raw_reply($socket));

		$count++;
		push @complaints, "$complaint: $body" if defined $complaint;
		last if @complaints == 10;
	}
	is(join("\n", @complaints), '', "$operation with $count bodies");
}

is_deeply([ worker_pids($node) ], \@workers, 'no worker has died');
$node->stop;
done_testing();
