/*
 * browser.c
 *	  The rule that refuses requests of foreign web pages.
 *
 * Two attacks must fail.  In the first, a page of another site sends requests
 * from its own origin.  The header Origin shows that, and a browser does not
 * let a page set this header.  In the second, the page's own host name is made
 * to point to this machine after the page was loaded (DNS rebinding).  Page
 * and server then have the same origin, but the header Host still has the
 * page's name.  A comparison of Origin with Host would not detect that.
 *
 * Clients on other machines may know this machine under any name.  So the Host
 * header is checked only for requests that arrive at a loopback address.
 */
#include "postgres.h"

#include <arpa/inet.h>

#include "auth/browser.h"
#include "core/guc.h"

/* Longest name in DNS. */
#define MAX_NAME 255

static bool is_origin(const char *origin);
static bool is_loopback_host(const char *name);
static bool is_loopback_origin(const char *origin);
static bool take_name(const char *host, char *name);
static bool next_entry(const char **list, const char **entry, size_t *length);
static bool entry_is(const char *entry, size_t length, const char *text);
static bool matches_wildcard(const char *name, const char *entry, size_t length);
static bool ends_with(const char *text, const char *end);

const char *
ddb_auth_refuse_browser(const DdbBrowserRequest *request)
{
	if (request->loopback && request->host != NULL &&
		!ddb_auth_host_in_list(request->host, ddb_setting_allowed_hosts))
		return "dynamo.allowed_hosts";
	if (request->origin != NULL)
		return !is_origin(request->origin) ||
			ddb_auth_origin_in_list(request->origin, ddb_setting_allowed_origins) ?
			NULL : "dynamo.allowed_origins";

	/* a GET shows only that the service is up, and no data */
	if (request->fetch_site != NULL &&
		pg_strcasecmp(request->fetch_site, "cross-site") == 0 &&
		strcmp(request->method, "GET") != 0 &&
		!ddb_auth_origin_in_list("null", ddb_setting_allowed_origins))
		return "dynamo.allowed_origins";
	return NULL;
}

/* Returns whether a browser could send this; others may send anything. */
static bool
is_origin(const char *origin)
{
	size_t		scheme = strspn(origin,
								"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
								"0123456789+-.");

	return pg_strcasecmp(origin, "null") == 0 ||
		(scheme > 0 && strncmp(origin + scheme, "://", 3) == 0);
}

bool
ddb_auth_host_in_list(const char *host, const char *list)
{
	char		name[MAX_NAME + 1];
	const char *entry;
	size_t		length;

	if (!take_name(host, name))
		return false;
	while (next_entry(&list, &entry, &length))
	{
		if (entry_is(entry, length, "*") ||
			(entry_is(entry, length, "loopback") && is_loopback_host(name)) ||
			entry_is(entry, length, name) ||
			matches_wildcard(name, entry, length))
			return true;
	}
	return false;
}

bool
ddb_auth_origin_in_list(const char *origin, const char *list)
{
	const char *entry;
	size_t		length;

	while (next_entry(&list, &entry, &length))
	{
		if (entry_is(entry, length, "*") ||
			(entry_is(entry, length, "loopback") && is_loopback_origin(origin)) ||
			entry_is(entry, length, origin))
			return true;
	}
	return false;
}

static bool
is_loopback_origin(const char *origin)
{
	char		name[MAX_NAME + 1];
	const char *host = strstr(origin, "://");

	if (pg_strncasecmp(origin, "http://", 7) != 0 &&
		pg_strncasecmp(origin, "https://", 8) != 0)
		return false;
	return take_name(host + 3, name) && is_loopback_host(name);
}

static bool
is_loopback_host(const char *name)
{
	struct in_addr address;
	struct in6_addr address6;

	if (inet_pton(AF_INET, name, &address) == 1)
		return (ntohl(address.s_addr) >> 24) == 127;
	if (inet_pton(AF_INET6, name, &address6) == 1)
		return IN6_IS_ADDR_LOOPBACK(&address6);
	return pg_strcasecmp(name, "localhost") == 0 || ends_with(name, ".localhost");
}

/*
 * Copies the name or address out of "name", "name:port" or "[address]:port"
 * into name, which has MAX_NAME + 1 bytes.  Drops a dot at the end.  Returns
 * false if host has none of these forms.
 */
static bool
take_name(const char *host, char *name)
{
	const char *end;
	const char *port;
	size_t		length;

	if (host[0] == '[')
	{
		host++;
		end = strchr(host, ']');
		if (end == NULL)
			return false;
		port = end + 1;
	}
	else
	{
		end = host + strcspn(host, ":");
		port = end;
	}
	if (port[0] == ':')
		port += 1 + strspn(port + 1, "0123456789");
	length = end - host;
	if (port[0] != '\0' || length == 0 || length > MAX_NAME)
		return false;
	memcpy(name, host, length);
	if (length > 1 && name[length - 1] == '.')
		length--;
	name[length] = '\0';
	return true;
}

/* Finds the next entry of a list separated by commas and blanks. */
static bool
next_entry(const char **list, const char **entry, size_t *length)
{
	*entry = *list + strspn(*list, ", \t");
	*length = strcspn(*entry, ", \t");
	*list = *entry + *length;
	return *length > 0;
}

static bool
entry_is(const char *entry, size_t length, const char *text)
{
	return strlen(text) == length && pg_strncasecmp(entry, text, length) == 0;
}

/* "*.name" matches every name that ends in ".name". */
static bool
matches_wildcard(const char *name, const char *entry, size_t length)
{
	char		end[MAX_NAME + 1];

	if (length < 3 || length > MAX_NAME || strncmp(entry, "*.", 2) != 0)
		return false;
	strlcpy(end, entry + 1, length);
	return ends_with(name, end);
}

/* Returns whether the text ends that way and has something before it. */
static bool
ends_with(const char *text, const char *end)
{
	size_t		length = strlen(text);
	size_t		end_length = strlen(end);

	return length > end_length &&
		pg_strcasecmp(text + length - end_length, end) == 0;
}
