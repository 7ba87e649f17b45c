/*
 * ttl_worker.c
 *	  The process that deletes expired items.
 *
 * The launcher runs it while some table has time to live.  It goes from table
 * to table, a batch in a transaction, until a pass over all of them is done;
 * then it waits.  Nobody waits for these commits, so they are asynchronous: a
 * crash only means that items expire once more.
 *
 * Items are deleted as dynamo.default_role, like those that requests delete:
 * triggers must not run as the superuser that this process is.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "bgworker/as_role.h"
#include "bgworker/job.h"
#include "bgworker/server.h"
#include "core/clock.h"
#include "core/session.h"
#include "meta/meta.h"
#include "pgstat.h"
#include "ttl/ttl.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* Between looks at a server that is a standby after all. */
#define IDLE_MILLISECONDS 10000

/*
 * A table that is locked as a whole: vacuum does so for a moment when it has
 * emptied the end of it.  How soon it is tried again, and how often.
 */
#define LOCKED_MICROSECONDS INT64CONST(50000)
#define LOCKED_TRIES 100

/* The pass over one table. */
typedef struct TableSweep
{
	const char *table_name;
	DdbTtlSweep *sweep;
	bool		reported;		/* has an error been logged? */
	int			locked;			/* how often in a row the table was locked, */
	int64		retry_at;		/* and when to try again */
} TableSweep;

static MemoryContext pass_context;
static List *sweeps;			/* TableSweep *, those not at their end */

static void start(void);
static void run_pass(void);
static bool begin_pass(void);
static bool run_step(TableSweep *sweep);
static bool step(DdbTtlSweep *sweep);
static void report(TableSweep *sweep, const ErrorData *error);

void
ddb_main_ttl(Datum arg)
{
	bool		first = true;
	int64		began = 0;

	start();
	for (;;)
	{
		int64		wait = IDLE_MILLISECONDS * INT64CONST(1000);

		ddb_job_begin_turn();
		ddb_job_exit_unless_wanted(DDB_WANTED_TTL);
		if (!RecoveryInProgress())
		{
			int64		interval = ddb_setting_ttl_interval * INT64CONST(1000000);

			/* The clock may begin with the machine, not an interval ago. */
			if (first || ddb_clock_monotonic() >= began + interval)
			{
				first = false;
				began = ddb_clock_monotonic();
				run_pass();
			}
			wait = began + interval - ddb_clock_monotonic();
		}
		ddb_job_wait(Max(wait, 0) / 1000 + 1);
	}
}

static void
start(void)
{
	static const DdbPin pins[] = {
		{"synchronous_commit", "off"},
		/* what a trigger waits for */
		{"lock_timeout", "1s"},
		{"row_security", "on"},
		{"jit", "off"},
	};

	ddb_job_start(&ddb_server->ttl);
	ddb_settings_pin(pins, lengthof(pins));
	/* Locks are tried. */
	ddb_session_is_worker = true;
	ddb_session_probing = true;
	pass_context = AllocSetContextCreate(TopMemoryContext, "dynamo ttl",
										 ALLOCSET_SMALL_SIZES);
}

/* A step of each table in turn, so that a full one does not hold the others up. */
static void
run_pass(void)
{
	pgstat_report_activity(STATE_RUNNING, "deleting expired items");
	(void) ddb_job_run(begin_pass);
	while (sweeps != NIL)
	{
		ListCell   *cell;
		bool		idle = true;

		foreach(cell, sweeps)
		{
			TableSweep *sweep = lfirst(cell);

			ddb_job_begin_turn();
			if (sweep->retry_at > ddb_clock_monotonic())
				continue;
			idle = false;
			if (run_step(sweep))
				continue;
			ddb_ttl_sweep_end(sweep->sweep);
			sweeps = foreach_delete_current(sweeps, cell);
		}
		if (idle && sweeps != NIL)
			ddb_job_wait(LOCKED_MICROSECONDS / 1000);
		(void) pgstat_report_stat(false);
	}
	pgstat_report_activity(STATE_IDLE, NULL);
}

static bool
begin_pass(void)
{
	ListCell   *cell;

	MemoryContextReset(pass_context);
	sweeps = NIL;
	if (!ddb_job_begin())
		return true;
	foreach(cell, ddb_meta_list_ttl())
	{
		MemoryContext old = MemoryContextSwitchTo(pass_context);
		TableSweep *sweep = palloc0(sizeof(TableSweep));

		sweep->table_name = pstrdup(lfirst(cell));
		sweep->sweep = ddb_ttl_sweep_begin(pass_context, sweep->table_name);
		sweeps = lappend(sweeps, sweep);
		MemoryContextSwitchTo(old);
	}
	ddb_job_end();
	return true;
}

/* Returns whether there is more to do. */
static bool
run_step(TableSweep *sweep)
{
	MemoryContext old = CurrentMemoryContext;
	volatile bool more = false;

	PG_TRY();
	{
		more = step(sweep->sweep);
		sweep->locked = 0;
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(pass_context);
		error = CopyErrorData();
		FlushErrorState();
		AbortOutOfAnyTransaction();
		more = ddb_ttl_sweep_failed(sweep->sweep);
		if (error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
			report(sweep, error);
		else if (!more && ++sweep->locked < LOCKED_TRIES)
		{
			sweep->retry_at = ddb_clock_monotonic() + LOCKED_MICROSECONDS;
			more = true;
		}
		FreeErrorData(error);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	return more;
}

static bool
step(DdbTtlSweep *sweep)
{
	DdbAsRole	saved;
	bool		more;

	ddb_job_begin_transaction();
	if (!ddb_meta_is_installed())
	{
		ddb_job_end_transaction();
		return false;
	}
	saved = ddb_as_role_begin(ddb_as_role_of_requests());
	ddb_job_begin_statements();
	more = ddb_ttl_sweep_step(sweep, ddb_setting_ttl_batch_size);
	ddb_job_end_statements();
	ddb_as_role_finish(&saved);
	ddb_job_end_transaction();
	ddb_as_role_end(&saved);
	return more;
}

/* Once in a pass. */
static void
report(TableSweep *sweep, const ErrorData *error)
{
	if (sweep->reported)
		return;
	sweep->reported = true;
	ereport(LOG,
			(errcode(error->sqlerrcode),
			 errmsg("could not delete expired items of table \"%s\": %s",
					sweep->table_name, error->message ? error->message : "no message"),
			 error->detail ? errdetail_internal("%s", error->detail) : 0,
			 error->hint ? errhint("%s", error->hint) : 0,
			 error->context ? errcontext("%s", error->context) : 0));
}
