/*
 * http_route.h
 *	  What a request asks for: method, path, target -> action.
 */
#ifndef DDB_BGWORKER_HTTP_ROUTE_H
#define DDB_BGWORKER_HTTP_ROUTE_H

#include "postgres.h"
#include "model/model.h"

typedef enum HttpAction
{
	HTTP_NOT_FOUND,				/* no such path or method */
	HTTP_OPERATION,
	HTTP_HEALTH,
	HTTP_PREFLIGHT				/* a browser asks before it sends a request */
} HttpAction;

/* A row of the table. */
typedef struct HttpRoute
{
	const char *method;
	const char *path;			/* NULL: any */
	const char *target;			/* prefix of X-Amz-Target; NULL: any */
	HttpAction	action;
	const char *api;			/* whose operations the target names */
} HttpRoute;

/*
 * Returns the route of a request, which is never NULL.  The URL has no parameters.
 * target is NULL if the header is missing.
 */
extern const HttpRoute *http_route_find(const char *method, const char *url,
										const char *target);

/*
 * Returns the operation that the target of a request names.  Raises
 * UnknownOperationException if there is none.
 */
extern const DdbOperation *http_route_operation(const HttpRoute *route,
												const char *target);

#endif							/* DDB_BGWORKER_HTTP_ROUTE_H */
