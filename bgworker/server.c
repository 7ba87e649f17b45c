/*
 * server.c
 *	  The server's shared memory and the listening socket, which the postmaster
 *	  opens and all workers inherit.
 *
 * The socket is opened when shared memory is set up, because that happens
 * exactly when a server really starts: not for postgres -C, not in single-user
 * mode.  After a crash shared memory is set up again by the same postmaster,
 * which has the socket still.
 */
#include "postgres.h"

#include "bgworker/server.h"
#include "core/background.h"
#include "core/lock.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"

#define LOCK_TRANCHE "dynamo"

DdbServer  *ddb_server = NULL;
pgsocket	ddb_server_socket = PGINVALID_SOCKET;

static bool serves_database(void);
static bool is_worker(const PGPROC *proc);
static void wake_tasks(void);

static const DdbBackground background = {
	.serves_database = serves_database,
	.wake = wake_tasks,
	.interrupt = ddb_server_interrupt,
	.cancel = ddb_server_cancel,
};

static shmem_request_hook_type previous_request_hook = NULL;
static shmem_startup_hook_type previous_startup_hook = NULL;

static void request_shared_memory(void);
static void start_shared_memory(void);
static void init_shared_memory(void);

void
ddb_server_init(void)
{
	int			i;

	if (IsBinaryUpgrade)
		return;
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_shared_memory;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = start_shared_memory;
	ddb_background_set(&background);
	ddb_lock_set_workers(is_worker);
	for (i = 0; i < DDB_PROCESS_COUNT; i++)
	{
		if (ddb_process_info[i].runs == DDB_RUNS_ALWAYS)
		{
			BackgroundWorker process = ddb_process_describe(i, 0, 0);

			RegisterBackgroundWorker(&process);
		}
	}
}

/*
 * DdbBackground: returns whether a process looks for work in this database.  The
 * server's own processes run only where one does.
 */
static bool
serves_database(void)
{
	PGPROC	   *proc = ddb_server_proc(DDB_PROCESS_TASKS, 0);

	return ddb_server_my_place() != NULL ||
		(proc != NULL && proc->databaseId == MyDatabaseId);
}

/* Is it one of the HTTP workers? */
static bool
is_worker(const PGPROC *proc)
{
	int			i;

	for (i = 0; i < DDB_MAX_WORKERS; i++)
	{
		if (proc == ddb_server_proc(DDB_PROCESS_WORKER, i))
			return true;
	}
	return false;
}

static void
wake_tasks(void)
{
	ddb_server_wake(DDB_PROCESS_TASKS, 0);
}

static void
request_shared_memory(void)
{
	if (previous_request_hook)
		previous_request_hook();
	RequestAddinShmemSpace(MAXALIGN(sizeof(DdbServer)));
	RequestNamedLWLockTranche(LOCK_TRANCHE, 1);
}

static void
start_shared_memory(void)
{
	bool		found;

	if (previous_startup_hook)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	ddb_server = ShmemInitStruct("dynamo", sizeof(DdbServer), &found);
	if (!found)
		init_shared_memory();
	LWLockRelease(AddinShmemInitLock);

	if (IsPostmasterEnvironment && !IsUnderPostmaster &&
		ddb_server_socket == PGINVALID_SOCKET)
	{
		ddb_server_socket = ddb_listener_open();
		ddb_process_count();
	}
}

static void
init_shared_memory(void)
{
	int			i;

	pg_atomic_init_u64(&ddb_server->acked_lsn, 0);
	pg_atomic_init_u32(&ddb_server->standby_waits, 0);
	pg_atomic_init_u32(&ddb_server->consistent, 0);
	ddb_server->lock = &GetNamedLWLockTranche(LOCK_TRANCHE)->lock;
	for (i = 0; i < DDB_PROCESS_COUNT; i++)
	{
		pg_atomic_init_u32(&ddb_server->processes[i].demanded, 0);
		pg_atomic_init_u32(&ddb_server->processes[i].missing, 0);
	}
	for (i = 0; i < DDB_PLACE_COUNT; i++)
	{
		pg_atomic_init_u32(&ddb_server->places[i].proc, 0);
		ddb_server->places[i].heap = InvalidOid;
		ddb_server->places[i].job = 0;
	}
	for (i = 0; i < DDB_MAX_WORKERS; i++)
	{
		pg_atomic_init_u64(&ddb_server->workers[i].wanted_lsn, 0);
		pg_atomic_init_u32(&ddb_server->workers[i].active, 0);
		pg_atomic_init_u32(&ddb_server->workers[i].connections, 0);
	}
}
