/*
 * browser.h
 *	  Requests that a web page has a browser send.
 *
 * A browser lets any page send requests to any server that it can reach, one
 * on this machine included.  While every access key is accepted nothing but
 * this rule keeps pages of strangers from the tables.
 */
#ifndef DDB_AUTH_BROWSER_H
#define DDB_AUTH_BROWSER_H

#include "postgres.h"

/* What tells where a request comes from; NULL: there is no such header. */
typedef struct DdbBrowserRequest
{
	const char *method;
	const char *host;			/* Host, with or without port */
	const char *origin;			/* Origin */
	const char *fetch_site;		/* Sec-Fetch-Site */
	bool		loopback;		/* it arrived at a loopback address */
} DdbBrowserRequest;

/*
 * Name of the setting that refuses the request, or NULL when it may go on.
 * Reads the settings dynamo.allowed_hosts and dynamo.allowed_origins; raises
 * nothing.
 */
extern const char *ddb_auth_refuse_browser(const DdbBrowserRequest *request);

/*
 * Is the host (of a Host header, perhaps with a port) in the list?  Entries,
 * parted by commas: "loopback" (localhost, names that end in .localhost,
 * 127.0.0.0/8, [::1]), a name or address, "*.name" for all names below one,
 * and "*".
 */
extern bool ddb_auth_host_in_list(const char *host, const char *list);

/*
 * Is the origin in the list?  Entries: "loopback" (http and https from such a
 * host, whatever the port), an origin as a browser writes it, "null", and "*".
 */
extern bool ddb_auth_origin_in_list(const char *origin, const char *list);

#endif							/* DDB_AUTH_BROWSER_H */
