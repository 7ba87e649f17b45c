/*
 * call.c
 *	  Dispatch: from an operation to its handler, step by step.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "api/call.h"
#include "core/error.h"
#include "executor/spi.h"
#include "meta/meta.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/memutils.h"

static const DdbHandler *const handlers[] = {
#define DDB_OPERATION(suffix, function, ...) \
	[DDB_OPERATION_##suffix] = &ddb_op_##function,
#include "model/operation.def"
#undef DDB_OPERATION
};

static void check_role(const DdbCall *call);
static void run_step(DdbCall *call, bool *complete);
static List *resource_of_table(const DdbCall *call);

DdbCall *
ddb_call_make(MemoryContext context, const DdbOperation *operation,
			  const DdbJson *request, DdbCallerSource source)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	DdbCall    *call = palloc0(sizeof(DdbCall));
	const DdbHandler *handler = handlers[operation->id];

	call->operation = operation;
	call->request = request;
	call->context = context;
	call->mode = *operation->mode;
	call->caller.source = source;
	if (source == DDB_CALLER_SQL)
		call->caller.role = GetUserId();
	if (handler->state_size > 0)
		call->state = palloc0(handler->state_size);
	ddb_json_writer_init(&call->writer, source == DDB_CALLER_SQL);
	MemoryContextSwitchTo(old);
	return call;
}

void
ddb_call_prepare(DdbCall *call)
{
	MemoryContext old = MemoryContextSwitchTo(call->context);
	const DdbHandler *handler = handlers[call->operation->id];

	ddb_model_validate(call->operation, call->request);
	if (handler->prepare != NULL)
		handler->prepare(call);
	MemoryContextSwitchTo(old);
}

void
ddb_call_relax(DdbCall *call)
{
	call->mode.durable = false;
	call->mode.needs_primary = false;
}

bool
ddb_call_step(DdbCall *call, DdbBudget budget)
{
	const DdbHandler *handler = handlers[call->operation->id];
	MemoryContext old = CurrentMemoryContext;
	DdbJsonMark mark = ddb_json_writer_mark(&call->writer);
	void	   *saved = NULL;
	bool		complete = false;

	if (handler->state_size > 0)
	{
		saved = MemoryContextAlloc(call->context, handler->state_size);
		memcpy(saved, call->state, handler->state_size);
	}
	call->budget = budget;
	check_role(call);

	ddb_meta_begin_operation();
	PG_TRY();
	{
		run_step(call, &complete);
	}
	PG_CATCH();
	{
		ddb_meta_end_operation();
		ddb_json_writer_reset(&call->writer, mark);
		if (saved != NULL)
			memcpy(call->state, saved, handler->state_size);
		PG_RE_THROW();
	}
	PG_END_TRY();
	ddb_meta_end_operation();

	if (saved != NULL)
		pfree(saved);
	MemoryContextSwitchTo(old);
	return complete;
}

/* A worker is a superuser.  No step may run as superuser by mistake. */
static void
check_role(const DdbCall *call)
{
	if (GetUserId() != call->caller.role ||
		(call->caller.source == DDB_CALLER_HTTP && !InLocalUserIdChange()))
		elog(ERROR, "a request is executed as somebody else than its caller");
}

static void
run_step(DdbCall *call, bool *complete)
{
	SPI_connect();
	MemoryContextSwitchTo(call->context);
	api_authorize(call);
	if (call->mode.writes)
		PreventCommandIfReadOnly(call->operation->name);
	*complete = handlers[call->operation->id]->step(call);
	SPI_finish();
}

bool
ddb_call_can_skip_locked(const DdbCall *call)
{
	return handlers[call->operation->id]->can_skip_locked;
}

bool
ddb_call_conflict(const DdbCall *call, DdbFailure *failure)
{
	const DdbHandler *handler = handlers[call->operation->id];

	if (handler->conflict == NULL)
		return false;
	*failure = handler->conflict(call);
	return true;
}

List *
api_resources(const DdbCall *call)
{
	switch (call->operation->resource)
	{
		case DDB_RESOURCE_NONE:
			break;
		case DDB_RESOURCE_TABLE:
			return resource_of_table(call);
		case DDB_RESOURCE_TABLES:
		case DDB_RESOURCE_ARN:
			return handlers[call->operation->id]->resources(call);
	}
	return NIL;
}

static List *
resource_of_table(const DdbCall *call)
{
	return list_make1(api_resource_of_table(api_request_table(call->request)));
}
