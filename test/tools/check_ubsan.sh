#!/bin/bash
# check_ubsan.sh - the SQL tests on a library built with a sanitizer
#
# test/tools/check_ubsan.sh [TEST ...]
#
# Builds a copy of the checkout with SANITIZE=undefined.  Makes a temporary
# PostgreSQL installation and cluster, and runs the named tests, or all tests.
# The installed extension is neither used nor changed.
# PG_CONFIG chooses the PostgreSQL; KEEP=1 keeps the temporary files.
# The last line is "ubsan: N passed, M failed".

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=test/tools/private.sh
. test/tools/private.sh

tests=("$@")
if ((${#tests[@]} == 0)); then
	mapfile -t tests < <(cd sql && printf '%s\n' *.sql | sed 's/[.]sql$//' | LC_ALL=C sort)
elif [[ ${tests[0]} != 00_setup ]]; then
	tests=(00_setup "${tests[@]}")
fi

private_place ubsan

export UBSAN_OPTIONS=print_stacktrace=1
{
	private_build SANITIZE=undefined
	private_install SANITIZE=undefined
	private_cluster
} >"$place/build.log" 2>&1 ||
	{
		tail -n 40 "$place/build.log" "$place/server.log" 2>/dev/null || true
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

# A report of the sanitizer is a failure, even if all tests pass.
reports=$(grep -c 'runtime error:' "$server_log" || true)
grep -A 12 'runtime error:' "$server_log" | head -n 60 || true
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
