/*
 * compat.h
 *	  The one place where PostgreSQL's versions (15 to 18) differ for us.
 */
#ifndef DDB_CORE_COMPAT_H
#define DDB_CORE_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "dynamo needs PostgreSQL 15 or later"
#endif

/* Gone since 18, whose pg_noreturn stands before a declaration. */
#if PG_VERSION_NUM >= 180000
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

/* May a role execute a function?  (needs utils/acl.h, catalog/pg_proc.h) */
#if PG_VERSION_NUM >= 160000
#define ddb_function_aclcheck(function, role) \
	object_aclcheck(ProcedureRelationId, (function), (role), ACL_EXECUTE)
#else
#define ddb_function_aclcheck(function, role) \
	pg_proc_aclcheck((function), (role), ACL_EXECUTE)
#endif

/* May a role do something with a schema?  (the same, catalog/pg_namespace.h) */
#if PG_VERSION_NUM >= 160000
#define ddb_schema_aclcheck(schema, role, mode) \
	object_aclcheck(NamespaceRelationId, (schema), (role), (mode))
#else
#define ddb_schema_aclcheck(schema, role, mode) \
	pg_namespace_aclcheck((schema), (role), (mode))
#endif

/* May a role act as a schema's owner?  (catalog/pg_namespace.h) */
#if PG_VERSION_NUM >= 160000
#define ddb_schema_ownercheck(schema, role) \
	object_ownercheck(NamespaceRelationId, (schema), (role))
#else
#define ddb_schema_ownercheck(schema, role) \
	pg_namespace_ownercheck((schema), (role))
#endif

/* The local id of this backend's transaction (needs storage/proc.h). */
#if PG_VERSION_NUM >= 170000
#define DDB_MY_LXID (MyProc->vxid.lxid)
#else
#define DDB_MY_LXID (MyProc->lxid)
#endif

/* Does this process hold a lock in just this mode?  (needs storage/lock.h) */
#if PG_VERSION_NUM >= 170000
#define ddb_compat_lock_is_held(tag, mode) LockHeldByMe((tag), (mode), false)
#else
#define ddb_compat_lock_is_held(tag, mode) LockHeldByMe((tag), (mode))
#endif

/*
 * Whose transaction a virtual transaction id is (needs storage/procarray.h and
 * storage/sinvaladt.h); NULL when the process has gone.
 */
#if PG_VERSION_NUM >= 170000
#define ddb_compat_proc_of_vxid(vxid) ProcNumberGetProc((vxid).procNumber)
#else
#define ddb_compat_proc_of_vxid(vxid) BackendIdGetProc((vxid).backendId)
#endif

/*
 * common/jsonapi.h: since 16 the semantic actions report success, since 17
 * the lexer's state can be the caller's.
 */
#if PG_VERSION_NUM >= 160000
#define DDB_JSON_ACTION_RESULT	JsonParseErrorType
#define DDB_JSON_ACTION_DONE	return JSON_SUCCESS
#else
#define DDB_JSON_ACTION_RESULT	void
#define DDB_JSON_ACTION_DONE	return
#endif

#if PG_VERSION_NUM >= 170000
#define ddb_compat_make_json_lexer(json, len, encoding) \
	makeJsonLexContextCstringLen(NULL, json, len, encoding, false)
#else
#define ddb_compat_make_json_lexer(json, len, encoding) \
	makeJsonLexContextCstringLen(json, len, encoding, false)
#endif

/* A set that lasts as long as the process (needs storage/latch.h). */
#if PG_VERSION_NUM >= 170000
#define ddb_compat_make_event_set(size) CreateWaitEventSet(NULL, (size))
#else
#define ddb_compat_make_event_set(size) \
	CreateWaitEventSet(TopMemoryContext, (size))
#endif

/*
 * Rows for a list of settings and values: timeouts of newer versions, which
 * must not end what a worker does.
 */
#if PG_VERSION_NUM >= 170000
#define DDB_COMPAT_TIMEOUT_PINS {"transaction_timeout", "0"},
#else
#define DDB_COMPAT_TIMEOUT_PINS
#endif

/* PortalRun() lost an argument in 18 (needs tcop/pquery.h). */
#if PG_VERSION_NUM >= 180000
#define ddb_compat_portal_run(portal, receiver) \
	PortalRun((portal), FETCH_ALL, true, (receiver), (receiver), NULL)
#else
#define ddb_compat_portal_run(portal, receiver) \
	PortalRun((portal), FETCH_ALL, true, true, (receiver), (receiver), NULL)
#endif

/* Waiting for events has a header of its own since 18. */
#if PG_VERSION_NUM >= 180000
#include "storage/waiteventset.h"
#endif

#endif							/* DDB_CORE_COMPAT_H */
