/*
 * op_delete_item.c
 *	  DeleteItem.
 */
#include "postgres.h"

#include "api/api_int.h"

static void delete_item_prepare(DdbCall *call);
static bool delete_item_step(DdbCall *call);

const DdbHandler ddb_op_delete_item = {
	.state_size = sizeof(ApiWrite), .prepare = delete_item_prepare,
	.step = delete_item_step
};

static void
delete_item_prepare(DdbCall *call)
{
	ApiWrite   *write = call->state;

	ddb_expr_check_mix(call->operation, call->request);
	write->action.item = ddb_validate_item(call->operation,
										   ddb_json_get(call->request, "Key"));
	api_check_return_old_only(call);
	api_prepare_write(call, DDB_ITEM_DELETE, write);
}

static bool
delete_item_step(DdbCall *call)
{
	const ApiWrite *write = call->state;
	DdbItemWrite done;

	ddb_item_execute(&write->action, &done);
	api_write_old_item(call, write, &done);
	return true;
}
