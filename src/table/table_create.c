/*
 * table_create.c
 *	  Creating a table.
 *
 * Catalog rows, heap and indexes are created in one transaction, so the table is
 * ACTIVE as soon as other transactions can see it.
 */
#include "postgres.h"

#include "core/clock.h"
#include "meta/names.h"
#include "miscadmin.h"
#include "table/table_int.h"
#include "utils/builtins.h"

/* Lookups for the checks of indexes. */
typedef struct Names
{
	TableDefinitions definitions;
	DdbLookup	indexes;		/* in the order of the checks: local ones first */
	int			checked;		/* of them */
} Names;

static void check_billing(const DdbJson *request);
static Names collect_names(const DdbJson *request);
static void check_keys(const DdbJson *request,
					   const TableDefinitions *definitions, DdbNewTable *new);
static void check_duplicate_definitions(const TableDefinitions *definitions);
static void check_number_of_definitions(const DdbJson *request);
static void check_local_indexes(const DdbJson *request, Names *names);
static void check_local_index(const DdbJson *request, const DdbJson *index,
							  Names *names);
static void check_global_indexes(const DdbJson *request, Names *names);
static void check_index_name(const DdbJson *index, Names *names);
static void check_unused_definitions(const DdbJson *request);
static List *add_keys(List *names, const DdbJson *schema);
static const char *print_list(List *names);
static void check_projected_count(const DdbJson *request);
static void check_stream(const DdbJson *request);
static void check_maxima(const DdbJson *request);
static void check_maxima_of(const DdbJson *object, const char *index,
							bool on_demand);
static void check_warmth(const DdbJson *request);
static void check_quota(const DdbJson *request);
static char *make_definition(const DdbJson *request);
static void add_indexes(DdbNewTable *new, const DdbJson *list, bool is_global);
static const DdbTable *make_table(const DdbNewTable *new);
static void enter_indexes(const DdbNewTable *new, const char *heap_name);
static pg_uuid_t make_uuid(void);

/* Unsupported members are refused; ignoring them would mislead the client. */
static const char *const refused[] = {
	"VectorIndexes", "ResourcePolicy", "GlobalTableSourceArn",
	"GlobalTableSettingsReplicationMode", NULL
};

/* The members that describe indexes. */
static const char *const index_lists[] = {
	"LocalSecondaryIndexes", "GlobalSecondaryIndexes"
};

void
ddb_table_plan(const DdbJson *request, const char *name, DdbNewTable *new)
{
	Names		names = collect_names(request);

	new->name = name;
	check_billing(request);
	check_keys(request, &names.definitions, new);
	check_number_of_definitions(request);
	check_local_indexes(request, &names);
	check_global_indexes(request, &names);
	check_unused_definitions(request);
	check_projected_count(request);
	check_stream(request);
	table_check_encryption(ddb_json_get(request, "SSESpecification"));
	table_refuse_members(request, refused);
	check_maxima(request);
	ddb_table_check_tags(ddb_json_get(request, "Tags"));
	check_warmth(request);
	check_quota(request);

	new->tags = ddb_json_get(request, "Tags");
	new->definition = make_definition(request);
	add_indexes(new, ddb_json_get(request, "LocalSecondaryIndexes"), false);
	add_indexes(new, ddb_json_get(request, "GlobalSecondaryIndexes"), true);
}

static Names
collect_names(const DdbJson *request)
{
	const DdbJson *local = ddb_json_get(request, "LocalSecondaryIndexes");
	const DdbJson *global = ddb_json_get(request, "GlobalSecondaryIndexes");
	Names		names = {
		.definitions =
		table_read_definitions(ddb_json_get(request, "AttributeDefinitions")),
		.indexes = table_collect(local, "IndexName", global != NULL ? global->count : 0),
	};

	table_collect_more(&names.indexes, global, "IndexName");
	ddb_lookup_sort(&names.indexes);
	return names;
}

static void
check_billing(const DdbJson *request)
{
	const DdbJson *throughput = ddb_json_get(request, "ProvisionedThroughput");

	if (table_is_on_demand(request) && throughput != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be "
				  "specified when BillingMode is PAY_PER_REQUEST");
	if (!table_is_on_demand(request) && throughput == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "ReadCapacityUnits and WriteCapacityUnits must both be "
				  "specified when BillingMode is PROVISIONED");
	table_check_units(throughput, NULL);
}

static void
check_keys(const DdbJson *request, const TableDefinitions *definitions,
		   DdbNewTable *new)
{
	const DdbJson *schema = ddb_json_get(request, "KeySchema");

	if (schema->count > definitions->list->count)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Invalid KeySchema: Some index key attribute have no definition");
	table_check_key_schema(TABLE_SCHEMA_TABLE, schema, definitions);
	check_duplicate_definitions(definitions);

	/* The model allows one or two. */
	ddb_json_foreach(element, schema)
	{
		DdbKeyAttribute *key = &new->keys[new->key_count++];
		const char *name = ddb_request_string(element, "AttributeName", "");

		key->name = ddb_text_from_cstring(name);
		key->type = table_defined_type(definitions, name);
	}
}

static void
check_duplicate_definitions(const TableDefinitions *definitions)
{
	const DdbPlace *repeated = ddb_lookup_repeated(&definitions->names);

	if (repeated != NULL)
		ddb_error(DDB_ERROR_VALIDATION, "Attribute Name is duplicated: %s",
				  repeated->text.data);
}

/* With indexes, the number of definitions is checked later, with their keys. */
static void
check_number_of_definitions(const DdbJson *request)
{
	if (ddb_json_get(request, "LocalSecondaryIndexes") == NULL &&
		ddb_json_get(request, "GlobalSecondaryIndexes") == NULL &&
		ddb_json_get(request, "AttributeDefinitions")->count !=
		ddb_json_get(request, "KeySchema")->count)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Number of attributes in KeySchema does not exactly match "
				  "number of attributes defined in AttributeDefinitions");
}

/* ------------------------------------------------------------- indexes */

static void
check_local_indexes(const DdbJson *request, Names *names)
{
	const DdbJson *list = ddb_json_get(request, "LocalSecondaryIndexes");

	if (list == NULL)
		return;
	if (table_first(list) == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "List of LocalSecondaryIndexes is empty");
	if (ddb_json_get(request, "KeySchema")->count < 2)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Table KeySchema does not have a range key, which is "
				  "required when specifying a LocalSecondaryIndex");
	ddb_json_foreach(index, list)
		check_local_index(request, index, names);
	if (list->count > DDB_TABLE_MAX_LOCAL_INDEXES)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Number of LocalSecondaryIndexes exceeds per-table "
				  "limit of %d", DDB_TABLE_MAX_LOCAL_INDEXES);
}

static void
check_local_index(const DdbJson *request, const DdbJson *index, Names *names)
{
	const DdbJson *schema = ddb_json_get(index, "KeySchema");
	const DdbJson *table_schema = ddb_json_get(request, "KeySchema");
	const char *name = ddb_request_string(index, "IndexName", "");
	const char *hash = ddb_request_string(table_first(schema), "AttributeName", "");
	const char *table_hash = ddb_request_string(table_first(table_schema),
												"AttributeName", "");

	table_check_key_schema(TABLE_SCHEMA_LOCAL_INDEX, schema, &names->definitions);
	if (schema->count < 2)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Index KeySchema does not have a range key for index: %s",
				  name);
	if (strcmp(hash, table_hash) != 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Index KeySchema does not have the same leading hash key "
				  "as table KeySchema for index: %s. index hash key: %s, table hash "
				  "key: %s", name, hash, table_hash);
	table_check_projection(index);
	check_index_name(index, names);
}

static void
check_global_indexes(const DdbJson *request, Names *names)
{
	const DdbJson *list = ddb_json_get(request, "GlobalSecondaryIndexes");

	if (list == NULL)
		return;
	if (table_first(list) == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "List of GlobalSecondaryIndexes is empty");
	ddb_json_foreach(index, list)
	{
		table_check_global_index(index, &names->definitions,
								 table_is_on_demand(request));
		check_index_name(index, names);
	}
	if (list->count > DDB_TABLE_MAX_GLOBAL_INDEXES)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "GlobalSecondaryIndex count exceeds the per-table limit "
				  "of %d", DDB_TABLE_MAX_GLOBAL_INDEXES);
}

/* Local and global indexes share a namespace. */
static void
check_index_name(const DdbJson *index, Names *names)
{
	const char *name = ddb_request_string(index, "IndexName", "");

	if (ddb_lookup_find(&names->indexes, ddb_text_from_cstring(name)) !=
		names->checked++)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Duplicate index name: %s", name);
}

static void
check_unused_definitions(const DdbJson *request)
{
	const DdbJson *definitions = ddb_json_get(request, "AttributeDefinitions");
	List	   *used = add_keys(NIL, ddb_json_get(request, "KeySchema"));
	int			i;

	for (i = 0; i < lengthof(index_lists); i++)
	{
		ddb_json_foreach(index, ddb_json_get(request, index_lists[i]))
			used = add_keys(used, ddb_json_get(index, "KeySchema"));
	}

	/* Each attribute that is used is defined, and none is defined twice. */
	if (definitions->count != list_length(used))
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Some AttributeDefinitions are not used. "
				  "AttributeDefinitions: %s, keys used: %s",
				  table_print_names(definitions), print_list(used));
}

/*
 * Adds the names that the list does not have.  There are so few indexes that each
 * name can be compared with each other.
 */
static List *
add_keys(List *names, const DdbJson *schema)
{
	ListCell   *cell;

	ddb_json_foreach(element, schema)
	{
		const char *name = ddb_request_string(element, "AttributeName", "");
		bool		found = false;

		foreach(cell, names)
			found |= strcmp(lfirst(cell), name) == 0;
		if (!found)
			names = lappend(names, unconstify(char *, name));
	}
	return names;
}

static const char *
print_list(List *names)
{
	StringInfoData buf;
	ListCell   *cell;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '[');
	foreach(cell, names)
		appendStringInfo(&buf, "%s%s", foreach_current_index(cell) > 0 ? ", " : "",
						 (const char *) lfirst(cell));
	appendStringInfoChar(&buf, ']');
	return buf.data;
}

static void
check_projected_count(const DdbJson *request)
{
	int			count = 0;
	int			i;

	for (i = 0; i < lengthof(index_lists); i++)
	{
		ddb_json_foreach(index, ddb_json_get(request, index_lists[i]))
			count += table_projected_count(index);
	}
	table_check_projected_count(count);
}

/* ---------------------------------------------------- the other members */

static void
check_stream(const DdbJson *request)
{
	const DdbJson *stream = ddb_json_get(request, "StreamSpecification");
	bool		enabled = stream != NULL &&
		ddb_request_bool(stream, "StreamEnabled", false);
	bool		typed = stream != NULL &&
		ddb_json_get(stream, "StreamViewType") != NULL;

	if (enabled && !typed)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Table is being created with a stream enabled, "
				  "UpdateViewType is required");
	if (typed && !enabled)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Table is being created with a stream disabled, "
				  "UpdateViewType should not be specified");
	if (enabled)
		table_refuse_member("StreamSpecification");
}

static void
check_maxima(const DdbJson *request)
{
	bool		on_demand = table_is_on_demand(request);

	check_maxima_of(request, NULL, on_demand);
	ddb_json_foreach(index, ddb_json_get(request, "GlobalSecondaryIndexes"))
		check_maxima_of(index, ddb_request_string(index, "IndexName", ""), on_demand);
}

static void
check_maxima_of(const DdbJson *object, const char *index, bool on_demand)
{
	const DdbJson *maxima = ddb_json_get(object, "OnDemandThroughput");

	if (!on_demand)
		table_check_no_maxima(maxima, "table BillingMode is PROVISIONED.");
	table_check_maxima(maxima, index, true);
}

static void
check_warmth(const DdbJson *request)
{
	table_check_warm(ddb_json_get(request, "WarmThroughput"), NULL,
					 ddb_json_get(request, "ProvisionedThroughput"));
	ddb_json_foreach(index, ddb_json_get(request, "GlobalSecondaryIndexes"))
		table_check_warm(ddb_json_get(index, "WarmThroughput"),
						 ddb_request_string(index, "IndexName", ""),
						 ddb_json_get(index, "ProvisionedThroughput"));
}

/* Limits of the account are checked after limits of a table. */
static void
check_quota(const DdbJson *request)
{
	table_check_quota(ddb_json_get(request, "ProvisionedThroughput"));
	ddb_json_foreach(index, ddb_json_get(request, "GlobalSecondaryIndexes"))
		table_check_quota(ddb_json_get(index, "ProvisionedThroughput"));
}

/* --------------------------------------------------------- the catalog */

static char *
make_definition(const DdbJson *request)
{
	bool		on_demand = table_is_on_demand(request);
	const DdbJson *throughput = ddb_json_get(request, "ProvisionedThroughput");
	const DdbJson *class = ddb_json_get(request, "TableClass");
	TableMembers	members = {0};

	table_set_member(&members, "AttributeDefinitions",
					 table_attributes_json(ddb_json_get(request, "AttributeDefinitions")));
	table_set_member(&members, "BillingMode",
					 on_demand ? "\"PAY_PER_REQUEST\"" : "\"PROVISIONED\"");
	if (on_demand)
		table_set_member(&members, "LastUpdateToPayPerRequestDateTime",
						 table_time_json(ddb_clock_now()));
	if (throughput != NULL)
		table_set_member(&members, "ProvisionedThroughput",
						 table_throughput_json(NULL, throughput));
	table_set_member(&members, "OnDemandThroughput",
					 table_maxima_json(NULL, ddb_json_get(request, "OnDemandThroughput")));
	if (ddb_json_get(request, "WarmThroughput") != NULL)
		table_set_member(&members, "WarmThroughput",
						 table_warmth_json(table_warmth(request, on_demand)));
	if (class != NULL)
		table_set_member(&members, "TableClass", table_string_json(class->text.data));
	table_set_member(&members, "SSESpecification",
					 table_encryption_json(ddb_json_get(request, "SSESpecification")));
	if (ddb_request_bool(request, "DeletionProtectionEnabled", false))
		table_set_member(&members, "DeletionProtectionEnabled", "true");
	return table_definition(NULL, &members);
}

static void
add_indexes(DdbNewTable *new, const DdbJson *list, bool is_global)
{
	ddb_json_foreach(index, list)
	{
		new->indexes[new->index_count++] = (DdbNewIndex)
		{
			.name = ddb_request_string(index, "IndexName", ""),
			.is_global = is_global,
			.definition = table_index_definition(index),
		};
	}
}

const DdbTable *
ddb_table_create(const DdbNewTable *new)
{
	const DdbTable *table = make_table(new);
	int			i;

	for (i = 0; i < table->index_count; i++)
		ddb_store_create_index(ddb_store_secondary_index(table, &table->indexes[i]));
	return table;
}

static const DdbTable *
make_table(const DdbNewTable *new)
{
	DdbTableRow row = {
		.name = new->name,
		.id = make_uuid(),
		.heap_name = ddb_name_of_heap(new->name),
		.status = DDB_TABLE_ACTIVE,
		.created_at = ddb_clock_now(),
		.key_count = new->key_count,
		.definition = new->definition,
		.owner_role = GetUserNameFromId(GetUserId(), false),
	};
	DdbTable   *table = ddb_meta_look_up(new->name);

	memcpy(row.keys, new->keys, sizeof(row.keys));
	if (table != NULL && table->status == DDB_TABLE_CREATING)
		ddb_error(DDB_ERROR_RESOURCE_IN_USE,
				  TABLE_IN_USE "Table is being created: %s", new->name);
	if (table != NULL || !ddb_meta_insert(&row))
		ddb_error(DDB_ERROR_RESOURCE_IN_USE, "Table already exists: %s",
				  new->name);
	table_show_status(new->name, NULL, DDB_TABLE_CREATING);
	if (!ddb_store_create_table(&row))
		ddb_error(DDB_ERROR_RESOURCE_IN_USE,
				  "Table already exists: %s (the relation %s is there but not in the catalog; "
				  "rename it to create the table)", new->name,
				  quote_qualified_identifier(DDB_SCHEMA_DATA, row.heap_name));
	enter_indexes(new, row.heap_name);
	ddb_table_put_tags(new->name, new->tags);

	table = ddb_meta_look_up(new->name);
	if (table == NULL)
		elog(ERROR, "table \"%s\" is not there after it was created", new->name);
	return table;
}

static void
enter_indexes(const DdbNewTable *new, const char *heap_name)
{
	int			i;

	for (i = 0; i < new->index_count; i++)
	{
		const DdbNewIndex *index = &new->indexes[i];
		DdbIndexRow row = {
			.table_name = new->name,
			.name = index->name,
			.is_global = index->is_global,
			.relation_name = ddb_name_of_secondary_index(heap_name, index->name),
			.status = DDB_TABLE_ACTIVE,
			.definition = index->definition,
		};

		ddb_meta_insert_index(&row);
	}
}

static pg_uuid_t
make_uuid(void)
{
	pg_uuid_t	uuid;

	if (!pg_strong_random(uuid.data, UUID_LEN))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	/* version 4, variant 1 */
	uuid.data[6] = (uuid.data[6] & 0x0f) | 0x40;
	uuid.data[8] = (uuid.data[8] & 0x3f) | 0x80;
	return uuid;
}
