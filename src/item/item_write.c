/*
 * item_write.c
 *	  Writing one item.
 *
 * The key is locked before anything is read, whether or not there is such an item.
 * So no other write through dynamo happens between the test of the condition and
 * the write.  Plain SQL does not lock keys.  The insert notices a row that SQL has
 * inserted meanwhile, and everything is repeated with that row as the old item.
 */
#include "postgres.h"

#include "core/inject.h"
#include "item/item_int.h"
#include "miscadmin.h"

#define TOO_LARGE_UPDATED \
	"Item size to update has exceeded the maximum allowed size"

static void check_action(const DdbItemWrite *write);
static bool looks_at_old_item(const DdbItemWrite *write);
static void check_condition(const DdbItemWrite *write);
static bool same_jsonb(const Jsonb *left, const Jsonb *right);
static Jsonb *compute_update(DdbItemWrite *write);

void
ddb_item_check_size(int64 size)
{
	if (size > DDB_ITEM_MAX_SIZE)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Item size has exceeded the maximum allowed size");
}

void
ddb_item_execute(const DdbItemAction *action, DdbItemWrite *write)
{
	DdbTable   *table = ddb_item_open_table(action->table_name, RowExclusiveLock);

	item_begin_write(write, action, table);
	check_action(write);
	if (looks_at_old_item(write))
	{
		item_lock_and_write(write);
		return;
	}
	ddb_store_lock_key(&write->key);
	if (write->put != NULL)
		ddb_store_put(&write->key, write->put);
	else
		ddb_store_remove(&write->key);
}

void
item_begin_write(DdbItemWrite *write, const DdbItemAction *action,
				 DdbTable *table)
{
	memset(write, 0, sizeof(DdbItemWrite));
	write->action = action;
	if (action->kind != DDB_ITEM_PUT)
	{
		write->key = ddb_item_key(table, action->item);
		return;
	}
	write->key = ddb_item_key_within(table, action->item,
									 DDB_ITEM_KEY_ERRORS_NAMED);
	write->put = ddb_item_to_jsonb(action->item);
}

static void
check_action(const DdbItemWrite *write)
{
	const DdbItemAction *action = write->action;
	const DdbTable *table = write->key.table;

	if (action->kind == DDB_ITEM_PUT)
		item_check_index_keys_of_put(table, action->item);
	if (action->kind == DDB_ITEM_UPDATE)
	{
		item_check_update_targets(table, action->update);
		item_check_index_keys_of_update(table, action->update);
		item_check_update_paths(table, action->update);
	}
	ddb_item_check_condition(table, action->condition);
}

static bool
looks_at_old_item(const DdbItemWrite *write)
{
	const DdbItemAction *action = write->action;

	return action->kind == DDB_ITEM_UPDATE || action->condition != NULL ||
		action->wants_images ||
		(action->kind == DDB_ITEM_PUT &&
		 item_collections_are_limited(write->key.table));
}

void
item_lock_and_write(DdbItemWrite *write)
{
	const DdbUpdate *update = write->action->update;

	ddb_store_lock_key(&write->key);
	do
	{
		CHECK_FOR_INTERRUPTS();
		write->old = ddb_store_get_for_update(&write->key);
		check_condition(write);
		write->new = item_compute(write);
		/* The limit holds for the item and, except in transactions, for the update. */
		if (write->new != NULL && update != NULL &&
			ddb_update_size(update) > DDB_ITEM_MAX_SIZE)
			ddb_error(DDB_ERROR_VALIDATION, TOO_LARGE_UPDATED);
	} while (!item_store(write));
}

bool
item_store(DdbItemWrite *write)
{
	if (write->old != NULL)
		write->insert_lost = false;
	if (write->new == NULL && write->old == NULL)
		return true;
	item_check_collection(&write->key, write->old, write->new);
	if (write->new == NULL)
		ddb_store_delete(&write->key);
	else if (write->old != NULL)
	{
		if (!same_jsonb(write->old, write->new))
			ddb_store_update(&write->key, write->new);
	}
	else if (!ddb_store_insert(&write->key, write->new))
	{
		/*
		 * If the row cannot be seen the second time either, a policy hides it from
		 * the current user, or a trigger has prevented the insert.  Replacing it
		 * raises the error of the policy, or does what the trigger decides.
		 */
		if (!write->insert_lost)
		{
			write->insert_lost = true;
			return false;
		}
		ddb_store_put(&write->key, write->new);
	}
	return true;
}

static void
check_condition(const DdbItemWrite *write)
{
	DdbJsonWriter writer;

	if (item_condition_holds(write))
		return;
	if (!write->action->show_item || write->old == NULL)
		ddb_error(DDB_ERROR_CONDITIONAL_CHECK_FAILED, ITEM_CONDITION_FAILED);

	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	ddb_json_name(&writer, "Item");
	(void) ddb_item_show(&writer, &write->key, write->old, NULL);
	ddb_json_end_object(&writer);
	ddb_error_extras(DDB_ERROR_CONDITIONAL_CHECK_FAILED, writer.buf.data,
					 ITEM_CONDITION_FAILED);
}

bool
item_condition_holds(const DdbItemWrite *write)
{
	DdbDocument document = {.jsonb = write->old};
	bool		holds = ddb_condition_evaluate(write->action->condition, &document);

	if (document.malformed)
		ddb_store_malformed(write->key.table, write->key.datums);
	return holds || ddb_fault("condition_ignored");
}

static bool
same_jsonb(const Jsonb *left, const Jsonb *right)
{
	return VARSIZE(left) == VARSIZE(right) &&
		memcmp(left, right, VARSIZE(left)) == 0;
}

Jsonb *
item_compute(DdbItemWrite *write)
{
	switch (write->action->kind)
	{
		case DDB_ITEM_PUT:
			write->new_bytes = write->action->size;
			return write->put;
		case DDB_ITEM_UPDATE:
			return compute_update(write);
		case DDB_ITEM_DELETE:
		case DDB_ITEM_CHECK:
			break;
	}
	return NULL;
}

/* Returns NULL if there was no item and the update creates none. */
static Jsonb *
compute_update(DdbItemWrite *write)
{
	const DdbUpdate *update = write->action->update;
	const DdbKey *key = &write->key;
	DdbValue   *item;

	if (write->old == NULL && !ddb_update_makes_item(update))
		return NULL;
	item = write->old != NULL ? ddb_item_from_jsonb(write->old) :
		ddb_key_as_item(key);
	if (item == NULL)
		ddb_store_malformed(key->table, key->datums);
	item = ddb_update_apply(update, write->action->operation, item);
	item_check_index_keys_updated(key->table, update, item, write->old == NULL);
	write->new_bytes = ddb_item_size(item);
	if (write->new_bytes > DDB_ITEM_MAX_SIZE)
		ddb_error(DDB_ERROR_VALIDATION, TOO_LARGE_UPDATED);
	return ddb_item_to_jsonb(item);
}
