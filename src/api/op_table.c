/*
 * op_table.c
 *	  DescribeTable, ListTables, DeleteTable, DescribeLimits and
 *	  DescribeEndpoints.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "core/guc.h"

#define LIST_LIMIT 100

static bool describe_table_step(DdbCall *call);
static bool list_tables_step(DdbCall *call);
static bool delete_table_step(DdbCall *call);
static bool describe_limits_step(DdbCall *call);
static bool describe_endpoints_step(DdbCall *call);

const DdbHandler ddb_op_describe_table = {.step = describe_table_step};
const DdbHandler ddb_op_list_tables = {.step = list_tables_step};
const DdbHandler ddb_op_delete_table = {.step = delete_table_step};
const DdbHandler ddb_op_describe_limits = {.step = describe_limits_step};
const DdbHandler ddb_op_describe_endpoints = {.step = describe_endpoints_step};

static bool
describe_table_step(DdbCall *call)
{
	const char *name = api_request_table(call->request);
	DdbTable   *table = ddb_meta_look_up(name);

	if (table == NULL || !OidIsValid(table->relid))
		ddb_table_not_found(name);
	api_write_description(call, "Table", table, (DdbTableDescription) {0});
	return true;
}

static bool
list_tables_step(DdbCall *call)
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
		ddb_json_string_member(&call->writer, "LastEvaluatedTableName", last);
	ddb_json_end_object(&call->writer);
	return true;
}

static bool
delete_table_step(DdbCall *call)
{
	const char *name = api_request_table(call->request);
	const DdbTable *table;
	DdbTable   *shown;

	ddb_meta_lock(name);
	table = ddb_meta_look_up(name);
	if (table == NULL)
		ddb_table_not_found(name);
	ddb_table_check_deletable(table);

	shown = ddb_table_copy(table);
	shown->status = DDB_TABLE_DELETING;
	api_write_description(call, "TableDescription", shown,
						  (DdbTableDescription) {.brief = true});
	ddb_table_drop(table);
	return true;
}

static bool
describe_limits_step(DdbCall *call)
{
	static const struct
	{
		const char *name;
		int64		value;
	}			limits[] = {
		{"AccountMaxReadCapacityUnits", DDB_TABLE_MAX_ACCOUNT_UNITS},
		{"AccountMaxWriteCapacityUnits", DDB_TABLE_MAX_ACCOUNT_UNITS},
		{"TableMaxReadCapacityUnits", DDB_TABLE_MAX_UNITS},
		{"TableMaxWriteCapacityUnits", DDB_TABLE_MAX_UNITS},
	};
	int			i;

	ddb_json_begin_object(&call->writer);
	for (i = 0; i < lengthof(limits); i++)
		ddb_json_int_member(&call->writer, limits[i].name, limits[i].value);
	ddb_json_end_object(&call->writer);
	return true;
}

static bool
describe_endpoints_step(DdbCall *call)
{
	const char *host = strcmp(ddb_setting_listen_addresses, "*") == 0 ?
		"localhost" : ddb_setting_listen_addresses;

	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "Endpoints");
	ddb_json_begin_array(&call->writer);
	ddb_json_begin_object(&call->writer);
	ddb_json_string_member(&call->writer, "Address",
						   psprintf("%s:%d", host, ddb_setting_port));
	ddb_json_int_member(&call->writer, "CachePeriodInMinutes", 1440);
	ddb_json_end_object(&call->writer);
	ddb_json_end_array(&call->writer);
	ddb_json_end_object(&call->writer);
	return true;
}
