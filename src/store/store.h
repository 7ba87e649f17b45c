/*
 * store.h
 *	  Physical rows: keys, statements, tables.  The only module that touches
 *	  relations of dynamo_data.  See README.md for what persists.
 *
 * Everything here needs a transaction, an SPI connection and, where a table is
 * passed, a descriptor from ddb_meta_open() that holds a sufficient lock.
 */
#ifndef DDB_STORE_STORE_H
#define DDB_STORE_STORE_H

#include "postgres.h"
#include "core/compat.h"
#include "meta/meta.h"
#include "utils/jsonb.h"
#include "value/value.h"

/* ---------------------------------------------------------------- keys */

/* The primary key of one item: attribute values and what the columns hold. */
typedef struct DdbKey
{
	DdbTable   *table;
	DdbValue   *values[DDB_KEY_MAX];
	Datum		datums[DDB_KEY_MAX];
} DdbKey;

/* What the key column number i (0: pk, 1: sk) holds for a value of its type. */
extern Datum ddb_key_encode(const DdbTable *table, int i, const DdbValue *value);

/* The key with the given values, which have the types of the schema. */
extern DdbKey ddb_key_make(DdbTable *table, DdbValue *partition,
						   DdbValue *sort);

/* The key attributes as an item. */
extern DdbValue *ddb_key_as_item(const DdbKey *key);

/*
 * The smallest value that is greater than everything with this prefix, as a
 * column value; false when there is none.  S and B only.
 */
extern bool ddb_key_prefix_end(const DdbTable *table, int i,
							   const DdbValue *prefix, Datum *end);

/* The parts of a key, and the service's limits for them, in bytes. */
typedef enum DdbKeyPart
{
	DDB_KEY_HASH,
	DDB_KEY_RANGE
} DdbKeyPart;

#define DDB_KEY_MAX_HASH_BYTES 2048
#define DDB_KEY_MAX_RANGE_BYTES 1024

/* May a part have so many bytes?  In an index it may be of several attributes. */
extern bool ddb_key_part_fits(DdbKeyPart part, int64 size);

/*
 * A hash of the whole key, in whose order locks are taken; keys of one table
 * follow one another.
 */
extern uint64 ddb_key_hash(const DdbKey *key);

/* The token of a partition key as its column holds it. */
extern int32 ddb_key_token(const DdbTable *table, Datum partition);

/* ------------------------------------------------- secondary indexes */

/* The second argument of dynamo.index_key() for this index. */
extern char *ddb_index_spec(const DdbTable *table, const DdbIndex *index);

/*
 * The key (bytea) of an item in an index; also of a LastEvaluatedKey, which
 * has all the attributes it is made of.  False when it is not in the index.
 */
extern bool ddb_index_key(const DdbTable *table, const DdbIndex *index,
						  const DdbDocument *document, Datum *key);

/* The token that such a key begins with. */
extern int32 ddb_index_key_token(Datum key);

/*
 * A place in an index: the beginning of keys.  Made of a partition (the values
 * of the hash attributes), then sort key values one by one, the last of which
 * may be but a prefix.
 */
typedef struct DdbIndexBound
{
	StringInfoData bytes;
} DdbIndexBound;

extern void ddb_index_partition_begin(DdbIndexBound *bound,
									  const DdbIndex *index,
									  DdbValue *const *hash);
extern void ddb_index_bound_append(DdbIndexBound *bound, const DdbValue *value);
extern void ddb_index_bound_append_prefix(DdbIndexBound *bound,
										  const DdbValue *prefix);
extern DdbIndexBound ddb_index_bound_copy(const DdbIndexBound *bound);

/*
 * The bytea that sorts before, and the one that sorts after all keys that
 * begin like this.
 */
extern Datum ddb_index_bound_before(const DdbIndexBound *bound);
extern Datum ddb_index_bound_after(const DdbIndexBound *bound);

/* The same for a range of tokens, both ends included. */
extern void ddb_index_segment(int32 token_low, int32 token_high,
							  Datum *lower, Datum *upper);

/* --------------------------------------------------------- single rows */

/*
 * Lock a key, present or absent, against every other write of ours until the
 * end of the transaction.
 */
extern void ddb_store_lock_key(const DdbKey *key);

/* Say first how many keys a statement is going to lock, if it is several. */
extern void ddb_store_expect_keys(int count);

/*
 * The same without waiting, whoever asks: false when somebody else has it.
 */
extern bool ddb_store_try_lock_key(const DdbKey *key);

/* The stored item, or NULL; in the current memory context. */
extern Jsonb *ddb_store_get(const DdbKey *key);

/* The same as of the active snapshot, whatever has happened since. */
extern Jsonb *ddb_store_get_as_of_snapshot(const DdbKey *key);

/*
 * The same with the row locked for an update by this transaction.  Raises
 * serialization_failure where the transaction's snapshot hides a newer row.
 */
extern Jsonb *ddb_store_get_for_update(const DdbKey *key);

/* Insert or replace, whatever was there. */
extern void ddb_store_put(const DdbKey *key, const Jsonb *item);

/*
 * The same for several items of one table with keys that differ, in this order;
 * in one statement, unless the request has met a lock.
 */
extern void ddb_store_put_many(int count, const DdbKey *const *keys,
							   Jsonb *const *items);

/* Insert; false when another transaction has inserted the key meanwhile. */
extern bool ddb_store_insert(const DdbKey *key, const Jsonb *item);

/*
 * Replace or delete a row locked before.  Deleting returns false when there is
 * none, or a trigger kept it.
 */
extern void ddb_store_update(const DdbKey *key, const Jsonb *item);
extern bool ddb_store_delete(const DdbKey *key);

/* Delete, whatever was there. */
extern void ddb_store_remove(const DdbKey *key);

/* -------------------------------------------------------------- ranges */

typedef enum DdbAccessPath
{
	DDB_ACCESS_PARTITION,		/* one partition in the order of the sort key */
	DDB_ACCESS_TABLE,			/* the table in the order of the primary key */
	DDB_ACCESS_SEGMENT,			/* a range of tokens, within it by primary key */
	DDB_ACCESS_INDEX			/* a range of a secondary index */
} DdbAccessPath;

typedef enum DdbBoundKind
{
	DDB_BOUND_NONE,
	DDB_BOUND_INCLUSIVE,
	DDB_BOUND_EXCLUSIVE
} DdbBoundKind;

typedef struct DdbBound
{
	DdbBoundKind kind;
	Datum		value;			/* of column sk */
} DdbBound;

typedef struct DdbRange
{
	DdbTable   *table;
	DdbAccessPath path;

	/* PARTITION */
	Datum		partition;
	DdbBound	lower;
	DdbBound	upper;

	/* PARTITION and INDEX */
	bool		descending;

	/* INDEX: its number among the table's, and keys between which to read */
	int			index;
	Datum		after_key;
	Datum		before_key;

	/* SEGMENT */
	int32		token_low;
	int32		token_high;

	/* TABLE and SEGMENT: go on strictly after this key, if resume */
	bool		resume;
	Datum		after[DDB_KEY_MAX];

	bool		with_nulls;		/* the callback looks for NULLs itself */
} DdbRange;

/*
 * A row of a range; good only during the callback.  A column that is NULL is an
 * error, unless the range is read with_nulls: then item may be NULL.
 */
typedef struct DdbRow
{
	Datum		keys[DDB_KEY_MAX];
	bool		key_is_null[DDB_KEY_MAX];
	Jsonb	   *item;
} DdbRow;

/* Is there a NULL in any column? */
extern bool ddb_store_row_has_null(const DdbTable *table, const DdbRow *row);

/* Return false to stop. */
typedef bool (*DdbRowCallback) (void *arg, const DdbRow *row);

extern void ddb_store_scan(const DdbRange *range, DdbRowCallback callback,
						   void *arg);

/*
 * Raise the error for a row that is no well-formed item or whose columns do
 * not agree with it.
 */
extern void ddb_store_malformed(const DdbTable *table, const Datum *keys)
			pg_attribute_noreturn();

/* Key columns for people: "(a, 1)"; is_null may be left out. */
extern char *ddb_store_print_keys(const DdbTable *table, const Datum *keys,
								  const bool *is_null);

/* Do the columns hold the key that the item says? */
extern bool ddb_store_row_is_consistent(const DdbTable *table,
										const DdbRow *row);

/* -------------------------------------------------------------- expiry */

/* Items whose expiry is from <= expiry < before, in whole seconds. */
typedef struct DdbExpiryRange
{
	int64		from;
	int64		before;
} DdbExpiryRange;

/*
 * The second since 1970 in which a number attribute lies; false when the item
 * has no such attribute, it is no number, or beyond all time.
 */
extern bool ddb_store_item_expiry(const Jsonb *item, DdbText attribute,
								  int64 *seconds);

/* Expired items of a table that has the index for it, first to expire first. */
extern void ddb_store_scan_expired(DdbTable *table, DdbExpiryRange range,
								   DdbRowCallback callback, void *arg);

/*
 * One of them, locked for being deleted; NULL when it is not (or no longer)
 * there or in the range, or when it is locked by somebody else.
 */
extern Jsonb *ddb_store_get_expired(const DdbKey *key, DdbExpiryRange range);

/* ------------------------------------------------------------- indexes */

/*
 * An index of a table's heap beside those that the heap is made with.  Each of
 * the functions that return one is for indexes of a kind; those below are for
 * all of them.
 */
typedef struct DdbHeapIndex DdbHeapIndex;

struct DdbHeapIndex
{
	const DdbTable *table;
	const DdbIndex *secondary;	/* NULL where it is of another kind */
	Oid			relid;			/* InvalidOid: not there */
	const char *name;			/* of the relation */

	/* What it is on: asked for when it is made, for store/ alone. */
	struct HeapIndexText (*describe) (const DdbHeapIndex *index);
};

/* The index behind a secondary index, and the one that finds expired items. */
extern DdbHeapIndex ddb_store_secondary_index(const DdbTable *table,
											  const DdbIndex *index);
extern DdbHeapIndex ddb_store_expiry_index(const DdbTable *table);

/* One that is not valid is unfinished. */
typedef enum DdbIndexState
{
	DDB_INDEX_ABSENT,
	DDB_INDEX_INVALID,
	DDB_INDEX_VALID
} DdbIndexState;

extern DdbIndexState ddb_store_index_state(DdbHeapIndex index);

/*
 * Make or drop it in this transaction.  Making it blocks the table's writers,
 * dropping everybody; without wait dropping returns false when somebody uses
 * the table.  One that is not there is dropped already.
 */
extern void ddb_store_create_index(DdbHeapIndex index);
extern bool ddb_store_drop_index(DdbHeapIndex index, bool wait);

/* The statements that do the same at top level without blocking anybody. */
extern char *ddb_store_index_creation(DdbHeapIndex index);
extern char *ddb_store_index_removal(DdbHeapIndex index);

/*
 * May an index be made within a request?  So it is of a small table that
 * nobody writes to; others are then locked out of writing to it.
 */
extern bool ddb_store_try_lock_small_table(const DdbTable *table);

/* -------------------------------------------------------------- tables */

/*
 * Make the heap and its indexes for a table entered in the catalog; grants the
 * current user what it needs to use it.  False when a relation of the heap's
 * name is there already.
 */
extern bool ddb_store_create_table(const DdbTableRow *row);

/*
 * Drop a table's heap.  Without wait returns false when somebody uses it.
 */
extern bool ddb_store_drop_table(const DdbTable *table, bool wait);

/*
 * Estimates from PostgreSQL's statistics: items, and bytes of items, in a
 * table and in one of its indexes.  Analyzing refreshes them.
 */
extern void ddb_store_analyze(const DdbTable *table);
extern char *ddb_store_analyze_sql(const DdbTable *table);
extern void ddb_store_statistics(const DdbTable *table, int64 *items,
								 int64 *bytes);
extern void ddb_store_index_statistics(const DdbTable *table,
									   const DdbIndex *index,
									   int64 *items, int64 *bytes);

/*
 * Bytes of the items that have a key's partition key: zero where the whole
 * table is smaller than a gigabyte, else as the planner estimates.
 */
extern int64 ddb_store_estimate_partition(const DdbKey *key);

/* Install the planner hook; called when the library is loaded. */
extern void ddb_store_init(void);

#endif							/* DDB_STORE_STORE_H */
