/*
 * store_estimate.c
 *	  How large a partition is, as the planner sees it.
 *
 * Its statistics know best what matters here: the few partitions that hold
 * much of a table are among the most common values of its partition key.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "store/store_int.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

/* Tables that are smaller have no partition worth asking about. */
#define SMALL_TABLE (INT64CONST(1) << 30)

static double estimate_rows(const DdbKey *key);

int64
ddb_store_estimate_partition(const DdbKey *key)
{
	int64		items;
	int64		bytes;

	ddb_store_statistics(key->table, &items, &bytes);
	if (bytes < SMALL_TABLE || items == 0)
		return 0;
	return (int64) (estimate_rows(key) * ((double) bytes / (double) items));
}

/* What EXPLAIN says: [{"Plan": {..., "Plan Rows": 12, ...}}] */
static double
estimate_rows(const DdbKey *key)
{
	MemoryContext old = CurrentMemoryContext;
	Oid			type = key_column_type(key->table, 0);
	Datum		value = key->datums[0];
	Datum		path[] = {
		CStringGetTextDatum("0"),
		CStringGetTextDatum("Plan"),
		CStringGetTextDatum("Plan Rows"),
	};
	ArrayType  *place = construct_array(path, lengthof(path), TEXTOID, -1, false,
										TYPALIGN_INT);
	char	   *sql = psprintf("EXPLAIN (FORMAT JSON) SELECT FROM %s"
							   " WHERE pk OPERATOR(pg_catalog.=) $1",
							   quoted_heap(key->table));
	Datum		plan;
	Datum		rows;
	bool		isnull;

	if (SPI_execute_with_args(sql, 1, &type, &value, NULL, false, 1) < 0 ||
		SPI_processed != 1)
		elog(ERROR, "could not execute \"%s\"", sql);
	plan = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &isnull);
	rows = DirectFunctionCall2(json_extract_path_text, plan, PointerGetDatum(place));
	MemoryContextSwitchTo(old);
	return strtod(TextDatumGetCString(rows), NULL);
}
