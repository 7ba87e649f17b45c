/*
 * op_table.c
 *	  DescribeTable, ListTables, DeleteTable, DescribeLimits and
 *	  DescribeEndpoints.
 */
#include "postgres.h"

#include "api/table_int.h"
#include "core/background.h"
#include "core/guc.h"
#include "core/session.h"

#define LIST_LIMIT 100

static bool describe_table(DdbCall *call);
static bool list_tables(DdbCall *call);
static bool delete_table(DdbCall *call);
static bool describe_limits(DdbCall *call);
static bool describe_endpoints(DdbCall *call);
static void check_deletable(const DdbTable *table);
static void remove_table(const DdbTable *table);

const DdbHandler ddb_op_describe_table = {.step = describe_table};
const DdbHandler ddb_op_list_tables = {.step = list_tables};
const DdbHandler ddb_op_delete_table = {.step = delete_table};
const DdbHandler ddb_op_describe_limits = {.step = describe_limits};
const DdbHandler ddb_op_describe_endpoints = {.step = describe_endpoints};

static bool
describe_table(DdbCall *call)
{
	const char *name = api_request_table(call->request);
	DdbTable   *table = ddb_meta_look_up(name);

	if (table == NULL || !OidIsValid(table->relid))
		api_no_such_table(name);
	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "Table");
	api_write_table_description(&call->writer, table, (ApiDescription) {0});
	ddb_json_end_object(&call->writer);
	return true;
}

static bool
list_tables(DdbCall *call)
{
	int			limit = (int) ddb_request_int(call->request, "Limit", LIST_LIMIT);
	List	   *names = ddb_meta_list(ddb_request_string(call->request,
														 "ExclusiveStartTableName",
														 NULL), limit + 1);
	ListCell   *cell;
	const char *last = NULL;

	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "TableNames");
	ddb_json_begin_array(&call->writer);
	foreach(cell, names)
	{
		if (foreach_current_index(cell) == limit)
			break;
		last = lfirst(cell);
		ddb_json_string(&call->writer, last);
	}
	ddb_json_end_array(&call->writer);
	if (list_length(names) > limit)
	{
		ddb_json_name(&call->writer, "LastEvaluatedTableName");
		ddb_json_string(&call->writer, last);
	}
	ddb_json_end_object(&call->writer);
	return true;
}

static bool
delete_table(DdbCall *call)
{
	const char *name = api_request_table(call->request);
	const DdbTable *table;
	DdbTable   *shown;

	ddb_meta_lock(name);
	table = ddb_meta_look_up(name);
	if (table == NULL)
		api_no_such_table(name);
	check_deletable(table);

	shown = api_copy_table(table);
	shown->status = DDB_TABLE_DELETING;
	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "TableDescription");
	api_write_table_description(&call->writer, shown,
								(ApiDescription) {.brief = true});
	ddb_json_end_object(&call->writer);
	remove_table(table);
	return true;
}

/*
 * In a SQL session the heap is dropped here, in the caller's transaction.  A
 * worker only tries: while somebody uses the heap, or it is to seem so, the
 * table is DELETING, which hides it from everyone, and it is dropped in the
 * background later.
 */
static void
remove_table(const DdbTable *table)
{
	bool		later = ddb_setting_control_plane_delay > 0 &&
		ddb_background_serves();

	if (!later && ddb_store_drop_table(table, !ddb_session_is_worker))
	{
		ddb_meta_delete(table->name);
		return;
	}
	ddb_meta_set_status(table->name, DDB_TABLE_DELETING);
	api_show_status(table->name, NULL, DDB_TABLE_DELETING);
	ddb_background_wake();
}

static void
check_deletable(const DdbTable *table)
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
					  API_IN_USE "Table is being created: %s", table->name);
		case DDB_TABLE_UPDATING:
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  API_IN_USE "Table: %s is in the process of being updated.",
					  table->name);
		case DDB_TABLE_DELETING:
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  API_IN_USE "Table is being deleted: %s", table->name);
	}
	for (i = 0; i < table->index_count; i++)
	{
		if (table->indexes[i].status != DDB_TABLE_ACTIVE)
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  API_IN_USE "Cannot delete table while indexes are being "
					  "created, updated, or deleted.");
	}
}

static bool
describe_limits(DdbCall *call)
{
	static const struct
	{
		const char *name;
		int64		value;
	}			limits[] = {
		{"AccountMaxReadCapacityUnits", API_MAX_ACCOUNT_UNITS},
		{"AccountMaxWriteCapacityUnits", API_MAX_ACCOUNT_UNITS},
		{"TableMaxReadCapacityUnits", API_MAX_TABLE_UNITS},
		{"TableMaxWriteCapacityUnits", API_MAX_TABLE_UNITS},
	};
	int			i;

	ddb_json_begin_object(&call->writer);
	for (i = 0; i < lengthof(limits); i++)
	{
		ddb_json_name(&call->writer, limits[i].name);
		ddb_json_int(&call->writer, limits[i].value);
	}
	ddb_json_end_object(&call->writer);
	return true;
}

static bool
describe_endpoints(DdbCall *call)
{
	const char *host = strcmp(ddb_setting_listen_addresses, "*") == 0 ?
		"localhost" : ddb_setting_listen_addresses;

	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "Endpoints");
	ddb_json_begin_array(&call->writer);
	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "Address");
	ddb_json_string(&call->writer, psprintf("%s:%d", host, ddb_setting_port));
	ddb_json_name(&call->writer, "CachePeriodInMinutes");
	ddb_json_int(&call->writer, 1440);
	ddb_json_end_object(&call->writer);
	ddb_json_end_array(&call->writer);
	ddb_json_end_object(&call->writer);
	return true;
}
