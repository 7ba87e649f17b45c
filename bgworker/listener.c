/*
 * listener.c
 *	  Opening the listening socket.
 *
 * All errors are WARNINGs, because PostgreSQL without the HTTP server is better
 * than no PostgreSQL.
 */
#include "postgres.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bgworker/server.h"

#define BACKLOG 4096

static struct addrinfo *resolve(void);
static pgsocket open_socket(const struct addrinfo *address);

pgsocket
ddb_listener_open(void)
{
	struct addrinfo *address;
	pgsocket	sock = PGINVALID_SOCKET;

	if (ddb_setting_listen_addresses[0] == '\0' || ddb_setting_workers == 0)
		return PGINVALID_SOCKET;
	address = resolve();
	if (address == NULL)
		return PGINVALID_SOCKET;

	if (!ddb_listener_is_loopback(address->ai_addr) &&
		ddb_setting_auth_mode == DDB_AUTH_ANY && !ddb_setting_allow_unauthenticated)
		ereport(WARNING,
				(errmsg("dynamo does not listen on \"%s\": any access key would be accepted there",
						ddb_setting_listen_addresses),
				 errhint("Listen on a loopback address, or set dynamo.allow_unauthenticated = on "
						 "if the network keeps strangers out.")));
	else
		sock = open_socket(address);
	freeaddrinfo(address);
	return sock;
}

static struct addrinfo *
resolve(void)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE
	};
	struct addrinfo *result = NULL;
	const char *host = ddb_setting_listen_addresses;
	char		port[16];
	int			error;

	if (strcmp(host, "*") == 0)
		host = "0.0.0.0";
	snprintf(port, sizeof(port), "%d", ddb_setting_port);
	error = getaddrinfo(host, port, &hints, &result);
	if (error != 0)
	{
		ereport(WARNING,
				(errmsg("dynamo could not translate address \"%s\": %s", host,
						gai_strerror(error)),
				 errhint("dynamo.listen_addresses takes one host name or address, or * for all.")));
		return NULL;
	}
	return result;
}

bool
ddb_listener_is_loopback(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
	{
		const struct sockaddr_in *in = (const struct sockaddr_in *) address;

		return (ntohl(in->sin_addr.s_addr) >> 24) == 127;
	}
	if (address->sa_family == AF_INET6)
	{
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *) address;

		if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr))
			return in6->sin6_addr.s6_addr[12] == 127;
		return IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
	}
	return false;
}

static pgsocket
open_socket(const struct addrinfo *address)
{
	int			on = 1;
	pgsocket	sock = socket(address->ai_family,
							  SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (sock != PGINVALID_SOCKET &&
		setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
		bind(sock, address->ai_addr, address->ai_addrlen) == 0 &&
		listen(sock, BACKLOG) == 0)
	{
		ereport(LOG,
				(errmsg("dynamo is listening on \"%s\", port %d",
						ddb_setting_listen_addresses, ddb_setting_port)));
		return sock;
	}
	ereport(WARNING,
			(errcode_for_socket_access(),
			 errmsg("dynamo could not listen on \"%s\", port %d: %m",
					ddb_setting_listen_addresses, ddb_setting_port),
			 errhint("Is another server using the port?  If not, wait a few seconds and restart; "
					 "or choose another dynamo.port.")));
	if (sock != PGINVALID_SOCKET)
		closesocket(sock);
	return PGINVALID_SOCKET;
}
