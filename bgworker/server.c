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

#include "bgworker/server.h"
#include "core/compat.h"
#include "core/session.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/shmem.h"

#define RESTART_SECONDS 1
#define LOCK_TRANCHE "dynamo"

static bool serve_database(void);
static bool is_worker(const PGPROC *proc);
static void wake_jobs(void);

static const DdbJobs jobs = {.serve_database = serve_database, .wake = wake_jobs};

DdbServer  *ddb_server = NULL;
pgsocket	ddb_server_socket = PGINVALID_SOCKET;

static shmem_request_hook_type previous_request_hook = NULL;
static shmem_startup_hook_type previous_startup_hook = NULL;


static void request_shared_memory(void);
static void start_shared_memory(void);
static void register_process(const char *name, const char *function,
							 int flags, BgWorkerStartTime start);
static void forget_process(int code, Datum proc);

void
ddb_server_init(void)
{
	if (IsBinaryUpgrade)
		return;
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request_shared_memory;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = start_shared_memory;
	ddb_session_set_jobs(&jobs);
	ddb_session_set_workers(is_worker);
	register_process("dynamo launcher", "ddb_main_launcher",
					 BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION,
					 BgWorkerStart_ConsistentState);
	/* It has something to do before there is anything to connect to. */
	register_process("dynamo flusher", "ddb_main_flusher", BGWORKER_SHMEM_ACCESS,
					 BgWorkerStart_PostmasterStart);
}

/*
 * DdbJobs: is the jobs worker at work on the database of this session?  In an
 * HTTP worker's it is as long as the database is served.
 */
static bool
serve_database(void)
{
	uint32		number = ddb_server != NULL ?
		pg_atomic_read_u32(&ddb_server->jobs) : 0;

	return ddb_session_is_worker ||
		(number != 0 &&
		 ProcGlobal->allProcs[number - 1].databaseId == MyDatabaseId);
}

/* Is it one of the HTTP workers? */
static bool
is_worker(const PGPROC *proc)
{
	int			i;

	for (i = 0; i < DDB_MAX_WORKERS; i++)
	{
		uint32		number = pg_atomic_read_u32(&ddb_server->workers[i].proc);

		if (number != 0 && proc == &ProcGlobal->allProcs[number - 1])
			return true;
	}
	return false;
}

static void
wake_jobs(void)
{
	ddb_server_wake(&ddb_server->jobs);
}

void
ddb_server_announce(pg_atomic_uint32 *proc)
{
	LWLockAcquire(ddb_server->lock, LW_EXCLUSIVE);
	pg_atomic_write_u32(proc, DDB_MY_PROC_NUMBER + 1);
	LWLockRelease(ddb_server->lock);
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
ddb_server_set_building(Oid heap)
{
	LWLockAcquire(ddb_server->lock, LW_EXCLUSIVE);
	ddb_server->building = heap;
	LWLockRelease(ddb_server->lock);
}

/*
 * Its PGPROC, and so the pid in it, may be another process's as soon as it has
 * exited.  It does not exit before it has been forgotten, which takes the lock.
 */
void
ddb_server_cancel_build(Oid heap)
{
	uint32		number;

	LWLockAcquire(ddb_server->lock, LW_SHARED);
	number = pg_atomic_read_u32(&ddb_server->builder);
	if (number != 0 && OidIsValid(heap) && ddb_server->building == heap)
		(void) kill(ProcGlobal->allProcs[number - 1].pid, SIGINT);
	LWLockRelease(ddb_server->lock);
}

bool
ddb_server_want(uint32 process, bool wanted)
{
	uint32		before = wanted ?
		pg_atomic_fetch_or_u32(&ddb_server->wanted, process) :
		pg_atomic_fetch_and_u32(&ddb_server->wanted, ~process);
	bool		news = ((before & process) != 0) != wanted;

	if (news)
		ddb_server_wake(&ddb_server->launcher);
	return news;
}

bool
ddb_server_is_wanted(uint32 process)
{
	return (pg_atomic_read_u32(&ddb_server->wanted) & process) != 0;
}

static void
forget_process(int code, Datum proc)
{
	pg_atomic_uint32 *place = (pg_atomic_uint32 *) DatumGetPointer(proc);

	LWLockAcquire(ddb_server->lock, LW_EXCLUSIVE);
	pg_atomic_write_u32(place, 0);
	if (place == &ddb_server->builder)
		ddb_server->building = InvalidOid;
	LWLockRelease(ddb_server->lock);
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
		pg_atomic_init_u32(&ddb_server->consistent, 0);
		pg_atomic_init_u32(&ddb_server->wanted, 0);
		ddb_server->lock = &GetNamedLWLockTranche(LOCK_TRANCHE)->lock;
		ddb_server->building = InvalidOid;
		for (i = 0; i < DDB_MAX_WORKERS; i++)
		{
			pg_atomic_init_u32(&ddb_server->workers[i].proc, 0);
			pg_atomic_init_u64(&ddb_server->workers[i].wanted_lsn, 0);
			pg_atomic_init_u32(&ddb_server->workers[i].active, 0);
			pg_atomic_init_u32(&ddb_server->workers[i].connections, 0);
		}
	}
	LWLockRelease(AddinShmemInitLock);

	if (IsPostmasterEnvironment && !IsUnderPostmaster &&
		ddb_server_socket == PGINVALID_SOCKET)
		ddb_server_socket = ddb_listener_open();
}

static void
register_process(const char *name, const char *function, int flags,
				 BgWorkerStartTime start)
{
	BackgroundWorker process = {
		.bgw_flags = flags,
		.bgw_start_time = start,
		.bgw_restart_time = RESTART_SECONDS,
	};

	strlcpy(process.bgw_name, name, BGW_MAXLEN);
	strlcpy(process.bgw_type, name, BGW_MAXLEN);
	strlcpy(process.bgw_library_name, "dynamo", BGW_MAXLEN);
	strlcpy(process.bgw_function_name, function, BGW_MAXLEN);
	RegisterBackgroundWorker(&process);
}
