/*
 * worker_locks.c
 *	  Locks and cancels: an HTTP worker does not wait.
 *
 * A wait for a lock ends after lock_timeout, which is a millisecond, by a SIGINT
 * that the process sends to itself.  The request is put aside and tried again,
 * after a longer time with each attempt.  For a while after such a wait the
 * worker only tries locks and does not wait ("probing").  Attempts that fail may
 * take only a share of the worker's time: they use up a credit that grows with
 * time.
 */
#include "postgres.h"

#include <signal.h>

#include "bgworker/worker_int.h"
#include "core/clock.h"
#include "core/guc.h"
#include "core/inject.h"
#include "core/lock.h"
#include "miscadmin.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/timeout.h"

/*
 * Microseconds until the first and the longest next attempt, and the share of
 * time that failing attempts may take.
 */
#define RETRY_FIRST 200
#define RETRY_LONGEST 20000
#define RETRY_SHARE 20			/* one in twenty */

/* How long no request waits for a lock after a wait without success. */
#define PROBE_MICROSECONDS 100000

/* Was the pending cancel sent by lock_timeout? */
static volatile sig_atomic_t lock_timed_out = false;

static int64 probe_until = 0;
static int64 retry_credit = 0;	/* microseconds that retries may waste */
static int64 credited_at = 0;

static void handle_cancel(int signal_number, siginfo_t *info, void *context);
static bool waits_for_others(void);

void
worker_catch_cancels(void)
{
	struct sigaction action = {
		.sa_sigaction = handle_cancel,
		.sa_flags = SA_SIGINFO | SA_RESTART,
	};

	sigemptyset(&action.sa_mask);
	if (sigaction(SIGINT, &action, NULL) < 0)
		elog(FATAL, "could not set a signal handler: %m");
}

/*
 * Handles SIGINT.  lock_timeout sends it, too, from this process to itself.
 *
 * lock_timeout is meant for locks that are held until the end of a transaction.
 * A wait for the lock to extend a relation can also take more than a millisecond.
 * It is short, and often cannot be interrupted, so the cancel would hit the next
 * thing that the process does, without a hint of its cause.  It is ignored.
 *
 * A lock may be granted at the moment when its timeout expires.  Then the cancel
 * is handled later, and PostgreSQL has forgotten its reason at the next wait for
 * a lock.  So the reason is kept here.
 */
static void
handle_cancel(int signal_number, siginfo_t *info, void *context)
{
	int			saved_errno = errno;

	if (info->si_pid != MyProcPid)
		lock_timed_out = false;
	else if (waits_for_others())
		lock_timed_out = true;
	else if (!lock_timed_out)
		(void) get_timeout_indicator(LOCK_TIMEOUT, true);

	if (info->si_pid != MyProcPid || lock_timed_out)
		StatementCancelHandler(signal_number);
	errno = saved_errno;
}

/* Returns false if the lock has just been granted. */
static bool
waits_for_others(void)
{
	const LOCK *lock = MyProc->waitLock;

	return lock != NULL && lock->tag.locktag_type != LOCKTAG_RELATION_EXTEND;
}

void
worker_forget_cancel(void)
{
	QueryCancelPending = false;
	lock_timed_out = false;
}

void
worker_name_lock_timeout(ErrorData *error)
{
	if (error->sqlerrcode == ERRCODE_QUERY_CANCELED && lock_timed_out)
		error->sqlerrcode = ERRCODE_LOCK_NOT_AVAILABLE;
}

/*
 * There is no limit to waiting for locks of other workers.  They hold locks only
 * for a step, so requests do not make each other fail, however hot an item is.
 */
bool
worker_suspend_for_lock(HttpRequest *request, const ErrorData *error)
{
	int64		now = ddb_clock_monotonic();
	int64		delay;

	if (request->call == NULL || ddb_fault("no_requeue") ||
		!ddb_lock_may_retry(error->sqlerrcode))
		return false;

	probe_until = now + PROBE_MICROSECONDS;
	if (request->lock_deadline == 0 || ddb_lock_is_brief)
		request->lock_deadline = now + (int64) ddb_setting_lock_timeout * 1000;
	if (now >= request->lock_deadline)
	{
		if (!ddb_call_can_skip_locked(request->call))
			return false;
		request->call->skip_locked = true;
	}
	delay = Min((int64) RETRY_FIRST << Min(request->attempts, 16), RETRY_LONGEST);
	request->attempts++;
	request->retry_at = Min(now + delay, Max(request->lock_deadline, now));
	request->flush_target = InvalidXLogRecPtr;
	http_phase_enter(request, HTTP_LOCKED);
	return true;
}

/* Failing attempts must not take more than their share of the time. */
void
worker_retry_locked(void)
{
	int64		now = ddb_clock_monotonic();
	dlist_mutable_iter iter;

	retry_credit = Min(retry_credit + (now - credited_at) / RETRY_SHARE, 5000);
	credited_at = now;
	dlist_foreach_modify(iter, &worker.http.queues[HTTP_LOCKED])
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		if (request->retry_at > now)
			continue;
		if (retry_credit <= 0 && now < request->lock_deadline)
			continue;
		http_server_resume(&worker.http, request);
		http_phase_enter(request, HTTP_RUNNING);
		worker_run(request);
		if (request->phase == HTTP_LOCKED)
			retry_credit -= ddb_clock_monotonic() - now;
		now = ddb_clock_monotonic();
	}
}

long
worker_retry_timeout(long timeout)
{
	dlist_iter	iter;

	dlist_foreach(iter, &worker.http.queues[HTTP_LOCKED])
	{
		const HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);
		int64		due = request->retry_at - ddb_clock_monotonic();

		if (due <= 0)
			return 1;
		timeout = Min(timeout, (long) (due / 1000 + 1));
	}
	return timeout;
}

bool
worker_is_probing(const HttpRequest *request)
{
	return request->attempts > 0 || ddb_clock_monotonic() < probe_until;
}
