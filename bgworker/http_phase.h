/*
 * http_phase.h
 *	  The phases of a request's life, and the queues in which requests wait.
 */
#ifndef DDB_BGWORKER_HTTP_PHASE_H
#define DDB_BGWORKER_HTTP_PHASE_H

#include "postgres.h"

typedef enum HttpPhase
{
	HTTP_RECEIVING,				/* the body is coming in */
	HTTP_STARVED,				/* the rest of the body waits for memory */
	HTTP_READY,					/* to be read */
	HTTP_READING,				/* being read */
	HTTP_READ,					/* its first step is next */
	HTTP_RUNNING,				/* has steps left */
	HTTP_LOCKED,				/* waits till retry_at */
	HTTP_COMPRESSING,			/* the response is */
	HTTP_COMPLETE,				/* the response is; may it be sent? */
	HTTP_FLUSHING,				/* waits till flush_target is durable */
	HTTP_ANSWERED				/* libmicrohttpd may have the response */
} HttpPhase;

#define HTTP_PHASES (HTTP_ANSWERED + 1)

struct HttpRequest;

/*
 * Moves a request to its next phase, out of the queue it is in and to the end of
 * the queue of that phase.  No other function changes a phase.  Raises an error if
 * the move is not legal.
 */
extern void http_phase_enter(struct HttpRequest *request, HttpPhase phase);

/* Removes a request that ends from its queue. */
extern void http_phase_leave(struct HttpRequest *request);

/* Moves a request to the front of its queue. */
extern void http_phase_stay_first(struct HttpRequest *request);

/* The name of the request's phase, for messages. */
extern const char *http_phase_name(HttpPhase phase);

#endif							/* DDB_BGWORKER_HTTP_PHASE_H */
