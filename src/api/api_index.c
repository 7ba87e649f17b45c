/*
 * api_index.c
 *	  What secondary indexes demand of the items that are written.
 *
 * An item need not have an index's key attributes, but where it has them they
 * must have the declared types, must not be empty and must not be too long.
 * Plain SQL may write others: they are left out of the index.
 */
#include "postgres.h"

#include "api/api_int.h"

#define INVALID "One or more parameter values were invalid: "
#define NOT_VALID "One or more parameter values are not valid. "
#define UPDATE_ATTEMPTED "The update expression attempted to update "

/* A key attribute of an index that has a value there it cannot have. */
typedef struct Misfit
{
	const DdbIndex *index;		/* NULL: there is none */
	const DdbKeyAttribute *attribute;
	DdbKeyPart	part;
	const DdbValue *value;
} Misfit;

/* Which values are looked at. */
typedef const DdbValue *(*ValueOf) (const void *source, DdbText name);

/* Which misfits are looked for. */
typedef enum Kind
{
	KIND_ANY,
	KIND_EMPTY
} Kind;

static Misfit find_misfit(const DdbTable *table, Kind kind, ValueOf value_of,
						  const void *source);
static bool is_misfit(Kind kind, const DdbKeyAttribute *attribute,
					  DdbKeyPart part, const DdbValue *value);
static bool fits(const DdbKeyAttribute *attribute, DdbKeyPart part,
				 const DdbValue *value);
static const DdbValue *value_in_item(const void *source, DdbText name);
static const DdbValue *value_in_request(const void *source, DdbText name);
static const DdbValue *value_after_update(const void *source, DdbText name);
static void type_mismatch(const Misfit *misfit) pg_attribute_noreturn();
static void put_empty(const Misfit *misfit) pg_attribute_noreturn();
static void updated_to_misfit(const Misfit *misfit) pg_attribute_noreturn();
static const char *empty_kind(const DdbValue *value);

void
api_check_index_keys_of_put(const DdbTable *table, const DdbValue *item)
{
	Misfit		misfit = find_misfit(table, KIND_ANY, value_in_item, item);

	if (misfit.index == NULL)
		return;
	if (misfit.value->type != misfit.attribute->type)
		type_mismatch(&misfit);
	if (misfit.value->text.len == 0)
		put_empty(&misfit);
	ddb_error(DDB_ERROR_VALIDATION, "%s",
			  ddb_key_value_problem(misfit.attribute, misfit.part, misfit.value));
}

void
api_check_index_keys_of_update(const DdbTable *table, const DdbUpdate *update)
{
	Misfit		misfit = find_misfit(table, KIND_ANY, value_in_request, update);

	if (misfit.index == NULL)
		return;
	if (misfit.value->type != misfit.attribute->type)
		type_mismatch(&misfit);
	updated_to_misfit(&misfit);
}

void
api_check_index_keys_not_empty(const DdbTable *table, const DdbValue *item,
							   const DdbUpdate *update)
{
	Misfit		misfit = {.index = NULL};

	if (item != NULL)
		misfit = find_misfit(table, KIND_EMPTY, value_in_item, item);
	if (misfit.index != NULL)
		put_empty(&misfit);
	misfit = find_misfit(table, KIND_EMPTY, value_in_request, update);
	if (misfit.index != NULL)
		updated_to_misfit(&misfit);
}

/* What the update did not touch was there before the index, perhaps. */
typedef struct Updated
{
	const DdbUpdate *update;
	const DdbValue *item;
} Updated;

void
api_check_index_keys_updated(const DdbTable *table, const DdbUpdate *update,
							 const DdbValue *item)
{
	Updated		updated = {.update = update, .item = item};
	Misfit		misfit = find_misfit(table, KIND_ANY, value_after_update, &updated);

	if (misfit.index == NULL)
		return;
	if (misfit.value->type != misfit.attribute->type)
		ddb_error(DDB_ERROR_VALIDATION,
				  UPDATE_ATTEMPTED "the secondary index key to unsupported type");
	updated_to_misfit(&misfit);
}

/* Of several, the one of the index whose name comes first. */
static Misfit
find_misfit(const DdbTable *table, Kind kind, ValueOf value_of,
			const void *source)
{
	Misfit		found = {.index = NULL};
	int			i;
	int			j;

	for (i = 0; i < table->index_count; i++)
	{
		const DdbIndex *index = &table->indexes[i];

		if (index->status == DDB_TABLE_DELETING ||
			(found.index != NULL &&
			 ddb_text_compare(found.index->name, index->name) < 0))
			continue;
		for (j = 0; j < index->key_count; j++)
		{
			const DdbKeyAttribute *attribute = &index->keys[j];
			DdbKeyPart	part = j < index->hash_count ? DDB_KEY_HASH : DDB_KEY_RANGE;
			const DdbValue *value = value_of(source, attribute->name);

			if (value == NULL || !is_misfit(kind, attribute, part, value))
				continue;
			found = (Misfit) {index, attribute, part, value};
			break;
		}
	}
	return found;
}

static bool
is_misfit(Kind kind, const DdbKeyAttribute *attribute, DdbKeyPart part,
		  const DdbValue *value)
{
	if (kind == KIND_EMPTY)
		return value->type == attribute->type && value->text.len == 0;
	return !fits(attribute, part, value);
}

static bool
fits(const DdbKeyAttribute *attribute, DdbKeyPart part, const DdbValue *value)
{
	return value->type == attribute->type &&
		ddb_key_value_problem(attribute, part, value) == NULL;
}

static const DdbValue *
value_in_item(const void *source, DdbText name)
{
	return ddb_value_get(source, name);
}

static const DdbValue *
value_in_request(const void *source, DdbText name)
{
	return ddb_update_literal(source, name);
}

static const DdbValue *
value_after_update(const void *source, DdbText name)
{
	const Updated *updated = source;
	const DdbProjection *targets = ddb_update_targets(updated->update);
	int			i;

	for (i = 0; i < targets->count; i++)
	{
		if (ddb_text_equal(targets->paths[i].elements[0].name, name))
			return ddb_value_get(updated->item, name);
	}
	return NULL;
}

static void
type_mismatch(const Misfit *misfit)
{
	ddb_error(DDB_ERROR_VALIDATION,
			  INVALID "Type mismatch for Index Key %s Expected: %s Actual: %s "
			  "IndexName: %s", misfit->attribute->name.data,
			  ddb_type_tag(misfit->attribute->type),
			  ddb_type_tag(misfit->value->type), misfit->index->name.data);
}

static void
put_empty(const Misfit *misfit)
{
	ddb_error(DDB_ERROR_VALIDATION,
			  NOT_VALID "A value specified for a secondary index key is not "
			  "supported. The AttributeValue for a key attribute cannot contain "
			  "an empty %s value. IndexName: %s, IndexKey: %s",
			  empty_kind(misfit->value), misfit->index->name.data,
			  misfit->attribute->name.data);
}

/* Empty or too long. */
static void
updated_to_misfit(const Misfit *misfit)
{
	if (misfit->value->text.len == 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  NOT_VALID UPDATE_ATTEMPTED "a secondary index key to a value that "
				  "is not supported. The AttributeValue for a key attribute cannot "
				  "contain an empty %s value.", empty_kind(misfit->value));
	ddb_error(DDB_ERROR_VALIDATION,
			  INVALID UPDATE_ATTEMPTED "the secondary index key beyond allowed size "
			  "limits");
}

static const char *
empty_kind(const DdbValue *value)
{
	return value->type == DDB_TYPE_S ? "string" : "binary";
}
