/*
 * op_update_item.c
 *	  UpdateItem.
 */
#include "postgres.h"

#include "api/api_int.h"

typedef struct UpdateState
{
	ApiWriteTerms terms;
	DdbValue   *key;
	DdbUpdate  *update;			/* NULL: the key alone */
} UpdateState;

static void prepare(DdbCall *call);
static bool step(DdbCall *call);
static Jsonb *compute(ApiItemWrite *write, const Jsonb *old);
static void check_size(const UpdateState *state, const DdbValue *item);
static void write_attributes(DdbCall *call, const ApiItemWrite *write);
static void write_targets(DdbCall *call, const ApiItemWrite *write,
						  const Jsonb *item);

const DdbHandler ddb_op_update_item = {
	.state_size = sizeof(UpdateState), .prepare = prepare, .step = step
};

static void
prepare(DdbCall *call)
{
	UpdateState *state = call->state;

	ddb_expr_check_mix(call->operation, call->request);
	state->key = ddb_validate_item(call->operation,
								   ddb_json_get(call->request, "Key"));
	state->update = ddb_legacy_attribute_updates(call->operation, call->request);
	api_write_terms(call, &state->terms);
	if (state->terms.expressions.update != NULL)
		state->update = state->terms.expressions.update;
}

static bool
step(DdbCall *call)
{
	UpdateState *state = call->state;
	DdbTable   *table = api_open_table(state->terms.table_name, RowExclusiveLock);
	ApiItemWrite write = {
		.key = api_key_of_request(table, state->key),
		.condition = state->terms.condition,
		.show_item = state->terms.show_item,
		.compute = compute,
		.arg = call,
	};

	if (state->update != NULL)
		api_check_update_targets(table, state->update);
	api_check_index_keys_of_update(table, state->update);
	api_check_update_paths(table, state->update);
	api_check_condition_paths(table, state->terms.condition);
	api_write_item(&write);

	ddb_json_begin_object(&call->writer);
	write_attributes(call, &write);
	api_write_capacity(call, &write, state->terms.report);
	api_write_collection_metrics(call, &write.key);
	ddb_json_end_object(&call->writer);
	return true;
}

/* NULL when there was no item and there shall be none. */
static Jsonb *
compute(ApiItemWrite *write, const Jsonb *old)
{
	DdbCall    *call = write->arg;
	UpdateState *state = call->state;
	DdbValue   *item;

	item = api_apply_update(call->operation, state->update, &write->key, old);
	if (item == NULL)
		return NULL;
	check_size(state, item);
	return ddb_item_to_jsonb(item);
}

/* The limit holds for the item, and for the update itself. */
static void
check_size(const UpdateState *state, const DdbValue *item)
{
	if (ddb_item_size(item) > DDB_ITEM_MAX_SIZE ||
		ddb_update_size(state->update) > DDB_ITEM_MAX_SIZE)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Item size to update has exceeded the maximum allowed size");
}

static void
write_attributes(DdbCall *call, const ApiItemWrite *write)
{
	UpdateState *state = call->state;

	if (api_returns(&state->terms, "ALL_NEW") && write->new != NULL)
		api_write_attributes(call, &write->key, write->new);
	else if (api_returns(&state->terms, "ALL_OLD") && write->old != NULL)
		api_write_attributes(call, &write->key, write->old);
	else if (api_returns(&state->terms, "UPDATED_NEW") && write->new != NULL)
		write_targets(call, write, write->new);
	else if (api_returns(&state->terms, "UPDATED_OLD") && write->old != NULL)
		write_targets(call, write, write->old);
}

/* What stands at the update's targets, unless nothing does. */
static void
write_targets(DdbCall *call, const ApiItemWrite *write, const Jsonb *item)
{
	UpdateState *state = call->state;
	DdbDocument document = {.jsonb = item};
	const DdbProjection *targets;
	DdbValue   *attributes;

	if (state->update == NULL)
		return;
	targets = ddb_update_targets(state->update);
	attributes = ddb_document_project(&document, targets->paths, targets->count);
	if (document.malformed)
		ddb_store_malformed(write->key.table, write->key.datums);
	if (attributes->count == 0)
		return;
	ddb_json_name(&call->writer, "Attributes");
	ddb_item_write(&call->writer, attributes);
}
