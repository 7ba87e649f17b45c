/*
 * item_digest.c
 *	  The digest that recognizes a repeated request with the same token.
 *
 * Kind and length precede each part, so that different requests have different
 * sources.
 */
#include "postgres.h"

#include "core/digest.h"
#include "item/item_digest.h"
#include "miscadmin.h"
#include "model/validation.h"

StaticAssertDecl(DDB_REQUEST_DIGEST == PG_SHA256_DIGEST_LENGTH,
				 "a request's digest is a SHA-256");

static void append_text(StringInfo source, DdbText text);
static void append_count(StringInfo source, int count);
static void append_map(StringInfo source, const DdbValue *map);
static void append_names(StringInfo source, const DdbJson *names);
static int	compare_attributes(const void *left, const void *right);
static int	compare_texts(const void *left, const void *right);
static int	compare_members(const void *left, const void *right);

StringInfo
ddb_item_digest_begin(void)
{
	return makeStringInfo();
}

void
ddb_item_digest_string(StringInfo source, const char *string)
{
	append_text(source, ddb_text_from_cstring(string));
}

void
ddb_item_digest_value(StringInfo source, const DdbValue *value)
{
	DdbText    *elements;
	int			i;

	check_stack_depth();
	appendStringInfoChar(source, 'A' + value->type);
	switch (value->type)
	{
		case DDB_TYPE_S:
		case DDB_TYPE_N:
		case DDB_TYPE_B:
			append_text(source, value->text);
			break;
		case DDB_TYPE_BOOL:
			appendStringInfoChar(source, value->boolean ? '1' : '0');
			break;
		case DDB_TYPE_NULL:
			break;
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
			elements = palloc(value->count * sizeof(DdbText));
			memcpy(elements, value->elements, value->count * sizeof(DdbText));
			qsort(elements, value->count, sizeof(DdbText), compare_texts);
			append_count(source, value->count);
			for (i = 0; i < value->count; i++)
				append_text(source, elements[i]);
			pfree(elements);
			break;
		case DDB_TYPE_L:
			append_count(source, value->count);
			for (i = 0; i < value->count; i++)
				ddb_item_digest_value(source, value->values[i]);
			break;
		case DDB_TYPE_M:
			append_map(source, value);
			break;
	}
}

void
ddb_item_digest_expressions(StringInfo source, const DdbOperation *operation,
							const DdbJson *action)
{
	static const char *const members[] = {"UpdateExpression", "ConditionExpression"};
	const DdbJson *placeholders;
	bool		is_any = false;
	int			i;

	for (i = 0; i < lengthof(members); i++)
	{
		const DdbJson *expression = ddb_json_get(action, members[i]);

		append_count(source, expression != NULL);
		if (expression == NULL)
			continue;
		append_text(source, expression->text);
		is_any = true;
	}
	if (!is_any)
		return;

	placeholders = ddb_json_get(action, "ExpressionAttributeNames");
	append_count(source, placeholders != NULL);
	if (placeholders != NULL)
		append_names(source, placeholders);
	placeholders = ddb_json_get(action, "ExpressionAttributeValues");
	append_count(source, placeholders != NULL);
	if (placeholders != NULL)
		ddb_item_digest_value(source, ddb_validate_item(operation, placeholders));
}

void
ddb_item_digest_end(StringInfo source, uint8 digest[DDB_REQUEST_DIGEST])
{
	ddb_sha256(source->data, source->len, digest);
	pfree(source->data);
	pfree(source);
}

static void
append_text(StringInfo source, DdbText text)
{
	append_count(source, text.len);
	appendBinaryStringInfo(source, text.data, text.len);
}

static void
append_count(StringInfo source, int count)
{
	appendStringInfo(source, "%d:", count);
}

static void
append_map(StringInfo source, const DdbValue *map)
{
	DdbAttribute *attributes = palloc(map->count * sizeof(DdbAttribute));
	int			i;

	memcpy(attributes, map->attributes, map->count * sizeof(DdbAttribute));
	qsort(attributes, map->count, sizeof(DdbAttribute), compare_attributes);
	append_count(source, map->count);
	for (i = 0; i < map->count; i++)
	{
		append_text(source, attributes[i].name);
		ddb_item_digest_value(source, attributes[i].value);
	}
	pfree(attributes);
}

static void
append_names(StringInfo source, const DdbJson *names)
{
	const DdbJson **sorted = palloc(names->count * sizeof(DdbJson *));
	int			count = 0;
	int			i;

	ddb_json_foreach(name, names)
		sorted[count++] = name;
	qsort(sorted, count, sizeof(DdbJson *), compare_members);
	append_count(source, count);
	for (i = 0; i < count; i++)
	{
		append_text(source, sorted[i]->name);
		append_text(source, sorted[i]->text);
	}
	pfree(sorted);
}

static int
compare_attributes(const void *left, const void *right)
{
	return ddb_text_compare(((const DdbAttribute *) left)->name,
							((const DdbAttribute *) right)->name);
}

static int
compare_texts(const void *left, const void *right)
{
	return ddb_text_compare(*(const DdbText *) left, *(const DdbText *) right);
}

static int
compare_members(const void *left, const void *right)
{
	return ddb_text_compare((*(const DdbJson *const *) left)->name,
							(*(const DdbJson *const *) right)->name);
}
