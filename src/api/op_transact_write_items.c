/*
 * op_transact_write_items.c
 *	  TransactWriteItems.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "item/item_digest.h"
#include "meta/token.h"

static const char *const action_names[] = {
	[DDB_ITEM_CHECK] = "ConditionCheck",
	[DDB_ITEM_PUT] = "Put",
	[DDB_ITEM_DELETE] = "Delete",
	[DDB_ITEM_UPDATE] = "Update",
};

typedef struct TransactState
{
	DdbItemTransaction *transaction;	/* outlasts attempts that met a lock */
	DdbCapacityReport report;
} TransactState;

static void transact_write_items_prepare(DdbCall *call);
static const DdbJson *prepare_action(const DdbJson *json, DdbItemAction *action);
static void parse_action(DdbCall *call, const DdbJson *json,
						 DdbItemAction *action);
static void prepare_token(DdbCall *call, const DdbJson *const *members);
static bool transact_write_items_step(DdbCall *call);
static void write_metrics(DdbCall *call);
static DdbFailure transact_write_items_conflict(const DdbCall *call);
static List *transact_write_items_resources(const DdbCall *call);

const DdbHandler ddb_op_transact_write_items = {
	.state_size = sizeof(TransactState),
	.prepare = transact_write_items_prepare, .step = transact_write_items_step,
	.resources = transact_write_items_resources,
	.conflict = transact_write_items_conflict
};

static DdbItemTransaction *
transaction_of(const DdbCall *call)
{
	return ((TransactState *) call->state)->transaction;
}

static List *
transact_write_items_resources(const DdbCall *call)
{
	const DdbItemTransaction *transaction = transaction_of(call);
	List	   *list = NIL;
	int			i;

	for (i = 0; i < transaction->count; i++)
		list = lappend(list,
					   api_resource_of_table(transaction->actions[i].table_name));
	return list;
}

static void
transact_write_items_prepare(DdbCall *call)
{
	TransactState *state = call->state;
	const DdbJson *items = ddb_json_get(call->request, "TransactItems");
	const DdbJson **members = palloc(items->count * sizeof(DdbJson *));
	DdbItemTransaction *transaction = ddb_item_make_transaction(items->count);
	const DdbJson *json;
	int			i = 0;

	state->transaction = transaction;
	state->report = ddb_capacity_report(call->request);
	transaction->wants_capacity = state->report != DDB_CAPACITY_NONE;
	for (json = items->first; json != NULL; json = json->next, i++)
		members[i] = prepare_action(json, &transaction->actions[i]);
	for (i = 0; i < transaction->count; i++)
		parse_action(call, members[i], &transaction->actions[i]);
	prepare_token(call, members);
}

/* Finds out which action it is.  Returns its member. */
static const DdbJson *
prepare_action(const DdbJson *json, DdbItemAction *action)
{
	const DdbJson *found = NULL;
	int			count = 0;
	int			kind;

	for (kind = 0; kind < lengthof(action_names); kind++)
	{
		const DdbJson *member = ddb_json_get(json, action_names[kind]);

		if (member == NULL)
			continue;
		action->kind = kind;
		found = member;
		count++;
	}
	if (count != 1)
		ddb_error(DDB_ERROR_VALIDATION,
				  "TransactItems can only contain one of Check, Put, Update or Delete");
	return found;
}

static void
parse_action(DdbCall *call, const DdbJson *json, DdbItemAction *action)
{
	const char *member = action->kind == DDB_ITEM_PUT ? "Item" : "Key";
	DdbExpressions expressions = {0};

	action->operation = call->operation;
	action->table_name = api_request_table(json);
	action->item = ddb_validate_item(call->operation, ddb_json_get(json, member));
	action->show_item = api_shows_item(json);
	ddb_expr_parse(call->operation, json, &expressions);
	action->condition = expressions.condition;
	action->update = expressions.update;
	action->values_size = expressions.values_size;
	action->size = ddb_item_size(action->item);
	if (action->kind == DDB_ITEM_PUT)
		ddb_item_check_size(action->size);
}

static void
prepare_token(DdbCall *call, const DdbJson *const *members)
{
	DdbItemTransaction *transaction = transaction_of(call);
	const char *token = ddb_request_string(call->request, "ClientRequestToken", NULL);
	StringInfo	source;

	if (token == NULL)
		return;
	transaction->token = ddb_token_make(call->operation->name, token);
	transaction->digest_source = source = ddb_item_digest_begin();
	ddb_item_digest_string(source,
						   ddb_request_string(call->request,
											  "ReturnItemCollectionMetrics", "NONE"));
	for (int i = 0; i < transaction->count; i++)
	{
		const DdbItemAction *action = &transaction->actions[i];

		ddb_item_digest_string(source, action_names[action->kind]);
		ddb_item_digest_string(source, action->table_name);
		ddb_item_digest_value(source, action->item);
		ddb_item_digest_expressions(source, call->operation, members[i]);
		ddb_item_digest_string(source, action->show_item ? "ALL_OLD" : "NONE");
	}
}

static bool
transact_write_items_step(DdbCall *call)
{
	const TransactState *state = call->state;

	ddb_item_write_transaction(state->transaction);
	ddb_json_begin_object(&call->writer);
	ddb_item_write_capacities(&call->writer, state->report,
							  state->transaction->capacities);
	if (api_wants_metrics(call->request) && !state->transaction->done_before)
		write_metrics(call);
	ddb_json_end_object(&call->writer);
	return true;
}

static void
write_metrics(DdbCall *call)
{
	const DdbItemTransaction *transaction = transaction_of(call);
	List	   *collections = NIL;
	int			i;

	for (i = 0; i < transaction->count; i++)
	{
		const DdbItemAction *action = &transaction->actions[i];
		const DdbKey *key = &transaction->writes[i].key;

		if (action->kind != DDB_ITEM_CHECK)
			ddb_item_add_collection(&collections, action->table_name,
									ddb_item_collection_metrics(key,
																call->writer.stored_form));
	}
	ddb_item_write_collections(&call->writer, collections);
}

/* See DdbHandler. */
static DdbFailure
transact_write_items_conflict(const DdbCall *call)
{
	return ddb_item_give_up_transaction(transaction_of(call));
}
