/*
 * job.h
 *	  Jobs: pieces of background work, and what the catalog knows of them.
 *
 * A task is a kind of background work (task/task.def).  A job is one piece of
 * it, on an object of a table.  It is due as long as the catalog shows it
 * undone; of some, dynamo.jobs tells that they are under way or why they failed.
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
	int64		id;				/* in dynamo.jobs, or 0: it is not there */
	MemoryContext context;		/* lasts as long as somebody works on it */

	/* What its steps leave for the next one. */
	void	   *state;			/* NULL before the first */
	int			error;			/* SQLSTATE that the last step failed with; 0: none */

	/* What is to be executed at top level, and the table that it names. */
	char	   *statement;
	const DdbTable *table;
} DdbJob;

/* What is to be done after a step, each of which is a transaction. */
typedef enum DdbStep
{
	DDB_STEP_DONE,				/* nothing */
	DDB_STEP_MORE,				/* the next step */
	DDB_STEP_WAIT,				/* the next step, a moment later */
	DDB_STEP_EXECUTE			/* job->statement, then the next step */
} DdbStep;

/*
 * Work of one class: tasks, and for each the query that finds what is due: a
 * table's name and an object's.
 */
typedef struct DdbDueQuery
{
	const char *task;
	const char *text;
} DdbDueQuery;

typedef struct DdbJobFinder DdbJobFinder;

extern DdbJobFinder *ddb_meta_make_finder(const DdbDueQuery *queries, int count);

/* Is there anything, now or when it is to be tried again? */
extern bool ddb_meta_has_jobs(DdbJobFinder *finder);

/*
 * Jobs (DdbJob *) that are due and whose time has come, so many at most; 0: all.
 * Those that have not been tried come first, then the one that waits longest.
 */
extern List *ddb_meta_find_jobs(DdbJobFinder *finder, long limit);

extern bool ddb_meta_is_due(DdbJobFinder *finder, const DdbJob *job);

/*
 * Note that a job is begun, unless its table has gone, which sets its id; that
 * it failed and is to be tried again, late if somebody has cancelled it; and that
 * it is done.
 */
extern void ddb_meta_begin_job(DdbJob *job);
extern void ddb_meta_fail_job(const DdbJob *job, const ErrorData *error);
extern void ddb_meta_note_cancel(const DdbJob *job, Oid role);
extern void ddb_meta_end_job(const DdbJob *job);

/* The table of a job, or NULL. */
extern char *ddb_meta_table_of_job(int64 id);

/* Try it late, where it waits to be tried again; false where it does not. */
extern bool ddb_meta_postpone_job(int64 id);

#endif							/* DDB_META_JOB_H */
