/*
 * meta_catalog.c
 *	  Reading and writing the catalog: dynamo_catalog.tables and .indexes.
 *
 * meta_statement.c runs the statements and chooses their role and snapshot.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "commands/event_trigger.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "meta/meta.h"
#include "meta/meta_int.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/jsonb.h"
#include "utils/snapmgr.h"

static MetaStatement load_table = {
	"SELECT table_id, heap_name, status, created_at, partition_key,"
	" partition_key_type, sort_key, sort_key_type, definition, shown_status,"
	" shown_until, ttl_status, ttl_attribute, ttl_changed_at, owner_role"
	" FROM dynamo_catalog.tables WHERE table_name OPERATOR(pg_catalog.=) $1",
	1, {TEXTOID}
};
static MetaStatement load_indexes = {
	"SELECT index_name, kind, relation_name, status, backfilling, definition,"
	" shown_status, shown_until"
	" FROM dynamo_catalog.indexes"
	" WHERE table_name OPERATOR(pg_catalog.=) $1 ORDER BY position",
	1, {TEXTOID}
};
static MetaStatement list_tables = {
	"SELECT table_name FROM dynamo_catalog.tables"
	" WHERE table_name OPERATOR(pg_catalog.>) $1 ORDER BY table_name",
	1, {TEXTOID}
};
static MetaStatement insert_table = {
	"INSERT INTO dynamo_catalog.tables (table_name, table_id, heap_name,"
	" status, created_at, partition_key, partition_key_type, sort_key,"
	" sort_key_type, definition, owner_role)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
	" ON CONFLICT DO NOTHING",
	11, {TEXTOID, UUIDOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID,
	TEXTOID, TEXTOID, TEXTOID, JSONBOID, TEXTOID}
};
static MetaStatement set_status = {
	"UPDATE dynamo_catalog.tables SET status = $2"
	" WHERE table_name OPERATOR(pg_catalog.=) $1",
	2, {TEXTOID, TEXTOID}
};
static MetaStatement show_status = {
	"UPDATE dynamo_catalog.tables SET shown_status = $2, shown_until = $3"
	" WHERE table_name OPERATOR(pg_catalog.=) $1",
	3, {TEXTOID, TEXTOID, TIMESTAMPTZOID}
};
static MetaStatement set_definition = {
	"UPDATE dynamo_catalog.tables SET definition = $2"
	" WHERE table_name OPERATOR(pg_catalog.=) $1",
	2, {TEXTOID, JSONBOID}
};
static MetaStatement prune_definitions = {
	"UPDATE dynamo_catalog.tables AS t SET definition ="
	" pg_catalog.jsonb_set(definition, '{AttributeDefinitions}',"
	" (SELECT coalesce(pg_catalog.jsonb_agg(d), '[]')"
	"  FROM pg_catalog.jsonb_array_elements("
	"   definition OPERATOR(pg_catalog.->) 'AttributeDefinitions') AS d,"
	"   LATERAL (SELECT d OPERATOR(pg_catalog.->>) 'AttributeName') AS a(name)"
	"  WHERE name OPERATOR(pg_catalog.=) partition_key"
	"   OR name OPERATOR(pg_catalog.=) sort_key"
	"   OR EXISTS (SELECT FROM dynamo_catalog.indexes AS i,"
	"    pg_catalog.jsonb_array_elements("
	"     i.definition OPERATOR(pg_catalog.->) 'KeySchema') AS k"
	"    WHERE i.table_name OPERATOR(pg_catalog.=) t.table_name"
	"    AND k OPERATOR(pg_catalog.->>) 'AttributeName'"
	"     OPERATOR(pg_catalog.=) name)))"
	" WHERE table_name OPERATOR(pg_catalog.=) $1",
	1, {TEXTOID}
};
static MetaStatement delete_table = {
	"WITH i AS (DELETE FROM dynamo_catalog.indexes"
	"  WHERE table_name OPERATOR(pg_catalog.=) $1),"
	" g AS (DELETE FROM dynamo_catalog.tags"
	"  WHERE table_name OPERATOR(pg_catalog.=) $1),"
	" j AS (DELETE FROM dynamo_catalog.jobs"
	"  WHERE table_name OPERATOR(pg_catalog.=) $1)"
	" DELETE FROM dynamo_catalog.tables"
	" WHERE table_name OPERATOR(pg_catalog.=) $1",
	1, {TEXTOID}
};
static MetaStatement insert_index = {
	"INSERT INTO dynamo_catalog.indexes (table_name, index_name, kind,"
	" position, relation_name, status, backfilling, definition)"
	" SELECT $1, $2, $3,"
	" coalesce(pg_catalog.max(position) OPERATOR(pg_catalog.+) 1, 0),"
	" $4, $5, $6, $7 FROM dynamo_catalog.indexes"
	" WHERE table_name OPERATOR(pg_catalog.=) $1",
	7, {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, BOOLOID, JSONBOID}
};
static MetaStatement set_index_status = {
	"UPDATE dynamo_catalog.indexes SET status = $3, backfilling = $4"
	" WHERE table_name OPERATOR(pg_catalog.=) $1"
	" AND index_name OPERATOR(pg_catalog.=) $2",
	4, {TEXTOID, TEXTOID, TEXTOID, BOOLOID}
};
static MetaStatement show_index_status = {
	"UPDATE dynamo_catalog.indexes SET shown_status = $3, shown_until = $4"
	" WHERE table_name OPERATOR(pg_catalog.=) $1"
	" AND index_name OPERATOR(pg_catalog.=) $2",
	4, {TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID}
};
static MetaStatement set_index_definition = {
	"UPDATE dynamo_catalog.indexes SET definition = $3"
	" WHERE table_name OPERATOR(pg_catalog.=) $1"
	" AND index_name OPERATOR(pg_catalog.=) $2",
	3, {TEXTOID, TEXTOID, JSONBOID}
};
static MetaStatement delete_index = {
	"DELETE FROM dynamo_catalog.indexes"
	" WHERE table_name OPERATOR(pg_catalog.=) $1"
	" AND index_name OPERATOR(pg_catalog.=) $2",
	2, {TEXTOID, TEXTOID}
};

static MetaStatement forget_dropped = {
	"WITH t AS (DELETE FROM dynamo_catalog.tables AS t"
	" USING pg_catalog.pg_event_trigger_dropped_objects() AS d"
	" WHERE d.object_type OPERATOR(pg_catalog.=) 'table'"
	" AND d.schema_name OPERATOR(pg_catalog.=) 'dynamo_data'"
	" AND d.object_name OPERATOR(pg_catalog.=) t.heap_name"
	" RETURNING t.table_name),"
	" i AS (DELETE FROM dynamo_catalog.indexes AS i USING t"
	"  WHERE i.table_name OPERATOR(pg_catalog.=) t.table_name),"
	" g AS (DELETE FROM dynamo_catalog.tags AS g USING t"
	"  WHERE g.table_name OPERATOR(pg_catalog.=) t.table_name)"
	" DELETE FROM dynamo_catalog.jobs AS j USING t"
	" WHERE j.table_name OPERATOR(pg_catalog.=) t.table_name",
	0, {0}
};

static DdbTable *load(const char *name, MemoryContext parent);
static Datum json_datum(const char *text);

PG_FUNCTION_INFO_V1(dynamo_catalog_changed);
PG_FUNCTION_INFO_V1(dynamo_catalog_sql_drop);

static const char *const status_names[] = {
	[DDB_TABLE_CREATING] = "CREATING",
	[DDB_TABLE_ACTIVE] = "ACTIVE",
	[DDB_TABLE_UPDATING] = "UPDATING",
	[DDB_TABLE_DELETING] = "DELETING",
};

const char *
ddb_table_status_name(DdbTableStatus status)
{
	return status_names[status];
}

DdbTableStatus
meta_parse_status(const char *name)
{
	int			i;

	for (i = 0; i < lengthof(status_names); i++)
	{
		if (strcmp(status_names[i], name) == 0)
			return (DdbTableStatus) i;
	}
	elog(ERROR, "unknown table status \"%s\" in dynamo_catalog.tables", name);
}

DdbTable *
meta_load(const char *name, MemoryContext parent)
{
	DdbTable   *table;

	/* one snapshot for table and indexes, which must match */
	PushActiveSnapshot(GetLatestSnapshot());
	table = load(name, parent);
	PopActiveSnapshot();
	return table;
}

static DdbTable *
load(const char *name, MemoryContext parent)
{
	Datum		values[] = {CStringGetTextDatum(name)};
	DdbTable   *table = NULL;
	MetaRows	rows = meta_run_in_snapshot(&load_table, values, 1);

	if (meta_next(&rows))
		table = meta_make_table(name, &rows, parent);
	meta_end(&rows);
	if (table == NULL)
		return NULL;

	rows = meta_run_in_snapshot(&load_indexes, values, 0);
	meta_add_indexes(table, &rows);
	return table;
}

List *
ddb_meta_list(const char *after, int limit)
{
	Datum		values[] = {CStringGetTextDatum(after != NULL ? after : "")};

	return meta_run_for_names(&list_tables, values, limit);
}

bool
ddb_meta_insert(const DdbTableRow *row)
{
	const DdbKeyAttribute *sort = row->key_count > 1 ? &row->keys[1] : NULL;
	pg_uuid_t	id = row->id;
	char		nulls[META_MAX_PARAMETERS + 1] = "           ";
	Datum		values[] = {
		CStringGetTextDatum(row->name),
		UUIDPGetDatum(&id),
		CStringGetTextDatum(row->heap_name),
		CStringGetTextDatum(ddb_table_status_name(row->status)),
		TimestampTzGetDatum(row->created_at),
		CStringGetTextDatum(row->keys[0].name.data),
		CStringGetTextDatum(ddb_type_tag(row->keys[0].type)),
		sort ? CStringGetTextDatum(sort->name.data) : (Datum) 0,
		sort ? CStringGetTextDatum(ddb_type_tag(sort->type)) : (Datum) 0,
		json_datum(row->definition),
		CStringGetTextDatum(row->owner_role),
	};

	if (sort == NULL)
		nulls[7] = nulls[8] = 'n';
	return meta_run(&insert_table, true, values, nulls, 0).count > 0;
}

bool
ddb_meta_set_status(const char *name, DdbTableStatus status)
{
	Datum		values[] = {
		CStringGetTextDatum(name),
		CStringGetTextDatum(ddb_table_status_name(status)),
	};

	return meta_run(&set_status, true, values, NULL, 0).count > 0;
}

void
ddb_meta_show_status(const char *name, const char *index_name,
					 DdbTableStatus status, TimestampTz until)
{
	Datum		of_table[] = {
		CStringGetTextDatum(name),
		CStringGetTextDatum(ddb_table_status_name(status)),
		TimestampTzGetDatum(until),
	};
	Datum		of_index[] = {
		of_table[0],
		index_name != NULL ? CStringGetTextDatum(index_name) : (Datum) 0,
		of_table[1],
		of_table[2],
	};

	if (index_name != NULL)
		meta_run(&show_index_status, true, of_index, NULL, 0);
	else
		meta_run(&show_status, true, of_table, NULL, 0);
}

void
ddb_meta_delete(const char *name)
{
	Datum		values[] = {CStringGetTextDatum(name)};

	meta_run(&delete_table, true, values, NULL, 0);
}

void
ddb_meta_set_definition(const char *name, const char *definition)
{
	Datum		values[] = {CStringGetTextDatum(name), json_datum(definition)};

	meta_run(&set_definition, true, values, NULL, 0);
}

void
ddb_meta_insert_index(const DdbIndexRow *row)
{
	Datum		values[] = {
		CStringGetTextDatum(row->table_name),
		CStringGetTextDatum(row->name),
		CStringGetTextDatum(row->is_global ? "GLOBAL" : "LOCAL"),
		CStringGetTextDatum(row->relation_name),
		CStringGetTextDatum(ddb_table_status_name(row->status)),
		BoolGetDatum(row->backfilling),
		json_datum(row->definition),
	};

	meta_run(&insert_index, true, values, NULL, 0);
}

void
ddb_meta_set_index_status(const char *table_name, const char *name,
						  DdbTableStatus status, bool backfilling)
{
	Datum		values[] = {
		CStringGetTextDatum(table_name),
		CStringGetTextDatum(name),
		CStringGetTextDatum(ddb_table_status_name(status)),
		BoolGetDatum(backfilling),
	};

	meta_run(&set_index_status, true, values, NULL, 0);
}

void
ddb_meta_set_index_definition(const char *table_name, const char *name,
							  const char *definition)
{
	Datum		values[] = {
		CStringGetTextDatum(table_name),
		CStringGetTextDatum(name),
		json_datum(definition),
	};

	meta_run(&set_index_definition, true, values, NULL, 0);
}

void
ddb_meta_delete_index(const char *table_name, const char *name)
{
	Datum		values[] = {
		CStringGetTextDatum(table_name),
		CStringGetTextDatum(name),
	};

	meta_run(&delete_index, true, values, NULL, 0);
	meta_run(&prune_definitions, true, values, NULL, 0);
}

/*
 * Statement trigger on the tables of the catalog.  When this transaction
 * commits, every backend gets an invalidation and checks its descriptors.
 */
Datum
dynamo_catalog_changed(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		elog(ERROR, "dynamo_catalog.changed() can only be called as a trigger");
	CacheInvalidateRelcacheByRelid(meta_sentinel());
	PG_RETURN_POINTER(NULL);
}

/*
 * Event trigger on sql_drop.  Deletes tables that were dropped with SQL from
 * the catalog.
 */
Datum
dynamo_catalog_sql_drop(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		elog(ERROR, "dynamo_catalog.sql_drop() can only be called as an event trigger");
	if (ddb_meta_extension_state() == DDB_EXTENSION_ABSENT)
		PG_RETURN_NULL();

	SPI_connect();
	meta_run(&forget_dropped, true, NULL, NULL, 0);
	SPI_finish();
	PG_RETURN_NULL();
}

static Datum
json_datum(const char *text)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
}
