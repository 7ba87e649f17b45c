/*
 * worker.c
 *	  An HTTP worker: the loop that never blocks.
 *
 * One pass: wait -> let answers go whose target is durable -> libmicrohttpd
 * reads and collects -> run what is ready -> libmicrohttpd sends.  Nothing in
 * a pass may take long: reads come in slices, locks are tried, and flushing
 * is another process's work.
 */
#include "postgres.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "bgworker/flush.h"
#include "bgworker/http_linger.h"
#include "bgworker/http_memory.h"
#include "bgworker/server.h"
#include "bgworker/worker_int.h"
#include "core/clock.h"
#include "core/compat.h"
#include "core/guc.h"
#include "core/lock.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/sinval.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

/* A larger body, or a compressed one, is read in slices. */
#define LARGE_BODY ((size_t) 65536)

/* Requests that wait for memory are checked again after this time. */
#define MEMORY_MILLISECONDS 5

#define SWEEP_MICROSECONDS 1000000

/* A worker reports its statistics when it has been idle for this time. */
#define IDLE_STATISTICS_MICROSECONDS INT64CONST(1000000)

/*
 * Larger pieces of memory are returned to the system when they are freed.  The
 * memory that is kept besides is enough for a few pages of 1 MB and their JSON.
 */
#define LARGEST_KEPT (4 * 1024 * 1024)
#define MOST_KEPT (8 * 1024 * 1024)

/* Time between reads of what refused clients still send; it is discarded. */
#define LINGER_MILLISECONDS 5

/* Without a flusher, workers flush.  They check for it after this time. */
#define FLUSHER_CHECK_MILLISECONDS 100

Worker		worker;

static WaitEventSet *events_only;
static WaitEventSet *events_and_listener;

static void start(Datum arg);
static WaitEventSet *make_event_set(bool listener);
static void pin_settings(void);
static void return_memory(void);
static void return_holes(void);
static void wait_for_work(void);
static void serve(void);
static void sweep(void);
static long report_statistics(long timeout);
static long wait_timeout(void);
static void handle_signals(void);
static void release_flushed(void);
static void flush_without_flusher(void);
static void run_ready(void);
static void read_large(void);
static bool is_large(const HttpRequest *request);
static void run_first_steps(bool only_sharing);
static void run_one_slice(void);
static bool is_for_one_item(const HttpRequest *request);
static bool may_run(HttpRequest *request);

void
ddb_main_worker(Datum arg)
{
	start(arg);
	for (;;)
	{
		wait_for_work();
		handle_signals();
		read_large();
		serve();
	}
}

static void
start(Datum arg)
{
	worker.slot = DDB_NUMBER_OF(arg);
	worker.without_database =
		(DatumGetInt32(arg) & DDB_WORKER_WITHOUT_DATABASE) != 0;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	worker_catch_cancels();
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(worker.without_database ? NULL :
										 ddb_setting_database, NULL, 0);
	ddb_lock_policy = DDB_LOCK_BRIEF;
	pin_settings();
	return_memory();
	worker_prepare_to_read();

	pg_atomic_write_u64(&ddb_server->workers[worker.slot].wanted_lsn, 0);
	pg_atomic_write_u32(&ddb_server->workers[worker.slot].active, 0);
	pg_atomic_write_u32(&ddb_server->workers[worker.slot].connections, 0);
	ddb_server_announce(DDB_PROCESS_WORKER, worker.slot);

	http_server_start(&worker.http, ddb_server_socket,
					  Max(1, ddb_setting_max_connections /
						  Max(1, ddb_settings_worker_count())));
	events_only = make_event_set(false);
	events_and_listener = make_event_set(true);
	pgstat_report_appname("dynamo");
	pgstat_report_activity(STATE_IDLE, NULL);
}

static WaitEventSet *
make_event_set(bool listener)
{
	WaitEventSet *set = ddb_compat_make_event_set(4);

	AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	AddWaitEventToSet(set, WL_SOCKET_READABLE, worker.http.epoll_fd, NULL, NULL);
	if (listener)
		AddWaitEventToSet(set, WL_SOCKET_READABLE, ddb_server_socket, NULL, NULL);
	return set;
}

/*
 * Settings from ALTER DATABASE or ALTER ROLE ... SET must not change answers.
 */
static void
pin_settings(void)
{
	static const DdbPin pins[] = {
		{"lock_timeout", "1ms"},
		{"row_security", "on"},
		{"client_min_messages", "error"},
	};

	ddb_settings_pin_common();
	ddb_settings_pin(pins, lengthof(pins));
}

/*
 * Returns the memory of a large request to the system.  By default glibc keeps
 * such pieces after the first body of 16 MB has been freed.  The memory of a
 * page of 1 MB is kept: in a virtual machine, getting zeroed memory for each
 * page took more than a third of the time of a Scan.
 */
static void
return_memory(void)
{
#ifdef __GLIBC__
	(void) mallopt(M_MMAP_THRESHOLD, LARGEST_KEPT);
	(void) mallopt(M_TRIM_THRESHOLD, MOST_KEPT);
#endif
}

/*
 * glibc returns only the end of the heap.  A piece that was allocated while there
 * were many large answers would keep the memory of those answers.
 */
static void
return_holes(void)
{
#ifdef __GLIBC__
	(void) malloc_trim((size_t) MOST_KEPT);
#endif
}

void
worker_serve_others(void)
{
	wait_for_work();
	worker_forget_cancel();
	serve();
}

static void
serve(void)
{
	release_flushed();
	worker_accept();
	http_server_run(&worker.http);
	run_ready();
	worker_retry_locked();
	run_one_slice();
	worker_end_shared_transaction();
	flush_without_flusher();
	release_flushed();
	http_server_run(&worker.http);
	sweep();
	http_linger_run((int64) ddb_setting_idle_timeout * 1000000);
	pg_atomic_write_u32(&ddb_server->workers[worker.slot].active,
						worker.http.active);
	pg_atomic_write_u32(&ddb_server->workers[worker.slot].connections,
						worker.http.connection_count);
}

static void
wait_for_work(void)
{
	WaitEvent	events[4];
	long		timeout = wait_timeout();
	int			count;
	int			i;

	if (timeout != 0)
		timeout = report_statistics(timeout);

	worker.accepting = worker_may_accept();
	count = WaitEventSetWait(worker.accepting ? events_and_listener : events_only,
							 timeout, events, lengthof(events), PG_WAIT_EXTENSION);
	worker.knocked = false;
	for (i = 0; i < count; i++)
		worker.knocked |= worker.accepting && events[i].fd == ddb_server_socket;
	ResetLatch(MyLatch);
}

/*
 * Runs after libmicrohttpd has read, so that bytes that arrived while the worker
 * was busy count as received.
 */
static void
sweep(void)
{
	int64		now = ddb_clock_monotonic();

	if (now - worker.swept_at < SWEEP_MICROSECONDS)
		return;
	http_server_sweep(&worker.http, (int64) ddb_setting_idle_timeout * 1000000);
	return_holes();
	worker.swept_at = now;
}

/*
 * PostgreSQL delays a report of statistics until enough time has passed, and
 * checks that only at the end of a transaction.  In an idle worker there is none,
 * so it reports after a second.  Returns how many milliseconds to wait at most.
 */
static long
report_statistics(long timeout)
{
	int64		now = ddb_clock_monotonic();

	if (worker.busy)
	{
		worker_show_activity(NULL);
		worker.statistics_due = pgstat_report_stat(false) > 0 ?
			now + IDLE_STATISTICS_MICROSECONDS : 0;
	}
	else if (worker.statistics_due != 0 && now >= worker.statistics_due)
	{
		(void) pgstat_report_stat(true);
		worker.statistics_due = 0;
	}
	if (worker.statistics_due == 0)
		return timeout;
	return Min(timeout, (long) ((worker.statistics_due - now) / 1000 + 1));
}

void
worker_show_activity(const HttpRequest *request)
{
	if (request != NULL)
		pgstat_report_activity(STATE_RUNNING, http_request_title(request));
	else if (worker.busy)
		pgstat_report_activity(STATE_IDLE, NULL);
	worker.busy = request != NULL;
}

/* Milliseconds until the next thing is due, if no event comes earlier. */
static long
wait_timeout(void)
{
	long		timeout = SWEEP_MICROSECONDS / 1000;

	if (worker.http.reading != NULL)
		return 0;
	if (!dlist_is_empty(&worker.http.queues[HTTP_RUNNING]) ||
		!dlist_is_empty(&worker.http.queues[HTTP_READY]))
		return worker.wait_for_memory ? MEMORY_MILLISECONDS : 0;
	timeout = worker_accept_timeout(timeout);
	if (http_linger_is_busy())
		timeout = Min(timeout, LINGER_MILLISECONDS);
	if (!dlist_is_empty(&worker.http.queues[HTTP_FLUSHING]))
		timeout = Min(timeout, FLUSHER_CHECK_MILLISECONDS);
	return worker_retry_timeout(timeout);
}

static void
handle_signals(void)
{
	/* A cancel that arrives between requests is ignored. */
	worker_forget_cancel();
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
	if (catchupInterruptPending)
		ProcessCatchupInterrupt();
}

/* ------------------------------------------------------------- durability */

static void
release_flushed(void)
{
	XLogRecPtr	acked = ddb_flush_acked();
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &worker.http.queues[HTTP_FLUSHING])
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		if (request->flush_target <= acked)
			http_phase_enter(request, HTTP_ANSWERED);
	}
}

/*
 * Makes sure that the WAL that answers wait for is flushed.  The flusher does it.
 * This process does it if there is no flusher, or if no other request is being
 * served, so that no client has to wait meanwhile.  Only the flusher waits for
 * synchronous standbys, which may take forever.  Without a flusher, answers that
 * need a standby wait until there is one again.
 */
static void
flush_without_flusher(void)
{
	XLogRecPtr	target = InvalidXLogRecPtr;
	dlist_iter	iter;
	uint32		others = 0;
	int			i;

	dlist_foreach(iter, &worker.http.queues[HTTP_FLUSHING])
		target = Max(target, dlist_container(HttpRequest, node, iter.cur)->flush_target);
	if (target == InvalidXLogRecPtr || target <= ddb_flush_acked())
		return;

	for (i = 0; i < DDB_MAX_WORKERS; i++)
	{
		if (i != worker.slot)
			others += pg_atomic_read_u32(&ddb_server->workers[i].active);
	}
	if (!ddb_flush_waits_for_standby() &&
		(!ddb_flush_has_flusher() || (worker.http.active == 1 && others == 0)))
		ddb_flush_now(target);
	else if (target > worker.requested)
	{
		ddb_flush_request(worker.slot, target);
		worker.requested = target;
	}
}

/* --------------------------------------------------------------- scheduling */

/*
 * Runs the small requests that have arrived.  All are parsed first, so that
 * those that can share a transaction run one after the other.
 */
static void
run_ready(void)
{
	dlist_mutable_iter iter;

	worker.wait_for_memory = true;
	dlist_foreach_modify(iter, &worker.http.queues[HTTP_READY])
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		if (!http_memory_may_read(&worker.http, request))
			continue;
		worker.wait_for_memory = false;
		if (!is_large(request))
			worker_run(request);
	}
	run_first_steps(true);
	run_first_steps(false);
}

/*
 * Reads the large request that has waited longest.  Small requests are served
 * meanwhile.  Other large requests wait, because two trees would need twice the
 * memory.
 */
static void
read_large(void)
{
	dlist_iter	iter;

	dlist_foreach(iter, &worker.http.queues[HTTP_READY])
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		if (!is_large(request) || !http_memory_may_read(&worker.http, request))
			continue;
		worker_read_in_slices(request);
		return;
	}
}

static bool
is_large(const HttpRequest *request)
{
	return request->body_len > LARGE_BODY || http_request_is_encoded(request);
}

/* Runs the first steps of requests that can share a transaction, or of all. */
static void
run_first_steps(bool only_sharing)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, &worker.http.queues[HTTP_READ])
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		if (only_sharing && !worker_shares_transaction(request))
			continue;
		http_phase_enter(request, HTTP_RUNNING);
		if (may_run(request))
			worker_run(request);
	}
}

/*
 * Runs one step of the request that has waited longest among those with steps
 * left.  While memory is short the request stays first in the queue, so that no
 * other answer grows at the same time.
 */
static void
run_one_slice(void)
{
	dlist_iter	iter;

	dlist_foreach(iter, &worker.http.queues[HTTP_RUNNING])
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		if (!may_run(request))
			continue;
		worker_run(request);
		if (request->phase == HTTP_RUNNING && http_memory_is_short(&worker.http))
			http_phase_stay_first(request);
		worker.wait_for_memory = false;
		return;
	}
}

static bool
is_for_one_item(const HttpRequest *request)
{
	return request->call == NULL || !request->call->mode.long_answer;
}

/* A write has a short answer, and a complete answer must be sent. */
static bool
may_run(HttpRequest *request)
{
	if (request->phase != HTTP_RUNNING || worker_needs_transaction_block(request))
		return true;
	return http_memory_may_run(&worker.http, request, is_for_one_item(request));
}
