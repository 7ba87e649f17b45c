/*
 * item_capacity.c
 *	  Capacity units of several tables.
 */
#include "postgres.h"

#include "item/item_int.h"

void
ddb_item_add_capacity(List **tables, const char *table_name,
					  const DdbCapacity *capacity)
{
	DdbItemTableCapacity *entry;
	ListCell   *cell;

	foreach(cell, *tables)
	{
		entry = lfirst(cell);
		if (strcmp(entry->table_name, table_name) == 0)
		{
			ddb_capacity_add(&entry->capacity, capacity);
			return;
		}
	}
	entry = palloc(sizeof(DdbItemTableCapacity));
	entry->table_name = pstrdup(table_name);
	entry->capacity = *capacity;
	*tables = lappend(*tables, entry);
}

void
ddb_item_write_capacities(DdbJsonWriter *writer, DdbCapacityReport report,
						  const List *tables)
{
	ListCell   *cell;

	if (report == DDB_CAPACITY_NONE)
		return;
	ddb_json_name(writer, "ConsumedCapacity");
	ddb_json_begin_array(writer);
	foreach(cell, tables)
	{
		const DdbItemTableCapacity *entry = lfirst(cell);

		ddb_capacity_write_object(writer, report, entry->table_name,
								  &entry->capacity);
	}
	ddb_json_end_array(writer);
}
