/*
 * http_request.h
 *	  One HTTP request, from its headers to its answer.
 *
 * libmicrohttpd's callbacks fill the first part, in memory from malloc(): they
 * must not raise errors, which would unwind through libmicrohttpd's frames.
 * Everything else happens outside of them, in the request's memory context.
 */
#ifndef DDB_BGWORKER_HTTP_REQUEST_H
#define DDB_BGWORKER_HTTP_REQUEST_H

#include "postgres.h"
#include <microhttpd.h>

#include "access/xlogdefs.h"
#include "api/call.h"
#include "auth/auth.h"
#include "bgworker/http_coding.h"
#include "bgworker/http_phase.h"
#include "lib/ilist.h"

/* Largest body, before and after decompression. */
#define HTTP_MAX_BODY ((size_t) 16777216)

/* Characters of a request id. */
#define HTTP_ID_LENGTH 52

/*
 * Headers and parameters that we look at; strings are libmicrohttpd's or in
 * the request's context.
 */
typedef struct HttpHeaders
{
	const char *target;
	const char *content_type;
	const char *content_encoding;
	const char *accept_encoding;
	const char *origin;
	const char *host;
	const char *fetch_site;		/* Sec-Fetch-Site */
	const char *request_headers;	/* Access-Control-Request-Headers */
	const char *request_method;
	DdbAuthRequest auth;
} HttpHeaders;

struct HttpCompression;

typedef struct HttpRequest
{
	/* filled by callbacks */
	struct MHD_Connection *connection;
	HttpPhase	phase;			/* changed by http_phase_enter() only */
	dlist_head *queues;			/* of the server, for each phase */
	dlist_node	node;			/* in the queue of its phase */
	bool		queued;
	char		method[16];
	const char *url;			/* without parameters; libmicrohttpd's */
	char	   *body;			/* malloc'd, NUL-terminated when complete */
	size_t		body_len;
	size_t		body_size;
	size_t		announced;		/* in the headers; 0: it comes in chunks */
	size_t		reserved;		/* of the worker's memory for requests */
	size_t		wanted;			/* when it found no room */
	int64		wait_until;		/* for memory; 0: it does not wait */
	bool		starved;		/* the error under way is for want of memory */
	bool		expired;		/* it has waited too long */
	bool		sending;		/* counted among the server's */
	bool		too_large;
	size_t		dropped;		/* bytes of one that is too large */
	bool		abandoned;		/* its client has gone */
	bool		gone;			/* and so has its connection, while it was read */
	bool		suspended;

	/* from here on outside of callbacks */
	HttpHeaders headers;
	MemoryContext context;		/* NULL before READY is looked at */
	char	   *text;			/* the body, decompressed */
	size_t		text_len;
	char		id[HTTP_ID_LENGTH + 1];
	DdbCall    *call;			/* NULL: no operation */
	int			attempts;		/* that ended at a lock */
	int64		retry_at;		/* monotonic microseconds */
	int64		lock_deadline;	/* of all its steps; 0: has met no lock */
	XLogRecPtr	flush_target;	/* InvalidXLogRecPtr: nothing to wait for */

	/* the response */
	int			status;
	const char *content_type;	/* NULL: none */
	const char *response;		/* in context */
	size_t		response_len;
	HttpCoding	coding;			/* of the response, as it is sent */
	bool		close;			/* the connection, after it */
	struct HttpCompression *compression;	/* while it is under way */
} HttpRequest;

/* The memory that a request takes is watched while it is read. */
struct HttpServer;

/*
 * Read headers and body: fills request->call, or answers what needs no
 * operation, or raises the error of the wire protocol.  Needs no transaction.
 */
extern void http_request_read(struct HttpServer *server, HttpRequest *request);

/* Is its body compressed, or said to be? */
extern bool http_request_is_encoded(const HttpRequest *request);

/* The operation's name, for people. */
extern const char *http_request_title(const HttpRequest *request);

#endif							/* DDB_BGWORKER_HTTP_REQUEST_H */
