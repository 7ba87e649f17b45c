#!/bin/bash
# stage_postgres.sh - a PostgreSQL installation of one's own
#
# test/tools/stage_postgres.sh DIR
#
# Makes DIR a mirror of the installation that PG_CONFIG belongs to, and prints
# the path of its pg_config.  The extension can be installed there without
# touching the real one, so a build for tests never serves anybody else:
#
#	make install PG_CONFIG="$(test/tools/stage_postgres.sh DIR)"
#
# PostgreSQL finds its files relative to its own executable.  So the programs
# are copied, everything else is a link, and the extension's own files are left
# out.

set -euo pipefail

if (($# != 1)) || [[ $1 == -* ]]; then
	sed -n '2,/^$/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
	exit 2
fi

pg_config=${PG_CONFIG:-pg_config}
# Debian's pg_config is a script that knows one place only
pg_config=$("$pg_config" --bindir)/pg_config
stage=$(realpath -m -- "$1")

dir_of()
{
	"$pg_config" "--$1"
}

# link_entries DIR: each entry of DIR that the stage has not got
link_entries()
{
	local entry

	mkdir -p "$stage$1"
	for entry in "$1"/*; do
		if [[ ! -e $stage$entry && ${entry##*/} != dynamo* ]]; then
			ln -s "$entry" "$stage$entry"
		fi
	done
}

# link_dir DIR: all of DIR, if the stage has nothing of it
link_dir()
{
	if [[ -d $1 && ! -e $stage$1 ]]; then
		mkdir -p "$(dirname "$stage$1")"
		ln -s "$1" "$stage$1"
	fi
}

mkdir -p "$stage$(dir_of bindir)"
cp -p "$(dir_of bindir)"/* "$stage$(dir_of bindir)"
link_entries "$(dir_of sharedir)/extension"
link_entries "$(dir_of sharedir)"
link_entries "$(dir_of pkglibdir)"
for name in includedir includedir-server libdir localedir; do
	link_dir "$(dir_of $name)"
done
echo "$stage$(dir_of bindir)/pg_config"
