/*
 * query.h
 *	  From compiled expressions to pages: the range of rows that a Query or
 *	  Scan reads, and the page made of those rows, slice by slice.
 */
#ifndef DDB_QUERY_QUERY_H
#define DDB_QUERY_QUERY_H

#include "postgres.h"
#include "core/budget.h"
#include "expr/expr.h"
#include "query/capacity.h"
#include "store/store.h"

/* ----------------------------------------------------------------- keys */

/*
 * Returns the service's error text for a value that has the right type for a
 * key attribute but is empty or too long.  Returns NULL if the value is valid.
 */
extern const char *ddb_key_value_problem(const DdbKeyAttribute *attribute,
										 DdbKeyPart part,
										 const DdbValue *value);

/* Returns the error text for a part of a key that is too long. */
extern const char *ddb_key_size_problem(DdbKeyPart part);

/* -------------------------------------------------------------- sources */

/* Maximum number of attributes in an index's key and the item's own key. */
#define DDB_SOURCE_KEY_MAX (2 * DDB_INDEX_PART_MAX + DDB_KEY_MAX)

/* What a Query or Scan reads (a table or one of its indexes) and its key. */
typedef struct DdbSource
{
	DdbTable   *table;
	const DdbIndex *index;		/* NULL: the table itself */
	int			hash_count;		/* number of partition key attributes in keys */
	int			key_count;
	const DdbKeyAttribute *keys;

	/*
	 * The attributes of a LastEvaluatedKey: keys, then the rest of the table's
	 * key.
	 */
	int			position_count;
	DdbKeyAttribute position[DDB_SOURCE_KEY_MAX];
} DdbSource;

extern DdbSource ddb_source_make(DdbTable *table, const DdbIndex *index);

/* --------------------------------------------------------------- ranges */

/* The parameters of a Query that decide which rows are read. */
typedef struct DdbQueryTerms
{
	List	   *conditions;		/* DdbKeyCondition * */
	DdbValue   *start_key;		/* ExclusiveStartKey as an item, or NULL */
	bool		descending;
} DdbQueryTerms;

/*
 * Checks conditions and start key against the schema, in the service's order
 * and with the service's errors, and converts them into a range.
 */
extern void ddb_query_make_range(const DdbSource *source,
								 const DdbQueryTerms *terms, DdbRange *range);

/* The parameters of a Scan that decide which rows are read. */
typedef struct DdbScanTerms
{
	DdbValue   *start_key;
	int			segment;
	int			total_segments; /* 1: a plain scan */
} DdbScanTerms;

/*
 * Checks that the start key has the attributes of the source.  Other errors of
 * the start key are raised by ddb_scan_make_range().
 */
extern void ddb_scan_check_start_key(const DdbSource *source,
									 const DdbScanTerms *terms);
extern void ddb_scan_make_range(const DdbSource *source,
								const DdbScanTerms *terms, DdbRange *range);

/* Computes the first and last token (both inclusive) of a segment. */
extern void ddb_scan_segment_tokens(int segment, int total, int32 *low,
									int32 *high);

/* ---------------------------------------------------------------- pages */

/* What a page contains of the rows it reads, and when it ends. */
typedef struct DdbPageTerms
{
	DdbCondition *filter;
	DdbProjection *projection;
	bool		fetch;			/* for a local index: return whole items,
								 * and count the units for reading the table
								 * as well */
	bool		count_only;
	bool		consistent;
	int64		limit;			/* rows to evaluate; 0: no limit */
} DdbPageTerms;

/* A page under construction, in a context that outlasts the slices. */
typedef struct DdbPage
{
	DdbPageTerms terms;
	DdbSource	source;
	DdbRange	range;			/* the part not yet read */
	int64		count;
	int64		scanned_count;
	int64		bytes;			/* of rows, as the source has them */
	double		fetch_units;	/* for fetching items from the table */
	DdbValue   *last_key;		/* LastEvaluatedKey, or NULL */
	MemoryContext context;
} DdbPage;

/*
 * Reads until the page is complete (returns true) or the budget is spent
 * (returns false).  Writes the resulting items as elements of an array, unless
 * terms.count_only is set.  The source's table must have been opened in this
 * transaction.
 */
extern bool ddb_page_read(DdbPage *page, DdbJsonWriter *writer,
						  DdbBudget budget);

#endif							/* DDB_QUERY_QUERY_H */
