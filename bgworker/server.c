/*
 * server.c
 *	  Registration of the server's processes, their shared memory, and the
 *	  listening socket, which the postmaster opens and all workers inherit.
 *
 * The socket is opened when shared memory is set up, because that happens
 * exactly when a server really starts: not for postgres -C, not in single-user
 * mode.  After a crash shared memory is set up again by the same postmaster,
 * which has the socket still.
 */
#include "postgres.h"

#include <signal.h>

#include "access/xact.h"
#include "bgworker/server.h"
#include "core/session.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"

#define RESTART_SECONDS 1

DdbServer  *ddb_server = NULL;
pgsocket	ddb_server_socket = PGINVALID_SOCKET;

#if PG_VERSION_NUM >= 150000
static shmem_request_hook_type previous_request_hook = NULL;
static void request_shared_memory(void);
#endif
static shmem_startup_hook_type previous_startup_hook = NULL;

/* Does this transaction leave work to the jobs worker? */
static bool wake_jobs = false;

static void start_shared_memory(void);
static void register_process(const char *name, const char *function);
static void forget_process(int code, Datum proc);
static bool leave_to_server(void);
static bool serves_this_database(void);
static void wake_after_commit(XactEvent event, void *arg);

void
ddb_server_init(void)
{
	if (IsBinaryUpgrade)
		return;
#if PG_VERSION_NUM >= 150000
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_shared_memory;
#else
	RequestAddinShmemSpace(MAXALIGN(sizeof(DdbServer)));
#endif
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = start_shared_memory;
	register_process("dynamo launcher", "ddb_main_launcher");
	register_process("dynamo flusher", "ddb_main_flusher");
	ddb_session_server_hook = leave_to_server;
}

void
ddb_server_announce(pg_atomic_uint32 *proc)
{
	pg_atomic_write_u32(proc, MyProc->pgprocno + 1);
	before_shmem_exit(forget_process, PointerGetDatum(proc));
}

void
ddb_server_wake(pg_atomic_uint32 *proc)
{
	uint32		number = pg_atomic_read_u32(proc);

	/* A stale number wakes a stranger, who finds nothing to do. */
	if (number != 0)
		SetLatch(&ProcGlobal->allProcs[number - 1].procLatch);
}

void
ddb_server_cancel(pg_atomic_uint32 *proc)
{
	uint32		number = pg_atomic_read_u32(proc);
	int			pid = number != 0 ? ProcGlobal->allProcs[number - 1].pid : 0;

	if (pid != 0)
		(void) kill(pid, SIGINT);
}

static void
forget_process(int code, Datum proc)
{
	pg_atomic_write_u32((pg_atomic_uint32 *) DatumGetPointer(proc), 0);
}

/* ddb_session_server_hook */
static bool
leave_to_server(void)
{
	static bool registered = false;

	if (!ddb_session_is_worker && !serves_this_database())
		return false;
	if (!registered)
		RegisterXactCallback(wake_after_commit, NULL);
	registered = true;
	wake_jobs = true;
	return true;
}

/* The jobs worker is there as long as the database is served. */
static bool
serves_this_database(void)
{
	uint32		number = ddb_server != NULL ?
		pg_atomic_read_u32(&ddb_server->jobs) : 0;

	return number != 0 &&
		ProcGlobal->allProcs[number - 1].databaseId == MyDatabaseId;
}

static void
wake_after_commit(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT && wake_jobs)
		ddb_server_wake(&ddb_server->jobs);
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE)
		wake_jobs = false;
}

#if PG_VERSION_NUM >= 150000
static void
request_shared_memory(void)
{
	if (previous_request_hook)
		previous_request_hook();
	RequestAddinShmemSpace(MAXALIGN(sizeof(DdbServer)));
}
#endif

static void
start_shared_memory(void)
{
	bool		found;
	int			i;

	if (previous_startup_hook)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	ddb_server = ShmemInitStruct("dynamo", sizeof(DdbServer), &found);
	if (!found)
	{
		pg_atomic_init_u64(&ddb_server->acked_lsn, 0);
		pg_atomic_init_u32(&ddb_server->flusher, 0);
		pg_atomic_init_u32(&ddb_server->standby_waits, 0);
		pg_atomic_init_u32(&ddb_server->launcher, 0);
		pg_atomic_init_u32(&ddb_server->jobs, 0);
		pg_atomic_init_u32(&ddb_server->builder, 0);
		pg_atomic_init_u32(&ddb_server->ttl, 0);
		pg_atomic_init_u32(&ddb_server->builder_wanted, 0);
		pg_atomic_init_u32(&ddb_server->ttl_wanted, 0);
		pg_atomic_init_u32(&ddb_server->building, 0);
		for (i = 0; i < DDB_MAX_WORKERS; i++)
		{
			pg_atomic_init_u32(&ddb_server->workers[i].proc, 0);
			pg_atomic_init_u64(&ddb_server->workers[i].wanted_lsn, 0);
			pg_atomic_init_u32(&ddb_server->workers[i].active, 0);
		}
	}
	LWLockRelease(AddinShmemInitLock);

	if (IsPostmasterEnvironment && !IsUnderPostmaster &&
		ddb_server_socket == PGINVALID_SOCKET)
		ddb_server_socket = ddb_listener_open();
}

static void
register_process(const char *name, const char *function)
{
	BackgroundWorker process = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
		.bgw_start_time = BgWorkerStart_ConsistentState,
		.bgw_restart_time = RESTART_SECONDS,
	};

	strlcpy(process.bgw_name, name, BGW_MAXLEN);
	strlcpy(process.bgw_type, name, BGW_MAXLEN);
	strlcpy(process.bgw_library_name, "dynamo", BGW_MAXLEN);
	strlcpy(process.bgw_function_name, function, BGW_MAXLEN);
	RegisterBackgroundWorker(&process);
}
