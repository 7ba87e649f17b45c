/*
 * meta_int.h
 *	  What the files of meta/ share.
 */
#ifndef DDB_META_META_INT_H
#define DDB_META_META_INT_H

#include "meta/meta.h"

/* OID of dynamo_catalog.tables, the sentinel; InvalidOid if not installed. */
extern Oid	meta_sentinel(void);

/*
 * Read one table from the catalog with a fresh snapshot, into a context of its
 * own below parent; NULL if there is none.
 */
extern DdbTable *meta_load(const char *name, MemoryContext parent);

extern DdbTableStatus meta_parse_status(const char *name);

#endif							/* DDB_META_META_INT_H */
