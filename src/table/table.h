/*
 * table.h
 *	  Creating, changing, describing and dropping tables.
 *
 * Functions take JSON in the form of the service's requests: a request, or a part
 * of a stored definition.  All functions but those that only check a request need a
 * transaction and an SPI connection.
 */
#ifndef DDB_TABLE_TABLE_H
#define DDB_TABLE_TABLE_H

#include "meta/meta.h"
#include "store/store.h"
#include "value/json.h"

/* Limits of the service. */
#define DDB_TABLE_MAX_LOCAL_INDEXES 5
#define DDB_TABLE_MAX_GLOBAL_INDEXES 20
#define DDB_TABLE_MAX_UNITS 40000
#define DDB_TABLE_MAX_ACCOUNT_UNITS 80000

/* --------------------------------------------------------------- names */

/* Returns the name of a table that is given by name or by a checked ARN. */
extern const char *ddb_table_name_of(const char *name_or_arn);
extern char *ddb_table_arn(const char *table_name);

/* Raises ResourceNotFoundException with the text of table operations. */
extern void ddb_table_not_found(const char *name) pg_attribute_noreturn();

/* -------------------------------------------------------- descriptions */

/* What a description shows besides the state of the table. */
typedef struct DdbTableDescription
{
	bool		brief;			/* the table is being deleted */
	bool		billing;		/* the billing mode is being changed */
	bool		encrypting;		/* the encryption is being changed */
	bool		warming;		/* the warm throughput is being changed */
} DdbTableDescription;

/*
 * Writes a TableDescription object.  To show another state than the table is in,
 * pass a copy that has that state.
 */
extern void ddb_table_describe(DdbJsonWriter *writer, const DdbTable *table,
							   DdbTableDescription description);

/*
 * Returns a copy of a descriptor in the current context, so that a state can be
 * changed for a description.  Only the array of indexes is copied, too.
 */
extern DdbTable *ddb_table_copy(const DdbTable *table);

/* ---------------------------------------------------------- new tables */

typedef struct DdbNewIndex
{
	const char *name;
	bool		is_global;
	const char *definition;
} DdbNewIndex;

typedef struct DdbNewTable
{
	const char *name;
	int			key_count;
	DdbKeyAttribute keys[DDB_KEY_MAX];
	const char *definition;
	int			index_count;
	DdbNewIndex indexes[DDB_TABLE_MAX_LOCAL_INDEXES + DDB_TABLE_MAX_GLOBAL_INDEXES];
	const DdbJson *tags;		/* or NULL */
} DdbNewTable;

/* Checks a request of CreateTable and fills new, which must be zeroed. */
extern void ddb_table_plan(const DdbJson *request, const char *name,
						   DdbNewTable *new);

/* Creates the table and its indexes for the current user. */
extern const DdbTable *ddb_table_create(const DdbNewTable *new);

/* ------------------------------------------------------------- changes */

/* Checks what can be checked of an UpdateTable request without the table. */
extern void ddb_table_check_change(const DdbJson *request);

/* Carries out UpdateTable.  Returns the table and what to show in the answer. */
extern DdbTable *ddb_table_change(const DdbJson *request, const char *name,
								  DdbTableDescription *description);

/* Raises an error if the table cannot be deleted now; deletes the table. */
extern void ddb_table_check_deletable(const DdbTable *table);
extern void ddb_table_drop(const DdbTable *table);

/* ---------------------------------------------------------------- tags */

/* Check a list of tags, or of keys of tags.  Tags may be NULL. */
extern void ddb_table_check_tags(const DdbJson *tags);
extern void ddb_table_check_tag_keys(const DdbJson *keys);

/*
 * Adds checked tags to a table that this transaction has locked or created.  Raises
 * an error if the table then has too many.
 */
extern void ddb_table_put_tags(const char *table_name, const DdbJson *tags);

/* Removes the tags with these keys, if they exist. */
extern void ddb_table_remove_tags(const char *table_name, const DdbJson *keys);

#endif							/* DDB_TABLE_TABLE_H */
