/*
 * capacity.c
 *	  Capacity units, and the ConsumedCapacity that reports them.
 */
#include "postgres.h"

#include "model/model.h"
#include "query/capacity.h"

#define READ_UNIT_BYTES 4096
#define WRITE_UNIT_BYTES 1024

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
ddb_capacity_write_object(DdbJsonWriter *writer, DdbCapacityReport report,
						  const char *table_name, double units)
{
	ddb_json_begin_object(writer);
	ddb_json_name(writer, "TableName");
	ddb_json_string(writer, table_name);
	ddb_json_name(writer, "CapacityUnits");
	ddb_json_double(writer, units);
	if (report == DDB_CAPACITY_INDEXES)
	{
		ddb_json_name(writer, "Table");
		ddb_json_begin_object(writer);
		ddb_json_name(writer, "CapacityUnits");
		ddb_json_double(writer, units);
		ddb_json_end_object(writer);
	}
	ddb_json_end_object(writer);
}

void
ddb_capacity_write_member(DdbJsonWriter *writer, DdbCapacityReport report,
						  const char *table_name, double units)
{
	if (report == DDB_CAPACITY_NONE)
		return;
	ddb_json_name(writer, "ConsumedCapacity");
	ddb_capacity_write_object(writer, report, table_name, units);
}
