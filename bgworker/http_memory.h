/*
 * http_memory.h
 *	  dynamo.request_memory: the memory that all requests of a worker may use.
 */
#ifndef DDB_BGWORKER_HTTP_MEMORY_H
#define DDB_BGWORKER_HTTP_MEMORY_H

#include "bgworker/http_server.h"

/*
 * Reserves memory for a whole body, of which a part has arrived.  Returns false
 * if there is not enough at present.
 */
extern bool http_memory_reserve_body(HttpServer *server, HttpRequest *request,
									 size_t so_far);

/*
 * Returns whether the request may be read.  Otherwise it must wait for memory that
 * other requests hold.  After a deadline it may be read, and fails if there is
 * still not enough.
 */
extern bool http_memory_may_read(HttpServer *server, HttpRequest *request);

/*
 * Returns whether the answer of the request may grow.  While other answers wait
 * for their clients to read them, there may not be enough memory.  Answers of one
 * item may use more of it.  After a deadline request->expired is set.
 */
extern bool http_memory_may_run(HttpServer *server, HttpRequest *request,
								bool one_item);

/* Returns whether too much is in use for answers of many items to grow. */
extern bool http_memory_is_short(const HttpServer *server);

/*
 * Must be called while a request is read, whenever it has allocated more memory.
 * If that is too much it raises an error, after which http_memory_put_off() must be
 * called.
 */
extern void http_memory_grown(HttpServer *server, HttpRequest *request);

/*
 * Called after an error.  Returns whether the error was a lack of memory and the
 * request has been put off or answered.  If not, the error is the answer.
 */
extern bool http_memory_put_off(HttpServer *server, HttpRequest *request);

/* Counts the memory that the request has now, even if it is too much. */
extern void http_memory_settle(HttpServer *server, HttpRequest *request);

/* Must be called when the request ends. */
extern void http_memory_release(HttpServer *server, HttpRequest *request);

/* Returns whether it has waited too long.  The first call starts the wait. */
extern bool http_memory_wait_is_over(HttpRequest *request);

#endif							/* DDB_BGWORKER_HTTP_MEMORY_H */
