/*
 * http_response.c
 *	  Answers: their bodies, headers and compression.
 */
#include "postgres.h"

#include <libdeflate.h>
#include <zlib.h>

#include "bgworker/http_response.h"
#include "common/pg_prng.h"
#include "core/guc.h"
#include "value/json.h"

/* Smaller responses are not compressed. */
#define COMPRESS_FROM 4096

/* What is compressed in one go. */
#define COMPRESS_PIECE ((size_t) 65536)

/* Favours speed: the server shares its processors with the database. */
#define COMPRESS_LEVEL 1

/* Characters of a request id that come from one random number. */
#define ID_PER_RANDOM 12

/* Seconds for which a browser may keep what a preflight said. */
#define PREFLIGHT_MAX_AGE "172800"

typedef struct HttpCompression
{
	z_stream	stream;
	char	   *output;
	size_t		output_size;
} HttpCompression;

static DdbJson *parse_extras(const char *extras);
static void complete(HttpRequest *request, int status, const char *body,
					 size_t len);
static void start_compression(HttpRequest *request);
static void *zlib_alloc(void *context, unsigned int items, unsigned int size);
static void zlib_free(void *context, void *address);
static void add_cors_headers(const HttpRequest *request,
							 struct MHD_Response *response);

void
http_response_success(HttpRequest *request)
{
	complete(request, MHD_HTTP_OK, request->call->writer.buf.data,
			 request->call->writer.buf.len);
}

void
http_response_failure(HttpRequest *request, const DdbFailure *failure)
{
	DdbJsonWriter writer;
	MemoryContext old = MemoryContextSwitchTo(request->context);
	DdbJson    *extras = parse_extras(failure->extras);

	ddb_json_writer_init(&writer, false);
	ddb_json_begin_object(&writer);
	ddb_json_name(&writer, "__type");
	ddb_json_string(&writer, psprintf("%s%s", ddb_error_prefix(failure->type),
									  ddb_error_name(failure->type)));
	ddb_json_foreach(extra, extras)
	{
		ddb_json_name_text(&writer, extra->name);
		ddb_json_tree(&writer, extra);
	}
	if (failure->message != NULL)
	{
		ddb_json_name(&writer, ddb_error_member(failure->type));
		ddb_json_string(&writer, failure->message);
	}
	ddb_json_end_object(&writer);
	complete(request, ddb_error_status(failure->type), writer.buf.data,
			 writer.buf.len);
	MemoryContextSwitchTo(old);
}

/*
 * Extras are JSON in stored form, which the parser, for whom U+0001 is no
 * escape of ours, would encode once more.  A detail that is no JSON, from a
 * trigger perhaps, is not shown.
 */
static DdbJson *
parse_extras(const char *extras)
{
	DdbJsonWriter decoded;

	if (extras == NULL)
		return NULL;
	ddb_json_writer_init(&decoded, false);
	ddb_json_raw(&decoded, extras);
	return ddb_json_parse(decoded.buf.data, decoded.buf.len);
}

void
http_response_health(HttpRequest *request)
{
	char	   *text;

	/* The blank at the end is the service's. */
	text = MemoryContextStrdup(request->context,
							   psprintf("healthy: dynamodb.%s.amazonaws.com ",
										ddb_setting_region));
	request->content_type = NULL;
	complete(request, MHD_HTTP_OK, text, strlen(text));
}

void
http_response_preflight(HttpRequest *request)
{
	request->content_type = NULL;
	complete(request, MHD_HTTP_OK, "", 0);
}

void
http_response_not_found(HttpRequest *request)
{
	static const char body[] = "<UnknownOperationException/>\n";

	complete(request, MHD_HTTP_NOT_FOUND, body, sizeof(body) - 1);
}

void
http_response_too_large(HttpRequest *request)
{
	request->content_type = NULL;
	request->close = true;
	complete(request, MHD_HTTP_CONTENT_TOO_LARGE, "", 0);
}

/*
 * Without CORS headers, so that the page cannot read it.  The developer who
 * wonders sees it in the browser's tools.
 */
void
http_response_forbidden(HttpRequest *request, const char *setting)
{
	char	   *text;

	text = MemoryContextStrdup(request->context,
							   psprintf("Forbidden: a web page that is not allowed by %s sent this request, "
										"or one whose host name is not.\n", setting));
	request->headers.origin = NULL;
	request->content_type = "text/plain";
	complete(request, MHD_HTTP_FORBIDDEN, text, strlen(text));
}

static void
complete(HttpRequest *request, int status, const char *body, size_t len)
{
	request->status = status;
	request->response = body;
	request->response_len = len;
	request->coding = HTTP_CODING_NONE;
	if (len >= COMPRESS_FROM)
		request->coding = http_coding_accepted(request->headers.accept_encoding);
	if (request->coding != HTTP_CODING_NONE)
		start_compression(request);
	else
		http_phase_enter(request, HTTP_COMPLETE);
}

static void
start_compression(HttpRequest *request)
{
	HttpCompression *compression;

	compression = MemoryContextAllocZero(request->context, sizeof(HttpCompression));
	compression->stream.zalloc = zlib_alloc;
	compression->stream.zfree = zlib_free;
	compression->stream.opaque = request->context;
	if (deflateInit2(&compression->stream, COMPRESS_LEVEL, Z_DEFLATED,
					 http_coding_window(request->coding), 8,
					 Z_DEFAULT_STRATEGY) != Z_OK)
		elog(ERROR, "could not initialize zlib");
	compression->output_size = deflateBound(&compression->stream,
											request->response_len);
	compression->output =
		MemoryContextAllocHuge(request->context, compression->output_size);
	compression->stream.next_in = (Bytef *) unconstify(char *, request->response);
	compression->stream.next_out = (Bytef *) compression->output;
	compression->stream.avail_out = compression->output_size;
	request->compression = compression;
	http_phase_enter(request, HTTP_COMPRESSING);
}

bool
http_response_compress(HttpRequest *request)
{
	z_stream   *stream = &request->compression->stream;
	size_t		left = request->response_len - stream->total_in;
	int			result;

	stream->avail_in = Min(left, COMPRESS_PIECE);
	result = deflate(stream, left <= COMPRESS_PIECE ? Z_FINISH : Z_NO_FLUSH);
	if (result == Z_STREAM_END)
	{
		request->response = request->compression->output;
		request->response_len = stream->total_out;
		http_response_abandon(request);
		http_phase_enter(request, HTTP_COMPLETE);
		return true;
	}
	if (result != Z_OK)
		elog(ERROR, "could not compress a response: zlib error %d", result);
	return false;
}

void
http_response_abandon(HttpRequest *request)
{
	if (request->compression != NULL)
		(void) deflateEnd(&request->compression->stream);
	request->compression = NULL;
}

static void *
zlib_alloc(void *context, unsigned int items, unsigned int size)
{
	return MemoryContextAllocExtended(context, (Size) items * size,
									  MCXT_ALLOC_NO_OOM);
}

static void
zlib_free(void *context, void *address)
{
	pfree(address);
}

enum MHD_Result
http_response_queue(HttpRequest *request)
{
	struct MHD_Response *response;
	enum MHD_Result result;
	char		crc[16];

	response = MHD_create_response_from_buffer(request->response_len,
											   unconstify(char *, request->response),
											   MHD_RESPMEM_PERSISTENT);
	if (response == NULL)
		return MHD_NO;
	(void) MHD_set_response_options(response, MHD_RF_SEND_KEEP_ALIVE_HEADER,
									MHD_RO_END);
	snprintf(crc, sizeof(crc), "%u",
			 libdeflate_crc32(0, request->response, request->response_len));
	(void) MHD_add_response_header(response, "Server", "Server");
	(void) MHD_add_response_header(response, "x-amzn-RequestId", request->id);
	(void) MHD_add_response_header(response, "x-amz-crc32", crc);
	if (request->content_type != NULL)
		(void) MHD_add_response_header(response, "Content-Type",
									   request->content_type);
	if (request->coding != HTTP_CODING_NONE)
		(void) MHD_add_response_header(response, "Content-Encoding",
									   http_coding_name(request->coding));
	if (request->headers.origin != NULL)
		add_cors_headers(request, response);
	if (request->close)
		(void) MHD_add_response_header(response, "Connection", "close");
	result = MHD_queue_response(request->connection, request->status, response);
	MHD_destroy_response(response);
	return result;
}

static void
add_cors_headers(const HttpRequest *request, struct MHD_Response *response)
{
	const HttpHeaders *headers = &request->headers;

	(void) MHD_add_response_header(response, "Access-Control-Allow-Origin", "*");
	if (strcmp(request->method, "OPTIONS") != 0)
		return;
	(void) MHD_add_response_header(response, "Access-Control-Max-Age",
								   PREFLIGHT_MAX_AGE);
	if (headers->request_headers != NULL)
		(void) MHD_add_response_header(response, "Access-Control-Allow-Headers",
									   headers->request_headers);
	if (headers->request_method != NULL)
		(void) MHD_add_response_header(response, "Access-Control-Allow-Methods",
									   headers->request_method);
}

void
http_request_id(char *id)
{
	static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	static const char tail[] = "VV4KQNSO5AEMVJF66Q9ASUAAJG";
	const size_t length = HTTP_ID_LENGTH + 1 - sizeof(tail);
	uint64		random = 0;
	size_t		i;

	for (i = 0; i < length; i++)
	{
		if (i % ID_PER_RANDOM == 0)
			random = pg_prng_uint64(&pg_global_prng_state);
		id[i] = alphabet[random % 36];
		random /= 36;
	}
	memcpy(id + length, tail, sizeof(tail));
}
