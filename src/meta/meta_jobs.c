/*
 * meta_jobs.c
 *	  Jobs: units of background work, as the catalog shows them.
 *
 * The work to be done follows from the state of tables and indexes, so no work
 * is lost if a process ends.  dynamo_catalog.jobs only records the attempts at
 * jobs: when, how often, and why they failed.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "meta/job.h"
#include "meta/meta_int.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/*
 * Pauses before the next attempt.  After a failure: one second, then two, four
 * and so on, 300 seconds at most.  After an interruption, because the job was
 * in the way of another transaction: one second.  After a cancellation by a
 * user: the longest pause.
 */
#define LONGEST_PAUSE "'5 minutes'::pg_catalog.interval"
#define RETRY_AFTER "pg_catalog.make_interval(secs => LEAST(300," \
	" CASE WHEN $4 OPERATOR(pg_catalog.=) '57014' THEN 1" \
	" ELSE pg_catalog.power(2, LEAST(attempts, 20) OPERATOR(pg_catalog.-) 1) END))"

/* The due jobs that need not wait for a retry. */
#define DUE_JOBS \
	"SELECT d.task, d.table_name, d.object_name FROM (%s) AS d" \
	" LEFT JOIN dynamo_catalog.jobs AS j" \
	" ON j.table_name OPERATOR(pg_catalog.=) d.table_name" \
	" AND j.task OPERATOR(pg_catalog.=) d.task" \
	" AND j.object_name OPERATOR(pg_catalog.=) d.object_name" \
	" WHERE j.retry_at IS NULL" \
	" OR j.retry_at OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp()" \
	" ORDER BY j.retry_at NULLS FIRST, d.table_name, d.task, d.object_name"

#define IS_DUE \
	"SELECT FROM (%s) AS d WHERE d.task OPERATOR(pg_catalog.=) $1" \
	" AND d.table_name OPERATOR(pg_catalog.=) $2" \
	" AND d.object_name OPERATOR(pg_catalog.=) $3"

struct DdbJobFinder
{
	MetaStatement has_jobs;
	MetaStatement find_jobs;
	MetaStatement is_due;
};

static MetaStatement begin_job = {
	"INSERT INTO dynamo_catalog.jobs AS j"
	" (table_name, task, object_name, attempts, started_at)"
	" SELECT table_name, $2, $3, 1, pg_catalog.clock_timestamp()"
	" FROM dynamo_catalog.tables"
	" WHERE table_name OPERATOR(pg_catalog.=) $1 FOR KEY SHARE"
	" ON CONFLICT (table_name, task, object_name) DO UPDATE"
	" SET attempts = j.attempts OPERATOR(pg_catalog.+) 1,"
	" started_at = EXCLUDED.started_at, retry_at = NULL RETURNING job_id",
	3, {TEXTOID, TEXTOID, TEXTOID}
};
static MetaStatement fail_job = {
	"UPDATE dynamo_catalog.jobs SET error_code = $4, error = $5, retry_at ="
	" pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) " RETRY_AFTER
	" WHERE table_name OPERATOR(pg_catalog.=) $1"
	" AND task OPERATOR(pg_catalog.=) $2"
	" AND object_name OPERATOR(pg_catalog.=) $3",
	5, {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}
};
static MetaStatement end_job = {
	"DELETE FROM dynamo_catalog.jobs"
	" WHERE table_name OPERATOR(pg_catalog.=) $1"
	" AND task OPERATOR(pg_catalog.=) $2"
	" AND object_name OPERATOR(pg_catalog.=) $3",
	3, {TEXTOID, TEXTOID, TEXTOID}
};

static MetaStatement cancel_job = {
	"UPDATE dynamo_catalog.jobs SET error_code = '57014', error = $4, retry_at ="
	" pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) " LONGEST_PAUSE
	" WHERE table_name OPERATOR(pg_catalog.=) $1"
	" AND task OPERATOR(pg_catalog.=) $2"
	" AND object_name OPERATOR(pg_catalog.=) $3",
	4, {TEXTOID, TEXTOID, TEXTOID, TEXTOID}
};
static MetaStatement postpone_job = {
	"UPDATE dynamo_catalog.jobs SET retry_at ="
	" pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) " LONGEST_PAUSE
	" WHERE job_id OPERATOR(pg_catalog.=) $1 AND retry_at IS NOT NULL",
	1, {INT8OID}
};
static MetaStatement table_of_job = {
	"SELECT table_name FROM dynamo_catalog.jobs"
	" WHERE job_id OPERATOR(pg_catalog.=) $1",
	1, {INT8OID}
};

static char *join_queries(const DdbDueQuery *queries, int count);
static DdbJob *read_job(const MetaRows *rows);

/* The finder is never freed, because the plans of its statements are kept. */
DdbJobFinder *
ddb_meta_make_finder(const DdbDueQuery *queries, int count)
{
	MemoryContext old = MemoryContextSwitchTo(TopMemoryContext);
	DdbJobFinder *finder = palloc0(sizeof(DdbJobFinder));
	char	   *due = join_queries(queries, count);

	finder->has_jobs.text = due;
	finder->find_jobs.text = psprintf(DUE_JOBS, due);
	finder->is_due.text = psprintf(IS_DUE, due);
	finder->is_due.parameter_count = 3;
	finder->is_due.parameters[0] = TEXTOID;
	finder->is_due.parameters[1] = TEXTOID;
	finder->is_due.parameters[2] = TEXTOID;
	MemoryContextSwitchTo(old);
	return finder;
}

static char *
join_queries(const DdbDueQuery *queries, int count)
{
	StringInfoData text;
	int			i;

	initStringInfo(&text);
	for (i = 0; i < count; i++)
		appendStringInfo(&text,
						 "%sSELECT %s::pg_catalog.text AS task, q.* FROM (%s)"
						 " AS q (table_name, object_name)",
						 i > 0 ? " UNION ALL " : "",
						 quote_literal_cstr(queries[i].task), queries[i].text);
	return text.data;
}

bool
ddb_meta_has_jobs(DdbJobFinder *finder)
{
	return meta_run_for_any(&finder->has_jobs, false, NULL);
}

List *
ddb_meta_find_jobs(DdbJobFinder *finder, long limit)
{
	List	   *jobs = NIL;
	MetaRows	rows = meta_run(&finder->find_jobs, false, NULL, NULL, limit);

	while (meta_next(&rows))
		jobs = lappend(jobs, read_job(&rows));
	meta_end(&rows);
	return jobs;
}

static DdbJob *
read_job(const MetaRows *rows)
{
	DdbJob	   *job = palloc0(sizeof(DdbJob));

	job->task = meta_text(rows, "task");
	job->table_name = meta_text(rows, "table_name");
	job->object_name = meta_text(rows, "object_name");
	return job;
}

bool
ddb_meta_is_due(DdbJobFinder *finder, const DdbJob *job)
{
	Datum		values[] = {
		CStringGetTextDatum(job->task),
		CStringGetTextDatum(job->table_name),
		CStringGetTextDatum(job->object_name),
	};

	return meta_run_for_any(&finder->is_due, false, values);
}

void
ddb_meta_begin_job(DdbJob *job)
{
	Datum		values[] = {
		CStringGetTextDatum(job->table_name),
		CStringGetTextDatum(job->task),
		CStringGetTextDatum(job->object_name),
	};
	MetaRows	rows = meta_run(&begin_job, true, values, NULL, 0);

	if (meta_next(&rows))
		job->id = DatumGetInt64(meta_required(&rows, "job_id"));
	meta_end(&rows);
}

void
ddb_meta_fail_job(const DdbJob *job, const ErrorData *error)
{
	Datum		values[] = {
		CStringGetTextDatum(job->table_name),
		CStringGetTextDatum(job->task),
		CStringGetTextDatum(job->object_name),
		CStringGetTextDatum(unpack_sql_state(error->sqlerrcode)),
		CStringGetTextDatum(error->message != NULL ? error->message : ""),
	};

	meta_run(&fail_job, true, values, NULL, 0);
}

void
ddb_meta_note_cancel(const DdbJob *job, Oid role)
{
	const char *name = GetUserNameFromId(role, true);
	Datum		values[] = {
		CStringGetTextDatum(job->table_name),
		CStringGetTextDatum(job->task),
		CStringGetTextDatum(job->object_name),
		CStringGetTextDatum(psprintf("cancelled by role \"%s\"",
									 name != NULL ? name : "unknown")),
	};

	meta_run(&cancel_job, true, values, NULL, 0);
}

char *
ddb_meta_table_of_job(int64 id)
{
	Datum		values[] = {Int64GetDatum(id)};
	List	   *names = meta_run_for_names(&table_of_job, values, 1);

	return names == NIL ? NULL : linitial(names);
}

bool
ddb_meta_postpone_job(int64 id)
{
	Datum		values[] = {Int64GetDatum(id)};

	return meta_run(&postpone_job, true, values, NULL, 0).count > 0;
}

void
ddb_meta_end_job(const DdbJob *job)
{
	Datum		values[] = {
		CStringGetTextDatum(job->table_name),
		CStringGetTextDatum(job->task),
		CStringGetTextDatum(job->object_name),
	};

	meta_run(&end_job, true, values, NULL, 0);
}
