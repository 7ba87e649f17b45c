/*
 * op_transact_get_items.c
 *	  TransactGetItems: several items in one snapshot.
 */
#include "postgres.h"

#include "api/api_int.h"

typedef struct TransactGetState
{
	DdbItemReading *reading;
} TransactGetState;

static void transact_get_items_prepare(DdbCall *call);
static void prepare_get(DdbCall *call, const DdbJson *json, DdbItemGet *get);
static bool transact_get_items_step(DdbCall *call);
static void write_response(DdbCall *call);
static void write_item(DdbCall *call, const DdbItemGet *get);
static DdbFailure transact_get_items_conflict(const DdbCall *call);
static List *transact_get_items_resources(const DdbCall *call);

const DdbHandler ddb_op_transact_get_items = {
	.state_size = sizeof(TransactGetState),
	.prepare = transact_get_items_prepare, .step = transact_get_items_step,
	.resources = transact_get_items_resources,
	.conflict = transact_get_items_conflict
};

static DdbItemReading *
reading_of(const DdbCall *call)
{
	return ((TransactGetState *) call->state)->reading;
}

static List *
transact_get_items_resources(const DdbCall *call)
{
	const DdbItemReading *reading = reading_of(call);
	List	   *list = NIL;
	int			i;

	for (i = 0; i < reading->count; i++)
		list = lappend(list, api_resource_of_table(reading->gets[i].table_name));
	return list;
}

static void
transact_get_items_prepare(DdbCall *call)
{
	TransactGetState *state = call->state;
	const DdbJson *items = ddb_json_get(call->request, "TransactItems");
	const DdbJson *json;
	int			i = 0;

	state->reading = ddb_item_make_reading(items->count);
	for (json = items->first; json != NULL; json = json->next)
		prepare_get(call, ddb_json_get(json, "Get"), &state->reading->gets[i++]);
}

static void
prepare_get(DdbCall *call, const DdbJson *json, DdbItemGet *get)
{
	DdbExpressions expressions = {0};

	get->table_name = api_request_table(json);
	get->key_value = ddb_validate_item(call->operation, ddb_json_get(json, "Key"));
	ddb_expr_parse(call->operation, json, &expressions);
	get->projection = expressions.projection;
}

static bool
transact_get_items_step(DdbCall *call)
{
	ddb_item_read_at_once(reading_of(call));
	write_response(call);
	return true;
}

static void
write_response(DdbCall *call)
{
	const DdbItemReading *reading = reading_of(call);
	DdbCapacityReport report = ddb_capacity_report(call->request);
	List	   *tables = NIL;
	int			i;

	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "Responses");
	ddb_json_begin_array(&call->writer);
	for (i = 0; i < reading->count; i++)
	{
		const DdbItemGet *get = &reading->gets[i];
		DdbCapacity capacity = {
			.kind = DDB_CAPACITY_READ,
			.table = 2 * ddb_capacity_read_units(get->bytes, true),
		};

		ddb_json_begin_object(&call->writer);
		if (get->item != NULL)
			write_item(call, get);
		ddb_json_end_object(&call->writer);
		if (report != DDB_CAPACITY_NONE)
			ddb_item_add_capacity(&tables, get->table_name, &capacity);
	}
	ddb_json_end_array(&call->writer);
	ddb_item_write_capacities(&call->writer, report, tables);
	ddb_json_end_object(&call->writer);
}

/* An item is left out if the projection shows nothing of it. */
static void
write_item(DdbCall *call, const DdbItemGet *get)
{
	const DdbValue *projected = NULL;

	if (get->projection != NULL)
	{
		projected = ddb_item_project(&get->key, get->item, get->projection);
		if (projected->count == 0)
			return;
	}
	ddb_json_name(&call->writer, "Item");
	if (projected != NULL)
		ddb_item_write(&call->writer, projected);
	else
		(void) ddb_item_show(&call->writer, &get->key, get->item, NULL);
}

/* See DdbHandler. */
static DdbFailure
transact_get_items_conflict(const DdbCall *call)
{
	return ddb_item_give_up_reading(reading_of(call));
}
