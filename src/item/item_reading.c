/*
 * item_reading.c
 *	  Reading several items in one snapshot.
 *
 * This is one step.  The snapshot is taken when the request has been checked and
 * its tables are locked.  Reading does not wait for writers.  It sees all of a
 * transaction that has committed by then, or nothing of it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "core/inject.h"
#include "item/item_int.h"
#include "utils/snapmgr.h"

static void open_tables(DdbItemReading *reading);
static void check_keys(DdbItemReading *reading);
static void make_key(void *arg, int i);
static void read_items(DdbItemReading *reading);

DdbItemReading *
ddb_item_make_reading(int count)
{
	DdbItemReading *reading = palloc0(sizeof(DdbItemReading));

	reading->count = count;
	reading->gets = palloc0(count * sizeof(DdbItemGet));
	reading->reasons = palloc0(count * sizeof(DdbItemReason));
	return reading;
}

void
ddb_item_read_at_once(DdbItemReading *reading)
{
	memset(reading->reasons, 0, reading->count * sizeof(DdbItemReason));
	open_tables(reading);
	check_keys(reading);
	read_items(reading);
}

static void
open_tables(DdbItemReading *reading)
{
	int			i;

	for (i = 0; i < reading->count; i++)
	{
		DdbItemGet *get = &reading->gets[i];

		reading->current = i;
		get->table = ddb_item_open_table(get->table_name, AccessShareLock);
	}
}

static void
check_keys(DdbItemReading *reading)
{
	const DdbKey **keys = palloc(reading->count * sizeof(DdbKey *));
	int			i;

	for (i = 0; i < reading->count; i++)
	{
		reading->gets[i].has_key = false;
		ddb_item_check_projection(reading->gets[i].table,
								  reading->gets[i].projection);
	}
	item_collect_reasons(make_key, reading, reading->count, reading->reasons);
	for (i = 0; i < reading->count; i++)
		keys[i] = reading->gets[i].has_key ? &reading->gets[i].key : NULL;
	item_check_distinct(keys, reading->count);
	/* Assumed, as for transactions that write, of which there are records. */
	item_check_first_reason(reading->reasons, reading->count);
}

static void
make_key(void *arg, int i)
{
	DdbItemGet *get = &((DdbItemReading *) arg)->gets[i];

	get->key = ddb_item_key(get->table, get->key_value);
	get->has_key = true;
}

static void
read_items(DdbItemReading *reading)
{
	int64		bytes = 0;
	int			i;

	/* In SQL the read must see what this transaction has written. */
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	for (i = 0; i < reading->count; i++)
	{
		DdbItemGet *get = &reading->gets[i];

		if (ddb_fault("snapshot_each"))
		{
			PopActiveSnapshot();
			PushActiveSnapshot(GetTransactionSnapshot());
		}
		get->item = ddb_store_get_as_of_snapshot(&get->key);
		get->bytes = get->item != NULL ? ddb_jsonb_item_size(get->item) : 0;
		if (get->bytes < 0)
			ddb_store_malformed(get->table, get->key.datums);
		bytes += get->bytes;
		item_check_transaction_size(bytes);
	}
	PopActiveSnapshot();
}

DdbFailure
ddb_item_give_up_reading(const DdbItemReading *reading)
{
	return item_transaction_conflict(reading->count, reading->current);
}
