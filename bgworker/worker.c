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

/* Reading a larger body, or a compressed one, is done in slices. */
#define LARGE_BODY ((size_t) 65536)

/* How soon requests that wait for memory are looked at again. */
#define MEMORY_MILLISECONDS 5

#define SWEEP_MICROSECONDS 1000000

/* A worker that has been idle for so long reports its statistics. */
#define IDLE_STATISTICS_MICROSECONDS INT64CONST(1000000)

/*
 * Larger pieces of memory go back to the system when they are freed; what is
 * kept beside them is enough for a few pages of 1 MB, whose JSON is larger.
 */
#define LARGEST_KEPT (4 * 1024 * 1024)
#define MOST_KEPT (8 * 1024 * 1024)

/* How often what refused clients still send is dropped. */
#define LINGER_MILLISECONDS 5

/* Without a flusher workers flush; this is how soon they notice. */
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
 * What ALTER DATABASE or ALTER ROLE ... SET may say must not change answers.
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
 * What a large request needed goes back to the system.  glibc would learn from
 * the first 16 MB body that is freed to keep such pieces.  Memory that a page
 * of 1 MB needs is not given away after each one: to have it anew, zeroed, was
 * more than a third of the cost of a Scan in a virtual machine.
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
 * By itself nothing goes back but the end of the heap, and what is allocated
 * while there are many large answers would keep the room that they had.
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
 * After libmicrohttpd has read: what came while the worker had something else
 * to do must not be taken for missing.
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
 * What PostgreSQL does not want to be told yet it is told when nothing else has
 * been done for a moment: by itself it goes by the end of the last transaction,
 * and for an idle worker that moment never comes.  Returns how long to wait.
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

/* Milliseconds until something is due whatever happens. */
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
	/* A cancel that comes between requests is for none of them. */
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
 * Make sure that somebody flushes what answers wait for: the flusher; or this
 * process, when there is no flusher, or when nobody else is served and so
 * nobody minds waiting.  Only the flusher waits for standbys, which may take
 * for ever: without one, answers wait until it is back.
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
 * Small requests that have come in.  All are parsed first, so that those which
 * share a transaction follow one another.
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
 * The large request that has waited longest.  Others are served meanwhile, but
 * other large ones wait: the trees of two would take the memory of two.
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

/* Of those that share a transaction, or of all. */
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
 * One step of the request that has waited longest among those with more.  When
 * memory is short it stays the first, so that no other answer grows beside it.
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

/* What writes has a short answer, and what is complete goes out. */
static bool
may_run(HttpRequest *request)
{
	if (request->phase != HTTP_RUNNING || worker_needs_transaction_block(request))
		return true;
	return http_memory_may_run(&worker.http, request, is_for_one_item(request));
}
