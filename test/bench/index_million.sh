#!/bin/bash
#
# index_million.sh ENDPOINT PSQL_CONNECTION [ITEMS]
#	  A table of a million items of 400 bytes with 3 global secondary indexes:
#	  the time it takes to load it, its size, and the latencies of updates and
#	  queries on 16 connections.  Leaves the table for index_build.sh.
#
# Needs the driver (make), and a server that scripts/up has made.
#
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

endpoint=${1:?the endpoint}
connection=${2:?a connection string for psql}
items=${3:-1000000}
seconds=10
server=$(psql -qXAt "$connection" -c "SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)")
driver=(./ddbload --endpoint "$endpoint" --access-key K --secret-key S --items "$items"
	--table million --connections 16 --pool 100000 --server-pid "$server")
results=$(mktemp)
trap 'rm -f "$results"' EXIT

"${driver[@]}" --workload create --gsis 3
"${driver[@]}" --workload load | python3 -c 'import json, sys
run = json.load(sys.stdin)
print("loaded in %.0f s, %.0f us of CPU for each batch of 25" % (run["seconds"], run["server_cpu_us"]))'
psql -qX "$connection" -c "VACUUM ANALYZE dynamo_data.million" -c "CHECKPOINT"
psql -qXAt -F ' ' "$connection" -c "
	SELECT pg_size_pretty(pg_relation_size(oid)), relname FROM pg_class
	WHERE oid = 'dynamo_data.million'::regclass
	OR oid IN (SELECT indexrelid FROM pg_index WHERE indrelid = 'dynamo_data.million'::regclass)
	ORDER BY relkind DESC, relname"

for round in 1 2 3; do
	for workload in update updatekey query querygsi; do
		printf '%s\t16\t' "$workload"
		"${driver[@]}" --workload "$workload" --duration "$seconds" --seed "$round"
	done
done >"$results"
python3 summary.py --name connections <"$results"
