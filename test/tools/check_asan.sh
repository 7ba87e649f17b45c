#!/bin/bash
# check_asan.sh - the tests on a library built with the address sanitizer
#
# test/tools/check_asan.sh [SUITE ...]
#
# Builds a copy of the checkout with SANITIZE=address.  Makes a temporary
# PostgreSQL installation and cluster, with the sanitizer's runtime preloaded.
# Runs the suites regress, wire and httpfuzz, or those that are named, with
# workers serving.  A report of the sanitizer in the server's log is a failure.
#
# The sanitizer sees malloc(), the stack and globals, and therefore
# libmicrohttpd's buffers and bodies.  palloc() takes memory from larger blocks, so
# a use after the end of a memory context is noticed only if the block was freed.
#
# PG_CONFIG chooses the PostgreSQL; HTTPFUZZ_ARGS what httpfuzz sends; KEEP=1
# keeps the temporary place.  The last line is "asan: N passed, M failed".

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:detect_stack_use_after_return=0
# shellcheck source=test/tools/private.sh
. test/tools/private.sh

# With the runtime preloaded, the second call of glibc's bindtextdomain() hangs.
# So messages are not translated.
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
	# the sanitizer keeps freed memory, up to 256 MB
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
