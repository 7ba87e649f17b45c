#!/usr/bin/perl
#
# check_lists.pl [top]
#	  Proves that the .def lists are complete, and that they agree with each
#	  other and with the code that depends on them.
#
use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Checks;

my $top = top();

my %shapes = check_shapes(parts_of("$top/src/model/shapes.def"));
check_operations("$top/src/model/operation.def");
check_error_types("$top/src/core/error_types.def");
check_reserved_words();
check_processes();

check_version();

finish('lists');

# The library, the control file and the upgrade scripts have the same version.
sub check_version
{
	my ($version) = read_file("$top/dynamo.control") =~ /^default_version = '(.*)'$/m;
	my @upgrades = map { m{--([0-9.]+)\.sql$} } glob "$top/sql/upgrade/dynamo--*--*.sql";

	check(read_file("$top/src/core/version.h") =~ /^#define DDB_VERSION "\Q$version\E"$/m,
		"version.h and dynamo.control differ");
	check((grep { $_ eq $version } @upgrades) == 1, "no upgrade script leads to version $version");
	foreach my $script (glob("$top/sql/upgrade/dynamo--*--*.sql"), "$top/sql/extension/00_requirements.sql")
	{
		check(read_file($script) =~ /^SET LOCAL search_path = pg_catalog, pg_temp;$/m,
			"$script does not begin with PostgreSQL's own search_path");
	}
	return;
}

# A list in parts includes each file of its folder once, and no other file.
sub parts_of
{
	my ($list) = @_;
	my ($folder) = $list =~ /^(.*)\.def$/;
	my @files = files_below($folder, qr/\.def$/);
	my @there = map { relative("$top/src", $_) } @files;
	my @included = sort(read_file($list) =~ /^#include "(.*)"$/mg);

	check("@there" eq "@included",
		relative($top, $list) . ' does not include each file of '
		  . relative($top, $folder) . '/ once');
	return @files;
}

# Every shape is defined once, is used, and refers only to existing shapes.
sub check_shapes
{
	my @paths = @_;
	my (%defined, %used);
	my $kinds = 'STRING|ENUM|BOOLEAN|INTEGER|LONG|BLOB|LIST|MAP|STRUCTURE';

	foreach my $kind (split /\|/, $kinds)
	{
		foreach my $row (map { rows($_, "DDB_$kind") } @paths)
		{
			my ($name, @arguments) = map { s/^\s+|\s+$//gr } split /,/, $row;

			check(!$defined{$name}, "shapes: $name is defined twice");
			$defined{$name} = $row;

			push @{ $used{ $arguments[0] } }, $name if $kind =~ /LIST|MAP/;
			push @{ $used{ $arguments[1] } }, $name if $kind eq 'MAP';
			while ($row =~ /\bDDB_(?:REQUIRED|OPTIONAL)\(\s*(\w+)\s*,\s*(\w+)/g)
			{
				push @{ $used{$2} }, "$name.$1";
			}
		}
	}

	foreach my $name (sort keys %used)
	{
		check($defined{$name},
			"shapes: $name, used by $used{$name}[0], is not defined");
	}
	foreach my $name (sort keys %defined)
	{
		check($used{$name} || $name =~ /Input$/,
			"shapes: $name is used by nothing");
	}
	return %defined;
}

# Rows are sorted, and everything that a row requires exists.
sub check_operations
{
	my ($path) = @_;
	my (%functions, @names, %used);
	my %modes = map { (split /,/)[0] => 1 } rows("$top/src/model/mode.def", 'DDB_MODE');
	my %known = map { /^[^#\t]+\t(\w+)$/ ? ($1 => 1) : () }
	  split /\n/, read_file("$FindBin::RealBin/operations.txt");
	my $api = join "\n", map { read_file($_) } files_below("$top/src/api", qr/\.c$/);

	foreach my $row (rows($path, 'DDB_OPERATION'))
	{
		my ($suffix, $function, $name, undef, $mode, $resource) = split /,\s*/, $row;

		push @names, $name;
		check(!$functions{$function}++, "operation.def: $function is there twice");
		check($function eq snake_case($name),
			"operation.def: $name should be " . snake_case($name) . ", not $function");
		check($suffix eq uc $function,
			"operation.def: $name should be " . uc($function) . ", not $suffix");
		check($modes{$mode}, "operation.def: $name has no such mode as $mode");
		$used{$mode}++;
		check($known{$name}, "operation.def: the service has no $name");
		check($shapes{"${name}Input"}, "shapes: there is no ${name}Input");
		check($api =~ /^const DdbHandler ddb_op_$function = /m,
			"src/api: there is no handler ddb_op_$function");
	}
	foreach my $row (rows("$top/src/model/unserved.def", 'DDB_UNSERVED'))
	{
		my (undef, $name) = split /,\s*/, $row;

		check($known{$name}, "unserved.def: the service has no $name");
		check(!$functions{ snake_case($name) }++,
			"unserved.def: $name is there twice, or served");
	}
	foreach my $name (sort keys %known)
	{
		check($functions{ snake_case($name) },
			"unserved.def: $name is missing, and is not served");
	}
	check($used{$_}, "mode.def: no operation has the mode $_") foreach sort keys %modes;
	check(@names > 0, 'operation.def: there are no rows');
	check("@names" eq join(' ', sort @names),
		'operation.def: rows are not sorted by name');

	my %served = map { ("${_}Input" => 1) } @names;
	foreach my $shape (grep { /Input$/ } sort keys %shapes)
	{
		check($served{$shape}, "shapes: $shape is of no operation");
	}
}

sub snake_case
{
	my ($name) = @_;

	$name =~ s/([a-z0-9])([A-Z])/$1_$2/g;
	$name =~ s/([A-Z])([A-Z][a-z])/$1_$2/g;
	return lc $name;
}

# SQLSTATEs are unique and in our class, and the code uses no other error type.
sub check_error_types
{
	my ($path) = @_;
	my (%types, %states);

	foreach my $row (rows($path, 'DDB_ERROR_TYPE'))
	{
		my ($suffix, $name, $prefix, $status, $member, $state) = split /,\s*/, $row;

		check(!$types{$suffix}++, "error_types.def: $suffix is there twice");
		check($state =~ /^"ND[0-9A-Z]{3}"$/,
			"error_types.def: SQLSTATE $state of $suffix is not of class ND");
		check(!$states{$state}++, "error_types.def: SQLSTATE $state is there twice");
		check($status =~ /^(400|500|503)$/,
			"error_types.def: $suffix has status $status");
		check($member =~ /^"[mM]essage"$/,
			"error_types.def: $suffix has its text in $member");
	}

	foreach my $file (
		files_below("$top/src",      qr/\.(c|h)$/),
		files_below("$top/bgworker", qr/\.(c|h)$/))
	{
		my %seen;
		my $text = read_file($file);

		while ($text =~ /\bddb_error(?:_bare|_extras)?\(\s*DDB_ERROR_(\w+)/g)
		{
			next if $seen{$1}++;
			check($types{$1},
				relative($top, $file) . ": there is no error type $1");
		}
	}
}

# Each process and task is listed once, processes and tasks fit each other, and
# bgworker/README.md has the same rows.
sub check_processes
{
	my @tasks = map { fields($_) } rows("$top/src/task/task.def", 'DDB_TASK');
	my @processes = map { fields($_) } rows("$top/bgworker/process.def", 'DDB_PROCESS');
	my @classes = map { fields($_)->[0] } rows("$top/src/task/task.def", 'DDB_TASK_CLASS');
	my ($most_workers) = read_file("$top/src/core/guc.h") =~ /^#define DDB_MAX_WORKERS (\d+)$/m;
	my $readme = read_file("$top/bgworker/README.md");

	foreach my $list ([ 'process.def', 0, @processes ], [ 'process.def', 1, @processes ],
		[ 'task.def', 0, @tasks ], [ 'task.def', 1, @tasks ], [ 'task.def', 0, map { [$_] } @classes ])
	{
		my ($name, $column, @list) = @$list;
		my %seen;

		check(@list > 0, "$name: there are no rows");
		check(!$seen{ $_->[$column] }++, "$name: $_->[$column] is there twice") foreach @list;
	}
	foreach my $class (@classes)
	{
		check((grep { $_->[3] eq $class } @tasks) > 0, "task.def: there is no task of class $class");
		check((grep { $_->[6] eq $class } @processes) == 1,
			"process.def: not one process does the tasks of class $class");
	}
	foreach my $row (@tasks)
	{
		check((grep { $_ eq $row->[3] } @classes) == 1, "task.def: $row->[0] is of no class");
		check($row->[4] =~ /^(SHOWN|SILENT)$/ && $row->[5] =~ /^(RETRIED|TOLD)$/,
			"task.def: $row->[0] has another word than SHOWN, SILENT, RETRIED or TOLD");
	}
	foreach my $row (@processes)
	{
		check((grep { $_ eq $row->[6] } 'NONE', @classes) == 1,
			"process.def: $row->[0] does tasks of a class that is not there");
		check(($row->[2] eq 'tasks') == ($row->[6] ne 'NONE'),
			"process.def: $row->[0] does tasks elsewhere than in ddb_main_tasks, or none there");
	}
	check_table('processes', section_of($readme, 'process'), map {
			join ' | ', "`dynamo $_->[1]`", $_->[3],
			  $_->[5] eq 'DDB_MAX_WORKERS' ? $most_workers : $_->[5],
			  $_->[6] eq 'NONE' ? '' : $_->[6]
		} @processes);
	check_table('tasks', section_of($readme, 'task'), map { "$_->[1] | $_->[3]" } @tasks);
	return;
}

# Returns the fields of a row, without quotes.  Adjacent strings are joined.
sub fields
{
	my ($row) = @_;
	my @fields = $row =~ /((?:[^,"]|"(?:[^"\\]|\\.)*")+)/g;

	return [ map { s/"\s*"//gr } map { s/^\s*"?|"?\s*$//gr } @fields ];
}

# Returns the rows of the table in a README whose first column has this heading.
sub section_of
{
	my ($readme, $head) = @_;
	my ($rows) = $readme =~ /^\| \Q$head\E \|.*\n\|[-|]+\|\n((?:\|.*\n)+)/m;

	return split /\n/, $rows // '';
}

# The table has all names, in this order, each with a text in the last column.
sub check_table
{
	my ($what, @rest) = @_;
	my (@rows, @wanted);

	push @{ /^\|/ ? \@rows : \@wanted }, $_ foreach @rest;
	foreach my $i (0 .. ($#rows > $#wanted ? $#rows : $#wanted))
	{
		my $row = ($rows[$i] // '') =~ s/ +/ /gr;
		my $wanted = ($wanted[$i] // '') =~ s/ +/ /gr;

		check($wanted ne '' && $row =~ /^\| \Q$wanted\E ?\| [^|]+ \|$/,
			"bgworker/README.md: of the $what the list has \"$wanted\", the table \"$row\"");
	}
	return;
}

# 573 words, sorted, each once.
sub check_reserved_words
{
	my ($path) = grep { -e $_ } map { "$top/src/$_/reserved_words.def" } qw(expr model);

	return if !check($path, 'there is no reserved_words.def');

	my @words = map { /(\w+)/ } rows($path, 'DDB_RESERVED_WORD');
	my %seen;
	check(@words == 573,
		'reserved_words.def: ' . @words . ' words instead of 573');
	foreach my $word (@words)
	{
		check(!$seen{$word}++, "reserved_words.def: $word is there twice");
		check($word eq uc $word, "reserved_words.def: $word is not in capitals");
	}
	check("@words" eq join(' ', sort @words),
		'reserved_words.def: rows are not sorted');
}
