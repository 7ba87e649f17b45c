/*
 * operation.c
 *	  operation.def and mode.def as tables; unserved.def as a list.
 *
 * The rows are sorted by name (test/tools/check_lists.pl proves it), so a
 * name is found by binary search.
 */
#include "postgres.h"

#include "model/model_int.h"

enum
{
#define DDB_MODE(suffix, ...) MODE_##suffix,
#include "model/mode.def"
#undef DDB_MODE
	MODE_COUNT
};

static const DdbMode modes[MODE_COUNT] = {
#define DDB_MODE(suffix, writing, block, waits, primary, is_long, table_right) \
	[MODE_##suffix] = { \
		.writes = writing, \
		.transaction_block = block, \
		.durable = waits, \
		.needs_primary = primary, \
		.long_answer = is_long, \
		.right = DDB_RIGHT_##table_right \
	},
#include "model/mode.def"
#undef DDB_MODE
};

static const DdbOperation operations[DDB_OPERATION_COUNT] = {
#define DDB_OPERATION(suffix, sql_function, wire_name, api_name, mode_name, \
					  resource_kind) \
	[DDB_OPERATION_##suffix] = { \
		.id = DDB_OPERATION_##suffix, \
		.name = #wire_name, \
		.function = #sql_function, \
		.api = DDB_API_##api_name, \
		.mode = &modes[MODE_##mode_name], \
		.resource = DDB_RESOURCE_##resource_kind, \
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
