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
table_write_indexes(DdbJsonWriter *writer, const DdbTable *table)
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
	ddb_json_text_member(writer, "IndexName", index->name);
	write_tree(writer, index, "KeySchema");
	write_tree(writer, index, "Projection");
	if (index->is_global)
		write_global(writer, table, index);
	ddb_json_int_member(writer, "IndexSizeBytes", bytes);
	ddb_json_int_member(writer, "ItemCount", items);
	ddb_json_string_member(writer, "IndexArn",
						   psprintf("%s/index/%s", ddb_table_arn(table->name),
									index->name.data));
	ddb_json_end_object(writer);
}

static void
write_global(DdbJsonWriter *writer, const DdbTable *table, const DdbIndex *index)
{
	bool		on_demand = table_is_on_demand(table->definition);
	bool		new_table = table->status == DDB_TABLE_CREATING;

	/* Indexes of a new table become ready with the table. */
	DdbTableStatus status = new_table ? DDB_TABLE_CREATING : index->status;

	ddb_json_string_member(writer, "IndexStatus", ddb_table_status_name(status));
	if (status == DDB_TABLE_CREATING && !new_table)
	{
		/* Not while the table waits for resources of the index. */
		ddb_json_bool_member(writer, "Backfilling",
							 table->status == DDB_TABLE_ACTIVE);
	}
	table_write_throughput(writer, index->definition, on_demand);
	table_write_maxima(writer, index->definition);
	if (status == DDB_TABLE_CREATING)
		status = table_warmth_status_of_new(index->definition, on_demand);
	if (!new_table || ddb_json_get(index->definition, "WarmThroughput") != NULL)
		table_write_warmth(writer, table_warmth(index->definition, on_demand),
						   ddb_table_status_name(status));
}

static void
write_tree(DdbJsonWriter *writer, const DdbIndex *index, const char *member)
{
	const DdbJson *value = ddb_json_get(index->definition, member);

	if (value == NULL)
		return;
	ddb_json_tree_member(writer, member, value);
}
