/*
 * worker_reading.c
 *	  Reading large requests in slices.
 *
 * It takes a second to parse and validate a body of 16 MB.  This work cannot be
 * split into steps, because PostgreSQL's parser is recursive, and so is most of
 * what follows.  So other requests are served from within, at pause points
 * (core/pause.h).  When a timer has expired, a pass for the other requests runs on
 * top of the stack and handles its own errors.  Only one request at a time is read
 * in this way, and no large request is read during a pause.
 *
 * The connection may be closed during a pause.  The request is kept until the
 * reading ends, which it does at once, with an error.
 */
#include "postgres.h"

#include <time.h>

#include "bgworker/worker_int.h"
#include "core/inject.h"
#include "core/pause.h"
#include "utils/memutils.h"
#include "utils/timeout.h"

/* How long a request is read before others are served. */
#define SLICE_MILLISECONDS 2

/* The reading of the large request. */
static struct
{
	TimeoutId	timer;
	int			slices;
	int64		began_at;		/* the slice, in CPU time */
	int64		longest;		/* slice, in microseconds of CPU time */
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

/* Runs in a signal handler. */
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
 * The pass catches errors of requests.  Any other error ends the worker, as it
 * does between requests.
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

/* CPU time of this process, in microseconds. */
static int64
processor_time(void)
{
	struct timespec now;

	(void) clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (int64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
