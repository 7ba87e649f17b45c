/*
 * meta_statement.c
 *	  Running statements on the catalog, and reading their rows.
 *
 * All statements run as the extension's owner, so callers need no privileges
 * on the catalog.  Statements that only read use a fresh snapshot, even in a
 * repeatable read transaction, as PostgreSQL's own catalog look-ups do.
 *
 * Columns are read by name.  So a column can be added to a statement, or
 * removed, without changes to the code that reads the others.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "jit/jit.h"
#include "meta/meta.h"
#include "meta/meta_int.h"
#include "optimizer/cost.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

static MetaRows execute(MetaStatement *statement, bool read_only, Datum *values,
						const char *nulls, long limit);
static void prepare(MetaStatement *statement);
static int	execute_by_index(MetaStatement *statement, bool read_only,
							 Datum *values, const char *nulls, long limit);
static Datum column_of_row(const MetaRows *rows, const char *column,
						   bool *isnull);

MetaRows
meta_run(MetaStatement *statement, bool writes, Datum *values, const char *nulls,
		 long limit)
{
	MetaRows	rows;

	if (writes)
		return execute(statement, false, values, nulls, limit);
	PushActiveSnapshot(GetLatestSnapshot());
	rows = execute(statement, true, values, nulls, limit);
	PopActiveSnapshot();
	return rows;
}

MetaRows
meta_run_in_snapshot(MetaStatement *statement, Datum *values, long limit)
{
	return execute(statement, true, values, NULL, limit);
}

bool
meta_run_for_any(MetaStatement *statement, bool writes, Datum *values)
{
	MetaRows	rows = meta_run(statement, writes, values, NULL, 1);

	meta_end(&rows);
	return rows.count > 0;
}

List *
meta_run_for_names(MetaStatement *statement, Datum *values, long limit)
{
	MetaRows	rows = meta_run(statement, false, values, NULL, limit);
	List	   *names = NIL;

	while (meta_next(&rows))
		names = lappend(names, SPI_getvalue(rows.row, rows.table->tupdesc, 1));
	meta_end(&rows);
	return names;
}

bool
meta_next(MetaRows *rows)
{
	if (rows->table == NULL || rows->next == rows->count)
		return false;
	rows->row = rows->table->vals[rows->next++];
	return true;
}

void
meta_end(MetaRows *rows)
{
	SPI_freetuptable(rows->table);
	rows->table = NULL;
	rows->row = NULL;
}

char *
meta_text(const MetaRows *rows, const char *column)
{
	bool		isnull;
	Datum		datum = column_of_row(rows, column, &isnull);

	return isnull ? NULL : TextDatumGetCString(datum);
}

TimestampTz
meta_timestamp(const MetaRows *rows, const char *column)
{
	bool		isnull;
	Datum		datum = column_of_row(rows, column, &isnull);

	return isnull ? 0 : DatumGetTimestampTz(datum);
}

Datum
meta_required(const MetaRows *rows, const char *column)
{
	bool		isnull;
	Datum		datum = column_of_row(rows, column, &isnull);

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("column \"%s\" of a row in dynamo_catalog is null",
						column)));
	return datum;
}

char *
meta_required_text(const MetaRows *rows, const char *column)
{
	return TextDatumGetCString(meta_required(rows, column));
}

/*
 * SPI leaves its own memory context current, which is freed at the end of the
 * step.  Switch back, because the caller's later allocations may have to live
 * longer.
 */
static MetaRows
execute(MetaStatement *statement, bool read_only, Datum *values,
		const char *nulls, long limit)
{
	MemoryContext old = CurrentMemoryContext;
	DdbUser		user = ddb_meta_become_owner();
	MetaRows	rows = {0};
	int			result;

	if (statement->plan == NULL)
		prepare(statement);
	if (statement->by_index)
		result = execute_by_index(statement, read_only, values, nulls, limit);
	else
		result = SPI_execute_plan(statement->plan, values, nulls, read_only,
								  limit);
	if (result < 0)
		elog(ERROR, "could not run \"%s\": %s", statement->text,
			 SPI_result_code_string(result));
	ddb_meta_restore_user(user);
	MemoryContextSwitchTo(old);
	rows.count = SPI_processed;
	rows.table = SPI_tuptable;
	return rows;
}

/* With by_index, uses a generic plan, whatever the size of the table. */
static void
prepare(MetaStatement *statement)
{
	SPIPlanPtr	plan = SPI_prepare_cursor(statement->text,
										  statement->parameter_count,
										  statement->parameters,
										  statement->by_index ?
										  CURSOR_OPT_GENERIC_PLAN : 0);

	if (plan == NULL || SPI_keepplan(plan) != 0)
		elog(ERROR, "could not prepare \"%s\": %s", statement->text,
			 SPI_result_code_string(SPI_result));
	statement->plan = plan;
}

/*
 * If an index is missing, the planner adds a huge cost to the plan, which
 * would trigger JIT compilation.  So JIT is disabled as well.
 */
static int
execute_by_index(MetaStatement *statement, bool read_only, Datum *values,
				 const char *nulls, long limit)
{
	bool		seqscan = enable_seqscan;
	bool		jit = jit_enabled;
	int			result;

	enable_seqscan = jit_enabled = false;
	PG_TRY();
	{
		result = SPI_execute_plan(statement->plan, values, nulls, read_only,
								  limit);
	}
	PG_FINALLY();
	{
		enable_seqscan = seqscan;
		jit_enabled = jit;
	}
	PG_END_TRY();
	return result;
}

/* Looking up a column by name is cheap, because there are few columns. */
static Datum
column_of_row(const MetaRows *rows, const char *column, bool *isnull)
{
	int			number = SPI_fnumber(rows->table->tupdesc, column);

	if (number <= 0)
		elog(ERROR, "a statement on dynamo_catalog returns no column \"%s\"", column);
	return SPI_getbinval(rows->row, rows->table->tupdesc, number, isnull);
}
