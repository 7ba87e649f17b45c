/*
 * server.h
 *	  The processes of the HTTP server and what they share.
 *
 * See README.md for who does what.
 */
#ifndef DDB_BGWORKER_SERVER_H
#define DDB_BGWORKER_SERVER_H

#include "postgres.h"
#include "access/xlogdefs.h"
#include "core/guc.h"
#include "core/progress.h"
#include "port/atomics.h"
#include "postmaster/bgworker.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "task/task.h"

/* The processes, in the order of process.def. */
typedef enum DdbProcess
{
#define DDB_PROCESS(id, ...) DDB_PROCESS_##id,
#include "bgworker/process.def"
#undef DDB_PROCESS
	DDB_PROCESS_COUNT
} DdbProcess;

/* Each kind of process has as many places as there can be processes. */
enum
{
#define DDB_PROCESS(id, name, main, runs, start, most, ...) \
	DDB_PLACE_##id, DDB_LAST_PLACE_##id = DDB_PLACE_##id + (most) - 1,
#include "bgworker/process.def"
#undef DDB_PROCESS
	DDB_PLACE_COUNT
};

/* The place of a process in shared memory. */
typedef struct DdbProcessPlace
{
	pg_atomic_uint32 proc;		/* 1 + number of its PGPROC; 0: none */

	/* What the process is doing.  Protected by the lock. */
	Oid			heap;			/* the heap it works on, or InvalidOid */
	int64		job;			/* its job in dynamo.jobs, or 0 */
	Oid			cancelled_by;	/* role that has cancelled the job, or InvalidOid */
	DdbProgress progress;
} DdbProcessPlace;

/* The state of a row of process.def. */
typedef struct DdbProcessState
{
	pg_atomic_uint32 demanded;	/* is there anything for it to do? */
	pg_atomic_uint32 missing;	/* number that the postmaster could not start */
} DdbProcessState;

/* What the workers tell each other and the flusher. */
typedef struct DdbWorkerSlot
{
	pg_atomic_uint64 wanted_lsn;	/* the worker's answers wait for this */
	pg_atomic_uint32 active;	/* requests under way */
	pg_atomic_uint32 connections;
} DdbWorkerSlot;

/* In shared memory. */
typedef struct DdbServer
{
	pg_atomic_uint64 acked_lsn; /* durable, also on synchronous standbys */
	pg_atomic_uint32 standby_waits; /* does the flusher wait for standbys? */
	pg_atomic_uint32 consistent;	/* has a launcher run, so that recovery is consistent? */
	LWLock	   *lock;			/* protects the places */
	DdbProcessState processes[DDB_PROCESS_COUNT];
	DdbProcessPlace	places[DDB_PLACE_COUNT];
	DdbWorkerSlot workers[DDB_MAX_WORKERS];
} DdbServer;

/* NULL where the library was not preloaded. */
extern DdbServer *ddb_server;

/* The listening socket, or PGINVALID_SOCKET. */
extern pgsocket ddb_server_socket;

/* Register processes and shared memory; called while preloading. */
extern void ddb_server_init(void);

/* A row of process.def. */
typedef struct DdbProcessInfo
{
	const char *name;			/* "dynamo launcher" */
	const char *main;			/* entry point */
	enum
	{
		DDB_RUNS_ALWAYS,
		DDB_RUNS_LISTENING,
		DDB_RUNS_SERVING,
		DDB_RUNS_DEMANDED
	}			runs;
	enum
	{
		DDB_STARTS_POSTMASTER,
		DDB_STARTS_CONSISTENT
	}			starts;
	int			most;
	DdbTaskClass task_class;
	int			first_place;
} DdbProcessInfo;

extern const DdbProcessInfo ddb_process_info[DDB_PROCESS_COUNT];

/*
 * Describe a process to the postmaster.  Its argument says which process it is
 * (DDB_PROCESS_OF) and, where there are several, its number (DDB_NUMBER_OF).
 * A worker with the flag tells clients that the database does not exist.
 */
extern BackgroundWorker ddb_process_describe(DdbProcess process, int number,
											 int flags);

#define DDB_PROCESS_OF(arg) ((DdbProcess) (DatumGetInt32(arg) >> 20))
#define DDB_NUMBER_OF(arg) (DatumGetInt32(arg) & 0xffff)
#define DDB_WORKER_WITHOUT_DATABASE 0x10000

/* The number of processes that the settings require. */
extern int	ddb_process_wanted(DdbProcess process, bool database);

/* Warns if max_worker_processes is too small for the settings. */
extern void ddb_process_count(void);

/* Enters this process into its place until it exits. */
extern void ddb_server_announce(DdbProcess process, int number);

/* The place of this process, or NULL. */
extern DdbProcessPlace *ddb_server_my_place(void);

/* Wakes a process if it is running. */
extern void ddb_server_wake(DdbProcess process, int number);

/* The PGPROC of a process, or NULL.  Another process may reuse it afterwards. */
extern PGPROC *ddb_server_proc(DdbProcess process, int number);

/*
 * Processes that are DEMANDED run only while there is something for them to do.
 * The launcher starts them, and they end by themselves.  Returns whether the
 * demand has changed.
 */
extern bool ddb_server_demand(DdbProcess process, bool demanded);
extern bool ddb_server_is_demanded(DdbProcess process);

/*
 * Records which heap this process works on (InvalidOid: none) and on which job of
 * dynamo.jobs (0: none).  Its progress (core/progress.h) is stored in the same
 * place.
 */
extern void ddb_server_set_heap(Oid heap);
extern void ddb_server_begin_job(int64 job);

/* The role that has cancelled the job of this process, or InvalidOid. */
extern Oid	ddb_server_cancelled_by(void);

/* Interrupts the processes that work on a heap, as pg_cancel_backend() does. */
extern void ddb_server_interrupt(Oid heap);

/* The same for a job.  Returns false if no process works on it. */
extern bool ddb_server_cancel(int64 job, Oid role);

/* Entry points of the processes. */
#define DDB_PROCESS(id, name, main, ...) \
	extern PGDLLEXPORT void ddb_main_##main(Datum arg);
#include "bgworker/process.def"
#undef DDB_PROCESS

/*
 * Answers every request with 503 until a launcher runs.  Then the database is
 * consistent.
 */
extern void ddb_recovery_answer(void);

/* Opens the listening socket according to the settings.  Logs errors. */
extern pgsocket ddb_listener_open(void);

/* Returns whether only this machine can reach the address. */
struct sockaddr;
extern bool ddb_listener_is_loopback(const struct sockaddr *address);

#endif							/* DDB_BGWORKER_SERVER_H */
