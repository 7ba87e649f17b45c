/*
 * meta_int.h
 *	  What the files of meta/ share.
 */
#ifndef DDB_META_META_INT_H
#define DDB_META_META_INT_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "executor/spi.h"
#include "meta/meta.h"

#define META_MAX_PARAMETERS 11

/* A statement on the catalog, with the types of its parameters. */
typedef struct MetaStatement
{
	const char *text;
	int			parameter_count;
	Oid			parameters[META_MAX_PARAMETERS];
	SPIPlanPtr	plan;			/* NULL until it has been prepared */
} MetaStatement;

/*
 * Run a statement as the owner; results are in SPI's globals.  One that does
 * not write sees the newest committed state.
 */
extern void meta_run(MetaStatement *statement, bool writes, Datum *values,
					 const char *nulls, long limit);

/* The same for one that reads a single column of text. */
extern List *meta_run_for_names(MetaStatement *statement, Datum *values,
								long limit);

/*
 * OID of dynamo_catalog.tables, the sentinel; InvalidOid if there is none that
 * belongs to the extension, of whatever version.
 */
extern Oid	meta_sentinel(void);

/*
 * Read one table from the catalog with a fresh snapshot, into a context of its
 * own below parent; NULL if there is none.
 */
extern DdbTable *meta_load(const char *name, MemoryContext parent);

/*
 * A descriptor from its row of the catalog, in a context of its own below
 * parent, and its indexes from theirs.
 */
extern DdbTable *meta_make_table(const char *name, HeapTuple tuple,
								 TupleDesc desc, MemoryContext parent);
extern void meta_add_indexes(DdbTable *table, HeapTuple *tuples, int count,
							 TupleDesc desc);

/* Do both say the same, down to the relations' OIDs? */
extern bool meta_same_table(const DdbTable *left, const DdbTable *right);

extern DdbTableStatus meta_parse_status(const char *name);
extern DdbTtlStatus meta_parse_ttl_status(const char *name);

#endif							/* DDB_META_META_INT_H */
