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
	HTTP_NOT_FOUND,				/* nothing that is here */
	HTTP_OPERATION,
	HTTP_HEALTH,
	HTTP_PREFLIGHT				/* may a web page send a request? */
} HttpAction;

/* A row of the table. */
typedef struct HttpRoute
{
	const char *method;
	const char *path;			/* NULL: any */
	const char *target;			/* the beginning of X-Amz-Target; NULL: any */
	HttpAction	action;
	const char *api;			/* whose operations the target names */
} HttpRoute;

/*
 * The route of a request; the URL comes without parameters, target is NULL
 * where the header is missing.  Every request has one.
 */
extern const HttpRoute *http_route_find(const char *method, const char *url,
										const char *target);

/*
 * The operation that the target of such a request names, or the error that
 * there is none.
 */
extern const DdbOperation *http_route_operation(const HttpRoute *route,
												const char *target);

#endif							/* DDB_BGWORKER_HTTP_ROUTE_H */
