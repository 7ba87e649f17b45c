#!/bin/bash
# check_ubsan.sh - the SQL tests on a library built with a sanitizer
#
# test/tools/check_ubsan.sh [TEST ...]
#
# Builds a copy of the checkout with SANITIZE=undefined, makes a PostgreSQL
# installation for it and a cluster, both temporary, and runs the tests (all,
# if none is named).  The installed extension is neither used nor changed.
# PG_CONFIG chooses the PostgreSQL; KEEP=1 keeps the temporary place.
# The last line is "ubsan: N passed, M failed".
#
# The installation: postgres finds its files relative to where it itself is.
# So the programs are copied to a tree of their own, everything else there is
# links to the original, and "make install" adds the extension.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if ((EUID == 0)); then
	echo "check_ubsan.sh: PostgreSQL does not run as root" >&2
	echo "    use scripts/check --only ubsan, or another user" >&2
	exit 1
fi

pg_config=${PG_CONFIG:-pg_config}
bin_dir=$("$pg_config" --bindir)
lib_dir=$("$pg_config" --pkglibdir)
share_dir=$("$pg_config" --sharedir)
tests=("$@")
if ((${#tests[@]} == 0)); then
	mapfile -t tests < <(cd sql && printf '%s\n' *.sql | sed 's/[.]sql$//' | LC_ALL=C sort)
elif [[ ${tests[0]} != 00_setup ]]; then
	tests=(00_setup "${tests[@]}")
fi

unset PGHOST PGPORT PGUSER PGDATABASE PGDATA MAKEFLAGS
place=$(mktemp -d /tmp/dynamo-ubsan.XXXXXX)
root=$place/root
data=$place/data
log=$place/server.log

clean_up()
{
	local status=$?

	trap - EXIT
	if [[ -e $data/postmaster.pid ]]; then
		"$root$bin_dir/pg_ctl" -D "$data" -m immediate stop >/dev/null || true
	fi
	if [[ -n ${KEEP:-} ]]; then
		echo "kept in $place" >&2
	else
		rm -rf "$place"
	fi
	exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

build()
{
	mkdir "$place/checkout"
	tar -cf - --exclude=./.git --exclude=./.dynamo --exclude=node_modules \
		--exclude=./tmp_check --exclude=./results --exclude='*.o' \
		--exclude='*.so' . | tar -C "$place/checkout" -xf -
	make -C "$place/checkout" PG_CONFIG="$pg_config" SANITIZE=undefined \
		-j"$(nproc)" all
}

make_installation()
{
	mkdir -p "$root$bin_dir" "$root$lib_dir" "$root$share_dir"
	cp -a "$bin_dir/." "$root$bin_dir"
	cp -as "$lib_dir/." "$root$lib_dir"
	cp -as "$share_dir/." "$root$share_dir"
	rm -f "$root$lib_dir/dynamo.so" "$root$share_dir/extension/dynamo"*
	make -C "$place/checkout" PG_CONFIG="$pg_config" SANITIZE=undefined \
		install DESTDIR="$root"
}

# The library is preloaded, as it is in service, but serves nothing.
make_cluster()
{
	"$root$bin_dir/initdb" -D "$data" -A trust -U postgres -E UTF8 \
		--locale=C.UTF-8 --no-sync
	cat >>"$data/postgresql.conf" <<-EOF
		listen_addresses = ''
		unix_socket_directories = '$place'
		shared_preload_libraries = 'dynamo'
		dynamo.listen_addresses = ''
		fsync = off
	EOF
	UBSAN_OPTIONS=print_stacktrace=1 \
		"$root$bin_dir/pg_ctl" -D "$data" -l "$log" -w start
}

{
	build
	make_installation
	make_cluster
} >"$place/build.log" 2>&1 ||
	{
		tail -n 40 "$place/build.log" "$log" 2>/dev/null || true
		echo "ubsan: 0 passed, 1 failed"
		exit 1
	}

PGHOST=$place PGUSER=postgres \
	"$lib_dir/pgxs/src/test/regress/pg_regress" --inputdir=. \
	--outputdir="$place" --bindir="$root$bin_dir" --load-extension=dynamo \
	--dbname=contrib_regression "${tests[@]}" | tee "$place/regress.log" || true
if [[ -s $place/regression.diffs ]]; then
	head -n 60 "$place/regression.diffs"
fi

# A report is a failure also where a test does not notice it.
reports=$(grep -c 'runtime error:' "$log" || true)
grep -A 12 'runtime error:' "$log" | head -n 60 || true
awk -v reports="$reports" '
	/^(test|     ) .* \.\.\. ok/ || /^ok [0-9]+/ { passed++ }
	/^(test|     ) .* \.\.\. FAILED/ || /^not ok [0-9]+/ { failed++ }
	END {
		failed += reports
		if (passed + failed == 0)
			failed = 1
		printf "ubsan: %d passed, %d failed\n", passed, failed
		exit failed > 0
	}' "$place/regress.log"
