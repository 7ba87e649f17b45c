/*
 * browser.h
 *	  The rule that refuses requests of foreign web pages.
 *
 * A browser lets any page send requests to any server it can reach, including
 * one on this machine.  As long as every access key is accepted, only this
 * rule keeps foreign pages away from the tables.
 */
#ifndef DDB_AUTH_BROWSER_H
#define DDB_AUTH_BROWSER_H

#include "postgres.h"

/* The headers that show where a request comes from; NULL if absent. */
typedef struct DdbBrowserRequest
{
	const char *method;
	const char *host;			/* Host, with or without port */
	const char *origin;			/* Origin */
	const char *fetch_site;		/* Sec-Fetch-Site */
	bool		loopback;		/* request arrived at a loopback address */
} DdbBrowserRequest;

/*
 * Returns the name of the setting that refuses the request, or NULL if the
 * request is allowed.  Reads the settings dynamo.allowed_hosts and
 * dynamo.allowed_origins.  Raises no error.
 */
extern const char *ddb_auth_refuse_browser(const DdbBrowserRequest *request);

/*
 * Returns whether the host (of a Host header, with or without port) is in the
 * list.  Entries are separated by commas: "loopback" (localhost, names that
 * end in .localhost, 127.0.0.0/8, [::1]), a name or address, "*.name" for all
 * names below a name, and "*".
 */
extern bool ddb_auth_host_in_list(const char *host, const char *list);

/*
 * Returns whether the origin is in the list.  Entries: "loopback" (http and
 * https from a loopback host, with any port), an origin as a browser writes
 * it, "null", and "*".
 */
extern bool ddb_auth_origin_in_list(const char *origin, const char *list);

#endif							/* DDB_AUTH_BROWSER_H */
