/*
 * jobs_worker.c
 *	  The process that finishes what a request could only begin.
 *
 * It drops the heaps of deleted tables, and deleted indexes, that somebody was
 * using; it forgets tokens of requests; and it says when processes are wanted
 * that have longer work to do.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "bgworker/job.h"
#include "bgworker/server.h"
#include "core/clock.h"
#include "core/inject.h"
#include "meta/meta.h"
#include "meta/token.h"
#include "store/store.h"
#include "utils/memutils.h"

/* Between looks when there is something to do, and when there is not. */
#define BUSY_MILLISECONDS 100
#define IDLE_MILLISECONDS 10000

#define SWEEP_TOKENS_MICROSECONDS (INT64CONST(60) * 1000000)

static bool report_extension(void);
static bool sweep_tokens(void);
static bool drop_deleted_tables(void);
static bool drop_deleted_table(const char *name);
static bool drop_deleted_indexes(void);
static bool drop_deleted_index(const DdbJob *job);
static bool call_processes(void);

void
ddb_main_jobs(Datum arg)
{
	ddb_job_start(DDB_PROCESS_JOBS);

	for (;;)
	{
		bool		done = true;

		ddb_job_begin_turn();
		(void) ddb_job_run(report_extension);
		if (!RecoveryInProgress())
		{
			(void) ddb_job_run(sweep_tokens);
			done = ddb_job_run(drop_deleted_tables);
			done = ddb_job_run(drop_deleted_indexes) && done;
			(void) ddb_job_run(call_processes);
		}
		ddb_job_wait(done ? IDLE_MILLISECONDS : BUSY_MILLISECONDS);
	}
}

/*
 * Say in the log, once, why nothing is served: somebody has installed another
 * version of the library, or taken tables of the catalog away.
 */
static bool
report_extension(void)
{
	static DdbExtensionState reported = DDB_EXTENSION_READY;
	DdbExtensionState state;

	ddb_job_begin_transaction();
	state = ddb_meta_extension_state();
	if (state != reported && state != DDB_EXTENSION_READY &&
		state != DDB_EXTENSION_ABSENT)
	{
		DdbExtensionProblem problem = ddb_meta_extension_problem();

		ereport(LOG,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("dynamo does not serve: %s", problem.message),
				 errhint("To mend it, %s.", problem.remedy)));
	}
	reported = state;
	ddb_job_end_transaction();
	return true;
}

/* Once a minute; that it is not yet time is nothing left to do. */
static bool
sweep_tokens(void)
{
	static int64 swept_at = 0;
	int64		now = ddb_clock_monotonic();

	if (swept_at != 0 && now - swept_at < SWEEP_TOKENS_MICROSECONDS)
		return true;
	if (!ddb_job_begin())
		return true;
	ddb_token_sweep();
	ddb_job_end();
	swept_at = now;
	return true;
}

static bool
drop_deleted_tables(void)
{
	bool		done = true;
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "dynamo jobs",
												  ALLOCSET_SMALL_SIZES);
	List	   *names = NIL;
	ListCell   *cell;

	if (!ddb_job_begin())
		return true;
	foreach(cell, ddb_meta_list_deleting())
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		names = lappend(names, pstrdup(lfirst(cell)));
		MemoryContextSwitchTo(old);
	}
	ddb_job_end();
	foreach(cell, names)
		done = drop_deleted_table(lfirst(cell)) && done;
	MemoryContextDelete(context);
	return done;
}

/*
 * Each in its own transaction; without waiting for the heap, so that nobody waits
 * for us.  The row of the catalog is locked: the table may have been dropped by
 * SQL, and another made of its name.
 */
static bool
drop_deleted_table(const char *name)
{
	DdbTable   *table;
	bool		done = true;

	if (!ddb_job_begin())
		return true;
	table = ddb_meta_lock(name) ? ddb_meta_look_up(name) : NULL;
	if (table != NULL && table->status == DDB_TABLE_DELETING &&
		!ddb_fault("heap_kept"))
	{
		/* Its name stays taken for as long as it was told to be. */
		done = table->shown_until == 0 && ddb_store_drop_table(table, false);
		if (done)
			ddb_meta_delete(name);
		else
			ddb_server_interrupt(table->relid);	/* it may wait for long */
	}
	ddb_job_end();
	return done;
}

static bool
drop_deleted_indexes(void)
{
	bool		done = true;
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "dynamo jobs",
												  ALLOCSET_SMALL_SIZES);
	List	   *jobs = NIL;
	ListCell   *cell;

	if (!ddb_job_begin())
		return true;
	MemoryContextSwitchTo(context);
	jobs = ddb_meta_list_deleting_indexes();
	ddb_job_end();
	foreach(cell, jobs)
		done = drop_deleted_index(lfirst(cell)) && done;
	MemoryContextDelete(context);
	return done;
}

/* One that is being built is in use; nobody waits for the end of that. */
static bool
drop_deleted_index(const DdbJob *job)
{
	DdbTable   *table;
	const DdbIndex *index;
	bool		done = true;

	if (!ddb_job_begin())
		return true;
	table = ddb_meta_lock(job->table_name) ?
		ddb_meta_look_up(job->table_name) : NULL;
	index = table != NULL ? ddb_meta_find_index(table, job->object_name) : NULL;
	if (index != NULL && index->status == DDB_TABLE_DELETING)
	{
		ddb_server_interrupt(table->relid);
		done = index->shown_until == 0 &&
			ddb_store_drop_index(table, index, false);
		if (done)
			ddb_meta_delete_index(job->table_name, job->object_name);
	}
	ddb_job_end();
	return done;
}

static bool
call_processes(void)
{
	bool		builds = false;
	bool		expiry = false;

	if (ddb_job_begin())
	{
		builds = ddb_meta_has_builds();
		expiry = ddb_meta_has_ttl();
		ddb_job_end();
	}
	if (ddb_server_demand(DDB_PROCESS_BUILDER, builds))
		ddb_server_wake(DDB_PROCESS_BUILDER, 0);
	if (ddb_server_demand(DDB_PROCESS_TTL, expiry))
		ddb_server_wake(DDB_PROCESS_TTL, 0);
	return true;
}
