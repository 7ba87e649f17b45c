/*
 * process_run.h
 *	  What the processes that work on the database in the background share:
 *	  how they start, wait, and make transactions.
 */
#ifndef DDB_BGWORKER_PROCESS_RUN_H
#define DDB_BGWORKER_PROCESS_RUN_H

#include "postgres.h"
#include "bgworker/server.h"

/*
 * Called first by such a process: handle signals, connect to the database and
 * announce the process.
 */
extern void ddb_process_start(DdbProcess process);

/*
 * Called at the beginning of every turn, and within one that takes long: exit
 * if told to, read settings.
 */
extern void ddb_process_begin_turn(void);
extern void ddb_process_check(void);

/* Wait until somebody wakes this process, or for so long. */
extern void ddb_process_wait(long milliseconds);

/* Do something.  An error is logged, its transaction aborted. */
extern void ddb_process_try(void (*what) (void *arg), void *arg);

/*
 * A transaction with a snapshot, SPI and use of descriptors, as the owner of
 * the catalog and, where PostgreSQL knows of it, as code that must not be
 * trusted: no code of users runs with the rights of the superuser that this
 * process is.
 *
 * Where the extension is not there, or not of this library's version, begin
 * returns false and there is no transaction.
 */
extern bool ddb_process_begin(void);
extern void ddb_process_end(void);

/* The parts of these, for a transaction that runs as somebody else. */
extern void ddb_process_begin_transaction(void);
extern void ddb_process_begin_statements(void);
extern void ddb_process_end_statements(void);
extern void ddb_process_end_transaction(void);

#endif							/* DDB_BGWORKER_PROCESS_RUN_H */
