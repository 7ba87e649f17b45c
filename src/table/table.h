/*
 * table.h
 *	  Tables: how they are made, changed, described and dropped.
 *
 * What is asked for comes as the service's requests say it, be it a request or
 * a part of a definition that was kept.  Everything but checks of requests needs
 * a transaction and an SPI connection.
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

/* The table's name, which may be given as an ARN that the model has checked. */
extern const char *ddb_table_name_of(const char *name_or_arn);
extern char *ddb_table_arn(const char *table_name);

/* Raise ResourceNotFoundException as table operations say it. */
extern void ddb_table_not_found(const char *name) pg_attribute_noreturn();

/* -------------------------------------------------------- descriptions */

/* What a description is to show that the table does not say. */
typedef struct DdbTableDescription
{
	bool		brief;			/* as of a table that is being deleted */
	bool		billing;		/* the billing mode is being changed */
	bool		encrypting;		/* so is the encryption */
	bool		warming;		/* and what the table is warm for */
} DdbTableDescription;

/*
 * Write one TableDescription object.  To show states that the table is not in,
 * pass a copy with them.
 */
extern void ddb_table_describe(DdbJsonWriter *writer, const DdbTable *table,
							   DdbTableDescription description);

/*
 * A copy of a descriptor, to show it in states that it is not in; what it
 * points to but for its indexes is shared.
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

/* Check a request of CreateTable, and fill new, which is all zero. */
extern void ddb_table_plan(const DdbJson *request, const char *name,
						   DdbNewTable *new);

/* Make it, with its indexes, of the current user. */
extern const DdbTable *ddb_table_create(const DdbNewTable *new);

/* ------------------------------------------------------------- changes */

/* Check of a request of UpdateTable what needs no table. */
extern void ddb_table_check_change(const DdbJson *request);

/* Carry it out.  Returns the table, and what to show of it, for the answer. */
extern DdbTable *ddb_table_change(const DdbJson *request, const char *name,
								  DdbTableDescription *description);

/* The errors of tables that may not be deleted now; and delete one. */
extern void ddb_table_check_deletable(const DdbTable *table);
extern void ddb_table_drop(const DdbTable *table);

/* ---------------------------------------------------------------- tags */

/* Check a list of tags, which may be NULL, or of their keys. */
extern void ddb_table_check_tags(const DdbJson *tags);
extern void ddb_table_check_tag_keys(const DdbJson *keys);

/*
 * Give the tags, which have been checked, to a table that this transaction
 * has locked or made; an error when it then has too many.
 */
extern void ddb_table_put_tags(const char *table_name, const DdbJson *tags);

/* Take those with these keys, as far as there are any. */
extern void ddb_table_remove_tags(const char *table_name, const DdbJson *keys);

#endif							/* DDB_TABLE_TABLE_H */
