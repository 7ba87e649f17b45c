/*
 * worker_request.c
 *	  Running one request: its transaction, its role, its errors.
 *
 * A request runs under one PG_TRY (worker_run), outside of libmicrohttpd's
 * frames.  After any error the transaction is aborted.  The error alone decides
 * what happens to the request.
 */
#include "postgres.h"

#include <poll.h>

#include "access/xact.h"
#include "access/xlog.h"
#include "bgworker/as_role.h"
#include "bgworker/flush.h"
#include "bgworker/http_memory.h"
#include "bgworker/http_response.h"
#include "bgworker/server.h"
#include "bgworker/worker_int.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/guc.h"
#include "core/inject.h"
#include "core/lock.h"
#include "meta/meta.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* One step of a request. */
#define SLICE_BYTES INT64CONST(65536)
#define SLICE_MICROSECONDS 1000

/* A shortage that affects many requests is logged once in this time. */
#define SHORTAGE_MICROSECONDS (INT64CONST(10) * 1000000)

static void run(HttpRequest *request);
static void read_request(HttpRequest *request);
static void refuse_expired(const HttpRequest *request);
static void run_step(HttpRequest *request);
static bool run_call(HttpRequest *request, DdbBudget budget);
static bool renew_budget(DdbBudget *budget, int64 bytes);
static bool others_wait(void);
static void begin_transaction(const HttpRequest *request);
static void check_service(void);
static void check_primary(const HttpRequest *request);
static void end_transaction(HttpRequest *request);
static void commit(void);
static void hold_until_durable(HttpRequest *request);
static void handle_error(HttpRequest *request);
static void report_internal(const HttpRequest *request, const ErrorData *error);
static bool is_repeated_shortage(int sqlerrcode);

void
worker_run(HttpRequest *request)
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
	if (request->phase == HTTP_COMPLETE)
		hold_until_durable(request);
	http_memory_settle(&worker.http, request);
}

static void
run(HttpRequest *request)
{
	if (request->phase == HTTP_READY)
	{
		read_request(request);
		return;
	}
	MemoryContextSwitchTo(request->context);
	if (request->phase == HTTP_RUNNING)
		run_step(request);
	else if (request->phase == HTTP_COMPRESSING)
		(void) http_response_compress(request);

	/* If there is more to do, the request goes to the end of its queue. */
	if (request->phase == HTTP_RUNNING || request->phase == HTTP_COMPRESSING)
		http_phase_enter(request, request->phase);
}

static void
read_request(HttpRequest *request)
{
	http_phase_enter(request, HTTP_READING);
	if (request->context == NULL)
		request->context = AllocSetContextCreate(TopMemoryContext, "HTTP request",
												 ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(request->context);
	refuse_expired(request);
	http_request_read(&worker.http, request);
	if (request->phase == HTTP_READING)
		http_phase_enter(request, HTTP_READ);
	http_server_parsed(&worker.http, request);
}

/* Refuses a request that has waited for memory too long. */
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
	 * A request that can leave out locked items, and has met a lock before,
	 * writes only one item in each step.  Then it is clear which item is
	 * locked, and no other write is undone with it.
	 */
	if (request->lock_deadline != 0 && ddb_call_can_skip_locked(request->call))
		budget.bytes = 1;
	else if (!worker_needs_transaction_block(request))
		budget.renew = renew_budget;

	refuse_expired(request);
	worker_show_activity(request);
	begin_transaction(request);
	check_primary(request);
	if (request->call != NULL)
	{
		request->call->caller.role = ddb_as_role_of_requests();
		saved = ddb_as_role_begin(request->call->caller.role);
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

	PushActiveSnapshot(GetTransactionSnapshot());
	ddb_lock_policy = worker_is_probing(request) ? DDB_LOCK_TRY : DDB_LOCK_BRIEF;
	ddb_lock_is_brief = false;
	complete = ddb_call_step(request->call, budget);
	PopActiveSnapshot();
	return complete;
}

/*
 * A step that only reads continues as long as no other request waits.  A new step
 * would cost another transaction and another descent of the index.
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

/* ------------------------------------------------------------- transactions */

/*
 * Writes and transactions run in a real transaction block: they are several
 * statements, which a distributed table would otherwise commit one by one.
 */
static void
begin_transaction(const HttpRequest *request)
{
	if (!worker_shares_transaction(request))
		worker_end_shared_transaction();
	else if (IsTransactionState())
		return;

	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	if (worker_needs_transaction_block(request))
	{
		BeginTransactionBlock();
		CommitTransactionCommand();
		StartTransactionCommand();
	}
	check_service();
}

/* Raises the client's error if the database cannot be served. */
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
	if (RecoveryInProgress() && request->call != NULL &&
		request->call->mode.needs_primary)
		ddb_error(DDB_ERROR_SERVICE_UNAVAILABLE,
				  "This server is a standby: it answers eventually consistent "
				  "reads only.");
}

static void
end_transaction(HttpRequest *request)
{
	if (worker_needs_transaction_block(request))
		EndTransactionBlock(false);
	if (!worker_shares_transaction(request))
		commit();

	/* A commit is visible before it is durable, even to this request. */
	if (request->call != NULL && request->call->mode.durable && !RecoveryInProgress())
		request->flush_target = ddb_flush_target();
}

/*
 * The transaction has written nothing.  So an error at its end, raised by some
 * extension, does not concern the requests that have been answered.
 */
void
worker_end_shared_transaction(void)
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
 * Commits asynchronously if answers are held back until a flush.  Only the
 * variable is changed, and only for the commit, because the setting itself decides
 * whether a flush waits for standbys, and dynamo.group_flush may be switched off.
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

/* The response is complete.  Decides when it may be sent. */
static void
hold_until_durable(HttpRequest *request)
{
	if (request->flush_target == InvalidXLogRecPtr || !ddb_setting_group_flush ||
		request->flush_target <= ddb_flush_acked() ||
		ddb_fault("answer_before_flush"))
		http_phase_enter(request, HTTP_ANSWERED);
	else
		http_phase_enter(request, HTTP_FLUSHING);
}

/* ------------------------------------------------------ what a call needs */

bool
worker_needs_transaction_block(const HttpRequest *request)
{
	return request->call != NULL && request->call->mode.transaction_block;
}

bool
worker_shares_transaction(const HttpRequest *request)
{
	return request->call != NULL && !worker_needs_transaction_block(request);
}

/* ------------------------------------------------------------------- errors */

static void
handle_error(HttpRequest *request)
{
	ErrorData  *error = CopyErrorData();
	DdbFailure	failure;
	bool		internal;

	worker_end_pauses();
	FlushErrorState();
	worker_name_lock_timeout(error);
	worker_forget_cancel();
	if (request->call != NULL && request->call->mode.durable && IsTransactionState() &&
		!RecoveryInProgress())
		request->flush_target = ddb_flush_target();
	AbortOutOfAnyTransaction();
	ddb_lock_policy = DDB_LOCK_BRIEF;
	if (request->gone)
		return;
	if (request->context == NULL)
	{
		/* There was no memory for a context, so this is all we can say. */
		request->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
		request->response = "";
		http_phase_enter(request, HTTP_COMPLETE);
		return;
	}
	MemoryContextSwitchTo(request->context);
	if (http_memory_put_off(&worker.http, request) ||
		worker_suspend_for_lock(request, error))
		return;

	failure = ddb_error_classify(error, &internal);
	if (request->call != NULL && ddb_lock_may_retry(error->sqlerrcode) &&
		ddb_call_conflict(request->call, &failure))
		internal = false;
	if (internal || failure.type == DDB_ERROR_INTERNAL)
		report_internal(request, error);
	http_response_abandon(request);
	http_response_failure(request, &failure);
}

/* Logs an error whose text the client does not get. */
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
 * A full disk is logged from time to time only.  A line for each request would
 * fill another disk.
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
