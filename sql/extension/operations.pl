#!/usr/bin/perl
#
# operations.pl
#	  The SQL functions of all operations, from src/model/operation.def and
#	  src/model/shapes.
#
# The build appends what this prints to the extension's script.  A function
# whose request has no required member can be called without a request.
#
use strict;
use warnings;
use FindBin;

my $model = "$FindBin::RealBin/../../src/model";

my $shapes = join '', map { read_file($_) } glob "$model/shapes/*.def";
my @operations = read_file("$model/operation.def") =~
  /^DDB_OPERATION\((\w+(?:,\s+\w+){5})\)$/mg;
die "no operations in $model/operation.def\n" if !@operations;

print "/* One function per operation; written by operations.pl. */\n";
foreach my $row (@operations)
{
	my (undef, $function, $name) = split /,\s+/, $row;
	my $default = needs_request($name) ? '' : " DEFAULT '{}'";

	print <<"SQL";

CREATE FUNCTION dynamo.$function(request jsonb$default) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_$function';
COMMENT ON FUNCTION dynamo.$function(jsonb) IS
'the DynamoDB operation $name: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.$function(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.$function(jsonb) TO dynamo_service;
SQL
}

# Has the request of this operation a required member?
sub needs_request
{
	my ($name) = @_;

	$shapes =~ /^DDB_STRUCTURE\(${name}Input,(.*?)(?=^DDB_|\z)/ms
	  or die "model/shapes has no ${name}Input\n";
	return $1 =~ /\bDDB_REQUIRED\(/;
}

sub read_file
{
	my ($path) = @_;

	open my $file, '<', $path or die "could not open $path: $!\n";
	local $/ = undef;
	return scalar <$file>;
}
