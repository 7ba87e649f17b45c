/*
 * table_drop.c
 *	  Dropping a table.
 */
#include "postgres.h"

#include "core/background.h"
#include "core/guc.h"
#include "core/lock.h"
#include "table/table_int.h"

/*
 * In a SQL session this drops the heap in the caller's transaction.  A worker only
 * tries.  If the heap is in use, or dynamo.control_plane_delay is set, the table gets
 * the status DELETING, which hides it from all requests, and is dropped in the
 * background later.
 */
void
ddb_table_drop(const DdbTable *table)
{
	bool		later = ddb_setting_control_plane_delay > 0 &&
		ddb_background_serves();

	if (!later && ddb_store_drop_table(table, ddb_lock_policy == DDB_LOCK_WAIT))
	{
		ddb_meta_delete(table->name);
		return;
	}
	ddb_meta_set_status(table->name, DDB_TABLE_DELETING);
	table_show_status(table->name, NULL, DDB_TABLE_DELETING);
	ddb_background_wake();
}

void
ddb_table_check_deletable(const DdbTable *table)
{
	int			i;

	if (ddb_request_bool(table->definition, "DeletionProtectionEnabled", false))
		ddb_error(DDB_ERROR_VALIDATION,
				  "Resource cannot be deleted as it is currently protected against "
				  "deletion. Disable deletion protection first.");
	switch (table->status)
	{
		case DDB_TABLE_ACTIVE:
			break;
		case DDB_TABLE_CREATING:
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  TABLE_IN_USE "Table is being created: %s", table->name);
		case DDB_TABLE_UPDATING:
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  TABLE_IN_USE "Table: %s is in the process of being updated.",
					  table->name);
		case DDB_TABLE_DELETING:
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  TABLE_IN_USE "Table is being deleted: %s", table->name);
	}
	for (i = 0; i < table->index_count; i++)
	{
		if (table->indexes[i].status != DDB_TABLE_ACTIVE)
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  TABLE_IN_USE "Cannot delete table while indexes are being "
					  "created, updated, or deleted.");
	}
}
