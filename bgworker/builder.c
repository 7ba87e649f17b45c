/*
 * builder.c
 *	  The process that makes and drops indexes without blocking writers.
 *
 * CREATE INDEX CONCURRENTLY waits for every transaction that could not know of
 * the index, perhaps for a forgotten one.  So it is nothing that the jobs
 * worker, on which others wait, could do.  The launcher runs this process while
 * there is something to build.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "bgworker/job.h"
#include "bgworker/server.h"
#include "bgworker/top_level.h"
#include "meta/meta.h"
#include "ttl/ttl.h"
#include "utils/memutils.h"

/* Between looks, and when something failed. */
#define WAIT_MILLISECONDS 1000
#define RETRY_MILLISECONDS 10000

static MemoryContext turn_context;
static List *names;				/* tables whose index may be unfinished */
static const char *name;		/* the one at hand */
static bool finished;			/* is it as it is to be? */

static bool find_tables(void);
static bool build_ttl_index(void);

void
ddb_main_builder(Datum arg)
{
	ddb_job_start(&ddb_server->builder);
	turn_context = AllocSetContextCreate(TopMemoryContext, "dynamo builder",
										 ALLOCSET_SMALL_SIZES);
	for (;;)
	{
		ListCell   *cell;
		bool		failed = false;

		ddb_job_begin_turn();
		ddb_job_exit_unless(&ddb_server->builder_wanted);
		MemoryContextReset(turn_context);
		names = NIL;
		if (!RecoveryInProgress())
			(void) ddb_job_run(find_tables);
		foreach(cell, names)
		{
			/* One that fails does not keep the others from their turn. */
			name = lfirst(cell);
			finished = false;
			(void) ddb_job_run(build_ttl_index);
			pg_atomic_write_u32(&ddb_server->building, InvalidOid);
			failed |= !finished;
		}
		ddb_server_wake(&ddb_server->jobs);
		ddb_job_wait(failed ? RETRY_MILLISECONDS : WAIT_MILLISECONDS);
	}
}

static bool
find_tables(void)
{
	ListCell   *cell;

	ddb_job_begin();
	if (ddb_meta_is_installed())
	{
		foreach(cell, ddb_meta_list_ttl())
		{
			MemoryContext old = MemoryContextSwitchTo(turn_context);

			names = lappend(names, pstrdup(lfirst(cell)));
			MemoryContextSwitchTo(old);
		}
	}
	ddb_job_end();
	return true;
}

static bool
build_ttl_index(void)
{
	for (;;)
	{
		char	   *sql;

		ddb_job_begin();
		sql = ddb_ttl_next_statement(name);
		if (sql != NULL)
		{
			sql = MemoryContextStrdup(turn_context, sql);
			pg_atomic_write_u32(&ddb_server->building, ddb_meta_look_up(name)->relid);
		}
		ddb_job_end();
		if (sql == NULL)
			break;
		ddb_store_execute_top_level(sql);
	}
	finished = true;
	return true;
}
