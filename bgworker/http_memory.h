/*
 * http_memory.h
 *	  dynamo.request_memory: what the requests of a worker may take together.
 */
#ifndef DDB_BGWORKER_HTTP_MEMORY_H
#define DDB_BGWORKER_HTTP_MEMORY_H

#include "bgworker/http_server.h"

/*
 * Room for a whole body, of which so much is there; false when there is none
 * at present.
 */
extern bool http_memory_reserve_body(HttpServer *server, HttpRequest *request,
									 size_t so_far);

/*
 * May the request be read, or has it to wait for memory that others hold?
 * After a deadline it may, and fails if there still is none.
 */
extern bool http_memory_may_read(HttpServer *server, HttpRequest *request);

/*
 * May its answer grow?  While answers wait for their clients to read them,
 * there may be no room for another; more of it for answers of one item.  After
 * a deadline it may not any more: then request->expired is set.
 */
extern bool http_memory_may_run(HttpServer *server, HttpRequest *request,
								bool one_item);

/* Is more in use than there may be when answers of many items grow? */
extern bool http_memory_is_short(const HttpServer *server);

/*
 * To be called while a request is read, whenever it has taken more memory.
 * When that is too much, this raises an error after which
 * http_memory_put_off() says what is to be done.
 */
extern void http_memory_grown(HttpServer *server, HttpRequest *request);

/*
 * After an error: was it for want of memory, and has the request been put off
 * or answered?  If not, the error is its answer.
 */
extern bool http_memory_put_off(HttpServer *server, HttpRequest *request);

/* Count what it has now, be it too much or not. */
extern void http_memory_settle(HttpServer *server, HttpRequest *request);

/* It has gone. */
extern void http_memory_release(HttpServer *server, HttpRequest *request);

/* Has it waited too long?  The wait begins with the first call. */
extern bool http_memory_wait_is_over(HttpRequest *request);

#endif							/* DDB_BGWORKER_HTTP_MEMORY_H */
