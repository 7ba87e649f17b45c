/*
 * table_index_description.c
 *	  LocalSecondaryIndexes and GlobalSecondaryIndexes of a TableDescription.
 */
#include "postgres.h"

#include "table/table_int.h"

static void write_list(DdbJsonWriter *writer, const DdbTable *table,
					   bool global, const char *name);
static void write_index(DdbJsonWriter *writer, const DdbTable *table,
						const DdbIndex *index);
static void write_global(DdbJsonWriter *writer, const DdbTable *table,
						 const DdbIndex *index);
static void write_tree(DdbJsonWriter *writer, const DdbIndex *index,
					   const char *member);

void
api_write_indexes(DdbJsonWriter *writer, const DdbTable *table)
{
	write_list(writer, table, false, "LocalSecondaryIndexes");
	write_list(writer, table, true, "GlobalSecondaryIndexes");
}

static void
write_list(DdbJsonWriter *writer, const DdbTable *table, bool global,
		   const char *name)
{
	bool		any = false;
	int			i;

	for (i = 0; i < table->index_count; i++)
	{
		if (table->indexes[i].is_global != global)
			continue;
		if (!any)
		{
			ddb_json_name(writer, name);
			ddb_json_begin_array(writer);
			any = true;
		}
		write_index(writer, table, &table->indexes[i]);
	}
	if (any)
		ddb_json_end_array(writer);
}

static void
write_index(DdbJsonWriter *writer, const DdbTable *table, const DdbIndex *index)
{
	int64		items;
	int64		bytes;

	ddb_store_index_statistics(table, index, &items, &bytes);
	ddb_json_begin_object(writer);
	ddb_json_name(writer, "IndexName");
	ddb_json_text(writer, index->name);
	write_tree(writer, index, "KeySchema");
	write_tree(writer, index, "Projection");
	if (index->is_global)
		write_global(writer, table, index);
	ddb_json_name(writer, "IndexSizeBytes");
	ddb_json_int(writer, bytes);
	ddb_json_name(writer, "ItemCount");
	ddb_json_int(writer, items);
	ddb_json_name(writer, "IndexArn");
	ddb_json_string(writer, psprintf("%s/index/%s", api_table_arn(table->name),
									 index->name.data));
	ddb_json_end_object(writer);
}

static void
write_global(DdbJsonWriter *writer, const DdbTable *table, const DdbIndex *index)
{
	bool		on_demand = api_is_on_demand(table->definition);
	bool		new_table = table->status == DDB_TABLE_CREATING;

	/* Indexes of a new table become ready with it. */
	DdbTableStatus status = new_table ? DDB_TABLE_CREATING : index->status;

	ddb_json_name(writer, "IndexStatus");
	ddb_json_string(writer, ddb_table_status_name(status));
	if (status == DDB_TABLE_CREATING && !new_table)
	{
		/* While resources are allocated, which the table waits for, it is not. */
		ddb_json_name(writer, "Backfilling");
		ddb_json_bool(writer, table->status == DDB_TABLE_ACTIVE);
	}
	api_write_throughput(writer, index->definition, on_demand);
	api_write_maxima(writer, index->definition);
	if (status == DDB_TABLE_CREATING)
		status = api_warmth_status_of_new(index->definition, on_demand);
	if (!new_table || ddb_json_get(index->definition, "WarmThroughput") != NULL)
		api_write_warmth(writer, api_warmth(index->definition, on_demand),
						 ddb_table_status_name(status));
}

static void
write_tree(DdbJsonWriter *writer, const DdbIndex *index, const char *member)
{
	const DdbJson *value = ddb_json_get(index->definition, member);

	if (value == NULL)
		return;
	ddb_json_name(writer, member);
	ddb_json_tree(writer, value);
}
