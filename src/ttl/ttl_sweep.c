/*
 * ttl_sweep.c
 *	  Deletion of expired items.
 *
 * The index returns items in the order of their expiry.  Their keys are
 * collected, one chunk at a time.  Then each item is deleted separately: its
 * key is locked like that of any write, but without waiting, the row is read
 * again, and the item must still be expired.  So an item is not deleted if its
 * expiry is moved, even at the last moment.  No write waits for a sweep, and a
 * sweep waits for no write.  Locked items are left for the next pass.
 *
 * A chunk is larger than the batch of one transaction.  Every scan of the
 * index passes the entries of items deleted before, until vacuum removes them.
 * Large chunks make those scans rarer.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "core/background.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/inject.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "store/store.h"
#include "tcop/utility.h"
#include "ttl/ttl_int.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/*
 * Items that expired longer ago are not deleted: such a time may not be meant
 * as an expiry.
 */
#define OLDEST_SECONDS (INT64CONST(5) * 365 * 24 * 60 * 60)

/* A chunk ends after this many keys, or after items of this many bytes. */
#define CHUNK_KEYS 10000
#define CHUNK_BYTES INT64CONST(16777216)

/* A pass ends after this many failures in a row to delete an item. */
#define MAX_FAILURES 1000

typedef DdbValue *KeyValues[DDB_KEY_MAX];

struct DdbTtlSweep
{
	char		table_name[DDB_TABLE_NAME_MAX + 1];
	MemoryContext context;		/* for this struct; parent of the others */
	MemoryContext chunk_context;	/* for the keys of the chunk */
	MemoryContext item_context; /* for the processing of one item */
	bool		started;
	pg_uuid_t	table_id;
	DdbExpiryRange range;		/* still to be read */

	/* The current chunk. */
	KeyValues  *keys;
	int			count;
	int			next;			/* the first key that is not done */
	bool		full;			/* the table may have more items after it */
	int64		last_expiry;	/* of the last item read */
	int64		chunk_deleted;

	/* The result of the last step.  It counts once it is committed. */
	int			attempted;
	int			step_deleted;

	int			single;			/* number of items to process one by one */
	int			failures;		/* number of failures in a row */
	int64		deleted;
};

typedef struct ChunkReader
{
	DdbTtlSweep *sweep;
	DdbTable   *table;
	int64		bytes;			/* of items read */
} ChunkReader;

static void settle(DdbTtlSweep *sweep);
static DdbTable *open_table(DdbTtlSweep *sweep);
static bool read_chunk(DdbTtlSweep *sweep, DdbTable *table);
static bool take_row(void *arg, const DdbRow *row);
static bool expire(DdbTtlSweep *sweep, DdbTable *table, KeyValues values);
static bool delete_expired(const DdbKey *key, const Jsonb *old);
static int64 sweep_here(const char *table_name);

PG_FUNCTION_INFO_V1(dynamo_ttl_sweep);

DdbTtlSweep *
ddb_ttl_sweep_begin(MemoryContext parent, const char *table_name)
{
	MemoryContext context = AllocSetContextCreate(parent, "dynamo sweep",
												  ALLOCSET_SMALL_SIZES);
	DdbTtlSweep *sweep = MemoryContextAllocZero(context, sizeof(DdbTtlSweep));

	strlcpy(sweep->table_name, table_name, sizeof(sweep->table_name));
	sweep->context = context;
	sweep->chunk_context = AllocSetContextCreate(context, "dynamo sweep chunk",
												 ALLOCSET_DEFAULT_SIZES);
	sweep->item_context = AllocSetContextCreate(context, "dynamo sweep item",
												ALLOCSET_DEFAULT_SIZES);
	return sweep;
}

void
ddb_ttl_sweep_end(DdbTtlSweep *sweep)
{
	MemoryContextDelete(sweep->context);
}

bool
ddb_ttl_sweep_step(DdbTtlSweep *sweep, int limit)
{
	DdbTable   *table;
	int			i;

	settle(sweep);
	table = open_table(sweep);
	if (table == NULL)
		return false;
	if (sweep->next == sweep->count && !read_chunk(sweep, table))
		return false;

	sweep->attempted = Min(sweep->single > 0 ? 1 : limit,
						   sweep->count - sweep->next);
	for (i = 0; i < sweep->attempted; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (expire(sweep, table, sweep->keys[sweep->next + i]))
			sweep->step_deleted++;
	}
	return true;
}

bool
ddb_ttl_sweep_failed(DdbTtlSweep *sweep)
{
	int			attempted = sweep->attempted;

	sweep->attempted = 0;
	sweep->step_deleted = 0;
	if (attempted == 0)
		return false;			/* the table cannot be opened or read */
	if (sweep->single == 0)
	{
		/* find the item that failed: repeat them one by one */
		sweep->single = attempted;
		return true;
	}
	sweep->single--;
	sweep->next++;
	return ++sweep->failures < MAX_FAILURES;
}

int64
ddb_ttl_sweep_deleted(DdbTtlSweep *sweep)
{
	settle(sweep);
	return sweep->deleted;
}

/* Counts the result of the last step, which is committed. */
static void
settle(DdbTtlSweep *sweep)
{
	if (sweep->attempted == 0)
		return;
	if (sweep->single > 0)
		sweep->single--;
	sweep->failures = 0;
	sweep->next += sweep->attempted;
	sweep->chunk_deleted += sweep->step_deleted;
	sweep->deleted += sweep->step_deleted;
	sweep->attempted = 0;
	sweep->step_deleted = 0;
}

/*
 * Returns NULL if there is nothing to sweep, or if the table is not the one
 * with which the pass began.
 */
static DdbTable *
open_table(DdbTtlSweep *sweep)
{
	DdbTable   *table = ddb_meta_open(sweep->table_name, RowExclusiveLock);

	if (table == NULL || table->ttl.status != DDB_TTL_ENABLED ||
		!OidIsValid(table->primary_index) ||
		(table->status != DDB_TABLE_ACTIVE && table->status != DDB_TABLE_UPDATING))
		return NULL;
	if (sweep->started &&
		memcmp(&sweep->table_id, &table->id, sizeof(pg_uuid_t)) != 0)
		return NULL;
	if (ddb_store_index_state(ddb_store_expiry_index(table)) != DDB_INDEX_VALID)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the index for time to live of table \"%s\" is missing or not valid",
						table->name),
				 errhint("Disable time to live and enable it again.")));
	return table;
}

/* Collects the next keys.  Returns false if there are none. */
static bool
read_chunk(DdbTtlSweep *sweep, DdbTable *table)
{
	ChunkReader reader = {.sweep = sweep, .table = table};

	if (!sweep->started)
	{
		int64		now = ddb_clock_unix_microseconds(ddb_clock_now()) / 1000000;

		sweep->range = (DdbExpiryRange) {now - OLDEST_SECONDS, now};
		sweep->table_id = table->id;
		sweep->started = true;
	}
	else if (sweep->full)
	{
		/*
		 * There may be more items of the last second, so read it again.  But
		 * skip it if none of its items could be deleted; otherwise it would be
		 * read forever.
		 */
		sweep->range.from = sweep->last_expiry + (sweep->chunk_deleted > 0 ? 0 : 1);
	}
	else
		return false;

	MemoryContextReset(sweep->chunk_context);
	sweep->keys = MemoryContextAlloc(sweep->chunk_context,
									 sizeof(KeyValues) * CHUNK_KEYS);
	sweep->count = sweep->next = 0;
	sweep->full = false;
	sweep->chunk_deleted = 0;
	ddb_store_scan_expired(table, sweep->range, take_row, &reader);
	return sweep->count > 0 || (sweep->full && read_chunk(sweep, table));
}

/* DdbRowCallback */
static bool
take_row(void *arg, const DdbRow *row)
{
	ChunkReader *reader = arg;
	DdbTtlSweep *sweep = reader->sweep;
	const DdbTable *table = reader->table;
	DdbText		attribute = ddb_text_from_cstring(table->ttl.attribute);
	MemoryContext old = MemoryContextSwitchTo(sweep->item_context);
	int			i;

	(void) ddb_store_item_expiry(row->item, attribute, &sweep->last_expiry);

	/* skip a row whose key columns differ from the item's key */
	if (ddb_store_row_is_consistent(table, row))
	{
		for (i = 0; i < table->key_count; i++)
		{
			DdbValue   *value;

			(void) ddb_jsonb_attribute(row->item, table->keys[i].name, &value);
			MemoryContextSwitchTo(sweep->chunk_context);
			sweep->keys[sweep->count][i] =
				ddb_value_make_text(value->type, ddb_text_copy(value->text));
			MemoryContextSwitchTo(sweep->item_context);
		}
		sweep->count++;
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(sweep->item_context);

	reader->bytes += VARSIZE(row->item);
	sweep->full = sweep->count == CHUNK_KEYS || reader->bytes >= CHUNK_BYTES;
	return !sweep->full;
}

/* Returns whether the item was deleted. */
static bool
expire(DdbTtlSweep *sweep, DdbTable *table, KeyValues values)
{
	MemoryContext old = MemoryContextSwitchTo(sweep->item_context);
	DdbKey		key = ddb_key_make(table, values[0], values[1]);
	Jsonb	   *item = NULL;
	bool		deleted;

	if (ddb_store_try_lock_key(&key))
		item = ddb_fault("expiry_unchecked") ? ddb_store_get_for_update(&key) :
			ddb_store_get_expired(&key, sweep->range);
	deleted = item != NULL && delete_expired(&key, item);
	MemoryContextSwitchTo(old);
	MemoryContextReset(sweep->item_context);
	return deleted;
}

/*
 * All deletions of expired items go through here.  Notifications of an expiry,
 * with the old item and the reason, belong here.
 */
static bool
delete_expired(const DdbKey *key, const Jsonb *old)
{
	return ddb_store_delete(key);
}

/* ------------------------------------------------------------------ in SQL */

/*
 * dynamo.ttl_sweep(table_name text DEFAULT NULL): deletes the expired items of
 * one table, or of all tables, in the caller's transaction.  Returns the
 * number of deleted items.
 */
Datum
dynamo_ttl_sweep(PG_FUNCTION_ARGS)
{
	int64		deleted = 0;
	List	   *names;
	ListCell   *cell;

	PreventCommandIfReadOnly("dynamo.ttl_sweep()");
	PreventCommandDuringRecovery("dynamo.ttl_sweep()");
	ddb_meta_require_extension();
	SPI_connect();
	ddb_meta_begin_operation();
	if (PG_ARGISNULL(0))
		names = ddb_meta_list_ttl();
	else
		names = list_make1(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	foreach(cell, names)
		deleted += sweep_here(lfirst(cell));
	ddb_meta_end_operation();
	SPI_finish();
	PG_RETURN_INT64(deleted);
}

/* Completes a transition if no server process does, then sweeps the table. */
static int64
sweep_here(const char *table_name)
{
	const DdbTable *table = ddb_meta_look_up(table_name);
	DdbTtlSweep *sweep;
	int64		deleted;

	if (table == NULL)
		ddb_error(DDB_ERROR_RESOURCE_NOT_FOUND,
				  "Requested resource not found: Table: %s not found", table_name);
	if (!ddb_background_takes())
		ttl_finish(table_name);

	sweep = ddb_ttl_sweep_begin(CurrentMemoryContext, table_name);
	while (ddb_ttl_sweep_step(sweep, CHUNK_KEYS))
		;
	deleted = ddb_ttl_sweep_deleted(sweep);
	ddb_ttl_sweep_end(sweep);
	return deleted;
}
