/*
 * op_time_to_live.c
 *	  DescribeTimeToLive and UpdateTimeToLive.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "core/clock.h"
#include "core/guc.h"
#include "ttl/ttl.h"

static bool describe_time_to_live_step(DdbCall *call);
static bool update_time_to_live_step(DdbCall *call);
static DdbTable *lock_table(const char *name);
static void check_change(const DdbTtl *ttl, bool enable, const char *attribute);

const DdbHandler ddb_op_describe_time_to_live = {
	.step = describe_time_to_live_step
};
const DdbHandler ddb_op_update_time_to_live = {
	.step = update_time_to_live_step
};

static bool
describe_time_to_live_step(DdbCall *call)
{
	const char *name = api_request_table(call->request);
	const DdbTable *table = ddb_meta_look_up(name);

	if (table == NULL)
		ddb_table_not_found(name);
	if (table->status == DDB_TABLE_CREATING || table->status == DDB_TABLE_DELETING)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Cannot describe time to live while table is in %s state: "
				  "Current table state is %s", ddb_table_status_name(table->status),
				  ddb_table_status_name(table->status));

	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "TimeToLiveDescription");
	ddb_json_begin_object(&call->writer);
	ddb_json_string_member(&call->writer, "TimeToLiveStatus",
						   ddb_ttl_status_name(table->ttl.status));
	if (table->ttl.status != DDB_TTL_DISABLED)
	{
		ddb_json_string_member(&call->writer, "AttributeName",
							   table->ttl.attribute);
	}
	ddb_json_end_object(&call->writer);
	ddb_json_end_object(&call->writer);
	return true;
}

static bool
update_time_to_live_step(DdbCall *call)
{
	const DdbJson *specification = ddb_json_get(call->request,
												"TimeToLiveSpecification");
	bool		enable = ddb_request_bool(specification, "Enabled", false);
	const char *attribute = ddb_request_string(specification, "AttributeName", "");
	const DdbTable *table = lock_table(api_request_table(call->request));

	check_change(&table->ttl, enable, attribute);
	if (enable)
		ddb_ttl_enable(table->name, attribute);
	else
		ddb_ttl_disable(table);

	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "TimeToLiveSpecification");
	ddb_json_begin_object(&call->writer);
	ddb_json_bool_member(&call->writer, "Enabled", enable);
	ddb_json_string_member(&call->writer, "AttributeName", attribute);
	ddb_json_end_object(&call->writer);
	ddb_json_end_object(&call->writer);
	return true;
}

/* Locks the table's row before the state is checked. */
static DdbTable *
lock_table(const char *name)
{
	DdbTable   *table;

	if (!ddb_meta_lock(name))
		ddb_table_not_found(name);
	table = ddb_meta_look_up(name);
	if (table == NULL || table->status == DDB_TABLE_DELETING)
		ddb_table_not_found(name);
	if (table->status == DDB_TABLE_CREATING)
		ddb_error(DDB_ERROR_RESOURCE_IN_USE,
				  "Attempt to change a resource which is still in use: "
				  "Table %s is being created", name);
	return table;
}

/*
 * Checks the request first, then how often it may be changed.  While the index is
 * being dropped, time to live cannot be enabled.
 */
static void
check_change(const DdbTtl *ttl, bool enable, const char *attribute)
{
	bool		active = ttl->status == DDB_TTL_ENABLING ||
		ttl->status == DDB_TTL_ENABLED;
	int64		elapsed = ddb_clock_now() - ttl->changed_at;

	if (active && strcmp(ttl->attribute, attribute) != 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "TimeToLive is active on a different AttributeName: "
				  "current AttributeName is %s", ttl->attribute);
	if (enable && active)
		ddb_error(DDB_ERROR_VALIDATION, "TimeToLive is already enabled");
	if (!enable && !active)
		ddb_error(DDB_ERROR_VALIDATION, "TimeToLive is already disabled");
	if ((enable && ttl->status == DDB_TTL_DISABLING) ||
		(ttl->changed_at != 0 &&
		 elapsed < ddb_setting_ttl_change_interval * USECS_PER_SEC))
		ddb_error(DDB_ERROR_VALIDATION,
				  "Time to live has been modified multiple times within a fixed "
				  "interval");
}
