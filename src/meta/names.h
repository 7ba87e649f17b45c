/*
 * names.h
 *	  Names of relations in schema dynamo_data.
 */
#ifndef DDB_META_NAMES_H
#define DDB_META_NAMES_H

#include "postgres.h"

/*
 * Returns the name of the heap of a table (palloc'd).  It is the table's name
 * or, if that is too long for PostgreSQL, the beginning of the name, a colon
 * and 16 hex digits of the name's SHA-256.  No table name contains a colon, so
 * names cannot collide.
 */
extern char *ddb_name_of_heap(const char *table_name);

/* Returns the name of an index of the heap, like "Music:pkey" (palloc'd). */
extern char *ddb_name_of_index(const char *heap_name, const char *role);

/*
 * Returns the name of a secondary index's relation, like "Music:i:ByGenre"
 * (palloc'd).  A long name is shortened like that of a heap.
 */
extern char *ddb_name_of_secondary_index(const char *heap_name,
										 const char *index_name);

#endif							/* DDB_META_NAMES_H */
