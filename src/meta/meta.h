/*
 * meta.h
 *	  The tables of the server: the catalog in schema dynamo_catalog, and the
 *	  cache of descriptors in each backend.
 *
 * Everything here needs a transaction and an SPI connection.
 */
#ifndef DDB_META_META_H
#define DDB_META_META_H

#include "postgres.h"
#include "nodes/pg_list.h"
#include "storage/lockdefs.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
#include "value/value.h"

/* The schemas of the extension. */
#define DDB_SCHEMA_API "dynamo"
#define DDB_SCHEMA_CATALOG "dynamo_catalog"
#define DDB_SCHEMA_DATA "dynamo_data"

/* The roles made by CREATE EXTENSION. */
#define DDB_ROLE_OWNER "dynamo_owner"
#define DDB_ROLE_SERVICE "dynamo_service"
#define DDB_ROLE_ADMIN "dynamo_admin"

/* Longest legal table name. */
#define DDB_TABLE_NAME_MAX 255

typedef enum DdbTableStatus
{
	DDB_TABLE_CREATING,
	DDB_TABLE_ACTIVE,
	DDB_TABLE_UPDATING,
	DDB_TABLE_DELETING
} DdbTableStatus;

/* "ACTIVE", ... */
extern const char *ddb_table_status_name(DdbTableStatus status);

typedef struct DdbKeyAttribute
{
	DdbText		name;
	DdbType		type;			/* S, N or B */
} DdbKeyAttribute;

/* Maximum number of attributes in a table's key: partition and sort key. */
#define DDB_KEY_MAX 2

/* Maximum number of attributes in each part of a global index's key. */
#define DDB_INDEX_PART_MAX 4

typedef enum DdbProjectionType
{
	DDB_PROJECTION_ALL,
	DDB_PROJECTION_KEYS_ONLY,
	DDB_PROJECTION_INCLUDE
} DdbProjectionType;

/*
 * A secondary index.  Its status is one of those of a table, and may be
 * pretended (see shown_until in DdbTable).  Writes check the types of the
 * index's key attributes in every status except DELETING.
 */
typedef struct DdbIndex
{
	DdbText		name;
	bool		is_global;
	DdbTableStatus status;
	TimestampTz shown_until;	/* as in DdbTable */
	bool		backfilling;	/* not yet completely built */
	int			hash_count;		/* number of partition key attributes in keys */
	int			key_count;		/* number of all attributes in keys */
	DdbKeyAttribute keys[2 * DDB_INDEX_PART_MAX];	/* hash, then range */
	DdbProjectionType projection;

	/*
	 * The projected attributes, each once: the index's key, the table's key,
	 * others.  NULL if all attributes are projected.
	 */
	DdbNameList *projected;
	DdbJson    *definition;		/* KeySchema, Projection...: store/README */
	char	   *relation_name;	/* name of the relation in dynamo_data */
	Oid			relid;			/* InvalidOid if there is no relation */
} DdbIndex;

typedef enum DdbTtlStatus
{
	DDB_TTL_DISABLED,
	DDB_TTL_ENABLING,
	DDB_TTL_ENABLED,
	DDB_TTL_DISABLING
} DdbTtlStatus;

/* "ENABLED", ... */
extern const char *ddb_ttl_status_name(DdbTtlStatus status);

/* A table's time to live. */
typedef struct DdbTtl
{
	DdbTtlStatus status;
	char	   *attribute;		/* attribute with an item's expiry time;
								 * NULL while DISABLED */
	TimestampTz changed_at;		/* time of the last request; 0: never */
	Oid			index;			/* index on that attribute, valid or not;
								 * InvalidOid if there is none */
} DdbTtl;

struct DdbPlanSet;				/* kept plans; belongs to the store */

/*
 * A table's descriptor.  It remains valid until the operation that opened it
 * ends (see ddb_meta_begin_operation), even if the table is changed or
 * dropped.
 */
typedef struct DdbTable
{
	char		name[DDB_TABLE_NAME_MAX + 1];
	pg_uuid_t	id;
	DdbTableStatus status;

	/*
	 * shown_until is the time until which the status is pretended (see
	 * ddb_meta_show_status), or 0.  stale_at is the earliest such time of the
	 * table and its indexes; this descriptor is out of date from then on.
	 */
	TimestampTz shown_until;
	TimestampTz stale_at;

	TimestampTz created_at;
	int			key_count;		/* 1 or 2 */
	DdbKeyAttribute keys[DDB_KEY_MAX];	/* partition key, sort key */
	DdbJson    *definition;		/* from CreateTable; see store/README */
	char	   *heap_name;		/* name of the relation in dynamo_data */
	Oid			relid;			/* OIDs of the heap and its two indexes; */
	Oid			primary_index;	/* InvalidOid if it does not exist */
	Oid			token_index;
	int			index_count;	/* secondary indexes, in order of requests */
	DdbIndex   *indexes;
	DdbTtl		ttl;
	char	   *owner_role;		/* role that made it; NULL: not known */
	MemoryContext context;		/* contains the descriptor and the plans */
	struct DdbPlanSet *plans;	/* NULL until the store prepares one */
} DdbTable;

typedef enum DdbExtensionState
{
	DDB_EXTENSION_ABSENT,
	DDB_EXTENSION_OTHER_VERSION,	/* ALTER EXTENSION UPDATE is due */
	DDB_EXTENSION_DAMAGED,		/* relations missing or owned by another role */
	DDB_EXTENSION_READY
} DdbExtensionState;

/* Returns the state of the extension.  It is cached, so this is cheap. */
extern DdbExtensionState ddb_meta_extension_state(void);

/* Returns whether the state is READY.  Otherwise the catalog is unusable. */
extern bool ddb_meta_is_installed(void);

/* A problem with the extension and its remedy.  message is NULL if none. */
typedef struct DdbExtensionProblem
{
	const char *message;
	const char *remedy;			/* begins with a small letter */
} DdbExtensionProblem;

extern DdbExtensionProblem ddb_meta_extension_problem(void);

/* Raises that problem as an error, if there is one. */
extern void ddb_meta_require_extension(void);

/* Returns the owner of the catalog and of the items' tables: dynamo_owner. */
extern Oid	ddb_meta_owner(void);

/*
 * Return whether the current user may change or delete the table, and whether
 * the user may see the table's existence and definition.
 */
extern bool ddb_meta_may_change(const DdbTable *table);
extern bool ddb_meta_may_describe(const DdbTable *table);

/*
 * ddb_meta_become_owner() switches to the user ddb_meta_owner(), for access to
 * the catalog and for DDL.  ddb_meta_restore_user() or the end of the
 * (sub)transaction switches back.
 */
typedef struct DdbUser
{
	Oid			userid;
	int			security_context;
} DdbUser;

extern DdbUser ddb_meta_become_owner(void);
extern void ddb_meta_restore_user(DdbUser user);

/*
 * An operation that uses descriptors must begin and end with these calls.
 * Calls may be nested.  The cache is trimmed only outside of operations.
 */
extern void ddb_meta_begin_operation(void);
extern void ddb_meta_end_operation(void);

/*
 * Returns the descriptor of a table, with the heap locked in the given mode
 * until the end of the transaction.  Returns NULL if there is no such table or
 * no heap.  The caller must check the status.
 */
extern DdbTable *ddb_meta_open(const char *name, LOCKMODE lockmode);

/*
 * Returns the descriptor according to the catalog, without a lock on the heap.
 * The heap may not exist; then relid is InvalidOid.  Returns NULL if the
 * catalog has no such table.
 */
extern DdbTable *ddb_meta_look_up(const char *name);

/* Returns the secondary index with that name, or NULL. */
extern const DdbIndex *ddb_meta_find_index(const DdbTable *table,
										   const char *name);

/* Returns table names after the given one (NULL: all), in byte order. */
extern List *ddb_meta_list(const char *after, int limit);

/* A table to be inserted into the catalog. */
typedef struct DdbTableRow
{
	const char *name;
	pg_uuid_t	id;
	const char *heap_name;
	DdbTableStatus status;
	TimestampTz created_at;
	int			key_count;
	DdbKeyAttribute keys[DDB_KEY_MAX];
	const char *definition;		/* JSON text in stored form */
	const char *owner_role;
} DdbTableRow;

/* Inserts a table.  Returns false if the name is in use. */
extern bool ddb_meta_insert(const DdbTableRow *row);

/* Changes a table's status.  Returns false if the table does not exist. */
extern bool ddb_meta_set_status(const char *name, DdbTableStatus status);

/*
 * Pretends a status until the given time, regardless of the status in the
 * catalog.  The status is that of the index or, if index_name is NULL, of the
 * table.  See store/README.
 */
extern void ddb_meta_show_status(const char *name, const char *index_name,
								 DdbTableStatus status, TimestampTz until);

/* Replaces a table's definition (JSON text in stored form). */
extern void ddb_meta_set_definition(const char *name, const char *definition);

/* Deletes a table and everything that belongs to it from the catalog. */
extern void ddb_meta_delete(const char *name);

/* A secondary index to be inserted into the catalog. */
typedef struct DdbIndexRow
{
	const char *table_name;
	const char *name;
	bool		is_global;
	const char *relation_name;
	DdbTableStatus status;
	bool		backfilling;
	const char *definition;		/* JSON text in stored form */
} DdbIndexRow;

/*
 * Insert, change and delete indexes.  The table must exist.  A new index comes
 * after the others.  Deleting an index also deletes the AttributeDefinitions
 * that no other key needs.
 */
extern void ddb_meta_insert_index(const DdbIndexRow *row);
extern void ddb_meta_set_index_status(const char *table_name, const char *name,
									  DdbTableStatus status, bool backfilling);
extern void ddb_meta_set_index_definition(const char *table_name,
										  const char *name,
										  const char *definition);
extern void ddb_meta_delete_index(const char *table_name, const char *name);

/*
 * Locks a table's row in the catalog until the end of the transaction, against
 * concurrent changes of the table's entries.  Returns false if the table does
 * not exist.  Look up the table after this call, not before.
 */
extern bool ddb_meta_lock(const char *name);

/* Changes a table's time to live as requested: all members except index. */
extern void ddb_meta_set_ttl(const char *name, const DdbTtl *ttl);

/* Changes the TTL status, unless table or status differ from the descriptor. */
extern void ddb_meta_advance_ttl(const DdbTable *table, DdbTtlStatus status);

/* Returns the names of tables whose time to live is not DISABLED. */
extern List *ddb_meta_list_ttl(void);

/* A tag of a table.  To change tags, first lock the table (ddb_meta_lock). */
typedef struct DdbTag
{
	const char *key;
	const char *value;
} DdbTag;

/* Set a tag, new or existing; delete a tag, existing or not. */
extern void ddb_meta_put_tag(const char *table_name, const DdbTag *tag);
extern void ddb_meta_delete_tag(const char *table_name, const char *key);

extern int64 ddb_meta_count_tags(const char *table_name);

/* Returns the tags (DdbTag *) in byte order of their keys. */
extern List *ddb_meta_list_tags(const char *table_name);

#endif							/* DDB_META_META_H */
