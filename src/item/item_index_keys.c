/*
 * item_index_keys.c
 *	  Checks of key attributes of secondary indexes in items that are written.
 *
 * An item need not have the key attributes of an index.  Those it has must have the
 * declared types, must not be empty, and must not be too long: all hash attributes
 * together, and all range attributes together.  Plain SQL can write other values,
 * which are left out of the index.
 */
#include "postgres.h"

#include "core/inject.h"
#include "item/item_int.h"

#define INVALID "One or more parameter values were invalid: "
#define NOT_VALID "One or more parameter values are not valid. "
#define UPDATE_ATTEMPTED "The update expression attempted to update "

/* What is written: an item, or what an update's request shows of it. */
typedef struct Written
{
	const DdbValue *item;		/* NULL: only the update's literals are known */
	const DdbUpdate *update;	/* NULL: there is none */
	bool		is_whole;		/* every attribute of the item is written */
	bool		only_empty;		/* look for empty values only */
} Written;

/* A key attribute of an index with a value that it cannot have. */
typedef struct Misfit
{
	const DdbIndex *index;		/* NULL: there is none */
	const DdbKeyAttribute *attribute;
	const DdbValue *value;		/* of another type, empty, or too long */
	DdbKeyPart	part;
} Misfit;

static Misfit find_misfit(const DdbTable *table, const Written *written);
static bool find_in_part(const DdbIndex *index, DdbKeyPart part,
						 const Written *written, Misfit *misfit);
static const DdbValue *value_of(const Written *written, DdbText name);
static bool is_written(const Written *written, DdbText name);
static bool is_empty(const DdbValue *value);
static void type_mismatch(const Misfit *misfit) pg_attribute_noreturn();
static void put_empty(const Misfit *misfit) pg_attribute_noreturn();
static void updated_to_misfit(const Misfit *misfit) pg_attribute_noreturn();
static const char *empty_kind(const DdbValue *value);

void
item_check_index_keys_of_put(const DdbTable *table, const DdbValue *item)
{
	Misfit		misfit = find_misfit(table, &(Written)
									 {
										 .item = item, .is_whole = true
									 });

	if (misfit.index == NULL)
		return;
	if (misfit.value->type != misfit.attribute->type)
		type_mismatch(&misfit);
	if (is_empty(misfit.value))
		put_empty(&misfit);
	ddb_error(DDB_ERROR_VALIDATION, "%s",
			  ddb_key_size_problem(misfit.part));
}

void
item_check_index_keys_of_update(const DdbTable *table, const DdbUpdate *update)
{
	Misfit		misfit = find_misfit(table, &(Written) {.update = update});

	if (misfit.index == NULL)
		return;
	if (misfit.value->type != misfit.attribute->type)
		type_mismatch(&misfit);
	updated_to_misfit(&misfit);
}

void
item_check_index_keys_not_empty(const DdbTable *table, const DdbValue *item,
								const DdbUpdate *update)
{
	Misfit		misfit = find_misfit(table, &(Written)
									 {
										 .item = item, .update = update,
										 .is_whole = item != NULL,
										 .only_empty = true
									 });

	if (misfit.index == NULL)
		return;
	if (item != NULL)
		put_empty(&misfit);
	updated_to_misfit(&misfit);
}

/*
 * A value that the update has not touched may be older than the index, unless the
 * update creates the item.
 */
void
item_check_index_keys_updated(const DdbTable *table, const DdbUpdate *update,
							  const DdbValue *item, bool is_new_item)
{
	Misfit		misfit = find_misfit(table, &(Written)
									 {
										 .item = item, .update = update,
										 .is_whole = is_new_item
									 });

	if (misfit.index == NULL)
		return;
	if (misfit.value->type != misfit.attribute->type)
		ddb_error(DDB_ERROR_VALIDATION,
				  UPDATE_ATTEMPTED "the secondary index key to unsupported type");
	updated_to_misfit(&misfit);
}

/* Of several misfits, returns that of the index whose name comes first. */
static Misfit
find_misfit(const DdbTable *table, const Written *written)
{
	Misfit		found = {.index = NULL};
	int			i;

	if (ddb_fault("index_keys_unchecked"))
		return found;
	for (i = 0; i < table->index_count; i++)
	{
		const DdbIndex *index = &table->indexes[i];
		Misfit		misfit;

		if (index->status == DDB_TABLE_DELETING ||
			(found.index != NULL &&
			 ddb_text_compare(found.index->name, index->name) < 0))
			continue;
		if (find_in_part(index, DDB_KEY_HASH, written, &misfit) ||
			find_in_part(index, DDB_KEY_RANGE, written, &misfit))
			found = misfit;
	}
	return found;
}

static bool
find_in_part(const DdbIndex *index, DdbKeyPart part, const Written *written,
			 Misfit *misfit)
{
	int			first = part == DDB_KEY_HASH ? 0 : index->hash_count;
	int			end = part == DDB_KEY_HASH ? index->hash_count : index->key_count;
	bool		any_written = false;
	int64		size = 0;
	int			i;

	for (i = first; i < end; i++)
	{
		const DdbKeyAttribute *attribute = &index->keys[i];
		const DdbValue *value = value_of(written, attribute->name);

		if (value == NULL)
			continue;
		*misfit = (Misfit) {index, attribute, value, part};
		if (is_written(written, attribute->name))
		{
			any_written = true;
			if (value->type != attribute->type ? !written->only_empty :
				is_empty(value))
				return true;
		}
		if (value->type == attribute->type)
			size += ddb_value_size(value);
		if (any_written && !written->only_empty &&
			!ddb_key_part_fits(part, size))
			return true;
	}
	return false;
}

static const DdbValue *
value_of(const Written *written, DdbText name)
{
	return written->item != NULL ? ddb_value_get(written->item, name) :
		ddb_update_literal(written->update, name);
}

static bool
is_written(const Written *written, DdbText name)
{
	const DdbProjection *targets;
	int			i;

	if (written->item == NULL || written->is_whole)
		return true;
	targets = ddb_update_targets(written->update);
	for (i = 0; i < targets->count; i++)
	{
		if (ddb_text_equal(targets->paths[i].elements[0].name, name))
			return true;
	}
	return false;
}

static bool
is_empty(const DdbValue *value)
{
	return (value->type == DDB_TYPE_S || value->type == DDB_TYPE_B) &&
		value->text.len == 0;
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

/* Raises the error of a value that is empty or too long. */
static void
updated_to_misfit(const Misfit *misfit)
{
	if (is_empty(misfit->value))
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
