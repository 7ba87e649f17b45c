/*
 * store_statistics.c
 *	  How many items a table or index holds, and how many bytes.
 *
 * The numbers come only from PostgreSQL's statistics, which (auto)vacuum and analyze
 * update.  Describing a table does not count its items.
 *
 * The service counts what is in the items, not what storing them takes, so
 * bytes are the number of items times the average width of an item as ANALYZE
 * saw it, and what lies out of line.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_statistic.h"
#include "store/store.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

typedef struct RelationSize
{
	int64		rows;
	int64		bytes;			/* of all pages */
	Oid			toast;
} RelationSize;

static RelationSize relation_size(Oid relid);
static double null_fraction(Oid relid);
static int64 bytes_of_items(const DdbTable *table, int64 items);

void
ddb_store_statistics(const DdbTable *table, int64 *items, int64 *bytes)
{
	RelationSize heap = relation_size(table->relid);

	*items = heap.rows;
	*bytes = bytes_of_items(table, heap.rows);
	if (*bytes == 0)
		*bytes = heap.bytes;
	if (OidIsValid(heap.toast))
		*bytes += relation_size(heap.toast).bytes;
}

void
ddb_store_index_statistics(const DdbTable *table, const DdbIndex *index,
						   int64 *items, int64 *bytes)
{
	RelationSize size = relation_size(index->relid);

	size.rows = rint(size.rows * (1.0 - null_fraction(index->relid)));
	*items = size.rows;
	*bytes = size.rows > 0 ? size.bytes : 0;

	/*
	 * The relation holds keys.  What else is projected is read from the table,
	 * but an index of the service's would hold it.
	 */
	if (index->projection == DDB_PROJECTION_ALL)
		*bytes = Max(*bytes, bytes_of_items(table, size.rows));
}

/* All zero for a relation that is not there. */
static RelationSize
relation_size(Oid relid)
{
	RelationSize size = {0};
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Form_pg_class form;

	if (!HeapTupleIsValid(tuple))
		return size;
	form = (Form_pg_class) GETSTRUCT(tuple);

	/* A negative number means that it has not been counted yet. */
	size.rows = (int64) Max(form->reltuples, 0);
	/* An empty relation has pages, too.  An index has at least one. */
	size.bytes = size.rows > 0 ? (int64) form->relpages * BLCKSZ : 0;
	size.toast = form->reltoastrelid;
	ReleaseSysCache(tuple);
	return size;
}

/*
 * Returns the fraction of entries with a null key.  An item that has the attributes
 * of an index's key, but one with another type, has such an entry.  ANALYZE has
 * estimated the fraction.
 */
static double
null_fraction(Oid relid)
{
	HeapTuple	tuple = SearchSysCache3(STATRELATTINH, ObjectIdGetDatum(relid),
										Int16GetDatum(1), BoolGetDatum(false));
	double		fraction;

	if (!HeapTupleIsValid(tuple))
		return 0;
	fraction = ((Form_pg_statistic) GETSTRUCT(tuple))->stanullfrac;
	ReleaseSysCache(tuple);
	return fraction;
}

/* Zero where nothing is known. */
static int64
bytes_of_items(const DdbTable *table, int64 items)
{
	AttrNumber	column = get_attnum(table->relid, "item");

	if (column == InvalidAttrNumber)
		return 0;
	return items * get_attavgwidth(table->relid, column);
}
