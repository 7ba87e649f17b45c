#!/usr/bin/perl
#
# coverage.pl
#	  The table of operations in the README, from src/model/operation.def and
#	  the service's complete list in operations.txt.
#
#	  coverage.pl					prints it
#	  coverage.pl --check README.md	compares it with what the file has between
#									<!-- coverage --> and <!-- /coverage -->
#	  coverage.pl --write README.md	puts it there
#
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Checks;

my $model = "$FindBin::RealBin/../../src/model";
my $markers = qr/(<!-- coverage -->\n)(.*?)(<!-- \/coverage -->)/s;

my ($action, $path) = (@ARGV, '--print');
my $table = coverage_table();

if ($action eq '--check')
{
	my ($open, $found) = read_file($path) =~ $markers;

	check(defined $open, "$path: there are no coverage markers");
	check(($found // '') eq $table,
		"$path: the coverage table is not that of operation.def"
		  . " (test/tools/coverage.pl --write $path)");
	finish('coverage');
}
elsif ($action eq '--write')
{
	my $text = read_file($path);

	$text =~ s/$markers/$1$table$3/ or die "$path: there are no coverage markers\n";
	open my $file, '>', $path or die "could not write $path: $!\n";
	print $file $text;
	close $file or die "could not write $path: $!\n";
}
else
{
	print $table;
}

sub coverage_table
{
	my %served = map { (split /,\s*/)[2] => 1 } rows("$model/operation.def", 'DDB_OPERATION');
	my (@groups, %of, $count);

	foreach (split /\n/, read_file("$FindBin::RealBin/operations.txt"))
	{
		my ($group, $name) = /^([^#\t]+)\t(\w+)$/ or next;

		push @groups, $group if !$of{$group};
		push @{ $of{$group}{ $served{$name} ? 'yes' : 'no' } }, $name;
		$count++;
	}

	my $text = sprintf "%d of the %d operations are served.\n\n", scalar keys %served, $count;
	$text .= "| | Served | Not yet |\n|---|---|---|\n";
	foreach my $group (@groups)
	{
		$text .= sprintf "| %s | %s | %s |\n", $group,
		  map { join ', ', @{ $of{$group}{$_} // [] } } qw(yes no);
	}
	return $text;
}
