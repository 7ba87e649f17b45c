/*
 * op_batch_write_item.c
 *	  BatchWriteItem.
 */
#include "postgres.h"

#include "api/api_int.h"

typedef struct BatchWriteState
{
	DdbItemBatch batch;
	DdbCapacityReport report;
} BatchWriteState;

static void batch_write_item_prepare(DdbCall *call);
static void prepare_table(DdbCall *call, const DdbJson *table);
static void prepare_write(DdbCall *call, const DdbJson *json,
						  DdbItemBatchWrite *write);
static bool batch_write_item_step(DdbCall *call);
static void write_response(DdbCall *call);
static void write_unprocessed(DdbCall *call);
static void write_capacity(DdbCall *call);
static void write_metrics(DdbCall *call);
static List *batch_write_item_resources(const DdbCall *call);

const DdbHandler ddb_op_batch_write_item = {
	.state_size = sizeof(BatchWriteState), .prepare = batch_write_item_prepare,
	.step = batch_write_item_step, .resources = batch_write_item_resources,
	.can_skip_locked = true
};

static List *
batch_write_item_resources(const DdbCall *call)
{
	const BatchWriteState *state = call->state;
	List	   *list = NIL;
	int			i;

	for (i = 0; i < state->batch.count; i++)
		list = lappend(list, api_resource_of_table(state->batch.writes[i].table_name));
	return list;
}

static void
batch_write_item_prepare(DdbCall *call)
{
	BatchWriteState *state = call->state;
	DdbItemBatch *batch = &state->batch;
	int			total = 0;

	ddb_json_foreach(table, ddb_json_get(call->request, "RequestItems"))
	{
		prepare_table(call, table);
		total += table->count;
	}
	if (total > DDB_ITEM_MAX_BATCH)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Too many items requested for the BatchWriteItem call");
	state->report = ddb_capacity_report(call->request);
	batch->wants_capacity = state->report != DDB_CAPACITY_NONE;
	batch->wants_metrics = api_wants_metrics(call->request);
	batch->stored_form = call->writer.stored_form;
	batch->context = call->context;
}

static void
prepare_table(DdbCall *call, const DdbJson *table)
{
	DdbItemBatch *batch = &((BatchWriteState *) call->state)->batch;

	ddb_json_foreach(json, table)
	{
		DdbItemBatchWrite extra = {0};
		DdbItemBatchWrite *write = &extra;

		/* Writes beyond the limit are checked, too, before the limit is. */
		if (batch->count < DDB_ITEM_MAX_BATCH)
			write = &batch->writes[batch->count++];
		write->request_name = table->name.data;
		write->table_name = ddb_table_name_of(table->name.data);
		prepare_write(call, json, write);
	}
}

static void
prepare_write(DdbCall *call, const DdbJson *json, DdbItemBatchWrite *write)
{
	const DdbJson *put = ddb_json_get(json, "PutRequest");
	const DdbJson *delete = ddb_json_get(json, "DeleteRequest");

	write->request = json;
	write->size = 1;
	if (put != NULL && delete != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Supplied AttributeValue has more than one datatypes set, "
				  "must contain exactly one of the supported datatypes");
	if (put == NULL && delete == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Supplied AttributeValue is empty, "
				  "must contain exactly one of the supported datatypes");
	if (delete != NULL)
	{
		write->key = ddb_validate_item(call->operation,
									   ddb_json_get(delete, "Key"));
		return;
	}
	write->item = ddb_validate_item(call->operation, ddb_json_get(put, "Item"));
	write->size = ddb_item_size(write->item);
	ddb_item_check_size(write->size);
}

static bool
batch_write_item_step(DdbCall *call)
{
	BatchWriteState *state = call->state;

	if (!ddb_item_write_batch(&state->batch, &call->budget, &call->skip_locked))
		return false;
	write_response(call);
	return true;
}

static void
write_response(DdbCall *call)
{
	ddb_json_begin_object(&call->writer);
	write_unprocessed(call);
	write_capacity(call);
	write_metrics(call);
	ddb_json_end_object(&call->writer);
}

static void
write_unprocessed(DdbCall *call)
{
	BatchWriteState *state = call->state;
	int			i;

	ddb_json_name(&call->writer, "UnprocessedItems");
	ddb_json_begin_object(&call->writer);
	ddb_json_foreach(table, ddb_json_get(call->request, "RequestItems"))
	{
		bool		opened = false;

		for (i = 0; i < state->batch.count; i++)
		{
			const DdbItemBatchWrite *write = &state->batch.writes[i];

			if (!write->unprocessed || write->request_name != table->name.data)
				continue;
			if (!opened)
			{
				ddb_json_name_text(&call->writer, table->name);
				ddb_json_begin_array(&call->writer);
				opened = true;
			}
			ddb_json_tree(&call->writer, write->request);
		}
		if (opened)
			ddb_json_end_array(&call->writer);
	}
	ddb_json_end_object(&call->writer);
}

/* Writes one entry for each table, in the order of the request. */
static void
write_capacity(DdbCall *call)
{
	BatchWriteState *state = call->state;
	int			i;

	if (state->report == DDB_CAPACITY_NONE)
		return;
	ddb_json_name(&call->writer, "ConsumedCapacity");
	ddb_json_begin_array(&call->writer);
	ddb_json_foreach(table, ddb_json_get(call->request, "RequestItems"))
	{
		DdbCapacity capacity = {0};

		for (i = 0; i < state->batch.count; i++)
		{
			if (state->batch.writes[i].request_name == table->name.data)
				ddb_capacity_add(&capacity, state->batch.writes[i].capacity);
		}
		ddb_capacity_write_object(&call->writer, state->report,
								  table->name.data, &capacity);
	}
	ddb_json_end_array(&call->writer);
}

static void
write_metrics(DdbCall *call)
{
	const BatchWriteState *state = call->state;
	List	   *collections = NIL;
	int			i;

	for (i = 0; i < state->batch.count; i++)
		ddb_item_add_collection(&collections, state->batch.writes[i].request_name,
								state->batch.writes[i].metrics);
	ddb_item_write_collections(&call->writer, collections);
}
