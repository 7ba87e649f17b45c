#!/bin/bash
#
# ttl.sh ENDPOINT PSQL_CONNECTION [ITEMS]
#	  How fast expired items go: makes a table of ITEMS (a million) of 200 bytes
#	  that have expired within the last day, switches time to live on, and
#	  prints how long the index and the deletions took.
#
#	  test/bench/ttl.sh http://127.0.0.1:8000 "host=... port=... dbname=dynamo"
#
set -euo pipefail

endpoint=${1:?the endpoint}
connection=${2:?a connection string for psql}
items=${3:-1000000}
table=bench-ttl

export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=any AWS_DEFAULT_REGION=us-east-1

ddb()
{
	aws dynamodb --endpoint-url "$endpoint" "$@" >/dev/null
}

sql()
{
	psql -qXAt "$connection" -c "$1"
}

wait_for()
{
	until [[ $(sql "$1") == t ]]; do
		sleep 0.1
	done
}

seconds()
{
	echo "$(date +%s.%N) - $1" | bc
}

ddb delete-table --table-name $table 2>/dev/null || true
ddb wait table-not-exists --table-name $table
ddb create-table --table-name $table --billing-mode PAY_PER_REQUEST \
	--attribute-definitions AttributeName=pk,AttributeType=S AttributeName=sk,AttributeType=N \
	--key-schema AttributeName=pk,KeyType=HASH AttributeName=sk,KeyType=RANGE
ddb wait table-exists --table-name $table
sql "INSERT INTO dynamo_data.\"$table\"
	SELECT pk, i, jsonb_build_object('pk', jsonb_build_object('S', pk), 'sk', jsonb_build_object('N', i::text),
		'expires', jsonb_build_object('N', (extract(epoch FROM now())::bigint - 1 - i % 86400)::text),
		'padding', jsonb_build_object('S', repeat('x', 120)))
	FROM (SELECT md5((i / 10)::text), i FROM generate_series(1, $items) AS i) AS t(pk, i)"
sql "VACUUM ANALYZE dynamo_data.\"$table\""
sql "CHECKPOINT"

began=$(date +%s.%N)
ddb update-time-to-live --table-name $table \
	--time-to-live-specification Enabled=true,AttributeName=expires
wait_for "SELECT ttl_status = 'ENABLED' FROM dynamo.tables WHERE table_name = '$table'"
echo "index: $(seconds "$began") s"

began=$(date +%s.%N)
before=$(sql "SELECT pg_current_wal_lsn()")
wait_for "SELECT n_tup_del >= $items FROM pg_stat_user_tables WHERE relid = 'dynamo_data.\"$table\"'::regclass"
elapsed=$(seconds "$began")
echo "deleted: $items in $elapsed s, $(echo "$items / $elapsed" | bc) per second," \
	"$(sql "SELECT (pg_current_wal_lsn() - '$before') / $items") bytes of WAL each"
[[ $(sql "SELECT count(*) FROM dynamo_data.\"$table\"") == 0 ]]
ddb delete-table --table-name $table
