#!/usr/bin/perl
#
# check_exports.pl [top [library]]
#	  Proves that the shared library exports exactly what the version script
#	  lists, and that the SQL scripts and the library have the same functions.
#
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Checks;

my $top = top();
my $library = $ARGV[1] // "$top/dynamo.so";
my $map = "$top/src/dynamo.map";

my %exported = map { $_ => 1 } exported_symbols($library);
my @patterns = listed_symbols($map);
my %used = functions_of_sql();

# The version script against the library.
foreach my $symbol (sort keys %exported)
{
	check(
		(grep { $symbol =~ pattern($_) } @patterns),
		"$symbol is exported, but not in the version script");
}
foreach my $listed (@patterns)
{
	my $expression = pattern($listed);
	check(
		(grep { /$expression/ } keys %exported),
		"$listed is in the version script, but nothing exports it");
}

# SQL against the library.
foreach my $function (sort keys %used)
{
	check($exported{$function},
		"$function is called by $used{$function}, but not exported");
	check($exported{"pg_finfo_$function"},
		"$function is called by $used{$function}, but has no PG_FUNCTION_INFO_V1");
}
foreach my $symbol (sort keys %exported)
{
	check($used{$1}, "$1 is exported for SQL, but no script uses it")
	  if $symbol =~ /^pg_finfo_(\w+)$/;
}

finish('exports');

sub exported_symbols
{
	my ($path) = @_;

	open my $nm, '-|', 'nm', '-D', '--defined-only', $path
	  or die "could not run nm: $!\n";
	my @symbols = map { (split)[2] // () } <$nm>;
	close $nm or die "nm failed on $path\n";

	# The version script may name the version itself, which is not a function.
	return map { s/@.*//r } @symbols;
}

# Returns the names between "global:" and "local:".
sub listed_symbols
{
	my ($path) = @_;
	my $text = read_file($path);

	$text =~ s{/\*.*?\*/}{}gs;
	$text =~ s/#.*//g;
	$text =~ /global:(.*?)(?:local:|\})/s or die "no global: in $path\n";
	return grep { length } split /[\s;]+/, $1;
}

sub pattern
{
	my ($listed) = @_;
	my $expression = join '\w*', map { quotemeta } split /\*/, $listed, -1;

	return qr/^$expression$/;
}

# Returns the C functions that SQL scripts create, each with the place of one use.
sub functions_of_sql
{
	my %functions;
	my %scripts = map { relative($top, $_) => read_file($_) } (
		files_below("$top/sql/extension", qr/\.sql(\.in)?$/),
		files_below("$top/sql/upgrade",   qr/\.sql$/));

	foreach my $generator (files_below("$top/sql/extension", qr/\.pl$/))
	{
		$scripts{ relative($top, $generator) } = `'$^X' '$generator'`;
		die "$generator failed\n" if $? != 0;
	}

	foreach my $script (sort keys %scripts)
	{
		my $text = $scripts{$script};

		$text =~ s/--.*//g;
		while ($text =~ /\bFUNCTION\s+(?:\w+\.)?(\w+)\s*\((?:(?!\bFUNCTION\b).)*?
			\bAS\s+'MODULE_PATHNAME'(?:\s*,\s*'(\w+)')?/xsig)
		{
			$functions{ $2 // $1 } = $script;
		}
	}
	return %functions;
}
