/*
 * meta_int.h
 *	  Declarations shared by the files of meta/.
 */
#ifndef DDB_META_META_INT_H
#define DDB_META_META_INT_H

#include "executor/spi.h"
#include "meta/meta.h"

#define META_MAX_PARAMETERS 11

/*
 * A statement on the catalog, with the types of its parameters.  Statements
 * are static variables.  Each is prepared at its first run, and its plan is
 * kept.
 */
typedef struct MetaStatement
{
	const char *text;
	int			parameter_count;
	Oid			parameters[META_MAX_PARAMETERS];

	/*
	 * Plan without sequential scans, because the table may grow large while
	 * the plan is kept.
	 */
	bool		by_index;
	SPIPlanPtr	plan;			/* NULL until prepared */
} MetaStatement;

/* The result of a statement, and the current row. */
typedef struct MetaRows
{
	uint64		count;			/* of rows returned or, if none, changed */
	SPITupleTable *table;		/* NULL if there are no rows to read */
	uint64		next;
	HeapTuple	row;			/* the current row; set by meta_next() */
} MetaRows;

/*
 * Runs a statement as the owner of the catalog.  If writes is false, it sees
 * the newest committed state.  If writes is true, it also sees the changes of
 * its own transaction.
 */
extern MetaRows meta_run(MetaStatement *statement, bool writes, Datum *values,
						 const char *nulls, long limit);

/* Runs a statement that only reads, with the active snapshot. */
extern MetaRows meta_run_in_snapshot(MetaStatement *statement, Datum *values,
									 long limit);

/* Returns whether the statement returns any row. */
extern bool meta_run_for_any(MetaStatement *statement, bool writes,
							 Datum *values);

/* Returns the first column, a text, of all rows. */
extern List *meta_run_for_names(MetaStatement *statement, Datum *values,
								long limit);

/*
 * meta_next() moves to the first row, then to the next one, and returns false
 * after the last.  meta_end() frees the rows, whether they have been read or
 * not.
 */
extern bool meta_next(MetaRows *rows);
extern void meta_end(MetaRows *rows);

/*
 * Return a column of the current row, by name.  A text is a copy, or NULL if
 * the column is null.  A timestamp is 0 if the column is null.  The
 * meta_required functions raise an error for a null: the catalog declares such
 * columns NOT NULL, but a user may have dropped the constraint.
 */
extern char *meta_text(const MetaRows *rows, const char *column);
extern TimestampTz meta_timestamp(const MetaRows *rows, const char *column);
extern Datum meta_required(const MetaRows *rows, const char *column);
extern char *meta_required_text(const MetaRows *rows, const char *column);

/*
 * Returns the OID of dynamo_catalog.tables, the sentinel, or InvalidOid if no
 * such table belongs to the extension, whatever its version.
 */
extern Oid	meta_sentinel(void);

/*
 * Reads one table from the catalog with a fresh snapshot, into a new memory
 * context below parent.  Returns NULL if there is no such table.
 */
extern DdbTable *meta_load(const char *name, MemoryContext parent);

/*
 * meta_make_table() builds a descriptor from the current row, in a new memory
 * context below parent.  meta_add_indexes() adds the indexes from their rows
 * and frees the rows.
 */
extern DdbTable *meta_make_table(const char *name, const MetaRows *rows,
								 MemoryContext parent);
extern void meta_add_indexes(DdbTable *table, MetaRows *rows);

/* Returns whether two descriptors are equal, including the relations' OIDs. */
extern bool meta_same_table(const DdbTable *left, const DdbTable *right);

extern DdbTableStatus meta_parse_status(const char *name);
extern DdbTtlStatus meta_parse_ttl_status(const char *name);

#endif							/* DDB_META_META_INT_H */
