/*
 * test_route.c
 *	  The operation of a request, from its method, path and target.
 */
#include "unit.h"

#include "bgworker/http_route.h"

typedef struct RouteRow
{
	const char *method;
	const char *url;
	const char *target;
	HttpAction	action;
	const char *api;
} RouteRow;

static const RouteRow route_rows[] = {
	{"POST", "/", "DynamoDB_20120810.GetItem", HTTP_OPERATION, "DynamoDB"},
	{"POST", "/any/path", "DynamoDB_20120810.", HTTP_OPERATION, "DynamoDB"},
	{"POST", "/", "DynamoDBStreams_20120810.x", HTTP_OPERATION, "DynamoDBStreams"},
	{"POST", "/", "DynamoDB_20111205.GetItem", HTTP_OPERATION, NULL},
	{"POST", "/", "DynamoDB_20120810", HTTP_OPERATION, NULL},
	{"POST", "/", "", HTTP_OPERATION, NULL},
	{"POST", "/", NULL, HTTP_OPERATION, NULL},
	{"post", "/", "DynamoDB_20120810.GetItem", HTTP_NOT_FOUND, NULL},
	{"GET", "/", NULL, HTTP_HEALTH, NULL},
	{"GET", "/", "DynamoDB_20120810.GetItem", HTTP_HEALTH, NULL},
	{"GET", "http://localhost:8000/", NULL, HTTP_HEALTH, NULL},
	{"GET", "HTTP://localhost", NULL, HTTP_HEALTH, NULL},
	{"GET", "http://localhost/x", NULL, HTTP_NOT_FOUND, NULL},
	{"GET", "//", NULL, HTTP_NOT_FOUND, NULL},
	{"GET", "", NULL, HTTP_NOT_FOUND, NULL},
	{"GET", "/x", "DynamoDB_20120810.GetItem", HTTP_NOT_FOUND, NULL},
	{"HEAD", "/", NULL, HTTP_NOT_FOUND, NULL},
	{"OPTIONS", "*", NULL, HTTP_PREFLIGHT, NULL},
	{"OPTIONS", "/x", NULL, HTTP_PREFLIGHT, NULL},
	{"", "/", NULL, HTTP_NOT_FOUND, NULL},
};

/* message: NULL for an operation, "" for an error that says nothing */
typedef struct TargetRow
{
	const char *target;
	const char *message;
} TargetRow;

static const TargetRow target_rows[] = {
	{"DynamoDB_20120810.GetItem", NULL},
	{"DynamoDB_20120810.getItem", ""},
	{"DynamoDB_20120810.GetItem.", ""},
	{"DynamoDB_20120810.", ""},
	{"DynamoDBStreams_20120810.GetItem", ""},
	{"DynamoDB_20120810.SearchVectors",
	"SearchVectors is not served by this version of dynamo"},
	{"DynamoDBStreams_20120810.SearchVectors", ""},
	{"Kinesis_20131202.GetItem", ""},
	{NULL, ""},
};

static void test_routes(void);
static void test_targets(void);

int
main(void)
{
	test_routes();
	test_targets();
	return unit_done();
}

static void
test_routes(void)
{
	for (int i = 0; i < lengthof(route_rows); i++)
	{
		const RouteRow *row = &route_rows[i];
		const HttpRoute *route = http_route_find(row->method, row->url, row->target);

		unit_is_int(route->action, row->action, "%s %s %s: action", row->method,
					row->url, row->target != NULL ? row->target : "(none)");
		unit_is_string(route->api, row->api, "%s %s %s: API", row->method,
					   row->url, row->target != NULL ? row->target : "(none)");
	}
}

static void
test_targets(void)
{
	for (int i = 0; i < lengthof(target_rows); i++)
	{
		const TargetRow *row = &target_rows[i];
		const char *name = row->target != NULL ? row->target : "no target";
		const HttpRoute *route = http_route_find("POST", "/", row->target);
		DdbFailure	failure;

		UNIT_TRY();
		{
			unit_is_string(http_route_operation(route, row->target)->name,
						   row->message == NULL ? "GetItem" : "an error", "%s", name);
		}
		UNIT_CATCH(failure);
		{
			unit_is_int(failure.type, DDB_ERROR_UNKNOWN_OPERATION, "%s: error", name);
			unit_is_string(failure.message != NULL ? failure.message : "",
						   row->message, "%s: message", name);
		}
		UNIT_END_TRY();
	}
}
