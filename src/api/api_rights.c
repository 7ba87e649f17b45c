/*
 * api_rights.c
 *	  The rights of a caller.
 *
 * A role that may execute the SQL function of an operation may execute the
 * operation.  Some operations require more: a privilege on the table, or owning it
 * (see mode.def).  For items PostgreSQL checks grants and policies on the heap.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "core/compat.h"
#include "core/inject.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/syscache.h"

/* The role last allowed to execute an operation, and the count at that time. */
static struct
{
	Oid			role;
	uint64		privileges;
}			executors[DDB_OPERATION_COUNT];

/* Counts changes of objects that privileges depend on. */
static uint64 privileges = 0;

static void check_execute(DdbCall *call);
static bool may_execute(const DdbOperation *operation, Oid role);
static void watch_privileges(void);
static void note_change(Datum arg, int cache, uint32 hash);
static void check_resource(DdbCall *call, const DdbResource *resource);
static bool has_right(const DdbTable *table, DdbTableRight right);
static void refuse(DdbCall *call, const DdbResource *resource) pg_attribute_noreturn();
static const char *resource_arn(const DdbResource *resource);

void
api_authorize(DdbCall *call)
{
	ListCell   *cell;

	check_execute(call);
	if (call->operation->mode->right == DDB_RIGHT_NONE)
		return;
	foreach(cell, api_resources(call))
		check_resource(call, lfirst(cell));
}

static void
check_execute(DdbCall *call)
{
	const DdbOperation *operation = call->operation;
	Oid			role = call->caller.role;
	uint64		before = privileges;
	List	   *resources;

	if (executors[operation->id].role == role &&
		executors[operation->id].privileges == before)
		return;
	watch_privileges();
	if (!may_execute(operation, role))
	{
		resources = api_resources(call);
		refuse(call, resources != NIL ? linitial(resources) : NULL);
	}
	executors[operation->id].role = role;
	executors[operation->id].privileges = before;
}

static bool
may_execute(const DdbOperation *operation, Oid role)
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
		ddb_function_aclcheck(function, role) == ACLCHECK_OK;
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

/* A table that does not exist is not checked here. */
static void
check_resource(DdbCall *call, const DdbResource *resource)
{
	const DdbTable *table = NULL;

	if (resource->foreign)
		refuse(call, resource);
	if (resource->table_name != NULL)
		table = ddb_meta_look_up(resource->table_name);
	if (table != NULL && OidIsValid(table->relid) &&
		!has_right(table, call->operation->mode->right))
		refuse(call, resource);
}

static bool
has_right(const DdbTable *table, DdbTableRight right)
{
	switch (right)
	{
		case DDB_RIGHT_NONE:
			return true;
		case DDB_RIGHT_DESCRIBE:
			return ddb_meta_may_describe(table);
		case DDB_RIGHT_CHANGE:
			return ddb_meta_may_change(table) || ddb_fault("owner_ignored");
	}
	return false;
}

/* resource NULL: all tables of the account */
static void
refuse(DdbCall *call, const DdbResource *resource)
{
	const char *operation = call->operation->name;

	ddb_error(DDB_ERROR_ACCESS_DENIED,
			  "User: %s is not authorized to perform: dynamodb:%s on resource: %s "
			  "because no %s-based policy allows the dynamodb:%s action",
			  ddb_caller_principal(&call->caller), operation,
			  resource_arn(resource),
			  resource != NULL && resource->foreign ? "resource" : "identity",
			  operation);
}

static const char *
resource_arn(const DdbResource *resource)
{
	if (resource == NULL)
		return ddb_table_arn("*");
	return resource->arn != NULL ? resource->arn :
		ddb_table_arn(resource->table_name);
}
