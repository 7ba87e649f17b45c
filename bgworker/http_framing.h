/*
 * http_framing.h
 *	  Where a request ends, according to its headers.
 */
#ifndef DDB_BGWORKER_HTTP_FRAMING_H
#define DDB_BGWORKER_HTTP_FRAMING_H

#include "postgres.h"
#include <microhttpd.h>

/* Maximum size of request line and headers, as in the service. */
#define HTTP_MAX_HEADERS ((size_t) 16384)

/* What the headers say about the body. */
typedef struct HttpFraming
{
	size_t		length;			/* Content-Length; 0: none, or chunks */
	bool		bad;			/* it is uncertain where the body ends */
	bool		too_large;		/* the header block is */
} HttpFraming;

/* May be called in libmicrohttpd's callbacks; raises no error. */
extern HttpFraming http_framing(struct MHD_Connection *connection,
								const char *version);

#endif							/* DDB_BGWORKER_HTTP_FRAMING_H */
