#!/bin/bash
# check_asserts.sh - the tests on a PostgreSQL with assertions
#
# test/tools/check_asserts.sh [SUITE ...]
#
# Builds PostgreSQL from the source of Debian's package with --enable-cassert.
# The first time this takes some minutes, and the result is kept (see
# source_postgres.sh).  Builds a copy of the checkout for it, and runs the suites
# regress, isolation, wire and httpfuzz, or those that are named, with workers
# serving.  A failed assertion in the server's log is a failure.
#
# DYNAMO_BUILD_DIR chooses the directory of PostgreSQL, HTTPFUZZ_ARGS what httpfuzz
# sends; KEEP=1 keeps the temporary files.  The last line is "asserts: N passed, M
# failed".

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=test/tools/source_postgres.sh
. test/tools/source_postgres.sh

if ! source_postgres asserts -O1 --enable-cassert; then
	echo "asserts: 0 passed, 1 failed"
	exit 1
fi
# shellcheck source=test/tools/private.sh
. test/tools/private.sh

declare -A commands=(
	[regress]="make installcheck ISOLATION="
	[isolation]="mkdir -p tmp_check/isolation && make isolation"
	[wire]="make wire"
	[httpfuzz]="make httpfuzz HTTPFUZZ_ARGS='${HTTPFUZZ_ARGS:---requests 30000 --sequence 1}'"
)
suites=("$@")
if ((${#suites[@]} == 0)); then
	suites=(regress isolation wire httpfuzz)
fi

private_place asserts

# The server stops at a failed assertion, so that it is the last line of the log.
if ! private_ready "private_build COPT=-O2" "private_install COPT=-O2" \
	"private_serve restart_after_crash=off"; then
	echo "asserts: 0 passed, 1 failed"
	exit 1
fi

for suite in "${suites[@]}"; do
	private_suite "$suite" "${commands[$suite]:?there is no suite $suite}"
done

private_judge 'TRAP:|PANIC:|was terminated by signal'
echo "asserts: $passed passed, $failed failed"
((failed == 0))
