/*
 * sql.c
 *	  The SQL functions dynamo.<operation>(jsonb) and dynamo.execute().
 *
 * They make the same calls as HTTP, in the transaction and with the rights of the
 * caller.  Strings in requests and responses are in stored form, because jsonb
 * cannot hold U+0000.
 */
#include "postgres.h"

#include "api/call.h"
#include "core/error.h"
#include "fmgr.h"
#include "meta/meta.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

static Datum execute(const DdbOperation *operation, const Jsonb *request);

/* One function per operation. */
#define DDB_OPERATION(suffix, function, ...) \
	PG_FUNCTION_INFO_V1(dynamo_##function); \
	Datum \
	dynamo_##function(PG_FUNCTION_ARGS) \
	{ \
		return execute(ddb_operation_get(DDB_OPERATION_##suffix), \
					   PG_GETARG_JSONB_P(0)); \
	}
#include "model/operation.def"
#undef DDB_OPERATION

PG_FUNCTION_INFO_V1(dynamo_execute);

/* dynamo.execute(operation text, request jsonb) */
Datum
dynamo_execute(PG_FUNCTION_ARGS)
{
	const char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	const DdbOperation *operation = ddb_operation_find(name);

	if (ddb_operation_is_unserved(DDB_API_DYNAMODB, name) ||
		ddb_operation_is_unserved(DDB_API_STREAMS, name))
		ddb_error(DDB_ERROR_UNKNOWN_OPERATION, DDB_OPERATION_UNSERVED, name);
	if (operation == NULL)
		ddb_error(DDB_ERROR_UNKNOWN_OPERATION, "%s", name);
	return execute(operation, PG_GETARG_JSONB_P(1));
}

static Datum
execute(const DdbOperation *operation, const Jsonb *request)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller, "dynamo call",
												  ALLOCSET_DEFAULT_SIZES);
	DdbJson    *tree;
	DdbCall    *call;
	Datum		response;

	ddb_meta_require_extension();
	MemoryContextSwitchTo(context);
	tree = ddb_json_from_jsonb(request);
	if (tree == NULL)
		ddb_error_bare(DDB_ERROR_SERIALIZATION);
	call = ddb_call_make(context, operation, tree, DDB_CALLER_SQL);
	ddb_call_prepare(call);
	while (!ddb_call_step(call, DDB_BUDGET_UNLIMITED))
		CHECK_FOR_INTERRUPTS();

	MemoryContextSwitchTo(caller);
	/* Some answers have no body, but jsonb must not be empty. */
	response = DirectFunctionCall1(jsonb_in,
								   CStringGetDatum(call->writer.buf.len > 0 ?
												   call->writer.buf.data : "{}"));
	MemoryContextDelete(context);
	return response;
}
