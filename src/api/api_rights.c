/*
 * api_rights.c
 *	  What a caller may do to a table as a whole.
 *
 * Who may execute an operation at all is judged by the right to execute its
 * function (call.c), and what happens to items by grants on the heap.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "core/guc.h"
#include "core/inject.h"
#include "miscadmin.h"

static void refuse(const DdbOperation *operation, const char *table_name) pg_attribute_noreturn();

void
api_check_may_change(const DdbCall *call, const DdbTable *table)
{
	if (!ddb_meta_may_change(table) && !ddb_fault("owner_ignored"))
		refuse(call->operation, table->name);
}

void
api_check_may_describe(const DdbCall *call, const DdbTable *table)
{
	if (!ddb_meta_may_describe(table))
		refuse(call->operation, table->name);
}

static void
refuse(const DdbOperation *operation, const char *table_name)
{
	ddb_error(DDB_ERROR_ACCESS_DENIED,
			  "User: arn:%s:iam::%s:user/%s is not authorized to perform: "
			  "dynamodb:%s on resource: %s because no identity-based policy "
			  "allows the dynamodb:%s action",
			  ddb_settings_partition(), ddb_setting_account_id,
			  GetUserNameFromId(GetUserId(), true), operation->name,
			  api_table_arn(table_name), operation->name);
}
