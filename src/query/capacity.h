/*
 * capacity.h
 *	  Capacity units, and the ConsumedCapacity that reports them.
 */
#ifndef DDB_QUERY_CAPACITY_H
#define DDB_QUERY_CAPACITY_H

#include "postgres.h"
#include "meta/meta.h"
#include "value/json.h"

/* The values of ReturnConsumedCapacity. */
typedef enum DdbCapacityReport
{
	DDB_CAPACITY_NONE,
	DDB_CAPACITY_TOTAL,
	DDB_CAPACITY_INDEXES
} DdbCapacityReport;

extern DdbCapacityReport ddb_capacity_report(const DdbJson *request);

/* A table has at most 5 local and 20 global secondary indexes. */
#define DDB_CAPACITY_MAX_INDEXES 25

/* Transactions report the units again under the name of their kind. */
typedef enum DdbCapacityKind
{
	DDB_CAPACITY_UNSAID,
	DDB_CAPACITY_READ,
	DDB_CAPACITY_WRITE
} DdbCapacityKind;

/*
 * Units consumed by an operation on one table.  Only indexes that the
 * operation touched are listed.  The struct does not own the names of the
 * indexes.
 */
typedef struct DdbCapacity
{
	DdbCapacityKind kind;
	double		table;
	int			index_count;
	struct
	{
		const char *name;
		bool		is_global;
		double		units;
	}			indexes[DDB_CAPACITY_MAX_INDEXES];
} DdbCapacity;

/* Returns units for reading: one per 4 kB begun, half if not consistent. */
extern double ddb_capacity_read_units(int64 bytes, bool consistent);

/* Returns units for writing: one per 1 kB begun. */
extern double ddb_capacity_write_units(int64 bytes);

/* Add units to an index, or all units of another operation. */
extern void ddb_capacity_add_index(DdbCapacity *capacity, const char *name,
								   bool is_global, double units);
extern void ddb_capacity_add(DdbCapacity *capacity, const DdbCapacity *other);

/*
 * Returns the units for writing one item.  old is the item stored before, new
 * is the item stored now; either may be NULL.  Copies the names of indexes
 * into the current memory context.
 */
extern DdbCapacity ddb_capacity_of_write(const DdbTable *table,
										 const Jsonb *old, const Jsonb *new);

/* Writes one ConsumedCapacity object, without its member name. */
extern void ddb_capacity_write_object(DdbJsonWriter *writer,
									  DdbCapacityReport report,
									  const char *table_name,
									  const DdbCapacity *capacity);

/* Writes "ConsumedCapacity":{...}, or nothing if not requested. */
extern void ddb_capacity_write_member(DdbJsonWriter *writer,
									  DdbCapacityReport report,
									  const char *table_name,
									  const DdbCapacity *capacity);

#endif							/* DDB_QUERY_CAPACITY_H */
