/*
 * launcher.c
 *	  The process that keeps the right number of other processes running: see
 *	  process.def.
 *
 * It reads the shared catalogs only.  While the database that is to be served
 * does not exist, it runs workers that tell clients so.  When the database is
 * dropped, its workers end, and the launcher starts such workers instead of
 * workers that fail to connect again and again.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "bgworker/server.h"
#include "catalog/pg_database.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

#define CHECK_MILLISECONDS 1000

/* A process that the launcher starts. */
typedef struct Child
{
	BackgroundWorkerHandle *handle; /* NULL: not started */
	int			flags;			/* that it was started with */
} Child;

static Child children[DDB_PLACE_COUNT];

static bool database_exists(void);
static void stop_children(int code, Datum arg);
static void keep_all(void);
static bool keep(DdbProcess process, int number, bool wanted, bool database);
static bool is_running(Child *child);
static bool launch(Child *child, BackgroundWorker *description);
static void note_missing(DdbProcess process, int missing);

void
ddb_main_launcher(Datum arg)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	before_shmem_exit(stop_children, (Datum) 0);
	ddb_server_announce(DDB_PROCESS_LAUNCHER, 0);
	pg_atomic_write_u32(&ddb_server->consistent, 1);

	for (;;)
	{
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}

		keep_all();
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 CHECK_MILLISECONDS, PG_WAIT_EXTENSION);
	}
}

/* The next launcher does not know these processes and starts its own. */
static void
stop_children(int code, Datum arg)
{
	int			i;

	for (i = 0; i < DDB_PLACE_COUNT; i++)
	{
		if (children[i].handle != NULL)
			TerminateBackgroundWorker(children[i].handle);
	}
}

/*
 * Uses a sequential scan, as the autovacuum launcher does.  Without a database,
 * and before the cache file of shared relations exists, an index cannot be
 * opened.
 */
static bool
database_exists(void)
{
	Relation	relation;
	TableScanDesc scan;
	HeapTuple	tuple;
	bool		exists = false;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	relation = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(relation, 0, NULL);
	while (!exists && (tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		Form_pg_database database = (Form_pg_database) GETSTRUCT(tuple);

		exists = strcmp(NameStr(database->datname), ddb_setting_database) == 0;
	}
	table_endscan(scan);
	table_close(relation, AccessShareLock);
	CommitTransactionCommand();
	return exists;
}

static void
keep_all(void)
{
	bool		database = database_exists();
	int			process;
	int			number;

	for (process = 0; process < DDB_PROCESS_COUNT; process++)
	{
		const DdbProcessInfo *info = &ddb_process_info[process];
		int			wanted = ddb_process_wanted(process, database);
		int			missing = 0;

		if (info->runs == DDB_RUNS_ALWAYS)
			continue;
		for (number = 0; number < info->most; number++)
		{
			if (!keep(process, number, number < wanted, database))
				missing++;
		}
		note_missing(process, missing);
	}
}

/*
 * Starts, stops or restarts a process as required.  Returns false if the
 * postmaster has no slot for it.  A process without demand ends by itself.
 */
static bool
keep(DdbProcess process, int number, bool wanted, bool database)
{
	const DdbProcessInfo *info = &ddb_process_info[process];
	Child	   *child = &children[info->first_place + number];
	bool		ends_itself = info->runs == DDB_RUNS_DEMANDED && database &&
		ddb_setting_workers != 0;
	int			flags = database ? 0 : DDB_WORKER_WITHOUT_DATABASE;
	bool		running = is_running(child);

	if (running && ((!wanted && !ends_itself) || child->flags != flags))
		TerminateBackgroundWorker(child->handle);
	else if (!running && wanted)
	{
		BackgroundWorker description = ddb_process_describe(process, number, flags);

		child->flags = flags;
		return launch(child, &description);
	}
	return true;
}

static bool
is_running(Child *child)
{
	pid_t		pid;

	if (child->handle == NULL)
		return false;
	if (GetBackgroundWorkerPid(child->handle, &pid) != BGWH_STOPPED)
		return true;
	pfree(child->handle);
	child->handle = NULL;
	return false;
}

static bool
launch(Child *child, BackgroundWorker *description)
{
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
	bool		launched;

	description->bgw_notify_pid = MyProcPid;
	launched = RegisterDynamicBackgroundWorker(description, &child->handle);
	if (!launched)
		child->handle = NULL;
	MemoryContextSwitchTo(old);
	return launched;
}

/* Logs this once, until all have been started.  dynamo.processes shows it. */
static void
note_missing(DdbProcess process, int missing)
{
	uint32		before = pg_atomic_exchange_u32(&ddb_server->processes[process].missing,
												missing);

	if (missing > 0 && before == 0)
		ereport(LOG,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("dynamo could not start \"%s\": too many background workers",
						ddb_process_info[process].name),
				 errhint("Increase max_worker_processes, or decrease dynamo.workers.")));
}
