# source_postgres.sh - PostgreSQL 15 built from the source of Debian's package
#
# The checks that need a PostgreSQL built in a special way source this file.  Then
# they call
#
#     source_postgres NAME CFLAGS CONFIGURE-OPTION...
#
# which sets PG_CONFIG to its pg_config.  The build stays in
# $DYNAMO_BUILD_DIR/NAME (default: /var/tmp/dynamo-USER/NAME), and the next run with
# the same flags uses it again.  Building takes several minutes.
#
# Nothing outside that directory changes, and root is not needed, because apt-get
# gets its own list of sources and its own state.  Debian's patches are not applied.
# They write the directories of Debian's installation into the makefiles.

if ((EUID == 0)); then
	echo "$(basename "$0"): PostgreSQL does not run as root" >&2
	echo "    use scripts/check --only SUITE, or another user" >&2
	exit 1
fi

build_dir=${DYNAMO_BUILD_DIR:-/var/tmp/dynamo-$(id -un)}

source_postgres()
{
	local name=$1 flags=$2 stamp

	shift 2
	stamp="$flags $*"
	require_own_build_dir
	PG_CONFIG=$build_dir/$name/installed/bin/pg_config
	# Only a complete build has a stamp.
	if [[ $(cat "$build_dir/$name/stamp" 2>/dev/null) != "$stamp" ]]; then
		echo "Building PostgreSQL in $build_dir/$name ..."
		rm -rf "${build_dir:?}/$name"
		mkdir "$build_dir/$name"
		(
			flock 9
			fetch_source
		) 9>"$build_dir/lock"
		build_source "$name" "$flags" "$@"
		echo "$stamp" >"$build_dir/$name/stamp"
	fi
	export PG_CONFIG
}

# any user can write to /var/tmp
require_own_build_dir()
{
	mkdir -p "$build_dir"
	if [[ ! -O $build_dir || -L $build_dir ]]; then
		echo "$build_dir is not a directory of $(id -un)'s" >&2
		echo "    give another one in DYNAMO_BUILD_DIR" >&2
		exit 1
	fi
}

# Leaves the source in $build_dir/source.
fetch_source()
{
	local version

	if [[ -e $build_dir/source/configure ]]; then
		return
	fi
	write_apt_settings
	private_apt apt-get -q update
	# An archive need not hold the newest version that its list names.
	while read -r version; do
		if (cd "$build_dir/apt" && rm -rf source &&
			private_apt apt-get -q --download-only --only-source \
				source "postgresql-15=$version" &&
			dpkg-source --skip-patches -x "postgresql-15_${version#*:}.dsc" source); then
			mv "$build_dir/apt/source" "$build_dir/source"
			return
		fi
	done < <(private_apt apt-cache showsrc postgresql-15 |
		sed -n 's/^Version: //p' | sort -V -r)
	echo "no source of postgresql-15 could be had" >&2
	return 1
}

write_apt_settings()
{
	local apt=$build_dir/apt

	rm -rf "$apt"
	mkdir -p "$apt/lists/partial" "$apt/archives/partial"
	cat >"$apt/debian.sources" <<-END
		Types: deb-src
		URIs: http://deb.debian.org/debian
		Suites: bookworm bookworm-updates
		Components: main
		Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

		Types: deb-src
		URIs: http://deb.debian.org/debian-security
		Suites: bookworm-security
		Components: main
		Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
	END
	cat >"$apt/apt.conf" <<-END
		Dir::Etc::SourceList "$apt/debian.sources";
		Dir::Etc::SourceParts "/dev/null";
		Dir::State::Lists "$apt/lists";
		Dir::Cache::Archives "$apt/archives";
		Dir::Cache::pkgcache "";
		Dir::Cache::srcpkgcache "";
		APT::Update::Post-Invoke-Success "";
	END
}

private_apt()
{
	APT_CONFIG=$build_dir/apt/apt.conf "$@"
}

# build_source NAME CFLAGS CONFIGURE-OPTION...
#
# Optional libraries that are not installed are left out.  The installation is
# complete enough for the extension and its tests.
build_source()
{
	local place=$build_dir/$1 flags=$2
	local -a options=(--enable-debug --without-readline)

	shift 2
	if has_header openssl/ssl.h; then options+=(--with-ssl=openssl); fi
	if has_header lz4.h; then options+=(--with-lz4); fi
	if has_header unicode/ucol.h; then options+=(--with-icu); fi
	cp -a "$build_dir/source" "$place/source"
	(
		# the test programs of configure leak memory
		export ASAN_OPTIONS=detect_leaks=0
		unset MAKEFLAGS MAKELEVEL
		cd "$place/source"
		./configure --prefix="$place/installed" CFLAGS="$flags" \
			"${options[@]}" "$@"
		nice make -j"$(nproc)" -C src all
		make -C src install
		# needed by the SQL tests
		nice make -C contrib/dblink install
	) >"$place/build.log" 2>&1 ||
		{
			tail -n 25 "$place/build.log" >&2
			echo "PostgreSQL could not be built: $place/build.log" >&2
			return 1
		}
	rm -rf "$place/source"
}

has_header()
{
	echo "#include <$1>" | gcc -E - >/dev/null 2>&1
}
