/*
 * operation.c
 *	  operation.def as a table, by enum and by name; unserved.def as a list.
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

/* "<API>.<name>" */
static const char *const unserved[] = {
#define DDB_UNSERVED(api, wire_name) #api "." #wire_name,
#include "model/unserved.def"
#undef DDB_UNSERVED
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

bool
ddb_operation_is_unserved(const char *api, const char *name)
{
	size_t		len = strlen(api);

	for (int i = 0; i < lengthof(unserved); i++)
	{
		if (strncmp(unserved[i], api, len) == 0 && unserved[i][len] == '.' &&
			strcmp(unserved[i] + len + 1, name) == 0)
			return true;
	}
	return false;
}

static int
compare_name(const void *key, const void *entry)
{
	return strcmp(key, ((const DdbOperation *) entry)->name);
}
