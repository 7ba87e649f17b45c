/*
 * meta_int.h
 *	  What the files of meta/ share.
 */
#ifndef DDB_META_META_INT_H
#define DDB_META_META_INT_H

#include "executor/spi.h"
#include "meta/meta.h"

#define META_MAX_PARAMETERS 11

/*
 * A statement on the catalog, with the types of its parameters.  Statements are
 * static variables; each is prepared when it is first run, and kept.
 */
typedef struct MetaStatement
{
	const char *text;
	int			parameter_count;
	Oid			parameters[META_MAX_PARAMETERS];

	/*
	 * Plan it without sequential scans, as the table may grow large while the
	 * plan is kept.
	 */
	bool		by_index;
	SPIPlanPtr	plan;			/* NULL until it has been prepared */
} MetaStatement;

/* What a statement returned, and the row that is being read. */
typedef struct MetaRows
{
	uint64		count;			/* of rows returned, or else changed */
	SPITupleTable *table;		/* NULL where there are no rows to read */
	uint64		next;
	HeapTuple	row;			/* the one that meta_next() has found */
} MetaRows;

/*
 * Run a statement as the owner.  One that does not write sees the newest
 * committed state; one that writes, also what its transaction has done.
 */
extern MetaRows meta_run(MetaStatement *statement, bool writes, Datum *values,
						 const char *nulls, long limit);

/* The same for one that only reads, with the active snapshot. */
extern MetaRows meta_run_in_snapshot(MetaStatement *statement, Datum *values,
									 long limit);

/* Does it return any row? */
extern bool meta_run_for_any(MetaStatement *statement, bool writes,
							 Datum *values);

/* The first column, a text, of all rows. */
extern List *meta_run_for_names(MetaStatement *statement, Datum *values,
								long limit);

/*
 * meta_next() goes to the first row, then to the next one, and returns false
 * after the last.  meta_end() frees the rows, read or not.
 */
extern bool meta_next(MetaRows *rows);
extern void meta_end(MetaRows *rows);

/*
 * A column of the row, by its name: a text is copied, NULL where the column is
 * null; a time is 0 there.  A required one must not be null: the catalog
 * declares it so, but somebody may have dropped that.
 */
extern char *meta_text(const MetaRows *rows, const char *column);
extern TimestampTz meta_timestamp(const MetaRows *rows, const char *column);
extern Datum meta_required(const MetaRows *rows, const char *column);
extern char *meta_required_text(const MetaRows *rows, const char *column);

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
 * parent, and its indexes from theirs, which it frees.
 */
extern DdbTable *meta_make_table(const char *name, const MetaRows *rows,
								 MemoryContext parent);
extern void meta_add_indexes(DdbTable *table, MetaRows *rows);

/* Do both say the same, down to the relations' OIDs? */
extern bool meta_same_table(const DdbTable *left, const DdbTable *right);

extern DdbTableStatus meta_parse_status(const char *name);
extern DdbTtlStatus meta_parse_ttl_status(const char *name);

#endif							/* DDB_META_META_INT_H */
