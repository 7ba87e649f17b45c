#!/usr/bin/perl
#
# check_style.pl [--fix] [top]
#	  Checks the part of PostgreSQL's style that needs no indenter: tabs,
#	  trailing blanks, braces on lines of their own, line length, // comments.
#	  With --fix, corrects blanks.
#
# The layout itself is pgindent's.  "make indent" runs pg_bsd_indent if it is
# installed.
#
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Checks;

use constant LONGEST => 100;

my $fix = @ARGV && $ARGV[0] eq '--fix' ? shift @ARGV : undef;
my $top = top();

# Returns the width of a line with tab stops every four columns.
sub width
{
	my ($line) = @_;

	1 while $line =~ s/^([^\t]*)\t/$1 . ' ' x (4 - length($1) % 4)/e;
	return length $line;
}

sub mend
{
	my ($text) = @_;

	$text =~ s/[ \t]+$//mg;
	$text =~ s/\n+\z/\n/;
	return $text;
}

# Runs one check for each file, and names every line that breaks it.
sub check_file
{
	my ($name, $text) = @_;
	my $number = 0;
	my @complaints;

	push @complaints, "$name: trailing blanks or no newline at the end" if $text ne mend($text);
	push @complaints, "$name: does not start with a comment that says what it holds" if $text !~ m{\A/\*};
	foreach my $line (split /\n/, $text)
	{
		my $where = "$name:" . ++$number;

		push @complaints, "$where: indented with blanks" if $line =~ /^ +\S/ && $line !~ /^ \*/;
		push @complaints, "$where: a brace that belongs on its own line"
			if $line =~ /^\s*(?:if|else|for|foreach|while|switch|do)\b.*\{$/;
		push @complaints, "$where: a // comment" if $line =~ m{(^|\s)//(\s|$)};
		push @complaints, "$where: longer than @{[LONGEST]} columns" if width($line) > LONGEST && $line !~ /"/;
	}
	check(!@complaints, join("\n", @complaints));
	return;
}

foreach my $path (map { files_below("$top/$_", qr/\.(c|h|def)$/) } qw(src bgworker test/unit test/fuzz))
{
	my $text = read_file($path);

	if ($fix && $text ne mend($text))
	{
		open my $file, '>', $path or die "could not write $path: $!\n";
		print $file mend($text);
		close $file or die "could not write $path: $!\n";
		$text = mend($text);
	}
	check_file(relative($top, $path), $text);
}
finish('style');
