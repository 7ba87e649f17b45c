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

/* The primary key of an item: attribute values, and values of the columns. */
typedef struct DdbKey
{
	DdbTable   *table;
	DdbValue   *values[DDB_KEY_MAX];
	Datum		datums[DDB_KEY_MAX];
} DdbKey;

/* Returns the value of key column number i (0: pk, 1: sk) for an attribute. */
extern Datum ddb_key_encode(const DdbTable *table, int i, const DdbValue *value);

/* Makes a key of values, which must have the types of the schema. */
extern DdbKey ddb_key_make(DdbTable *table, DdbValue *partition,
						   DdbValue *sort);

/* Returns the key attributes as an item. */
extern DdbValue *ddb_key_as_item(const DdbKey *key);

/*
 * Gets the smallest column value that is greater than everything with this prefix.
 * Returns false if there is none.  Types S and B only.
 */
extern bool ddb_key_prefix_end(const DdbTable *table, int i,
							   const DdbValue *prefix, Datum *end);

/* The parts of a key, and the service's limits in bytes. */
typedef enum DdbKeyPart
{
	DDB_KEY_HASH,
	DDB_KEY_RANGE
} DdbKeyPart;

#define DDB_KEY_MAX_HASH_BYTES 2048
#define DDB_KEY_MAX_RANGE_BYTES 1024

/*
 * Returns whether a part may have this size.  In an index a part may consist of
 * several attributes.
 */
extern bool ddb_key_part_fits(DdbKeyPart part, int64 size);

/*
 * Returns a hash of the key.  Locks are taken in the order of this hash, in which the
 * keys of a table are together.
 */
extern uint64 ddb_key_hash(const DdbKey *key);

/* Returns the token of a partition key, given the value of its column. */
extern int32 ddb_key_token(const DdbTable *table, Datum partition);

/* ------------------------------------------------- secondary indexes */

/* Returns the second argument of dynamo.index_key() for this index. */
extern char *ddb_index_spec(const DdbTable *table, const DdbIndex *index);

/*
 * Gets the key (bytea) of an item in an index, or of a LastEvaluatedKey, which has
 * all attributes that the key is made of.  Returns false if the item is not in the
 * index.
 */
extern bool ddb_index_key(const DdbTable *table, const DdbIndex *index,
						  const DdbDocument *document, Datum *key);

/* Returns the token at the beginning of such a key. */
extern int32 ddb_index_key_token(Datum key);

/*
 * A place in an index: the beginning of keys.  It consists of a partition (the values
 * of the hash attributes) and sort key values.  The last of these may be a prefix.
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
 * Return the bytea that sorts before, and the bytea that sorts after, all keys with
 * this beginning.
 */
extern Datum ddb_index_bound_before(const DdbIndexBound *bound);
extern Datum ddb_index_bound_after(const DdbIndexBound *bound);

/* The same for a range of tokens, including both ends. */
extern void ddb_index_segment(int32 token_low, int32 token_high,
							  Datum *lower, Datum *upper);

/* --------------------------------------------------------- single rows */

/*
 * Locks a key, whether or not there is such an item, against all other writes
 * through dynamo until the end of the transaction.
 */
extern void ddb_store_lock_key(const DdbKey *key);

/* Must be called before a statement locks several keys, with their number. */
extern void ddb_store_expect_keys(int count);

/*
 * The same without waiting, in any process.  Returns false if another transaction
 * has locked the key.
 */
extern bool ddb_store_try_lock_key(const DdbKey *key);

/* Returns the stored item, or NULL, in the current memory context. */
extern Jsonb *ddb_store_get(const DdbKey *key);

/* The same as of the active snapshot. */
extern Jsonb *ddb_store_get_as_of_snapshot(const DdbKey *key);

/*
 * The same, and locks the row for an update by this transaction.  Raises
 * serialization_failure if the snapshot of the transaction hides a newer row.
 */
extern Jsonb *ddb_store_get_for_update(const DdbKey *key);

/* Inserts the item, or replaces the existing one. */
extern void ddb_store_put(const DdbKey *key, const Jsonb *item);

/*
 * The same for several items of one table, with different keys, in this order.  Uses
 * one statement, unless the lock policy is DDB_LOCK_TRY.
 */
extern void ddb_store_put_many(int count, const DdbKey *const *keys,
							   Jsonb *const *items);

/* Inserts.  Returns false if another transaction has inserted the key. */
extern bool ddb_store_insert(const DdbKey *key, const Jsonb *item);

/*
 * Replace or delete a row that is locked.  Deleting returns false if there is no
 * row, or a trigger has kept it.
 */
extern void ddb_store_update(const DdbKey *key, const Jsonb *item);
extern bool ddb_store_delete(const DdbKey *key);

/* Deletes the item if it exists. */
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

	/* INDEX: its number in the table, and the keys between which to read */
	int			index;
	Datum		after_key;
	Datum		before_key;

	/* SEGMENT */
	int32		token_low;
	int32		token_high;

	/* TABLE and SEGMENT: if resume, start strictly after this key */
	bool		resume;
	Datum		after[DDB_KEY_MAX];

	bool		with_nulls;		/* the callback checks for NULLs itself */
} DdbRange;

/*
 * A row of a range, valid only during the callback.  A column that is NULL raises an
 * error, unless the range is read with_nulls.  Then item may be NULL.
 */
typedef struct DdbRow
{
	Datum		keys[DDB_KEY_MAX];
	bool		key_is_null[DDB_KEY_MAX];
	Jsonb	   *item;
} DdbRow;

/* Returns whether any column is NULL. */
extern bool ddb_store_row_has_null(const DdbTable *table, const DdbRow *row);

/* Returns false to stop. */
typedef bool (*DdbRowCallback) (void *arg, const DdbRow *row);

extern void ddb_store_scan(const DdbRange *range, DdbRowCallback callback,
						   void *arg);

/*
 * Raises the error for a row whose item is malformed, or whose columns differ from
 * the item.
 */
extern void ddb_store_malformed(const DdbTable *table, const Datum *keys)
			pg_attribute_noreturn();

/* Returns key columns for messages: "(a, 1)".  is_null may be NULL. */
extern char *ddb_store_print_keys(const DdbTable *table, const Datum *keys,
								  const bool *is_null);

/* Returns whether the columns hold the key of the item. */
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
 * Gets a number attribute in whole seconds since 1970.  Returns false if the item has
 * no such attribute, or it is not a number, or out of range.
 */
extern bool ddb_store_item_expiry(const Jsonb *item, DdbText attribute,
								  int64 *seconds);

/* Reads expired items in the order of expiry.  Needs the expiry index. */
extern void ddb_store_scan_expired(DdbTable *table, DdbExpiryRange range,
								   DdbRowCallback callback, void *arg);

/*
 * Returns one of these items and locks it for deletion.  Returns NULL if it does not
 * exist any more, has left the range, or another transaction has locked it.
 */
extern Jsonb *ddb_store_get_expired(const DdbKey *key, DdbExpiryRange range);

/* ------------------------------------------------------------- indexes */

/*
 * An index of a table's heap besides those that the heap is created with.  A function
 * for each kind of index returns one.  The functions below work for all kinds.
 */
typedef struct DdbHeapIndex DdbHeapIndex;

struct DdbHeapIndex
{
	const DdbTable *table;
	const DdbIndex *secondary;	/* NULL if it is of another kind */
	Oid			relid;			/* InvalidOid: it does not exist */
	const char *name;			/* of the relation */

	/* Describes what the index is on when it is created.  Used by store/ only. */
	struct HeapIndexText (*describe) (const DdbHeapIndex *index);
};

/* The index of a secondary index, and the index that finds expired items. */
extern DdbHeapIndex ddb_store_secondary_index(const DdbTable *table,
											  const DdbIndex *index);
extern DdbHeapIndex ddb_store_expiry_index(const DdbTable *table);

/* An invalid index is unfinished. */
typedef enum DdbIndexState
{
	DDB_INDEX_ABSENT,
	DDB_INDEX_INVALID,
	DDB_INDEX_VALID
} DdbIndexState;

extern DdbIndexState ddb_store_index_state(DdbHeapIndex index);

/*
 * Create or drop the index in this transaction.  Creating blocks writers of the
 * table.  Dropping blocks all users of the table; without wait it returns false if
 * the table is in use.  Dropping an index that does not exist returns true.
 */
extern void ddb_store_create_index(DdbHeapIndex index);
extern bool ddb_store_drop_index(DdbHeapIndex index, bool wait);

/* Return statements that do the same at top level without blocking others. */
extern char *ddb_store_index_creation(DdbHeapIndex index);
extern char *ddb_store_index_removal(DdbHeapIndex index);

/*
 * Returns whether an index can be created within a request, because the table is
 * small and no other transaction writes to it.  Then it is locked against writers.
 */
extern bool ddb_store_try_lock_small_table(const DdbTable *table);

/* -------------------------------------------------------------- tables */

/*
 * Creates the heap and its indexes for a table in the catalog, and grants the current
 * user the privileges to use it.  Returns false if there is a relation with the name
 * of the heap.
 */
extern bool ddb_store_create_table(const DdbTableRow *row);

/*
 * Drops a table's heap.  Without wait, returns false if the heap is in use.
 */
extern bool ddb_store_drop_table(const DdbTable *table, bool wait);

/*
 * Estimates from PostgreSQL's statistics: items, and bytes of items, of a table and
 * of one of its indexes.  ANALYZE updates them.
 */
extern void ddb_store_analyze(const DdbTable *table);
extern char *ddb_store_analyze_sql(const DdbTable *table);
extern void ddb_store_statistics(const DdbTable *table, int64 *items,
								 int64 *bytes);
extern void ddb_store_index_statistics(const DdbTable *table,
									   const DdbIndex *index,
									   int64 *items, int64 *bytes);

/*
 * Returns the bytes of all items with a key's partition key: 0 if the whole table is
 * smaller than a gigabyte, else the planner's estimate.
 */
extern int64 ddb_store_estimate_partition(const DdbKey *key);

/* Installs the planner hook.  Called when the library is loaded. */
extern void ddb_store_init(void);

#endif							/* DDB_STORE_STORE_H */
