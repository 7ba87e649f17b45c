/*
 * http_phase.c
 *	  The phases of a request, the legal moves, and the queues.
 *
 * Each queue is a list of the server, named after the phase whose requests wait in
 * it.  A request stays in its queue while it runs.  README.md has a diagram.
 *
 * The response is sent in phase HTTP_ANSWERED.  After a step a request reaches it
 * only through HTTP_COMPLETE, where hold_until_durable() checks whether what the
 * response says is durable.  Only requests that are refused before they have been
 * read go there directly.
 */
#include "postgres.h"

#include "bgworker/http_phase.h"
#include "bgworker/http_request.h"

/* The request is in no queue: it waits for its client. */
#define NO_QUEUE (-1)

#define TO(phase) (1 << (phase))

typedef struct Phase
{
	const char *name;
	int			queue;
	int			next;			/* TO() of each phase that may follow */
} Phase;

static const Phase phases[HTTP_PHASES] = {
	[HTTP_RECEIVING] = {"receiving", NO_QUEUE,
	TO(HTTP_STARVED) | TO(HTTP_READY) | TO(HTTP_ANSWERED)},
	[HTTP_STARVED] = {"starved", HTTP_STARVED,
	TO(HTTP_RECEIVING)},
	[HTTP_READY] = {"ready", HTTP_READY,
	TO(HTTP_READING)},
	/* READY: there is not enough memory to read it now. */
	[HTTP_READING] = {"reading", NO_QUEUE,
	TO(HTTP_READY) | TO(HTTP_READ) | TO(HTTP_COMPRESSING) | TO(HTTP_COMPLETE)},
	[HTTP_READ] = {"read", HTTP_READ,
	TO(HTTP_RUNNING)},
	/* RUNNING: after a step, at the end of the queue. */
	[HTTP_RUNNING] = {"running", HTTP_RUNNING,
	TO(HTTP_RUNNING) | TO(HTTP_LOCKED) | TO(HTTP_COMPRESSING) | TO(HTTP_COMPLETE)},
	[HTTP_LOCKED] = {"locked", HTTP_LOCKED,
	TO(HTTP_RUNNING)},
	/* Compressing is a step like others. */
	[HTTP_COMPRESSING] = {"compressing", HTTP_RUNNING,
	TO(HTTP_COMPRESSING) | TO(HTTP_COMPLETE)},
	[HTTP_COMPLETE] = {"complete", NO_QUEUE,
	TO(HTTP_FLUSHING) | TO(HTTP_ANSWERED)},
	[HTTP_FLUSHING] = {"flushing", HTTP_FLUSHING,
	TO(HTTP_ANSWERED)},
	[HTTP_ANSWERED] = {"answered", NO_QUEUE, 0},
};

void
http_phase_enter(HttpRequest *request, HttpPhase phase)
{
	if ((phases[request->phase].next & TO(phase)) == 0)
		elog(ERROR, "dynamo request %s cannot go from phase \"%s\" to \"%s\"",
			 request->id, http_phase_name(request->phase), http_phase_name(phase));
	http_phase_leave(request);
	request->phase = phase;
	if (phases[phase].queue == NO_QUEUE)
		return;
	dlist_push_tail(&request->queues[phases[phase].queue], &request->node);
	request->queued = true;
}

void
http_phase_leave(HttpRequest *request)
{
	if (request->queued)
		dlist_delete(&request->node);
	request->queued = false;
}

void
http_phase_stay_first(HttpRequest *request)
{
	Assert(request->queued);
	dlist_move_head(&request->queues[phases[request->phase].queue], &request->node);
}

const char *
http_phase_name(HttpPhase phase)
{
	return phases[phase].name;
}
