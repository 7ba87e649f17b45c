# shellcheck shell=bash
# private.sh - a private PostgreSQL with another build of the extension
#
# The checks that need a library built in a special way source this file.  Then
# they call
#
#     private_place NAME           a temporary folder, removed at the end
#                                  unless KEEP is set
#     private_build ARGUMENT...    make in a copy of the checkout
#     private_install ARGUMENT...  an installation with that build
#     private_cluster [SETTING...] a cluster of it, started
#     private_serve [SETTING...]   the same, serving on the HTTP port $http_port
#     private_suite NAME COMMAND   runs the command in the copy of the checkout,
#                                  with that cluster, and adds its results to
#                                  $passed and $failed
#     private_ready COMMAND...     runs the commands one after the other, with
#                                  their output in a file; if one fails, prints
#                                  the end of the file and returns false
#     private_judge REGEX          one more test, which fails if the server's log
#                                  matches
#     private_stop
#
# These set place, root, bin_dir (within root), lib_dir, and the variables of
# scripts/cluster.sh, which makes the clusters: pg_bin, pg_data, server_log,
# socket_dir, pg_port, http_port.
#
# The installation: postgres finds its files relative to its own directory.  So
# the programs are copied to a new tree, all other files of the tree are links to
# the original, and "make install" adds the extension.

if ((EUID == 0)); then
	echo "$(basename "$0"): PostgreSQL does not run as root" >&2
	echo "    use scripts/check --only SUITE, or another user" >&2
	exit 1
fi

# shellcheck source=scripts/cluster.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/cluster.sh"

pg_config=${PG_CONFIG:-pg_config}
bin_dir=$("$pg_config" --bindir)
lib_dir=$("$pg_config" --pkglibdir)
share_dir=$("$pg_config" --sharedir)
unset PGHOST PGPORT PGUSER PGDATABASE PGDATA MAKEFLAGS

private_place()
{
	place=$(mktemp -d "/tmp/dynamo-$1.XXXXXX")
	root=$place/root
	pg_bin=$root$bin_dir
	pg_data=$place/data
	server_log=$place/server.log
	socket_dir=$place
	pg_port=5432
	http_port=$(free_ports 1)
	trap private_clean_up EXIT
	trap 'exit 130' INT TERM
}

private_clean_up()
{
	local status=$?

	trap - EXIT
	private_stop
	if [[ -n ${KEEP:-} ]]; then
		echo "kept in $place" >&2
	else
		rm -rf "$place"
	fi
	exit "$status"
}

private_build()
{
	mkdir "$place/checkout"
	tar -cf - --exclude=./.git --exclude=./.dynamo --exclude=node_modules \
		--exclude=./tmp_check --exclude=./results --exclude='*.o' \
		--exclude='*.so' . | tar -C "$place/checkout" -xf -
	make -C "$place/checkout" PG_CONFIG="$pg_config" -j"$(nproc)" "$@" all
}

private_install()
{
	mkdir -p "$root$bin_dir" "$root$lib_dir" "$root$share_dir"
	cp -a "$bin_dir/." "$root$bin_dir"
	cp -as "$lib_dir/." "$root$lib_dir"
	cp -as "$share_dir/." "$root$share_dir"
	rm -f "$root$lib_dir/dynamo.so" "$root$share_dir/extension/dynamo"*
	make -C "$place/checkout" PG_CONFIG="$pg_config" install DESTDIR="$root" "$@"
}

# The library is preloaded as in production, but serves only if the settings say
# so.  private_preload names libraries that are preloaded into every process.
private_cluster()
{
	cluster_init "$pg_data" --auth=trust || return
	cluster_settings "listen_addresses = ''" "dynamo.listen_addresses = ''" \
		"fsync = off" "$@" >>"$pg_data/postgresql.conf"
	if [[ -z ${private_preload:-} ]]; then
		cluster_start
		return
	fi
	# not pg_ctl, which would have it as well
	LD_PRELOAD=$private_preload setsid "$pg_bin/postgres" -D "$pg_data" \
		>"$server_log" 2>&1 </dev/null &
	timeout 120 bash -c "until '$pg_bin/pg_isready' -q -h '$socket_dir'
		do sleep 0.2; done"
}

private_serve()
{
	private_cluster "dynamo.listen_addresses = '127.0.0.1'" "$@" &&
		make_database &&
		cluster_serves
}

private_ready()
{
	local command

	for command in "$@"; do
		# in words; errexit would be off in what is part of a condition
		if ! eval "$command" >>"$place/build.log" 2>&1; then
			tail -n 40 "$place/build.log" "$place/server.log" 2>/dev/null || true
			return 1
		fi
	done
}

passed=0
failed=0

private_suite()
{
	local output=$place/$1.log status=0 suite_passed suite_failed

	echo "== $1"
	(
		cd "$place/checkout"
		export PGHOST=$socket_dir PGUSER=$superuser PGDATABASE=$database
		export DYNAMO_ENDPOINT=http://127.0.0.1:$http_port DYNAMO_SERVER_LOG=$server_log
		export PG_CONFIG=$pg_config MAKEFLAGS="PG_CONFIG=$pg_config"
		timeout -k 10 "${suite_timeout:-900}" bash -c "$2"
	) >"$output" 2>&1 </dev/null || status=$?
	read -r suite_passed suite_failed < <(private_count "$1" <"$output")
	if ((suite_failed == 0 && (status != 0 || suite_passed == 0))); then
		suite_failed=1
	fi
	if ((suite_failed > 0)); then
		tail -n 40 "$output"
		head -n 60 "$place/checkout/"{,tmp_check/isolation/}regression.diffs \
			2>/dev/null || true
	fi
	echo "$1: $suite_passed passed, $suite_failed failed"
	passed=$((passed + suite_passed))
	failed=$((failed + suite_failed))
}

private_judge()
{
	if grep -qE "$1" "$server_log"; then
		failed=$((failed + 1))
		grep -E -B 2 -A 40 "$1" "$server_log" | head -n 80 || true
	else
		passed=$((passed + 1))
	fi
}

# The suite's own line counts.  Without it, the lines of its parts count, or else
# the output of pg_regress.
private_count()
{
	awk -v own="$1:" '
		/^[a-z0-9_-]+: [0-9]+ passed, [0-9]+ failed$/ {
			lines++
			if ($1 == own)
				stated = $2 " " $4
			passed += $2
			failed += $4
		}
		/^(test|     ) .* \.\.\. ok/ || /^ok [0-9]+/ { regress_passed++ }
		/^(test|     ) .* \.\.\. FAILED/ || /^not ok [0-9]+/ { regress_failed++ }
		END {
			if (stated != "")
				print stated
			else if (lines > 0)
				print passed, failed
			else
				print regress_passed + 0, regress_failed + 0
		}'
}

private_stop()
{
	if cluster_runs; then
		cluster_stop immediate >/dev/null || true
	fi
}
