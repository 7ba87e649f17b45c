/*
 * range.c
 *	  From key conditions and ExclusiveStartKey to the range of rows to read.
 *
 * The checks come in the service's order: first the number of attributes in
 * the start key; then, for each attribute of the key, its value in the start
 * key and its condition; then the rest of an index's start key; and finally
 * the position of the start key relative to the conditions.
 */
#include "postgres.h"

#include "core/error.h"
#include "core/inject.h"
#include "query/query.h"

#define START_KEY_INVALID "The provided starting key is invalid"
#define KEY_MISMATCH "The provided key element does not match the schema"

#define EQUALITIES_MISSED "RANGE key attributes %s must have equality " \
	"conditions specified in the query because a condition is present on key " \
	"attribute %s"

/* The conditions of a Query, in the order of the key's attributes. */
typedef struct KeyConditions
{
	int			count;			/* there is no gap before the last one */
	const DdbKeyCondition *conditions[2 * DDB_INDEX_PART_MAX];
} KeyConditions;

static const DdbKeyCondition *find_condition(List *conditions, DdbText name);
static KeyConditions check_key_attributes(const DdbSource *source,
										  const DdbQueryTerms *terms);
static void check_key_attribute(const DdbSource *source,
								const DdbQueryTerms *terms, int i);
static void check_gap(const DdbSource *source, const DdbQueryTerms *terms,
					  int i);
static DdbKeyPart part_of(const DdbSource *source, int i);
static void check_start_attribute(const DdbKeyAttribute *attribute,
								  DdbKeyPart part, const DdbValue *start_key,
								  const char *mismatch);
static void check_start_table_key(const DdbSource *source,
								  const DdbValue *start_key);
static void check_condition(const DdbSource *source, int i,
							const DdbKeyCondition *condition);
static bool is_indexable(DdbComparison comparison);
static void check_equalities(const DdbSource *source,
							 const KeyConditions *conditions);
static void check_start_position(const DdbSource *source,
								 const KeyConditions *conditions,
								 const DdbValue *start_key);
static void check_restartable(const DdbTable *table,
							  const DdbValue *start_key);
static void make_table_range(const DdbSource *source,
							 const KeyConditions *conditions,
							 const DdbQueryTerms *terms, DdbRange *range);
static void bound_sort_key(const DdbTable *table,
						   const DdbKeyCondition *condition, DdbRange *range);
static void make_index_range(const DdbSource *source,
							 const KeyConditions *conditions,
							 const DdbQueryTerms *terms, DdbRange *range);
static void bound_index(const DdbIndexBound *bound,
						const DdbKeyCondition *condition, DdbRange *range);
static Datum place(const DdbIndexBound *bound, const DdbValue *value, bool after);
static Datum index_key_of_start(const DdbSource *source,
								const DdbValue *start_key);
static void start_index_after(const DdbSource *source,
							  const DdbValue *start_key, DdbRange *range);

void
ddb_query_make_range(const DdbSource *source, const DdbQueryTerms *terms,
					 DdbRange *range)
{
	KeyConditions conditions;

	if (terms->start_key != NULL &&
		terms->start_key->count != source->position_count)
		ddb_error(DDB_ERROR_VALIDATION, START_KEY_INVALID);
	conditions = check_key_attributes(source, terms);
	if (terms->start_key != NULL)
	{
		check_start_table_key(source, terms->start_key);
		check_start_position(source, &conditions, terms->start_key);
		if (source->index == NULL)
			check_restartable(source->table, terms->start_key);
	}

	if (source->index == NULL)
		make_table_range(source, &conditions, terms, range);
	else
		make_index_range(source, &conditions, terms, range);
}

void
ddb_scan_check_start_key(const DdbSource *source, const DdbScanTerms *terms)
{
	int			i;

	if (terms->start_key == NULL)
		return;
	if (terms->start_key->count != source->position_count)
		ddb_error(DDB_ERROR_VALIDATION, "%s", source->index != NULL ?
				  START_KEY_INVALID : START_KEY_INVALID ": " KEY_MISMATCH);
	for (i = 0; i < source->key_count; i++)
		check_start_attribute(&source->keys[i], part_of(source, i),
							  terms->start_key, source->index != NULL ?
							  START_KEY_INVALID :
							  START_KEY_INVALID ": " KEY_MISMATCH);
}

void
ddb_scan_make_range(const DdbSource *source, const DdbScanTerms *terms,
					DdbRange *range)
{
	DdbTable   *table = source->table;
	bool		segmented = terms->total_segments > 1;
	int32		token;
	int			i;

	*range = (DdbRange) {
		.table = table,
		.path = segmented ? DDB_ACCESS_SEGMENT : DDB_ACCESS_TABLE,
		.token_low = PG_INT32_MIN,
		.token_high = PG_INT32_MAX,
	};
	if (segmented)
		ddb_scan_segment_tokens(terms->segment, terms->total_segments,
								&range->token_low, &range->token_high);
	if (source->index != NULL)
	{
		range->path = DDB_ACCESS_INDEX;
		range->index = source->index - table->indexes;
		ddb_index_segment(range->token_low, range->token_high,
						  &range->after_key, &range->before_key);
	}
	if (terms->start_key == NULL)
		return;

	check_start_table_key(source, terms->start_key);
	if (source->index != NULL)
		token = ddb_index_key_token(index_key_of_start(source, terms->start_key));
	else
	{
		range->resume = true;
		for (i = 0; i < table->key_count; i++)
			range->after[i] = ddb_key_encode(table, i,
											 ddb_value_get(terms->start_key,
														   table->keys[i].name));
		token = ddb_key_token(table, range->after[0]);
	}
	if (token < range->token_low || token > range->token_high)
		ddb_error(DDB_ERROR_VALIDATION,
				  START_KEY_INVALID ": Invalid ExclusiveStartKey. "
				  "Please use ExclusiveStartKey with correct Segment. "
				  "TotalSegments: %d Segment: %d",
				  terms->total_segments, terms->segment);
	if (source->index != NULL)
		start_index_after(source, terms->start_key, range);
}

void
ddb_scan_segment_tokens(int segment, int total, int32 *low, int32 *high)
{
	const uint64 tokens = UINT64CONST(1) << 32;
	uint64		first = (tokens * segment + total - 1) / total;
	uint64		end = (tokens * (segment + 1) + total - 1) / total;

	if (ddb_fault("segment_off_by_one") && segment > 0)
		first += tokens / total / 8;
	*low = (int32) ((int64) first + PG_INT32_MIN);
	*high = (int32) ((int64) end - 1 + PG_INT32_MIN);
}

static const DdbKeyCondition *
find_condition(List *conditions, DdbText name)
{
	ListCell   *cell;

	foreach(cell, conditions)
	{
		DdbKeyCondition *condition = lfirst(cell);

		if (ddb_text_equal(condition->attribute, name))
			return condition;
	}
	return NULL;
}

static KeyConditions
check_key_attributes(const DdbSource *source, const DdbQueryTerms *terms)
{
	KeyConditions result = {.count = 0};
	int			i;

	for (i = 0; i < source->key_count; i++)
		check_key_attribute(source, terms, i);
	for (i = 0; i < list_length(terms->conditions); i++)
		result.conditions[result.count++] =
			find_condition(terms->conditions, source->keys[i].name);
	check_equalities(source, &result);
	return result;
}

/*
 * Checks key attribute number i: its value in the start key, then its
 * condition.  Raises an error if there is no condition although the attribute
 * belongs to the partition key or a later attribute has a condition.
 */
static void
check_key_attribute(const DdbSource *source, const DdbQueryTerms *terms, int i)
{
	const DdbKeyAttribute *attribute = &source->keys[i];
	const DdbKeyCondition *condition = find_condition(terms->conditions,
													  attribute->name);

	if (terms->start_key != NULL)
		check_start_attribute(attribute, part_of(source, i), terms->start_key,
							  START_KEY_INVALID);
	if (i == 0 && list_length(terms->conditions) > source->key_count)
		ddb_error(DDB_ERROR_VALIDATION, "Query key condition not supported");
	if (condition == NULL &&
		(i < source->hash_count || list_length(terms->conditions) > i))
	{
		check_gap(source, terms, i);
		ddb_error(DDB_ERROR_VALIDATION,
				  "Query condition missed key schema element: %s",
				  attribute->name.data);
	}
	if (condition != NULL)
		check_condition(source, i, condition);
}

/*
 * Raises an error if RANGE attribute number i, which has no condition,
 * precedes one that has a condition.  No record shows the error for several
 * such attributes in a row; its wording suggests a list.
 */
static void
check_gap(const DdbSource *source, const DdbQueryTerms *terms, int i)
{
	StringInfoData missing;

	if (part_of(source, i) == DDB_KEY_HASH)
		return;
	initStringInfo(&missing);
	for (; i < source->key_count; i++)
	{
		DdbText		name = source->keys[i].name;

		if (find_condition(terms->conditions, name) != NULL)
			ddb_error(DDB_ERROR_VALIDATION, EQUALITIES_MISSED, missing.data,
					  name.data);
		appendStringInfo(&missing, "%s%s", missing.len > 0 ? ", " : "", name.data);
	}
}

static DdbKeyPart
part_of(const DdbSource *source, int i)
{
	return i < source->hash_count ? DDB_KEY_HASH : DDB_KEY_RANGE;
}

static void
check_start_attribute(const DdbKeyAttribute *attribute, DdbKeyPart part,
					  const DdbValue *start_key, const char *mismatch)
{
	const DdbValue *value = ddb_value_get(start_key, attribute->name);
	const char *problem;

	if (value == NULL || value->type != attribute->type)
		ddb_error(DDB_ERROR_VALIDATION, "%s", mismatch);
	problem = ddb_key_value_problem(attribute, part, value);
	if (problem != NULL)
		ddb_error(DDB_ERROR_VALIDATION, START_KEY_INVALID ": %s", problem);
}

/* Checks the part of an index's start key that is the key of the item. */
static void
check_start_table_key(const DdbSource *source, const DdbValue *start_key)
{
	int			i;

	if (source->index == NULL)
		return;
	for (i = 0; i < source->table->key_count; i++)
		check_start_attribute(&source->table->keys[i],
							  i == 0 ? DDB_KEY_HASH : DDB_KEY_RANGE, start_key,
							  START_KEY_INVALID ": " KEY_MISMATCH);
}

static void
check_condition(const DdbSource *source, int i, const DdbKeyCondition *condition)
{
	DdbKeyPart	part = part_of(source, i);
	int			j;

	if (!is_indexable(condition->comparison))
		ddb_error(DDB_ERROR_VALIDATION,
				  "Attempted conditional constraint is not an indexable operation");
	for (j = 0; j < condition->count; j++)
	{
		if (condition->operands[j]->type != source->keys[i].type)
			ddb_error(DDB_ERROR_VALIDATION,
					  "One or more parameter values were invalid: "
					  "Condition parameter type does not match schema type");
	}
	if (part == DDB_KEY_HASH && condition->comparison != DDB_COMPARISON_EQ)
		ddb_error(DDB_ERROR_VALIDATION, "Query key condition not supported");
	for (j = 0; j < condition->count; j++)
	{
		const char *problem = ddb_key_value_problem(&source->keys[i], part,
													condition->operands[j]);

		if (problem != NULL)
			ddb_error(DDB_ERROR_VALIDATION, "%s", problem);
	}
}

static bool
is_indexable(DdbComparison comparison)
{
	switch (comparison)
	{
		case DDB_COMPARISON_EQ:
		case DDB_COMPARISON_LT:
		case DDB_COMPARISON_LE:
		case DDB_COMPARISON_GT:
		case DDB_COMPARISON_GE:
		case DDB_COMPARISON_BETWEEN:
		case DDB_COMPARISON_BEGINS_WITH:
			return true;
		case DDB_COMPARISON_NE:
		case DDB_COMPARISON_IN:
		case DDB_COMPARISON_CONTAINS:
		case DDB_COMPARISON_NOT_CONTAINS:
		case DDB_COMPARISON_NULL:
		case DDB_COMPARISON_NOT_NULL:
			return false;
	}
	return false;
}

/* Every condition on a RANGE attribute except the last must be an equality. */
static void
check_equalities(const DdbSource *source, const KeyConditions *conditions)
{
	int			i;

	for (i = source->hash_count; i < conditions->count - 1; i++)
	{
		if (conditions->conditions[i]->comparison != DDB_COMPARISON_EQ)
			ddb_error(DDB_ERROR_VALIDATION, EQUALITIES_MISSED,
					  source->keys[i].name.data, source->keys[i + 1].name.data);
	}
}

static void
check_start_position(const DdbSource *source, const KeyConditions *conditions,
					 const DdbValue *start_key)
{
	bool		same_partition = true;
	bool		in_range = true;
	int			i;

	for (i = 0; i < conditions->count; i++)
	{
		bool		holds =
			ddb_key_condition_evaluate(conditions->conditions[i],
									   ddb_value_get(start_key, source->keys[i].name));

		if (part_of(source, i) == DDB_KEY_HASH)
			same_partition = same_partition && holds;
		else
			in_range = in_range && holds;
	}
	if (conditions->count == source->hash_count)
	{
		if (!same_partition)
			ddb_error(DDB_ERROR_VALIDATION,
					  "The provided starting key is outside query boundaries "
					  "based on provided conditions");
		return;
	}
	if (!in_range)
		ddb_error(DDB_ERROR_VALIDATION,
				  "The provided starting key does not match the range key predicate");
	if (!same_partition)
		ddb_error(DDB_ERROR_VALIDATION,
				  "The query can return at most one row and cannot be restarted");
}

/*
 * A partition without a sort key has only one row, so no row can follow the
 * start key.  The service refuses to query from it (2026).  A page that reads
 * this row has no LastEvaluatedKey, so clients that page through a table never
 * send it.
 */
static void
check_restartable(const DdbTable *table, const DdbValue *start_key)
{
	const DdbKeyAttribute *key = &table->keys[0];

	if (table->key_count == 1)
		ddb_error(DDB_ERROR_VALIDATION,
				  "The provided exclusive start key is invalid: "
				  "ExclusiveStartKey: {%s=AttributeValue: %s}", key->name.data,
				  ddb_value_print(ddb_value_get(start_key, key->name)));
}

static void
make_table_range(const DdbSource *source, const KeyConditions *conditions,
				 const DdbQueryTerms *terms, DdbRange *range)
{
	DdbTable   *table = source->table;
	DdbBound	bound = {.kind = ddb_fault("page_boundary") ?
	DDB_BOUND_INCLUSIVE : DDB_BOUND_EXCLUSIVE};

	*range = (DdbRange) {
		.table = table,
		.path = DDB_ACCESS_PARTITION,
		.partition = ddb_key_encode(table, 0,
									conditions->conditions[0]->operands[0]),
		.descending = terms->descending && table->key_count > 1,
	};
	if (conditions->count > 1)
		bound_sort_key(table, conditions->conditions[1], range);
	if (terms->start_key == NULL)
		return;
	bound.value = ddb_key_encode(table, 1, ddb_value_get(terms->start_key,
														 table->keys[1].name));
	if (terms->descending)
		range->upper = bound;
	else
		range->lower = bound;
}

static void
bound_sort_key(const DdbTable *table, const DdbKeyCondition *condition,
			   DdbRange *range)
{
	DdbBound	inclusive = {.kind = DDB_BOUND_INCLUSIVE};
	DdbBound	exclusive = {.kind = DDB_BOUND_EXCLUSIVE};

	inclusive.value = exclusive.value =
		ddb_key_encode(table, 1, condition->operands[0]);
	switch (condition->comparison)
	{
		case DDB_COMPARISON_EQ:
			range->lower = range->upper = inclusive;
			return;
		case DDB_COMPARISON_LT:
			range->upper = exclusive;
			return;
		case DDB_COMPARISON_LE:
			range->upper = inclusive;
			return;
		case DDB_COMPARISON_GT:
			range->lower = exclusive;
			return;
		case DDB_COMPARISON_GE:
			range->lower = inclusive;
			return;
		case DDB_COMPARISON_BETWEEN:
			range->lower = inclusive;
			range->upper = (DdbBound) {
				DDB_BOUND_INCLUSIVE,
				ddb_key_encode(table, 1, condition->operands[1])
			};
			return;
		case DDB_COMPARISON_BEGINS_WITH:
			range->lower = inclusive;
			if (ddb_key_prefix_end(table, 1, condition->operands[0],
								   &exclusive.value))
				range->upper = exclusive;
			return;
		case DDB_COMPARISON_NE:
		case DDB_COMPARISON_IN:
		case DDB_COMPARISON_CONTAINS:
		case DDB_COMPARISON_NOT_CONTAINS:
		case DDB_COMPARISON_NULL:
		case DDB_COMPARISON_NOT_NULL:
			break;
	}
	elog(ERROR, "comparison %d is not on a range", condition->comparison);
}

static void
make_index_range(const DdbSource *source, const KeyConditions *conditions,
				 const DdbQueryTerms *terms, DdbRange *range)
{
	DdbValue   *hash[DDB_INDEX_PART_MAX];
	DdbIndexBound bound;
	int			i;

	*range = (DdbRange) {
		.table = source->table,
		.path = DDB_ACCESS_INDEX,
		.index = source->index - source->table->indexes,
		.descending = terms->descending,
	};
	for (i = 0; i < source->hash_count; i++)
		hash[i] = conditions->conditions[i]->operands[0];
	ddb_index_partition_begin(&bound, source->index, hash);
	for (i = source->hash_count; i < conditions->count - 1; i++)
		ddb_index_bound_append(&bound, conditions->conditions[i]->operands[0]);
	range->after_key = ddb_index_bound_before(&bound);
	range->before_key = ddb_index_bound_after(&bound);
	if (conditions->count > source->hash_count)
		bound_index(&bound, conditions->conditions[conditions->count - 1], range);
	if (terms->start_key != NULL)
		start_index_after(source, terms->start_key, range);
}

/* Narrows the range; bound is the position before the condition's attribute. */
static void
bound_index(const DdbIndexBound *bound, const DdbKeyCondition *condition,
			DdbRange *range)
{
	const DdbValue *operand = condition->operands[0];
	DdbIndexBound prefix;

	switch (condition->comparison)
	{
		case DDB_COMPARISON_EQ:
			range->after_key = place(bound, operand, false);
			range->before_key = place(bound, operand, true);
			return;
		case DDB_COMPARISON_LT:
			range->before_key = place(bound, operand, false);
			return;
		case DDB_COMPARISON_LE:
			range->before_key = place(bound, operand, true);
			return;
		case DDB_COMPARISON_GT:
			range->after_key = place(bound, operand, true);
			return;
		case DDB_COMPARISON_GE:
			range->after_key = place(bound, operand, false);
			return;
		case DDB_COMPARISON_BETWEEN:
			range->after_key = place(bound, operand, false);
			range->before_key = place(bound, condition->operands[1], true);
			return;
		case DDB_COMPARISON_BEGINS_WITH:
			prefix = ddb_index_bound_copy(bound);
			ddb_index_bound_append_prefix(&prefix, operand);
			range->after_key = ddb_index_bound_before(&prefix);
			range->before_key = ddb_index_bound_after(&prefix);
			return;
		case DDB_COMPARISON_NE:
		case DDB_COMPARISON_IN:
		case DDB_COMPARISON_CONTAINS:
		case DDB_COMPARISON_NOT_CONTAINS:
		case DDB_COMPARISON_NULL:
		case DDB_COMPARISON_NOT_NULL:
			break;
	}
	elog(ERROR, "comparison %d is not on a range", condition->comparison);
}

/* Returns the position before or after all keys that continue with value. */
static Datum
place(const DdbIndexBound *bound, const DdbValue *value, bool after)
{
	DdbIndexBound copy = ddb_index_bound_copy(bound);

	ddb_index_bound_append(&copy, value);
	return after ? ddb_index_bound_after(&copy) : ddb_index_bound_before(&copy);
}

static Datum
index_key_of_start(const DdbSource *source, const DdbValue *start_key)
{
	DdbDocument document = {.item = start_key};
	Datum		key;

	/* each attribute is valid by itself; only the whole key can be too long */
	if (!ddb_index_key(source->table, source->index, &document, &key))
		ddb_error(DDB_ERROR_VALIDATION, START_KEY_INVALID);
	return key;
}

/*
 * Reduces the range to what follows the start key.  The start key must be
 * within the range, or before it in the order of reading.
 */
static void
start_index_after(const DdbSource *source, const DdbValue *start_key,
				  DdbRange *range)
{
	Datum		key = index_key_of_start(source, start_key);

	if (ddb_fault("page_boundary"))
		return;
	if (range->descending)
		range->before_key = key;
	else
		range->after_key = key;
}
