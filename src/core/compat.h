/*
 * compat.h
 *	  The one place where PostgreSQL's versions (14 to 18) differ for us.
 */
#ifndef DDB_CORE_COMPAT_H
#define DDB_CORE_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 140000
#error "dynamo needs PostgreSQL 14 or later"
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

/*
 * Running a statement by hand (needs tcop/tcopprot.h, tcop/pquery.h): the
 * analysis has another name since 15, PortalRun() lost an argument in 18.
 */
#if PG_VERSION_NUM >= 150000
#define ddb_compat_analyze_and_rewrite(statement, sql) \
	pg_analyze_and_rewrite_fixedparams((statement), (sql), NULL, 0, NULL)
#else
#define ddb_compat_analyze_and_rewrite(statement, sql) \
	pg_analyze_and_rewrite((statement), (sql), NULL, 0, NULL)
#endif

#if PG_VERSION_NUM >= 180000
#define ddb_compat_portal_run(portal, receiver) \
	PortalRun((portal), FETCH_ALL, true, (receiver), (receiver), NULL)
#else
#define ddb_compat_portal_run(portal, receiver) \
	PortalRun((portal), FETCH_ALL, true, true, (receiver), (receiver), NULL)
#endif

#endif							/* DDB_CORE_COMPAT_H */
