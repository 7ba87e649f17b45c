/*
 * store_heap_index.c
 *	  Indexes of a heap besides those it is created with: their state, and how
 *	  they are created and dropped.
 *
 * The owner of a kind of index describes what it is on.  Everything else is the same
 * for all kinds.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_index.h"
#include "storage/bufmgr.h"
#include "storage/lmgr.h"
#include "store/store_int.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

/* So much can be indexed within a request: some tenths of a second at most. */
#define SMALL_TABLE_ITEMS 10000
#define SMALL_TABLE_BLOCKS (32 * 1024 * 1024 / BLCKSZ)

static HeapIndexText describe_secondary_index(const DdbHeapIndex *index);
static char *creation(const DdbHeapIndex *index, const char *how);
static char *removal(const DdbHeapIndex *index, const char *how);
static bool has_few_blocks(Oid relid);
static bool has_few_items(const DdbTable *table);

DdbHeapIndex
ddb_store_secondary_index(const DdbTable *table, const DdbIndex *index)
{
	return (DdbHeapIndex) {
		.table = table,
		.secondary = index,
		.relid = index->relid,
		.name = index->relation_name,
		.describe = describe_secondary_index,
	};
}

static HeapIndexText
describe_secondary_index(const DdbHeapIndex *index)
{
	return (HeapIndexText) {
		.key = index_expression(index->table, index->secondary),
		.predicate = index_predicate(index->table, index->secondary),
	};
}

DdbIndexState
ddb_store_index_state(DdbHeapIndex index)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID, ObjectIdGetDatum(index.relid));
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
ddb_store_index_creation(DdbHeapIndex index)
{
	return creation(&index, "INDEX CONCURRENTLY");
}

char *
ddb_store_index_removal(DdbHeapIndex index)
{
	return removal(&index, "INDEX CONCURRENTLY");
}

void
ddb_store_create_index(DdbHeapIndex index)
{
	DdbUser		user = ddb_meta_become_owner();

	execute_ddl("%s", creation(&index, "INDEX"));
	ddb_meta_restore_user(user);
}

/* The heap first, as everybody else locks it. */
bool
ddb_store_drop_index(DdbHeapIndex index, bool wait)
{
	DdbUser		user;

	if (!OidIsValid(index.table->relid) || !OidIsValid(index.relid))
		return true;
	if (!lock_heap(index.table, wait))
		return false;
	user = ddb_meta_become_owner();
	execute_ddl("%s", removal(&index, "INDEX"));
	ddb_meta_restore_user(user);
	return true;
}

static char *
creation(const DdbHeapIndex *index, const char *how)
{
	HeapIndexText text = index->describe(index);

	return psprintf("CREATE %s %s ON %s ((%s))%s%s", how,
					quote_identifier(index->name), quoted_heap(index->table),
					text.key, text.predicate != NULL ? " WHERE " : "",
					text.predicate != NULL ? text.predicate : "");
}

static char *
removal(const DdbHeapIndex *index, const char *how)
{
	return psprintf("DROP %s IF EXISTS %s", how,
					quote_qualified_identifier(DDB_SCHEMA_DATA, index->name));
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
