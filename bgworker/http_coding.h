/*
 * http_coding.h
 *	  Content codings: how a body is compressed.
 */
#ifndef DDB_BGWORKER_HTTP_CODING_H
#define DDB_BGWORKER_HTTP_CODING_H

#include "postgres.h"

typedef enum HttpCoding
{
	HTTP_CODING_NONE,
	HTTP_CODING_GZIP,
	HTTP_CODING_DEFLATE			/* in the zlib format, as the RFC has it */
} HttpCoding;

/* The coding's name in headers; NULL for NONE. */
extern const char *http_coding_name(HttpCoding coding);

/* For zlib: the window size that chooses the format. */
extern int	http_coding_window(HttpCoding coding);

/*
 * Returns the coding for an answer: of the codings that Accept-Encoding names with
 * the highest weight, the first.  accept_encoding may be NULL.
 */
extern HttpCoding http_coding_accepted(const char *accept_encoding);

/*
 * Gets the coding of a request from Content-Encoding, which may be NULL.  Returns
 * false if the coding is unknown.
 */
extern bool http_coding_of_request(const char *content_encoding,
								   HttpCoding *coding);

typedef enum HttpInflation
{
	HTTP_INFLATED,
	HTTP_INFLATION_BROKEN,		/* broken, cut off, or not compressed at all */
	HTTP_INFLATION_TOO_LARGE
} HttpInflation;

/*
 * Decompresses len bytes into *output, NUL-terminated, in the current context.
 * gzip may have several members.  Decompression ends when the output exceeds limit
 * bytes.
 */
extern HttpInflation http_coding_inflate(HttpCoding coding, const char *input,
										 size_t len, size_t limit,
										 char **output, size_t *output_len);

#endif							/* DDB_BGWORKER_HTTP_CODING_H */
