/*
 * range.c
 *	  From key conditions and ExclusiveStartKey to the range of rows to read.
 *
 * The checks come in the service's order: the start key's size, then for the
 * partition key and the sort key in turn the start key's attribute and the
 * condition, then where the start key stands relative to the conditions.
 */
#include "postgres.h"

#include "core/error.h"
#include "core/inject.h"
#include "query/query.h"

#define START_KEY_INVALID "The provided starting key is invalid"
#define KEY_MISMATCH "The provided key element does not match the schema"

static const DdbKeyCondition *find_condition(List *conditions, DdbText name);
static void check_key_attribute(const DdbTable *table,
								const DdbQueryTerms *terms, int i);
static void check_start_attribute(const DdbTable *table,
								  const DdbValue *start_key, int i,
								  const char *mismatch);
static void check_condition(const DdbTable *table, int i,
							const DdbKeyCondition *condition);
static bool is_indexable(DdbComparison comparison);
static void check_start_position(const DdbTable *table,
								 const DdbQueryTerms *terms);
static bool bound_sort_key(const DdbTable *table,
						   const DdbKeyCondition *condition, DdbRange *range);

bool
ddb_query_make_range(DdbTable *table, const DdbQueryTerms *terms,
					 DdbRange *range)
{
	const DdbKeyCondition *partition;
	const DdbKeyCondition *sort;
	int			i;

	if (terms->start_key != NULL && terms->start_key->count != table->key_count)
		ddb_error(DDB_ERROR_VALIDATION, START_KEY_INVALID);
	for (i = 0; i < table->key_count; i++)
		check_key_attribute(table, terms, i);
	if (terms->start_key != NULL)
		check_start_position(table, terms);

	partition = find_condition(terms->conditions, table->keys[0].name);
	sort = table->key_count > 1 ?
		find_condition(terms->conditions, table->keys[1].name) : NULL;
	*range = (DdbRange) {
		.table = table,
		.path = DDB_ACCESS_PARTITION,
		.partition = ddb_key_encode(table, 0, partition->operands[0]),
		.descending = terms->descending && table->key_count > 1,
	};
	if (sort != NULL && !bound_sort_key(table, sort, range))
		return false;
	if (terms->start_key != NULL)
	{
		DdbBound	bound = {.kind = ddb_fault("page_boundary") ?
		DDB_BOUND_INCLUSIVE : DDB_BOUND_EXCLUSIVE};

		/* A partition without a sort key has one row, which was read. */
		if (table->key_count == 1)
			return false;
		bound.value = ddb_key_encode(table, 1, ddb_value_get(terms->start_key,
															 table->keys[1].name));
		if (terms->descending)
			range->upper = bound;
		else
			range->lower = bound;
	}
	return true;
}

void
ddb_scan_make_range(DdbTable *table, const DdbScanTerms *terms, DdbRange *range)
{
	int			i;

	*range = (DdbRange) {.table = table, .path = DDB_ACCESS_TABLE};
	if (terms->total_segments > 1)
	{
		range->path = DDB_ACCESS_SEGMENT;
		ddb_scan_segment_tokens(terms->segment, terms->total_segments,
								&range->token_low, &range->token_high);
	}
	if (terms->start_key == NULL)
		return;

	if (terms->start_key->count != table->key_count)
		ddb_error(DDB_ERROR_VALIDATION, START_KEY_INVALID ": " KEY_MISMATCH);
	range->resume = true;
	for (i = 0; i < table->key_count; i++)
	{
		check_start_attribute(table, terms->start_key, i,
							  START_KEY_INVALID ": " KEY_MISMATCH);
		range->after[i] = ddb_key_encode(table, i,
										 ddb_value_get(terms->start_key,
													   table->keys[i].name));
	}
	if (range->path == DDB_ACCESS_SEGMENT)
	{
		int32		token = ddb_key_token(table, range->after[0]);

		if (token < range->token_low || token > range->token_high)
			ddb_error(DDB_ERROR_VALIDATION,
					  START_KEY_INVALID ": Invalid ExclusiveStartKey. "
					  "Please use ExclusiveStartKey with correct Segment. "
					  "TotalSegments: %d Segment: %d",
					  terms->total_segments, terms->segment);
	}
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

static void
check_key_attribute(const DdbTable *table, const DdbQueryTerms *terms, int i)
{
	DdbText		name = table->keys[i].name;
	const DdbKeyCondition *condition = find_condition(terms->conditions, name);

	if (terms->start_key != NULL)
		check_start_attribute(table, terms->start_key, i, START_KEY_INVALID);
	if (i == 0 && table->key_count == 1 && list_length(terms->conditions) > 1)
		ddb_error(DDB_ERROR_VALIDATION, "Query key condition not supported");
	if (condition == NULL && (i == 0 || list_length(terms->conditions) > 1))
		ddb_error(DDB_ERROR_VALIDATION,
				  "Query condition missed key schema element: %s", name.data);
	if (condition != NULL)
		check_condition(table, i, condition);
}

static void
check_start_attribute(const DdbTable *table, const DdbValue *start_key, int i,
					  const char *mismatch)
{
	const DdbValue *value = ddb_value_get(start_key, table->keys[i].name);
	const char *problem;

	if (value == NULL || value->type != table->keys[i].type)
		ddb_error(DDB_ERROR_VALIDATION, "%s", mismatch);
	problem = ddb_key_value_problem(table, i, value);
	if (problem != NULL)
		ddb_error(DDB_ERROR_VALIDATION, START_KEY_INVALID ": %s", problem);
}

static void
check_condition(const DdbTable *table, int i, const DdbKeyCondition *condition)
{
	int			j;

	if (!is_indexable(condition->comparison))
		ddb_error(DDB_ERROR_VALIDATION,
				  "Attempted conditional constraint is not an indexable operation");
	for (j = 0; j < condition->count; j++)
	{
		if (condition->operands[j]->type != table->keys[i].type)
			ddb_error(DDB_ERROR_VALIDATION,
					  "One or more parameter values were invalid: "
					  "Condition parameter type does not match schema type");
	}
	if (i == 0 && condition->comparison != DDB_COMPARISON_EQ)
		ddb_error(DDB_ERROR_VALIDATION, "Query key condition not supported");
	for (j = 0; j < condition->count; j++)
	{
		const char *problem = ddb_key_value_problem(table, i, condition->operands[j]);

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

static void
check_start_position(const DdbTable *table, const DdbQueryTerms *terms)
{
	const DdbKeyCondition *partition =
		find_condition(terms->conditions, table->keys[0].name);
	const DdbKeyCondition *sort = table->key_count > 1 ?
		find_condition(terms->conditions, table->keys[1].name) : NULL;
	bool		same_partition =
		ddb_value_equal(partition->operands[0],
						ddb_value_get(terms->start_key, table->keys[0].name));

	if (sort == NULL)
	{
		if (!same_partition)
			ddb_error(DDB_ERROR_VALIDATION,
					  "The provided starting key is outside query boundaries "
					  "based on provided conditions");
		return;
	}
	if (!ddb_key_condition_evaluate(sort, ddb_value_get(terms->start_key,
														table->keys[1].name)))
		ddb_error(DDB_ERROR_VALIDATION,
				  "The provided starting key does not match the range key predicate");
	if (!same_partition)
		ddb_error(DDB_ERROR_VALIDATION,
				  "The query can return at most one row and cannot be restarted");
}

/* False when nothing can match. */
static bool
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
			return true;
		case DDB_COMPARISON_LT:
			range->upper = exclusive;
			return true;
		case DDB_COMPARISON_LE:
			range->upper = inclusive;
			return true;
		case DDB_COMPARISON_GT:
			range->lower = exclusive;
			return true;
		case DDB_COMPARISON_GE:
			range->lower = inclusive;
			return true;
		case DDB_COMPARISON_BETWEEN:
			range->lower = inclusive;
			range->upper = (DdbBound) {
				DDB_BOUND_INCLUSIVE,
				ddb_key_encode(table, 1, condition->operands[1])
			};
			return true;
		case DDB_COMPARISON_BEGINS_WITH:
			range->lower = inclusive;
			if (ddb_key_prefix_end(table, 1, condition->operands[0],
								   &exclusive.value))
				range->upper = exclusive;
			return true;
		case DDB_COMPARISON_NE:
		case DDB_COMPARISON_IN:
		case DDB_COMPARISON_CONTAINS:
		case DDB_COMPARISON_NOT_CONTAINS:
		case DDB_COMPARISON_NULL:
		case DDB_COMPARISON_NOT_NULL:
			break;
	}
	return false;
}
