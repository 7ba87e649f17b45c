/*
 * job.h
 *	  Jobs: units of background work, and the catalog's records of them.
 *
 * A task is a kind of background work (see task/task.def).  A job is one unit
 * of a task, on an object of a table.  A job is due as long as the state of
 * its object in the catalog requires it.  For some tasks, dynamo.jobs also
 * shows jobs that are running and why jobs failed.
 *
 * Everything here needs a transaction and an SPI connection.
 */
#ifndef DDB_META_JOB_H
#define DDB_META_JOB_H

#include "meta/meta.h"

typedef struct DdbJob
{
	const char *task;
	const char *table_name;
	const char *object_name;
	int64		id;				/* job_id in dynamo.jobs; 0 if not there */
	MemoryContext context;		/* lives until work on the job ends */

	/* State kept from one step to the next. */
	void	   *state;			/* of the task; NULL before the first step */
	int			error;			/* SQLSTATE if the last step failed, or 0 */

	/* The statement to execute at top level, and the table that it names. */
	char	   *statement;
	const DdbTable *table;
} DdbJob;

/* What follows a step.  Each step is a transaction. */
typedef enum DdbStep
{
	DDB_STEP_DONE,				/* the job is done */
	DDB_STEP_MORE,				/* run the next step */
	DDB_STEP_WAIT,				/* run the next step a moment later */
	DDB_STEP_EXECUTE			/* execute job->statement, then the next step */
} DdbStep;

/*
 * A task and the query that finds its due jobs.  The query returns the name of
 * a table and the name of an object.  The tasks of one class share a finder.
 */
typedef struct DdbDueQuery
{
	const char *task;
	const char *text;
} DdbDueQuery;

typedef struct DdbJobFinder DdbJobFinder;

extern DdbJobFinder *ddb_meta_make_finder(const DdbDueQuery *queries, int count);

/* Returns whether any job is due, including jobs that wait for a retry. */
extern bool ddb_meta_has_jobs(DdbJobFinder *finder);

/*
 * Returns the jobs (DdbJob *) that are due and need not wait for a retry; at
 * most "limit" of them, or all if limit is 0.  Jobs not tried before come
 * first, then those with the earliest retry time.
 */
extern List *ddb_meta_find_jobs(DdbJobFinder *finder, long limit);

extern bool ddb_meta_is_due(DdbJobFinder *finder, const DdbJob *job);

/*
 * Record the progress of a job in dynamo.jobs.  ddb_meta_begin_job() records
 * an attempt and sets job->id, unless the table no longer exists.
 * ddb_meta_fail_job() records an error and the time of the next attempt.
 * ddb_meta_note_cancel() does the same for an attempt cancelled by a role; the
 * next attempt is then put off for the longest pause.  ddb_meta_end_job()
 * records that the job is done.
 */
extern void ddb_meta_begin_job(DdbJob *job);
extern void ddb_meta_fail_job(const DdbJob *job, const ErrorData *error);
extern void ddb_meta_note_cancel(const DdbJob *job, Oid role);
extern void ddb_meta_end_job(const DdbJob *job);

/* Returns the name of a job's table, or NULL if there is no such job. */
extern char *ddb_meta_table_of_job(int64 id);

/* Puts off a waiting job's retry; returns false if it does not wait for one. */
extern bool ddb_meta_postpone_job(int64 id);

#endif							/* DDB_META_JOB_H */
