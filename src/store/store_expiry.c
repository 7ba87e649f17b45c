/*
 * store_expiry.c
 *	  When items expire: dynamo.expiry(), and the index that finds expired ones.
 *
 * The function's name and results are a format: see README.md.
 */
#include "postgres.h"

#include "common/int.h"
#include "fmgr.h"
#include "meta/names.h"
#include "store/store_int.h"
#include "utils/builtins.h"

static bool whole_seconds(DdbText number, int64 *seconds);
static HeapIndexText describe_expiry_index(const DdbHeapIndex *index);

PG_FUNCTION_INFO_V1(dynamo_expiry);

/*
 * dynamo.expiry(item jsonb, attribute text): the second in which the number in
 * that attribute lies; NULL when it is no number, or beyond all time.  Never
 * raises an error: an index is built on it.
 */
Datum
dynamo_expiry(PG_FUNCTION_ARGS)
{
	Jsonb	   *item = PG_GETARG_JSONB_P(0);
	text	   *attribute = PG_GETARG_TEXT_PP(1);
	DdbText		name = {VARDATA_ANY(attribute), VARSIZE_ANY_EXHDR(attribute)};
	int64		seconds;

	if (!ddb_store_item_expiry(item, name, &seconds))
		PG_RETURN_NULL();
	PG_RETURN_INT64(seconds);
}

bool
ddb_store_item_expiry(const Jsonb *item, DdbText attribute, int64 *seconds)
{
	JsonbValue	value;
	JsonbValue	number;
	JsonbContainer *container;

	if (!JsonContainerIsObject(&item->root) ||
		getKeyJsonValueFromContainer(unconstify(JsonbContainer *, &item->root),
									 attribute.data, attribute.len,
									 &value) == NULL ||
		value.type != jbvBinary)
		return false;
	container = value.val.binary.data;
	if (!JsonContainerIsObject(container) || JsonContainerSize(container) != 1 ||
		getKeyJsonValueFromContainer(container, "N", 1, &number) == NULL ||
		number.type != jbvString)
		return false;
	return whole_seconds((DdbText) {number.val.string.val, number.val.string.len},
						 seconds);
}

/* Rounds a canonical number down.  Returns false if invalid or too large. */
static bool
whole_seconds(DdbText number, int64 *seconds)
{
	bool		negative = number.len > 0 && number.data[0] == '-';
	int64		result = 0;
	int			i;

	if (!ddb_number_is_canonical(number))
		return false;
	for (i = negative ? 1 : 0; i < number.len && number.data[i] != '.'; i++)
	{
		int64		digit = number.data[i] - '0';

		if (pg_mul_s64_overflow(result, 10, &result) ||
			(negative ? pg_sub_s64_overflow(result, digit, &result) :
			 pg_add_s64_overflow(result, digit, &result)))
			return false;
	}
	/* A fraction in canonical form is not zero. */
	if (negative && i < number.len && pg_sub_s64_overflow(result, 1, &result))
		return false;
	*seconds = result;
	return true;
}

char *
expiry_expression(const DdbTable *table)
{
	return psprintf("dynamo.expiry(item, %s)",
					quote_literal_cstr(table->ttl.attribute));
}

DdbHeapIndex
ddb_store_expiry_index(const DdbTable *table)
{
	return (DdbHeapIndex) {
		.table = table,
		.relid = table->ttl.index,
		.name = ddb_name_of_index(table->heap_name, "ttl"),
		.describe = describe_expiry_index,
	};
}

static HeapIndexText
describe_expiry_index(const DdbHeapIndex *index)
{
	const char *expression = expiry_expression(index->table);

	return (HeapIndexText) {
		.key = expression,
		.predicate = psprintf("%s IS NOT NULL", expression),
	};
}
