/*
 * op_put_item.c
 *	  PutItem.
 */
#include "postgres.h"

#include "api/api_int.h"

static void put_item_prepare(DdbCall *call);
static DdbValue *read_item(DdbCall *call);
static bool put_item_step(DdbCall *call);

const DdbHandler ddb_op_put_item = {
	.state_size = sizeof(ApiWrite), .prepare = put_item_prepare,
	.step = put_item_step
};

static void
put_item_prepare(DdbCall *call)
{
	ApiWrite   *write = call->state;

	write->action.item = read_item(call);
	api_check_return_old_only(call);
	write->action.size = ddb_item_size(write->action.item);
	ddb_item_check_size(write->action.size);
	api_prepare_write(call, DDB_ITEM_PUT, write);
}

/*
 * The service reports a NULL that is false before parameters that exclude each
 * other, and other errors in the item after them.
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
put_item_step(DdbCall *call)
{
	const ApiWrite *write = call->state;
	DdbItemWrite done;

	ddb_item_execute(&write->action, &done);
	api_write_old_item(call, write, &done);
	return true;
}
