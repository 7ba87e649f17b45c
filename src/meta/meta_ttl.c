/*
 * meta_ttl.c
 *	  Time to live in the catalog: columns of dynamo_catalog.tables.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "meta/meta_int.h"
#include "utils/builtins.h"

static MetaStatement set_ttl = {
	"UPDATE dynamo_catalog.tables SET ttl_status = $2, ttl_attribute = $3,"
	" ttl_changed_at = $4 WHERE table_name OPERATOR(pg_catalog.=) $1",
	4, {TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID}
};
static MetaStatement advance_ttl = {
	"UPDATE dynamo_catalog.tables SET ttl_status = $4, ttl_attribute ="
	" CASE WHEN $4 OPERATOR(pg_catalog.<>) 'DISABLED' THEN ttl_attribute END"
	" WHERE table_name OPERATOR(pg_catalog.=) $1"
	" AND table_id OPERATOR(pg_catalog.=) $2"
	" AND ttl_status OPERATOR(pg_catalog.=) $3",
	4, {TEXTOID, UUIDOID, TEXTOID, TEXTOID}
};
static MetaStatement list_ttl = {
	"SELECT table_name FROM dynamo_catalog.tables"
	" WHERE ttl_status OPERATOR(pg_catalog.<>) 'DISABLED'"
	" AND status OPERATOR(pg_catalog.<>) 'DELETING' ORDER BY table_name",
	0, {0}
};

static const char *const status_names[] = {
	[DDB_TTL_DISABLED] = "DISABLED",
	[DDB_TTL_ENABLING] = "ENABLING",
	[DDB_TTL_ENABLED] = "ENABLED",
	[DDB_TTL_DISABLING] = "DISABLING",
};

const char *
ddb_ttl_status_name(DdbTtlStatus status)
{
	return status_names[status];
}

DdbTtlStatus
meta_parse_ttl_status(const char *name)
{
	int			i;

	for (i = 0; i < lengthof(status_names); i++)
	{
		if (strcmp(status_names[i], name) == 0)
			return (DdbTtlStatus) i;
	}
	elog(ERROR, "unknown status of time to live \"%s\" in dynamo_catalog.tables",
		 name);
}

void
ddb_meta_set_ttl(const char *name, const DdbTtl *ttl)
{
	bool		disabled = ttl->status == DDB_TTL_DISABLED;
	Datum		values[] = {
		CStringGetTextDatum(name),
		CStringGetTextDatum(ddb_ttl_status_name(ttl->status)),
		disabled ? (Datum) 0 : CStringGetTextDatum(ttl->attribute),
		TimestampTzGetDatum(ttl->changed_at),
	};

	meta_run(&set_ttl, true, values, disabled ? "  n " : NULL, 0);
}

void
ddb_meta_advance_ttl(const DdbTable *table, DdbTtlStatus status)
{
	pg_uuid_t	id = table->id;
	Datum		values[] = {
		CStringGetTextDatum(table->name),
		UUIDPGetDatum(&id),
		CStringGetTextDatum(ddb_ttl_status_name(table->ttl.status)),
		CStringGetTextDatum(ddb_ttl_status_name(status)),
	};

	meta_run(&advance_ttl, true, values, NULL, 0);
}

List *
ddb_meta_list_ttl(void)
{
	return meta_run_for_names(&list_ttl, NULL, 0);
}
