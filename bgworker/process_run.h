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
 * Called first by such a process: sets signal handlers, connects to the database
 * and announces the process.
 */
extern void ddb_process_start(DdbProcess process);

/*
 * Called at the start of every turn, and during a long one: exits if requested,
 * and reloads settings.
 */
extern void ddb_process_begin_turn(void);
extern void ddb_process_check(void);

/* Waits until this process is woken, or for this time. */
extern void ddb_process_wait(long milliseconds);

/* Calls a function.  An error is logged and its transaction aborted. */
extern void ddb_process_try(void (*what) (void *arg), void *arg);

/*
 * Begin and end a transaction with a snapshot and SPI, in which descriptors can be
 * used.  It runs as the owner of the catalog, and as a security-restricted
 * operation, so no code of users runs with the rights of this process, which is a
 * superuser.
 *
 * If the extension does not exist, or has another version than the library, begin
 * returns false and starts no transaction.
 */
extern bool ddb_process_begin(void);
extern void ddb_process_end(void);

/* The parts of these, for a transaction that runs as another role. */
extern void ddb_process_begin_transaction(void);
extern void ddb_process_begin_statements(void);
extern void ddb_process_end_statements(void);
extern void ddb_process_end_transaction(void);

#endif							/* DDB_BGWORKER_PROCESS_RUN_H */
