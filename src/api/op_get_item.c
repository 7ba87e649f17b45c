/*
 * op_get_item.c
 *	  GetItem.
 */
#include "postgres.h"

#include "api/api_int.h"

typedef struct GetState
{
	const char *table_name;
	DdbValue   *key;
	DdbProjection *projection;
	bool		consistent;
} GetState;

static void get_item_prepare(DdbCall *call);
static bool get_item_step(DdbCall *call);

const DdbHandler ddb_op_get_item = {
	.state_size = sizeof(GetState), .prepare = get_item_prepare,
	.step = get_item_step
};

static void
get_item_prepare(DdbCall *call)
{
	GetState   *state = call->state;
	DdbExpressions expressions = {0};

	ddb_expr_check_mix(call->operation, call->request);
	state->table_name = api_request_table(call->request);
	state->key = ddb_validate_item(call->operation,
								   ddb_json_get(call->request, "Key"));
	state->projection = ddb_legacy_attributes_to_get(call->operation,
													 call->request);
	ddb_expr_parse(call->operation, call->request, &expressions);
	if (expressions.projection != NULL)
		state->projection = expressions.projection;
	state->consistent = ddb_request_bool(call->request, "ConsistentRead", false);
	if (!state->consistent)
		ddb_call_relax(call);
}

static bool
get_item_step(DdbCall *call)
{
	GetState   *state = call->state;
	DdbTable   *table = ddb_item_open_table(state->table_name, AccessShareLock);
	DdbKey		key = ddb_item_key(table, state->key);
	DdbCapacity capacity = {0};
	int64		size = 0;
	Jsonb	   *item;

	ddb_item_check_projection(table, state->projection);
	item = ddb_store_get(&key);

	ddb_json_begin_object(&call->writer);
	if (item != NULL)
	{
		ddb_json_name(&call->writer, "Item");
		size = ddb_item_show(&call->writer, &key, item, state->projection);
	}
	capacity.table = ddb_capacity_read_units(size, state->consistent);
	ddb_capacity_write_member(&call->writer, ddb_capacity_report(call->request),
							  api_request_table_as_given(call->request), &capacity);
	ddb_json_end_object(&call->writer);
	return true;
}
