/*
 * http_request.c
 *	  From an HTTP request to an operation, in the order in which the service
 *	  judges a request.
 */
#include "postgres.h"

#include <zlib.h>

#include "bgworker/http_request.h"
#include "bgworker/http_response.h"
#include "core/error.h"

static bool answer_other_methods(HttpRequest *request);
static void collect_headers(HttpRequest *request);
static bool has_known_content_type(const HttpRequest *request);
static void decompress(HttpRequest *request);
static const DdbOperation *find_operation(const HttpRequest *request);

void
http_request_read(HttpRequest *request)
{
	const DdbOperation *operation;
	DdbJson    *json = NULL;

	collect_headers(request);
	request->content_type = request->headers.content_type != NULL &&
		pg_strncasecmp(request->headers.content_type,
					   "application/x-amz-json-1.0", 26) == 0 ?
		"application/x-amz-json-1.0" : "application/json";

	if (answer_other_methods(request))
		return;
	if (request->body_len > 0 && !has_known_content_type(request))
	{
		http_response_not_found(request);
		return;
	}

	request->text = request->body;
	request->text_len = request->body_len;
	if (request->headers.content_encoding != NULL &&
		pg_strcasecmp(request->headers.content_encoding, "gzip") == 0 &&
		request->body_len > 0)
	{
		decompress(request);
		if (request->phase == HTTP_ANSWERED)
			return;
	}
	if (request->text_len > 0)
	{
		json = ddb_json_parse(request->text, request->text_len);
		if (json == NULL)
			ddb_error_bare(DDB_ERROR_SERIALIZATION);
	}

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

static const char *
header(HttpRequest *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

static const char *
parameter(HttpRequest *request, const char *name)
{
	return MHD_lookup_connection_value(request->connection,
									   MHD_GET_ARGUMENT_KIND, name);
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

/* Parameters after a semicolon and blanks around do not count. */
static bool
has_known_content_type(const HttpRequest *request)
{
	static const char *const known[] = {
		"application/x-amz-json-1.0", "application/json"
	};
	const char *type = request->headers.content_type;
	size_t		length;
	int			i;

	if (type == NULL)
		return false;
	while (*type == ' ' || *type == '\t')
		type++;
	length = strcspn(type, ";");
	while (length > 0 && (type[length - 1] == ' ' || type[length - 1] == '\t'))
		length--;
	for (i = 0; i < lengthof(known); i++)
	{
		if (strlen(known[i]) == length &&
			pg_strncasecmp(known[i], type, length) == 0)
			return true;
	}
	return false;
}

/*
 * Replace the body by what it was compressed from.  One that would be larger
 * than a body may be is answered like one.
 */
static void
decompress(HttpRequest *request)
{
	z_stream	stream = {
		.next_in = (Bytef *) request->body, .avail_in = request->body_len
	};
	size_t		size = Min(Max(request->body_len * 4, 4096), HTTP_MAX_BODY + 1);
	char	   *output = palloc(size + 1);
	int			result;

	if (inflateInit2(&stream, 15 + 16) != Z_OK)
		elog(ERROR, "could not initialize zlib");
	for (;;)
	{
		stream.next_out = (Bytef *) output + stream.total_out;
		stream.avail_out = size - stream.total_out;
		result = inflate(&stream, Z_NO_FLUSH);
		if (result != Z_OK || stream.avail_out > 0 || size > HTTP_MAX_BODY)
			break;
		size = Min(size * 2, HTTP_MAX_BODY + 1);
		output = repalloc(output, size + 1);
	}
	inflateEnd(&stream);

	if (stream.total_out > HTTP_MAX_BODY)
	{
		http_response_too_large(request);
		return;
	}
	if (result != Z_STREAM_END)
		ddb_error_bare(DDB_ERROR_SERIALIZATION);
	output[stream.total_out] = '\0';
	request->text = output;
	request->text_len = stream.total_out;
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
