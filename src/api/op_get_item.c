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

static void prepare(DdbCall *call);
static bool step(DdbCall *call);
static int64 write_item(DdbCall *call, const DdbKey *key, const Jsonb *item);

const DdbHandler ddb_op_get_item = {
	.state_size = sizeof(GetState), .prepare = prepare, .step = step
};

static void
prepare(DdbCall *call)
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
step(DdbCall *call)
{
	GetState   *state = call->state;
	DdbTable   *table = api_open_table(state->table_name, AccessShareLock);
	DdbKey		key = api_key_of_request(table, state->key);
	DdbCapacity capacity = {0};
	int64		size = 0;
	Jsonb	   *item;

	if (state->projection != NULL)
		api_check_paths(table, state->projection->paths, state->projection->count);
	item = ddb_store_get(&key);

	ddb_json_begin_object(&call->writer);
	if (item != NULL)
		size = write_item(call, &key, item);
	capacity.table = ddb_capacity_read_units(size, state->consistent);
	ddb_capacity_write_member(&call->writer, ddb_capacity_report(call->request),
							  api_request_table_as_given(call->request), &capacity);
	ddb_json_end_object(&call->writer);
	return true;
}

/* The size of the whole item, whatever is written of it. */
static int64
write_item(DdbCall *call, const DdbKey *key, const Jsonb *item)
{
	GetState   *state = call->state;
	DdbDocument document = {.jsonb = item};
	int64		size;

	ddb_json_name(&call->writer, "Item");
	if (state->projection != NULL)
	{
		ddb_item_write(&call->writer,
					   ddb_document_project(&document, state->projection->paths,
											state->projection->count));
		size = ddb_jsonb_item_size(item);
	}
	else
		document.malformed = !ddb_jsonb_write_projected(&call->writer, item,
														NULL, &size);
	if (document.malformed)
		ddb_store_malformed(key->table, key->datums);
	return size;
}
