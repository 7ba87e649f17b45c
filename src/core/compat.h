/*
 * compat.h
 *	  All differences between PostgreSQL's versions (15 to 18) that concern us.
 */
#ifndef DDB_CORE_COMPAT_H
#define DDB_CORE_COMPAT_H

#include "postgres.h"

#if PG_VERSION_NUM < 150000
#error "dynamo needs PostgreSQL 15 or later"
#endif

/* PostgreSQL 18 replaced it by pg_noreturn, placed before a declaration. */
#if PG_VERSION_NUM >= 180000
#define pg_attribute_noreturn() __attribute__((noreturn))
#endif

/* Checks that a role may execute a function (needs utils/acl.h, catalog/pg_proc.h) */
#if PG_VERSION_NUM >= 160000
#define ddb_function_aclcheck(function, role) \
	object_aclcheck(ProcedureRelationId, (function), (role), ACL_EXECUTE)
#else
#define ddb_function_aclcheck(function, role) \
	pg_proc_aclcheck((function), (role), ACL_EXECUTE)
#endif

/* Checks a privilege on a schema (needs utils/acl.h, catalog/pg_namespace.h) */
#if PG_VERSION_NUM >= 160000
#define ddb_schema_aclcheck(schema, role, mode) \
	object_aclcheck(NamespaceRelationId, (schema), (role), (mode))
#else
#define ddb_schema_aclcheck(schema, role, mode) \
	pg_namespace_aclcheck((schema), (role), (mode))
#endif

/* Checks that a role may act as a schema's owner (needs catalog/pg_namespace.h) */
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

/* Whether this process holds a lock in exactly this mode (storage/lock.h) */
#if PG_VERSION_NUM >= 170000
#define ddb_compat_lock_is_held(tag, mode) LockHeldByMe((tag), (mode), false)
#else
#define ddb_compat_lock_is_held(tag, mode) LockHeldByMe((tag), (mode))
#endif

/*
 * The PGPROC that a virtual transaction id belongs to, or NULL if the process
 * has exited (needs storage/procarray.h and storage/sinvaladt.h).
 */
#if PG_VERSION_NUM >= 170000
#define ddb_compat_proc_of_vxid(vxid) ProcNumberGetProc((vxid).procNumber)
#else
#define ddb_compat_proc_of_vxid(vxid) BackendIdGetProc((vxid).backendId)
#endif

/*
 * common/jsonapi.h: since 16 the semantic actions return a result; since 17
 * the caller can supply the lexer's state.
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

/* A wait event set that lasts as long as the process (needs storage/latch.h). */
#if PG_VERSION_NUM >= 170000
#define ddb_compat_make_event_set(size) CreateWaitEventSet(NULL, (size))
#else
#define ddb_compat_make_event_set(size) \
	CreateWaitEventSet(TopMemoryContext, (size))
#endif

/*
 * Rows for a list of settings and values: timeouts of newer versions that
 * must not interrupt a worker.
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

/* Since 18, wait event sets have their own header. */
#if PG_VERSION_NUM >= 180000
#include "storage/waiteventset.h"
#endif

#endif							/* DDB_CORE_COMPAT_H */
