/*
 * item_key.c
 *	  Opening tables, making keys, and checking paths against keys.
 */
#include "postgres.h"

#include "item/item_int.h"

#define KEY_MISMATCH "The provided key element does not match the schema"
#define KEYS_ARE_SCALARS "Key attributes must be scalars; list random access " \
	"'[]' and map lookup '.' are not allowed: "

static void check_path(const DdbTable *table, const DdbPath *path);
static DdbValue *take_key_value(DdbTable *table, const DdbValue *item, int i,
								DdbItemKeyErrors errors);

DdbTable *
ddb_item_open_table(const char *name, LOCKMODE lockmode)
{
	DdbTable   *table = ddb_meta_open(name, lockmode);

	if (table == NULL || !OidIsValid(table->primary_index) ||
		(table->status != DDB_TABLE_ACTIVE && table->status != DDB_TABLE_UPDATING))
		ddb_error(DDB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found");
	return table;
}

DdbKey
ddb_item_key(DdbTable *table, const DdbValue *key)
{
	DdbValue   *values[DDB_KEY_MAX] = {NULL};
	int			i;

	if (key->count != table->key_count)
		ddb_error(DDB_ERROR_VALIDATION, KEY_MISMATCH);
	for (i = 0; i < table->key_count; i++)
		values[i] = take_key_value(table, key, i, DDB_ITEM_KEY_ERRORS_PLAIN);
	return ddb_key_make(table, values[0], values[1]);
}

DdbKey
ddb_item_key_within(DdbTable *table, const DdbValue *item, DdbItemKeyErrors errors)
{
	DdbValue   *values[DDB_KEY_MAX] = {NULL};
	int			i;

	for (i = 0; i < table->key_count; i++)
		values[i] = take_key_value(table, item, i, errors);
	return ddb_key_make(table, values[0], values[1]);
}

static DdbValue *
take_key_value(DdbTable *table, const DdbValue *item, int i, DdbItemKeyErrors errors)
{
	const DdbKeyAttribute *attribute = &table->keys[i];
	DdbValue   *value = ddb_value_get(item, attribute->name);
	const char *problem;

	if (errors == DDB_ITEM_KEY_ERRORS_PLAIN &&
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
ddb_item_check_projection(const DdbTable *table, const DdbProjection *projection)
{
	int			i;

	for (i = 0; projection != NULL && i < projection->count; i++)
		check_path(table, &projection->paths[i]);
}

void
ddb_item_check_condition(const DdbTable *table, const DdbCondition *condition)
{
	ListCell   *cell;

	foreach(cell, ddb_condition_paths(condition))
		check_path(table, lfirst(cell));
}

void
item_check_update_paths(const DdbTable *table, const DdbUpdate *update)
{
	ListCell   *cell;

	foreach(cell, ddb_update_paths(update))
		check_path(table, lfirst(cell));
}

void
item_check_update_targets(const DdbTable *table, const DdbUpdate *update)
{
	const DdbProjection *targets = ddb_update_targets(update);
	int			i;
	int			j;

	for (i = 0; i < targets->count; i++)
	{
		for (j = 0; j < table->key_count; j++)
		{
			if (ddb_text_equal(targets->paths[i].elements[0].name,
							   table->keys[j].name))
				ddb_error(DDB_ERROR_VALIDATION,
						  "One or more parameter values were invalid: "
						  "Cannot update attribute %s. This attribute is part of the key",
						  table->keys[j].name.data);
		}
	}
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
