/*
 * names.h
 *	  Names of relations in schema dynamo_data.
 */
#ifndef DDB_META_NAMES_H
#define DDB_META_NAMES_H

#include "postgres.h"

/*
 * The relation that holds a table: the table's name, or, where that is longer
 * than PostgreSQL's names can be, its beginning, a colon and 16 hex digits of
 * its SHA-256.  No table's name has a colon, so nothing collides.  palloc'd.
 */
extern char *ddb_name_of_heap(const char *table_name);

/* An index of that relation: "Music:pkey"; palloc'd. */
extern char *ddb_name_of_index(const char *heap_name, const char *role);

/*
 * A secondary index of that relation: "Music:i:ByGenre", shortened likewise;
 * palloc'd.
 */
extern char *ddb_name_of_secondary_index(const char *heap_name,
										 const char *index_name);

#endif							/* DDB_META_NAMES_H */
