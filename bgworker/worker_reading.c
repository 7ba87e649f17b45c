/*
 * worker_reading.c
 *	  Reading large requests in slices.
 *
 * To parse and judge a body of 16 MB takes a second, and nothing can break off
 * in the middle of it: PostgreSQL's parser is recursive, and so is most of what
 * follows.  So others are served from within, at pause points (core/pause.h):
 * a timer says when it is time, and a pass for the others runs on top of the
 * stack, with a request of its own at a time and errors of its own.  One
 * request is read so at a time, and none is in a pause.
 *
 * The connection may end in a pause.  The request is kept until its reading
 * has ended too, which it does at once, with an error.
 */
#include "postgres.h"

#include <time.h>

#include "bgworker/worker_int.h"
#include "core/inject.h"
#include "core/pause.h"
#include "utils/memutils.h"
#include "utils/timeout.h"

/* How long a request is read before others go first. */
#define SLICE_MILLISECONDS 2

/* The request that is read; one at a time. */
static struct
{
	TimeoutId	timer;
	int			slices;
	int64		began_at;		/* the slice, in time of the processor */
	int64		longest;		/* slice, in microseconds of that */
}			reading;

static void on_time(void);
static void begin_slice(void);
static void end_slice(void);
static void pause_reading(void);
static int64 processor_time(void);

void
worker_prepare_to_read(void)
{
	reading.timer = RegisterTimeout(USER_TIMEOUT, on_time);
	ddb_pause_hook = pause_reading;
}

/* In a signal handler. */
static void
on_time(void)
{
	ddb_pause_due = true;
}

void
worker_read_in_slices(HttpRequest *request)
{
	char		id[HTTP_ID_LENGTH + 1];

	strlcpy(id, request->id, sizeof(id));
	reading.slices = 0;
	reading.longest = 0;
	http_server_begin_reading(&worker.http, request);
	begin_slice();
	worker_run(request);
	http_server_end_reading(&worker.http);
	end_slice();
	elog(DEBUG1, "dynamo request %s was read in %d slices, the longest took "
		 INT64_FORMAT " us", id, reading.slices, reading.longest);
}

void
worker_end_pauses(void)
{
	disable_timeout(reading.timer, false);
	ddb_pause_due = false;
}

static void
begin_slice(void)
{
	reading.began_at = processor_time();
	if (!ddb_fault("reads_at_once"))
		enable_timeout_after(reading.timer, SLICE_MILLISECONDS);
}

static void
end_slice(void)
{
	worker_end_pauses();
	reading.slices++;
	reading.longest = Max(reading.longest, processor_time() - reading.began_at);
}

/*
 * Errors of requests are caught in the pass.  Another one is the end of the
 * worker, as it is between requests.
 */
static void
pause_reading(void)
{
	MemoryContext context = CurrentMemoryContext;
	sigjmp_buf *exception_stack = PG_exception_stack;
	ErrorContextCallback *context_stack = error_context_stack;

	end_slice();
	PG_exception_stack = NULL;
	error_context_stack = NULL;
	MemoryContextSwitchTo(TopMemoryContext);
	worker_serve_others();
	MemoryContextSwitchTo(context);
	PG_exception_stack = exception_stack;
	error_context_stack = context_stack;
	begin_slice();
	if (worker.http.reading->gone)
		ereport(ERROR,
				(errcode(ERRCODE_CONNECTION_FAILURE),
				 errmsg("the client has gone")));
}

/* Of this process, in microseconds: what others take does not count. */
static int64
processor_time(void)
{
	struct timespec now;

	(void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
