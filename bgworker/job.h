/*
 * job.h
 *	  What the processes that work on the database in the background share:
 *	  how they start, wait, and run one job after the other.
 */
#ifndef DDB_BGWORKER_JOB_H
#define DDB_BGWORKER_JOB_H

#include "postgres.h"
#include "bgworker/server.h"

/*
 * Called first by such a process: handle signals, connect to the database and
 * announce the process.
 */
extern void ddb_job_start(DdbProcess process);

/* Called at the beginning of every turn: exit if told to, read settings. */
extern void ddb_job_begin_turn(void);

/* Exit if there is nothing more to do for a process that runs on demand. */
extern void ddb_job_exit_unless_wanted(DdbProcess process);

/* Wait until somebody wakes this process, or for so long. */
extern void ddb_job_wait(long milliseconds);

/*
 * Run a job; returns whether nothing is left to do, as the job says.  An error
 * is logged, its transaction aborted, and nothing is left to do until the next
 * turn.
 */
extern bool ddb_job_run(bool (*job) (void));

/*
 * A transaction with a snapshot, SPI and use of descriptors, as the owner of
 * the catalog and, where PostgreSQL knows of it, as code that must not be
 * trusted: no code of users runs with the rights of the superuser that this
 * process is.
 *
 * Where the extension is not there, or not of this library's version, begin
 * returns false and there is no transaction.
 */
extern bool ddb_job_begin(void);
extern void ddb_job_end(void);

/* The parts of these, for a transaction that runs as somebody else. */
extern void ddb_job_begin_transaction(void);
extern void ddb_job_begin_statements(void);
extern void ddb_job_end_statements(void);
extern void ddb_job_end_transaction(void);

#endif							/* DDB_BGWORKER_JOB_H */
