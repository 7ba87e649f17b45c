/*
 * http_coding.c
 *	  Content codings: how a body is compressed.
 */
#include "postgres.h"

#include <zlib.h>

#include "bgworker/http_coding.h"
#include "core/pause.h"
#include "utils/memutils.h"

/* First size of an inflated body. */
#define FIRST_SIZE ((size_t) 4096)

/*
 * A buffer larger than COPIED_SIZE grows to MAPPED_SIZE at least.  That is a
 * mapping of its own (see return_memory() in worker.c), which the system enlarges
 * without copying it.  To copy several megabytes would keep other clients waiting.
 */
#define COPIED_SIZE ((size_t) 1024 * 1024)
#define MAPPED_SIZE ((size_t) 5 * 1024 * 1024)

/* Most bytes that are inflated in one go. */
#define PIECE ((size_t) DDB_PAUSE_BYTES)

/* An element of Accept-Encoding. */
typedef struct Accepted
{
	const char *name;			/* not terminated */
	size_t		length;
	double		weight;			/* 0 to 1 */
} Accepted;

static bool next_accepted(const char **list, Accepted *accepted);
static HttpCoding coding_of(const Accepted *accepted, double gzip_weight);
static double weight_of_gzip(const char *list);
static bool is_named(const Accepted *accepted, const char *name);
static HttpInflation inflate_all(z_stream *stream, HttpCoding coding,
								 size_t limit, char **output,
								 size_t *output_len);

const char *
http_coding_name(HttpCoding coding)
{
	switch (coding)
	{
		case HTTP_CODING_NONE:
			return NULL;
		case HTTP_CODING_GZIP:
			return "gzip";
		case HTTP_CODING_DEFLATE:
			return "deflate";
	}
	return NULL;
}

int
http_coding_window(HttpCoding coding)
{
	return coding == HTTP_CODING_GZIP ? MAX_WBITS + 16 : MAX_WBITS;
}

HttpCoding
http_coding_accepted(const char *accept_encoding)
{
	double		gzip_weight = weight_of_gzip(accept_encoding);
	HttpCoding	best = HTTP_CODING_NONE;
	double		best_weight = 0;
	Accepted	accepted;

	while (next_accepted(&accept_encoding, &accepted))
	{
		HttpCoding	coding = coding_of(&accepted, gzip_weight);

		if (coding != HTTP_CODING_NONE && accepted.weight > best_weight)
		{
			best = coding;
			best_weight = accepted.weight;
		}
	}
	return best;
}

/* "*" stands for gzip, unless gzip has a smaller weight of its own. */
static HttpCoding
coding_of(const Accepted *accepted, double gzip_weight)
{
	if (is_named(accepted, "gzip"))
		return HTTP_CODING_GZIP;
	if (is_named(accepted, "deflate"))
		return HTTP_CODING_DEFLATE;
	if (is_named(accepted, "*"))
		return gzip_weight >= 0 && gzip_weight < accepted->weight ?
			HTTP_CODING_DEFLATE : HTTP_CODING_GZIP;
	return HTTP_CODING_NONE;
}

/* -1: it is not named. */
static double
weight_of_gzip(const char *list)
{
	Accepted	accepted;

	while (next_accepted(&list, &accepted))
	{
		if (is_named(&accepted, "gzip"))
			return accepted.weight;
	}
	return -1;
}

static bool
next_accepted(const char **list, Accepted *accepted)
{
	const char *next = *list;

	if (next == NULL)
		return false;
	next += strspn(next, ", \t");
	accepted->name = next;
	accepted->length = strcspn(next, ",; \t");
	accepted->weight = 1;
	next += accepted->length;
	next += strspn(next, "; \t");
	if (pg_strncasecmp(next, "q=", 2) == 0)
		accepted->weight = Min(strtod(next + 2, NULL), 1);
	*list = next + strcspn(next, ",");
	return accepted->length > 0;
}

static bool
is_named(const Accepted *accepted, const char *name)
{
	return accepted->length == strlen(name) &&
		pg_strncasecmp(accepted->name, name, accepted->length) == 0;
}

bool
http_coding_of_request(const char *content_encoding, HttpCoding *coding)
{
	*coding = HTTP_CODING_NONE;
	if (content_encoding == NULL || content_encoding[0] == '\0' ||
		pg_strcasecmp(content_encoding, "identity") == 0)
		return true;
	if (pg_strcasecmp(content_encoding, "gzip") == 0)
		*coding = HTTP_CODING_GZIP;
	else if (pg_strcasecmp(content_encoding, "deflate") == 0)
		*coding = HTTP_CODING_DEFLATE;
	return *coding != HTTP_CODING_NONE;
}

HttpInflation
http_coding_inflate(HttpCoding coding, const char *input, size_t len,
					size_t limit, char **output, size_t *output_len)
{
	z_stream	stream = {
		.next_in = (Bytef *) unconstify(char *, input),.avail_in = len
	};
	volatile HttpInflation result = HTTP_INFLATION_BROKEN;

	if (inflateInit2(&stream, http_coding_window(coding)) != Z_OK)
		elog(ERROR, "could not initialize zlib");
	PG_TRY();
	{
		result = inflate_all(&stream, coding, limit, output, output_len);
	}
	PG_FINALLY();
	{
		(void) inflateEnd(&stream);
	}
	PG_END_TRY();
	return result;
}

static HttpInflation
inflate_all(z_stream *stream, HttpCoding coding, size_t limit, char **output,
			size_t *output_len)
{
	size_t		size = Min(FIRST_SIZE, limit + 1);
	size_t		length = 0;
	int			result = Z_OK;

	*output = palloc(size + 1);
	while (result == Z_OK && length <= limit)
	{
		DDB_PAUSE_POINT();
		if (length == size)
		{
			size = Min(size < COPIED_SIZE ? size * 2 : Max(size * 2, MAPPED_SIZE),
					   limit + 1);
			*output = repalloc(*output, size + 1);
		}
		stream->next_out = (Bytef *) *output + length;
		stream->avail_out = Min(size - length, PIECE);
		result = inflate(stream, Z_NO_FLUSH);
		length = stream->next_out - (Bytef *) *output;
		if (result == Z_STREAM_END && coding == HTTP_CODING_GZIP &&
			stream->avail_in > 0)
			result = inflateReset(stream);
	}
	(*output)[length] = '\0';
	*output_len = length;
	if (length > limit)
		return HTTP_INFLATION_TOO_LARGE;
	return result == Z_STREAM_END && stream->avail_in == 0 ?
		HTTP_INFLATED : HTTP_INFLATION_BROKEN;
}
