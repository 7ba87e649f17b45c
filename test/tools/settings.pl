#!/usr/bin/perl
#
# settings.pl
#	  The table of settings in docs/settings.md, from src/core/setting.def.
#
#	  settings.pl					prints it
#	  settings.pl --check FILE		compares it with what the file has between
#									<!-- settings --> and <!-- /settings -->
#	  settings.pl --write FILE		puts it there
#
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Checks;

my $list = "$FindBin::RealBin/../../src/core/setting.def";

# When a change takes effect
my %when = (
	PGC_POSTMASTER => 'restart',
	PGC_SIGHUP => 'reload',
	PGC_SUSET => 'superuser');

# A unit and larger units: the name, and how many of the previous unit it has
my %units = (
	0 => [],
	GUC_UNIT_MS => [ [ 'ms', 1 ], [ 's', 1000 ], [ 'min', 60 ], [ 'h', 60 ] ],
	GUC_UNIT_S => [ [ 's', 1 ], [ 'min', 60 ], [ 'h', 60 ] ],
	GUC_UNIT_KB => [ [ 'kB', 1 ], [ 'MB', 1024 ], [ 'GB', 1024 ] ],
	GUC_UNIT_MB => [ [ 'MB', 1 ], [ 'GB', 1024 ] ]);

generated_part('settings', 'setting.def', settings_table());

sub settings_table
{
	my $text = "| setting | default | unit | changed by | |\n|---|---|---|---|---|\n";
	my $rows = read_file($list);

	while ($rows =~ /^DDB_SETTING_(\w+)\(/mg)
	{
		$text .= table_row($1, arguments(substr($rows, pos $rows)));
	}
	return $text;
}

# Returns the arguments of a macro, after its opening parenthesis, without quotes.
# Adjacent literals are joined.
sub arguments
{
	my ($text) = @_;
	my @arguments = ('');

	while ($text =~ /\G\s*("[^"]*"|\w+\([^()]*\)|[^",()\s]+|[,)])/g)
	{
		last if $1 eq ')';
		if ($1 eq ',') { push @arguments, ''; }
		else { $arguments[-1] .= $1 =~ s/^"|"$//gr; }
	}
	return @arguments;
}

sub table_row
{
	my ($kind, undef, $name, $default, @rest) = @_;
	my $unit = 0;

	(undef, undef, $unit) = splice @rest, 0, 3 if $kind eq 'INT';
	my ($context, $description, $details, @options) = @rest;
	my @units = @{ $units{$unit} // die "$name: no unit $unit\n" };

	$default = default_of($kind, $default, \@units, \@options);
	$description .= " $details" if $details ne 'NULL';
	$description =~ s/\*/`*`/g;
	$description =~ s{\bdocs/([\w.]+\.md)\b}{[$1]($1)}g;
	return sprintf "| `dynamo.%s` | `%s` | %s | %s | %s |\n", $name, $default,
	  @units ? $units[0][0] : '', $when{$context} // die("$name: no context $context\n"),
	  $description;
}

# Returns a value as SHOW prints it.
sub default_of
{
	my ($kind, $value, $units, $options) = @_;

	return $value eq 'true' ? 'on' : 'off' if $kind eq 'BOOL';
	return $value if $kind eq 'STRING';
	if ($kind eq 'ENUM')
	{
		my ($word) = "@$options" =~ /DDB_OPTION\("(\w+)", \Q$value\E\)/
		  or die "no option is $value\n";
		return $word;
	}
	$value =~ /^-?[\d*]+$/ or die "$value is no number\n";
	return in_units(eval $value, @$units);
}

sub in_units
{
	my ($number, @units) = @_;
	my $name = @units ? (shift @units)->[0] : '';

	while ($number && @units && $number % $units[0][1] == 0)
	{
		$number /= $units[0][1];
		$name = (shift @units)->[0];
	}
	return $number ? "$number$name" : $number;
}
