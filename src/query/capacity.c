/*
 * capacity.c
 *	  Capacity units, and the ConsumedCapacity that reports them.
 */
#include "postgres.h"

#include "model/model.h"
#include "query/capacity.h"
#include "store/store.h"
#include "utils/datum.h"

#define READ_UNIT_BYTES 4096
#define WRITE_UNIT_BYTES 1024

static double index_write_units(const DdbTable *table, const DdbIndex *index,
								const Jsonb *old, const Jsonb *new);
static bool same_projection(const DdbIndex *index, const Jsonb *old,
							const Jsonb *new);
static void write_indexes(DdbJsonWriter *writer, const DdbCapacity *capacity,
						  const char *member, bool is_global);
static void write_units(DdbJsonWriter *writer, DdbCapacityKind kind,
						double units);

static double
count_units(int64 bytes, int64 unit)
{
	return (double) Max(1, (bytes + unit - 1) / unit);
}

DdbCapacityReport
ddb_capacity_report(const DdbJson *request)
{
	const char *mode = ddb_request_string(request, "ReturnConsumedCapacity", "NONE");

	if (strcmp(mode, "TOTAL") == 0)
		return DDB_CAPACITY_TOTAL;
	if (strcmp(mode, "INDEXES") == 0)
		return DDB_CAPACITY_INDEXES;
	return DDB_CAPACITY_NONE;
}

double
ddb_capacity_read_units(int64 bytes, bool consistent)
{
	return count_units(bytes, READ_UNIT_BYTES) * (consistent ? 1.0 : 0.5);
}

double
ddb_capacity_write_units(int64 bytes)
{
	return count_units(bytes, WRITE_UNIT_BYTES);
}

void
ddb_capacity_add_index(DdbCapacity *capacity, const char *name, bool is_global,
					   double units)
{
	int			i;

	for (i = 0; i < capacity->index_count; i++)
	{
		if (strcmp(capacity->indexes[i].name, name) == 0)
			break;
	}
	if (i == DDB_CAPACITY_MAX_INDEXES)
		elog(ERROR, "a table has more than %d secondary indexes",
			 DDB_CAPACITY_MAX_INDEXES);
	if (i == capacity->index_count)
	{
		capacity->indexes[i].name = name;
		capacity->indexes[i].is_global = is_global;
		capacity->indexes[i].units = 0;
		capacity->index_count++;
	}
	capacity->indexes[i].units += units;
}

void
ddb_capacity_add(DdbCapacity *capacity, const DdbCapacity *other)
{
	int			i;

	capacity->table += other->table;
	for (i = 0; i < other->index_count; i++)
		ddb_capacity_add_index(capacity, other->indexes[i].name,
							   other->indexes[i].is_global,
							   other->indexes[i].units);
}

DdbCapacity
ddb_capacity_of_write(const DdbTable *table, const Jsonb *old, const Jsonb *new)
{
	int64		old_size = old != NULL ? ddb_jsonb_item_size(old) : 0;
	int64		new_size = new != NULL ? ddb_jsonb_item_size(new) : 0;
	DdbCapacity capacity = {
		.table = ddb_capacity_write_units(Max(old_size, new_size))
	};
	int			i;

	for (i = 0; i < table->index_count; i++)
	{
		const DdbIndex *index = &table->indexes[i];
		double		units;

		if (index->status == DDB_TABLE_DELETING)
			continue;
		units = index_write_units(table, index, old, new);
		if (units > 0)
			ddb_capacity_add_index(&capacity, pstrdup(index->name.data),
								   index->is_global, units);
	}
	return capacity;
}

/*
 * An index entry is written when it is added, removed or changed.  A change of
 * its key counts as both a removal and an addition.
 */
static double
index_write_units(const DdbTable *table, const DdbIndex *index,
				  const Jsonb *old, const Jsonb *new)
{
	DdbDocument old_document = {.jsonb = old, .visible = index->projected};
	DdbDocument new_document = {.jsonb = new, .visible = index->projected};
	Datum		old_key;
	Datum		new_key;
	bool		before = ddb_index_key(table, index, &old_document, &old_key);
	bool		after = ddb_index_key(table, index, &new_document, &new_key);
	double		old_units = 0;
	double		new_units = 0;

	if (before)
		old_units = ddb_capacity_write_units(ddb_jsonb_projected_size(old, index->projected));
	if (after)
		new_units = ddb_capacity_write_units(ddb_jsonb_projected_size(new, index->projected));
	if (!before || !after || !datum_image_eq(old_key, new_key, false, -1))
		return old_units + new_units;
	if (same_projection(index, old, new))
		return 0;
	return Max(old_units, new_units);
}

static bool
same_projection(const DdbIndex *index, const Jsonb *old, const Jsonb *new)
{
	DdbJsonWriter old_writer;
	DdbJsonWriter new_writer;
	int64		ignored;
	bool		same;

	/* jsonb has a fixed order of attributes, so equal items have equal text */
	ddb_json_writer_init(&old_writer, true);
	ddb_json_writer_init(&new_writer, true);
	same = ddb_jsonb_write_projected(&old_writer, old, index->projected, &ignored) &&
		ddb_jsonb_write_projected(&new_writer, new, index->projected, &ignored) &&
		strcmp(old_writer.buf.data, new_writer.buf.data) == 0;
	pfree(old_writer.buf.data);
	pfree(new_writer.buf.data);
	return same;
}

void
ddb_capacity_write_object(DdbJsonWriter *writer, DdbCapacityReport report,
						  const char *table_name, const DdbCapacity *capacity)
{
	double		total = capacity->table;
	int			i;

	for (i = 0; i < capacity->index_count; i++)
		total += capacity->indexes[i].units;

	ddb_json_begin_object(writer);
	ddb_json_name(writer, "TableName");
	ddb_json_string(writer, table_name);
	write_units(writer, capacity->kind, total);
	if (report == DDB_CAPACITY_INDEXES)
	{
		ddb_json_name(writer, "Table");
		ddb_json_begin_object(writer);
		write_units(writer, capacity->kind, capacity->table);
		ddb_json_end_object(writer);
		write_indexes(writer, capacity, "LocalSecondaryIndexes", false);
		write_indexes(writer, capacity, "GlobalSecondaryIndexes", true);
	}
	ddb_json_end_object(writer);
}

/* Writes the map of local or global indexes, unless it would be empty. */
static void
write_indexes(DdbJsonWriter *writer, const DdbCapacity *capacity,
			  const char *member, bool is_global)
{
	bool		opened = false;
	int			i;

	for (i = 0; i < capacity->index_count; i++)
	{
		if (capacity->indexes[i].is_global != is_global)
			continue;
		if (!opened)
		{
			ddb_json_name(writer, member);
			ddb_json_begin_object(writer);
			opened = true;
		}
		ddb_json_name(writer, capacity->indexes[i].name);
		ddb_json_begin_object(writer);
		write_units(writer, capacity->kind, capacity->indexes[i].units);
		ddb_json_end_object(writer);
	}
	if (opened)
		ddb_json_end_object(writer);
}

static void
write_units(DdbJsonWriter *writer, DdbCapacityKind kind, double units)
{
	ddb_json_name(writer, "CapacityUnits");
	ddb_json_double(writer, units);
	if (kind == DDB_CAPACITY_UNSAID)
		return;
	ddb_json_name(writer, kind == DDB_CAPACITY_READ ?
				  "ReadCapacityUnits" : "WriteCapacityUnits");
	ddb_json_double(writer, units);
}

void
ddb_capacity_write_member(DdbJsonWriter *writer, DdbCapacityReport report,
						  const char *table_name, const DdbCapacity *capacity)
{
	if (report == DDB_CAPACITY_NONE)
		return;
	ddb_json_name(writer, "ConsumedCapacity");
	ddb_capacity_write_object(writer, report, table_name, capacity);
}
