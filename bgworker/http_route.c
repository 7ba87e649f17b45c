/*
 * http_route.c
 *	  The table of what the server answers.
 *
 * As in the service, a POST to any path is an operation.  Endpoints with a path
 * are common.  An operation belongs to one API: GetItem with the target prefix of
 * DynamoDBStreams is unknown.
 */
#include "postgres.h"

#include "bgworker/http_route.h"
#include "core/error.h"

/* The part of a target before the operation. */
#define TARGET(api) api "_20120810."

/* The first row that matches is used.  The last row matches every request. */
static const HttpRoute routes[] = {
	{"POST", NULL, TARGET(DDB_API_DYNAMODB), HTTP_OPERATION, DDB_API_DYNAMODB},
	{"POST", NULL, TARGET(DDB_API_STREAMS), HTTP_OPERATION, DDB_API_STREAMS},
	/* An unknown operation.  The error is raised after the body is checked. */
	{"POST", NULL, NULL, HTTP_OPERATION, NULL},
	{"GET", "/", NULL, HTTP_HEALTH, NULL},
	{"OPTIONS", NULL, NULL, HTTP_PREFLIGHT, NULL},
	{NULL, NULL, NULL, HTTP_NOT_FOUND, NULL},
};

static bool fits(const HttpRoute *route, const char *method, const char *path,
				 const char *target);
static const char *path_of_url(const char *url);

const HttpRoute *
http_route_find(const char *method, const char *url, const char *target)
{
	const char *path = path_of_url(url);
	const HttpRoute *route = routes;

	while (!fits(route, method, path, target))
		route++;
	return route;
}

static bool
fits(const HttpRoute *route, const char *method, const char *path,
	 const char *target)
{
	if (route->method != NULL && strcmp(route->method, method) != 0)
		return false;
	if (route->path != NULL && strcmp(route->path, path) != 0)
		return false;
	return route->target == NULL ||
		(target != NULL &&
		 strncmp(route->target, target, strlen(route->target)) == 0);
}

/* Servers must also understand a whole URL, which clients send to proxies. */
static const char *
path_of_url(const char *url)
{
	static const char scheme[] = "http://";
	const char *path;

	if (pg_strncasecmp(url, scheme, sizeof(scheme) - 1) != 0)
		return url;
	path = strchr(url + sizeof(scheme) - 1, '/');
	return path != NULL ? path : "/";
}

/*
 * Clients show the message, so there is one for an operation that the service has
 * and dynamo does not.  For other targets the service has no message either.
 */
const DdbOperation *
http_route_operation(const HttpRoute *route, const char *target)
{
	const DdbOperation *operation;
	const char *name;

	if (route->api == NULL)
		ddb_error_bare(DDB_ERROR_UNKNOWN_OPERATION);
	name = target + strlen(route->target);
	operation = ddb_operation_find(name);
	if (operation != NULL && strcmp(operation->api, route->api) == 0)
		return operation;
	if (ddb_operation_is_unserved(route->api, name))
		ddb_error(DDB_ERROR_UNKNOWN_OPERATION, DDB_OPERATION_UNSERVED, name);
	ddb_error_bare(DDB_ERROR_UNKNOWN_OPERATION);
}
