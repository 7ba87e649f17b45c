/*
 * http_request.c
 *	  From an HTTP request to an operation, in the order in which the service
 *	  judges a request.
 */
#include "postgres.h"

#include "auth/browser.h"
#include "bgworker/http_coding.h"
#include "bgworker/http_memory.h"
#include "bgworker/http_request.h"
#include "bgworker/http_response.h"
#include "bgworker/http_route.h"
#include "bgworker/http_server.h"
#include "core/error.h"
#include "core/inject.h"
#include "utils/memutils.h"

/* Who measures a request while it is read. */
typedef struct Meter
{
	HttpServer *server;
	HttpRequest *request;
} Meter;

static bool refuse_browser(HttpRequest *request);
static bool answer_without_body(HttpRequest *request, const HttpRoute *route);
static void collect_headers(HttpRequest *request);
static const char *trimmed(const char *value, size_t len);
static const char *media_type(const char *header);
static DdbJson *read_json(HttpServer *server, HttpRequest *request);
static DdbJson *parse(HttpServer *server, HttpRequest *request);
static void grown(void *arg);
static void decompress(HttpRequest *request);

void
http_request_read(HttpServer *server, HttpRequest *request)
{
	static const char json_1_0[] = "application/x-amz-json-1.0";
	static const char json_plain[] = "application/json";
	const DdbOperation *operation;
	const HttpRoute *route;
	const char *type;
	DdbJson    *json;

	collect_headers(request);
	route = http_route_find(request->method, request->url, request->headers.target);
	type = media_type(request->headers.content_type);
	request->content_type =
		pg_strcasecmp(type, json_1_0) == 0 ? json_1_0 : json_plain;

	if (refuse_browser(request) || answer_without_body(request, route))
		return;
	if (request->body_len > 0 && pg_strcasecmp(type, request->content_type) != 0)
	{
		http_response_not_found(request);
		return;
	}

	json = read_json(server, request);
	if (request->phase != HTTP_READING)
		return;

	operation = http_route_operation(route, request->headers.target);
	ddb_auth_check(&request->headers.auth);
	if (json == NULL)
		ddb_error_bare(DDB_ERROR_SERIALIZATION);

	request->call = ddb_call_make(request->context, operation, json,
								  DDB_CALLER_HTTP);
	ddb_call_prepare(request->call);
}

bool
http_request_is_encoded(const HttpRequest *request)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND,
									   "Content-Encoding") != NULL;
}

const char *
http_request_title(const HttpRequest *request)
{
	return request->call != NULL ? request->call->operation->name : request->method;
}

/* Before anything else is looked at: does a web page of a stranger ask? */
static bool
refuse_browser(HttpRequest *request)
{
	DdbBrowserRequest browser = {
		.method = request->method,
		.host = request->headers.host,
		.origin = request->headers.origin,
		.fetch_site = request->headers.fetch_site,
		.loopback = http_server_is_loopback(request->connection),
	};
	const char *setting = ddb_auth_refuse_browser(&browser);

	if (setting == NULL || ddb_fault("browsers_trusted"))
		return false;
	http_response_forbidden(request, setting);
	return true;
}

/* Everything but operations; a health check is answered by the caller. */
static bool
answer_without_body(HttpRequest *request, const HttpRoute *route)
{
	switch (route->action)
	{
		case HTTP_OPERATION:
			return false;
		case HTTP_HEALTH:
			break;
		case HTTP_PREFLIGHT:
			if (request->headers.origin != NULL)
				http_response_preflight(request);
			else
				http_response_not_found(request);
			break;
		case HTTP_NOT_FOUND:
			http_response_not_found(request);
			break;
	}
	return true;
}

/* libmicrohttpd removes blanks in front of the value, but not those behind. */
static const char *
header(HttpRequest *request, const char *name)
{
	const char *value = MHD_lookup_connection_value(request->connection,
													MHD_HEADER_KIND, name);

	return value != NULL ? trimmed(value, strlen(value)) : NULL;
}

/* One without "=" is there and empty, though libmicrohttpd says NULL. */
static const char *
parameter(HttpRequest *request, const char *name)
{
	const char *value;

	if (MHD_lookup_connection_value_n(request->connection, MHD_GET_ARGUMENT_KIND,
									  name, strlen(name), &value, NULL) != MHD_YES)
		return NULL;
	return value != NULL ? value : "";
}

/* The first len bytes without blanks at the end: those or a copy. */
static const char *
trimmed(const char *value, size_t len)
{
	size_t		end = len;

	while (end > 0 && (value[end - 1] == ' ' || value[end - 1] == '\t'))
		end--;
	return value[end] == '\0' ? value : pnstrdup(value, end);
}

static void
collect_headers(HttpRequest *request)
{
	HttpHeaders *headers = &request->headers;

	headers->target = header(request, "X-Amz-Target");
	headers->content_type = header(request, "Content-Type");
	headers->content_encoding = header(request, "Content-Encoding");
	headers->accept_encoding = header(request, "Accept-Encoding");
	headers->origin = header(request, "Origin");
	headers->host = header(request, "Host");
	headers->fetch_site = header(request, "Sec-Fetch-Site");
	headers->request_headers = header(request, "Access-Control-Request-Headers");
	headers->request_method = header(request, "Access-Control-Request-Method");

	headers->auth.authorization = header(request, "Authorization");
	headers->auth.date = header(request, "X-Amz-Date");
	if (headers->auth.date == NULL)
		headers->auth.date = header(request, "Date");
	headers->auth.query_algorithm = parameter(request, "X-Amz-Algorithm");
	headers->auth.query_credential = parameter(request, "X-Amz-Credential");
	headers->auth.query_signature = parameter(request, "X-Amz-Signature");
	headers->auth.query_signed_headers = parameter(request, "X-Amz-SignedHeaders");
	headers->auth.query_date = parameter(request, "X-Amz-Date");
}

/* Parameters after a semicolon do not count. */
static const char *
media_type(const char *header)
{
	return header != NULL ? trimmed(header, strcspn(header, ";")) : "";
}

/*
 * The body as a tree, NULL when it is empty; or answers the request.  All that
 * it takes is in a context of its own, so that it can be given back and the
 * request be read again.
 */
static DdbJson *
read_json(HttpServer *server, HttpRequest *request)
{
	MemoryContext old;
	DdbJson    *json = NULL;

	request->text = request->body;
	request->text_len = request->body_len;
	old = MemoryContextSwitchTo(AllocSetContextCreate(request->context,
													  "HTTP request body",
													  ALLOCSET_DEFAULT_SIZES));
	decompress(request);
	if (request->phase == HTTP_READING && request->text_len > 0)
		json = parse(server, request);
	MemoryContextSwitchTo(old);
	return json;
}

static DdbJson *
parse(HttpServer *server, HttpRequest *request)
{
	Meter		meter = {.server = server,.request = request};
	DdbJsonMeter json_meter = {.grown = grown,.arg = &meter};
	DdbJson    *json;

	grown(&meter);
	json = ddb_json_parse_metered(request->text, request->text_len, &json_meter);
	if (json == NULL)
		ddb_error_bare(DDB_ERROR_SERIALIZATION);
	return json;
}

static void
grown(void *arg)
{
	Meter	   *meter = arg;

	http_memory_grown(meter->server, meter->request);
}

/*
 * Replace the body by what it was compressed from.  One that would be larger
 * than a body may be is answered like one.  What cannot be decompressed is an
 * internal error, as the service has it, but none that the log should tell of.
 */
static void
decompress(HttpRequest *request)
{
	static const DdbFailure undecodable = {
		.type = DDB_ERROR_INTERNAL,.message = "Internal server error"
	};
	HttpInflation result = HTTP_INFLATION_BROKEN;
	HttpCoding	coding;

	if (http_coding_of_request(request->headers.content_encoding, &coding))
	{
		if (coding == HTTP_CODING_NONE)
			return;
		result = http_coding_inflate(coding, request->body, request->body_len,
									 HTTP_MAX_BODY, &request->text,
									 &request->text_len);
	}
	if (result == HTTP_INFLATION_TOO_LARGE)
		http_response_too_large(request);
	else if (result == HTTP_INFLATION_BROKEN)
		http_response_failure(request, &undecodable);
}
