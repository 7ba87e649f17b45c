#!/bin/bash
# check_asan.sh - the tests on a library built with the address sanitizer
#
# test/tools/check_asan.sh [SUITE ...]
#
# Builds a copy of the checkout with SANITIZE=address, makes a PostgreSQL
# installation for it and a cluster, both temporary, preloads the sanitizer's
# runtime into that PostgreSQL, and runs the SQL tests, the vectors and
# changed vectors, workers serving (regress, wire, httpfuzz, or those that are
# named).  A report of the sanitizer in the server's log is a failure.
#
# The sanitizer sees malloc(), the stack and globals, and so libmicrohttpd's
# buffers and bodies.  palloc() takes its memory from larger blocks, so what is
# used after its context has ended is noticed only where such a block was freed.
#
# PG_CONFIG chooses the PostgreSQL; HTTPFUZZ_ARGS what httpfuzz sends; KEEP=1
# keeps the temporary place.  The last line is "asan: N passed, M failed".

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:detect_stack_use_after_return=0
# shellcheck source=test/tools/private.sh
. test/tools/private.sh

# Where the runtime is preloaded, glibc's bindtextdomain() hangs when it is
# called for the second time.  Messages stay in English.
preload_runtime()
{
	echo 'char *bindtextdomain(const char *domain, const char *directory)
		{ return (char *) directory; }' |
		gcc -shared -fPIC -x c -o "$place/untranslated.so" -
	private_preload="$(gcc -print-file-name=libasan.so) $place/untranslated.so"
}

declare -A commands=(
	[regress]="make installcheck ISOLATION="
	[isolation]="mkdir -p tmp_check/isolation && make isolation"
	[wire]="make wire"
	# the sanitizer keeps what is freed, up to 256 MB
	[httpfuzz]="make httpfuzz HTTPFUZZ_ARGS='${HTTPFUZZ_ARGS:---requests 30000 --sequence 1} --growth 400'"
)
suites=("$@")
if ((${#suites[@]} == 0)); then
	suites=(regress wire httpfuzz)
fi

private_place asan
preload_runtime

if ! private_ready "private_build SANITIZE=address COPT=-O2" "private_install SANITIZE=address COPT=-O2" \
	"private_serve restart_after_crash=off"; then
	echo "asan: 0 passed, 1 failed"
	exit 1
fi

for suite in "${suites[@]}"; do
	private_suite "$suite" "${commands[$suite]:?there is no suite $suite}"
done
private_judge 'AddressSanitizer|TRAP:|PANIC:|was terminated by signal'
echo "asan: $passed passed, $failed failed"
((failed == 0))
