/*
 * http_framing.c
 *	  Where a request ends, checked more strictly than by libmicrohttpd.
 *
 * libmicrohttpd takes the first Content-Length, ignores all of them beside a
 * Transfer-Encoding, and reads a body of an unknown coding until the
 * connection ends.  A proxy may interpret the same bytes differently, and then a
 * client can hide a request in the body of another (request smuggling).  So a
 * request that can be interpreted in two ways is refused, and its connection is
 * closed.
 */
#include "postgres.h"

#include "bgworker/http_framing.h"

typedef struct FramingHeaders
{
	int			lengths;		/* Content-Length headers */
	int			codings;		/* Transfer-Encoding headers */
	const char *length;
	const char *coding;
	bool		bad_name;
} FramingHeaders;

static enum MHD_Result look_at_header(void *arg, enum MHD_ValueKind kind,
									  const char *name, const char *value);
static bool parse_length(const char *text, size_t *length);
static bool is_chunked(const char *coding);
static size_t header_size(struct MHD_Connection *connection);

HttpFraming
http_framing(struct MHD_Connection *connection, const char *version)
{
	FramingHeaders headers = {0};
	HttpFraming framing = {0};

	(void) MHD_get_connection_values(connection, MHD_HEADER_KIND,
									 look_at_header, &headers);
	framing.too_large = header_size(connection) > HTTP_MAX_HEADERS;
	framing.bad = headers.bad_name || headers.codings + headers.lengths > 1;
	if (headers.codings > 0)
		framing.bad |= !is_chunked(headers.coding) ||
			strcmp(version, MHD_HTTP_VERSION_1_1) != 0;
	else if (headers.lengths > 0)
		framing.bad |= !parse_length(headers.length, &framing.length);
	return framing;
}

static enum MHD_Result
look_at_header(void *arg, enum MHD_ValueKind kind, const char *name,
			   const char *value)
{
	FramingHeaders *headers = arg;

	/* Some take "Content-Length :" for a length, others for an unknown header. */
	if (name[strcspn(name, " \t\r\n\v\f")] != '\0')
		headers->bad_name = true;
	if (pg_strcasecmp(name, MHD_HTTP_HEADER_CONTENT_LENGTH) == 0)
	{
		headers->lengths++;
		headers->length = value;
	}
	else if (pg_strcasecmp(name, MHD_HTTP_HEADER_TRANSFER_ENCODING) == 0)
	{
		headers->codings++;
		headers->coding = value;
	}
	return MHD_YES;
}

/* Returns whether the value is digits only, apart from blanks at the end. */
static bool
parse_length(const char *text, size_t *length)
{
	size_t		digits = text != NULL ? strspn(text, "0123456789") : 0;

	if (digits == 0 || text[digits + strspn(text + digits, " \t")] != '\0')
		return false;
	errno = 0;
	*length = strtoull(text, NULL, 10);
	return errno == 0;
}

static bool
is_chunked(const char *coding)
{
	const size_t length = strlen("chunked");

	return coding != NULL && pg_strncasecmp(coding, "chunked", length) == 0 &&
		coding[length + strspn(coding + length, " \t")] == '\0';
}

static size_t
header_size(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	return info != NULL ? info->header_size : 0;
}
