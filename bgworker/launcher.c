/*
 * launcher.c
 *	  The process that keeps the right number of workers running.
 *
 * It looks at the shared catalogs only.  While the database to be served does
 * not exist it runs workers that say so; when it is dropped its workers are
 * gone and the next ones say so, instead of failing to connect for ever.
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

/* A process of ours that is to run. */
typedef struct Child
{
	BackgroundWorkerHandle *handle; /* NULL: not started */
	int			flags;			/* that it was started with */
} Child;

static Child workers[DDB_MAX_WORKERS];
static Child jobs;
static Child builder;
static Child ttl;

static bool database_exists(void);
static void stop_children(int code, Datum arg);
static void keep(Child *child, bool wanted, int flags, const char *name,
				 const char *function, int slot);
static bool is_running(Child *child);
static bool is_in_demand(Child *child, uint32 process);
static void launch(Child *child, int flags, const char *name,
				   const char *function, int slot);

void
ddb_main_launcher(Datum arg)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	before_shmem_exit(stop_children, (Datum) 0);
	ddb_server_announce(&ddb_server->launcher);
	pg_atomic_write_u32(&ddb_server->consistent, 1);

	/* No socket: the postmaster's log says why.  The jobs are done anyway. */
	for (;;)
	{
		int			count;
		int			flags;
		bool		serve;
		int			i;

		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}

		count = ddb_server_socket != PGINVALID_SOCKET ?
			ddb_settings_worker_count() : 0;
		flags = database_exists() ? 0 : DDB_WORKER_WITHOUT_DATABASE;
		for (i = 0; i < DDB_MAX_WORKERS; i++)
			keep(&workers[i], i < count, flags, "dynamo worker", "ddb_main_worker", i);
		serve = ddb_setting_workers != 0 && flags == 0;
		keep(&jobs, serve, 0, "dynamo jobs", "ddb_main_jobs", 0);
		keep(&builder, serve && is_in_demand(&builder, DDB_WANTED_BUILDER), 0,
			 "dynamo builder", "ddb_main_builder", 0);
		keep(&ttl, serve && is_in_demand(&ttl, DDB_WANTED_TTL), 0,
			 "dynamo ttl", "ddb_main_ttl", 0);

		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 CHECK_MILLISECONDS, PG_WAIT_EXTENSION);
	}
}

/* The next launcher knows nothing of them and starts its own. */
static void
stop_children(int code, Datum arg)
{
	Child	   *const others[] = {&jobs, &builder, &ttl};
	int			i;

	for (i = 0; i < DDB_MAX_WORKERS; i++)
	{
		if (workers[i].handle != NULL)
			TerminateBackgroundWorker(workers[i].handle);
	}
	for (i = 0; i < lengthof(others); i++)
	{
		if (others[i]->handle != NULL)
			TerminateBackgroundWorker(others[i]->handle);
	}
}

/*
 * A sequential scan, as the autovacuum launcher does: without a database, and
 * before anybody has written the cache of shared relations, there is no
 * opening an index.
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

/* Start, stop or restart a process so that it is as wanted. */
static void
keep(Child *child, bool wanted, int flags, const char *name,
	 const char *function, int slot)
{
	bool		running = is_running(child);

	if (running && (!wanted || child->flags != flags))
		TerminateBackgroundWorker(child->handle);
	else if (!running && wanted)
		launch(child, flags, name, function, slot);
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

/* Such a process is started on demand and ends by itself. */
static bool
is_in_demand(Child *child, uint32 process)
{
	return ddb_server_is_wanted(process) || is_running(child);
}

static void
launch(Child *child, int flags, const char *name, const char *function, int slot)
{
	static bool complained = false;
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
	BackgroundWorker process = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_ConsistentState,
		.bgw_restart_time = BGW_NEVER_RESTART,
		.bgw_main_arg = Int32GetDatum(slot | flags),
		.bgw_notify_pid = MyProcPid,
	};

	snprintf(process.bgw_name, BGW_MAXLEN, "%s %d", name, slot + 1);
	strlcpy(process.bgw_type, name, BGW_MAXLEN);
	strlcpy(process.bgw_library_name, "dynamo", BGW_MAXLEN);
	strlcpy(process.bgw_function_name, function, BGW_MAXLEN);
	child->flags = flags;
	if (RegisterDynamicBackgroundWorker(&process, &child->handle))
		complained = false;
	else
	{
		child->handle = NULL;
		if (!complained)
			ereport(LOG,
					(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
					 errmsg("dynamo could not start \"%s\": too many background workers",
							process.bgw_name),
					 errhint("Increase max_worker_processes, or decrease dynamo.workers.")));
		complained = true;
	}
	MemoryContextSwitchTo(old);
}
