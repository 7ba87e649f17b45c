#!/usr/bin/perl
#
# check_build.pl
#	  Proves that a build is used for the PostgreSQL that it was made for: make
#	  remembers which one, without PG_CONFIG too, and builds everything anew for
#	  another version.  Works in a copy of a checkout that has been built.
#
use strict;
use warnings;
use File::Temp;
use FindBin;
use lib $FindBin::RealBin;
use Checks;

my $top = top();
my $place = File::Temp->newdir();
my $other = "$place/pg_config";
my ($built_for) = read_file("$top/.built-for") =~ / (\S+)$/;
my $objects = () = map { files_below("$top/$_", qr/\.c$/) } qw(src bgworker);

# What the caller's make and its environment say is none of a new make's.
delete @ENV{qw(PG_CONFIG MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES)};
mkdir "$place/dynamo";
system("tar -C $top -cf - --exclude=./.git --exclude=./.dynamo"
	  . " --exclude=node_modules --exclude=./tmp_check . | tar -C $place/dynamo -xf -") == 0
  or die "could not copy $top\n";

sub would_compile
{
	my ($arguments) = @_;
	my $output = `make -n -C $place/dynamo $arguments all 2>&1`;

	return () = $output =~ /^\S+ .* -c -o /mg if $? == 0;
	print $output;
	return -1;
}

# As the one that was built for, but a later version
open my $file, '>', $other or die "could not write $other: $!\n";
print $file <<"END";
#!/bin/sh
case \$1 in
	--version) echo "PostgreSQL 99.1" ;;
	*) exec $built_for "\$@" ;;
esac
END
close $file or die "could not write $other: $!\n";
chmod 0755, $other;

check($objects > 0, 'there are no sources');
check(would_compile("PG_CONFIG=$built_for") == 0,
	'the same PostgreSQL: something is built again');
check(would_compile('') == 0,
	'no PG_CONFIG: something is built again');
check(would_compile("PG_CONFIG=$other") == $objects,
	'another version: not everything is built again');

system("make -s -C $place/dynamo PG_CONFIG=$other .built-for") == 0
  or die "could not make .built-for\n";
check(would_compile("PG_CONFIG=$built_for") == $objects,
	'the first version after another: not everything is built again');
check(`make -C $place/dynamo PG_CONFIG=$place/none all 2>&1` =~
	  /There is no PostgreSQL to build for: "$place\/none --pgxs" fails/,
	'no PostgreSQL: it is not said so');
finish('build');
