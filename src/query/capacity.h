/*
 * capacity.h
 *	  Capacity units, and the ConsumedCapacity that reports them.
 */
#ifndef DDB_QUERY_CAPACITY_H
#define DDB_QUERY_CAPACITY_H

#include "postgres.h"
#include "value/json.h"

/* ReturnConsumedCapacity */
typedef enum DdbCapacityReport
{
	DDB_CAPACITY_NONE,
	DDB_CAPACITY_TOTAL,
	DDB_CAPACITY_INDEXES
} DdbCapacityReport;

extern DdbCapacityReport ddb_capacity_report(const DdbJson *request);

/* Units for reading so many bytes: whole, or halves when not consistent. */
extern double ddb_capacity_read_units(int64 bytes, bool consistent);

/* Units for writing an item of so many bytes. */
extern double ddb_capacity_write_units(int64 bytes);

/* One ConsumedCapacity object, without its member name. */
extern void ddb_capacity_write_object(DdbJsonWriter *writer,
									  DdbCapacityReport report,
									  const char *table_name, double units);

/* "ConsumedCapacity":{...}, or nothing if none was asked for. */
extern void ddb_capacity_write_member(DdbJsonWriter *writer,
									  DdbCapacityReport report,
									  const char *table_name, double units);

#endif							/* DDB_QUERY_CAPACITY_H */
