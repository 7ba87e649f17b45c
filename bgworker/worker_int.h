/*
 * worker_int.h
 *	  What the files of an HTTP worker share.
 *
 * worker.c is the loop, worker_accept.c takes connections, worker_request.c
 * runs a request, worker_reading.c reads large ones in slices, and
 * worker_locks.c deals with locks and cancels.
 */
#ifndef DDB_BGWORKER_WORKER_INT_H
#define DDB_BGWORKER_WORKER_INT_H

#include "postgres.h"
#include "bgworker/http_server.h"

typedef struct Worker
{
	int			slot;
	bool		without_database;
	HttpServer	http;
	bool		busy;			/* shown as running */
	bool		wait_for_memory;	/* all requests with steps left */
	bool		accepting;		/* the last wait was also for connections, */
	bool		knocked;		/* and one has arrived */
	XLogRecPtr	requested;		/* the last target sent to the flusher */
	int64		swept_at;
	int64		statistics_due; /* when to report them; 0: nothing to report */
} Worker;

extern Worker worker;

/* worker.c */

/* Shows the request in pg_stat_activity; NULL: the process is idle. */
extern void worker_show_activity(const HttpRequest *request);

/*
 * Runs one pass for other requests, without waiting, while a request is read.
 * Static variables and lists must be as between two passes.
 */
extern void worker_serve_others(void);

/* worker_reading.c */

extern void worker_prepare_to_read(void);

/*
 * Reads a large request, and serves others from time to time.  Must not be called
 * while a queue is walked, or in a transaction.
 */
extern void worker_read_in_slices(HttpRequest *request);

/* Disables pauses, before code in which errors are not caught. */
extern void worker_end_pauses(void);

/* worker_accept.c */

/* Returns whether the next wait should also be for connections. */
extern bool worker_may_accept(void);

/* Milliseconds until this worker takes connections it has left to others. */
extern long worker_accept_timeout(long timeout);

/* Accepts connections that have arrived. */
extern void worker_accept(void);

/* worker_request.c */

/*
 * Does the next thing for a request, and moves it to the phase that follows.
 * Never raises an error.
 */
extern void worker_run(HttpRequest *request);

/*
 * Steps that need no transaction block, because they only read, share a
 * transaction.  Each has a snapshot of its own, and its answer outlives the
 * transaction, which ends with the pass at the latest.
 */
extern bool worker_shares_transaction(const HttpRequest *request);
extern void worker_end_shared_transaction(void);

extern bool worker_needs_transaction_block(const HttpRequest *request);

/* worker_locks.c */

extern void worker_catch_cancels(void);

/* Forgets a pending cancel, because what it was meant for has ended. */
extern void worker_forget_cancel(void);

/* Changes a cancel by lock_timeout into the error lock_not_available. */
extern void worker_name_lock_timeout(ErrorData *error);

/*
 * Called after an error.  If a later attempt may succeed, and the request has not
 * waited for too long, puts the request aside until then and returns true.
 */
extern bool worker_suspend_for_lock(HttpRequest *request,
									const ErrorData *error);

/* Runs the requests whose next attempt for a lock is due. */
extern void worker_retry_locked(void);

/* Milliseconds until the next attempt is due, at most timeout. */
extern long worker_retry_timeout(long timeout);

/* Returns whether locks should only be tried. */
extern bool worker_is_probing(const HttpRequest *request);

#endif							/* DDB_BGWORKER_WORKER_INT_H */
