/*
 * table_build.c
 *	  Building a secondary index of a table in use.
 *
 * The row of the index in the catalog is committed before the build begins.  From
 * then on every backend checks new items against the index.  Older items that do
 * not fit are left out.
 *
 * If the build is interrupted by an error, a crash or a shutdown, the row still says
 * CREATING, and there may be an invalid index.  The next attempt drops that index
 * and starts over.
 */
#include "postgres.h"

#include "core/progress.h"
#include "store/store.h"
#include "table/table_tasks.h"

static DdbStep leave_statement(DdbJob *job, const DdbTable *table, const char *statement);

DdbStep
ddb_table_build_index_step(DdbJob *job)
{
	/* The table is analyzed after the index has been built. */
	bool	   *analyzed = job->state;
	const DdbTable *table = ddb_meta_look_up(job->table_name);
	const DdbIndex *index = table == NULL || !OidIsValid(table->relid) ? NULL :
		ddb_meta_find_index(table, job->object_name);
	DdbHeapIndex heap_index;

	if (index == NULL || !index->backfilling)
		return DDB_STEP_DONE;
	if (analyzed == NULL)
		job->state = analyzed = MemoryContextAllocZero(job->context, sizeof(bool));

	heap_index = ddb_store_secondary_index(table, index);
	switch (ddb_store_index_state(heap_index))
	{
		case DDB_INDEX_ABSENT:
			ddb_progress("building", 0, 0);
			return leave_statement(job, table, ddb_store_index_creation(heap_index));
		case DDB_INDEX_INVALID:
			ddb_progress("dropping what an earlier attempt left", 0, 0);
			return leave_statement(job, table, ddb_store_index_removal(heap_index));
		case DDB_INDEX_VALID:
			break;
	}
	if (!*analyzed)
	{
		/* Then the number of items in the index is known from the start. */
		*analyzed = true;
		ddb_progress("counting items", 0, 0);
		return leave_statement(job, table, ddb_store_analyze_sql(table));
	}
	ddb_meta_set_index_status(job->table_name, job->object_name,
							  DDB_TABLE_ACTIVE, false);
	return DDB_STEP_DONE;
}

static DdbStep
leave_statement(DdbJob *job, const DdbTable *table, const char *statement)
{
	job->statement = MemoryContextStrdup(job->context, statement);
	job->table = table;
	return DDB_STEP_EXECUTE;
}
