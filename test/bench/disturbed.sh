#!/bin/bash
#
# disturbed.sh ENDPOINT PSQL_CONNECTION
#	  Latency of GetItem on 16 connections: alone, and beside each of the
#	  things that must not hold it up.  Prints one line each.
#
# Needs the driver (make), and a server that scripts/up has made:
#	  test/bench/disturbed.sh http://127.0.0.1:8000 "host=... port=... dbname=dynamo"
#
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

endpoint=${1:?the endpoint}
connection=${2:?a connection string for psql}
seconds=5
items=100000
driver=(./ddbload --endpoint "$endpoint" --access-key K --secret-key S --items "$items")
pids=()

stop()
{
	local pid

	for pid in ${pids[@]+"${pids[@]}"}; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	pids=()
	# psql is gone, what it began is not
	psql -qXAt "$connection" -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name = 'disturbed'" >/dev/null
}
trap stop EXIT

measure()
{
	printf '%-40s' "$1"
	"${driver[@]}" --workload get --connections 16 --duration "$seconds" |
		python3 -c 'import json, sys
d = json.load(sys.stdin)
print("%8.0f/s   p50 %6.2f ms   p99 %6.2f ms   p99.9 %6.2f ms" % (
    d["rps"], d["p50_us"] / 1e3, d["p99_us"] / 1e3, d["p999_us"] / 1e3))'
}

# Holds what the SQL takes until the end of the script's next stop.
hold()
{
	PGAPPNAME=disturbed psql -qX "$connection" -c "BEGIN; $1; SELECT pg_sleep(600)" >/dev/null 2>&1 &
	pids+=($!)
	sleep 1
}

load()
{
	"${driver[@]}" "$@" --duration $((seconds + 4)) >/dev/null 2>&1 &
	pids+=($!)
	sleep 1
}

if ! psql -qXAt "$connection" -c "SELECT 1 FROM dynamo.tables WHERE table_name = 'bench'" | grep -q 1; then
	"${driver[@]}" --workload create
	"${driver[@]}" --workload load >/dev/null
fi

measure "alone"

load --workload scan --connections 2
measure "beside 2 connections scanning"
stop

load --workload put --connections 16
measure "beside 16 connections writing"
stop

hold "SELECT 1 FROM dynamo_data.bench FOR UPDATE"
load --workload update --connections 32
measure "beside 32 writers of locked items"
stop
