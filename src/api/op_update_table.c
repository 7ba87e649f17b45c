/*
 * op_update_table.c
 *	  UpdateTable.
 */
#include "postgres.h"

#include "api/api_int.h"

static void update_table_prepare(DdbCall *call);
static bool update_table_step(DdbCall *call);

const DdbHandler ddb_op_update_table = {
	.prepare = update_table_prepare, .step = update_table_step
};

static void
update_table_prepare(DdbCall *call)
{
	ddb_table_check_change(call->request);
}

static bool
update_table_step(DdbCall *call)
{
	DdbTableDescription description;
	const DdbTable *shown = ddb_table_change(call->request,
											 api_request_table(call->request),
											 &description);

	api_write_description(call, "TableDescription", shown, description);
	return true;
}
