/*
 * meta_tags.c
 *	  Tags of tables: rows of dynamo_catalog.tags.
 *
 * Reads and writes of items do not need tags.  So tags are not part of
 * descriptors, and descriptors remain valid when a tag changes.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "meta/meta_int.h"
#include "utils/builtins.h"

static MetaStatement lock_table = {
	"SELECT 1 FROM dynamo_catalog.tables"
	" WHERE table_name OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE",
	1, {TEXTOID}
};
static MetaStatement put_tag = {
	"INSERT INTO dynamo_catalog.tags (table_name, tag_key, tag_value)"
	" VALUES ($1, $2, $3) ON CONFLICT (table_name, tag_key)"
	" DO UPDATE SET tag_value = EXCLUDED.tag_value",
	3, {TEXTOID, TEXTOID, TEXTOID}
};
static MetaStatement delete_tag = {
	"DELETE FROM dynamo_catalog.tags"
	" WHERE table_name OPERATOR(pg_catalog.=) $1"
	" AND tag_key OPERATOR(pg_catalog.=) $2",
	2, {TEXTOID, TEXTOID}
};
static MetaStatement count_tags = {
	"SELECT pg_catalog.count(*) AS tags FROM dynamo_catalog.tags"
	" WHERE table_name OPERATOR(pg_catalog.=) $1",
	1, {TEXTOID}
};
static MetaStatement list_tags = {
	"SELECT tag_key, tag_value FROM dynamo_catalog.tags"
	" WHERE table_name OPERATOR(pg_catalog.=) $1 ORDER BY tag_key",
	1, {TEXTOID}
};

bool
ddb_meta_lock(const char *name)
{
	Datum		values[] = {CStringGetTextDatum(name)};

	return meta_run_for_any(&lock_table, true, values);
}

void
ddb_meta_put_tag(const char *table_name, const DdbTag *tag)
{
	Datum		values[] = {
		CStringGetTextDatum(table_name),
		CStringGetTextDatum(tag->key),
		CStringGetTextDatum(tag->value),
	};

	meta_run(&put_tag, true, values, NULL, 0);
}

void
ddb_meta_delete_tag(const char *table_name, const char *key)
{
	Datum		values[] = {
		CStringGetTextDatum(table_name),
		CStringGetTextDatum(key),
	};

	meta_run(&delete_tag, true, values, NULL, 0);
}

/* Includes tags written by the current transaction. */
int64
ddb_meta_count_tags(const char *table_name)
{
	Datum		values[] = {CStringGetTextDatum(table_name)};
	MetaRows	rows = meta_run(&count_tags, true, values, NULL, 1);
	int64		count = 0;

	if (meta_next(&rows))
		count = DatumGetInt64(meta_required(&rows, "tags"));
	meta_end(&rows);
	return count;
}

List *
ddb_meta_list_tags(const char *table_name)
{
	Datum		values[] = {CStringGetTextDatum(table_name)};
	MetaRows	rows = meta_run(&list_tags, false, values, NULL, 0);
	List	   *tags = NIL;

	while (meta_next(&rows))
	{
		DdbTag	   *tag = palloc(sizeof(DdbTag));

		tag->key = meta_required_text(&rows, "tag_key");
		tag->value = meta_required_text(&rows, "tag_value");
		tags = lappend(tags, tag);
	}
	meta_end(&rows);
	return tags;
}
