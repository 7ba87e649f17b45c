/*
 * ttl_sweep.c
 *	  Deleting expired items.
 *
 * The index finds items in the order in which they expire.  Their keys are
 * collected, a chunk at a time, and then each item is deleted on its own: its
 * key is locked as every write does, but only tried, the row is read again and
 * has to be expired still.  So an item whose expiry is moved, at whatever
 * moment, is not deleted, and nobody waits for a sweep nor a sweep for anybody;
 * what is locked is left for the next pass.
 *
 * A chunk is larger than a transaction's batch.  Every search of the index
 * walks over the entries of items deleted before, which vacuum has not removed
 * yet: there are the fewer of those walks.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "core/background.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/inject.h"
#include "core/lock.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "store/store.h"
#include "tcop/utility.h"
#include "ttl/ttl_int.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/*
 * Items that expired longer ago stay: whoever wrote such a time may have meant
 * something else.
 */
#define OLDEST_SECONDS (INT64CONST(5) * 365 * 24 * 60 * 60)

/* A chunk ends with so many keys, or when items of so many bytes were read. */
#define CHUNK_KEYS 10000
#define CHUNK_BYTES INT64CONST(16777216)

/* So many items in a row that could not be deleted end a pass. */
#define MAX_FAILURES 1000

typedef DdbValue *KeyValues[DDB_KEY_MAX];

struct DdbTtlSweep
{
	char		table_name[DDB_TABLE_NAME_MAX + 1];
	MemoryContext context;		/* this, and below it */
	MemoryContext chunk_context;	/* keys of the chunk */
	MemoryContext item_context; /* what one item needs */
	bool		started;
	pg_uuid_t	table_id;
	DdbExpiryRange range;		/* what is still to be read of the table */

	/* The chunk. */
	KeyValues  *keys;
	int			count;
	int			next;			/* the first that is not done */
	bool		full;			/* there may be more behind it */
	int64		last_expiry;	/* of what was read */
	int64		chunk_deleted;

	/* What the last step did, which counts once it is committed. */
	int			attempted;
	int			step_deleted;

	int			single;			/* so many are to be done one by one */
	int			failures;		/* in a row */
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
		return false;			/* nothing can be read, or not even opened */
	if (sweep->single == 0)
	{
		/* Which one was it? */
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

/* The last step, if it did something, is committed. */
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
 * NULL when there is nothing to be swept, or another table than the one that
 * the pass began with.
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

/* Collect the next keys; false when there are none. */
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
		 * The last second may have more.  But where not a single item could
		 * be deleted it is left, or reading it again would be all that is
		 * ever done.
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

	/* What says one key and lies under another is nobody's to delete. */
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
 * The one place where time deletes an item: whoever is to hear of it, with the
 * old item and the reason, is told here.
 */
static bool
delete_expired(const DdbKey *key, const Jsonb *old)
{
	return ddb_store_delete(key);
}

/* ------------------------------------------------------------------ in SQL */

/*
 * dynamo.ttl_sweep(table_name text DEFAULT NULL): delete what is expired, of one
 * table or of all, in the caller's transaction.  Returns how many items.
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

/* Where no server does it, a transition that was left to one ends here. */
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
