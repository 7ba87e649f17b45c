/*
 * jobs_worker.c
 *	  The process that finishes what a request could only begin: at present,
 *	  dropping the heaps of deleted tables that somebody was using.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "bgworker/server.h"
#include "core/inject.h"
#include "executor/spi.h"
#include "meta/meta.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "store/store.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

/* Between looks when there is something to do, and when there is not. */
#define BUSY_MILLISECONDS 100
#define IDLE_MILLISECONDS 10000

static bool run_guarded(bool (*job) (void));
static bool drop_deleted_tables(void);
static bool drop_deleted_table(const char *name);
static void begin(void);
static void end(void);

void
ddb_main_jobs(Datum arg)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(ddb_setting_database, NULL, 0);
	SetConfigOption("search_path", "pg_catalog, pg_temp", PGC_SUSET, PGC_S_OVERRIDE);
	SetConfigOption("default_transaction_read_only", "off", PGC_SUSET, PGC_S_OVERRIDE);
	ddb_server_announce(&ddb_server->jobs);

	for (;;)
	{
		bool		done = true;

		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}
		if (!RecoveryInProgress())
			done = run_guarded(drop_deleted_tables);
		(void) pgstat_report_stat(false);
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 done ? IDLE_MILLISECONDS : BUSY_MILLISECONDS,
						 PG_WAIT_EXTENSION);
	}
}

/*
 * Run a job; returns whether nothing is left to do.  An error is logged, and
 * the job tried again at the next turn.
 */
static bool
run_guarded(bool (*job) (void))
{
	MemoryContext old = CurrentMemoryContext;
	volatile bool done = true;

	PG_TRY();
	{
		done = job();
	}
	PG_CATCH();
	{
		EmitErrorReport();
		FlushErrorState();
		AbortOutOfAnyTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	return done;
}

static bool
drop_deleted_tables(void)
{
	bool		done = true;
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "dynamo jobs",
												  ALLOCSET_SMALL_SIZES);
	List	   *names = NIL;
	ListCell   *cell;

	begin();
	if (ddb_meta_is_installed())
	{
		foreach(cell, ddb_meta_list_deleting())
		{
			MemoryContext old = MemoryContextSwitchTo(context);

			names = lappend(names, pstrdup(lfirst(cell)));
			MemoryContextSwitchTo(old);
		}
	}
	end();
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

	begin();
	table = ddb_meta_look_up(name);
	if (table != NULL && table->status == DDB_TABLE_DELETING &&
		!ddb_fault("heap_kept"))
	{
		/* Its name stays taken for as long as it was told to be. */
		done = table->shown_until == 0 && ddb_store_drop_table(table, false);
		if (done)
			ddb_meta_delete(name);
	}
	end();
	return done;
}

static void
begin(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	BeginTransactionBlock();
	CommitTransactionCommand();
	StartTransactionCommand();
	PushActiveSnapshot(GetTransactionSnapshot());
	ddb_meta_begin_operation();
	SPI_connect();
}

static void
end(void)
{
	SPI_finish();
	ddb_meta_end_operation();
	PopActiveSnapshot();
	EndTransactionBlock(false);
	CommitTransactionCommand();
}
