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
#include "port/atomics.h"
#include "storage/lwlock.h"

/* A worker, as others see it. */
typedef struct DdbWorkerSlot
{
	pg_atomic_uint32 proc;		/* 1 + number of its PGPROC; 0: none */
	pg_atomic_uint64 wanted_lsn;	/* it has answers that wait for this */
	pg_atomic_uint32 active;	/* requests under way */
	pg_atomic_uint32 connections;
} DdbWorkerSlot;

/* In shared memory. */
typedef struct DdbServer
{
	pg_atomic_uint64 acked_lsn; /* durable, also on synchronous standbys */
	pg_atomic_uint32 flusher;	/* 1 + number of its PGPROC; 0: none */
	pg_atomic_uint32 standby_waits; /* does the flusher wait for standbys? */
	pg_atomic_uint32 launcher;	/* the same of the launcher, */
	pg_atomic_uint32 jobs;		/* the jobs worker, */
	pg_atomic_uint32 builder;	/* the builder */
	pg_atomic_uint32 ttl;		/* and the process of time to live */
	pg_atomic_uint32 consistent;	/* has there been a launcher? */
	pg_atomic_uint32 wanted;	/* DDB_WANTED_: processes that shall run now */
	LWLock	   *lock;			/* for processes that come and go, and building */
	Oid			building;		/* heap the builder works on, or InvalidOid */
	DdbWorkerSlot workers[DDB_MAX_WORKERS];
} DdbServer;

/* NULL where the library was not preloaded. */
extern DdbServer *ddb_server;

/* The listening socket, or PGINVALID_SOCKET. */
extern pgsocket ddb_server_socket;

/* Register processes and shared memory; called while preloading. */
extern void ddb_server_init(void);

/* Note in *proc that this process is there, until it exits. */
extern void ddb_server_announce(pg_atomic_uint32 *proc);

/* Wake the process noted there, if any. */
extern void ddb_server_wake(pg_atomic_uint32 *proc);

/* The builder says which heap it works on; InvalidOid: none. */
extern void ddb_server_set_building(Oid heap);

/*
 * Interrupt the builder, as pg_cancel_backend() does, if that heap is the one
 * it works on.
 */
extern void ddb_server_cancel_build(Oid heap);

/*
 * Processes that are there only while there is something for them to do: the
 * jobs worker says when, the launcher starts them, and they end by themselves.
 * Returns whether that is news.
 */
#define DDB_WANTED_BUILDER 0x1
#define DDB_WANTED_TTL 0x2

extern bool ddb_server_want(uint32 process, bool wanted);
extern bool ddb_server_is_wanted(uint32 process);

/* Entry points of the processes. */
extern PGDLLEXPORT void ddb_main_launcher(Datum arg);
extern PGDLLEXPORT void ddb_main_flusher(Datum arg);
extern PGDLLEXPORT void ddb_main_jobs(Datum arg);
extern PGDLLEXPORT void ddb_main_builder(Datum arg);
extern PGDLLEXPORT void ddb_main_ttl(Datum arg);
extern PGDLLEXPORT void ddb_main_worker(Datum arg);

/*
 * What a worker's argument says: its slot, and whether it is to tell clients
 * that the database does not exist instead of connecting to it.
 */
#define DDB_WORKER_SLOT(arg) (DatumGetInt32(arg) & 0xffff)
#define DDB_WORKER_WITHOUT_DATABASE 0x10000

/*
 * Answer that nothing is served yet, until there is a launcher, as the
 * database is consistent then.
 */
extern void ddb_recovery_answer(void);

/* Open the listening socket as the settings say; reports why it could not. */
extern pgsocket ddb_listener_open(void);

/* Is it an address of this machine that only this machine reaches? */
struct sockaddr;
extern bool ddb_listener_is_loopback(const struct sockaddr *address);

#endif							/* DDB_BGWORKER_SERVER_H */
