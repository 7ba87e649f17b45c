#!/bin/bash
#
# index_build.sh ENDPOINT PSQL_CONNECTION [ITEMS]
#	  UpdateTable adds an index to the table that index_million.sh has made,
#	  while 16 connections put, delete and update items into and out of the
#	  index.  Latencies of those writes before, during and after the build; then
#	  all that should be in the index is compared with all that is.  A write that
#	  fails ends it, as does an entry too many or too few.
#
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

endpoint=${1:?the endpoint}
connection=${2:?a connection string for psql}
items=${3:-1000000}
index=4
seconds=10
server=$(psql -qXAt "$connection" -c "SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)")
driver=(./ddbload --endpoint "$endpoint" --access-key K --secret-key S --items "$items"
	--table million --index "$index" --pool 100000 --server-pid "$server")
output=$(mktemp)
writer=
trap 'rm -f "$output"; if [[ -n $writer ]]; then kill "$writer" 2>/dev/null || true; fi' EXIT

if psql -qXAt "$connection" -c "SELECT 1 FROM dynamo.indexes WHERE table_name = 'million' AND index_name = 'gsi$index'" | grep -q 1; then
	"${driver[@]}" --workload dropindex
fi

"${driver[@]}" --workload churn --connections 16 --duration 3600 >"$output" &
writer=$!

# Ends a period, and waits for its report.
next_period()
{
	local before
	before=$(wc -l <"$output")

	kill -USR1 "$writer"
	while [[ $(wc -l <"$output") == "$before" ]]; do
		kill -0 "$writer"
		sleep 0.1
	done
}

sleep 2
sleep "$seconds"
next_period
"${driver[@]}" --workload addindex
next_period
sleep "$seconds"
kill -TERM "$writer"
wait "$writer"
writer=

printf '%s\t16\n' before during after | paste - "$output" | python3 summary.py --name connections
psql -qXAt -v ON_ERROR_STOP=1 -v index="gsi$index" "$connection" -f index_compare.sql
