/*
 * store_ddl.c
 *	  Making and dropping heaps.
 *
 * Here text of a request becomes part of SQL (and in the description of an index
 * the names of attributes), and always quoted.  DDL runs as the extension's owner,
 * who owns every table.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_namespace.h"
#include "core/compat.h"
#include "core/format.h"
#include "core/guc.h"
#include "core/lock.h"
#include "meta/names.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "store/store_int.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"

/*
 * How items that are too large for a row are compressed: lz4 takes a quarter of
 * the time of pglz, for a tenth more bytes.  A server may be built without it.
 */
#ifdef USE_LZ4
#define ITEM_COMPRESSION " COMPRESSION lz4"
#else
#define ITEM_COMPRESSION ""
#endif

static void ensure_schema(void);
static void lock_schema(void);
static void grant_schema_to_role(Oid role, const char *name);
static bool may_use_schema(Oid role);
static void check_schema_owner(void);
static const char *column_type(DdbType type);
static void grant_to_role(const char *heap, Oid role);

bool
ddb_store_create_table(const DdbTableRow *row)
{
	const char *heap = quote_qualified_identifier(DDB_SCHEMA_DATA, row->heap_name);
	const char *primary = quote_identifier(ddb_name_of_index(row->heap_name, "pkey"));
	const char *token = quote_identifier(ddb_name_of_index(row->heap_name, "token"));
	const char *sort = row->key_count > 1 ? ", sk" : "";
	Oid			caller = GetUserId();
	DdbUser		user = ddb_meta_become_owner();

	ensure_schema();
	if (OidIsValid(get_relname_relid(row->heap_name,
									 get_namespace_oid(DDB_SCHEMA_DATA, false))))
	{
		ddb_meta_restore_user(user);
		return false;
	}

	execute_ddl("CREATE TABLE %s (pk %s NOT NULL, %s%s%s"
				" item pg_catalog.jsonb" ITEM_COMPRESSION " NOT NULL,"
				" CONSTRAINT %s PRIMARY KEY (pk%s))",
				heap, column_type(row->keys[0].type),
				row->key_count > 1 ? "sk " : "",
				row->key_count > 1 ? column_type(row->keys[1].type) : "",
				row->key_count > 1 ? " NOT NULL," : "", primary, sort);
	execute_ddl("CREATE INDEX %s ON %s (dynamo.token(pk), pk%s)", token, heap, sort);
	execute_ddl("COMMENT ON TABLE %s IS %s", heap,
				quote_literal_cstr(psprintf("DynamoDB table %s", row->name)));
	grant_to_role(heap, get_role_oid(ddb_setting_default_role, true));
	grant_to_role(heap, caller);
	ddb_meta_restore_user(user);
	return true;
}

char *
ddb_store_analyze_sql(const DdbTable *table)
{
	return psprintf("ANALYZE %s", quoted_heap(table));
}

void
ddb_store_analyze(const DdbTable *table)
{
	DdbUser		user = ddb_meta_become_owner();

	execute_ddl("%s", ddb_store_analyze_sql(table));
	ddb_meta_restore_user(user);
}

bool
lock_heap(const DdbTable *table, bool wait)
{
	if (!wait)
		return ConditionalLockRelationOid(table->relid, AccessExclusiveLock);
	LockRelationOid(table->relid, AccessExclusiveLock);
	return true;
}

bool
ddb_store_drop_table(const DdbTable *table, bool wait)
{
	DdbUser		user;

	if (!OidIsValid(table->relid))
		return true;
	if (!lock_heap(table, wait))
		return false;
	user = ddb_meta_become_owner();
	execute_ddl("DROP TABLE IF EXISTS %s", quoted_heap(table));
	ddb_meta_restore_user(user);
	return true;
}

/*
 * Creates schema dynamo_data if it does not exist, and then locks out other
 * transactions that would create it, until the end of this one.  A schema that
 * another role owns is refused, because that role could replace the tables.
 */
static void
ensure_schema(void)
{
	if (OidIsValid(get_namespace_oid(DDB_SCHEMA_DATA, true)))
	{
		check_schema_owner();
		return;
	}
	lock_schema();
	if (OidIsValid(get_namespace_oid(DDB_SCHEMA_DATA, true)))
		return;

	execute_ddl("CREATE SCHEMA %s", DDB_SCHEMA_DATA);
}

/* And see what others have done to it. */
static void
lock_schema(void)
{
	LOCKTAG		tag = ddb_lock_make_tag(DDB_LOCK_CLASS_SCHEMA, 0);

	ddb_lock_acquire(&tag, ExclusiveLock);
	AcceptInvalidationMessages();
}

/*
 * Once for all tables: two transactions that change the row of the schema make
 * each other fail.
 */
static void
grant_schema_to_role(Oid role, const char *name)
{
	if (may_use_schema(role))
		return;
	lock_schema();
	if (!may_use_schema(role))
		execute_ddl("GRANT USAGE ON SCHEMA %s TO %s", DDB_SCHEMA_DATA, name);
}

static bool
may_use_schema(Oid role)
{
	return ddb_schema_aclcheck(get_namespace_oid(DDB_SCHEMA_DATA, false), role,
							   ACL_USAGE) == ACLCHECK_OK;
}

static void
check_schema_owner(void)
{
	Oid			schema = get_namespace_oid(DDB_SCHEMA_DATA, false);

	if (!ddb_schema_ownercheck(schema, ddb_meta_owner()))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("schema \"%s\" does not belong to role \"%s\"",
						DDB_SCHEMA_DATA, DDB_ROLE_OWNER),
				 errhint("If you trust what is in it, run SELECT dynamo.take_ownership() as a superuser; else rename it.")));
}

static void
grant_to_role(const char *heap, Oid role)
{
	const char *name;

	if (!OidIsValid(role) || role == GetUserId())
		return;
	name = quote_identifier(GetUserNameFromId(role, false));
	grant_schema_to_role(role, name);
	execute_ddl("GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %s", heap, name);
}

void
execute_ddl(const char *format,...)
{
	va_list		args;
	char	   *sql;
	int			result;

	va_start(args, format);
	sql = ddb_format(format, args);
	va_end(args);
	result = SPI_execute(sql, false, 0);
	if (result < 0)
		elog(ERROR, "could not execute \"%s\": %s", sql,
			 SPI_result_code_string(result));
}

static const char *
column_type(DdbType type)
{
	switch (type)
	{
		case DDB_TYPE_S:
			return "pg_catalog.text COLLATE pg_catalog.\"C\"";
		case DDB_TYPE_N:
			return "pg_catalog.numeric";
		case DDB_TYPE_B:
			return "pg_catalog.bytea";
		case DDB_TYPE_BOOL:
		case DDB_TYPE_NULL:
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
		case DDB_TYPE_L:
		case DDB_TYPE_M:
			break;
	}
	elog(ERROR, "type %s cannot be a key", ddb_type_tag(type));
}
