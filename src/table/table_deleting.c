/*
 * table_deleting.c
 *	  Dropping tables and indexes that were in use when they were deleted.
 *
 * They have the status DELETING, which hides them from all requests.  A step does
 * not wait for the lock of the heap, because transactions that come later would then
 * wait, too.  A step locks the row of the catalog, because SQL may have dropped the
 * table, and another table of that name may have been created.
 */
#include "postgres.h"

#include "core/background.h"
#include "core/inject.h"
#include "store/store.h"
#include "table/table_tasks.h"

static DdbTable *lock_table(const DdbJob *job);

DdbStep
ddb_table_drop_step(DdbJob *job)
{
	DdbTable   *table = lock_table(job);

	if (table == NULL || table->status != DDB_TABLE_DELETING ||
		ddb_fault("heap_kept"))
		return DDB_STEP_DONE;
	/* The name stays in use until dynamo.control_plane_delay is over. */
	if (table->shown_until != 0 || !ddb_store_drop_table(table, false))
	{
		ddb_background_interrupt(table->relid);
		return DDB_STEP_WAIT;
	}
	ddb_meta_delete(table->name);
	return DDB_STEP_DONE;
}

/* An index that is being built is in use, so the build is interrupted. */
DdbStep
ddb_table_drop_index_step(DdbJob *job)
{
	DdbTable   *table = lock_table(job);
	const DdbIndex *index = table == NULL ? NULL :
		ddb_meta_find_index(table, job->object_name);

	if (index == NULL || index->status != DDB_TABLE_DELETING)
		return DDB_STEP_DONE;
	ddb_background_interrupt(table->relid);
	if (index->shown_until != 0 ||
		!ddb_store_drop_index(ddb_store_secondary_index(table, index), false))
		return DDB_STEP_WAIT;
	ddb_meta_delete_index(job->table_name, job->object_name);
	return DDB_STEP_DONE;
}

static DdbTable *
lock_table(const DdbJob *job)
{
	return ddb_meta_lock(job->table_name) ? ddb_meta_look_up(job->table_name) : NULL;
}
