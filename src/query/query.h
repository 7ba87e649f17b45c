/*
 * query.h
 *	  From compiled expressions to pages: the range of rows a Query or Scan
 *	  reads, and the page it makes of them, slice by slice.
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
 * What is wrong with a value of the right type as a key attribute (empty, too
 * long), as the service says it; NULL when nothing is.
 */
extern const char *ddb_key_value_problem(const DdbKeyAttribute *attribute,
										 DdbKeyPart part,
										 const DdbValue *value);

/* The same of a part that does not fit. */
extern const char *ddb_key_size_problem(DdbKeyPart part);

/* -------------------------------------------------------------- sources */

/* Attributes that a key in an index and the item's own key have at most. */
#define DDB_SOURCE_KEY_MAX (2 * DDB_INDEX_PART_MAX + DDB_KEY_MAX)

/* What is read: a table or one of its indexes, and how it is keyed. */
typedef struct DdbSource
{
	DdbTable   *table;
	const DdbIndex *index;		/* NULL: the table itself */
	int			hash_count;		/* of keys, those that make the partition */
	int			key_count;
	const DdbKeyAttribute *keys;

	/* What a LastEvaluatedKey has: keys, and those of the table's not there. */
	int			position_count;
	DdbKeyAttribute position[DDB_SOURCE_KEY_MAX];
} DdbSource;

extern DdbSource ddb_source_make(DdbTable *table, const DdbIndex *index);

/* --------------------------------------------------------------- ranges */

/* What of a Query decides which rows are read. */
typedef struct DdbQueryTerms
{
	List	   *conditions;		/* DdbKeyCondition */
	DdbValue   *start_key;		/* ExclusiveStartKey as an item, or NULL */
	bool		descending;
} DdbQueryTerms;

/*
 * Check conditions and start key against the schema, in the service's order
 * and with its errors, and make them a range.
 */
extern void ddb_query_make_range(const DdbSource *source,
								 const DdbQueryTerms *terms, DdbRange *range);

/* What of a Scan does. */
typedef struct DdbScanTerms
{
	DdbValue   *start_key;
	int			segment;
	int			total_segments; /* 1: a plain scan */
} DdbScanTerms;

/*
 * Check that the start key has the attributes of the source; what else can be
 * wrong with it is told by making the range.
 */
extern void ddb_scan_check_start_key(const DdbSource *source,
									 const DdbScanTerms *terms);
extern void ddb_scan_make_range(const DdbSource *source,
								const DdbScanTerms *terms, DdbRange *range);

/*
 * Where segment number "segment" of "total" begins and ends, both inclusive.
 */
extern void ddb_scan_segment_tokens(int segment, int total, int32 *low,
									int32 *high);

/* ---------------------------------------------------------------- pages */

/* What a page shows of the rows it reads, and when it ends. */
typedef struct DdbPageTerms
{
	DdbCondition *filter;
	DdbProjection *projection;
	bool		fetch;			/* from a local index: whole items, at the price
								 * of reading the table as well */
	bool		count_only;
	bool		consistent;
	int64		limit;			/* rows to evaluate; 0: no limit */
} DdbPageTerms;

/* A page in the making.  Lives in a context that outlasts the slices. */
typedef struct DdbPage
{
	DdbPageTerms terms;
	DdbSource	source;
	DdbRange	range;			/* what is left to read */
	int64		count;
	int64		scanned_count;
	int64		bytes;			/* of rows as the source has them */
	double		fetch_units;	/* for what had to be fetched from the table */
	DdbValue   *last_key;		/* LastEvaluatedKey, or NULL */
	MemoryContext context;
} DdbPage;

/*
 * Read on until the page is complete (true) or the budget is spent (false),
 * and write the items it shows, as elements of an array, unless terms say
 * count_only.  The source's table must have been opened in this transaction.
 */
extern bool ddb_page_read(DdbPage *page, DdbJsonWriter *writer,
						  DdbBudget budget);

#endif							/* DDB_QUERY_QUERY_H */
