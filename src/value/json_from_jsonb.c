/*
 * json_from_jsonb.c
 *	  Conversion of a request from jsonb to a tree.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "value/jsonb_entry_int.h"
#include "value/value.h"

static DdbJson *tree_from_entry(const Entry *entry, int depth);
static DdbJson *tree_from_array(const Entry *entry, int depth);
static DdbJson *tree_from_object(const Entry *entry, int depth);
static DdbJson *tree_from_number(const Entry *entry);
static DdbJsonType scalar_json_type(const Entry *entry);

/*
 * Returns NULL if the jsonb is nested too deeply, as ddb_json_parse() does for
 * the same request as text.
 */
DdbJson *
ddb_json_from_jsonb(const Jsonb *jsonb)
{
	Entry		root = container_entry(&jsonb->root);

	/* jsonb wraps a scalar into an array. */
	if (JB_ROOT_IS_SCALAR(jsonb))
	{
		Cursor		cursor = first_child(&jsonb->root);

		root = next_child(&cursor);
	}
	return tree_from_entry(&root, 0);
}

/* depth is the number of arrays and objects around the entry. */
static DdbJson *
tree_from_entry(const Entry *entry, int depth)
{
	DdbJson    *json;

	if (is_array(entry) || is_object(entry))
	{
		if (depth >= DDB_JSON_MAX_DEPTH)
			return NULL;
		check_stack_depth();
		return is_array(entry) ? tree_from_array(entry, depth) :
			tree_from_object(entry, depth);
	}
	if (JBE_ISNUMERIC(entry->kind))
		return tree_from_number(entry);

	json = ddb_json_make(scalar_json_type(entry));
	if (json->type == DDB_JSON_STRING)
		json->text = ddb_text_copy(text_of(entry));
	return json;
}

static DdbJson *
tree_from_array(const Entry *entry, int depth)
{
	DdbJson    *array = ddb_json_make(DDB_JSON_ARRAY);
	Cursor		cursor = first_child(container_of(entry));
	int			count = count_of(entry);

	for (int i = 0; i < count; i++)
	{
		Entry		element = next_child(&cursor);
		DdbJson    *child;

		if (JBE_ISNULL(element.kind))
			continue;
		child = tree_from_entry(&element, depth + 1);
		if (child == NULL)
			return NULL;
		if (child->type != DDB_JSON_NULL)
			ddb_json_append(array, (DdbText) {.data = NULL}, child);
	}
	return array;
}

static DdbJson *
tree_from_object(const Entry *entry, int depth)
{
	DdbJson    *object = ddb_json_make(DDB_JSON_OBJECT);
	Members		members = first_member(entry);
	DdbText		name;
	Entry		value;

	while (next_member(&members, &name, &value))
	{
		DdbJson    *child;

		if (JBE_ISNULL(value.kind))
			continue;
		child = tree_from_entry(&value, depth + 1);
		if (child == NULL)
			return NULL;
		if (child->type != DDB_JSON_NULL)
			ddb_json_append(object, ddb_text_copy(name), child);
	}
	return object;
}

static DdbJson *
tree_from_number(const Entry *entry)
{
	DdbJson    *json = ddb_json_make(DDB_JSON_NUMBER);
	Datum		number = PointerGetDatum(entry->data);

	json->text = ddb_text_from_cstring(DatumGetCString(DirectFunctionCall1(numeric_out,
																			number)));
	return json;
}

static DdbJsonType
scalar_json_type(const Entry *entry)
{
	if (JBE_ISSTRING(entry->kind))
		return DDB_JSON_STRING;
	if (JBE_ISBOOL_TRUE(entry->kind))
		return DDB_JSON_TRUE;
	return JBE_ISBOOL_FALSE(entry->kind) ? DDB_JSON_FALSE : DDB_JSON_NULL;
}
