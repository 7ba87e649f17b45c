/*
 * jobs_worker.c
 *	  The process that finishes what a request could only begin: it drops the
 *	  heaps of deleted tables that somebody was using, and tells the launcher
 *	  which of the processes that are not always there have something to do.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "bgworker/job.h"
#include "bgworker/server.h"
#include "core/inject.h"
#include "meta/meta.h"
#include "store/store.h"
#include "ttl/ttl.h"
#include "utils/memutils.h"

/* Between looks when there is something to do, and when there is not. */
#define BUSY_MILLISECONDS 100
#define IDLE_MILLISECONDS 10000

static bool drop_deleted_tables(void);
static bool drop_deleted_table(const char *name);
static bool survey_ttl(void);
static bool want(pg_atomic_uint32 *wanted, bool value);

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
			done = ddb_job_run(drop_deleted_tables);
			(void) ddb_job_run(survey_ttl);
		}
		ddb_job_wait(done ? IDLE_MILLISECONDS : BUSY_MILLISECONDS);
	}
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
		else if (pg_atomic_read_u32(&ddb_server->building) == table->relid)
			ddb_server_cancel(&ddb_server->builder);	/* it may wait for long */
	}
	ddb_job_end();
	return done;
}

static bool
survey_ttl(void)
{
	DdbTtlWork	work = {false, false};

	ddb_job_begin();
	if (ddb_meta_is_installed())
		work = ddb_ttl_survey();
	ddb_job_end();
	if (want(&ddb_server->builder_wanted, work.build))
		ddb_server_wake(&ddb_server->builder);
	if (want(&ddb_server->ttl_wanted, work.sweep))
		ddb_server_wake(&ddb_server->ttl);
	return true;
}

/* The launcher starts such a process, which ends by itself.  Is this news? */
static bool
want(pg_atomic_uint32 *wanted, bool value)
{
	if (pg_atomic_exchange_u32(wanted, value ? 1 : 0) == (value ? 1 : 0))
		return false;
	ddb_server_wake(&ddb_server->launcher);
	return true;
}
