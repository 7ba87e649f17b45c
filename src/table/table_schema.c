/*
 * table_schema.c
 *	  Key schemas, projections and attribute definitions, as CreateTable and
 *	  UpdateTable check them.
 *
 * A table and a local index have one HASH and at most one RANGE element.  A global
 * index may have up to four of each.  Where the older rules, with one of each, would
 * have raised an error, the service still raises the older text.
 */
#include "postgres.h"

#include "table/table_int.h"

static void check_defined(const DdbJson *schema,
						  const TableDefinitions *definitions);
static void check_distinct(TableSchemaKind kind, const DdbJson *schema);
static void check_roles(const DdbJson *schema);
static void check_many_roles(const DdbJson *schema);
static void print_element(StringInfo buf, const char *name, DdbType type,
						  const char *role);
static bool has_role(const DdbJson *element, const char *role);
static const char *name_of(const DdbJson *element);

void
table_refuse_member(const char *member)
{
	ddb_error(DDB_ERROR_VALIDATION,
			  TABLE_INVALID "%s is not supported by this version of dynamo", member);
}

void
table_refuse_members(const DdbJson *request, const char *const *members)
{
	for (; *members != NULL; members++)
	{
		if (ddb_json_get(request, *members) != NULL)
			table_refuse_member(*members);
	}
}

const DdbJson *
table_first(const DdbJson *list)
{
	return list != NULL ? list->first : NULL;
}

TableDefinitions
table_read_definitions(const DdbJson *list)
{
	TableDefinitions definitions = {
		.list = list,
		.elements = palloc(sizeof(DdbJson *) * Max(list->count, 1)),
		.names = table_collect(list, "AttributeName", 0),
	};
	int			place = 0;

	ddb_lookup_sort(&definitions.names);
	ddb_json_foreach(element, list)
		definitions.elements[place++] = element;
	return definitions;
}

DdbLookup
table_collect(const DdbJson *list, const char *member, int more)
{
	DdbLookup	lookup;

	ddb_lookup_init(&lookup, (list != NULL ? list->count : 0) + more);
	table_collect_more(&lookup, list, member);
	return lookup;
}

void
table_collect_more(DdbLookup *lookup, const DdbJson *list, const char *member)
{
	ddb_json_foreach(element, list)
		ddb_lookup_add(lookup,
					   ddb_text_from_cstring(ddb_request_string(element, member, "")));
}

void
table_check_key_schema(TableSchemaKind kind, const DdbJson *schema,
					   const TableDefinitions *definitions)
{
	check_defined(schema, definitions);
	check_distinct(kind, schema);
	if (kind == TABLE_SCHEMA_GLOBAL_INDEX)
		check_many_roles(schema);
	else
		check_roles(schema);
}

static void
check_defined(const DdbJson *schema, const TableDefinitions *definitions)
{
	ddb_json_foreach(element, schema)
	{
		if (table_defined_type(definitions, name_of(element)) == DDB_TYPE_COUNT)
			ddb_error(DDB_ERROR_VALIDATION,
					  TABLE_INVALID "Some index key attributes are not defined in "
					  "AttributeDefinitions. Keys: %s, AttributeDefinitions: %s",
					  table_print_names(schema),
					  table_print_names(definitions->list));
	}
}

static void
check_distinct(TableSchemaKind kind, const DdbJson *schema)
{
	DdbLookup	names = table_collect(schema, "AttributeName", 0);

	ddb_lookup_sort(&names);
	if (ddb_lookup_repeated(&names) == NULL)
		return;
	if (kind == TABLE_SCHEMA_GLOBAL_INDEX &&
		(schema->count > 2 || has_role(schema->last, "HASH")))
		ddb_error(DDB_ERROR_VALIDATION,
				  "The KeySchema contains multiple key attributes with the "
				  "same name");
	ddb_error(DDB_ERROR_VALIDATION,
			  "Both the Hash Key and the Range Key element in the KeySchema "
			  "have the same name");
}

static void
check_roles(const DdbJson *schema)
{
	const DdbJson *first = table_first(schema);

	if (!has_role(first, "HASH"))
		ddb_error(DDB_ERROR_VALIDATION,
				  "Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
	if (first->next != NULL && !has_role(first->next, "RANGE"))
		ddb_error(DDB_ERROR_VALIDATION,
				  "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
}

static void
check_many_roles(const DdbJson *schema)
{
	int			hash_count = 0;
	int			range_count = 0;

	if (!has_role(table_first(schema), "HASH"))
		check_roles(schema);
	ddb_json_foreach(element, schema)
	{
		if (has_role(element, "HASH") && range_count > 0)
			ddb_error(DDB_ERROR_VALIDATION,
					  TABLE_INVALID "All HASH key attributes must precede RANGE key "
					  "attributes in the KeySchema");
		if (has_role(element, "HASH"))
			hash_count++;
		else
			range_count++;
	}
	if (hash_count > DDB_INDEX_PART_MAX || range_count > DDB_INDEX_PART_MAX)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "The KeySchema exceeds the maximum allowed number of "
				  "%s key attributes",
				  hash_count > DDB_INDEX_PART_MAX ? "HASH" : "RANGE");
}

void
table_check_global_index(const DdbJson *index, const TableDefinitions *definitions,
						 bool on_demand)
{
	const DdbJson *throughput = ddb_json_get(index, "ProvisionedThroughput");
	const char *name = ddb_request_string(index, "IndexName", "");

	table_check_key_schema(TABLE_SCHEMA_GLOBAL_INDEX, ddb_json_get(index, "KeySchema"),
						   definitions);
	table_check_projection(index);
	if (on_demand && throughput != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "ProvisionedThroughput should not be specified for "
				  "index: %s when BillingMode is PAY_PER_REQUEST", name);
	if (!on_demand && throughput == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "ProvisionedThroughput is not specified for index: %s",
				  name);
	table_check_units(throughput, name);
}

void
table_check_projection(const DdbJson *index)
{
	const DdbJson *projection = ddb_json_get(index, "Projection");
	const char *type = ddb_request_string(projection, "ProjectionType", NULL);
	const DdbJson *others = ddb_json_get(projection, "NonKeyAttributes");
	DdbLookup	names;
	const DdbPlace *repeated;

	if (type == NULL)
		ddb_error(DDB_ERROR_VALIDATION, TABLE_INVALID "Unknown ProjectionType: null");
	if (strcmp(type, "INCLUDE") != 0 && others != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "ProjectionType is %s, but NonKeyAttributes is specified",
				  type);
	if (strcmp(type, "INCLUDE") == 0 && others == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "ProjectionType is INCLUDE, but NonKeyAttributes is not "
				  "specified");
	ddb_lookup_init(&names, others != NULL ? others->count : 0);
	ddb_json_foreach(other, others)
		ddb_lookup_add(&names, other->text);
	ddb_lookup_sort(&names);
	repeated = ddb_lookup_repeated(&names);
	if (repeated != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Duplicate element in NonKeyAttributes: %s",
				  repeated->text.data);
}

int
table_projected_count(const DdbJson *definition)
{
	const DdbJson *projection = ddb_json_get(definition, "Projection");
	const DdbJson *others = NULL;

	if (projection != NULL)
		others = ddb_json_get(projection, "NonKeyAttributes");
	return others != NULL ? others->count : 0;
}

void
table_check_projected_count(int count)
{
	if (count > TABLE_MAX_PROJECTED)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Number of attributes projected by all indexes "
				  "exceeds limit of %d", TABLE_MAX_PROJECTED);
}

/* If a name has several definitions, the first counts. */
DdbType
table_defined_type(const TableDefinitions *definitions, const char *name)
{
	int			place = ddb_lookup_find(&definitions->names,
										ddb_text_from_cstring(name));
	DdbType		type = DDB_TYPE_COUNT;

	if (place >= 0)
	{
		const char *tag = ddb_request_string(definitions->elements[place],
											 "AttributeType", "");

		if (!ddb_type_from_tag(ddb_text_from_cstring(tag), &type))
			return DDB_TYPE_COUNT;
	}
	return type;
}

bool
table_schema_names(const DdbJson *schema, const char *name)
{
	ddb_json_foreach(element, schema)
	{
		if (strcmp(name_of(element), name) == 0)
			return true;
	}
	return false;
}

const char *
table_print_names(const DdbJson *list)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '[');
	ddb_json_foreach(element, list)
		appendStringInfo(&buf, "%s%s", element == table_first(list) ? "" : ", ",
						 name_of(element));
	appendStringInfoChar(&buf, ']');
	return buf.data;
}

const char *
table_print_keys(TableKeySchema schema)
{
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	for (i = 0; i < schema.count; i++)
		print_element(&buf, schema.keys[i].name.data, schema.keys[i].type,
					  i < schema.hash_count ? "HASH" : "RANGE");
	return psprintf("Schema:[%s]", buf.data);
}

const char *
table_print_schema(const DdbJson *schema, const TableDefinitions *definitions)
{
	StringInfoData buf;

	initStringInfo(&buf);
	ddb_json_foreach(element, schema)
		print_element(&buf, name_of(element),
					  table_defined_type(definitions, name_of(element)),
					  ddb_request_string(element, "KeyType", ""));
	return psprintf("Schema:[%s]", buf.data);
}

/* Records show one element only.  The comma between several is a guess. */
static void
print_element(StringInfo buf, const char *name, DdbType type, const char *role)
{
	appendStringInfo(buf, "%sSchemaElement: key{%s:%s:%s}",
					 buf->len > 0 ? ", " : "", name, ddb_type_tag(type), role);
}

static bool
has_role(const DdbJson *element, const char *role)
{
	return strcmp(ddb_request_string(element, "KeyType", ""), role) == 0;
}

static const char *
name_of(const DdbJson *element)
{
	return ddb_request_string(element, "AttributeName", "");
}
