/*
 * meta.h
 *	  What tables there are: the catalog in schema dynamo_catalog and each
 *	  backend's cache of descriptors.
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

/* The schemas. */
#define DDB_SCHEMA_API "dynamo"
#define DDB_SCHEMA_CATALOG "dynamo_catalog"
#define DDB_SCHEMA_DATA "dynamo_data"

/* The roles that CREATE EXTENSION makes. */
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

/* How many attributes a table's key has at most: partition and sort key. */
#define DDB_KEY_MAX 2

/* Of a global index, either part of the key may have so many attributes. */
#define DDB_INDEX_PART_MAX 4

typedef enum DdbProjectionType
{
	DDB_PROJECTION_ALL,
	DDB_PROJECTION_KEYS_ONLY,
	DDB_PROJECTION_INCLUDE
} DdbProjectionType;

/*
 * A secondary index.  Its status is one of those a table can have, and may be
 * a pretended one (see below).  Whatever the status, except DELETING, writes
 * check the types of its key attributes.
 */
typedef struct DdbIndex
{
	DdbText		name;
	bool		is_global;
	DdbTableStatus status;
	TimestampTz shown_until;	/* as in DdbTable */
	bool		backfilling;	/* still to be built */
	int			hash_count;		/* of keys, those that make the partition */
	int			key_count;		/* all of them */
	DdbKeyAttribute keys[2 * DDB_INDEX_PART_MAX];	/* hash, then range */
	DdbProjectionType projection;

	/*
	 * The attributes that are projected, each once: the index's key, the
	 * table's, others.  NULL when all are.
	 */
	DdbNameList *projected;
	DdbJson    *definition;		/* KeySchema, Projection, ...: store/README */
	char	   *relation_name;	/* in dynamo_data */
	Oid			relid;			/* InvalidOid where there is none */
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
	char	   *attribute;		/* that says when an item expires; NULL while
								 * DISABLED */
	TimestampTz changed_at;		/* by a request; 0: never */
	Oid			index;			/* on that, valid or not; InvalidOid where
								 * there is none */
} DdbTtl;

struct DdbPlanSet;				/* kept plans; the store's */

/*
 * A table's descriptor.  It stays valid until the operation that opened it
 * ends (see ddb_meta_begin_operation), whatever happens to the table.
 */
typedef struct DdbTable
{
	char		name[DDB_TABLE_NAME_MAX + 1];
	pg_uuid_t	id;
	DdbTableStatus status;

	/*
	 * Where a status is pretended (see ddb_meta_show_status), until when;
	 * else 0.  And the first such moment of the table and its indexes, when
	 * this descriptor is out of date.
	 */
	TimestampTz shown_until;
	TimestampTz stale_at;

	TimestampTz created_at;
	int			key_count;		/* 1 or 2 */
	DdbKeyAttribute keys[DDB_KEY_MAX];	/* partition key, sort key */
	DdbJson    *definition;		/* what CreateTable was told, see store/README */
	char	   *heap_name;		/* relation in dynamo_data */
	Oid			relid;			/* its OID, and those of its two indexes; */
	Oid			primary_index;	/* InvalidOid where there is none */
	Oid			token_index;
	int			index_count;	/* secondary indexes, in the order of requests */
	DdbIndex   *indexes;
	DdbTtl		ttl;
	char	   *owner_role;		/* who made it; NULL: not known */
	MemoryContext context;		/* holds all this and the plans */
	struct DdbPlanSet *plans;	/* NULL until the store prepares one */
} DdbTable;

typedef enum DdbExtensionState
{
	DDB_EXTENSION_ABSENT,
	DDB_EXTENSION_OTHER_VERSION,	/* ALTER EXTENSION UPDATE is due */
	DDB_EXTENSION_DAMAGED,		/* relations are missing or somebody else's */
	DDB_EXTENSION_READY
} DdbExtensionState;

/* Cheap, as the answer is kept while nothing changes. */
extern DdbExtensionState ddb_meta_extension_state(void);

/* Is the state READY?  Else nothing may be done with the catalog. */
extern bool ddb_meta_is_installed(void);

/* What is wrong, and what to do about it; message is NULL if nothing is. */
typedef struct DdbExtensionProblem
{
	const char *message;
	const char *remedy;			/* begins with a small letter */
} DdbExtensionProblem;

extern DdbExtensionProblem ddb_meta_extension_problem(void);

/* Raise that as an error, if there is a problem. */
extern void ddb_meta_require_extension(void);

/* Owner of the catalog and of the items' tables: the role dynamo_owner. */
extern Oid	ddb_meta_owner(void);

/*
 * May the current user change or delete the table, and may it see that the
 * table is there and how it is made?
 */
extern bool ddb_meta_may_change(const DdbTable *table);
extern bool ddb_meta_may_describe(const DdbTable *table);

/*
 * Run what follows as ddb_meta_owner(), for the catalog and for DDL;
 * undone by ddb_meta_restore_user() or the end of the (sub)transaction.
 */
typedef struct DdbUser
{
	Oid			userid;
	int			security_context;
} DdbUser;

extern DdbUser ddb_meta_become_owner(void);
extern void ddb_meta_restore_user(DdbUser user);

/*
 * Operations bracket their use of descriptors with these; they nest.  The
 * cache is trimmed when none is under way.
 */
extern void ddb_meta_begin_operation(void);
extern void ddb_meta_end_operation(void);

/*
 * The descriptor of a table whose heap is there, with the heap locked in the
 * given mode till the end of the transaction; NULL when there is no such
 * table.  The caller looks at the status.
 */
extern DdbTable *ddb_meta_open(const char *name, LOCKMODE lockmode);

/*
 * The descriptor as the catalog has it, without a lock on the heap, which may
 * be gone (relid InvalidOid); NULL when the catalog has no such table.
 */
extern DdbTable *ddb_meta_look_up(const char *name);

/* The secondary index of that name, or NULL. */
extern const DdbIndex *ddb_meta_find_index(const DdbTable *table,
										   const char *name);

/* Names after the given one (NULL: from the first), in byte order. */
extern List *ddb_meta_list(const char *after, int limit);

/* A table to be entered in the catalog. */
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

/* Enter a table; false when the name is taken. */
extern bool ddb_meta_insert(const DdbTableRow *row);

/* Change a table's status; false when it is not there. */
extern bool ddb_meta_set_status(const char *name, DdbTableStatus status);

/*
 * Pretend a status until the given time, whatever the catalog says, for the
 * table or, unless it is NULL, the index; see store/README.
 */
extern void ddb_meta_show_status(const char *name, const char *index_name,
								 DdbTableStatus status, TimestampTz until);

/* Replace a table's definition: JSON text in stored form. */
extern void ddb_meta_set_definition(const char *name, const char *definition);

/* Delete a table from the catalog, with all that belongs to it. */
extern void ddb_meta_delete(const char *name);

/* A secondary index to be entered in the catalog. */
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
 * Enter, change and delete indexes; the table must be there.  A new one comes
 * after the others.  The AttributeDefinitions that no other key needs are
 * deleted with an index.
 */
extern void ddb_meta_insert_index(const DdbIndexRow *row);
extern void ddb_meta_set_index_status(const char *table_name, const char *name,
									  DdbTableStatus status, bool backfilling);
extern void ddb_meta_set_index_definition(const char *table_name,
										  const char *name,
										  const char *definition);
extern void ddb_meta_delete_index(const char *table_name, const char *name);

/*
 * Lock a table's row in the catalog until the end of the transaction, against
 * others that change what is said of the table; false when it is not there.
 * Look the table up afterwards, not before.
 */
extern bool ddb_meta_lock(const char *name);

/* Change a table's time to live, as a request wants it: all but the index. */
extern void ddb_meta_set_ttl(const char *name, const DdbTtl *ttl);

/* Go on to the next status, unless the table is no longer as described. */
extern void ddb_meta_advance_ttl(const DdbTable *table, DdbTtlStatus status);

/* Names of tables whose time to live is not DISABLED. */
extern List *ddb_meta_list_ttl(void);

/* A tag of a table; the table is locked by whoever changes one. */
typedef struct DdbTag
{
	const char *key;
	const char *value;
} DdbTag;

/* Set, whether it is there or not; delete, likewise. */
extern void ddb_meta_put_tag(const char *table_name, const DdbTag *tag);
extern void ddb_meta_delete_tag(const char *table_name, const char *key);

extern int64 ddb_meta_count_tags(const char *table_name);

/* Tags (DdbTag *) in byte order of their keys. */
extern List *ddb_meta_list_tags(const char *table_name);

#endif							/* DDB_META_META_H */
