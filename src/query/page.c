/*
 * page.c
 *	  Pages of Query and Scan.
 *
 * A page ends when Limit rows have been evaluated, when the evaluated rows add
 * up to 1 MiB (including the row that reaches it), or when the range ends.
 * Only in the last case does the page have no LastEvaluatedKey.  Between
 * slices, the page stores the rest of the range.
 *
 * LastEvaluatedKey is taken from the item, and the next page starts there.  So
 * a row whose key columns differ from the item's key must not become a
 * LastEvaluatedKey; otherwise a client could read the same rows forever.
 *
 * An index contains only the projected attributes.  Filters see no others, and
 * no others are returned or counted, unless whole items are fetched from the
 * table.
 */
#include "postgres.h"

#include "core/inject.h"
#include "query/query.h"
#include "utils/datum.h"

#define PAGE_MAX_BYTES INT64CONST(1048576)

/* State of reading one slice. */
typedef struct Slice
{
	DdbPage    *page;
	DdbJsonWriter *writer;
	DdbBudget	budget;
	int64		bytes;			/* of items read in this slice */
	bool		interrupted;	/* the budget is spent */
} Slice;

static bool read_row(void *arg, const DdbRow *row);
static int64 show_row(DdbPage *page, DdbJsonWriter *writer, const DdbRow *row);
static bool shows_rows_as_they_are(const DdbPage *page);
static void write_item(DdbPage *page, DdbJsonWriter *writer,
					   DdbDocument *document, const DdbRow *row);
static const DdbNameList *projected(const DdbPage *page);
static const DdbNameList *visible(const DdbPage *page);
static double fetch_units(const DdbPage *page, const DdbRow *row);
static bool range_has_more(const DdbRange *range);
static void go_on_after(DdbPage *page, const DdbRow *row);
static Datum index_key_of_row(DdbPage *page, const DdbRow *row);
static DdbValue *position_of_row(DdbPage *page, const DdbRow *row);
static Datum copy_key(const DdbPage *page, Datum key);

bool
ddb_page_read(DdbPage *page, DdbJsonWriter *writer, DdbBudget budget)
{
	Slice		slice = {.page = page, .writer = writer, .budget = budget};

	ddb_store_scan(&page->range, read_row, &slice);
	return !slice.interrupted;
}

/* DdbRowCallback */
static bool
read_row(void *arg, const DdbRow *row)
{
	Slice	   *slice = arg;
	DdbPage    *page = slice->page;
	int64		size = show_row(page, slice->writer, row);

	if (page->terms.fetch)
		page->fetch_units += fetch_units(page, row);
	page->scanned_count++;
	page->bytes += size;
	slice->bytes += size;

	if (page->scanned_count == page->terms.limit ||
		page->bytes >= PAGE_MAX_BYTES)
	{
		if (range_has_more(&page->range))
			page->last_key = position_of_row(page, row);
		return false;
	}
	if (range_has_more(&page->range) &&
		ddb_budget_spent(&slice->budget, slice->bytes))
	{
		go_on_after(page, row);
		slice->interrupted = true;
		return false;
	}
	return true;
}

/* Returns the size of the projected part of the item, even if not written. */
static int64
show_row(DdbPage *page, DdbJsonWriter *writer, const DdbRow *row)
{
	DdbDocument document = {.jsonb = row->item, .visible = visible(page)};
	int64		size;

	if (shows_rows_as_they_are(page))
	{
		page->count++;
		if (!ddb_jsonb_write_projected(writer, row->item, projected(page), &size))
			ddb_store_malformed(page->range.table, row->keys);
		return size;
	}

	size = ddb_jsonb_projected_size(row->item, projected(page));
	if (size < 0)
		ddb_store_malformed(page->range.table, row->keys);
	if (ddb_condition_evaluate(page->terms.filter, &document))
	{
		page->count++;
		if (!page->terms.count_only)
			write_item(page, writer, &document, row);
	}
	if (document.malformed)
		ddb_store_malformed(page->range.table, row->keys);
	return size;
}

/* Such rows are measured and copied in one pass. */
static bool
shows_rows_as_they_are(const DdbPage *page)
{
	return page->terms.filter == NULL && page->terms.projection == NULL &&
		!page->terms.count_only && !page->terms.fetch;
}

static void
write_item(DdbPage *page, DdbJsonWriter *writer, DdbDocument *document,
		   const DdbRow *row)
{
	const DdbProjection *projection = page->terms.projection;
	int64		size;

	if (projection != NULL)
		ddb_item_write(writer, ddb_document_project(document, projection->paths,
													projection->count));
	else if (!ddb_jsonb_write_projected(writer, row->item, visible(page), &size))
		ddb_store_malformed(page->range.table, row->keys);
}

/* Returns the names of the attributes that the source has, or NULL for all. */
static const DdbNameList *
projected(const DdbPage *page)
{
	return page->source.index != NULL ? page->source.index->projected : NULL;
}

/* Returns the names that filters and results may use, or NULL for all. */
static const DdbNameList *
visible(const DdbPage *page)
{
	return page->terms.fetch ? NULL : projected(page);
}

static double
fetch_units(const DdbPage *page, const DdbRow *row)
{
	int64		size = ddb_jsonb_item_size(row->item);

	if (size < 0)
		ddb_store_malformed(page->range.table, row->keys);
	return ddb_capacity_read_units(size, page->terms.consistent);
}

/* A partition without a sort key has only one row. */
static bool
range_has_more(const DdbRange *range)
{
	return range->path != DDB_ACCESS_PARTITION || range->table->key_count > 1;
}

/* Reduces the range to the rows after this one, in the order of reading. */
static void
go_on_after(DdbPage *page, const DdbRow *row)
{
	DdbRange   *range = &page->range;
	DdbBound	bound = {.kind = ddb_fault("page_boundary") ?
	DDB_BOUND_INCLUSIVE : DDB_BOUND_EXCLUSIVE};
	int			i;

	if (range->path == DDB_ACCESS_INDEX)
	{
		if (range->descending)
			range->before_key = index_key_of_row(page, row);
		else
			range->after_key = index_key_of_row(page, row);
	}
	else if (range->path != DDB_ACCESS_PARTITION)
	{
		range->resume = true;
		for (i = 0; i < range->table->key_count; i++)
			range->after[i] = copy_key(page, row->keys[i]);
	}
	else if (range->table->key_count > 1)
	{
		bound.value = copy_key(page, row->keys[1]);
		if (range->descending)
			range->upper = bound;
		else
			range->lower = bound;
	}
}

static Datum
index_key_of_row(DdbPage *page, const DdbRow *row)
{
	MemoryContext old = MemoryContextSwitchTo(page->context);
	DdbDocument document = {.jsonb = row->item};
	Datum		key;

	if (!ddb_index_key(page->source.table, page->source.index, &document, &key))
		elog(ERROR, "an item of index \"%s\" has no key in it",
			 page->source.index->name.data);
	MemoryContextSwitchTo(old);
	return key;
}

static DdbValue *
position_of_row(DdbPage *page, const DdbRow *row)
{
	const DdbSource *source = &page->source;
	MemoryContext old;
	DdbAttribute *attributes;
	DdbValue   *key;
	int			i;

	if (!ddb_store_row_is_consistent(source->table, row))
		ddb_store_malformed(source->table, row->keys);

	/* copy the values: they may point into the row, which does not last */
	old = MemoryContextSwitchTo(page->context);
	attributes = palloc(source->position_count * sizeof(DdbAttribute));
	for (i = 0; i < source->position_count; i++)
	{
		DdbValue   *value;

		(void) ddb_jsonb_attribute(row->item, source->position[i].name, &value);
		attributes[i].name = ddb_text_copy(source->position[i].name);
		attributes[i].value = ddb_value_make_text(value->type,
												  ddb_text_copy(value->text));
	}
	key = ddb_value_make_map(source->position_count, attributes);
	MemoryContextSwitchTo(old);
	return key;
}

static Datum
copy_key(const DdbPage *page, Datum key)
{
	MemoryContext old = MemoryContextSwitchTo(page->context);
	Datum		copy = datumCopy(key, false, -1);

	MemoryContextSwitchTo(old);
	return copy;
}
