/*
 * meta_jobs.c
 *	  Work in the background, as the catalog shows it.
 *
 * What is to be done follows from the state of tables and indexes, so nothing
 * is lost with a process.  dynamo_catalog.jobs only keeps what is known of
 * jobs that were begun: when, how often, and why they failed.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "meta/meta_int.h"
#include "utils/builtins.h"

/*
 * An attempt that failed is repeated after a second, two, four, ...; one that was
 * cancelled, as it was in somebody's way, after a second.
 */
#define RETRY_AFTER "pg_catalog.make_interval(secs => LEAST(300," \
	" CASE WHEN $4 OPERATOR(pg_catalog.=) '57014' THEN 1" \
	" ELSE pg_catalog.power(2, LEAST(attempts, 20) OPERATOR(pg_catalog.-) 1) END))"

/* What is to be built: a task on an object of a table. */
#define BUILDS \
	"(SELECT table_name, '" DDB_TASK_BUILD_INDEX "' AS task, index_name AS object_name" \
	" FROM dynamo_catalog.indexes" \
	" WHERE status OPERATOR(pg_catalog.=) 'CREATING'" \
	" UNION ALL" \
	" SELECT table_name, '" DDB_TASK_TIME_TO_LIVE "', ttl_attribute" \
	" FROM dynamo_catalog.tables" \
	" WHERE ttl_status OPERATOR(pg_catalog.=) ANY ('{ENABLING,DISABLING}')" \
	" AND status OPERATOR(pg_catalog.<>) 'DELETING') AS b"

static MetaStatement has_builds = {"SELECT 1 FROM " BUILDS, 0, {0}};
static MetaStatement next_build = {
	"SELECT b.table_name, b.object_name, b.task FROM " BUILDS
	" LEFT JOIN dynamo_catalog.jobs AS j"
	" ON j.table_name OPERATOR(pg_catalog.=) b.table_name"
	" AND j.task OPERATOR(pg_catalog.=) b.task"
	" AND j.object_name OPERATOR(pg_catalog.=) b.object_name"
	" WHERE j.retry_at IS NULL"
	" OR j.retry_at OPERATOR(pg_catalog.<=) pg_catalog.clock_timestamp()"
	" ORDER BY j.retry_at NULLS FIRST, b.table_name, b.task, b.object_name",
	0, {0}
};
static MetaStatement deleting_indexes = {
	"SELECT table_name, index_name, '" DDB_TASK_BUILD_INDEX "'"
	" FROM dynamo_catalog.indexes"
	" WHERE status OPERATOR(pg_catalog.=) 'DELETING'"
	" ORDER BY table_name, position",
	0, {0}
};
static MetaStatement begin_job = {
	"INSERT INTO dynamo_catalog.jobs AS j"
	" (table_name, task, object_name, attempts, started_at)"
	" SELECT table_name, $2, $3, 1, pg_catalog.clock_timestamp()"
	" FROM dynamo_catalog.tables"
	" WHERE table_name OPERATOR(pg_catalog.=) $1 FOR KEY SHARE"
	" ON CONFLICT (table_name, task, object_name) DO UPDATE"
	" SET attempts = j.attempts OPERATOR(pg_catalog.+) 1,"
	" started_at = EXCLUDED.started_at, retry_at = NULL",
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

static void read_job(DdbJob *job, uint64 row);

bool
ddb_meta_has_builds(void)
{
	meta_run(&has_builds, false, NULL, NULL, 1);
	SPI_freetuptable(SPI_tuptable);
	return SPI_processed > 0;
}

bool
ddb_meta_next_build(DdbJob *job)
{
	bool		found;

	meta_run(&next_build, false, NULL, NULL, 1);
	found = SPI_processed > 0;
	if (found)
		read_job(job, 0);
	SPI_freetuptable(SPI_tuptable);
	return found;
}

List *
ddb_meta_list_deleting_indexes(void)
{
	List	   *jobs = NIL;
	uint64		i;

	meta_run(&deleting_indexes, false, NULL, NULL, 0);
	for (i = 0; i < SPI_processed; i++)
	{
		DdbJob	   *job = palloc(sizeof(DdbJob));

		read_job(job, i);
		jobs = lappend(jobs, job);
	}
	SPI_freetuptable(SPI_tuptable);
	return jobs;
}

void
ddb_meta_begin_job(const DdbJob *job)
{
	Datum		values[] = {
		CStringGetTextDatum(job->table_name),
		CStringGetTextDatum(job->task),
		CStringGetTextDatum(job->object_name),
	};

	meta_run(&begin_job, true, values, NULL, 0);
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
ddb_meta_end_job(const DdbJob *job)
{
	Datum		values[] = {
		CStringGetTextDatum(job->table_name),
		CStringGetTextDatum(job->task),
		CStringGetTextDatum(job->object_name),
	};

	meta_run(&end_job, true, values, NULL, 0);
}

static void
read_job(DdbJob *job, uint64 row)
{
	HeapTuple	tuple = SPI_tuptable->vals[row];
	TupleDesc	desc = SPI_tuptable->tupdesc;

	job->table_name = SPI_getvalue(tuple, desc, 1);
	job->object_name = SPI_getvalue(tuple, desc, 2);
	job->task = SPI_getvalue(tuple, desc, 3);
}
