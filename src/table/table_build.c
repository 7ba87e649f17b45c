/*
 * table_build.c
 *	  Building a secondary index of a table in use.
 *
 * Every backend checks new items against the index from the moment on that its
 * row in the catalog is committed, which is before the build begins; what was
 * there before and does not fit is left out.
 *
 * Whatever breaks off a build, an error, a crash, a shutdown, leaves the row
 * CREATING and perhaps an index that is not valid: the next attempt drops it
 * and begins anew.
 */
#include "postgres.h"

#include "core/progress.h"
#include "store/store.h"
#include "table/table_tasks.h"

static DdbStep leave_statement(DdbJob *job, const DdbTable *table, const char *statement);

DdbStep
ddb_table_build_index_step(DdbJob *job)
{
	/* Is it analyzed?  That is done when the index is there. */
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
		/* So that it is known from the beginning how many items are in it. */
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
