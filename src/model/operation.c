/*
 * operation.c
 *	  operation.def as a table, by enum and by name.
 *
 * The rows are sorted by name (test/tools/check_lists.pl proves it), so a
 * name is found by binary search.
 */
#include "postgres.h"

#include "model/model_int.h"

static const DdbOperation operations[DDB_OPERATION_COUNT] = {
#define DDB_OPERATION(suffix, sql_function, wire_name, operation_kind) \
	[DDB_OPERATION_##suffix] = { \
		.id = DDB_OPERATION_##suffix, \
		.name = #wire_name, \
		.function = #sql_function, \
		.kind = DDB_OPERATION_##operation_kind, \
		.input = &ddb_shapes[DDB_SHAPE_##wire_name##Input] \
	},
#include "model/operation.def"
#undef DDB_OPERATION
};

static int	compare_name(const void *key, const void *entry);

const DdbOperation *
ddb_operation_get(DdbOperationId id)
{
	Assert((int) id >= 0 && id < DDB_OPERATION_COUNT);
	return &operations[id];
}

const DdbOperation *
ddb_operation_find(const char *name)
{
	return bsearch(name, operations, lengthof(operations),
				   sizeof(operations[0]), compare_name);
}

static int
compare_name(const void *key, const void *entry)
{
	return strcmp(key, ((const DdbOperation *) entry)->name);
}
