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
	HTTP_COMPLETE,				/* so is the response; may it go out? */
	HTTP_FLUSHING,				/* waits till flush_target is durable */
	HTTP_ANSWERED				/* libmicrohttpd may have the response */
} HttpPhase;

#define HTTP_PHASES (HTTP_ANSWERED + 1)

struct HttpRequest;

/*
 * Move a request to its next phase, and to the end of that phase's queue, out
 * of the one it is in.  Nothing else changes a phase.  A move that is not legal
 * is an error.
 */
extern void http_phase_enter(struct HttpRequest *request, HttpPhase phase);

/* It goes out of its queue, and out of life. */
extern void http_phase_leave(struct HttpRequest *request);

/* Put it first in its queue. */
extern void http_phase_stay_first(struct HttpRequest *request);

/* The phase's name, for people. */
extern const char *http_phase_name(HttpPhase phase);

#endif							/* DDB_BGWORKER_HTTP_PHASE_H */
