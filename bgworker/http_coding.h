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
 * The coding that an answer may have: the first of those that Accept-Encoding
 * (NULL: there is none) names with the highest weight.
 */
extern HttpCoding http_coding_accepted(const char *accept_encoding);

/*
 * The coding of a request, from Content-Encoding (NULL: there is none); false
 * if it is one that we do not know.
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
 * Decompress len bytes into *output, NUL-terminated and in the current context;
 * gzip may have several members.  What would be more than limit bytes is too
 * large, and not decompressed further.
 */
extern HttpInflation http_coding_inflate(HttpCoding coding, const char *input,
										 size_t len, size_t limit,
										 char **output, size_t *output_len);

#endif							/* DDB_BGWORKER_HTTP_CODING_H */
