/*
 * item_transaction.c
 *	  Writing several items, all or none.
 *
 * This is one step, so one transaction:
 *
 *	1. Check the request as a whole.
 *	2. Check each action without its item.  Only the first error is a reason.
 *	3. Lock all keys, present or absent, in the order in which all writes lock.
 *	4. Read all items and check all actions.  Every error is a reason.
 *	5. If there is no reason, write everything in the order of the request.
 *
 * The position of a transaction in the serial order of all writes is the moment
 * when it has its last lock.  With a token, the same transaction records that the
 * request is done.
 */
#include "postgres.h"

#include "core/inject.h"
#include "core/lock.h"
#include "item/item_digest.h"
#include "item/item_int.h"
#include "meta/token.h"
#include "miscadmin.h"
#include "model/validation.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* The message of the service contains this text twice. */
#define PAYLOAD_TOO_LARGE \
	"Transaction payload size cannot exceed 4MB. Payload Size: "

struct DdbItemTransactionPart
{
	DdbTable   *table;
	bool		has_key;		/* the write's key is valid */
	uint64		lock_order;
	int64		bytes;			/* of old or new, whichever is larger */
};

static void end_token(DdbItemTransaction *transaction);
static void attempt(DdbItemTransaction *transaction);
static bool was_done_before(DdbItemTransaction *transaction);
static void open_tables(DdbItemTransaction *transaction);
static void check_action(const DdbItemAction *action, const DdbTable *table);
static void check_actions(DdbItemTransaction *transaction);
static void check_payload(const DdbItemTransaction *transaction);
static void validate(void *arg, int i);
static void lock_keys(DdbItemTransaction *transaction);
static int	compare_lock_order(const void *left, const void *right, void *arg);
static void read_items(DdbItemTransaction *transaction);
static void judge(void *arg, int i);
static void write_items(DdbItemTransaction *transaction);
static void write_item(DdbItemTransaction *transaction, int i);
static List *add_up(const DdbItemTransaction *transaction);
static Jsonb *outcome(const DdbItemTransaction *transaction);

DdbItemTransaction *
ddb_item_make_transaction(int count)
{
	DdbItemTransaction *transaction = palloc0(sizeof(DdbItemTransaction));

	transaction->count = count;
	transaction->actions = palloc0(count * sizeof(DdbItemAction));
	transaction->writes = palloc0(count * sizeof(DdbItemWrite));
	transaction->parts = palloc0(count * sizeof(DdbItemTransactionPart));
	transaction->reasons = palloc0(count * sizeof(DdbItemReason));
	transaction->attempt = AllocSetContextCreate(CurrentMemoryContext,
												 "dynamo transaction",
												 ALLOCSET_DEFAULT_SIZES);
	return transaction;
}

void
ddb_item_write_transaction(DdbItemTransaction *transaction)
{
	PG_TRY();
	{
		attempt(transaction);
	}
	PG_CATCH();
	{
		/* A request that will be tried again is still in progress. */
		if (!ddb_lock_may_retry(geterrcode()))
			end_token(transaction);
		PG_RE_THROW();
	}
	PG_END_TRY();
	end_token(transaction);
}

static void
end_token(DdbItemTransaction *transaction)
{
	if (transaction->token != NULL)
		ddb_token_give_back(transaction->token);
}

static void
attempt(DdbItemTransaction *transaction)
{
	int			i;

	MemoryContextReset(transaction->attempt);
	MemoryContextSwitchTo(transaction->attempt);
	memset(transaction->reasons, 0, transaction->count * sizeof(DdbItemReason));
	transaction->current = -1;
	transaction->capacities = NIL;
	transaction->done_before = transaction->token != NULL &&
		was_done_before(transaction);
	if (transaction->done_before)
		return;
	open_tables(transaction);
	for (i = 0; i < transaction->count; i++)
		check_action(&transaction->actions[i], transaction->parts[i].table);
	check_actions(transaction);
	lock_keys(transaction);
	read_items(transaction);
	item_collect_reasons(judge, transaction, transaction->count,
						 transaction->reasons);
	item_check_reasons(transaction->reasons, transaction->count);
	write_items(transaction);
	transaction->current = -1;
	if (transaction->token != NULL)
		ddb_token_remember(transaction->token, outcome(transaction));
	transaction->capacities = add_up(transaction);
}

/* Returns whether the token is done.  Then reads the answer from it. */
static bool
was_done_before(DdbItemTransaction *transaction)
{
	Jsonb	   *remembered;
	const DdbJson *entry;

	if (transaction->digest_source != NULL)
	{
		ddb_item_digest_end(transaction->digest_source,
							transaction->token->request);
		transaction->digest_source = NULL;
	}
	if (!ddb_token_take(transaction->token, &remembered))
		return false;

	for (entry = ddb_json_get(ddb_json_from_jsonb(remembered),
							  "ReadCapacity")->first;
		 entry != NULL; entry = entry->next)
	{
		DdbCapacity capacity = {
			.kind = DDB_CAPACITY_READ,
			.table = ddb_request_int(entry, "Units", 0),
		};

		ddb_item_add_capacity(&transaction->capacities,
							  ddb_request_string(entry, "TableName", ""),
							  &capacity);
	}
	return true;
}

/* A ConditionCheck takes the lock of a writer, too, as other actions do. */
static void
open_tables(DdbItemTransaction *transaction)
{
	int			i;

	for (i = 0; i < transaction->count; i++)
	{
		transaction->current = i;
		transaction->parts[i].table =
			ddb_item_open_table(transaction->actions[i].table_name,
								RowExclusiveLock);
	}
}

/* Checks what does not depend on items. */
static void
check_action(const DdbItemAction *action, const DdbTable *table)
{
	int			i;

	for (i = 0; i < table->key_count; i++)
	{
		const DdbValue *value = ddb_value_get(action->item, table->keys[i].name);

		if (value != NULL && value->type == table->keys[i].type &&
			value->type != DDB_TYPE_N && value->text.len == 0)
			ddb_error(DDB_ERROR_VALIDATION, "%s",
					  ddb_key_value_problem(&table->keys[i], DDB_KEY_HASH, value));
	}
	item_check_index_keys_not_empty(table,
									action->kind == DDB_ITEM_PUT ? action->item : NULL,
									action->update);
	item_check_update_targets(table, action->update);
	item_check_update_paths(table, action->update);
	ddb_item_check_condition(table, action->condition);
}

/*
 * No condition is evaluated before all actions have been checked, and only the first
 * invalid action has a reason.  The service does so in 2026.  Older records have a
 * reason for each action.
 */
static void
check_actions(DdbItemTransaction *transaction)
{
	const DdbKey **keys = palloc(transaction->count * sizeof(DdbKey *));
	int			i;

	for (i = 0; i < transaction->count; i++)
		transaction->parts[i].has_key = false;
	item_collect_reasons(validate, transaction, transaction->count,
						 transaction->reasons);
	for (i = 0; i < transaction->count; i++)
		keys[i] = transaction->parts[i].has_key ?
			&transaction->writes[i].key : NULL;
	item_check_distinct(keys, transaction->count);
	check_payload(transaction);
	item_check_first_reason(transaction->reasons, transaction->count);
}

/* Checks the size of what is sent.  Existing items do not count. */
static void
check_payload(const DdbItemTransaction *transaction)
{
	int64		bytes = 0;
	int			i;

	for (i = 0; i < transaction->count; i++)
		bytes += transaction->actions[i].size + transaction->actions[i].values_size;
	if (bytes > ITEM_TRANSACTION_MAX_BYTES)
		ddb_error(DDB_ERROR_VALIDATION,
				  PAYLOAD_TOO_LARGE ": " PAYLOAD_TOO_LARGE INT64_FORMAT, bytes);
}

/* Makes the key.  An error in it, or in a key of an index, is a reason. */
static void
validate(void *arg, int i)
{
	DdbItemTransaction *transaction = arg;
	const DdbItemAction *action = &transaction->actions[i];
	DdbItemTransactionPart *part = &transaction->parts[i];

	item_begin_write(&transaction->writes[i], action, part->table);
	part->lock_order = ddb_key_hash(&transaction->writes[i].key);
	part->has_key = true;
	if (action->kind == DDB_ITEM_PUT)
		item_check_index_keys_of_put(part->table, action->item);
	item_check_index_keys_of_update(part->table, action->update);
}

static void
lock_keys(DdbItemTransaction *transaction)
{
	int		   *sorted = palloc(transaction->count * sizeof(int));
	int			i;

	for (i = 0; i < transaction->count; i++)
		sorted[i] = i;
	if (!ddb_fault("locks_unordered"))
		qsort_arg(sorted, transaction->count, sizeof(int), compare_lock_order,
				  transaction->parts);
	ddb_store_expect_keys(transaction->count);
	for (i = 0; i < transaction->count; i++)
	{
		transaction->current = sorted[i];
		ddb_store_lock_key(&transaction->writes[sorted[i]].key);
	}
}

static int
compare_lock_order(const void *left, const void *right, void *arg)
{
	const DdbItemTransactionPart *parts = arg;

	return item_compare_lock_order(parts[*(const int *) left].lock_order,
								   parts[*(const int *) right].lock_order);
}

static void
read_items(DdbItemTransaction *transaction)
{
	int			i;

	for (i = 0; i < transaction->count; i++)
	{
		DdbItemWrite *write = &transaction->writes[i];

		transaction->current = i;
		write->old = ddb_store_get_for_update(&write->key);
	}
}

/* Checks the action against the old item, and computes the new item. */
static void
judge(void *arg, int i)
{
	DdbItemTransaction *transaction = arg;
	DdbItemWrite *write = &transaction->writes[i];
	DdbItemTransactionPart *part = &transaction->parts[i];
	int64		old_bytes = 0;

	if (write->old != NULL)
		old_bytes = ddb_jsonb_item_size(write->old);
	if (old_bytes < 0)
		ddb_store_malformed(part->table, write->key.datums);
	part->bytes = old_bytes;
	if (!item_condition_holds(write))
	{
		transaction->reasons[i] = (DdbItemReason) {
			.code = "ConditionalCheckFailed",
			.message = ITEM_CONDITION_FAILED,
			.item = write->action->show_item ? write->old : NULL,
		};
		return;
	}
	if (write->action->kind == DDB_ITEM_CHECK)
		return;
	write->new_bytes = 0;
	write->new = item_compute(write);
	part->bytes = Max(old_bytes, write->new_bytes);
}

/*
 * An error of a constraint or trigger of the table is a reason, too.  It is the
 * only one, because the transaction cannot continue after it.
 */
static void
write_items(DdbItemTransaction *transaction)
{
	MemoryContext context = CurrentMemoryContext;
	volatile int i = 0;

	PG_TRY();
	{
		for (; i < transaction->count; i++)
			write_item(transaction, i);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		if (item_reason_of_error(error, &transaction->reasons[i]))
		{
			FlushErrorState();
			item_check_reasons(transaction->reasons, transaction->count);
		}
		PG_RE_THROW();
	}
	PG_END_TRY();
}

static void
write_item(DdbItemTransaction *transaction, int i)
{
	DdbItemWrite *write = &transaction->writes[i];

	if (write->action->kind == DDB_ITEM_CHECK)
		return;
	transaction->current = i;
	while (!item_store(write))
	{
		/* Plain SQL has inserted the row meanwhile.  Only this item is read again. */
		CHECK_FOR_INTERRUPTS();
		write->old = ddb_store_get_for_update(&write->key);
		judge(transaction, i);
		item_check_reasons(transaction->reasons, transaction->count);
	}
}

/* Adds up the consumed capacity by table. */
static List *
add_up(const DdbItemTransaction *transaction)
{
	List	   *tables = NIL;
	int			i;

	for (i = 0; i < transaction->count && transaction->wants_capacity; i++)
	{
		const DdbItemWrite *write = &transaction->writes[i];
		DdbCapacity capacity = {0};

		if (write->action->kind == DDB_ITEM_CHECK)
			capacity.table = ddb_capacity_write_units(transaction->parts[i].bytes);
		else
			capacity = ddb_capacity_of_write(write->key.table, write->old,
											 write->new);
		capacity.kind = DDB_CAPACITY_WRITE;
		capacity.table *= 2;
		ddb_item_add_capacity(&tables, write->action->table_name, &capacity);
	}
	return tables;
}

/*
 * Returns what is stored with the token for a repeated request: the units for
 * reading the items, by table.
 */
static Jsonb *
outcome(const DdbItemTransaction *transaction)
{
	List	   *tables = NIL;
	ListCell   *cell;
	DdbJsonWriter writer;
	int			i;

	for (i = 0; i < transaction->count; i++)
	{
		DdbCapacity capacity = {
			.table = 2 * ddb_capacity_read_units(transaction->parts[i].bytes, true)
		};

		ddb_item_add_capacity(&tables, transaction->actions[i].table_name, &capacity);
	}
	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	ddb_json_name(&writer, "ReadCapacity");
	ddb_json_begin_array(&writer);
	foreach(cell, tables)
	{
		const DdbItemTableCapacity *entry = lfirst(cell);

		ddb_json_begin_object(&writer);
		ddb_json_string_member(&writer, "TableName", entry->table_name);
		ddb_json_int_member(&writer, "Units", (int64) entry->capacity.table);
		ddb_json_end_object(&writer);
	}
	ddb_json_end_array(&writer);
	ddb_json_end_object(&writer);
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
											  CStringGetDatum(writer.buf.data)));
}

DdbFailure
ddb_item_give_up_transaction(DdbItemTransaction *transaction)
{
	end_token(transaction);
	return item_transaction_conflict(transaction->count, transaction->current);
}
