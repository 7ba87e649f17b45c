/*
 * op_create_table.c
 *	  CreateTable.
 *
 * Catalog row and heap are made in one transaction, so the table is ACTIVE as
 * soon as anybody can see it; the answer says CREATING, as clients expect.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "core/clock.h"
#include "core/guc.h"
#include "meta/names.h"
#include "utils/memutils.h"

#define INVALID "One or more parameter values were invalid: "
#define MAX_UNITS INT64CONST(1000000000000)

typedef struct CreateState
{
	const char *name;
	int			key_count;
	DdbKeyAttribute keys[DDB_KEY_MAX];
	char	   *definition;
} CreateState;

static void prepare(DdbCall *call);
static void check_billing(const DdbJson *request);
static void check_units(const DdbJson *throughput, const char *member);
static void check_key_schema(const DdbJson *request, CreateState *state);
static DdbType defined_type(const DdbJson *definitions, const char *name);
static const char *print_names(const DdbJson *list);
static void check_unused_definitions(const DdbJson *request);
static void check_not_built_yet(const DdbJson *request);
static void check_stream(const DdbJson *request);
static void check_encryption(const DdbJson *request);
static void check_on_demand(const DdbJson *request);
static char *make_definition(const DdbJson *request);
static void write_sorted_definitions(DdbJsonWriter *writer,
									 const DdbJson *definitions);
static bool step(DdbCall *call);

const DdbHandler ddb_op_create_table = {
	.state_size = sizeof(CreateState), .prepare = prepare, .step = step
};

/* Members of the request that the definition keeps as they are. */
static const char *const kept_members[] = {
	"BillingMode", "ProvisionedThroughput", "OnDemandThroughput",
	"WarmThroughput", "TableClass", "SSESpecification",
	"DeletionProtectionEnabled",
};

static bool
is_on_demand(const DdbJson *request)
{
	return strcmp(ddb_request_string(request, "BillingMode", "PROVISIONED"),
				  "PAY_PER_REQUEST") == 0;
}

static void
prepare(DdbCall *call)
{
	CreateState *state = call->state;
	const DdbJson *request = call->request;

	state->name = api_request_table(request);
	check_billing(request);
	check_key_schema(request, state);
	check_not_built_yet(request);
	check_unused_definitions(request);
	check_stream(request);
	check_encryption(request);
	check_on_demand(request);
	api_check_tags(ddb_json_get(request, "Tags"));
	state->definition = make_definition(request);
}

static void
check_billing(const DdbJson *request)
{
	const DdbJson *throughput = ddb_json_get(request, "ProvisionedThroughput");

	if (is_on_demand(request) && throughput != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be "
				  "specified when BillingMode is PAY_PER_REQUEST");
	if (!is_on_demand(request) && throughput == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "ReadCapacityUnits and WriteCapacityUnits must both be "
				  "specified when BillingMode is PROVISIONED");
	if (throughput != NULL)
	{
		check_units(throughput, "ReadCapacityUnits");
		check_units(throughput, "WriteCapacityUnits");
	}
}

static void
check_units(const DdbJson *throughput, const char *member)
{
	int64		units = ddb_request_int(throughput, member, 0);

	if (units > MAX_UNITS)
		ddb_error(DDB_ERROR_VALIDATION, "Given value " INT64_FORMAT
				  " for %s is out of bounds", units, member);
}

static void
check_key_schema(const DdbJson *request, CreateState *state)
{
	static const char *const key_types[] = {"HASH", "RANGE"};
	static const char *const ordinals[] = {"first", "second"};
	const DdbJson *schema = ddb_json_get(request, "KeySchema");
	const DdbJson *definitions = ddb_json_get(request, "AttributeDefinitions");
	const DdbJson *element;
	const DdbJson *keys[DDB_KEY_MAX] = {NULL};
	const char *name;
	int			i;

	if (schema->count > definitions->count)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Invalid KeySchema: Some index key attribute have no definition");
	/* The model allows one or two. */
	for (element = schema->first; element != NULL && state->key_count < DDB_KEY_MAX;
		 element = element->next)
	{
		keys[state->key_count++] = element;
		name = ddb_request_string(element, "AttributeName", "");
		if (defined_type(definitions, name) == DDB_TYPE_COUNT)
			ddb_error(DDB_ERROR_VALIDATION,
					  INVALID "Some index key attributes are not defined in "
					  "AttributeDefinitions. Keys: %s, AttributeDefinitions: %s",
					  print_names(schema), print_names(definitions));
	}
	if (state->key_count > 1 &&
		strcmp(ddb_request_string(keys[0], "AttributeName", ""),
			   ddb_request_string(keys[1], "AttributeName", "")) == 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Both the Hash Key and the Range Key element in the KeySchema "
				  "have the same name");
	for (i = 0; i < Min(state->key_count, DDB_KEY_MAX); i++)
	{
		if (strcmp(ddb_request_string(keys[i], "KeyType", ""), key_types[i]) != 0)
			ddb_error(DDB_ERROR_VALIDATION,
					  "Invalid KeySchema: The %s KeySchemaElement is not a %s key type",
					  ordinals[i], key_types[i]);
		name = ddb_request_string(keys[i], "AttributeName", "");
		state->keys[i].name = ddb_text_from_cstring(name);
		state->keys[i].type = defined_type(definitions, name);
	}
}

/* DDB_TYPE_COUNT when it is not defined. */
static DdbType
defined_type(const DdbJson *definitions, const char *name)
{
	const DdbJson *definition;
	DdbType		type = DDB_TYPE_COUNT;

	for (definition = definitions->first; definition != NULL;
		 definition = definition->next)
	{
		if (strcmp(ddb_request_string(definition, "AttributeName", ""), name) == 0 &&
			ddb_type_from_tag(ddb_text_from_cstring(ddb_request_string(definition,
																	   "AttributeType",
																	   "")), &type))
			return type;
	}
	return DDB_TYPE_COUNT;
}

/* "[a, b]" */
static const char *
print_names(const DdbJson *list)
{
	const DdbJson *element;
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '[');
	for (element = list->first; element != NULL; element = element->next)
		appendStringInfo(&buf, "%s%s", element == list->first ? "" : ", ",
						 ddb_request_string(element, "AttributeName", ""));
	appendStringInfoChar(&buf, ']');
	return buf.data;
}

static void
check_unused_definitions(const DdbJson *request)
{
	const DdbJson *definitions = ddb_json_get(request, "AttributeDefinitions");
	const DdbJson *left;
	const DdbJson *right;

	for (left = definitions->first; left != NULL; left = left->next)
	{
		const char *name = ddb_request_string(left, "AttributeName", "");

		for (right = definitions->first; right != left; right = right->next)
		{
			if (strcmp(name, ddb_request_string(right, "AttributeName", "")) == 0)
				ddb_error(DDB_ERROR_VALIDATION, "Attribute Name is duplicated: %s",
						  name);
		}
	}
	if (definitions->count != ddb_json_get(request, "KeySchema")->count)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "Number of attributes in KeySchema does not exactly match "
				  "number of attributes defined in AttributeDefinitions");
}

/*
 * Members that mean something this version cannot do are refused: a table
 * that silently lacks an index or a stream would be worse than none.
 */
static void
check_not_built_yet(const DdbJson *request)
{
	static const char *const members[] = {
		"LocalSecondaryIndexes", "GlobalSecondaryIndexes", "ResourcePolicy"
	};
	const DdbJson *stream = ddb_json_get(request, "StreamSpecification");
	int			i;

	for (i = 0; i < lengthof(members); i++)
	{
		if (ddb_json_get(request, members[i]) != NULL)
			ddb_error(DDB_ERROR_VALIDATION,
					  INVALID "%s is not supported by this version of dynamo",
					  members[i]);
	}
	if (stream != NULL && ddb_request_bool(stream, "StreamEnabled", false))
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "StreamSpecification is not supported by this version of dynamo");
}

static void
check_stream(const DdbJson *request)
{
	const DdbJson *stream = ddb_json_get(request, "StreamSpecification");

	if (stream != NULL && ddb_json_get(stream, "StreamViewType") != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "Table is being created with a stream disabled, "
				  "UpdateViewType should not be specified");
}

static void
check_encryption(const DdbJson *request)
{
	const DdbJson *sse = ddb_json_get(request, "SSESpecification");
	const char *type;
	const char *key;
	bool		enabled;

	if (sse == NULL)
		return;
	type = ddb_request_string(sse, "SSEType", NULL);
	key = ddb_request_string(sse, "KMSMasterKeyId", NULL);
	enabled = ddb_request_bool(sse, "Enabled", false);
	if (!enabled && type != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "SSEType can not be specified if Enabled is false");
	if (!enabled && key != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "KMSMasterKeyId can not be specified if Enabled is false");
	if (type != NULL && strcmp(type, "AES256") == 0)
		ddb_error(DDB_ERROR_VALIDATION, INVALID "SSEType AES256 is not supported");
	if (key != NULL && type == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "SSEType KMS is required if KMSMasterKeyId is specified");
}

static void
check_on_demand(const DdbJson *request)
{
	static const char *const members[] = {
		"MaxReadRequestUnits", "MaxWriteRequestUnits"
	};
	const DdbJson *maxima = ddb_json_get(request, "OnDemandThroughput");
	int			i;

	if (maxima == NULL)
		return;
	for (i = 0; i < lengthof(members); i++)
	{
		int64		units = ddb_request_int(maxima, members[i], -1);

		if (ddb_json_get(maxima, members[i]) == NULL)
			continue;
		if (!is_on_demand(request))
			ddb_error(DDB_ERROR_VALIDATION,
					  INVALID "%s for OnDemandThroughput cannot be specified when "
					  "table BillingMode is PROVISIONED.", members[i]);
		if (units == 0 || units < -1)
			ddb_error(DDB_ERROR_VALIDATION,
					  INVALID "Requested %s for OnDemandThroughput for table is "
					  "outside of valid range", members[i]);
	}
}

static char *
make_definition(const DdbJson *request)
{
	DdbJsonWriter writer;
	int			i;

	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	ddb_json_name(&writer, "AttributeDefinitions");
	write_sorted_definitions(&writer, ddb_json_get(request, "AttributeDefinitions"));
	for (i = 0; i < lengthof(kept_members); i++)
	{
		const DdbJson *member = ddb_json_get(request, kept_members[i]);

		if (member == NULL)
			continue;
		ddb_json_name(&writer, kept_members[i]);
		ddb_json_tree(&writer, member);
	}
	ddb_json_end_object(&writer);
	return writer.buf.data;
}

static int
compare_definitions(const void *left, const void *right)
{
	return strcmp(ddb_request_string(*(const DdbJson *const *) left,
									 "AttributeName", ""),
				  ddb_request_string(*(const DdbJson *const *) right,
									 "AttributeName", ""));
}

static void
write_sorted_definitions(DdbJsonWriter *writer, const DdbJson *definitions)
{
	const DdbJson **sorted = palloc(definitions->count * sizeof(DdbJson *));
	const DdbJson *definition;
	int			count = 0;
	int			i;

	for (definition = definitions->first; definition != NULL;
		 definition = definition->next)
		sorted[count++] = definition;
	pg_qsort(sorted, count, sizeof(DdbJson *), compare_definitions);
	ddb_json_begin_array(writer);
	for (i = 0; i < count; i++)
		ddb_json_tree(writer, sorted[i]);
	ddb_json_end_array(writer);
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

static bool
step(DdbCall *call)
{
	CreateState *state = call->state;
	DdbTableRow row = {
		.name = state->name,
		.id = make_uuid(),
		.heap_name = ddb_name_of_heap(state->name),
		.status = DDB_TABLE_ACTIVE,
		.created_at = ddb_clock_now(),
		.key_count = state->key_count,
		.definition = state->definition,
	};
	DdbTable   *table = ddb_meta_look_up(state->name);

	memcpy(row.keys, state->keys, sizeof(row.keys));
	if (table != NULL && table->status == DDB_TABLE_CREATING)
		ddb_error(DDB_ERROR_RESOURCE_IN_USE,
				  "Attempt to change a resource which is still in use: "
				  "Table is being created: %s", state->name);
	if (table != NULL || !ddb_meta_insert(&row))
		ddb_error(DDB_ERROR_RESOURCE_IN_USE, "Table already exists: %s",
				  state->name);
	ddb_store_create_table(&row);
	api_put_tags(state->name, ddb_json_get(call->request, "Tags"));

	table = ddb_meta_look_up(state->name);
	if (table == NULL)
		elog(ERROR, "table \"%s\" is not there after it was created", state->name);
	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "TableDescription");
	api_write_table_description(&call->writer, table, DDB_TABLE_CREATING);
	ddb_json_end_object(&call->writer);
	return true;
}
