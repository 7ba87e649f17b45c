#!/bin/bash
#
# instructions.sh
#	  Instructions that one call of an operation takes, on tables with 0, 1, 3 and
#	  5 global secondary indexes: what can be compared on a machine that is busy.
#
# Builds and runs everything in a place of its own (PG_CONFIG chooses the
# PostgreSQL) and counts with valgrind, in a single backend without HTTP: the
# steps of a call, from finding the table to the answer as JSON.  Counted are
# the 200 calls behind the first 50, which plan and fill caches.
#
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=test/tools/private.sh
. test/tools/private.sh

private_place instructions
{
	private_build
	private_install
	private_cluster
} >"$place/build.log" 2>&1
make_database
sql dynamo -f test/bench/instructions.sql >/dev/null

runs=()
for workload in new put update updatekey query querygsi; do
	for indexes in 0 1 3 5; do
		[[ $workload != query* || $indexes == 1 ]] || continue
		name=$workload.$indexes
		sql dynamo -c "SELECT statements('$workload', $indexes, 0, 50)" >"$place/$name.few"
		sql dynamo -c "SELECT statements('$workload', $indexes, 1, 250)" >"$place/$name.many"
		runs+=("$name")
	done
done
cluster_stop fast

count()
{
	valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=ddb_call_step \
		"$pg_bin/postgres" --single -D "$pg_data" dynamo <"$1" >"$1.out" 2>"$1.err"
	if grep -q ERROR "$1.err"; then
		grep ERROR "$1.err" >&2
		exit 1
	fi
	sed -n 's/.*Collected : //p' "$1.err"
}

for name in "${runs[@]}"; do
	few=$(count "$place/$name.few")
	many=$(count "$place/$name.many")
	printf '%-10s %s indexes %8d\n' "${name%.*}" "${name#*.}" $(((many - few) / 200))
done
