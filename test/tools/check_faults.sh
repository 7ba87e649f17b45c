#!/bin/bash
# check_faults.sh - would the tests notice?
#
# test/tools/check_faults.sh [FAULT ...]
#
# Builds a copy of the checkout with FAULTS=1 and runs, for each fault, the test
# that is there to notice it: the test must fail with the fault switched on, and
# pass in the same build with it off.  Without names all faults are tried.  A
# fault in the sources that no row names is a failure, too.
# PG_CONFIG chooses the PostgreSQL; KEEP=1 keeps the temporary place.
# The last line is "faults: N passed, M failed".

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=test/tools/private.sh
. test/tools/private.sh

# fault | kind of test | test
faults=(
	"answer_before_flush|tap|031_flusher"
	"no_standby_wait|tap|031_flusher"
	"heap_kept|tap|032_locks"
	"no_requeue|tap|032_locks"
	"no_key_lock|regress|sql_transaction_locks"
	"no_slot_lock|isolation|many_keys"
	"condition_ignored|isolation|put_absent_key"
	"expiry_unchecked|isolation|ttl_sweep"
	"page_boundary|regress|api_query_paging"
	"page_boundary|regress|index_paging"
	"segment_off_by_one|regress|api_scan_segments"
	"segment_off_by_one|regress|index_segments"
	"unpinned_index|regress|plan_access_paths"
	"unpinned_index|regress|plan_index_access"
	"index_keys_unchecked|regress|index_sparse"
	"dense_index|regress|index_sparse"
	"stale_descriptor|regress|catalog_changes"
	"no_key_lock|isolation|transact_write_skew"
	"unseen_taken|isolation|transact_repeatable_read"
	"locks_unordered|isolation|transact_order"
	"snapshot_each|isolation|transact_get_transfer"
	"token_forgotten|regress|transact_tokens"
	"no_token_lock|isolation|transact_token"
	"stale_role|tap|072_requests_end"
	"stale_settings|tap|072_requests_end"
	"browsers_trusted|tap|010_wire"
	"reads_at_once|tap|068_read_in_slices"
	"owner_ignored|regress|security_owner_role"
)

private_place faults
declare -A tried=()
passed=0
failed=0

result()
{
	if [[ $1 == ok ]]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
	fi
	echo "$1 - $2"
}

# Switch a fault on ("" for none) in the cluster of the SQL tests, and for the
# clusters that TAP tests make.
switch_to()
{
	echo "dynamo.fault = '$1'" >"$place/fault.conf"
	sed -i '/^dynamo.fault/d' "$pg_data/postgresql.conf"
	cat "$place/fault.conf" >>"$pg_data/postgresql.conf"
	cluster_stop fast
	cluster_start
}

# run_test KIND NAME [PATIENCE]: a step that hangs is given up after so many
# seconds.
run_test()
{
	local kind=$1 name=$2 patience=${3:-60}

	case $kind in
		tap)
			TEMP_CONFIG=$place/fault.conf PG_CONFIG=$root$bin_dir/pg_config \
				PG_TEST_TIMEOUT_DEFAULT=$patience \
				timeout 300 test/t/run "test/t/$name.pl"
			;;
		regress)
			PGHOST=$place PGUSER=postgres timeout 300 \
				"$lib_dir/pgxs/src/test/regress/pg_regress" --inputdir=. \
				--outputdir="$place" --bindir="$root$bin_dir" \
				--load-extension=dynamo --dbname=contrib_regression \
				00_setup "$name"
			;;
		isolation)
			PGHOST=$place PGUSER=postgres PGISOLATIONTIMEOUT=$patience timeout 300 \
				"$lib_dir/pgxs/src/test/isolation/pg_isolation_regress" \
				--inputdir=test/isolation --outputdir="$place" \
				--bindir="$root$bin_dir" --load-extension=dynamo "$name"
			;;
	esac
}

# Once for each test, however many faults it is to notice.
require_pass()
{
	local kind=$1 name=$2 output=$place/$2.log

	if [[ -n ${tried[$kind $name]:-} ]]; then
		return
	fi
	tried[$kind $name]=yes
	switch_to ""
	if run_test "$kind" "$name" >"$output" 2>&1; then
		result ok "$kind $name passes without a fault"
	else
		result "not ok" "$kind $name fails without a fault"
		tail -n 30 "$output"
	fi
}

# What a fault breaks often shows in something that never comes.
require_notice()
{
	local fault=$1 kind=$2 name=$3

	switch_to "$fault"
	if run_test "$kind" "$name" 15 >"$place/$fault.log" 2>&1; then
		result "not ok" "$kind $name does not notice $fault"
	else
		result ok "$kind $name notices $fault"
	fi
}

check_table()
{
	local fault

	while read -r fault; do
		printf '%s\n' "${faults[@]}" | grep -q "^$fault|" ||
			result "not ok" "$fault is in the sources, and no test is named for it"
	done < <(grep -rhoE 'ddb_fault\("[a-z_]+"\)' src bgworker --include='*.c' |
		sed 's/.*"\(.*\)".*/\1/' | sort -u)
}

{
	private_build FAULTS=1
	private_install FAULTS=1
	private_cluster
} >"$place/build.log" 2>&1 ||
	{
		tail -n 40 "$place/build.log" "$place/server.log" 2>/dev/null || true
		echo "faults: 0 passed, 1 failed"
		exit 1
	}

check_table
for row in "${faults[@]}"; do
	IFS='|' read -r fault kind name <<<"$row"
	if (($# == 0)) || [[ " $* " == *" $fault "* ]]; then
		require_pass "$kind" "$name"
		require_notice "$fault" "$kind" "$name"
	fi
done
echo "faults: $passed passed, $failed failed"
((failed == 0))
