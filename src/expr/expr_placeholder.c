/*
 * expr_placeholder.c
 *	  ExpressionAttributeNames and ExpressionAttributeValues.
 *
 * Both maps are read and checked completely before any expression is parsed.
 * Then the expressions look up their placeholders.  Finally, unused
 * placeholders are reported.
 */
#include "postgres.h"

#include "core/pause.h"
#include "expr/expr_int.h"

static void read_names(const DdbOperation *operation, const DdbJson *json,
					   DdbPlaceholders *map);
static void read_values(const DdbOperation *operation, const DdbJson *json,
						DdbPlaceholders *map);
static DdbValue *read_value(const DdbOperation *operation,
							const DdbPlaceholder *entry);
static void read_keys(const DdbJson *json, DdbPlaceholders *map);
static bool is_placeholder(DdbText key, char sign);
static int	compare_placeholders(const void *left, const void *right);
static void check_total_size(const DdbOperation *operation,
							 const DdbPlaceholders *names,
							 const DdbPlaceholders *values);
static void check_map_used(const DdbOperation *operation,
						   const DdbPlaceholders *map, const char *parameter);

void
ddb_placeholders_read(const DdbOperation *operation, const DdbJson *request,
					  DdbPlaceholders *names, DdbPlaceholders *values)
{
	const DdbExpressionParameters *parameters =
		ddb_expression_parameters(operation);
	const DdbJson *json;

	memset(names, 0, sizeof(*names));
	memset(values, 0, sizeof(*values));

	json = ddb_json_get(request, "ExpressionAttributeNames");
	if (json != NULL)
		read_names(operation, json, names);
	json = ddb_json_get(request, "ExpressionAttributeValues");
	if (json != NULL && !parameters->ignores_values)
		read_values(operation, json, values);
	check_total_size(operation, names, values);
}

static void
read_names(const DdbOperation *operation, const DdbJson *json,
		   DdbPlaceholders *map)
{
	int			i;

	if (json->count == 0)
		ddb_validation_error(operation, DDB_VALIDATION_NAMES_MAP,
							 "ExpressionAttributeNames must not be empty");
	read_keys(json, map);
	for (i = 0; i < map->count; i++)
	{
		DdbPlaceholder *entry = &map->entries[i];
		int			size = ddb_text_decoded_length(entry->key);

		DDB_PAUSE_POINT();
		if (size > DDB_EXPR_MAX_PLACEHOLDER_BYTES)
			ddb_validation_error(operation, DDB_VALIDATION_NAMES_MAP,
								 "ExpressionAttributeNames contains invalid key: The expression attribute map contains a key that is too long; size of key: %d",
								 size);
		if (!is_placeholder(entry->key, '#'))
			ddb_validation_error(operation, DDB_VALIDATION_NAMES_MAP,
								 "ExpressionAttributeNames contains invalid key: Syntax error; key: \"%.*s\"",
								 entry->key.len, entry->key.data);
		if (entry->json->text.len == 0)
			ddb_validation_error(operation, DDB_VALIDATION_NAMES_MAP,
								 "ExpressionAttributeNames contains invalid value: Empty attribute name for key %.*s",
								 entry->key.len, entry->key.data);
		if (ddb_text_decoded_length(entry->json->text) > DDB_ATTRIBUTE_NAME_MAX)
			ddb_validation_error(operation, DDB_VALIDATION_OTHER,
								 DDB_TEXT_ATTRIBUTE_NAME);
		entry->name = entry->json->text;
	}
}

/* All keys are checked before the first value. */
static void
read_values(const DdbOperation *operation, const DdbJson *json,
			DdbPlaceholders *map)
{
	int			i;

	if (json->count == 0)
		ddb_validation_error(operation, DDB_VALIDATION_VALUES_MAP_EMPTY,
							 "ExpressionAttributeValues must not be empty");
	read_keys(json, map);
	for (i = 0; i < map->count; i++)
	{
		DdbText		key = map->entries[i].key;

		if (ddb_text_decoded_length(key) > DDB_EXPR_MAX_PLACEHOLDER_BYTES)
			ddb_validation_error(operation, DDB_VALIDATION_VALUES_MAP,
								 "ExpressionAttributeValues contains invalid key: The expression attribute map contains a key that is too long;");
		if (!is_placeholder(key, ':'))
			ddb_validation_error(operation, DDB_VALIDATION_VALUES_MAP,
								 "ExpressionAttributeValues contains invalid key: Syntax error; key: \"%.*s\"",
								 key.len, key.data);
	}
	for (i = 0; i < map->count; i++)
		map->entries[i].value = read_value(operation, &map->entries[i]);
}

static DdbValue *
read_value(const DdbOperation *operation, const DdbPlaceholder *entry)
{
	DdbValueError error;
	DdbValue   *value = ddb_value_from_json(entry->json, &error);
	DdbValidationClass class;

	if (value != NULL)
		return value;
	class = ddb_validation_class_of(error.class);
	if (!ddb_validation_tells_value(operation, class))
		ddb_validation_error(operation, class, "%s", error.message);
	ddb_validation_error(operation, class,
						 "ExpressionAttributeValues contains invalid value: %s for key %.*s",
						 error.message, entry->key.len, entry->key.data);
}

static void
read_keys(const DdbJson *json, DdbPlaceholders *map)
{
	int			i = 0;

	map->count = json->count;
	map->entries = palloc(map->count * sizeof(DdbPlaceholder));
	map->sorted = palloc(map->count * sizeof(DdbPlaceholder *));
	ddb_json_foreach(member, json)
	{
		DDB_PAUSE_POINT();
		map->entries[i] = (DdbPlaceholder) {.key = member->name,.json = member};
		map->sorted[i] = &map->entries[i];
		i++;
	}
	qsort(map->sorted, map->count, sizeof(DdbPlaceholder *),
		  compare_placeholders);
}

static int
compare_placeholders(const void *left, const void *right)
{
	DDB_PAUSE_POINT();
	return ddb_text_compare((*(DdbPlaceholder *const *) left)->key,
							(*(DdbPlaceholder *const *) right)->key);
}

/* Returns whether the key is exactly one token of the given kind. */
static bool
is_placeholder(DdbText key, char sign)
{
	DdbExprToken token = ddb_expr_next_token(key, 0);

	return token.start == 0 && token.end == key.len &&
		token.kind == (sign == '#' ? DDB_TOKEN_NAME : DDB_TOKEN_VALUE);
}

static void
check_total_size(const DdbOperation *operation, const DdbPlaceholders *names,
				 const DdbPlaceholders *values)
{
	int64		size = 0;
	int			i;

	for (i = 0; i < names->count; i++)
	{
		DDB_PAUSE_POINT();
		size += names->entries[i].key.len +
			ddb_text_decoded_length(names->entries[i].name);
	}
	for (i = 0; i < values->count; i++)
		size += values->entries[i].key.len +
			ddb_value_size(values->entries[i].value);
	if (size > DDB_EXPR_MAX_MAPS_BYTES)
		ddb_validation_error(operation, DDB_VALIDATION_OTHER,
							 DDB_EXPR_MAPS_TOO_LARGE, size);
}

DdbPlaceholder *
ddb_placeholders_find(const DdbPlaceholders *map, DdbText key)
{
	int			low = 0;
	int			high = map->count - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			order = ddb_text_compare(key, map->sorted[middle]->key);

		if (order == 0)
			return map->sorted[middle];
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return NULL;
}

void
ddb_placeholders_check_used(const DdbOperation *operation,
							const DdbPlaceholders *names,
							const DdbPlaceholders *values)
{
	check_map_used(operation, names, "ExpressionAttributeNames");
	check_map_used(operation, values, "ExpressionAttributeValues");
}

static void
check_map_used(const DdbOperation *operation, const DdbPlaceholders *map,
			   const char *parameter)
{
	StringInfoData unused;
	int			i;

	initStringInfo(&unused);
	for (i = 0; i < map->count; i++)
	{
		const DdbPlaceholder *entry = &map->entries[i];

		DDB_PAUSE_POINT();
		if (!entry->used)
			appendStringInfo(&unused, "%s%.*s", unused.len > 0 ? ", " : "",
							 entry->key.len, entry->key.data);
	}
	if (unused.len > 0)
		ddb_validation_error(operation, DDB_VALIDATION_UNUSED,
							 "Value provided in %s unused in expressions: keys: {%s}",
							 parameter, unused.data);
	pfree(unused.data);
}
