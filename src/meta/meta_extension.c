/*
 * meta_extension.c
 *	  The state of the extension: whether it exists, and whether its relations
 *	  are genuine.
 *
 * The processes of the server connect to the database as a superuser.  The
 * owner of the database may create a schema "dynamo_catalog" with tables of
 * the same names, including triggers.  So a name proves nothing: a relation
 * belongs to the catalog only if PostgreSQL has recorded it as a member of the
 * extension.
 *
 * The state is cached until pg_class, pg_namespace or the sentinel changes.
 * ALTER EXTENSION UPDATE changes pg_extension, which sends no invalidation.
 * Therefore each upgrade script touches the sentinel.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_namespace.h"
#include "commands/dbcommands.h"
#include "commands/extension.h"
#include "core/version.h"
#include "meta/meta.h"
#include "meta/meta_int.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

#define EXTENSION "dynamo"
#define SENTINEL "tables"

/* The relations of the catalog. */
static const char *const relations[] = {
	SENTINEL, "indexes", "tags", "jobs", "request_tokens"
};

typedef struct Extension
{
	bool		known;			/* the other members are up to date */
	Oid			sentinel;		/* InvalidOid if there is no extension */
	Oid			owner;			/* of the sentinel */
	bool		complete;		/* all relations are members, with one owner */
	char		version[NAMEDATALEN];	/* of the SQL objects */
} Extension;

static Extension extension;

/* Counts invalidations. */
static uint64 changes = 0;

static void find_out(void);
static Oid	find_member(const char *name, Oid schema, Oid its_extension);
static Oid	owner_of(Oid relid);
static void read_members(Extension *found);
static void read_version(Oid its_extension, Extension *found);
static void watch(void);
static void on_relation(Datum arg, Oid relid);
static void on_catalog(Datum arg, int cache, uint32 hash);
static void note_change(void);

Oid
meta_sentinel(void)
{
	if (!extension.known)
		find_out();
	return extension.sentinel;
}

DdbExtensionState
ddb_meta_extension_state(void)
{
	if (!OidIsValid(meta_sentinel()))
		return DDB_EXTENSION_ABSENT;
	if (strcmp(extension.version, DDB_VERSION) != 0)
		return DDB_EXTENSION_OTHER_VERSION;
	if (!extension.complete ||
		extension.owner != get_role_oid(DDB_ROLE_OWNER, true))
		return DDB_EXTENSION_DAMAGED;
	return DDB_EXTENSION_READY;
}

bool
ddb_meta_is_installed(void)
{
	return ddb_meta_extension_state() == DDB_EXTENSION_READY;
}

DdbExtensionProblem
ddb_meta_extension_problem(void)
{
	const char *database = get_database_name(MyDatabaseId);
	DdbExtensionProblem problem = {NULL};

	switch (ddb_meta_extension_state())
	{
		case DDB_EXTENSION_READY:
			break;
		case DDB_EXTENSION_ABSENT:
			problem.message = psprintf("extension \"dynamo\" is not installed in database \"%s\"",
									   database);
			problem.remedy = "run CREATE EXTENSION dynamo there";
			break;
		case DDB_EXTENSION_OTHER_VERSION:
			problem.message = psprintf("extension \"dynamo\" has version %s in database \"%s\", but the library has version " DDB_VERSION,
									   extension.version, database);
			problem.remedy = "run ALTER EXTENSION dynamo UPDATE there";
			break;
		case DDB_EXTENSION_DAMAGED:
			problem.message = psprintf("the catalog of extension \"dynamo\" in database \"%s\" is incomplete or is not owned by role \"%s\"",
									   database, DDB_ROLE_OWNER);
			problem.remedy = "change the owner of its tables back to that role, or create the extension again";
			break;
	}
	return problem;
}

void
ddb_meta_require_extension(void)
{
	DdbExtensionProblem problem;

	if (ddb_meta_is_installed())
		return;
	problem = ddb_meta_extension_problem();
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg_internal("%s", problem.message),
			 errhint("To fix this, %s.", problem.remedy)));
}

Oid
ddb_meta_owner(void)
{
	if (!OidIsValid(meta_sentinel()))
		ddb_meta_require_extension();
	return extension.owner;
}

/*
 * An error may occur anywhere in here, because somebody may have locked
 * PostgreSQL's catalogs: autovacuum does when it truncates them.  So the state is
 * set at the end, in one go.
 */
static void
find_out(void)
{
	Extension	found = {0};
	uint64		before = changes;

	watch();
	read_members(&found);
	found.known = changes == before;
	extension = found;
}

static void
read_members(Extension *found)
{
	Oid			its_extension = get_extension_oid(EXTENSION, true);
	Oid			schema = get_namespace_oid(DDB_SCHEMA_CATALOG, true);
	int			i;

	if (!OidIsValid(its_extension) || !OidIsValid(schema) ||
		getExtensionOfObject(NamespaceRelationId, schema) != its_extension)
		return;
	found->sentinel = find_member(SENTINEL, schema, its_extension);
	if (!OidIsValid(found->sentinel))
		return;
	found->owner = owner_of(found->sentinel);
	read_version(its_extension, found);
	found->complete = true;
	for (i = 0; i < lengthof(relations); i++)
	{
		Oid			relid = find_member(relations[i], schema, its_extension);

		if (!OidIsValid(relid) || owner_of(relid) != found->owner)
			found->complete = false;
	}
}

/* Returns the relation of that name if it belongs to the extension. */
static Oid
find_member(const char *name, Oid schema, Oid its_extension)
{
	Oid			relid = get_relname_relid(name, schema);

	if (!OidIsValid(relid) ||
		getExtensionOfObject(RelationRelationId, relid) != its_extension)
		return InvalidOid;
	return relid;
}

static Oid
owner_of(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

static void
read_version(Oid its_extension, Extension *found)
{
	Relation	relation = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(its_extension));
	scan = systable_beginscan(relation, ExtensionOidIndexId, true, NULL, 1, &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool		isnull;
		Datum		version = heap_getattr(tuple, Anum_pg_extension_extversion,
										   RelationGetDescr(relation), &isnull);

		if (!isnull)
			strlcpy(found->version, TextDatumGetCString(version),
					sizeof(found->version));
	}
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
}

static void
watch(void)
{
	static bool watching = false;

	if (watching)
		return;
	CacheRegisterRelcacheCallback(on_relation, (Datum) 0);
	CacheRegisterSyscacheCallback(RELOID, on_catalog, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, on_catalog, (Datum) 0);
	watching = true;
}

static void
on_relation(Datum arg, Oid relid)
{
	if (!OidIsValid(relid) || relid == extension.sentinel)
		note_change();
}

static void
on_catalog(Datum arg, int cache, uint32 hash)
{
	note_change();
}

static void
note_change(void)
{
	changes++;
	extension.known = false;
}
