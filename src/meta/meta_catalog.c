/*
 * meta_catalog.c
 *	  Reading and writing the catalog: dynamo_catalog.tables and .indexes.
 *
 * All of it runs as the extension's owner: callers need no privileges on the
 * catalog.  Reads use a fresh snapshot even inside a repeatable read
 * transaction, as PostgreSQL's own catalog look-ups do.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "commands/event_trigger.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "meta/meta.h"
#include "meta/meta_int.h"
#include "meta/names.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* The statements, with the types of their parameters; each prepared once. */
typedef enum Statement
{
	STATEMENT_LOAD,
	STATEMENT_LOAD_INDEXES,
	STATEMENT_LIST,
	STATEMENT_LIST_DELETING,
	STATEMENT_INSERT,
	STATEMENT_SET_STATUS,
	STATEMENT_SHOW_STATUS,
	STATEMENT_SET_DEFINITION,
	STATEMENT_PRUNE_DEFINITIONS,
	STATEMENT_DELETE,
	STATEMENT_INSERT_INDEX,
	STATEMENT_SET_INDEX_STATUS,
	STATEMENT_SHOW_INDEX_STATUS,
	STATEMENT_SET_INDEX_DEFINITION,
	STATEMENT_DELETE_INDEX
} Statement;

static MetaStatement statements[] = {
	[STATEMENT_LOAD] = {
		"SELECT table_id, heap_name, status, created_at, partition_key,"
		" partition_key_type, sort_key, sort_key_type, definition, shown_status,"
		" shown_until, ttl_status, ttl_attribute, ttl_changed_at, owner_role"
		" FROM dynamo_catalog.tables WHERE table_name OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}
	},
	[STATEMENT_LOAD_INDEXES] = {
		"SELECT index_name, kind, relation_name, status, backfilling, definition,"
		" shown_status, shown_until"
		" FROM dynamo_catalog.indexes"
		" WHERE table_name OPERATOR(pg_catalog.=) $1 ORDER BY position",
		1, {TEXTOID}
	},
	[STATEMENT_LIST] = {
		"SELECT table_name FROM dynamo_catalog.tables"
		" WHERE table_name OPERATOR(pg_catalog.>) $1 ORDER BY table_name",
		1, {TEXTOID}
	},
	[STATEMENT_LIST_DELETING] = {
		"SELECT table_name FROM dynamo_catalog.tables"
		" WHERE status OPERATOR(pg_catalog.=) 'DELETING' ORDER BY table_name",
		0, {0}
	},
	[STATEMENT_INSERT] = {
		"INSERT INTO dynamo_catalog.tables (table_name, table_id, heap_name,"
		" status, created_at, partition_key, partition_key_type, sort_key,"
		" sort_key_type, definition, owner_role)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
		" ON CONFLICT DO NOTHING",
		11, {TEXTOID, UUIDOID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID,
		TEXTOID, TEXTOID, TEXTOID, JSONBOID, TEXTOID}
	},
	[STATEMENT_SET_STATUS] = {
		"UPDATE dynamo_catalog.tables SET status = $2"
		" WHERE table_name OPERATOR(pg_catalog.=) $1",
		2, {TEXTOID, TEXTOID}
	},
	[STATEMENT_SHOW_STATUS] = {
		"UPDATE dynamo_catalog.tables SET shown_status = $2, shown_until = $3"
		" WHERE table_name OPERATOR(pg_catalog.=) $1",
		3, {TEXTOID, TEXTOID, TIMESTAMPTZOID}
	},
	[STATEMENT_SET_DEFINITION] = {
		"UPDATE dynamo_catalog.tables SET definition = $2"
		" WHERE table_name OPERATOR(pg_catalog.=) $1",
		2, {TEXTOID, JSONBOID}
	},
	[STATEMENT_PRUNE_DEFINITIONS] = {
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
	},
	[STATEMENT_DELETE] = {
		"WITH i AS (DELETE FROM dynamo_catalog.indexes"
		"  WHERE table_name OPERATOR(pg_catalog.=) $1),"
		" g AS (DELETE FROM dynamo_catalog.tags"
		"  WHERE table_name OPERATOR(pg_catalog.=) $1),"
		" j AS (DELETE FROM dynamo_catalog.jobs"
		"  WHERE table_name OPERATOR(pg_catalog.=) $1)"
		" DELETE FROM dynamo_catalog.tables"
		" WHERE table_name OPERATOR(pg_catalog.=) $1",
		1, {TEXTOID}
	},
	[STATEMENT_INSERT_INDEX] = {
		"INSERT INTO dynamo_catalog.indexes (table_name, index_name, kind,"
		" position, relation_name, status, backfilling, definition)"
		" SELECT $1, $2, $3,"
		" coalesce(pg_catalog.max(position) OPERATOR(pg_catalog.+) 1, 0),"
		" $4, $5, $6, $7 FROM dynamo_catalog.indexes"
		" WHERE table_name OPERATOR(pg_catalog.=) $1",
		7, {TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, BOOLOID, JSONBOID}
	},
	[STATEMENT_SET_INDEX_STATUS] = {
		"UPDATE dynamo_catalog.indexes SET status = $3, backfilling = $4"
		" WHERE table_name OPERATOR(pg_catalog.=) $1"
		" AND index_name OPERATOR(pg_catalog.=) $2",
		4, {TEXTOID, TEXTOID, TEXTOID, BOOLOID}
	},
	[STATEMENT_SHOW_INDEX_STATUS] = {
		"UPDATE dynamo_catalog.indexes SET shown_status = $3, shown_until = $4"
		" WHERE table_name OPERATOR(pg_catalog.=) $1"
		" AND index_name OPERATOR(pg_catalog.=) $2",
		4, {TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID}
	},
	[STATEMENT_SET_INDEX_DEFINITION] = {
		"UPDATE dynamo_catalog.indexes SET definition = $3"
		" WHERE table_name OPERATOR(pg_catalog.=) $1"
		" AND index_name OPERATOR(pg_catalog.=) $2",
		3, {TEXTOID, TEXTOID, JSONBOID}
	},
	[STATEMENT_DELETE_INDEX] = {
		"DELETE FROM dynamo_catalog.indexes"
		" WHERE table_name OPERATOR(pg_catalog.=) $1"
		" AND index_name OPERATOR(pg_catalog.=) $2",
		2, {TEXTOID, TEXTOID}
	},
};

static DdbTable *load(const char *name, MemoryContext parent);
static void run(Statement statement, Datum *values, const char *nulls, long limit);
static void execute(MetaStatement *statement, bool read_only, Datum *values,
					const char *nulls, long limit);
static List *run_for_names(Statement statement, Datum *values, long limit);
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

	/* Of both, as they belong together. */
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

	execute(&statements[STATEMENT_LOAD], true, values, NULL, 1);
	if (SPI_processed > 0)
		table = meta_make_table(name, SPI_tuptable->vals[0],
								SPI_tuptable->tupdesc, parent);
	SPI_freetuptable(SPI_tuptable);
	if (table == NULL)
		return NULL;

	execute(&statements[STATEMENT_LOAD_INDEXES], true, values, NULL, 0);
	meta_add_indexes(table, SPI_tuptable->vals, (int) SPI_processed,
					 SPI_tuptable->tupdesc);
	SPI_freetuptable(SPI_tuptable);
	return table;
}

List *
ddb_meta_list(const char *after, int limit)
{
	Datum		values[] = {CStringGetTextDatum(after != NULL ? after : "")};

	return run_for_names(STATEMENT_LIST, values, limit);
}

List *
ddb_meta_list_deleting(void)
{
	return run_for_names(STATEMENT_LIST_DELETING, NULL, 0);
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
	run(STATEMENT_INSERT, values, nulls, 0);
	return SPI_processed > 0;
}

bool
ddb_meta_set_status(const char *name, DdbTableStatus status)
{
	Datum		values[] = {
		CStringGetTextDatum(name),
		CStringGetTextDatum(ddb_table_status_name(status)),
	};

	run(STATEMENT_SET_STATUS, values, NULL, 0);
	return SPI_processed > 0;
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
		run(STATEMENT_SHOW_INDEX_STATUS, of_index, NULL, 0);
	else
		run(STATEMENT_SHOW_STATUS, of_table, NULL, 0);
}

void
ddb_meta_delete(const char *name)
{
	Datum		values[] = {CStringGetTextDatum(name)};

	run(STATEMENT_DELETE, values, NULL, 0);
}

void
ddb_meta_set_definition(const char *name, const char *definition)
{
	Datum		values[] = {CStringGetTextDatum(name), json_datum(definition)};

	run(STATEMENT_SET_DEFINITION, values, NULL, 0);
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

	run(STATEMENT_INSERT_INDEX, values, NULL, 0);
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

	run(STATEMENT_SET_INDEX_STATUS, values, NULL, 0);
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

	run(STATEMENT_SET_INDEX_DEFINITION, values, NULL, 0);
}

void
ddb_meta_delete_index(const char *table_name, const char *name)
{
	Datum		values[] = {
		CStringGetTextDatum(table_name),
		CStringGetTextDatum(name),
	};

	run(STATEMENT_DELETE_INDEX, values, NULL, 0);
	run(STATEMENT_PRUNE_DEFINITIONS, values, NULL, 0);
}

/*
 * Statement trigger on the tables of the catalog: tell every backend, once
 * this transaction commits, that what it knows has to be checked.
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
 * Event trigger on sql_drop: a table dropped by SQL leaves the catalog too.
 */
Datum
dynamo_catalog_sql_drop(PG_FUNCTION_ARGS)
{
	DdbUser		user;

	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		elog(ERROR, "dynamo_catalog.sql_drop() can only be called as an event trigger");
	if (ddb_meta_extension_state() == DDB_EXTENSION_ABSENT)
		PG_RETURN_NULL();

	SPI_connect();
	user = ddb_meta_become_owner();
	if (SPI_execute("WITH t AS (DELETE FROM dynamo_catalog.tables AS t"
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
					false, 0) < 0)
		elog(ERROR, "could not strike dropped tables from dynamo_catalog.tables");
	ddb_meta_restore_user(user);
	SPI_finish();
	PG_RETURN_NULL();
}

static void
run(Statement statement, Datum *values, const char *nulls, long limit)
{
	meta_run(&statements[statement], statement >= STATEMENT_INSERT, values, nulls,
			 limit);
}

void
meta_run(MetaStatement *statement, bool writes, Datum *values, const char *nulls,
		 long limit)
{
	if (writes)
		execute(statement, false, values, nulls, limit);
	else
	{
		PushActiveSnapshot(GetLatestSnapshot());
		execute(statement, true, values, nulls, limit);
		PopActiveSnapshot();
	}
}

/*
 * Read-only: with the active snapshot.
 *
 * SPI leaves its own memory context the current one, which ends with the step;
 * what callers allocate afterwards may have to outlast that.
 */
static void
execute(MetaStatement *statement, bool read_only, Datum *values,
		const char *nulls, long limit)
{
	MemoryContext old = CurrentMemoryContext;
	DdbUser		user = ddb_meta_become_owner();
	int			result;

	if (statement->plan == NULL)
	{
		SPIPlanPtr	plan = SPI_prepare(statement->text, statement->parameter_count,
									   statement->parameters);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare \"%s\": %s", statement->text,
				 SPI_result_code_string(SPI_result));
		statement->plan = plan;
	}

	result = SPI_execute_plan(statement->plan, values, nulls, read_only, limit);
	if (result < 0)
		elog(ERROR, "could not run \"%s\": %s", statement->text,
			 SPI_result_code_string(result));
	ddb_meta_restore_user(user);
	MemoryContextSwitchTo(old);
}

static List *
run_for_names(Statement statement, Datum *values, long limit)
{
	return meta_run_for_names(&statements[statement], values, limit);
}

List *
meta_run_for_names(MetaStatement *statement, Datum *values, long limit)
{
	List	   *names = NIL;
	uint64		i;

	meta_run(statement, false, values, NULL, limit);
	for (i = 0; i < SPI_processed; i++)
		names = lappend(names, SPI_getvalue(SPI_tuptable->vals[i],
											SPI_tuptable->tupdesc, 1));
	SPI_freetuptable(SPI_tuptable);
	return names;
}

static Datum
json_datum(const char *text)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
}
