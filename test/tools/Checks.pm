# Checks.pm
#	  Functions that the checks of this folder share: counting, reading lists.
#
# Each check prints its failures, one per line, and a last line of the form
# "<name>: N passed, M failed"; its exit status is 1 when anything failed.
#
package Checks;

use strict;
use warnings;
use Exporter 'import';
use File::Find ();
use FindBin;

our @EXPORT = qw(top check finish read_file rows files_below relative generated_part);

my ($passed, $failed) = (0, 0);

# Returns the top of the source tree: the argument, or the tree of this file.
sub top
{
	return @ARGV && -d $ARGV[0] ? $ARGV[0] : "$FindBin::RealBin/../..";
}

# The prototype gives a match scalar context.  Otherwise it would return its groups.
sub check ($$)
{
	my ($ok, $complaint) = @_;

	if ($ok)
	{
		$passed++;
		return 1;
	}
	$failed++;
	print "$complaint\n";
	return 0;
}

sub finish
{
	my ($name) = @_;

	print "$name: $passed passed, $failed failed\n";
	exit($failed || !$passed ? 1 : 0);
}

sub read_file
{
	my ($path) = @_;

	open my $file, '<', $path or die "could not open $path: $!\n";
	local $/ = undef;
	return scalar <$file> // '';
}

# Returns the rows of a .def list: for each row the arguments of its macro, as text.
# Macros within a comment of the list are not rows.
sub rows
{
	my ($path, $macro) = @_;
	my $text = read_file($path);
	my @rows;

	$text =~ s{/\*.*?\*/}{}gs;
	while ($text =~ /^$macro\(((?:[^()"]|"(?:[^"\\]|\\.)*"|(\((?:[^()]++|(?2))*\)))*)\)/mg)
	{
		push @rows, $1;
	}
	return @rows;
}

# Returns the files whose names match, sorted.
sub files_below
{
	my ($folder, $pattern) = @_;
	my @files;

	return () if !-d $folder;
	File::Find::find(
		{   no_chdir => 1,
			wanted   => sub { push @files, $_ if -f $_ && /$pattern/ }
		},
		$folder);
	return sort @files;
}

sub relative
{
	my ($top, $path) = @_;

	$path =~ s{^\Q$top\E/}{};
	return $path;
}

# Handles a part of a document that is made from a list.  Prints it, or compares it
# with the text between the markers <!-- name --> and <!-- /name --> (--check
# FILE), or replaces that text (--write FILE).
sub generated_part
{
	my ($name, $list, $part) = @_;
	my ($action, $path) = (@ARGV, '--print');
	my $markers = qr/(<!-- $name -->\n)(.*?)(<!-- \/$name -->)/s;

	if ($action eq '--check')
	{
		my ($open, $found) = read_file($path) =~ $markers;

		check(defined $open, "$path: there are no markers of $name");
		check(($found // '') eq $part,
			"$path: the table of $name is not that of $list"
			  . " (test/tools/$name.pl --write $path)");
		finish($name);
	}
	elsif ($action eq '--write')
	{
		my $text = read_file($path);

		$text =~ s/$markers/$1$part$3/ or die "$path: there are no markers of $name\n";
		open my $file, '>', $path or die "could not write $path: $!\n";
		print $file $text;
		close $file or die "could not write $path: $!\n";
	}
	else
	{
		print $part;
	}
	return;
}

1;
