#!/usr/bin/perl
#
# check_docs.pl [top]
#	  Proves that each link in the documents leads to an existing file and
#	  heading, and that no line of README.md and docs/ is longer than 100
#	  columns, except in tables and code.
#
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Checks;

use constant MAX_COLUMNS => 100;

my $top = top();

foreach my $path (documents())
{
	my $name = relative($top, $path);
	my $text = without_code(read_file($path));

	check_link($name, $1) while $text =~ /\]\(([^()\s]+)\)/g;
	check_width($name, $text) if $name eq 'README.md' || $name =~ m{^docs/};
}

finish('docs');

sub documents
{
	return grep { !m{/(?:node_modules|tmp_check)/} }
	  (glob("$top/*.md"), map { files_below("$top/$_", qr/\.md$/) }
		  qw(docs src bgworker test scripts));
}

# Code is replaced by empty lines, so that line numbers stay the same.
sub without_code
{
	my ($text) = @_;

	$text =~ s{^(```.*?^```)$}{$1 =~ tr/\n//cdr}gmse;
	return $text;
}

sub check_link
{
	my ($name, $link) = @_;
	my ($target, $heading) = split /#/, $link, 2;
	my ($folder) = $name =~ m{^(.*/)};

	return if $link =~ m{^https?://};
	my $file = $target eq '' ? "$top/$name" : "$top/" . ($folder // '') . $target;
	return if !check(-e $file, "$name: there is no $link");
	check(!defined $heading || grep({ $_ eq $heading } anchors($file)),
		"$name: $link leads to no heading");
}

# Returns the anchors of headings as GitHub makes them.
sub anchors
{
	my ($file) = @_;

	return map { lc(s/[^\w\s-]//gr) =~ s/\s/-/gr } read_file($file) =~ /^#+ +(.*?) *$/mg;
}

sub check_width
{
	my ($name, $text) = @_;
	my $line = 0;

	foreach (split /\n/, $text)
	{
		$line++;
		check(/^\|/ || length $_ <= MAX_COLUMNS,
			"$name:$line: longer than " . MAX_COLUMNS . " columns");
	}
}
