# private.sh - a PostgreSQL of one's own with another build of the extension
#
# To be sourced by the checks that need a library built in a special way, which
# then call
#
#     private_place NAME           a temporary folder, removed at the end
#                                  unless KEEP is set
#     private_build ARGUMENT...    make in a copy of the checkout
#     private_install ARGUMENT...  an installation with that build
#     private_cluster              a cluster of it, started
#     private_stop
#
# and then find place, root, bin_dir (within root), lib_dir, data and log set.
#
# The installation: postgres finds its files relative to where it itself is.
# So the programs are copied to a tree of their own, everything else there is
# links to the original, and "make install" adds the extension.

if ((EUID == 0)); then
	echo "$(basename "$0"): PostgreSQL does not run as root" >&2
	echo "    use scripts/check --only SUITE, or another user" >&2
	exit 1
fi

pg_config=${PG_CONFIG:-pg_config}
bin_dir=$("$pg_config" --bindir)
lib_dir=$("$pg_config" --pkglibdir)
share_dir=$("$pg_config" --sharedir)
unset PGHOST PGPORT PGUSER PGDATABASE PGDATA MAKEFLAGS

private_place()
{
	place=$(mktemp -d "/tmp/dynamo-$1.XXXXXX")
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
	root=$place/root
	mkdir -p "$root$bin_dir" "$root$lib_dir" "$root$share_dir"
	cp -a "$bin_dir/." "$root$bin_dir"
	cp -as "$lib_dir/." "$root$lib_dir"
	cp -as "$share_dir/." "$root$share_dir"
	rm -f "$root$lib_dir/dynamo.so" "$root$share_dir/extension/dynamo"*
	make -C "$place/checkout" PG_CONFIG="$pg_config" install DESTDIR="$root" "$@"
}

# The library is preloaded, as it is in service, but serves nothing.
private_cluster()
{
	data=$place/data
	log=$place/server.log
	"$root$bin_dir/initdb" -D "$data" -A trust -U postgres -E UTF8 \
		--locale=C.UTF-8 --no-sync
	cat >>"$data/postgresql.conf" <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$place'
		shared_preload_libraries = 'dynamo'
		dynamo.listen_addresses = ''
		fsync = off
	CONF
	"$root$bin_dir/pg_ctl" -D "$data" -l "$log" -w start
}

private_stop()
{
	if [[ -e $place/data/postmaster.pid ]]; then
		"$place/root$bin_dir/pg_ctl" -D "$place/data" -m immediate stop >/dev/null || true
	fi
}
