/*
 * api_table.c
 *	  Tables and keys as requests name them.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "core/guc.h"
#include "miscadmin.h"

#define KEY_MISMATCH "The provided key element does not match the schema"
#define KEYS_ARE_SCALARS "Key attributes must be scalars; list random access " \
	"'[]' and map lookup '.' are not allowed: "

static void check_path(const DdbTable *table, const DdbPath *path);
static DdbValue *take_key_value(DdbTable *table, const DdbValue *item, int i,
								ApiKeyErrors errors);

const char *
api_table_name(const char *name_or_arn)
{
	const char *slash;

	if (strncmp(name_or_arn, "arn:", 4) != 0)
		return name_or_arn;
	slash = strstr(name_or_arn, ":table/");
	return slash != NULL ? slash + strlen(":table/") : name_or_arn;
}

const char *
api_request_table(const DdbJson *request)
{
	return api_table_name(api_request_table_as_given(request));
}

const char *
api_request_table_as_given(const DdbJson *request)
{
	return ddb_request_string(request, "TableName", "");
}

DdbTable *
api_open_table(const char *name, LOCKMODE lockmode)
{
	DdbTable   *table = ddb_meta_open(name, lockmode);

	if (table == NULL || !OidIsValid(table->primary_index) ||
		(table->status != DDB_TABLE_ACTIVE && table->status != DDB_TABLE_UPDATING))
		ddb_error(DDB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found");
	return table;
}

void
api_no_such_table(const char *name)
{
	ddb_error(DDB_ERROR_RESOURCE_NOT_FOUND,
			  "Requested resource not found: Table: %s not found", name);
}

char *
api_table_arn(const char *table_name)
{
	return psprintf("arn:%s:dynamodb:%s:%s:table/%s", ddb_settings_partition(),
					ddb_setting_region, ddb_setting_account_id, table_name);
}

DdbResource *
api_resource_of_table(const char *table_name)
{
	DdbResource *resource = palloc0(sizeof(DdbResource));

	resource->table_name = table_name;
	return resource;
}

DdbKey
api_key_of_request(DdbTable *table, const DdbValue *key)
{
	DdbValue   *values[DDB_KEY_MAX] = {NULL};
	int			i;

	if (key->count != table->key_count)
		ddb_error(DDB_ERROR_VALIDATION, KEY_MISMATCH);
	for (i = 0; i < table->key_count; i++)
		values[i] = take_key_value(table, key, i, API_KEY_ERRORS_PLAIN);
	return ddb_key_make(table, values[0], values[1]);
}

DdbKey
api_key_of_item(DdbTable *table, const DdbValue *item, ApiKeyErrors errors)
{
	DdbValue   *values[DDB_KEY_MAX] = {NULL};
	int			i;

	for (i = 0; i < table->key_count; i++)
		values[i] = take_key_value(table, item, i, errors);
	return ddb_key_make(table, values[0], values[1]);
}

static DdbValue *
take_key_value(DdbTable *table, const DdbValue *item, int i, ApiKeyErrors errors)
{
	const DdbKeyAttribute *attribute = &table->keys[i];
	DdbValue   *value = ddb_value_get(item, attribute->name);
	const char *problem;

	if (errors == API_KEY_ERRORS_PLAIN &&
		(value == NULL || value->type != attribute->type))
		ddb_error(DDB_ERROR_VALIDATION, KEY_MISMATCH);
	if (value == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  "One or more parameter values were invalid: "
				  "Missing the key %s in the item", attribute->name.data);
	if (value->type != attribute->type)
		ddb_error(DDB_ERROR_VALIDATION,
				  "One or more parameter values were invalid: "
				  "Type mismatch for key %s expected: %s actual: %s",
				  attribute->name.data, ddb_type_tag(attribute->type),
				  ddb_type_tag(value->type));
	problem = ddb_key_value_problem(attribute, i == 0 ? DDB_KEY_HASH : DDB_KEY_RANGE,
									value);
	if (problem != NULL)
		ddb_error(DDB_ERROR_VALIDATION, "%s", problem);
	return value;
}

void
api_check_paths(const DdbTable *table, const DdbPath *paths, int count)
{
	int			i;

	for (i = 0; i < count; i++)
		check_path(table, &paths[i]);
}

void
api_check_condition_paths(const DdbTable *table, const DdbCondition *condition)
{
	ListCell   *cell;

	foreach(cell, ddb_condition_paths(condition))
		check_path(table, lfirst(cell));
}

void
api_check_update_paths(const DdbTable *table, const DdbUpdate *update)
{
	ListCell   *cell;

	foreach(cell, ddb_update_paths(update))
		check_path(table, lfirst(cell));
}

static void
check_path(const DdbTable *table, const DdbPath *path)
{
	DdbText		name;
	int			i;
	int			j;

	if (path->count < 2)
		return;
	name = path->elements[0].name;
	for (i = 0; i < table->key_count; i++)
	{
		if (ddb_text_equal(name, table->keys[i].name))
			ddb_error(DDB_ERROR_VALIDATION, KEYS_ARE_SCALARS "Key: %s",
					  table->keys[i].name.data);
	}
	for (i = 0; i < table->index_count; i++)
	{
		const DdbIndex *index = &table->indexes[i];

		for (j = 0; j < index->key_count; j++)
		{
			if (ddb_text_equal(name, index->keys[j].name))
				ddb_error(DDB_ERROR_VALIDATION, KEYS_ARE_SCALARS "IndexKey: %s",
						  index->keys[j].name.data);
		}
	}
}
