/*
 * builder.c
 *	  The process that builds indexes of tables in use: secondary indexes, and
 *	  those of time to live.
 *
 * It runs while there is something to build.  CREATE INDEX CONCURRENTLY waits for
 * other transactions, but nobody waits for it.  Every backend checks new items
 * against the index from the moment on that its row in the catalog is
 * committed, which is before the build begins; what was there before and does
 * not fit is left out.
 *
 * Whatever breaks off a build, an error, a crash, a shutdown, leaves the row
 * CREATING and perhaps an index that is not valid: the next attempt drops it
 * and begins anew.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "bgworker/job.h"
#include "bgworker/server.h"
#include "bgworker/top_level.h"
#include "catalog/pg_index.h"
#include "meta/meta.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "store/store.h"
#include "ttl/ttl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#define IDLE_MILLISECONDS 1000

/* What is to be done for a job. */
typedef enum Step
{
	STEP_NONE,					/* nothing more */
	STEP_LOOK_AGAIN,			/* the table has changed meanwhile */
	STEP_EXECUTE				/* a statement at top level */
} Step;

static bool build_next(void);
static bool find_next(DdbJob *job);
static void build(const DdbJob *job);
static Step next_step(const DdbJob *job, char **sql);
static Step next_step_of_ttl(const DdbJob *job, char **sql);
static Step next_step_of_index(const DdbTable *table, const DdbJob *job,
							   char **sql);
static bool index_is_valid(Oid relid);
static bool hold_table(const DdbTable *table);
static void release_table(void);
static void note_failure(const DdbJob *job, const ErrorData *error);
static bool is_due(const DdbJob *job);
static void report(const DdbJob *job, const ErrorData *error);

/* The job at hand and what its steps allocate. */
static MemoryContext job_context;

/* The heap that is held for it. */
static LockRelId held;

/* Has its table been analyzed?  That is done when the index is there. */
static bool analyzed;

void
ddb_main_builder(Datum arg)
{
	ddb_job_start(DDB_PROCESS_BUILDER);
	job_context = AllocSetContextCreate(TopMemoryContext, "dynamo builder",
										ALLOCSET_SMALL_SIZES);
	for (;;)
	{
		bool		done = true;

		ddb_job_begin_turn();
		if (!RecoveryInProgress())
			done = ddb_job_run(build_next);
		if (done)
			ddb_job_exit_unless_wanted(DDB_PROCESS_BUILDER);
		ddb_job_wait(done ? IDLE_MILLISECONDS : 0);
	}
}

/* One index; returns whether there is no other. */
static bool
build_next(void)
{
	DdbJob		job;
	ErrorData  *volatile error = NULL;

	MemoryContextReset(job_context);
	MemoryContextSwitchTo(job_context);
	if (!find_next(&job))
		return true;

	PG_TRY();
	{
		build(&job);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(job_context);
		error = CopyErrorData();
		FlushErrorState();
		/* Which releases the session's locks, too. */
		AbortOutOfAnyTransaction();
		held.relId = InvalidOid;
	}
	PG_END_TRY();

	release_table();
	ddb_server_set_heap(InvalidOid);
	/* A cancel that came late is for none of what follows. */
	QueryCancelPending = false;
	if (error != NULL)
		note_failure(&job, error);
	ddb_server_wake(DDB_PROCESS_JOBS, 0);
	return false;
}

static bool
find_next(DdbJob *job)
{
	bool		found;

	if (!ddb_job_begin())
		return false;
	MemoryContextSwitchTo(job_context);
	found = ddb_meta_next_build(job);
	if (found)
		ddb_meta_begin_job(job);
	ddb_job_end();
	return found;
}

/* Each step is a transaction, or several. */
static void
build(const DdbJob *job)
{
	char	   *sql;
	Step		step;

	analyzed = false;
	while ((step = next_step(job, &sql)) != STEP_NONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (step == STEP_EXECUTE)
			ddb_execute_top_level(sql);
		release_table();
	}
}

static Step
next_step(const DdbJob *job, char **sql)
{
	DdbTable   *table;
	Step		step = STEP_NONE;

	if (!ddb_job_begin())
		return STEP_NONE;
	MemoryContextSwitchTo(job_context);
	table = ddb_meta_look_up(job->table_name);
	if (table != NULL && OidIsValid(table->relid))
	{
		ddb_server_set_heap(table->relid);
		step = strcmp(job->task, DDB_TASK_TIME_TO_LIVE) == 0 ?
			next_step_of_ttl(job, sql) : next_step_of_index(table, job, sql);
		if (step == STEP_EXECUTE && !hold_table(table))
			step = STEP_LOOK_AGAIN;
	}
	if (step == STEP_NONE)
		ddb_meta_end_job(job);
	ddb_job_end();
	MemoryContextSwitchTo(job_context);
	return step;
}

static Step
next_step_of_ttl(const DdbJob *job, char **sql)
{
	*sql = ddb_ttl_next_statement(job->table_name);
	MemoryContextSwitchTo(job_context);
	if (*sql == NULL)
		return STEP_NONE;
	*sql = pstrdup(*sql);
	return STEP_EXECUTE;
}

static Step
next_step_of_index(const DdbTable *table, const DdbJob *job, char **sql)
{
	const DdbIndex *index = ddb_meta_find_index(table, job->object_name);

	if (index == NULL || !index->backfilling)
		return STEP_NONE;
	if (!OidIsValid(index->relid))
		*sql = ddb_store_create_index_sql(table, index, true);
	else if (!index_is_valid(index->relid))
		*sql = psprintf("DROP INDEX CONCURRENTLY %s",
						quote_qualified_identifier(DDB_SCHEMA_DATA,
												   index->relation_name));
	else if (!analyzed)
	{
		/* So that it is known from the beginning how many items are in it. */
		*sql = ddb_store_analyze_sql(table);
		analyzed = true;
	}
	else
	{
		ddb_meta_set_index_status(job->table_name, job->object_name,
								  DDB_TABLE_ACTIVE, false);
		return STEP_NONE;
	}
	return STEP_EXECUTE;
}

static bool
index_is_valid(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(relid));
	bool		valid = false;

	if (HeapTupleIsValid(tuple))
	{
		valid = ((Form_pg_index) GETSTRUCT(tuple))->indisvalid;
		ReleaseSysCache(tuple);
	}
	return valid;
}

/*
 * Statements name the table, and another might have its name by the time when
 * they are executed: one that is held is not dropped before they are done.
 * Returns whether the table still was as described when it was locked.  It is not
 * held while the catalog is changed, whose rows others lock first.
 */
static bool
hold_table(const DdbTable *table)
{
	LockRelationOid(table->relid, AccessShareLock);
	if (ddb_meta_look_up(table->name) != table)
		return false;
	held = (LockRelId) {.relId = table->relid, .dbId = MyDatabaseId};
	LockRelationIdForSession(&held, AccessShareLock);
	return true;
}

static void
release_table(void)
{
	if (OidIsValid(held.relId))
		UnlockRelationIdForSession(&held, AccessShareLock);
	held.relId = InvalidOid;
}

/*
 * Whoever deletes the table or the index interrupts its being built; then there
 * is nothing to tell of.
 */
static void
note_failure(const DdbJob *job, const ErrorData *error)
{
	if (!ddb_job_begin())
		return;
	if (is_due(job))
	{
		report(job, error);
		ddb_meta_fail_job(job, error);
	}
	else
		ddb_meta_end_job(job);
	ddb_job_end();
}

static bool
is_due(const DdbJob *job)
{
	const DdbTable *table = ddb_meta_look_up(job->table_name);
	const DdbIndex *index;

	if (table == NULL || table->status == DDB_TABLE_DELETING)
		return false;
	if (strcmp(job->task, DDB_TASK_TIME_TO_LIVE) == 0)
		return true;
	index = ddb_meta_find_index(table, job->object_name);
	return index != NULL && index->backfilling &&
		index->status != DDB_TABLE_DELETING;
}

/* dynamo.jobs says it, too.  The jobs worker interrupts what is in its way. */
static void
report(const DdbJob *job, const ErrorData *error)
{
	if (error->sqlerrcode == ERRCODE_QUERY_CANCELED)
		return;
	ereport(LOG,
			(errcode(error->sqlerrcode),
			 errmsg("could not make or drop the index of table \"%s\" on \"%s\": %s",
					job->table_name, job->object_name,
					error->message ? error->message : "no message"),
			 error->detail ? errdetail_internal("%s", error->detail) : 0,
			 error->hint ? errhint("%s", error->hint) : 0,
			 error->context ? errcontext("%s", error->context) : 0));
}
