/*
 * http_request.c
 *	  From an HTTP request to an operation, in the order in which the service
 *	  judges a request.
 */
#include "postgres.h"

#include <zlib.h>

#include "bgworker/http_memory.h"
#include "bgworker/http_request.h"
#include "bgworker/http_response.h"
#include "core/error.h"
#include "utils/memutils.h"

/* Who measures a request while it is read. */
typedef struct Meter
{
	HttpServer *server;
	HttpRequest *request;
} Meter;

/* First size of an inflated body. */
#define INFLATED_SIZE ((size_t) 4096)

static bool answer_other_methods(HttpRequest *request);
static void collect_headers(HttpRequest *request);
static const char *trimmed(const char *value, size_t len);
static const char *media_type(const char *header);
static DdbJson *read_json(HttpServer *server, HttpRequest *request);
static bool decompress(HttpServer *server, HttpRequest *request);
static bool inflate_all(HttpServer *server, HttpRequest *request,
						z_stream *stream, bool members);
static void grown(void *arg);
static void refuse_coding(HttpRequest *request);
static const DdbOperation *find_operation(const HttpRequest *request);

void
http_request_read(HttpServer *server, HttpRequest *request)
{
	static const char json_1_0[] = "application/x-amz-json-1.0";
	static const char json_plain[] = "application/json";
	const DdbOperation *operation;
	const char *type;
	DdbJson    *json;

	collect_headers(request);
	type = media_type(request->headers.content_type);
	request->content_type =
		pg_strcasecmp(type, json_1_0) == 0 ? json_1_0 : json_plain;

	if (answer_other_methods(request))
		return;
	if (request->body_len > 0 && pg_strcasecmp(type, request->content_type) != 0)
	{
		http_response_not_found(request);
		return;
	}

	json = read_json(server, request);
	if (request->phase != HTTP_RUNNING)
		return;

	operation = find_operation(request);
	if (operation == NULL)
		ddb_error_bare(DDB_ERROR_UNKNOWN_OPERATION);
	ddb_auth_check(&request->headers.auth);
	if (json == NULL)
		ddb_error_bare(DDB_ERROR_SERIALIZATION);

	request->call = ddb_call_make(request->context, operation, json, false);
	ddb_call_prepare(request->call);
}

bool
http_request_is_health_check(const HttpRequest *request)
{
	return strcmp(request->method, "GET") == 0;
}

const char *
http_request_title(const HttpRequest *request)
{
	return request->call != NULL ? request->call->operation->name : request->method;
}

/* Everything but POST; a GET is answered by the caller. */
static bool
answer_other_methods(HttpRequest *request)
{
	if (strcmp(request->method, "POST") == 0)
		return false;
	if (http_request_is_health_check(request))
		return true;
	if (strcmp(request->method, "OPTIONS") == 0 && request->headers.origin != NULL)
		http_response_preflight(request);
	else
		http_response_not_found(request);
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
	Meter		meter = {.server = server,.request = request};
	DdbJsonMeter json_meter = {.grown = grown,.arg = &meter};
	MemoryContext old;
	DdbJson    *json = NULL;

	request->text = request->body;
	request->text_len = request->body_len;
	old = MemoryContextSwitchTo(AllocSetContextCreate(request->context,
													  "HTTP request body",
													  ALLOCSET_DEFAULT_SIZES));
	if (!http_request_is_encoded(request) || decompress(server, request))
	{
		if (request->text_len > 0)
		{
			json = ddb_json_parse_metered(request->text, request->text_len,
										  &json_meter);
			if (json == NULL)
				ddb_error_bare(DDB_ERROR_SERIALIZATION);
		}
	}
	MemoryContextSwitchTo(old);
	return json;
}

static void
grown(void *arg)
{
	Meter	   *meter = arg;

	http_memory_grown(meter->server, meter->request);
}

bool
http_request_is_encoded(const HttpRequest *request)
{
	const char *coding = MHD_lookup_connection_value(request->connection,
													 MHD_HEADER_KIND,
													 "Content-Encoding");

	return coding != NULL && coding[0] != '\0' &&
		pg_strcasecmp(coding, "identity") != 0;
}

/*
 * Replace the body by what it was compressed from.  Otherwise the request has
 * been answered: with the service's internal error when that is not possible,
 * and like one whose body is too large when it would be.
 */
static bool
decompress(HttpServer *server, HttpRequest *request)
{
	z_stream	stream = {
		.next_in = (Bytef *) request->body,.avail_in = request->body_len
	};
	bool		is_gzip = pg_strcasecmp(request->headers.content_encoding, "gzip") == 0;
	bool		complete = false;

	if (!is_gzip && pg_strcasecmp(request->headers.content_encoding, "deflate") != 0)
	{
		refuse_coding(request);
		return false;
	}
	if (inflateInit2(&stream, is_gzip ? 15 + 16 : 15) != Z_OK)
		elog(ERROR, "could not initialize zlib");
	PG_TRY();
	{
		complete = inflate_all(server, request, &stream, is_gzip);
	}
	PG_FINALLY();
	{
		inflateEnd(&stream);
	}
	PG_END_TRY();

	if (request->text_len > HTTP_MAX_BODY)
		http_response_too_large(request);
	else if (!complete)
		refuse_coding(request);
	return complete && request->text_len <= HTTP_MAX_BODY;
}

/*
 * Returns whether all of it could be inflated.  It ends when there is more
 * than a body may have.  gzip may consist of several members.
 */
static bool
inflate_all(HttpServer *server, HttpRequest *request, z_stream *stream,
			bool members)
{
	Meter		meter = {.server = server,.request = request};
	size_t		size = INFLATED_SIZE;
	size_t		length = 0;
	char	   *output = palloc(size + 1);
	int			result = Z_OK;

	for (;;)
	{
		if (length == size)
		{
			if (size > HTTP_MAX_BODY)
				break;
			size = Min(size * 2, HTTP_MAX_BODY + 1);
			output = repalloc(output, size + 1);
			grown(&meter);
		}
		stream->next_out = (Bytef *) output + length;
		stream->avail_out = size - length;
		result = inflate(stream, Z_NO_FLUSH);
		length = size - stream->avail_out;
		if (result == Z_STREAM_END && members && stream->avail_in > 0)
			result = inflateReset(stream);
		if (result != Z_OK)
			break;
	}

	output[length] = '\0';
	request->text = output;
	request->text_len = length;
	return result == Z_STREAM_END && stream->avail_in == 0;
}

/* What the service says; it is no failure of ours, and not for the log. */
static void
refuse_coding(HttpRequest *request)
{
	const DdbFailure failure = {
		.type = DDB_ERROR_INTERNAL,.message = "Internal server error"
	};

	http_response_failure(request, &failure);
}

static const DdbOperation *
find_operation(const HttpRequest *request)
{
	static const char prefix[] = "DynamoDB_20120810.";
	const char *target = request->headers.target;

	if (target == NULL || strncmp(target, prefix, sizeof(prefix) - 1) != 0)
		return NULL;
	return ddb_operation_find(target + sizeof(prefix) - 1);
}
