/*
 * op_create_table.c
 *	  CreateTable.
 */
#include "postgres.h"

#include "api/api_int.h"

static void create_table_prepare(DdbCall *call);
static bool create_table_step(DdbCall *call);

const DdbHandler ddb_op_create_table = {
	.state_size = sizeof(DdbNewTable), .prepare = create_table_prepare,
	.step = create_table_step
};

static void
create_table_prepare(DdbCall *call)
{
	ddb_table_plan(call->request, api_request_table(call->request), call->state);
}

/* The table is ACTIVE, but the answer says CREATING, as clients expect. */
static bool
create_table_step(DdbCall *call)
{
	DdbTable   *shown = ddb_table_copy(ddb_table_create(call->state));

	shown->status = DDB_TABLE_CREATING;
	api_write_description(call, "TableDescription", shown,
						  (DdbTableDescription) {0});
	return true;
}
