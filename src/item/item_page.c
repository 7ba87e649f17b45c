/*
 * item_page.c
 *	  Items read page by page, as Query and Scan do.
 */
#include "postgres.h"

#include "item/item_int.h"

#define INVALID "One or more parameter values were invalid: "

static bool is_the_same(const DdbItemPage *page, const char *index_spec);
static const DdbIndex *find_index(const DdbItemPage *page,
								  const DdbTable *table);
static void start(DdbItemPage *page);
static void start_query(DdbItemPage *page);
static void start_scan(DdbItemPage *page);
static void check_query_filter(const DdbItemPage *page);
static void check_all_attributes(const DdbItemPage *page);
static void check_index_projection(const DdbItemPage *page);
static bool needs_fetch(const DdbItemPage *page);
static const char *print_unprojected(const DdbProjection *projection,
									 const DdbIndex *index);

bool
ddb_item_read_page(DdbItemPage *page, DdbJsonWriter *writer, DdbBudget budget)
{
	DdbTable   *table = ddb_item_open_table(page->table_name, AccessShareLock);
	const DdbIndex *index = find_index(page, table);
	const char *index_spec = index != NULL ? ddb_index_spec(table, index) : "";

	page->page.source = ddb_source_make(table, index);
	if (!page->started)
	{
		start(page);
		page->table_id = table->id;
		page->index_spec = MemoryContextStrdup(page->page.context, index_spec);
		page->started = true;
	}
	else if (!is_the_same(page, index_spec))
		ddb_error(DDB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found");

	page->page.range.table = table;
	if (index != NULL)
		page->page.range.index = index - table->indexes;
	return ddb_page_read(&page->page, writer, budget);
}

/*
 * Returns whether table and index are the same as in the first step, not others
 * with the same names.  The index may have another relation, because REINDEX
 * CONCURRENTLY makes a new one.
 */
static bool
is_the_same(const DdbItemPage *page, const char *index_spec)
{
	return memcmp(&page->table_id, &page->page.source.table->id,
				  sizeof(pg_uuid_t)) == 0 &&
		strcmp(page->index_spec, index_spec) == 0;
}

/* Returns the index to read; NULL: the table.  Raises an error if not ready. */
static const DdbIndex *
find_index(const DdbItemPage *page, const DdbTable *table)
{
	const DdbIndex *index;

	if (page->index_name == NULL)
		return NULL;
	index = ddb_meta_find_index(table, page->index_name);
	if (index == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  "The table does not have the specified index: %s",
				  page->index_name);
	if ((index->status != DDB_TABLE_ACTIVE && index->status != DDB_TABLE_UPDATING) ||
		!OidIsValid(index->relid))
		ddb_error(DDB_ERROR_VALIDATION,
				  "Cannot read from backfilling global secondary index: %s",
				  page->index_name);
	return index;
}

/* Checks the page against the schema. */
static void
start(DdbItemPage *page)
{
	DdbPageTerms *terms = &page->page.terms;
	const DdbSource *source = &page->page.source;

	if (terms->consistent && source->index != NULL && source->index->is_global)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Consistent reads are not supported on global secondary indexes");
	if (page->is_query)
		start_query(page);
	else
		start_scan(page);
	ddb_item_check_projection(source->table, terms->projection);
	if (page->is_query)
	{
		check_query_filter(page);
		check_all_attributes(page);
	}
	check_index_projection(page);
	ddb_item_check_condition(source->table, terms->filter);
	terms->fetch = needs_fetch(page);
}

static void
start_query(DdbItemPage *page)
{
	const DdbSource *source = &page->page.source;

	/* Only a key of many attributes takes more than two conditions. */
	if (list_length(page->query.conditions) > Max(source->key_count, DDB_KEY_MAX))
		ddb_error(DDB_ERROR_VALIDATION, DDB_ITEM_TOO_MANY_CONDITIONS);
	ddb_query_make_range(source, &page->query, &page->page.range);
}

static void
start_scan(DdbItemPage *page)
{
	const DdbSource *source = &page->page.source;

	ddb_scan_check_start_key(source, &page->scan);
	check_all_attributes(page);
	ddb_scan_make_range(source, &page->scan, &page->page.range);
}

/* The filter of a Query must not name its key attributes. */
static void
check_query_filter(const DdbItemPage *page)
{
	const DdbSource *source = &page->page.source;
	ListCell   *cell;
	int			i;

	foreach(cell, ddb_condition_paths(page->page.terms.filter))
	{
		const DdbPath *path = lfirst(cell);

		for (i = 0; i < source->key_count; i++)
		{
			if (ddb_text_equal(path->elements[0].name, source->keys[i].name))
				ddb_error(DDB_ERROR_VALIDATION,
						  "%s can only contain non-primary key attributes: "
						  "Primary key attribute: %s", page->filter_name,
						  source->keys[i].name.data);
		}
	}
}

/* A global index has only what is projected; nothing is fetched for it. */
static void
check_all_attributes(const DdbItemPage *page)
{
	const DdbIndex *index = page->page.source.index;

	if (index != NULL && index->is_global && index->projected != NULL &&
		page->select_all)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "Select type ALL_ATTRIBUTES is not supported for global "
				  "secondary index %s because its projection type is not ALL",
				  index->name.data);
}

static void
check_index_projection(const DdbItemPage *page)
{
	const DdbIndex *index = page->page.source.index;
	const DdbProjection *projection = page->page.terms.projection;
	const char *unprojected;

	if (index == NULL || !index->is_global || index->projected == NULL ||
		projection == NULL)
		return;
	unprojected = print_unprojected(projection, index);
	if (unprojected != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "Global secondary index %s does not project %s",
				  index->name.data, unprojected);
}

/*
 * Returns whether rows of a local index must be fetched from the table.  This
 * depends on the attributes that are returned.  A filter sees only those of the
 * index.
 */
static bool
needs_fetch(const DdbItemPage *page)
{
	const DdbIndex *index = page->page.source.index;
	const DdbProjection *projection = page->page.terms.projection;

	if (index == NULL || index->is_global || index->projected == NULL)
		return false;
	return page->select_all ||
		(projection != NULL && print_unprojected(projection, index) != NULL);
}

/* Returns "[a, b]", names that the index does not have; NULL if it has all. */
static const char *
print_unprojected(const DdbProjection *projection, const DdbIndex *index)
{
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	for (i = 0; i < projection->count; i++)
	{
		DdbText		name = projection->paths[i].elements[0].name;

		if (!ddb_name_list_contains(index->projected, name))
			appendStringInfo(&buf, "%s%.*s", buf.len > 0 ? ", " : "[",
							 name.len, name.data);
	}
	if (buf.len == 0)
		return NULL;
	appendStringInfoChar(&buf, ']');
	return buf.data;
}

DdbCapacity
ddb_item_page_capacity(const DdbItemPage *page)
{
	const DdbPage *read = &page->page;
	const DdbIndex *index = read->source.index;
	double		units = ddb_capacity_read_units(read->bytes, read->terms.consistent);
	DdbCapacity capacity = {.table = index != NULL ? read->fetch_units : units};

	if (index != NULL)
		ddb_capacity_add_index(&capacity, index->name.data, index->is_global, units);
	return capacity;
}
