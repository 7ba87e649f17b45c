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
	bool		wait_for_memory;	/* all requests with more to do */
	bool		accepting;		/* the last wait was for connections, too, */
	bool		knocked;		/* and there was one */
	XLogRecPtr	requested;		/* from the flusher */
	int64		swept_at;
	int64		statistics_due; /* when they are reported; 0: nothing is */
} Worker;

extern Worker worker;

/* worker.c */

/* Show the request as what the process does; NULL: it does nothing. */
extern void worker_show_activity(const HttpRequest *request);

/*
 * One pass, without waiting, for the others while a request is read: its
 * static variables and lists are as between two passes.
 */
extern void worker_serve_others(void);

/* worker_reading.c */

extern void worker_prepare_to_read(void);

/*
 * Read a request that may take long, letting others go first now and then.
 * Not to be called while a queue is walked, or in a transaction.
 */
extern void worker_read_in_slices(HttpRequest *request);

/* From here on errors are not caught: no more pauses. */
extern void worker_end_pauses(void);

/* worker_accept.c */

/* Is the next wait to be for connections, too? */
extern bool worker_may_accept(void);

/* Milliseconds until connections that are left to others are taken. */
extern long worker_accept_timeout(long timeout);

/* Take connections that have knocked. */
extern void worker_accept(void);

/* worker_request.c */

/*
 * Do what is next for a request, and move it to the phase that follows; never
 * raises an error.
 */
extern void worker_run(HttpRequest *request);

/*
 * Steps that need no transaction block, which are those that only read, follow
 * one another in one transaction, each with its own snapshot; what they have
 * answered outlives it.  It ends with the pass at the latest.
 */
extern bool worker_shares_transaction(const HttpRequest *request);
extern void worker_end_shared_transaction(void);

extern bool worker_needs_transaction_block(const HttpRequest *request);

/* worker_locks.c */

extern void worker_catch_cancels(void);

/* What has been cancelled is over. */
extern void worker_forget_cancel(void);

/* Is the error the end of a wait for a lock?  Then it says so afterwards. */
extern void worker_name_lock_timeout(ErrorData *error);

/*
 * After an error that a later attempt may not meet the request waits for its
 * turn, unless it has waited for too long; returns whether it does.
 */
extern bool worker_suspend_for_lock(HttpRequest *request,
									const ErrorData *error);

/* Requests whose time to try for a lock again has come. */
extern void worker_retry_locked(void);

/* Milliseconds until then. */
extern long worker_retry_timeout(long timeout);

/* Shall locks be tried, not waited for? */
extern bool worker_is_probing(const HttpRequest *request);

#endif							/* DDB_BGWORKER_WORKER_INT_H */
