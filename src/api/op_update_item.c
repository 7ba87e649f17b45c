/*
 * op_update_item.c
 *	  UpdateItem.
 */
#include "postgres.h"

#include "api/api_int.h"

static void update_item_prepare(DdbCall *call);
static bool update_item_step(DdbCall *call);
static void write_attributes(DdbCall *call, const DdbItemWrite *done);
static void write_targets(DdbCall *call, const DdbItemWrite *done,
						  const Jsonb *item);

const DdbHandler ddb_op_update_item = {
	.state_size = sizeof(ApiWrite), .prepare = update_item_prepare,
	.step = update_item_step
};

static void
update_item_prepare(DdbCall *call)
{
	ApiWrite   *write = call->state;

	ddb_expr_check_mix(call->operation, call->request);
	write->action.item = ddb_validate_item(call->operation,
										   ddb_json_get(call->request, "Key"));
	write->action.update = ddb_legacy_attribute_updates(call->operation,
														call->request);
	api_prepare_write(call, DDB_ITEM_UPDATE, write);
}

static bool
update_item_step(DdbCall *call)
{
	const ApiWrite *write = call->state;
	DdbItemWrite done;

	ddb_item_execute(&write->action, &done);
	ddb_json_begin_object(&call->writer);
	write_attributes(call, &done);
	api_write_consumption(call, write, &done);
	ddb_json_end_object(&call->writer);
	return true;
}

static void
write_attributes(DdbCall *call, const DdbItemWrite *done)
{
	const ApiWrite *write = call->state;

	if (api_returns(write, "ALL_NEW") && done->new != NULL)
		api_write_attributes(call, &done->key, done->new);
	else if (api_returns(write, "ALL_OLD") && done->old != NULL)
		api_write_attributes(call, &done->key, done->old);
	else if (api_returns(write, "UPDATED_NEW") && done->new != NULL)
		write_targets(call, done, done->new);
	else if (api_returns(write, "UPDATED_OLD") && done->old != NULL)
		write_targets(call, done, done->old);
}

/* Writes the values at the targets of the update, if there are any. */
static void
write_targets(DdbCall *call, const DdbItemWrite *done, const Jsonb *item)
{
	const DdbUpdate *update = done->action->update;
	const DdbValue *attributes;

	if (update == NULL)
		return;
	attributes = ddb_item_project(&done->key, item, ddb_update_targets(update));
	if (attributes->count == 0)
		return;
	ddb_json_name(&call->writer, "Attributes");
	ddb_item_write(&call->writer, attributes);
}
