/*
 * call.c
 *	  Dispatch: from an operation to its handler, step by step.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "api/call.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "core/compat.h"
#include "core/error.h"
#include "core/guc.h"
#include "core/session.h"
#include "executor/spi.h"
#include "meta/meta.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

static const DdbHandler *const handlers[] = {
#define DDB_OPERATION(suffix, function, name, kind) \
	[DDB_OPERATION_##suffix] = &ddb_op_##function,
#include "model/operation.def"
#undef DDB_OPERATION
};

/* The role that was last found to be allowed an operation, as privileges were. */
static struct
{
	Oid			role;
	uint64		privileges;
}			executors[DDB_OPERATION_COUNT];

/* Counts changes of what privileges depend on. */
static uint64 privileges = 0;

static void run_step(DdbCall *call, bool *complete);
static bool may_execute(const DdbOperation *operation);
static void watch_privileges(void);
static void note_change(Datum arg, int cache, uint32 hash);

DdbCall *
ddb_call_make(MemoryContext context, const DdbOperation *operation,
			  const DdbJson *request, bool stored_form)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	DdbCall    *call = palloc0(sizeof(DdbCall));
	const DdbHandler *handler = handlers[operation->id];

	call->operation = operation;
	call->request = request;
	call->context = context;
	call->durable = true;
	if (handler->state_size > 0)
		call->state = palloc0(handler->state_size);
	ddb_json_writer_init(&call->writer, stored_form);
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
	if (ddb_session_is_worker && !InLocalUserIdChange())
		elog(ERROR, "a request is executed without a role");

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

static void
run_step(DdbCall *call, bool *complete)
{
	SPI_connect();
	MemoryContextSwitchTo(call->context);
	*complete = handlers[call->operation->id]->step(call);
	SPI_finish();
}

bool
ddb_call_can_skip_locked(const DdbCall *call)
{
	return handlers[call->operation->id]->can_skip_locked;
}

bool
ddb_call_is_transaction(const DdbCall *call)
{
	return handlers[call->operation->id]->is_transaction;
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

void
ddb_call_authorize(const DdbOperation *operation)
{
	Oid			role = GetUserId();
	uint64		before = privileges;

	if (executors[operation->id].role == role &&
		executors[operation->id].privileges == before)
		return;
	watch_privileges();
	if (!may_execute(operation))
		ddb_error(DDB_ERROR_ACCESS_DENIED,
				  "User: %s is not authorized to perform: dynamodb:%s",
				  api_user_arn(), operation->name);
	executors[operation->id].role = role;
	executors[operation->id].privileges = before;
}

static bool
may_execute(const DdbOperation *operation)
{
	Oid			arguments[] = {JSONBOID};
	Oid			schema = get_namespace_oid(DDB_SCHEMA_API, true);
	Oid			function = InvalidOid;

	if (OidIsValid(schema))
		function = GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
								   CStringGetDatum(operation->function),
								   PointerGetDatum(buildoidvector(arguments, 1)),
								   ObjectIdGetDatum(schema));
	return OidIsValid(function) &&
		ddb_function_aclcheck(function, GetUserId()) == ACLCHECK_OK;
}

static void
watch_privileges(void)
{
	static const int caches[] = {
		PROCOID, NAMESPACEOID, AUTHOID, AUTHMEMROLEMEM, DATABASEOID
	};
	static bool watching = false;
	int			i;

	if (watching)
		return;
	for (i = 0; i < lengthof(caches); i++)
		CacheRegisterSyscacheCallback(caches[i], note_change, (Datum) 0);
	watching = true;
}

static void
note_change(Datum arg, int cache, uint32 hash)
{
	privileges++;
}
