/*
 * op_delete_item.c
 *	  DeleteItem.
 */
#include "postgres.h"

#include "api/api_int.h"

typedef struct DeleteState
{
	ApiWriteTerms terms;
	DdbValue   *key;
} DeleteState;

static void prepare(DdbCall *call);
static bool step(DdbCall *call);
static bool looks_at_old_item(const DeleteState *state);
static Jsonb *compute(ApiItemWrite *write, const Jsonb *old);

const DdbHandler ddb_op_delete_item = {
	.state_size = sizeof(DeleteState), .prepare = prepare, .step = step
};

static void
prepare(DdbCall *call)
{
	DeleteState *state = call->state;

	ddb_expr_check_mix(call->operation, call->request);
	state->key = ddb_validate_item(call->operation,
								   ddb_json_get(call->request, "Key"));
	api_check_return_old_only(call);
	api_write_terms(call, &state->terms);
}

static bool
step(DdbCall *call)
{
	DeleteState *state = call->state;
	DdbTable   *table = api_open_table(state->terms.table_name, RowExclusiveLock);
	ApiItemWrite write = {
		.key = api_key_of_request(table, state->key),
		.condition = state->terms.condition,
		.show_item = state->terms.show_item,
		.compute = compute,
	};

	api_check_condition_paths(table, state->terms.condition);
	if (looks_at_old_item(state))
		api_write_item(&write);
	else
	{
		ddb_store_lock_key(&write.key);
		ddb_store_remove(&write.key);
	}

	ddb_json_begin_object(&call->writer);
	if (write.old != NULL && api_returns(&state->terms, "ALL_OLD"))
		api_write_attributes(call, &write.key, write.old);
	api_write_capacity(call, &write, state->terms.report);
	api_write_collection_metrics(call, &write.key);
	ddb_json_end_object(&call->writer);
	return true;
}

static bool
looks_at_old_item(const DeleteState *state)
{
	return state->terms.condition != NULL ||
		state->terms.report != DDB_CAPACITY_NONE ||
		!api_returns(&state->terms, "NONE");
}

static Jsonb *
compute(ApiItemWrite *write, const Jsonb *old)
{
	return NULL;
}
