# shellcheck shell=bash
# cluster.sh - makes all clusters
#
# scripts/lib.sh and test/tools/private.sh source this file.  They set
#
#     pg_bin                where the programs of PostgreSQL are
#     pg_data               the data directory
#     server_log            the log of the server
#     socket_dir, pg_port   the address of PostgreSQL
#     http_port             the HTTP port
#
# and may define as_cluster_user, which runs a command as the owner of the
# cluster.  The settings of all clusters are in cluster.conf, which the TAP tests
# read too.  PostgreSQL's own Perl modules make the clusters of the TAP tests.

# shellcheck disable=SC2154
cluster_conf=$(realpath "$(dirname "${BASH_SOURCE[0]}")/cluster.conf")
database=$(sed -n "s/^dynamo.database = '\(.*\)'$/\1/p" "$cluster_conf")
superuser=postgres

as_cluster_user()
{
	"$@"
}

# cluster_init DIRECTORY ARGUMENT...
cluster_init()
{
	local directory=$1

	shift
	as_cluster_user "$pg_bin/initdb" -D "$directory" -U "$superuser" \
		-E UTF8 --locale=C.UTF-8 --no-sync "$@"
}

# cluster_settings [SETTING...]: prints the configuration file
cluster_settings()
{
	sed '/^#/d' "$cluster_conf"
	printf '%s\n' "dynamo.port = $http_port" "port = $pg_port" \
		"unix_socket_directories = '$socket_dir'" "$@"
}

cluster_runs()
{
	[[ -d $pg_data ]] &&
		as_cluster_user "$pg_bin/pg_ctl" status -D "$pg_data" >/dev/null 2>&1
}

cluster_start()
{
	as_cluster_user "$pg_bin/pg_ctl" start -s -w -t 120 -D "$pg_data" -l "$server_log"
}

# cluster_stop MODE
cluster_stop()
{
	as_cluster_user "$pg_bin/pg_ctl" stop -s -w -t 120 -m "$1" -D "$pg_data"
}

# sql DATABASE ARGUMENT...
sql()
{
	local in=$1

	shift
	as_cluster_user "$pg_bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 \
		-h "$socket_dir" -p "$pg_port" -U "$superuser" -d "$in" "$@"
}

# Creates the served database, with the newest version of the extension.
make_database()
{
	if [[ -z $(sql postgres -c "SELECT 1 FROM pg_database WHERE datname = '$database'") ]]; then
		sql postgres -c "CREATE DATABASE $database"
	fi
	if [[ -z $(sql "$database" -c "SELECT 1 FROM pg_extension WHERE extname = 'dynamo'") ]]; then
		sql "$database" -c "CREATE EXTENSION dynamo"
	elif [[ -n $(sql "$database" -c "SELECT 1 FROM pg_available_extensions WHERE name = 'dynamo' AND installed_version <> default_version") ]]; then
		sql "$database" -c "ALTER EXTENSION dynamo UPDATE"
	fi
}

# free_ports COUNT
free_ports()
{
	perl -MIO::Socket::INET -e '
		my @sockets = map { IO::Socket::INET->new(LocalAddr => "127.0.0.1",
			LocalPort => 0, Listen => 1, Proto => "tcp") } 1 .. $ARGV[0];
		print join(" ", map { $_->sockport } @sockets), "\n"' "$1"
}

# Waits until GET / answers 200 and a real request is no longer refused because the
# extension or the database is missing.  After a minute without success the last
# answer is printed.
cluster_serves()
{
	perl -MHTTP::Tiny -e '
		my ($endpoint, $seconds) = @ARGV;
		my $http = HTTP::Tiny->new(timeout => 5);
		my $authorization = "AWS4-HMAC-SHA256 Credential=test/20240101/"
			. "us-east-1/dynamodb/aws4_request, "
			. "SignedHeaders=host;x-amz-date, Signature=" . "0" x 64;
		my $reply;
		for (my $end = time + $seconds; time < $end; select undef, undef, undef, 0.1)
		{
			$reply = $http->get($endpoint);
			next unless $reply->{status} == 200;
			$reply = $http->post($endpoint, { content => "{}", headers => {
				"Content-Type" => "application/x-amz-json-1.0",
				"X-Amz-Target" => "DynamoDB_20120810.ListTables",
				"X-Amz-Date" => "20240101T000000Z",
				"Authorization" => $authorization } });
			exit 0 if $reply->{status} < 500;
		}
		print "$reply->{status} $reply->{content}";
		exit 1;' "http://127.0.0.1:$http_port/" 60
}
