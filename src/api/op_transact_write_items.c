/*
 * op_transact_write_items.c
 *	  TransactWriteItems.
 *
 * All in one step, and so in one transaction.  First the errors of the request
 * as a whole; then what is wrong with an action whatever the items are, of
 * which the client is told the first; then every key is locked, present or
 * absent, in the one order of all writes of ours; then every item is read, and
 * every action judged, as the client is told about all of them; and only when
 * nothing is wrong with any, all is written, in the order of the request.  So a
 * transaction takes part in the serial order of all writes at the moment when
 * it has its last lock.
 *
 * With a ClientRequestToken the same transaction notes that it was done.
 */
#include "postgres.h"

#include "api/api_request_digest.h"
#include "api/api_transact.h"
#include "core/inject.h"
#include "core/session.h"
#include "meta/token.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* The service says it twice. */
#define PAYLOAD_TOO_LARGE \
	"Transaction payload size cannot exceed 4MB. Payload Size: "

typedef enum ActionKind
{
	ACTION_CHECK,
	ACTION_PUT,
	ACTION_DELETE,
	ACTION_UPDATE
} ActionKind;

static const char *const action_names[] = {
	[ACTION_CHECK] = "ConditionCheck",
	[ACTION_PUT] = "Put",
	[ACTION_DELETE] = "Delete",
	[ACTION_UPDATE] = "Update",
};

typedef struct Action
{
	ActionKind	kind;
	const DdbOperation *operation;
	const DdbJson *json;
	const char *table_name;
	DdbValue   *item;			/* of a Put; of others its key */
	Jsonb	   *put;			/* the same as it is stored */
	int64		size;			/* of item */
	DdbExpressions expressions;
	bool		show_item;

	/* of the attempt under way */
	DdbTable   *table;
	bool		has_key;		/* write.key is valid */
	uint64		lock_order;
	ApiItemWrite write;
	int64		new_bytes;		/* of the item as it becomes */
	int64		bytes;			/* of the larger of both images */
} Action;

/* The request; outlasts attempts that met a lock. */
typedef struct Transaction
{
	int			count;
	Action	   *actions;
	DdbRequestToken *token;		/* or NULL */
	StringInfo	digest_source;	/* until token has the digest */
	DdbCapacityReport report;
	MemoryContext attempt;		/* what the attempt under way needs */
	ApiReason  *reasons;
	int			current;		/* the action that may meet a lock; -1: none */
} Transaction;

typedef struct TransactState
{
	Transaction *transaction;
} TransactState;

static void prepare(DdbCall *call);
static void prepare_action(DdbCall *call, const DdbJson *json, Action *action);
static void parse_action(Action *action);
static void prepare_token(DdbCall *call, Transaction *transaction);
static bool step(DdbCall *call);
static void end_token(Transaction *transaction);
static void attempt(DdbCall *call, Transaction *transaction);
static bool done_before(DdbCall *call, Transaction *transaction);
static void open_tables(Transaction *transaction);
static void check_action(const Action *action);
static void validate(void *arg, int i);
static void check_actions(Transaction *transaction);
static void check_payload(const Transaction *transaction);
static void lock_keys(Transaction *transaction);
static int	compare_lock_order(const void *left, const void *right);
static void read_items(Transaction *transaction);
static void judge(void *arg, int i);
static Jsonb *compute(ApiItemWrite *write, const Jsonb *old);
static Jsonb *compute_update(Action *action, const Jsonb *old);
static void write_items(Transaction *transaction);
static void write_item(Transaction *transaction, int i);
static void finish(DdbCall *call, Transaction *transaction);
static Jsonb *outcome(const Transaction *transaction);
static DdbFailure conflict(const DdbCall *call);
static List *resources(const DdbCall *call);

const DdbHandler ddb_op_transact_write_items = {
	.state_size = sizeof(TransactState), .prepare = prepare, .step = step,
	.resources = resources, .conflict = conflict
};

/* ------------------------------------------------------- without a database */

static List *
resources(const DdbCall *call)
{
	const TransactState *state = call->state;
	const Transaction *transaction = state->transaction;
	List	   *list = NIL;
	int			i;

	for (i = 0; i < transaction->count; i++)
		list = lappend(list,
					   api_resource_of_table(transaction->actions[i].table_name));
	return list;
}

static void
prepare(DdbCall *call)
{
	TransactState *state = call->state;
	Transaction *transaction = palloc0(sizeof(Transaction));
	const DdbJson *items = ddb_json_get(call->request, "TransactItems");
	const DdbJson *json;
	int			i = 0;

	state->transaction = transaction;
	transaction->count = items->count;
	transaction->actions = palloc0(items->count * sizeof(Action));
	transaction->reasons = palloc0(items->count * sizeof(ApiReason));
	transaction->report = ddb_capacity_report(call->request);
	transaction->attempt = AllocSetContextCreate(call->context,
												 "dynamo transaction",
												 ALLOCSET_DEFAULT_SIZES);
	for (json = items->first; json != NULL; json = json->next)
		prepare_action(call, json, &transaction->actions[i++]);
	for (i = 0; i < transaction->count; i++)
		parse_action(&transaction->actions[i]);
	prepare_token(call, transaction);
}

/* Which action it is. */
static void
prepare_action(DdbCall *call, const DdbJson *json, Action *action)
{
	int			found = 0;
	int			kind;

	action->operation = call->operation;
	for (kind = 0; kind < lengthof(action_names); kind++)
	{
		const DdbJson *member = ddb_json_get(json, action_names[kind]);

		if (member == NULL)
			continue;
		action->kind = kind;
		action->json = member;
		found++;
	}
	if (found != 1)
		ddb_error(DDB_ERROR_VALIDATION,
				  "TransactItems can only contain one of Check, Put, Update or Delete");
}

static void
parse_action(Action *action)
{
	const DdbJson *json = action->json;
	const char *member = action->kind == ACTION_PUT ? "Item" : "Key";

	action->table_name = api_request_table(json);
	action->item = ddb_validate_item(action->operation, ddb_json_get(json, member));
	action->show_item =
		strcmp(ddb_request_string(json, "ReturnValuesOnConditionCheckFailure",
								  "NONE"), "ALL_OLD") == 0;
	ddb_expr_parse(action->operation, json, &action->expressions);
	action->size = ddb_item_size(action->item);
	if (action->kind != ACTION_PUT)
		return;
	if (action->size > DDB_ITEM_MAX_SIZE)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Item size has exceeded the maximum allowed size");
	action->put = ddb_item_to_jsonb(action->item);
}

static void
prepare_token(DdbCall *call, Transaction *transaction)
{
	const char *token = ddb_request_string(call->request, "ClientRequestToken", NULL);

	if (token == NULL)
		return;
	transaction->token = ddb_token_make(call->operation->name, token);
	transaction->digest_source = api_digest_begin();
	api_digest_string(transaction->digest_source,
					  ddb_request_string(call->request,
										 "ReturnItemCollectionMetrics", "NONE"));
	for (int i = 0; i < transaction->count; i++)
	{
		const Action *action = &transaction->actions[i];

		api_digest_string(transaction->digest_source, action_names[action->kind]);
		api_digest_string(transaction->digest_source, action->table_name);
		api_digest_value(transaction->digest_source, action->item);
		api_digest_expressions(transaction->digest_source, action->operation,
							   action->json);
		api_digest_string(transaction->digest_source,
						  action->show_item ? "ALL_OLD" : "NONE");
	}
}

/* ------------------------------------------------------------------ the step */

static bool
step(DdbCall *call)
{
	Transaction *transaction = ((TransactState *) call->state)->transaction;

	PG_TRY();
	{
		attempt(call, transaction);
	}
	PG_CATCH();
	{
		/* A request that is tried again is still in progress. */
		if (!ddb_session_may_retry(geterrcode()))
			end_token(transaction);
		PG_RE_THROW();
	}
	PG_END_TRY();
	end_token(transaction);
	return true;
}

static void
end_token(Transaction *transaction)
{
	if (transaction->token != NULL)
		ddb_token_give_back(transaction->token);
}

static void
attempt(DdbCall *call, Transaction *transaction)
{
	int			i;

	MemoryContextReset(transaction->attempt);
	MemoryContextSwitchTo(transaction->attempt);
	memset(transaction->reasons, 0, transaction->count * sizeof(ApiReason));
	transaction->current = -1;

	if (transaction->token != NULL && done_before(call, transaction))
		return;
	open_tables(transaction);
	for (i = 0; i < transaction->count; i++)
		check_action(&transaction->actions[i]);
	check_actions(transaction);
	lock_keys(transaction);
	read_items(transaction);
	api_collect_reasons(judge, transaction, transaction->count,
						transaction->reasons);
	api_check_reasons(transaction->reasons, transaction->count);
	write_items(transaction);
	transaction->current = -1;
	if (transaction->token != NULL)
		ddb_token_remember(transaction->token, outcome(transaction));
	finish(call, transaction);
}

/* If the token says that it was all done before, answer that. */
static bool
done_before(DdbCall *call, Transaction *transaction)
{
	Jsonb	   *outcome;
	const DdbJson *entry;
	List	   *tables = NIL;

	if (transaction->digest_source != NULL)
	{
		api_digest_end(transaction->digest_source, transaction->token->request);
		transaction->digest_source = NULL;
	}
	if (!ddb_token_take(transaction->token, &outcome))
		return false;

	for (entry = ddb_json_get(ddb_json_from_jsonb(outcome), "ReadCapacity")->first;
		 entry != NULL; entry = entry->next)
	{
		DdbCapacity capacity = {
			.kind = DDB_CAPACITY_READ,
			.table = ddb_request_int(entry, "Units", 0),
		};

		api_add_table_capacity(&tables, ddb_request_string(entry, "TableName", ""),
							   &capacity);
	}
	ddb_json_begin_object(&call->writer);
	api_write_table_capacities(&call->writer, transaction->report, tables);
	ddb_json_end_object(&call->writer);
	return true;
}

/*
 * The lock is a writer's for every action, as a SQL transaction that writes too
 * many keys locks out writers of the table instead.
 */
static void
open_tables(Transaction *transaction)
{
	int			i;

	for (i = 0; i < transaction->count; i++)
	{
		Action	   *action = &transaction->actions[i];

		transaction->current = i;
		action->table = api_open_table(action->table_name, RowExclusiveLock);
	}
}

/* What is wrong with the request, rather than with what it meets. */
static void
check_action(const Action *action)
{
	const DdbTable *table = action->table;
	int			i;

	for (i = 0; i < table->key_count; i++)
	{
		const DdbValue *value = ddb_value_get(action->item, table->keys[i].name);

		if (value != NULL && value->type == table->keys[i].type &&
			value->type != DDB_TYPE_N && value->text.len == 0)
			ddb_error(DDB_ERROR_VALIDATION, "%s",
					  ddb_key_value_problem(&table->keys[i], DDB_KEY_HASH, value));
	}
	api_check_index_keys_not_empty(table, action->put != NULL ? action->item : NULL,
								   action->expressions.update);
	api_check_update_targets(table, action->expressions.update);
	api_check_update_paths(table, action->expressions.update);
	api_check_condition_paths(table, action->expressions.condition);
}

/*
 * No condition is looked at before all actions are good, and the first that is
 * not is the only one to have a reason: so does the service in 2026.  Older
 * records have a reason for each.
 */
static void
check_actions(Transaction *transaction)
{
	const DdbKey **keys = palloc(transaction->count * sizeof(DdbKey *));
	int			i;

	for (i = 0; i < transaction->count; i++)
	{
		Action	   *action = &transaction->actions[i];

		action->has_key = false;
		memset(&action->write, 0, sizeof(ApiItemWrite));
	}
	api_collect_reasons(validate, transaction, transaction->count,
						transaction->reasons);
	for (i = 0; i < transaction->count; i++)
		keys[i] = transaction->actions[i].has_key ?
			&transaction->actions[i].write.key : NULL;
	api_check_distinct(keys, transaction->count);
	check_payload(transaction);
	api_check_first_reason(transaction->reasons, transaction->count);
}

/* Of what is sent: the items that are there already do not count. */
static void
check_payload(const Transaction *transaction)
{
	int64		bytes = 0;
	int			i;

	for (i = 0; i < transaction->count; i++)
	{
		const Action *action = &transaction->actions[i];

		bytes += action->size + action->expressions.values_size;
	}
	if (bytes > API_TRANSACTION_MAX_BYTES)
		ddb_error(DDB_ERROR_VALIDATION,
				  PAYLOAD_TOO_LARGE ": " PAYLOAD_TOO_LARGE INT64_FORMAT, bytes);
}

/* Make the key; what is wrong with that or with keys of indexes is a reason. */
static void
validate(void *arg, int i)
{
	Action	   *action = &((Transaction *) arg)->actions[i];

	action->write = (ApiItemWrite) {
		.key = action->kind == ACTION_PUT ?
			api_key_of_item(action->table, action->item, API_KEY_ERRORS_NAMED) :
			api_key_of_request(action->table, action->item),
		.condition = action->expressions.condition,
		.show_item = action->show_item,
		.compute = compute,
		.arg = action,
	};
	action->lock_order = ddb_key_hash(&action->write.key);
	action->has_key = true;
	if (action->kind == ACTION_PUT)
		api_check_index_keys_of_put(action->table, action->item);
	api_check_index_keys_of_update(action->table, action->expressions.update);
}

static void
lock_keys(Transaction *transaction)
{
	Action	  **sorted = palloc(transaction->count * sizeof(Action *));
	int			i;

	for (i = 0; i < transaction->count; i++)
		sorted[i] = &transaction->actions[i];
	if (!ddb_fault("locks_unordered"))
		qsort(sorted, transaction->count, sizeof(Action *), compare_lock_order);
	ddb_store_expect_keys(transaction->count);
	for (i = 0; i < transaction->count; i++)
	{
		transaction->current = sorted[i] - transaction->actions;
		ddb_store_lock_key(&sorted[i]->write.key);
	}
}

static int
compare_lock_order(const void *left, const void *right)
{
	uint64		left_order = (*(Action *const *) left)->lock_order;
	uint64		right_order = (*(Action *const *) right)->lock_order;

	return left_order < right_order ? -1 : left_order > right_order;
}

static void
read_items(Transaction *transaction)
{
	int			i;

	for (i = 0; i < transaction->count; i++)
	{
		Action	   *action = &transaction->actions[i];

		transaction->current = i;
		action->write.old = ddb_store_get_for_update(&action->write.key);
	}
}

/* Would the action do?  If so, what is there afterwards is computed. */
static void
judge(void *arg, int i)
{
	Transaction *transaction = arg;
	Action	   *action = &transaction->actions[i];
	ApiItemWrite *write = &action->write;
	int64		old_bytes = 0;

	if (write->old != NULL)
		old_bytes = ddb_jsonb_item_size(write->old);
	if (old_bytes < 0)
		ddb_store_malformed(action->table, write->key.datums);
	action->bytes = old_bytes;
	if (!api_condition_holds(write))
	{
		transaction->reasons[i] = (ApiReason) {
			.code = "ConditionalCheckFailed",
			.message = API_CONDITION_FAILED,
			.item = action->show_item ? write->old : NULL,
		};
		return;
	}
	if (action->kind == ACTION_CHECK)
		return;
	action->new_bytes = 0;
	write->new = compute(write, write->old);
	action->bytes = Max(old_bytes, action->new_bytes);
}

/* ApiItemWrite's */
static Jsonb *
compute(ApiItemWrite *write, const Jsonb *old)
{
	Action	   *action = write->arg;

	switch (action->kind)
	{
		case ACTION_PUT:
			action->new_bytes = action->size;
			return action->put;
		case ACTION_UPDATE:
			return compute_update(action, old);
		case ACTION_DELETE:
		case ACTION_CHECK:
			break;
	}
	return NULL;
}

/* Other than UpdateItem, the service counts nothing here for the update itself. */
static Jsonb *
compute_update(Action *action, const Jsonb *old)
{
	DdbValue   *item = api_apply_update(action->operation,
										action->expressions.update,
										&action->write.key, old);

	if (item == NULL)
		return NULL;
	action->new_bytes = ddb_item_size(item);
	if (action->new_bytes > DDB_ITEM_MAX_SIZE)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Item size to update has exceeded the maximum allowed size");
	return ddb_item_to_jsonb(item);
}

/*
 * What a constraint or a trigger of the table says is a reason, too.  It is the
 * only one then: nothing can be done in this transaction any more.
 */
static void
write_items(Transaction *transaction)
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
		if (api_reason_of_error(error, &transaction->reasons[i]))
		{
			FlushErrorState();
			api_check_reasons(transaction->reasons, transaction->count);
		}
		PG_RE_THROW();
	}
	PG_END_TRY();
}

static void
write_item(Transaction *transaction, int i)
{
	Action	   *action = &transaction->actions[i];
	ApiItemWrite *write = &action->write;

	if (action->kind == ACTION_CHECK)
		return;
	transaction->current = i;
	while (!api_store_item(write))
	{
		/* Plain SQL has inserted the row meanwhile: this item alone is looked at anew. */
		CHECK_FOR_INTERRUPTS();
		write->old = ddb_store_get_for_update(&write->key);
		judge(transaction, i);
		api_check_reasons(transaction->reasons, transaction->count);
	}
}

/* ---------------------------------------------------------------- the answer */

static void
finish(DdbCall *call, Transaction *transaction)
{
	List	   *tables = NIL;
	List	   *collections = NIL;
	int			i;

	for (i = 0; i < transaction->count && transaction->report != DDB_CAPACITY_NONE; i++)
	{
		const Action *action = &transaction->actions[i];
		DdbCapacity capacity = {0};

		if (action->kind == ACTION_CHECK)
			capacity.table = ddb_capacity_write_units(action->bytes);
		else
			capacity = ddb_capacity_of_write(action->table, action->write.old,
											 action->write.new);
		capacity.kind = DDB_CAPACITY_WRITE;
		capacity.table *= 2;
		api_add_table_capacity(&tables, action->table_name, &capacity);
	}
	for (i = 0; i < transaction->count; i++)
	{
		const Action *action = &transaction->actions[i];

		if (action->kind != ACTION_CHECK)
			api_add_collection(&collections, action->table_name,
							   api_collection_metrics(call, &action->write.key));
	}
	ddb_json_begin_object(&call->writer);
	api_write_table_capacities(&call->writer, transaction->report, tables);
	api_write_collections(&call->writer, collections);
	ddb_json_end_object(&call->writer);
}

/*
 * What is remembered under the token: for whoever sends it again, the units of
 * reading the items, by table.
 */
static Jsonb *
outcome(const Transaction *transaction)
{
	List	   *tables = NIL;
	ListCell   *cell;
	DdbJsonWriter writer;
	int			i;

	for (i = 0; i < transaction->count; i++)
	{
		const Action *action = &transaction->actions[i];
		DdbCapacity capacity = {
			.table = 2 * ddb_capacity_read_units(action->bytes, true)
		};

		api_add_table_capacity(&tables, action->table_name, &capacity);
	}
	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	ddb_json_name(&writer, "ReadCapacity");
	ddb_json_begin_array(&writer);
	foreach(cell, tables)
	{
		const ApiTableCapacity *entry = lfirst(cell);

		ddb_json_begin_object(&writer);
		ddb_json_name(&writer, "TableName");
		ddb_json_string(&writer, entry->table_name);
		ddb_json_name(&writer, "Units");
		ddb_json_int(&writer, (int64) entry->capacity.table);
		ddb_json_end_object(&writer);
	}
	ddb_json_end_array(&writer);
	ddb_json_end_object(&writer);
	return DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
											  CStringGetDatum(writer.buf.data)));
}

/* DdbHandler's */
static DdbFailure
conflict(const DdbCall *call)
{
	Transaction *transaction = ((TransactState *) call->state)->transaction;

	end_token(transaction);
	return api_transaction_conflict(transaction->count, transaction->current);
}
