#!/usr/bin/perl
#
# check_layers.pl [top]
#	  Proves the order of the modules in src/modules.list.  A file includes only
#	  headers of its own folder and of folders above it in the list, and no
#	  x_int.h of another folder.  A long list x.def may be in parts in a folder
#	  x/ beside it, which only x.def includes.  The table in src/README.md has
#	  the same rows.
#
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Checks;

my $top = top();
my @order = grep { /^\w/ } split /\n/, read_file("$top/src/modules.list");
my %place;
@place{@order} = 0 .. $#order;

check_readme();

foreach my $path (
	files_below("$top/src",      qr/\.(c|h|def)$/),
	files_below("$top/bgworker", qr/\.(c|h|def)$/))
{
	my $file = relative($top, $path);
	my $module = module_of($file);

	next
	  if !check(defined $module && (!length $module || exists $place{$module}),
		"$file: belongs to no module");

	my $line = 0;
	foreach (split /\n/, read_file($path))
	{
		$line++;
		check_include($file, $line, $module, $1)
		  if /^\s*#\s*include\s+"([^"]+)"/;
	}
}

finish('layers');

sub check_readme
{
	my @rows = read_file("$top/src/README.md") =~ m{^\| `(?:\.\./)?(\w+)/` \|}mg;

	check("@rows" eq "@order",
		"src/README.md: the table of modules differs from src/modules.list");
}

# Returns the module of a file, '' for the entry points, which belong to no module.
sub module_of
{
	my ($file) = @_;

	return 'bgworker' if $file =~ m{^bgworker/[^/]+$};
	return $1 if $file =~ m{^src/([^/]+)/[^/]+$};
	return $2 if $file =~ m{^(src/([^/]+)/[^/]+)/[^/]+\.def$} && -e "$top/$1.def";
	return '' if $file =~ m{^src/dynamo\.[ch]$};
	return undef;
}

sub check_include
{
	my ($file, $line, $module, $include) = @_;
	my $where = "$file:$line";
	my ($of, $name) = $include =~ m{^([^/]+)/((?:[^/]+/)?[^/]+)$};

	# A header outside the modules is PostgreSQL's, unless it lies beside the file.
	if (!defined $of || !exists $place{$of})
	{
		my $folder = $file =~ m{^(.*)/} ? $1 : '.';
		check(!-e "$top/$folder/$include",
			"$where: \"$include\" is not written from src/");
		return;
	}

	my $target = $of eq 'bgworker' ? "$top/$include" : "$top/src/$include";
	return if !check(-e $target, "$where: there is no $include");

	check($file eq "src/$of/$1.def", "$where: $include is a part of $of/$1.def")
	  if $name =~ m{^(.*)/};
	check($name !~ /_int\.h$/ || $of eq $module,
		"$where: $include is private to $of/");
	check(
		!length $module || $place{$of} <= $place{$module},
		"$where: $module/ may not include $of/, which comes after it");
}
