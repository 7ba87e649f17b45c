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

generated_part('coverage', 'operation.def', coverage_table());

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
