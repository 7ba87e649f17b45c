/*
 * http_framing.h
 *	  Is it beyond doubt where a request ends?
 */
#ifndef DDB_BGWORKER_HTTP_FRAMING_H
#define DDB_BGWORKER_HTTP_FRAMING_H

#include "postgres.h"
#include <microhttpd.h>

/* Largest request line and header block together, as the service has it. */
#define HTTP_MAX_HEADERS ((size_t) 16384)

/* What the headers say about the body. */
typedef struct HttpFraming
{
	size_t		length;			/* Content-Length; 0: none, or chunks */
	bool		bad;			/* it cannot be trusted */
	bool		too_large;		/* the header block is */
} HttpFraming;

/* To be called in libmicrohttpd's callbacks; raises nothing. */
extern HttpFraming http_framing(struct MHD_Connection *connection,
								const char *version);

#endif							/* DDB_BGWORKER_HTTP_FRAMING_H */
