/*
 * http_server.h
 *	  The HTTP side of a worker: libmicrohttpd, connections, bodies.
 *
 * libmicrohttpd runs without threads, driven by http_server_run() when its
 * epoll descriptor is readable.  Its callbacks collect bodies and move complete
 * requests to phase HTTP_READY.  They raise no errors and allocate with malloc().
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
	HttpRequest *outsized;		/* the request that exceeds the limit */
	HttpRequest *reading;		/* the request that is read in slices, or NULL */
	int			sending;		/* answers that libmicrohttpd has */
	int			active;			/* requests between headers and answer */
	int			suspended;		/* of these */
	bool		progress;		/* some connection has advanced in this run */
} HttpServer;

/*
 * Serve connections that http_server_accept() takes from the listening socket.
 * Raises an error when libmicrohttpd cannot start.
 */
extern void http_server_start(HttpServer *server, pgsocket listener,
							  int max_connections);

/* Returns whether the maximum number of connections is reached. */
extern bool http_server_is_full(const HttpServer *server);

/* Accepts a connection.  Returns false if there is none. */
extern bool http_server_accept(HttpServer *server);

/* Returns whether the client has connected to a loopback address. */
extern bool http_server_is_loopback(struct MHD_Connection *connection);

/* Lets libmicrohttpd read, call back and write as much as it can. */
extern void http_server_run(HttpServer *server);

/*
 * Closes connections that have taken too long to send a request; the time is in
 * microseconds since the end of their last answer.  Should be called about once a
 * second.
 */
extern void http_server_sweep(HttpServer *server, int64 idle_timeout);

/*
 * Start and end reading a request in slices.  libmicrohttpd runs in between.  The
 * request exists until the end, even if its connection is closed meanwhile.
 */
extern void http_server_begin_reading(HttpServer *server, HttpRequest *request);
extern void http_server_end_reading(HttpServer *server);

/*
 * Called when the request has been read.  Frees its body and counts the memory of
 * its context.
 */
extern void http_server_parsed(HttpServer *server, HttpRequest *request);

/* Resumes the request's connection if it was suspended. */
extern void http_server_resume(HttpServer *server, HttpRequest *request);

#endif							/* DDB_BGWORKER_HTTP_SERVER_H */
