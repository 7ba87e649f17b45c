/*
 * ttl_tasks.c
 *	  Background work for time to live: the steps of task.def.
 */
#include "postgres.h"

#include "core/guc.h"
#include "ttl/ttl_int.h"

/*
 * How often a pass tries again, a moment apart, while the table as a whole is
 * locked.  Vacuum holds such a lock briefly when it truncates the table.
 */
#define LOCKED_TRIES 50

/* A pass over one table. */
typedef struct Pass
{
	DdbTtlSweep *sweep;
	int			locked;			/* failures in a row due to a locked table */
} Pass;

static Pass *begin_pass(DdbJob *job);
static DdbStep after_failure(DdbJob *job, Pass *pass);

DdbStep
ddb_ttl_index_step(DdbJob *job)
{
	char	   *statement = ddb_ttl_next_statement(job->table_name);

	if (statement == NULL)
		return DDB_STEP_DONE;
	job->statement = MemoryContextStrdup(job->context, statement);
	job->table = ddb_meta_look_up(job->table_name);
	return DDB_STEP_EXECUTE;
}

DdbStep
ddb_ttl_sweep_job_step(DdbJob *job)
{
	Pass	   *pass = job->state != NULL ? job->state : begin_pass(job);

	if (job->error != 0)
		return after_failure(job, pass);
	if (!ddb_ttl_sweep_step(pass->sweep, ddb_setting_ttl_batch_size))
		return DDB_STEP_DONE;
	pass->locked = 0;
	return DDB_STEP_MORE;
}

static Pass *
begin_pass(DdbJob *job)
{
	Pass	   *pass = MemoryContextAllocZero(job->context, sizeof(Pass));

	pass->sweep = ddb_ttl_sweep_begin(job->context, job->table_name);
	job->state = pass;
	return pass;
}

static DdbStep
after_failure(DdbJob *job, Pass *pass)
{
	bool		locked = job->error == ERRCODE_LOCK_NOT_AVAILABLE;

	if (ddb_ttl_sweep_failed(pass->sweep))
		return DDB_STEP_MORE;
	return locked && ++pass->locked < LOCKED_TRIES ? DDB_STEP_WAIT : DDB_STEP_DONE;
}
