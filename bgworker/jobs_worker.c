/*
 * jobs_worker.c
 *	  The process that finishes what a request could only begin: dropping the
 *	  heaps of deleted tables that somebody was using, and forgetting tokens
 *	  of requests.
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

static bool sweep_tokens(void);
static bool drop_deleted_tables(void);
static bool drop_deleted_table(const char *name);

void
ddb_main_jobs(Datum arg)
{
	ddb_job_start(&ddb_server->jobs);

	for (;;)
	{
		bool		done = true;

		ddb_job_begin_turn();
		if (!RecoveryInProgress())
		{
			(void) ddb_job_run(sweep_tokens);
			done = ddb_job_run(drop_deleted_tables);
		}
		ddb_job_wait(done ? IDLE_MILLISECONDS : BUSY_MILLISECONDS);
	}
}

/* Once a minute; that it is not yet time is nothing left to do. */
static bool
sweep_tokens(void)
{
	static int64 swept_at = 0;
	int64		now = ddb_clock_monotonic();

	if (swept_at != 0 && now - swept_at < SWEEP_TOKENS_MICROSECONDS)
		return true;
	ddb_job_begin();
	if (ddb_meta_is_installed())
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

	ddb_job_begin();
	if (ddb_meta_is_installed())
	{
		foreach(cell, ddb_meta_list_deleting())
		{
			MemoryContext old = MemoryContextSwitchTo(context);

			names = lappend(names, pstrdup(lfirst(cell)));
			MemoryContextSwitchTo(old);
		}
	}
	ddb_job_end();
	foreach(cell, names)
		done = drop_deleted_table(lfirst(cell)) && done;
	MemoryContextDelete(context);
	return done;
}

/* Each in its own transaction; without waiting, so that nobody waits for us. */
static bool
drop_deleted_table(const char *name)
{
	DdbTable   *table;
	bool		done = true;

	ddb_job_begin();
	table = ddb_meta_look_up(name);
	if (table != NULL && table->status == DDB_TABLE_DELETING &&
		!ddb_fault("heap_kept"))
	{
		done = ddb_store_drop_table(table, false);
		if (done)
			ddb_meta_delete(name);
	}
	ddb_job_end();
	return done;
}
