/*
 * capacity.h
 *	  Capacity units, and the ConsumedCapacity that reports them.
 */
#ifndef DDB_QUERY_CAPACITY_H
#define DDB_QUERY_CAPACITY_H

#include "postgres.h"
#include "meta/meta.h"
#include "value/json.h"

/* ReturnConsumedCapacity */
typedef enum DdbCapacityReport
{
	DDB_CAPACITY_NONE,
	DDB_CAPACITY_TOTAL,
	DDB_CAPACITY_INDEXES
} DdbCapacityReport;

extern DdbCapacityReport ddb_capacity_report(const DdbJson *request);

/* Secondary indexes that a table can have: 5 local ones, 20 global ones. */
#define DDB_CAPACITY_MAX_INDEXES 25

/* Transactions report, beside the units, of which kind they are. */
typedef enum DdbCapacityKind
{
	DDB_CAPACITY_UNSAID,
	DDB_CAPACITY_READ,
	DDB_CAPACITY_WRITE
} DdbCapacityKind;

/*
 * Units consumed by an operation on one table.  Only indexes that were touched
 * are listed; their names belong to whoever made it.
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

/* Units for reading so many bytes: whole, or halves when not consistent. */
extern double ddb_capacity_read_units(int64 bytes, bool consistent);

/* Units for writing an item of so many bytes. */
extern double ddb_capacity_write_units(int64 bytes);

/* Add units to an index, and all of another's to one. */
extern void ddb_capacity_add_index(DdbCapacity *capacity, const char *name,
								   bool is_global, double units);
extern void ddb_capacity_add(DdbCapacity *capacity, const DdbCapacity *other);

/*
 * What writing one item consumes: old is what was stored, new what is now;
 * either may be NULL.  Names of indexes are copied.
 */
extern DdbCapacity ddb_capacity_of_write(const DdbTable *table,
										 const Jsonb *old, const Jsonb *new);

/* One ConsumedCapacity object, without its member name. */
extern void ddb_capacity_write_object(DdbJsonWriter *writer,
									  DdbCapacityReport report,
									  const char *table_name,
									  const DdbCapacity *capacity);

/* "ConsumedCapacity":{...}, or nothing if none was asked for. */
extern void ddb_capacity_write_member(DdbJsonWriter *writer,
									  DdbCapacityReport report,
									  const char *table_name,
									  const DdbCapacity *capacity);

#endif							/* DDB_QUERY_CAPACITY_H */
