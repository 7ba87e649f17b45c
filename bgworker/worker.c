/*
 * worker.c
 *	  An HTTP worker: the loop that never blocks.
 *
 * One pass: wait -> let answers go whose target is durable -> libmicrohttpd
 * reads and collects -> run what is ready -> libmicrohttpd sends.  Nothing in
 * a pass may take long: reads come in slices, locks are tried, and flushing
 * is another process's work.
 *
 * A request runs under one PG_TRY (run_guarded), outside of libmicrohttpd's
 * frames.  After any error the transaction is aborted; what becomes of the
 * request is decided from the error alone.
 */
#include "postgres.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <poll.h>
#include <signal.h>

#include "access/xact.h"
#include "access/xlog.h"
#include "bgworker/as_role.h"
#include "bgworker/flush.h"
#include "bgworker/http_linger.h"
#include "bgworker/http_memory.h"
#include "bgworker/http_response.h"
#include "bgworker/http_server.h"
#include "bgworker/server.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/inject.h"
#include "core/session.h"
#include "meta/meta.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/sinval.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/timeout.h"
#include "utils/wait_event.h"

/* One step of a request. */
#define SLICE_BYTES INT64CONST(65536)
#define SLICE_MICROSECONDS 1000

/* Parsing a larger body, or a compressed one, is a slice of its own. */
#define LARGE_BODY ((size_t) 262144)

/* How soon requests that wait for memory are looked at again. */
#define MEMORY_MILLISECONDS 5

/* Trying again for a lock: from, to, and the share of time it may fail for. */
#define RETRY_FIRST 200
#define RETRY_LONGEST 20000
#define RETRY_SHARE 20			/* one in twenty */

/* After a wait for a lock was in vain nobody waits, for so long. */
#define PROBE_MICROSECONDS 100000

#define SWEEP_MICROSECONDS 1000000

/* A worker that has been idle for so long reports its statistics. */
#define IDLE_STATISTICS_MICROSECONDS INT64CONST(1000000)

/* A lack of resources that many requests meet is logged once in so long. */
#define SHORTAGE_MICROSECONDS (INT64CONST(10) * 1000000)

/*
 * Larger pieces of memory go back to the system when they are freed; what is
 * kept beside them is enough for a few pages of 1 MB, whose JSON is larger.
 */
#define LARGEST_KEPT (4 * 1024 * 1024)
#define MOST_KEPT (8 * 1024 * 1024)

/*
 * A worker with more connections than another leaves a new one to it for so
 * long; and when that was in vain takes one, the next time two, at most so many.
 */
#define LEAVE_MICROSECONDS 2000
#define MAX_ACCEPTS 16

/* How often what refused clients still send is dropped. */
#define LINGER_MILLISECONDS 5

/* Without a flusher workers flush; this is how soon they notice. */
#define FLUSHER_CHECK_MILLISECONDS 100

static struct
{
	int			slot;
	bool		without_database;
	HttpServer	http;
	dlist_head	running;		/* more steps to do, one each pass */
	dlist_head	locked;
	dlist_head	flushing;
	XLogRecPtr	requested;		/* from the flusher */
	int64		probe_until;
	int64		retry_credit;	/* microseconds that retries may waste */
	int64		credited_at;
	int64		swept_at;
	int64		statistics_due; /* when they are reported; 0: nothing is */
	bool		busy;			/* shown as running */
	bool		wait_for_memory;	/* all requests with more to do */
	bool		accepting;		/* the last wait was for connections, too, */
	bool		knocked;		/* and there was one */
	int64		left_until;		/* new ones are left to others; 0: they are not */
	int			accepts;		/* to be taken if that is in vain */
	WaitEventSet *events;
	WaitEventSet *events_and_listener;
}			worker;

/* The cancel under way is lock_timeout's. */
static volatile sig_atomic_t lock_timed_out = false;

static void start(Datum arg);
static void catch_cancels(void);
static void handle_cancel(int signal_number, siginfo_t *info, void *context);
static void forget_cancel(void);
static bool waits_for_others(void);
static void pin_settings(void);
static void return_memory(void);
static void return_holes(void);
static void pass(void);
static WaitEventSet *make_event_set(bool listener);
static void wait_for_work(void);
static void sweep(void);
static long report_statistics(long timeout);
static void accept_connections(void);
static bool somebody_has_fewer(void);
static long wait_timeout(void);
static void handle_signals(void);
static void release_flushed(void);
static void flush_without_flusher(void);
static void run_ready(void);
static void run_all(dlist_head *requests);
static bool is_large(const HttpRequest *request);
static void run_one_slice(void);
static bool is_for_one_item(const HttpRequest *request);
static bool may_run(HttpRequest *request);
static void retry_locked(void);
static void run_guarded(HttpRequest *request);
static void run(HttpRequest *request);
static void read_request(HttpRequest *request);
static void refuse_expired(const HttpRequest *request);
static void run_step(HttpRequest *request);
static bool run_call(HttpRequest *request, DdbBudget budget);
static bool renew_budget(DdbBudget *budget, int64 bytes);
static bool others_wait(void);
static bool needs_transaction_block(const HttpRequest *request);
static void begin_transaction(const HttpRequest *request);
static bool shares_transaction(const HttpRequest *request);
static void check_service(void);
static void check_primary(const HttpRequest *request);
static bool needs_primary(const HttpRequest *request);
static void end_transaction(HttpRequest *request);
static void end_shared_transaction(void);
static void commit(void);
static void hold_until_durable(HttpRequest *request);
static void handle_error(HttpRequest *request);
static bool suspend_for_lock(HttpRequest *request, const ErrorData *error);
static void report_internal(const HttpRequest *request, const ErrorData *error);
static bool is_repeated_shortage(int sqlerrcode);
static void show_activity(const HttpRequest *request);

void
ddb_main_worker(Datum arg)
{
	start(arg);
	for (;;)
		pass();
}

static void
start(Datum arg)
{
	worker.slot = DDB_WORKER_SLOT(arg);
	worker.without_database =
		(DatumGetInt32(arg) & DDB_WORKER_WITHOUT_DATABASE) != 0;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	catch_cancels();
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(worker.without_database ? NULL :
										 ddb_setting_database, NULL, 0);
	ddb_session_is_worker = true;
	pin_settings();
	return_memory();

	dlist_init(&worker.running);
	dlist_init(&worker.locked);
	dlist_init(&worker.flushing);
	pg_atomic_write_u64(&ddb_server->workers[worker.slot].wanted_lsn, 0);
	pg_atomic_write_u32(&ddb_server->workers[worker.slot].active, 0);
	pg_atomic_write_u32(&ddb_server->workers[worker.slot].connections, 0);
	ddb_server_announce(&ddb_server->workers[worker.slot].proc);

	http_server_start(&worker.http, ddb_server_socket,
					  Max(1, ddb_setting_max_connections /
						  Max(1, ddb_settings_worker_count())));
	worker.events = make_event_set(false);
	worker.events_and_listener = make_event_set(true);
	pgstat_report_appname("dynamo");
	pgstat_report_activity(STATE_IDLE, NULL);
}

static WaitEventSet *
make_event_set(bool listener)
{
	WaitEventSet *set = CreateWaitEventSet(TopMemoryContext, 4);

	AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, NULL);
	AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, NULL, NULL);
	AddWaitEventToSet(set, WL_SOCKET_READABLE, worker.http.epoll_fd, NULL, NULL);
	if (listener)
		AddWaitEventToSet(set, WL_SOCKET_READABLE, ddb_server_socket, NULL, NULL);
	return set;
}

static void
catch_cancels(void)
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
 * SIGINT, which lock_timeout sends, too, from this process to itself.
 *
 * lock_timeout is meant for locks that others hold until their transactions
 * end.  While a relation is extended somebody may wait for more than a
 * millisecond as well; that wait is short, and often cannot be broken off, so
 * that the cancel would hit, under another name, whatever comes next.
 *
 * A lock may be granted just when its time is over.  Then the cancel comes up
 * later, and the next wait for a lock has made PostgreSQL forget its reason.
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

static void
forget_cancel(void)
{
	QueryCancelPending = false;
	lock_timed_out = false;
}

/* Not when the lock has just been granted. */
static bool
waits_for_others(void)
{
	const LOCK *lock = MyProc->waitLock;

	return lock != NULL && lock->tag.locktag_type != LOCKTAG_RELATION_EXTEND;
}

/*
 * What ALTER DATABASE or ALTER ROLE ... SET may say must not change answers.
 */
static void
pin_settings(void)
{
	static const struct
	{
		const char *name;
		const char *value;
	}			pins[] = {
		{"role", "none"},
		{"search_path", "pg_catalog, pg_temp"},
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_deferrable", "off"},
		{"lock_timeout", "1ms"},
		{"statement_timeout", "0"},
		{"idle_in_transaction_session_timeout", "0"},
		{"jit", "off"},
		{"row_security", "on"},
		{"session_replication_role", "origin"},
		{"plan_cache_mode", "auto"},
		{"default_table_access_method", "heap"},
		{"client_min_messages", "error"},
	};
	int			i;

	for (i = 0; i < lengthof(pins); i++)
		SetConfigOption(pins[i].name, pins[i].value, PGC_SUSET, PGC_S_OVERRIDE);
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

static void
pass(void)
{
	wait_for_work();
	handle_signals();
	release_flushed();
	accept_connections();
	http_server_run(&worker.http);
	run_ready();
	retry_locked();
	run_one_slice();
	end_shared_transaction();
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

	worker.accepting = !http_server_is_full(&worker.http) &&
		(worker.left_until == 0 || ddb_clock_monotonic() >= worker.left_until);
	count = WaitEventSetWait(worker.accepting ?
							 worker.events_and_listener : worker.events,
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
		show_activity(NULL);
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

/* Milliseconds until something is due whatever happens. */
static long
wait_timeout(void)
{
	long		timeout = SWEEP_MICROSECONDS / 1000;
	dlist_iter	iter;

	if (!dlist_is_empty(&worker.running) || !dlist_is_empty(&worker.http.ready))
		return worker.wait_for_memory ? MEMORY_MILLISECONDS : 0;
	if (worker.left_until != 0)
	{
		int64		left = worker.left_until - ddb_clock_monotonic();

		timeout = left > 0 ? (long) (left / 1000 + 1) : 0;
	}
	if (http_linger_is_busy())
		timeout = Min(timeout, LINGER_MILLISECONDS);
	if (!dlist_is_empty(&worker.flushing))
		timeout = Min(timeout, FLUSHER_CHECK_MILLISECONDS);
	dlist_foreach(iter, &worker.locked)
	{
		const HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);
		int64		due = request->retry_at - ddb_clock_monotonic();

		if (due <= 0)
			return 1;
		timeout = Min(timeout, (long) (due / 1000 + 1));
	}
	return timeout;
}

/*
 * All workers that wait are woken by a new connection; those that have fewer
 * connections shall take it, so that a few do not share one worker while another
 * has nothing to do.  It is left to them for a moment only: they may be busy.
 */
static void
accept_connections(void)
{
	bool		was_left = worker.left_until != 0;
	int			limit = was_left ? worker.accepts : MAX_ACCEPTS;
	int			i;

	if (!worker.accepting)
		return;
	worker.left_until = 0;
	if (!worker.knocked)
	{
		if (was_left)
			worker.accepts = 0;
		return;
	}
	for (i = 0; i < limit && !http_server_is_full(&worker.http); i++)
	{
		if (!was_left && somebody_has_fewer())
		{
			worker.left_until = ddb_clock_monotonic() + LEAVE_MICROSECONDS;
			worker.accepts = Min(Max(1, worker.accepts * 2), MAX_ACCEPTS);
			return;
		}
		if (!http_server_accept(&worker.http))
			return;
		if (!was_left)
			worker.accepts = 0;
		pg_atomic_write_u32(&ddb_server->workers[worker.slot].connections,
							worker.http.connection_count);
	}
}

static bool
somebody_has_fewer(void)
{
	int			i;

	for (i = 0; i < DDB_MAX_WORKERS; i++)
	{
		DdbWorkerSlot *other = &ddb_server->workers[i];

		if (pg_atomic_read_u32(&other->proc) != 0 &&
			pg_atomic_read_u32(&other->connections) <
			(uint32) worker.http.connection_count)
			return true;
	}
	return false;
}

static void
handle_signals(void)
{
	/* A cancel that comes between requests is for none of them. */
	forget_cancel();
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

	dlist_foreach_modify(iter, &worker.flushing)
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		if (request->flush_target > acked)
			continue;
		http_request_unlink(request);
		request->phase = HTTP_ANSWERED;
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

	dlist_foreach(iter, &worker.flushing)
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

/* The request's response is complete: when may it go out? */
static void
hold_until_durable(HttpRequest *request)
{
	if (request->flush_target == InvalidXLogRecPtr || !ddb_setting_group_flush ||
		request->flush_target <= ddb_flush_acked() ||
		ddb_fault("answer_before_flush"))
		request->phase = HTTP_ANSWERED;
	else
	{
		request->phase = HTTP_FLUSHING;
		http_request_move(request, &worker.flushing);
	}
}

/* --------------------------------------------------------------- scheduling */

/*
 * Requests that have come in.  All are parsed first, so that those which share
 * a transaction follow one another.  At most one large body is parsed in a pass.
 */
static void
run_ready(void)
{
	dlist_head	sharing = DLIST_STATIC_INIT(sharing);
	dlist_head	others = DLIST_STATIC_INIT(others);
	dlist_mutable_iter iter;
	bool		parsed_large = false;

	worker.wait_for_memory = true;
	dlist_foreach_modify(iter, &worker.http.ready)
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		if (!http_memory_may_read(&worker.http, request))
			continue;
		worker.wait_for_memory = false;
		if (is_large(request))
		{
			if (parsed_large)
				continue;
			parsed_large = true;
		}
		http_request_unlink(request);
		run_guarded(request);
		if (request->phase == HTTP_RUNNING)
			http_request_move(request,
							  shares_transaction(request) ? &sharing : &others);
	}
	run_all(&sharing);
	run_all(&others);
}

static bool
is_large(const HttpRequest *request)
{
	return request->body_len > LARGE_BODY || http_request_is_encoded(request);
}

static void
run_all(dlist_head *requests)
{
	dlist_mutable_iter iter;

	dlist_foreach_modify(iter, requests)
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		http_request_unlink(request);
		if (may_run(request))
			run_guarded(request);
		else
			http_request_move(request, &worker.running);
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

	dlist_foreach(iter, &worker.running)
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		if (!may_run(request))
			continue;
		http_request_unlink(request);
		run_guarded(request);
		if (request->linked && request->phase == HTTP_RUNNING &&
			http_memory_is_short(&worker.http))
			dlist_move_head(&worker.running, &request->node);
		worker.wait_for_memory = false;
		return;
	}
}

static bool
is_for_one_item(const HttpRequest *request)
{
	return request->call == NULL ||
		request->call->operation->kind != DDB_OPERATION_READ ||
		request->call->operation->id == DDB_OPERATION_GET_ITEM;
}

/* What writes has a short answer, and what is complete goes out. */
static bool
may_run(HttpRequest *request)
{
	if (request->phase != HTTP_RUNNING || needs_transaction_block(request))
		return true;
	return http_memory_may_run(&worker.http, request, is_for_one_item(request));
}

/*
 * Requests whose time to try for a lock again has come.  Trying in vain may
 * not take more than its share of the worker's time.
 */
static void
retry_locked(void)
{
	int64		now = ddb_clock_monotonic();
	dlist_mutable_iter iter;

	worker.retry_credit = Min(worker.retry_credit +
							  (now - worker.credited_at) / RETRY_SHARE, 5000);
	worker.credited_at = now;
	dlist_foreach_modify(iter, &worker.locked)
	{
		HttpRequest *request = dlist_container(HttpRequest, node, iter.cur);

		if (request->retry_at > now)
			continue;
		if (worker.retry_credit <= 0 && now < request->lock_deadline)
			continue;
		http_request_unlink(request);
		http_server_resume(&worker.http, request);
		request->phase = HTTP_RUNNING;
		run_guarded(request);
		if (request->phase == HTTP_LOCKED)
			worker.retry_credit -= ddb_clock_monotonic() - now;
		now = ddb_clock_monotonic();
	}
}

/* ------------------------------------------------------------------ running */

/* Do what is next for a request; never raises an error. */
static void
run_guarded(HttpRequest *request)
{
	MemoryContext old = CurrentMemoryContext;

	PG_TRY();
	{
		run(request);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(request->context != NULL ? request->context : old);
		handle_error(request);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	http_memory_settle(&worker.http, request);
}

static void
run(HttpRequest *request)
{
	if (request->phase == HTTP_READY)
		read_request(request);
	else
	{
		MemoryContextSwitchTo(request->context);
		if (request->phase == HTTP_RUNNING)
			run_step(request);
		else if (request->phase == HTTP_COMPRESSING)
			(void) http_response_compress(request);
	}

	switch (request->phase)
	{
		case HTTP_RUNNING:
		case HTTP_COMPRESSING:
			http_request_move(request, &worker.running);
			break;
		case HTTP_ANSWERED:
			hold_until_durable(request);
			break;
		case HTTP_RECEIVING:
		case HTTP_READY:
		case HTTP_LOCKED:
		case HTTP_FLUSHING:
			break;
	}
}

static void
read_request(HttpRequest *request)
{
	if (request->context == NULL)
		request->context = AllocSetContextCreate(TopMemoryContext, "HTTP request",
												 ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(request->context);
	request->phase = HTTP_RUNNING;
	refuse_expired(request);
	http_request_read(&worker.http, request);
	http_server_parsed(&worker.http, request);
}

/* It has waited for memory too long. */
static void
refuse_expired(const HttpRequest *request)
{
	if (request->expired)
		ddb_error(DDB_ERROR_SERVICE_UNAVAILABLE,
				  "There is no memory for the request at present.");
}

static void
run_step(HttpRequest *request)
{
	DdbBudget	budget = {
		.bytes = SLICE_BYTES,
		.deadline = ddb_clock_monotonic() + SLICE_MICROSECONDS,
	};
	DdbAsRole	saved;
	bool		complete = true;

	/*
	 * One that has met a lock goes on with one thing in a step, so that it is
	 * clear what is locked, and the rest is not undone with it.
	 */
	if (request->lock_deadline != 0 && ddb_call_can_skip_locked(request->call))
		budget.bytes = 1;
	else if (!needs_transaction_block(request))
		budget.renew = renew_budget;

	refuse_expired(request);
	show_activity(request);
	begin_transaction(request);
	check_primary(request);
	if (request->call != NULL)
	{
		saved = ddb_as_role_begin(ddb_as_role_of_requests());
		complete = run_call(request, budget);
		ddb_as_role_finish(&saved);
	}
	end_transaction(request);
	if (request->call != NULL)
		ddb_as_role_end(&saved);
	MemoryContextSwitchTo(request->context);

	request->attempts = 0;
	if (!complete)
		return;
	if (request->call == NULL)
		http_response_health(request);
	else
		http_response_success(request);
}

static bool
run_call(HttpRequest *request, DdbBudget budget)
{
	bool		complete;

	ddb_call_authorize(request->call->operation);
	PushActiveSnapshot(GetTransactionSnapshot());
	ddb_session_probing = request->attempts > 0 ||
		ddb_clock_monotonic() < worker.probe_until;
	ddb_session_lock_is_brief = false;
	complete = ddb_call_step(request->call, budget);
	PopActiveSnapshot();
	return complete;
}

/*
 * What only reads goes on as long as nobody else has anything to do here: to
 * begin anew costs a transaction and the way down the index.
 */
static bool
renew_budget(DdbBudget *budget, int64 bytes)
{
	if (others_wait())
		return false;
	budget->bytes = bytes + SLICE_BYTES;
	budget->deadline = ddb_clock_monotonic() + SLICE_MICROSECONDS;
	return true;
}

static bool
others_wait(void)
{
	struct pollfd sockets[] = {
		{.fd = worker.http.epoll_fd, .events = POLLIN},
		{.fd = ddb_server_socket, .events = POLLIN},
	};

	return worker.http.active > 1 || MyLatch->is_set ||
		poll(sockets, lengthof(sockets), 0) != 0;
}

static bool
needs_transaction_block(const HttpRequest *request)
{
	return request->call != NULL &&
		(request->call->operation->kind == DDB_OPERATION_WRITE ||
		 request->call->operation->kind == DDB_OPERATION_TABLE_WRITE ||
		 ddb_call_is_transaction(request->call));
}

/*
 * Steps that need no transaction block, which are those that only read, follow
 * one another in one transaction, each with its own snapshot; what they have
 * answered outlives it.  It ends with the pass at the latest.
 */
static bool
shares_transaction(const HttpRequest *request)
{
	return request->call != NULL && !needs_transaction_block(request);
}

/*
 * Writes and transactions run in a real transaction block: they are several
 * statements, which a distributed table would otherwise commit one by one.
 */
static void
begin_transaction(const HttpRequest *request)
{
	if (!shares_transaction(request))
		end_shared_transaction();
	else if (IsTransactionState())
		return;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	if (needs_transaction_block(request))
	{
		BeginTransactionBlock();
		CommitTransactionCommand();
		StartTransactionCommand();
	}
	check_service();
}

/* What keeps the service from serving, as the client's error. */
static void
check_service(void)
{
	if (worker.without_database)
		ddb_error(DDB_ERROR_SERVICE_UNAVAILABLE, "database \"%s\" does not exist",
				  ddb_setting_database);
	if (!ddb_meta_is_installed())
	{
		DdbExtensionProblem problem = ddb_meta_extension_problem();

		ddb_error(DDB_ERROR_SERVICE_UNAVAILABLE, "%s; %s", problem.message,
				  problem.remedy);
	}
}

static void
check_primary(const HttpRequest *request)
{
	if (RecoveryInProgress() && needs_primary(request))
		ddb_error(DDB_ERROR_SERVICE_UNAVAILABLE,
				  "This server is a standby: it answers eventually consistent "
				  "reads only.");
}

/* Descriptions of tables are eventually consistent, too, by their definition. */
static bool
needs_primary(const HttpRequest *request)
{
	return needs_transaction_block(request) ||
		(request->call != NULL && request->call->durable &&
		 request->call->operation->kind != DDB_OPERATION_TABLE_READ);
}

static void
end_transaction(HttpRequest *request)
{
	if (needs_transaction_block(request))
		EndTransactionBlock(false);
	if (!shares_transaction(request))
		commit();

	/* The commit is visible before it is durable, to this request, too. */
	if (request->call != NULL && request->call->durable && !RecoveryInProgress())
		request->flush_target = ddb_flush_target();
}

/*
 * Nothing was written, so whatever an extension may raise now is no matter of
 * the requests that have been answered.
 */
static void
end_shared_transaction(void)
{
	if (!IsTransactionState())
		return;
	PG_TRY();
	{
		commit();
	}
	PG_CATCH();
	{
		EmitErrorReport();
		FlushErrorState();
		AbortOutOfAnyTransaction();
	}
	PG_END_TRY();
}

/*
 * Asynchronously, if answers are held back until a flush.  Only the variable
 * is changed, and only meanwhile: what the setting says decides whether a
 * flush waits for standbys, and dynamo.group_flush may be switched off.
 */
static void
commit(void)
{
	int			configured = synchronous_commit;

	if (ddb_setting_group_flush)
		synchronous_commit = SYNCHRONOUS_COMMIT_OFF;
	PG_TRY();
	{
		CommitTransactionCommand();
	}
	PG_FINALLY();
	{
		synchronous_commit = configured;
	}
	PG_END_TRY();
}

/* ------------------------------------------------------------------- errors */

static void
handle_error(HttpRequest *request)
{
	ErrorData  *error = CopyErrorData();
	DdbFailure	failure;
	bool		internal;

	FlushErrorState();
	if (error->sqlerrcode == ERRCODE_QUERY_CANCELED && lock_timed_out)
		error->sqlerrcode = ERRCODE_LOCK_NOT_AVAILABLE;
	forget_cancel();
	if (request->call != NULL && request->call->durable && IsTransactionState() &&
		!RecoveryInProgress())
		request->flush_target = ddb_flush_target();
	AbortOutOfAnyTransaction();
	ddb_session_probing = false;
	if (request->context == NULL)
	{
		/* No memory for a context: nothing can be said but this. */
		request->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
		request->response = "";
		request->phase = HTTP_ANSWERED;
		return;
	}
	MemoryContextSwitchTo(request->context);
	if (http_memory_put_off(&worker.http, request) || suspend_for_lock(request, error))
		return;

	failure = ddb_error_classify(error, &internal);
	if (request->call != NULL && ddb_session_may_retry(error->sqlerrcode) &&
		ddb_call_conflict(request->call, &failure))
		internal = false;
	if (internal || failure.type == DDB_ERROR_INTERNAL)
		report_internal(request, error);
	http_response_abandon(request);
	http_response_failure(request, &failure);
	if (request->phase == HTTP_COMPRESSING)
		http_request_move(request, &worker.running);
	else
		hold_until_durable(request);
}

/*
 * After an error that a later attempt may not meet the request waits for its
 * turn, unless it has waited for too long.  Other workers are never waited for
 * too long: they hold locks for a step, and however hot an item is, requests do
 * not make each other fail.
 */
static bool
suspend_for_lock(HttpRequest *request, const ErrorData *error)
{
	int64		now = ddb_clock_monotonic();
	int64		delay;

	if (request->call == NULL || ddb_fault("no_requeue") ||
		!ddb_session_may_retry(error->sqlerrcode))
		return false;

	worker.probe_until = now + PROBE_MICROSECONDS;
	if (request->lock_deadline == 0 || ddb_session_lock_is_brief)
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
	request->phase = HTTP_LOCKED;
	request->flush_target = InvalidXLogRecPtr;
	http_request_move(request, &worker.locked);
	return true;
}

/* What the client is not told. */
static void
report_internal(const HttpRequest *request, const ErrorData *error)
{
	if (is_repeated_shortage(error->sqlerrcode))
		return;
	ereport(LOG,
			(errcode(error->sqlerrcode),
			 errmsg("dynamo request %s (%s) failed: %s", request->id,
					http_request_title(request),
					error->message ? error->message : "no message"),
			 error->detail ? errdetail_internal("%s", error->detail) : 0,
			 error->hint ? errhint("%s", error->hint) : 0,
			 error->context ? errcontext("%s", error->context) : 0));
}

/*
 * A full disk is told about now and then: a line for every request would fill
 * another.
 */
static bool
is_repeated_shortage(int sqlerrcode)
{
	static int	last = 0;
	static int64 logged_at = 0;
	int64		now = ddb_clock_monotonic();
	int			category = ERRCODE_TO_CATEGORY(sqlerrcode);

	if (category != ERRCODE_TO_CATEGORY(ERRCODE_INSUFFICIENT_RESOURCES) &&
		category != ERRCODE_TO_CATEGORY(ERRCODE_SYSTEM_ERROR))
		return false;
	if (sqlerrcode == last && now - logged_at < SHORTAGE_MICROSECONDS)
		return true;
	last = sqlerrcode;
	logged_at = now;
	return false;
}

/* ----------------------------------------------------------------- activity */

static void
show_activity(const HttpRequest *request)
{
	if (request != NULL)
		pgstat_report_activity(STATE_RUNNING, http_request_title(request));
	else if (worker.busy)
		pgstat_report_activity(STATE_IDLE, NULL);
	worker.busy = request != NULL;
}
