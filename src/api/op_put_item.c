/*
 * op_put_item.c
 *	  PutItem.
 */
#include "postgres.h"

#include "api/api_int.h"

typedef struct PutState
{
	ApiWriteTerms terms;
	DdbValue   *item;
	int64		size;
} PutState;

static void prepare(DdbCall *call);
static DdbValue *read_item(DdbCall *call);
static bool step(DdbCall *call);
static bool looks_at_old_item(const PutState *state, const DdbTable *table);
static Jsonb *compute(ApiItemWrite *write, const Jsonb *old);
static void write_response(DdbCall *call, const ApiItemWrite *write);

const DdbHandler ddb_op_put_item = {
	.state_size = sizeof(PutState), .prepare = prepare, .step = step
};

static void
prepare(DdbCall *call)
{
	PutState   *state = call->state;

	state->item = read_item(call);
	api_check_return_old_only(call);
	state->size = ddb_item_size(state->item);
	if (state->size > DDB_ITEM_MAX_SIZE)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Item size has exceeded the maximum allowed size");
	api_write_terms(call, &state->terms);
}

/*
 * Of the errors in an item the service reports a NULL that is false before
 * parameters that exclude each other, and the others after them.
 */
static DdbValue *
read_item(DdbCall *call)
{
	DdbValueError error;
	DdbValue   *item = ddb_item_from_json(ddb_json_get(call->request, "Item"),
										  &error);

	if (item == NULL && error.class == DDB_VALUE_ERROR_NULL)
		ddb_validation_value_error(call->operation, &error);
	ddb_expr_check_mix(call->operation, call->request);
	if (item == NULL)
		ddb_validation_value_error(call->operation, &error);
	return item;
}

static bool
step(DdbCall *call)
{
	PutState   *state = call->state;
	DdbTable   *table = api_open_table(state->terms.table_name, RowExclusiveLock);
	ApiItemWrite write = {
		.key = api_key_of_item(table, state->item, API_KEY_ERRORS_NAMED),
		.condition = state->terms.condition,
		.show_item = state->terms.show_item,
		.compute = compute,
		.arg = ddb_item_to_jsonb(state->item),
	};

	api_check_index_keys_of_put(table, state->item);
	api_check_condition_paths(table, state->terms.condition);
	if (looks_at_old_item(state, table))
		api_write_item(&write);
	else
	{
		ddb_store_lock_key(&write.key);
		ddb_store_put(&write.key, write.arg);
	}
	write_response(call, &write);
	return true;
}

static bool
looks_at_old_item(const PutState *state, const DdbTable *table)
{
	return state->terms.condition != NULL ||
		state->terms.report != DDB_CAPACITY_NONE ||
		!api_returns(&state->terms, "NONE") ||
		api_collections_are_limited(table);
}

static Jsonb *
compute(ApiItemWrite *write, const Jsonb *old)
{
	return write->arg;
}

static void
write_response(DdbCall *call, const ApiItemWrite *write)
{
	PutState   *state = call->state;

	ddb_json_begin_object(&call->writer);
	if (write->old != NULL && api_returns(&state->terms, "ALL_OLD"))
		api_write_attributes(call, &write->key, write->old);
	api_write_capacity(call, write, state->terms.report);
	api_write_collection_metrics(call, &write->key);
	ddb_json_end_object(&call->writer);
}
