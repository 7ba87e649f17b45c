/*
 * store_index.c
 *	  Making and dropping the relations of secondary indexes.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "storage/lmgr.h"
#include "store/store_int.h"
#include "utils/builtins.h"

void
ddb_store_create_index(const DdbTable *table, const DdbIndex *index)
{
	StringInfoData sql;
	DdbUser		user = ddb_meta_become_owner();
	int			i;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE INDEX %s ON %s (",
					 quote_identifier(index->relation_name), quoted_heap(table));
	for (i = 0; i < index->key_count; i++)
		appendStringInfo(&sql, "%s(item OPERATOR(pg_catalog.->) %s OPERATOR(pg_catalog.->>) '%s')",
						 i > 0 ? ", " : "", quote_literal_cstr(index->keys[i].name.data),
						 ddb_type_tag(index->keys[i].type));
	appendStringInfo(&sql, ") WHERE item OPERATOR(pg_catalog.->) %s IS NOT NULL",
					 quote_literal_cstr(index->keys[0].name.data));
	if (SPI_execute(sql.data, false, 0) < 0)
		elog(ERROR, "could not execute \"%s\"", sql.data);
	ddb_meta_restore_user(user);
}

bool
ddb_store_drop_index(const DdbTable *table, const DdbIndex *index, bool wait)
{
	DdbUser		user;
	char	   *sql;

	if (wait)
		LockRelationOid(table->relid, AccessExclusiveLock);
	else if (!ConditionalLockRelationOid(table->relid, AccessExclusiveLock))
		return false;
	user = ddb_meta_become_owner();
	sql = psprintf("DROP INDEX IF EXISTS %s",
				   quote_qualified_identifier(DDB_SCHEMA_DATA, index->relation_name));
	if (SPI_execute(sql, false, 0) < 0)
		elog(ERROR, "could not execute \"%s\"", sql);
	ddb_meta_restore_user(user);
	return true;
}
