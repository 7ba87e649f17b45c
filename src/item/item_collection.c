/*
 * item_collection.c
 *	  Item collections: the items with one partition key, in a table with local
 *	  secondary indexes.
 *
 * The service reports their approximate size, and limits it to 10 GB, because it
 * keeps each collection on one partition.  dynamo has no such limit unless
 * dynamo.item_collection_limit is set.  Then each write reads the whole collection.
 */
#include "postgres.h"

#include "core/guc.h"
#include "item/item_int.h"

#define GIGABYTE (INT64CONST(1) << 30)
#define MEGABYTE (INT64CONST(1) << 20)

/* The size of a collection while it is added up. */
typedef struct Sum
{
	const DdbTable *table;
	int64		bytes;
	int64		enough;			/* stop at this size */
} Sum;

/* The elements of one table's list in ItemCollectionMetrics. */
typedef struct TableCollections
{
	const char *table_name;
	List	   *metrics;		/* const char *, JSON */
} TableCollections;

static TableCollections *find_table(List **collections, const char *table_name);
static bool has_local_index(const DdbTable *table);
static int64 size_in_collection(const DdbTable *table, const Jsonb *item);
static bool add_row(void *arg, const DdbRow *row);
static void write_metrics(DdbJsonWriter *writer, const DdbKey *key);

bool
item_collections_are_limited(const DdbTable *table)
{
	return ddb_setting_item_collection_limit > 0 && has_local_index(table);
}

void
item_check_collection(const DdbKey *key, const Jsonb *old, const Jsonb *new)
{
	int64		limit = ddb_setting_item_collection_limit * MEGABYTE;
	DdbRange	range = {
		.table = key->table,
		.path = DDB_ACCESS_PARTITION,
		.partition = key->datums[0],
	};
	Sum			sum = {.table = key->table};
	int64		growth;

	if (new == NULL || !item_collections_are_limited(key->table))
		return;
	growth = size_in_collection(key->table, new);
	if (old != NULL)
		growth -= size_in_collection(key->table, old);
	if (growth <= 0)
		return;
	sum.enough = limit - growth;
	ddb_store_scan(&range, add_row, &sum);
	if (sum.bytes > sum.enough)
		ddb_error(DDB_ERROR_ITEM_COLLECTION_SIZE_LIMIT_EXCEEDED,
				  "Collection size exceeded.");
}

const char *
ddb_item_collection_metrics(const DdbKey *key, bool stored_form)
{
	DdbJsonWriter writer;

	if (!has_local_index(key->table))
		return NULL;
	ddb_json_writer_init(&writer, stored_form);
	write_metrics(&writer, key);
	return writer.buf.data;
}

void
ddb_item_add_collection(List **collections, const char *table_name,
						const char *metrics)
{
	TableCollections *table;
	ListCell   *cell;

	if (metrics == NULL)
		return;
	table = find_table(collections, table_name);
	foreach(cell, table->metrics)
	{
		if (strcmp(lfirst(cell), metrics) == 0)
			return;
	}
	table->metrics = lappend(table->metrics, unconstify(char *, metrics));
}

void
ddb_item_write_collections(DdbJsonWriter *writer, List *collections)
{
	ListCell   *cell;
	ListCell   *metrics;

	if (collections == NIL)
		return;
	ddb_json_name(writer, "ItemCollectionMetrics");
	ddb_json_begin_object(writer);
	foreach(cell, collections)
	{
		const TableCollections *table = lfirst(cell);

		ddb_json_name(writer, table->table_name);
		ddb_json_begin_array(writer);
		foreach(metrics, table->metrics)
			ddb_json_raw(writer, lfirst(metrics));
		ddb_json_end_array(writer);
	}
	ddb_json_end_object(writer);
}

/* Returns the entry of the table, and adds it if it does not exist. */
static TableCollections *
find_table(List **collections, const char *table_name)
{
	TableCollections *table;
	ListCell   *cell;

	foreach(cell, *collections)
	{
		table = lfirst(cell);
		if (strcmp(table->table_name, table_name) == 0)
			return table;
	}
	table = palloc0(sizeof(TableCollections));
	table->table_name = table_name;
	*collections = lappend(*collections, table);
	return table;
}

static bool
has_local_index(const DdbTable *table)
{
	int			i;

	for (i = 0; i < table->index_count; i++)
	{
		if (!table->indexes[i].is_global)
			return true;
	}
	return false;
}

/* An item counts once for the table, and once for each local index with it. */
static int64
size_in_collection(const DdbTable *table, const Jsonb *item)
{
	DdbDocument document = {.jsonb = item};
	int64		size = Max(ddb_jsonb_item_size(item), 0);
	int			i;

	for (i = 0; i < table->index_count; i++)
	{
		const DdbIndex *index = &table->indexes[i];
		Datum		key;

		if (!index->is_global && ddb_index_key(table, index, &document, &key))
			size += Max(ddb_jsonb_projected_size(item, index->projected), 0);
	}
	return size;
}

/* DdbRowCallback */
static bool
add_row(void *arg, const DdbRow *row)
{
	Sum		   *sum = arg;

	sum->bytes += size_in_collection(sum->table, row->item);
	return sum->bytes <= sum->enough;
}

/* Estimates from PostgreSQL's statistics, in whole gigabytes. */
static void
write_metrics(DdbJsonWriter *writer, const DdbKey *key)
{
	int64		lower = ddb_store_estimate_partition(key) / GIGABYTE;
	DdbAttribute attribute = {key->table->keys[0].name, key->values[0]};

	ddb_json_begin_object(writer);
	ddb_json_name(writer, "ItemCollectionKey");
	ddb_item_write(writer, ddb_value_make_map(1, &attribute));
	ddb_json_name(writer, "SizeEstimateRangeGB");
	ddb_json_begin_array(writer);
	ddb_json_double(writer, (double) lower);
	ddb_json_double(writer, (double) lower + 1);
	ddb_json_end_array(writer);
	ddb_json_end_object(writer);
}
