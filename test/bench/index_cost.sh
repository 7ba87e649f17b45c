#!/bin/bash
#
# index_cost.sh ENDPOINT PSQL_CONNECTION [ROUNDS]
#	  What writes cost on tables with 0, 1, 3 and 5 global secondary indexes:
#	  the server's processor time for a request (everything that PostgreSQL does
#	  meanwhile included) and requests per second, as medians of the rounds.
#	  The tables take turns, in one order and in the other.
#
# Needs the driver (make), and a server that scripts/up has made.
#
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

endpoint=${1:?the endpoint}
connection=${2:?a connection string for psql}
rounds=${3:-9}
items=100000
pool=20000
seconds=1.5
workloads=(new put update updatekey)
server=$(psql -qXAt "$connection" -c "SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)")
driver=(./ddbload --endpoint "$endpoint" --access-key K --secret-key S --items "$items" --server-pid "$server")
results=$(mktemp)
trap 'rm -f "$results"' EXIT

for gsis in 0 1 3 5; do
	"${driver[@]}" --table "cost$gsis" --workload create --gsis "$gsis"
	"${driver[@]}" --table "cost$gsis" --workload load >/dev/null
done
psql -qX "$connection" -c "VACUUM ANALYZE"

for ((round = 1; round <= rounds; round++)); do
	order=(0 1 3 5)
	if ((round % 2 == 0)); then
		order=(5 3 1 0)
	fi
	for workload in "${workloads[@]}"; do
		for gsis in "${order[@]}"; do
			printf '%s\t%s\t' "$workload" "$gsis"
			"${driver[@]}" --table "cost$gsis" --workload "$workload" --duration "$seconds" \
				--first $((items + round * pool)) --pool "$pool" --seed "$round"
		done
	done
done >"$results"

python3 summary.py --base 0 --name "indexes" <"$results"
for gsis in 0 1 3 5; do
	"${driver[@]}" --table "cost$gsis" --workload drop
done
