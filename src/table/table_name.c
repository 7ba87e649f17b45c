/*
 * table_name.c
 *	  Names and ARNs of tables.
 */
#include "postgres.h"

#include "core/guc.h"
#include "table/table_int.h"

const char *
ddb_table_name_of(const char *name_or_arn)
{
	const char *slash;

	if (strncmp(name_or_arn, "arn:", 4) != 0)
		return name_or_arn;
	slash = strstr(name_or_arn, ":table/");
	return slash != NULL ? slash + strlen(":table/") : name_or_arn;
}

void
ddb_table_not_found(const char *name)
{
	ddb_error(DDB_ERROR_RESOURCE_NOT_FOUND,
			  "Requested resource not found: Table: %s not found", name);
}

char *
ddb_table_arn(const char *table_name)
{
	return psprintf("arn:%s:dynamodb:%s:%s:table/%s", ddb_settings_partition(),
					ddb_setting_region, ddb_setting_account_id, table_name);
}
