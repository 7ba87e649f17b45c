#!/bin/bash
#
# transactions.sh ENDPOINT PSQL_CONNECTION
#	  Throughput of transactions of four updates: TransactWriteItems, without
#	  and with a token, and beside it pgbench with the same four as prepared
#	  UPDATEs in a block, statement by statement and pipelined; on cold keys
#	  (100,000) and hot ones (8).  Prints one line each; CPU is the server's, for
#	  one transaction.
#
# Needs the driver (make), pgbench, and a server that scripts/up has made:
#	  test/bench/transactions.sh http://127.0.0.1:8000 "host=... port=... dbname=dynamo"
#
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

endpoint=${1:?the endpoint}
connection=${2:?a connection string for psql}
seconds=${SECONDS_EACH:-10}
items=100000
driver=(./ddbload --endpoint "$endpoint" --access-key K --secret-key S --items "$items")
server=$(psql -qXAt "$connection" -c "SELECT split_part(pg_read_file('postmaster.pid'), E'\n', 1)")
script=$(mktemp)
trap 'rm -f "$script"' EXIT

line()
{
	printf '%-6s %3d connections  %-28s %s\n' "$1" "$2" "$3" "$4"
}

# Microseconds of processor time that the server's processes have used, those
# that have ended included.
server_time()
{
	python3 - "$server" <<-'PYTHON'
		import glob, os, sys
		stats = {}
		for path in glob.glob("/proc/[0-9]*/stat"):
		    try:
		        fields = open(path).read().rpartition(")")[2].split()
		    except OSError:
		        continue
		    stats[int(path.split("/")[2])] = (int(fields[1]), sum(map(int, fields[11:15])))
		mine = {int(sys.argv[1])}
		while True:
		    more = {pid for pid, (parent, _) in stats.items() if parent in mine} - mine
		    if not more:
		        break
		    mine |= more
		print(sum(stats[pid][1] for pid in mine) * 1000000 // os.sysconf("SC_CLK_TCK"))
	PYTHON
}

over_http()
{
	local name=$1 connections=$2 what=$3
	shift 3

	line "$name" "$connections" "$what" "$(
		"${driver[@]}" --connections "$connections" --duration "$seconds" \
			--server-pid "$server" "$@" |
			python3 -c 'import json, sys
d = json.load(sys.stdin)
print("%7.0f/s   mean %6.2f ms   CPU %4.0f us   p99 %7.2f ms   errors %d" % (
    d["rps"], d["mean_us"] / 1e3, d["server_cpu_us"], d["p99_us"] / 1e3, d["not_200"] + d["bad_body"]))')"
}

# Keys in one order, or they would deadlock.
write_script()
{
	local count=$1 pipelined=$2 i

	for i in 0 1 2 3; do
		echo "\\set k$i random($((i * count / 4)), $(((i + 1) * count / 4 - 1)))"
	done
	if [[ $pipelined == yes ]]; then
		echo '\startpipeline'
	fi
	echo 'BEGIN;'
	for i in 0 1 2 3; do
		echo "UPDATE dynamo_data.bench SET item = jsonb_set(item, '{cnt,N}', to_jsonb(((item #>> '{cnt,N}')::integer + 1)::text)) WHERE pk = 'p' || lpad((:k$i / 100)::text, 8, '0') AND sk = 's' || lpad((:k$i % 100)::text, 8, '0');"
	done
	echo 'COMMIT;'
	if [[ $pipelined == yes ]]; then
		echo '\endpipeline'
	fi
}

in_sql()
{
	local name=$1 connections=$2 what=$3 count=$4 pipelined=$5

	local before output

	write_script "$count" "$pipelined" >"$script"
	before=$(server_time)
	output=$(pgbench -n -M prepared -c "$connections" -j 1 -T "$seconds" -f "$script" "$connection" 2>&1)
	line "$name" "$connections" "$what" "$(
		awk -v used="$(($(server_time) - before))" '
			/^latency average/ { latency = $4 }
			/actually processed/ { count = $NF }
			/^tps/ { printf "%7.0f/s   mean %6.2f ms   CPU %4.0f us", $3, latency, used / count }' <<<"$output")"
}

if ! psql -qXAt "$connection" -c "SELECT 1 FROM dynamo.tables WHERE table_name = 'bench'" | grep -q 1; then
	"${driver[@]}" --workload create
	"${driver[@]}" --workload load >/dev/null
fi

for connections in ${CONNECTIONS:-1 16 64}; do
	for name in cold hot; do
		hot=()
		count=$items
		if [[ $name == hot ]]; then
			hot=(--hot 8)
			count=8
		fi
		over_http $name "$connections" "TransactWriteItems" --workload transactupdate "${hot[@]}"
		over_http $name "$connections" "with a token" --workload transactupdate --token "${hot[@]}"
		over_http $name "$connections" "TransactGetItems" --workload transactget "${hot[@]}"
		in_sql $name "$connections" "pgbench" "$count" no
		in_sql $name "$connections" "pgbench, pipelined" "$count" yes
	done
done
