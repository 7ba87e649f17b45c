# shellcheck shell=bash
# lib.sh - functions of scripts/up, scripts/down and scripts/check
#
# There are three users, often the same one:
#   the caller        starts the script; may be root
#   $build_user       owns the checkout, and compiles, so that no file in it
#                     belongs to root
#   $cluster_user     owns the data directory, and runs PostgreSQL, which does
#                     not run as root
#
# A data directory holds a marker file, the cluster (pgdata), its socket and its
# log.  The scripts only touch directories with the marker.

umask 022

marker_name=made-by-dynamo

script_name=$(basename "$0")
root_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# With the caller's PGHOST, PGDATA, ... psql and pg_ctl would use other clusters.
for variable in "${!PG@}"; do
	[[ $variable == PG_CONFIG ]] || unset "$variable"
done

# shellcheck source=scripts/cluster.sh
. "$root_dir/scripts/cluster.sh"

# What Debian's packages of PostgreSQL are below, and the oldest that will do
debian_postgres=/usr/lib/postgresql
oldest_major=15

# package | how to see that it is not needed: a command, file, or test.  NN
# is the major version of PostgreSQL.
packages_to_serve=(
	"gcc|command -v gcc"
	"libc6-dev|test -e /usr/include/stdio.h"
	"make|command -v make"
	"pkg-config|command -v pkg-config"
	"perl|perl -MHTTP::Tiny -MJSON::PP -e 1"
	"postgresql-NN|test -x \$pg_bin/postgres -a -x \$pg_bin/initdb"
	"postgresql-server-dev-NN|test -e \$pg_include/postgres.h"
	"libmicrohttpd-dev|test -e /usr/include/microhttpd.h"
	"zlib1g-dev|test -e /usr/include/zlib.h"
	"libdeflate-dev|test -e /usr/include/libdeflate.h"
)
packages_to_check=(
	"awscli|command -v aws"
	"chromium|command -v chromium"
	"ca-certificates|test -e /etc/ssl/certs/ca-certificates.crt"
	"clang|command -v clang"
	"clang-tidy|command -v clang-tidy"
	"curl|command -v curl"
	"libclang-rt-dev|compgen -G '/usr/lib/llvm-*/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a'"
	"libipc-run-perl|perl -MIPC::Run -e 1"
	"nodejs|command -v node"
	"npm|command -v npm"
	"python3-boto3|/usr/bin/python3 -c 'import boto3'"
	"python3-hypothesis|/usr/bin/python3 -c 'import hypothesis'"
)

say()
{
	printf '%s\n' "$*"
}

# fail CAUSE REMEDY...
fail()
{
	printf '%s: %s\n' "$script_name" "$1" >&2
	shift
	if (($# > 0)); then
		printf '    %s\n' "$@" >&2
	fi
	exit 1
}

# The comment at the top of the calling script is its help text.
show_help()
{
	sed -n '2,/^[^#]/{ /^#/{ s/^# \{0,1\}//; p; }; }' "$0"
}

# need_value OPTION [VALUE]
need_value()
{
	(($# > 1)) && [[ -n $2 ]] ||
		fail "$1 needs a value" "see scripts/$script_name --help"
}

# need_port OPTION VALUE
need_port()
{
	need_value "$@"
	[[ $2 =~ ^[0-9]{1,5}$ ]] && ((10#$2 >= 1 && 10#$2 <= 65535)) ||
		fail "$1 $2: not a port number" "give a number from 1 to 65535"
}

digest_of()
{
	printf '%s' "$1" | sha256sum | cut -c1-12
}

#
# Users
#

have_sudo()
{
	command -v sudo >/dev/null &&
		{ sudo -n true 2>/dev/null || [[ -t 0 ]]; }
}

as_root()
{
	if ((EUID == 0)); then
		"$@"
	else
		sudo -- "$@"
	fi
}

# run_as USER COMMAND...: runs it in /, which every user can enter
run_as()
{
	local user=$1

	shift
	if [[ $user == "$(id -un)" ]]; then
		(cd / && "$@")
	elif ((EUID == 0)); then
		(cd / && runuser -u "$user" -- "$@")
	else
		(cd / && sudo -u "$user" -- "$@")
	fi
}

as_cluster_user()
{
	run_as "$cluster_user" "$@"
}

choose_build_user()
{
	local owner

	owner=$(stat -c %U "$root_dir")
	build_user=$(id -un)
	if ((EUID == 0)) && [[ $owner != UNKNOWN ]]; then
		build_user=$owner
	fi
}

# Chooses the owner of a new cluster.
choose_cluster_user()
{
	cluster_user=$(id -un)
	if ((EUID != 0)); then
		return
	fi
	if [[ -n ${SUDO_USER:-} && $SUDO_USER != root ]]; then
		cluster_user=$SUDO_USER
	elif id postgres >/dev/null 2>&1; then
		cluster_user=postgres
	else
		fail "PostgreSQL does not run as root and there is no user postgres" \
			"install the package postgresql, which makes one," \
			"or run scripts/$script_name as an ordinary user"
	fi
}

#
# Packages, build, installation
#

# The PostgreSQL to build for and to run: that of PG_CONFIG; or one that is
# installed with its headers, the newest unless the cluster was made by another;
# or one without headers, which get installed; or none, and pg_major is empty,
# until it is known what the distribution offers.
find_postgres()
{
	local found

	pg_config=${PG_CONFIG:-}
	if [[ -z $pg_config ]]; then
		for found in "$(made_by)" complete bare; do
			pg_config=$(installed_postgres | sed -n "s/^$found //p" | head -n 1)
			[[ -z $pg_config ]] || break
		done
		pg_config=${pg_config:-$debian_postgres/${offered_major:-NN}/bin/pg_config}
	fi
	if command -v "$pg_config" >/dev/null; then
		ask_pg_config
		return
	fi
	# Debian's own places, for as long as nothing is installed
	[[ $pg_config =~ ^$debian_postgres/([0-9]+|NN)/bin/pg_config$ ]] ||
		fail "PG_CONFIG is $pg_config, and there is no such program" \
			"give the pg_config of a PostgreSQL that is installed, or leave it out"
	pg_major=${BASH_REMATCH[1]#NN}
	pg_bin=$debian_postgres/$pg_major/bin
	pg_lib=$debian_postgres/$pg_major/lib
	pg_share=/usr/share/postgresql/$pg_major
	pg_include=/usr/include/postgresql/$pg_major/server
	require_supported_major
}

ask_pg_config()
{
	pg_config=$(command -v "$pg_config")
	pg_major=$("$pg_config" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
	pg_bin=$("$pg_config" --bindir)
	pg_lib=$("$pg_config" --pkglibdir)
	pg_share=$("$pg_config" --sharedir)
	pg_include=$("$pg_config" --includedir-server)
	require_supported_major
}

require_supported_major()
{
	[[ -z $pg_major ]] || ((pg_major >= oldest_major)) ||
		fail "$pg_config is of PostgreSQL $pg_major" \
			"dynamo needs PostgreSQL $oldest_major or later: set PG_CONFIG"
}

# installed_postgres: "<kind> <pg_config>" for each server found, the newest
# first; those with headers twice, as "complete" and as "made-by-<major>"
installed_postgres()
{
	local config major

	while IFS= read -r config; do
		major=$("$config" --version 2>/dev/null | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
		if [[ ! -x $("$config" --bindir)/initdb ]] ||
			((${major:-0} < oldest_major)); then
			continue
		fi
		if [[ -e $("$config" --includedir-server)/postgres.h ]]; then
			say "complete $config"
			say "made-by-$major $config"
		else
			say "bare $config"
		fi
	done < <(
		compgen -G "$debian_postgres/*/bin/pg_config" | sort -Vr
		command -v pg_config
	)
}

# made_by: which version made the cluster, as far as the caller may know
made_by()
{
	local place version

	for place in "${data_option:-$root_dir/.dynamo}" \
		"/var/lib/dynamo/$(digest_of "$root_dir")"; do
		if version=$(cat "$place/pgdata/PG_VERSION" 2>/dev/null); then
			say "made-by-$version"
			return
		fi
	done
	say made-by-nobody
}

# offered_by_distribution: the major version that the package postgresql is for
offered_by_distribution()
{
	apt-cache depends postgresql 2>/dev/null |
		sed -n 's/^ *Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1
}

# missing_packages ROW...: prints the names of those whose test fails
missing_packages()
{
	local row name

	for row in "$@"; do
		name=${row%%|*}
		eval "${row#*|}" >/dev/null 2>&1 || say "${name/NN/${pg_major:-NN}}"
	done
}

# install_packages ROW...
install_packages()
{
	local -a missing

	find_postgres
	mapfile -t missing < <(missing_packages "$@")
	if ((${#missing[@]} == 0)); then
		return
	fi
	if [[ -z $pg_major ]]; then
		say "No PostgreSQL was found: PG_CONFIG is not set, there is no" \
			"$debian_postgres/*/bin/pg_config of version $oldest_major or later," \
			"nor a pg_config in the PATH." >&2
	fi
	if [[ $no_install == yes ]]; then
		fail "not installed: ${missing[*]}" \
			"leave out --no-install, or install them yourself:" \
			"apt-get install ${missing[*]}"
	fi
	command -v apt-get >/dev/null ||
		fail "not installed: ${missing[*]}, and this is not a Debian system" \
			"install what these Debian packages hold, then try again"
	((EUID == 0)) || have_sudo ||
		fail "not installed: ${missing[*]}, and installing needs root" \
			"run this as root or with sudo, or have an administrator run:" \
			"apt-get install ${missing[*]}"
	apt_log=$(mktemp "${TMPDIR:-/tmp}/dynamo-apt.XXXXXX")
	apt_get update
	if [[ -z $pg_major ]]; then
		choose_offered_major
		mapfile -t missing < <(missing_packages "$@")
	fi
	say "Installing ${missing[*]} ..."
	apt_install "${missing[@]}"
	find_postgres
	mapfile -t missing < <(missing_packages "$@")
	((${#missing[@]} == 0)) ||
		fail "still missing after apt-get: ${missing[*]}" \
			"the messages of apt-get are in $apt_log"
}

choose_offered_major()
{
	offered_major=$(offered_by_distribution)
	[[ -n $offered_major ]] ||
		fail "the package sources offer no package postgresql" \
			"see /etc/apt/sources.list, or install PostgreSQL and set PG_CONFIG"
	find_postgres
}

# postgresql-NN would make and start a cluster of its own, "main".  The
# package postgresql-common, which decides that, comes first; then a file of
# ours, there only while apt-get runs, says no.
apt_install()
{
	local drop_in=/etc/postgresql-common/createcluster.d
	local -a made=()

	if [[ " $* " == *" postgresql-$pg_major "* ]]; then
		apt_get install postgresql-common
		if [[ ! -d $drop_in ]]; then
			as_root mkdir "$drop_in"
			made+=("$drop_in")
		fi
		say "create_main_cluster = false" |
			as_root tee "$drop_in/dynamo.conf" >/dev/null
	fi
	# not fail(), because the file must be removed in any case
	if ! (apt_get install "$@"); then
		apt_failed=yes
	fi
	if [[ -e $drop_in/dynamo.conf ]]; then
		as_root rm -f "$drop_in/dynamo.conf"
	fi
	if ((${#made[@]} > 0)); then
		as_root rmdir --ignore-fail-on-non-empty "${made[@]}"
	fi
	[[ ${apt_failed:-no} == no ]] || exit 1
	rm -f "$apt_log"
}

apt_get()
{
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y -o Dpkg::Use-Pty=0 --no-install-recommends "$@" \
		>>"$apt_log" 2>&1 </dev/null ||
		{
			tail -n 15 "$apt_log" >&2
			fail "apt-get $* failed, see above and $apt_log" \
				"look at what apt-get says, and at /etc/apt/sources.list"
		}
}

build_make()
{
	run_as "$build_user" make -C "$root_dir" PG_CONFIG="$pg_config" "$@"
}

# Builds the extension, and installs it if it differs from the installed one.
build_and_install()
{
	local log stage

	if [[ $no_install == yes ]]; then
		[[ -e $pg_share/extension/dynamo.control && -e $pg_lib/dynamo.so ]] ||
			fail "the extension is not installed in $pg_lib" \
				"run this without --no-install, as root or with sudo," \
				"or have an administrator run: make install"
		return
	fi
	log=$(mktemp "${TMPDIR:-/tmp}/dynamo-build.XXXXXX")
	say "Building ..."
	build_make -j"$(nproc)" all >"$log" 2>&1 || build_failed "$log"
	stage=$(run_as "$build_user" mktemp -d /tmp/dynamo-stage.XXXXXX)
	build_make install DESTDIR="$stage" >>"$log" 2>&1 || build_failed "$log"
	if same_as_installed "$stage"; then
		say "The installed extension is up to date."
	else
		say "Installing the extension into $pg_lib ..."
		install_extension "$log"
	fi
	run_as "$build_user" rm -rf "$stage"
	rm -f "$log"
}

install_extension()
{
	local log=$1

	if [[ -w $pg_lib && -w $pg_share/extension ]]; then
		make -C "$root_dir" PG_CONFIG="$pg_config" install >>"$log" 2>&1 ||
			build_failed "$log"
		return
	fi
	((EUID == 0)) || have_sudo ||
		fail "installing the extension into $pg_lib needs root" \
			"run this as root or with sudo," \
			"or use what is installed there with --no-install"
	as_root make -C "$root_dir" PG_CONFIG="$pg_config" install >>"$log" 2>&1 ||
		build_failed "$log"
}

build_failed()
{
	tail -n 25 "$1" >&2
	fail "the build failed, see above and $1" \
		"a checkout without changes builds: compare with git status"
}

# same_as_installed STAGE: returns whether every file below STAGE is the same below /
same_as_installed()
{
	local file

	while IFS= read -r -d '' file; do
		cmp -s "$file" "${file#"$1"}" || return 1
	done < <(find "$1" -type f -print0)
}

#
# The cluster.  Its directory is $data_dir throughout.
#

# Sets the paths within the data directory, from $data_dir.
name_parts()
{
	marker=$data_dir/$marker_name
	pg_data=$data_dir/pgdata
	settings=$pg_data/dynamo.conf
	server_log=$data_dir/server.log
	# sun_path ends after 107 bytes; the file is <directory>/.s.PGSQL.<port>
	socket_dir=$data_dir/run
	if ((${#socket_dir} > 85)); then
		socket_dir=/tmp/dynamo-$(digest_of "$data_dir")
	fi
}

can_enter()
{
	run_as "$1" test -x "$2" 2>/dev/null
}

# settle_data_dir [DIR]: sets data_dir and cluster_user
settle_data_dir()
{
	local owner

	choose_cluster_user
	if [[ -n ${1:-} ]]; then
		data_dir=$(realpath -m -- "$1")
	elif can_enter "$cluster_user" "$root_dir"; then
		data_dir=$root_dir/.dynamo
	else
		data_dir=/var/lib/dynamo/$(digest_of "$root_dir")
		say "The user $cluster_user cannot enter $root_dir:" \
			"the data is kept in $data_dir."
	fi
	name_parts
	if [[ -d $pg_data ]]; then
		owner=$(stat -c %U "$pg_data")
		[[ $owner != root && $owner != UNKNOWN ]] ||
			fail "$pg_data belongs to root" \
				"PostgreSQL does not run as root: give another --data"
		cluster_user=$owner
	fi
	if [[ $cluster_user != "$(id -un)" ]]; then
		((EUID == 0)) || have_sudo ||
			fail "$data_dir belongs to $cluster_user" \
				"run this as root or with sudo, or give another --data"
	fi
}

# Refuses a directory that is neither empty nor made by the scripts.
require_own_dir()
{
	if [[ -e $data_dir && ! -d $data_dir ]]; then
		fail "$data_dir is not a directory" "give another --data"
	fi
	if [[ -d $data_dir && ! -r $data_dir ]]; then
		fail "$data_dir cannot be read by $(id -un)" \
			"run this as root or with sudo, or give another --data"
	fi
	if [[ -d $data_dir && ! -e $marker && -n $(ls -A "$data_dir") ]]; then
		fail "$data_dir is not empty and was not made by scripts/up" \
			"give an empty or a new directory with --data"
	fi
}

make_data_dir()
{
	require_own_dir
	if [[ -e $marker ]]; then
		return
	fi
	mkdir -p "$data_dir" 2>/dev/null ||
		fail "$(id -un) cannot make $data_dir" \
			"give a directory that you may write to with --data"
	if ((EUID == 0)); then
		chown "$cluster_user": "$data_dir"
	fi
	if ! can_enter "$cluster_user" "$data_dir"; then
		rmdir --ignore-fail-on-non-empty "$data_dir"
		fail "the user $cluster_user, who runs PostgreSQL, cannot enter $data_dir" \
			"give a directory with --data that it can, /var/lib/dynamo for one"
	fi
	run_as "$cluster_user" tee "$marker" >/dev/null <<-END
		The scripts of dynamo made this directory and may start, stop and
		change the PostgreSQL cluster in it.  Checkout: $root_dir
	END
}

# make_cluster peer|trust: makes a cluster with this authentication on the socket.
# initdb uses another directory first, so that an interruption leaves no half-made
# cluster.
make_cluster()
{
	local new=$pg_data.new

	if [[ -d $pg_data ]]; then
		require_version
		return
	fi
	say "Making a PostgreSQL cluster in $data_dir ..."
	run_as "$cluster_user" rm -rf "$new"
	cluster_init "$new" --auth=reject >"$data_dir/initdb.log" 2>&1 ||
		{
			tail -n 15 "$data_dir/initdb.log" >&2
			fail "initdb failed, see above" "is the disk full?"
		}
	say "include 'dynamo.conf'" |
		run_as "$cluster_user" tee -a "$new/postgresql.conf" >/dev/null
	access_rules "$1" |
		run_as "$cluster_user" tee "$new/pg_hba.conf" >/dev/null
	say "dynamo /^($cluster_user|$(id -un)|root)\$ $superuser" |
		run_as "$cluster_user" tee "$new/pg_ident.conf" >/dev/null
	run_as "$cluster_user" sync -f "$new"
	run_as "$cluster_user" mv -T "$new" "$pg_data"
}

# With peer, users that could become $superuser anyway may connect as $superuser.
# All others connect under their own names, or with a password.
access_rules()
{
	if [[ $1 == trust ]]; then
		say "local all all trust"
		say "local replication all trust"
		return
	fi
	say "local all $superuser peer map=dynamo"
	say "local all all peer"
	say "local replication $superuser peer map=dynamo"
	say "host all all 127.0.0.1/32 scram-sha-256"
}

require_version()
{
	local made with

	made=$(run_as "$cluster_user" cat "$pg_data/PG_VERSION")
	with=$("$pg_bin/postgres" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
	[[ $made == "$with" ]] ||
		fail "$data_dir was made by PostgreSQL $made, found is $with" \
			"set PG_CONFIG to the pg_config of PostgreSQL $made, or give another --data"
}

# setting_of NAME: prints the value in the cluster's dynamo.conf, if there is one
setting_of()
{
	run_as "$cluster_user" sed -n "s/^$1 = '\{0,1\}\([^']*\)'\{0,1\}\$/\1/p" \
		"$settings" 2>/dev/null || true
}

# wanted_settings TCP_ADDRESS
wanted_settings()
{
	say "# Written by scripts/$script_name, which overwrites it.  Settings of your own"
	say "# belong into postgresql.conf, below the line that includes this file."
	cluster_settings "listen_addresses = '$1'"
}

# write_settings TCP_ADDRESS: writes dynamo.conf; true if it has changed
write_settings()
{
	local wanted

	wanted=$(wanted_settings "$1")
	if [[ $wanted == "$(run_as "$cluster_user" cat "$settings" 2>/dev/null)" ]]; then
		return 1
	fi
	say "$wanted" | run_as "$cluster_user" tee "$settings" >/dev/null
}

start_cluster()
{
	make_socket_dir
	cluster_start >/dev/null 2>&1 ||
		{
			run_as "$cluster_user" tail -n 15 "$server_log" >&2 || true
			fail "PostgreSQL did not start, see above and $server_log" \
				"if the port is taken, give another --port or --pg-port"
		}
	library_digest | run_as "$cluster_user" tee "$data_dir/library" >/dev/null
}

# /tmp may have been emptied since.  Refuses a directory of another user.
make_socket_dir()
{
	run_as "$cluster_user" mkdir -p -m 755 "$socket_dir"
	[[ $(stat -c %U "$socket_dir") == "$cluster_user" ]] ||
		fail "$socket_dir belongs to $(stat -c %U "$socket_dir")" \
			"remove it, or give a --data with a shorter path"
}

# stop_cluster MODE
stop_cluster()
{
	cluster_stop "$1" ||
		fail "PostgreSQL did not stop within 120 seconds" \
			"see $server_log and try again"
}

library_digest()
{
	sha256sum <"$pg_lib/dynamo.so"
}

# A running server keeps the library that it was started with.
runs_old_library()
{
	[[ "$(library_digest)" != \
		"$(run_as "$cluster_user" cat "$data_dir/library" 2>/dev/null)" ]]
}

#
# Ports and HTTP
#

port_is_used()
{
	perl -MIO::Socket::INET -e '
		exit !IO::Socket::INET->new(PeerAddr => "127.0.0.1",
			PeerPort => $ARGV[0], Proto => "tcp", Timeout => 2)' "$1"
}

# require_free_port OPTION PORT
require_free_port()
{
	if port_is_used "$2"; then
		fail "port $2 is in use by another program" \
			"stop that program (ss -ltnp 'sport = :$2' shows it)" \
			"or choose another port: $1 PORT"
	fi
}

wait_until_served()
{
	local problem

	problem=$(cluster_serves) ||
		{
			run_as "$cluster_user" tail -n 15 "$server_log" >&2 || true
			fail "no answer on http://127.0.0.1:$http_port after 60 seconds (last: $problem)" \
				"the reason should be in $server_log"
		}
}
