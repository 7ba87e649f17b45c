/*
 * op_batch_write_item.c
 *	  BatchWriteItem.
 *
 * The first step checks everything against the tables, as nothing is written
 * when anything is wrong.  Then the writes are done in the order of their key
 * locks, so that two batches never wait for each other, as many a step as the
 * budget allows.  Those that need not look at what they replace are done many at
 * a time: their keys are locked, and then the puts are one statement for each
 * table.  What is still locked by somebody else when the request has waited long
 * enough comes back in UnprocessedItems.
 */
#include "postgres.h"

#include "api/api_int.h"

#define MAX_WRITES 25

/* Bytes of the items that are written together, unless it is one alone. */
#define MAX_BLIND_BYTES INT64CONST(65536)

/* One put or delete. */
typedef struct Write
{
	const char *request_name;	/* of the table, as the request has it */
	const char *table_name;
	const DdbJson *json;		/* WriteRequest */
	DdbValue   *item;			/* of a put; or */
	DdbValue   *key;			/* of a delete */
	uint64		lock_order;
	int64		size;			/* of the item; 1 for a delete */
	DdbKey		target;			/* found anew in every step */
	bool		done;			/* write_blindly()'s */
	bool		unprocessed;
	DdbCapacity *capacity;		/* NULL unless it is to be reported */
	const char *collection;		/* its metrics as JSON, if they are */
} Write;

typedef struct BatchWriteState
{
	int			count;
	Write		writes[MAX_WRITES];
	bool		checked;
	int			next;			/* where writing goes on */
	DdbCapacityReport report;
} BatchWriteState;

static void prepare(DdbCall *call);
static void prepare_table(DdbCall *call, const DdbJson *table);
static void prepare_write(DdbCall *call, const DdbJson *json, Write *write);
static bool step(DdbCall *call);
static void check(BatchWriteState *state);
static void check_duplicates(const BatchWriteState *state);
static bool same_key(const Write *left, const Write *right);
static void find_target(Write *write, const Write *first);
static int	compare_lock_order(const void *left, const void *right);
static int	count_blind(const DdbCall *call, const Write *first);
static bool is_blind(const Write *write);
static void write_blindly(Write *writes, int count);
static void put_many(Write *writes, int count);
static void write_one(const DdbCall *call, Write *write);
static Jsonb *compute(ApiItemWrite *write, const Jsonb *old);
static void write_response(DdbCall *call);
static void write_unprocessed(DdbCall *call);
static void write_capacity(DdbCall *call);
static void write_metrics(DdbCall *call);
static List *resources(const DdbCall *call);

const DdbHandler ddb_op_batch_write_item = {
	.state_size = sizeof(BatchWriteState), .prepare = prepare, .step = step,
	.resources = resources, .can_skip_locked = true
};

static List *
resources(const DdbCall *call)
{
	const BatchWriteState *state = call->state;
	List	   *list = NIL;
	int			i;

	for (i = 0; i < state->count; i++)
		list = lappend(list, api_resource_of_table(state->writes[i].table_name));
	return list;
}

static void
prepare(DdbCall *call)
{
	BatchWriteState *state = call->state;
	const DdbJson *table;
	int			total = 0;
	int			i;

	for (table = ddb_json_get(call->request, "RequestItems")->first; table != NULL;
		 table = table->next)
	{
		prepare_table(call, table);
		total += table->count;
	}
	if (total > MAX_WRITES)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Too many items requested for the BatchWriteItem call");
	state->report = ddb_capacity_report(call->request);
	for (i = 0; i < state->count && state->report != DDB_CAPACITY_NONE; i++)
		state->writes[i].capacity = palloc0(sizeof(DdbCapacity));
}

static void
prepare_table(DdbCall *call, const DdbJson *table)
{
	BatchWriteState *state = call->state;
	const DdbJson *json;

	for (json = table->first; json != NULL; json = json->next)
	{
		Write		extra = {0};
		Write	   *write = &extra;

		/* Those beyond the limit are checked, too, before it is. */
		if (state->count < MAX_WRITES)
			write = &state->writes[state->count++];
		write->request_name = table->name.data;
		write->table_name = api_table_name(table->name.data);
		prepare_write(call, json, write);
	}
}

static void
prepare_write(DdbCall *call, const DdbJson *json, Write *write)
{
	const DdbJson *put = ddb_json_get(json, "PutRequest");
	const DdbJson *delete = ddb_json_get(json, "DeleteRequest");

	write->json = json;
	write->size = 1;
	if (put != NULL && delete != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Supplied AttributeValue has more than one datatypes set, "
				  "must contain exactly one of the supported datatypes");
	if (put == NULL && delete == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Supplied AttributeValue is empty, "
				  "must contain exactly one of the supported datatypes");
	if (delete != NULL)
	{
		write->key = ddb_validate_item(call->operation,
									   ddb_json_get(delete, "Key"));
		return;
	}
	write->item = ddb_validate_item(call->operation, ddb_json_get(put, "Item"));
	write->size = ddb_item_size(write->item);
	if (write->size > DDB_ITEM_MAX_SIZE)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Item size has exceeded the maximum allowed size");
}

static bool
step(DdbCall *call)
{
	BatchWriteState *state = call->state;
	const Write *first;
	int64		bytes = 0;

	if (!state->checked)
	{
		check(state);
		state->checked = true;
	}
	if (call->skip_locked)
	{
		/* A step of its own: if the next one is locked, too, this one stands. */
		call->skip_locked = false;
		state->writes[state->next++].unprocessed = true;
		if (state->next < state->count)
			return false;
	}
	first = &state->writes[state->next];
	while (state->next < state->count)
	{
		Write	   *writes = &state->writes[state->next];
		int			count;
		int			i;

		/* However little time there is, every step does something. */
		if (bytes > 0 && ddb_budget_spent(&call->budget, bytes))
			return false;
		count = count_blind(call, first);
		if (count > 0)
			write_blindly(writes, count);
		else
			write_one(call, &writes[count++]);
		/* After a statement SPI's context is current, which ends with the step. */
		MemoryContextSwitchTo(call->context);
		for (i = 0; i < count; i++)
		{
			writes[i].collection = api_collection_metrics(call, &writes[i].target);
			bytes += writes[i].size;
		}
		state->next += count;
	}
	write_response(call);
	return true;
}

static void
check(BatchWriteState *state)
{
	int			i;

	for (i = 0; i < state->count; i++)
	{
		Write	   *write = &state->writes[i];

		find_target(write, state->writes);
		write->lock_order = ddb_key_hash(&write->target);
	}
	check_duplicates(state);
	for (i = 0; i < state->count; i++)
	{
		const Write *write = &state->writes[i];

		if (write->item != NULL)
			api_check_index_keys_of_put(write->target.table, write->item);
	}
	pg_qsort(state->writes, state->count, sizeof(Write), compare_lock_order);
	ddb_store_expect_keys(state->count);
}

static void
check_duplicates(const BatchWriteState *state)
{
	int			i;
	int			j;

	for (i = 0; i < state->count; i++)
	{
		for (j = 0; j < i; j++)
		{
			if (same_key(&state->writes[i], &state->writes[j]))
				ddb_error(DDB_ERROR_VALIDATION,
						  "Provided list of item keys contains duplicates");
		}
	}
}

static bool
same_key(const Write *left, const Write *right)
{
	return left->lock_order == right->lock_order &&
		left->target.table->relid == right->target.table->relid &&
		ddb_value_equal(ddb_key_as_item(&left->target),
						ddb_key_as_item(&right->target));
}

/*
 * Set the key, in a table that this step may have opened already, for a write
 * from "first" on.
 */
static void
find_target(Write *write, const Write *first)
{
	DdbTable   *table = NULL;

	for (; first < write && table == NULL; first++)
	{
		if (first->request_name == write->request_name)
			table = first->target.table;
	}
	if (table == NULL)
		table = api_open_table(write->table_name, RowExclusiveLock);
	write->target = write->item != NULL ?
		api_key_of_item(table, write->item, API_KEY_ERRORS_PLAIN) :
		api_key_of_request(table, write->key);
}

static int
compare_lock_order(const void *left, const void *right)
{
	uint64		left_order = ((const Write *) left)->lock_order;
	uint64		right_order = ((const Write *) right)->lock_order;

	return left_order < right_order ? -1 : left_order > right_order;
}

/*
 * How many of the writes that are next can be done together; of at least the
 * first, the target is found.
 */
static int
count_blind(const DdbCall *call, const Write *first)
{
	BatchWriteState *state = call->state;
	int64		most = Min(call->budget.bytes, MAX_BLIND_BYTES);
	int64		bytes = 0;
	int			i;

	for (i = state->next; i < state->count; i++)
	{
		Write	   *write = &state->writes[i];

		find_target(write, first);
		if (!is_blind(write) || (bytes > 0 && bytes + write->size > most))
			break;
		bytes += write->size;
	}
	return i - state->next;
}

/* Can it be done without a look at the item that was there? */
static bool
is_blind(const Write *write)
{
	return write->capacity == NULL &&
		(write->item == NULL || !api_collections_are_limited(write->target.table));
}

static void
write_blindly(Write *writes, int count)
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

/* Put the first item, and with it all others of the same table. */
static void
put_many(Write *writes, int count)
{
	const DdbKey *keys[MAX_WRITES];
	Jsonb	   *items[MAX_WRITES];
	int			puts = 0;
	int			i;

	for (i = 0; i < count; i++)
	{
		Write	   *write = &writes[i];

		if (write->item == NULL || write->request_name != writes->request_name)
			continue;
		keys[puts] = &write->target;
		items[puts++] = ddb_item_to_jsonb(write->item);
		write->done = true;
	}
	ddb_store_put_many(puts, keys, items);
}

static void
write_one(const DdbCall *call, Write *write)
{
	ApiItemWrite item_write = {
		.key = write->target,
		.compute = compute,
		.arg = write->item != NULL ? ddb_item_to_jsonb(write->item) : NULL,
	};

	api_write_item(&item_write);
	/* The names of indexes are kept until the response is written. */
	MemoryContextSwitchTo(call->context);
	if (write->capacity != NULL)
		*write->capacity = ddb_capacity_of_write(write->target.table,
												 item_write.old, item_write.new);
}

static Jsonb *
compute(ApiItemWrite *write, const Jsonb *old)
{
	return write->arg;
}

static void
write_response(DdbCall *call)
{
	ddb_json_begin_object(&call->writer);
	write_unprocessed(call);
	write_capacity(call);
	write_metrics(call);
	ddb_json_end_object(&call->writer);
}

static void
write_unprocessed(DdbCall *call)
{
	BatchWriteState *state = call->state;
	const DdbJson *table;
	int			i;

	ddb_json_name(&call->writer, "UnprocessedItems");
	ddb_json_begin_object(&call->writer);
	for (table = ddb_json_get(call->request, "RequestItems")->first; table != NULL;
		 table = table->next)
	{
		bool		opened = false;

		for (i = 0; i < state->count; i++)
		{
			const Write *write = &state->writes[i];

			if (!write->unprocessed || write->request_name != table->name.data)
				continue;
			if (!opened)
			{
				ddb_json_name_text(&call->writer, table->name);
				ddb_json_begin_array(&call->writer);
				opened = true;
			}
			ddb_json_tree(&call->writer, write->json);
		}
		if (opened)
			ddb_json_end_array(&call->writer);
	}
	ddb_json_end_object(&call->writer);
}

/* One entry a table, in the order of the request. */
static void
write_capacity(DdbCall *call)
{
	BatchWriteState *state = call->state;
	const DdbJson *table;
	int			i;

	if (state->report == DDB_CAPACITY_NONE)
		return;
	ddb_json_name(&call->writer, "ConsumedCapacity");
	ddb_json_begin_array(&call->writer);
	for (table = ddb_json_get(call->request, "RequestItems")->first; table != NULL;
		 table = table->next)
	{
		DdbCapacity capacity = {0};

		for (i = 0; i < state->count; i++)
		{
			if (state->writes[i].request_name == table->name.data)
				ddb_capacity_add(&capacity, state->writes[i].capacity);
		}
		ddb_capacity_write_object(&call->writer, state->report,
								  table->name.data, &capacity);
	}
	ddb_json_end_array(&call->writer);
}

static void
write_metrics(DdbCall *call)
{
	const BatchWriteState *state = call->state;
	List	   *collections = NIL;
	int			i;

	for (i = 0; i < state->count; i++)
		api_add_collection(&collections, state->writes[i].request_name,
						   state->writes[i].collection);
	api_write_collections(&call->writer, collections);
}
