/*
 * meta_tags.c
 *	  Tags of tables: rows of dynamo_catalog.tags.
 *
 * Nothing that reads or writes items looks at them, so descriptors know
 * nothing of tags and stay valid when one changes.
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
	"SELECT pg_catalog.count(*) FROM dynamo_catalog.tags"
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

	meta_run(&lock_table, true, values, NULL, 1);
	SPI_freetuptable(SPI_tuptable);
	return SPI_processed > 0;
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

/* Those of the own transaction included. */
int64
ddb_meta_count_tags(const char *table_name)
{
	Datum		values[] = {CStringGetTextDatum(table_name)};
	int64		count;
	bool		isnull;

	meta_run(&count_tags, true, values, NULL, 1);
	count = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
										SPI_tuptable->tupdesc, 1, &isnull));
	SPI_freetuptable(SPI_tuptable);
	return count;
}

List *
ddb_meta_list_tags(const char *table_name)
{
	Datum		values[] = {CStringGetTextDatum(table_name)};
	List	   *tags = NIL;
	uint64		i;

	meta_run(&list_tags, false, values, NULL, 0);
	for (i = 0; i < SPI_processed; i++)
	{
		DdbTag	   *tag = palloc(sizeof(DdbTag));

		tag->key = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1);
		tag->value = SPI_getvalue(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 2);
		tags = lappend(tags, tag);
	}
	SPI_freetuptable(SPI_tuptable);
	return tags;
}
