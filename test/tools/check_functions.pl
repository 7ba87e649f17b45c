#!/usr/bin/perl
#
# check_functions.pl [top]
#	  Proves that functions can be read without scrolling.  The body of each
#	  function has at most 55 lines, and half of them have at most 9.  Prints
#	  the median.
#
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Checks;

use constant LONGEST => 55;
use constant MEDIAN => 9;

my $top = top();
my @lengths;

foreach my $path (map { files_below("$top/$_", qr/\.[ch]$/) } qw(src bgworker))
{
	count_functions(relative($top, $path), split /\n/, read_file($path));
}
@lengths = sort { $a <=> $b } @lengths;
die "no functions in $top\n" if !@lengths;

my $median = $lengths[ $#lengths / 2 ];
check($median <= MEDIAN, "half of the functions have more than @{[MEDIAN]} lines: $median");
printf "%d functions, median %d lines, longest %d\n", scalar @lengths, $median, $lengths[-1];
finish('functions');

# The opening brace of a function stands alone at the beginning of a line.  Anything
# else with a brace there ends in a semicolon.
sub count_functions
{
	my ($file, @lines) = @_;
	my $open;

	foreach my $number (0 .. $#lines)
	{
		if ($lines[$number] eq '{')
		{
			$open = $number;
		}
		elsif ($lines[$number] eq '}' && defined $open)
		{
			my $length = $number - $open - 1;

			push @lengths, $length;
			check($length <= LONGEST,
				"$file:$open: a function of $length lines, more than @{[LONGEST]}");
			$open = undef;
		}
	}
	return;
}
