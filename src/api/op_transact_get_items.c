/*
 * op_transact_get_items.c
 *	  TransactGetItems: all items as of one moment.
 *
 * All in one step, under one snapshot that is taken when the request is known
 * to be good and its tables are locked.  Writers are not waited for: what they
 * have committed by then is seen, whole transactions of theirs or nothing.
 */
#include "postgres.h"

#include "access/xact.h"
#include "api/api_transact.h"
#include "core/inject.h"
#include "utils/snapmgr.h"

typedef struct Get
{
	const DdbOperation *operation;
	const char *table_name;
	DdbValue   *key_value;
	DdbExpressions expressions;

	/* of the step under way */
	DdbTable   *table;
	bool		has_key;
	DdbKey		key;
} Get;

typedef struct TransactGetState
{
	int			count;
	Get		   *gets;
	ApiReason  *reasons;
	int		   *current;		/* the get that may meet a lock; outlasts a step */
} TransactGetState;

static void prepare(DdbCall *call);
static void prepare_get(DdbCall *call, const DdbJson *json, Get *get);
static bool step(DdbCall *call);
static void open_tables(TransactGetState *state);
static void check_keys(TransactGetState *state);
static void make_key(void *arg, int i);
static Jsonb **read_items(const TransactGetState *state);
static void write_response(DdbCall *call, Jsonb *const *items);
static void write_item(DdbCall *call, const Get *get, const Jsonb *item);
static DdbFailure conflict(const DdbCall *call);
static List *resources(const DdbCall *call);

const DdbHandler ddb_op_transact_get_items = {
	.state_size = sizeof(TransactGetState), .prepare = prepare, .step = step,
	.resources = resources, .conflict = conflict
};

static List *
resources(const DdbCall *call)
{
	const TransactGetState *state = call->state;
	List	   *list = NIL;
	int			i;

	for (i = 0; i < state->count; i++)
		list = lappend(list, api_resource_of_table(state->gets[i].table_name));
	return list;
}

static void
prepare(DdbCall *call)
{
	TransactGetState *state = call->state;
	const DdbJson *items = ddb_json_get(call->request, "TransactItems");
	const DdbJson *json;

	state->gets = palloc0(items->count * sizeof(Get));
	state->reasons = palloc0(items->count * sizeof(ApiReason));
	state->current = palloc0(sizeof(int));
	for (json = items->first; json != NULL; json = json->next)
		prepare_get(call, ddb_json_get(json, "Get"), &state->gets[state->count++]);
}

static void
prepare_get(DdbCall *call, const DdbJson *json, Get *get)
{
	get->operation = call->operation;
	get->table_name = api_request_table(json);
	get->key_value = ddb_validate_item(call->operation, ddb_json_get(json, "Key"));
	ddb_expr_parse(call->operation, json, &get->expressions);
}

static bool
step(DdbCall *call)
{
	TransactGetState *state = call->state;
	Jsonb	  **items;

	memset(state->reasons, 0, state->count * sizeof(ApiReason));
	open_tables(state);
	check_keys(state);
	items = read_items(state);
	write_response(call, items);
	return true;
}

static void
open_tables(TransactGetState *state)
{
	int			i;

	for (i = 0; i < state->count; i++)
	{
		Get		   *get = &state->gets[i];

		*state->current = i;
		get->table = api_open_table(get->table_name, AccessShareLock);
	}
}

static void
check_keys(TransactGetState *state)
{
	const DdbKey **keys = palloc(state->count * sizeof(DdbKey *));
	int			i;

	for (i = 0; i < state->count; i++)
	{
		const DdbProjection *projection = state->gets[i].expressions.projection;

		state->gets[i].has_key = false;
		if (projection != NULL)
			api_check_paths(state->gets[i].table, projection->paths,
							projection->count);
	}
	api_collect_reasons(make_key, state, state->count, state->reasons);
	for (i = 0; i < state->count; i++)
		keys[i] = state->gets[i].has_key ? &state->gets[i].key : NULL;
	api_check_distinct(keys, state->count);
	/* By analogy to TransactWriteItems, of which there are records. */
	api_check_first_reason(state->reasons, state->count);
}

static void
make_key(void *arg, int i)
{
	Get		   *get = &((TransactGetState *) arg)->gets[i];

	get->key = api_key_of_request(get->table, get->key_value);
	get->has_key = true;
}

static Jsonb **
read_items(const TransactGetState *state)
{
	Jsonb	  **items = palloc(state->count * sizeof(Jsonb *));
	int64		bytes = 0;
	int			i;

	/* In SQL it shall see what this transaction has written. */
	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	for (i = 0; i < state->count; i++)
	{
		const DdbKey *key = &state->gets[i].key;

		if (ddb_fault("snapshot_each"))
		{
			PopActiveSnapshot();
			PushActiveSnapshot(GetTransactionSnapshot());
		}
		items[i] = ddb_store_get_as_of_snapshot(key);
		if (items[i] == NULL)
			continue;
		if (ddb_jsonb_item_size(items[i]) < 0)
			ddb_store_malformed(key->table, key->datums);
		bytes += ddb_jsonb_item_size(items[i]);
		api_check_transaction_size(bytes);
	}
	PopActiveSnapshot();
	return items;
}

static void
write_response(DdbCall *call, Jsonb *const *items)
{
	TransactGetState *state = call->state;
	DdbCapacityReport report = ddb_capacity_report(call->request);
	List	   *tables = NIL;
	int			i;

	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "Responses");
	ddb_json_begin_array(&call->writer);
	for (i = 0; i < state->count; i++)
	{
		int64		bytes = items[i] != NULL ? ddb_jsonb_item_size(items[i]) : 0;
		DdbCapacity capacity = {
			.kind = DDB_CAPACITY_READ,
			.table = 2 * ddb_capacity_read_units(bytes, true),
		};

		ddb_json_begin_object(&call->writer);
		if (items[i] != NULL)
			write_item(call, &state->gets[i], items[i]);
		ddb_json_end_object(&call->writer);
		if (report != DDB_CAPACITY_NONE)
			api_add_table_capacity(&tables, state->gets[i].table_name, &capacity);
	}
	ddb_json_end_array(&call->writer);
	api_write_table_capacities(&call->writer, report, tables);
	ddb_json_end_object(&call->writer);
}

/* One of which the projection leaves nothing is left out, as one that is not there. */
static void
write_item(DdbCall *call, const Get *get, const Jsonb *item)
{
	const DdbProjection *projection = get->expressions.projection;
	DdbDocument document = {.jsonb = item};
	const DdbValue *projected = NULL;

	if (projection != NULL)
	{
		projected = ddb_document_project(&document, projection->paths,
										 projection->count);
		if (projected->count == 0 && !document.malformed)
			return;
	}
	ddb_json_name(&call->writer, "Item");
	if (projected != NULL)
		ddb_item_write(&call->writer, projected);
	else
		document.malformed = !ddb_jsonb_write_item(&call->writer, item);
	if (document.malformed)
		ddb_store_malformed(get->key.table, get->key.datums);
}

/* DdbHandler's */
static DdbFailure
conflict(const DdbCall *call)
{
	const TransactGetState *state = call->state;

	return api_transaction_conflict(state->count, *state->current);
}
