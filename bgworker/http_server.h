/*
 * http_server.h
 *	  The HTTP side of a worker: libmicrohttpd, connections, bodies.
 *
 * libmicrohttpd runs without threads, driven by http_server_run() when its
 * epoll descriptor is readable.  Its callbacks collect bodies and put complete
 * requests in phase HTTP_READY; they raise nothing and allocate with malloc().
 */
#ifndef DDB_BGWORKER_HTTP_SERVER_H
#define DDB_BGWORKER_HTTP_SERVER_H

#include "postgres.h"
#include "bgworker/http_request.h"

/* A connection's buffer; libmicrohttpd clears all of it after each request. */
#define HTTP_CONNECTION_MEMORY ((size_t) (20 * 1024))

typedef struct HttpServer
{
	struct MHD_Daemon *daemon;
	int			epoll_fd;
	pgsocket	listener;
	int			connection_limit;
	int			connection_count;
	dlist_head	queues[HTTP_PHASES];	/* of requests; see http_phase.h */
	dlist_head	connections;
	size_t		memory;			/* that requests have reserved */
	HttpRequest *outsized;		/* the one that has more than it reserved */
	HttpRequest *reading;		/* the one that is read in slices, or NULL */
	int			sending;		/* answers that libmicrohttpd has */
	int			active;			/* requests between headers and answer */
	int			suspended;		/* of these */
	bool		progress;		/* some connection went on in this run */
} HttpServer;

/*
 * Serve connections that http_server_accept() takes from the listening socket.
 * Raises an error when libmicrohttpd cannot start.
 */
extern void http_server_start(HttpServer *server, pgsocket listener,
							  int max_connections);

/* Are there as many connections as may be? */
extern bool http_server_is_full(const HttpServer *server);

/* Take another connection, if not full; false when there is none. */
extern bool http_server_accept(HttpServer *server);

/* Has the connection arrived at a loopback address? */
extern bool http_server_is_loopback(struct MHD_Connection *connection);

/* Let libmicrohttpd read, call back and write whatever it can. */
extern void http_server_run(HttpServer *server);

/*
 * Close connections that have taken too long for a request, in microseconds
 * from the end of their last answer; cheap, to be called about once a second.
 */
extern void http_server_sweep(HttpServer *server, int64 idle_timeout);

/*
 * A request is read in slices, and libmicrohttpd runs in between; it stays
 * until that is done, though its connection may be gone.
 */
extern void http_server_begin_reading(HttpServer *server, HttpRequest *request);
extern void http_server_end_reading(HttpServer *server);

/*
 * The request has been read: it gives back its body, and counts with the
 * memory that its context has taken.
 */
extern void http_server_parsed(HttpServer *server, HttpRequest *request);

/* Let a request go on that was suspended, if it was. */
extern void http_server_resume(HttpServer *server, HttpRequest *request);

#endif							/* DDB_BGWORKER_HTTP_SERVER_H */
