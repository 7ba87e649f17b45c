/*
 * item_batch.c
 *	  Batches: several items in one request, each written by itself.
 *
 * The first step checks everything against the tables, because nothing is written
 * if any write is invalid.  Then the writes are done in the order of their key
 * locks, so that two batches never wait for each other.  Each step does as many as
 * its budget allows.  Writes that need not read the old item are done together:
 * their keys are locked, and then the puts take one statement for each table.  An
 * item that another transaction still has locked, when the request has waited long
 * enough, is left unprocessed.
 */
#include "postgres.h"

#include "item/item_int.h"

/* Maximum size of the items that are written together, if more than one. */
#define MAX_BLIND_BYTES INT64CONST(65536)

static void check(DdbItemBatch *batch);
static void check_duplicates(const DdbItemBatch *batch);
static bool same_key(const DdbItemBatchWrite *left,
					 const DdbItemBatchWrite *right);
static void find_target(DdbItemBatchWrite *write, const DdbItemBatchWrite *first);
static int	compare_lock_order(const void *left, const void *right);
static bool write_on(DdbItemBatch *batch, DdbBudget *budget);
static int64 finish_writes(const DdbItemBatch *batch, DdbItemBatchWrite *writes,
						   int count);
static int	count_blind(DdbItemBatch *batch, int64 most,
						const DdbItemBatchWrite *first);
static bool is_blind(const DdbItemBatchWrite *write);
static void write_blindly(DdbItemBatchWrite *writes, int count);
static void put_many(DdbItemBatchWrite *writes, int count);
static void write_one(const DdbItemBatch *batch, DdbItemBatchWrite *write);

bool
ddb_item_write_batch(DdbItemBatch *batch, DdbBudget *budget, bool *skip_locked)
{
	if (!batch->checked)
	{
		check(batch);
		batch->checked = true;
	}
	if (*skip_locked)
	{
		/* The step ends here, so that this write stands if the next meets a lock. */
		*skip_locked = false;
		batch->writes[batch->next++].unprocessed = true;
		if (batch->next < batch->count)
			return false;
	}
	return write_on(batch, budget);
}

static void
check(DdbItemBatch *batch)
{
	int			i;

	for (i = 0; i < batch->count; i++)
	{
		DdbItemBatchWrite *write = &batch->writes[i];

		find_target(write, batch->writes);
		write->lock_order = ddb_key_hash(&write->target);
		if (batch->wants_capacity)
			write->capacity = MemoryContextAllocZero(batch->context,
													 sizeof(DdbCapacity));
	}
	check_duplicates(batch);
	for (i = 0; i < batch->count; i++)
	{
		const DdbItemBatchWrite *write = &batch->writes[i];

		if (write->item != NULL)
			item_check_index_keys_of_put(write->target.table, write->item);
	}
	pg_qsort(batch->writes, batch->count, sizeof(DdbItemBatchWrite),
			 compare_lock_order);
	ddb_store_expect_keys(batch->count);
}

static void
check_duplicates(const DdbItemBatch *batch)
{
	int			i;
	int			j;

	for (i = 0; i < batch->count; i++)
	{
		for (j = 0; j < i; j++)
		{
			if (same_key(&batch->writes[i], &batch->writes[j]))
				ddb_error(DDB_ERROR_VALIDATION,
						  "Provided list of item keys contains duplicates");
		}
	}
}

static bool
same_key(const DdbItemBatchWrite *left, const DdbItemBatchWrite *right)
{
	return left->lock_order == right->lock_order &&
		left->target.table->relid == right->target.table->relid &&
		ddb_value_equal(ddb_key_as_item(&left->target),
						ddb_key_as_item(&right->target));
}

/*
 * Sets the key of a write.  If this step has opened the table for a write from
 * "first" on, uses that.
 */
static void
find_target(DdbItemBatchWrite *write, const DdbItemBatchWrite *first)
{
	DdbTable   *table = NULL;

	for (; first < write && table == NULL; first++)
	{
		if (first->request_name == write->request_name)
			table = first->target.table;
	}
	if (table == NULL)
		table = ddb_item_open_table(write->table_name, RowExclusiveLock);
	write->target = write->item != NULL ?
		ddb_item_key_within(table, write->item, DDB_ITEM_KEY_ERRORS_PLAIN) :
		ddb_item_key(table, write->key);
}

static int
compare_lock_order(const void *left, const void *right)
{
	return item_compare_lock_order(((const DdbItemBatchWrite *) left)->lock_order,
								   ((const DdbItemBatchWrite *) right)->lock_order);
}

static bool
write_on(DdbItemBatch *batch, DdbBudget *budget)
{
	const DdbItemBatchWrite *first = &batch->writes[batch->next];
	int64		most = Min(budget->bytes, MAX_BLIND_BYTES);
	int64		bytes = 0;

	while (batch->next < batch->count)
	{
		DdbItemBatchWrite *writes = &batch->writes[batch->next];
		int			count;

		/* Every step writes something, however little time there is. */
		if (bytes > 0 && ddb_budget_spent(budget, bytes))
			return false;
		count = count_blind(batch, most, first);
		if (count > 0)
			write_blindly(writes, count);
		else
			write_one(batch, &writes[count++]);
		bytes += finish_writes(batch, writes, count);
		batch->next += count;
	}
	return true;
}

/* Returns the size of the items written. */
static int64
finish_writes(const DdbItemBatch *batch, DdbItemBatchWrite *writes, int count)
{
	int64		bytes = 0;
	int			i;

	/* A statement leaves SPI's context current, which ends with the step. */
	MemoryContextSwitchTo(batch->context);
	for (i = 0; i < count; i++)
	{
		if (batch->wants_metrics)
			writes[i].metrics = ddb_item_collection_metrics(&writes[i].target,
															batch->stored_form);
		bytes += writes[i].size;
	}
	return bytes;
}

/*
 * Returns how many of the next writes can be done together.  Sets the targets of
 * these writes, at least of the first.
 */
static int
count_blind(DdbItemBatch *batch, int64 most, const DdbItemBatchWrite *first)
{
	int64		bytes = 0;
	int			i;

	for (i = batch->next; i < batch->count; i++)
	{
		DdbItemBatchWrite *write = &batch->writes[i];

		find_target(write, first);
		if (!is_blind(write) || (bytes > 0 && bytes + write->size > most))
			break;
		bytes += write->size;
	}
	return i - batch->next;
}

/* Returns whether the write need not read the old item. */
static bool
is_blind(const DdbItemBatchWrite *write)
{
	return write->capacity == NULL &&
		(write->item == NULL || !item_collections_are_limited(write->target.table));
}

static void
write_blindly(DdbItemBatchWrite *writes, int count)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		ddb_store_lock_key(&writes[i].target);
		writes[i].done = false;
	}
	for (i = 0; i < count; i++)
	{
		if (writes[i].item == NULL)
			ddb_store_remove(&writes[i].target);
		else if (!writes[i].done)
			put_many(&writes[i], count - i);
	}
}

/* Puts the first item, together with all others of the same table. */
static void
put_many(DdbItemBatchWrite *writes, int count)
{
	const DdbKey *keys[DDB_ITEM_MAX_BATCH];
	Jsonb	   *items[DDB_ITEM_MAX_BATCH];
	int			puts = 0;
	int			i;

	for (i = 0; i < count; i++)
	{
		DdbItemBatchWrite *write = &writes[i];

		if (write->item == NULL || write->request_name != writes->request_name)
			continue;
		keys[puts] = &write->target;
		items[puts++] = ddb_item_to_jsonb(write->item);
		write->done = true;
	}
	ddb_store_put_many(puts, keys, items);
}

static void
write_one(const DdbItemBatch *batch, DdbItemBatchWrite *write)
{
	DdbItemAction action = {
		.kind = write->item != NULL ? DDB_ITEM_PUT : DDB_ITEM_DELETE,
		.item = write->item,
		.size = write->size,
	};
	DdbItemWrite one = {
		.action = &action,
		.key = write->target,
		.put = write->item != NULL ? ddb_item_to_jsonb(write->item) : NULL,
	};

	item_lock_and_write(&one);
	/* The names of indexes are needed until the response is written. */
	MemoryContextSwitchTo(batch->context);
	if (write->capacity != NULL)
		*write->capacity = ddb_capacity_of_write(write->target.table, one.old,
												 one.new);
}
