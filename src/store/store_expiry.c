/*
 * store_expiry.c
 *	  When items expire: dynamo.expiry(), and the index that finds expired ones.
 *
 * The function's name and results are a format: see README.md.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_index.h"
#include "common/int.h"
#include "core/lock.h"
#include "fmgr.h"
#include "meta/names.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "store/store_int.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

/* So much can be indexed within a request: some tenths of a second at most. */
#define SMALL_TABLE_ITEMS 10000
#define SMALL_TABLE_BLOCKS (32 * 1024 * 1024 / BLCKSZ)

static bool has_few_blocks(Oid relid);
static bool has_few_items(const DdbTable *table);
static bool whole_seconds(DdbText number, int64 *seconds);
static char *creation(const DdbTable *table, const char *how);
static char *removal(const DdbTable *table, const char *how);
static void execute(const char *sql);

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

/* Round a number in canonical form down; false when it is none or too large. */
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

DdbIndexState
ddb_store_expiry_index_state(const DdbTable *table)
{
	return ddb_store_index_state(table->ttl.index);
}

DdbIndexState
ddb_store_index_state(Oid index)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index));
	DdbIndexState state = DDB_INDEX_ABSENT;

	if (HeapTupleIsValid(tuple))
	{
		state = ((Form_pg_index) GETSTRUCT(tuple))->indisvalid ?
			DDB_INDEX_VALID : DDB_INDEX_INVALID;
		ReleaseSysCache(tuple);
	}
	return state;
}

char *
ddb_store_expiry_index_creation(const DdbTable *table)
{
	return creation(table, "CONCURRENTLY");
}

char *
ddb_store_expiry_index_removal(const DdbTable *table)
{
	return removal(table, "CONCURRENTLY");
}

void
ddb_store_create_expiry_index(const DdbTable *table)
{
	execute(creation(table, ""));
}

bool
ddb_store_try_lock_small_table(const DdbTable *table)
{
	return has_few_blocks(table->relid) && has_few_items(table) &&
		ConditionalLockRelationOid(table->relid, ShareLock);
}

/* Of the heap and of what is stored out of line. */
static bool
has_few_blocks(Oid relid)
{
	Relation	heap = relation_open(relid, AccessShareLock);
	Oid			toast = heap->rd_rel->reltoastrelid;
	BlockNumber blocks = RelationGetNumberOfBlocks(heap);

	relation_close(heap, NoLock);
	if (OidIsValid(toast))
	{
		Relation	relation = relation_open(toast, AccessShareLock);

		blocks += RelationGetNumberOfBlocks(relation);
		relation_close(relation, AccessShareLock);
	}
	return blocks <= SMALL_TABLE_BLOCKS;
}

static bool
has_few_items(const DdbTable *table)
{
	DdbUser		user = ddb_meta_become_owner();
	const char *sql = psprintf("SELECT FROM %s LIMIT %d", quoted_heap(table),
							   SMALL_TABLE_ITEMS + 1);
	int			result = SPI_execute(sql, false, 0);

	if (result < 0)
		elog(ERROR, "could not execute \"%s\": %s", sql,
			 SPI_result_code_string(result));
	SPI_freetuptable(SPI_tuptable);
	ddb_meta_restore_user(user);
	return SPI_processed <= SMALL_TABLE_ITEMS;
}

/* The heap first, as everybody else locks it. */
void
ddb_store_drop_expiry_index(const DdbTable *table)
{
	LockRelationOid(table->relid, AccessExclusiveLock);
	execute(removal(table, ""));
}

static char *
creation(const DdbTable *table, const char *how)
{
	const char *expression = expiry_expression(table);

	return psprintf("CREATE INDEX %s %s ON %s (%s) WHERE %s IS NOT NULL", how,
					quote_identifier(ddb_name_of_index(table->heap_name, "ttl")),
					quoted_heap(table), expression, expression);
}

static char *
removal(const DdbTable *table, const char *how)
{
	return psprintf("DROP INDEX %s IF EXISTS %s", how,
					quote_qualified_identifier(DDB_SCHEMA_DATA,
											   ddb_name_of_index(table->heap_name,
																 "ttl")));
}

static void
execute(const char *sql)
{
	DdbUser		user = ddb_meta_become_owner();
	int			result = SPI_execute(sql, false, 0);

	if (result < 0)
		elog(ERROR, "could not execute \"%s\": %s", sql,
			 SPI_result_code_string(result));
	ddb_meta_restore_user(user);
}
