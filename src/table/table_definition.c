/*
 * table_definition.c
 *	  Definitions of tables and indexes: made from requests, and changed.
 *
 * Members of a request that the model does not know are left out.
 */
#include "postgres.h"

#include "table/table_int.h"
#include "core/clock.h"
#include "core/guc.h"
#include "core/pause.h"

typedef struct Attribute
{
	const char *name;
	const char *type;
} Attribute;

static bool is_changed(const TableMembers *members, DdbText name);
static int	collect_attributes(Attribute *attributes, const DdbJson *definitions);
static char *attributes_json(Attribute *attributes, int count);
static int	compare_attributes(const void *left, const void *right);
static char *schema_json(const DdbJson *schema);
static char *projection_json(const DdbJson *projection);
static int	compare_texts(const void *left, const void *right);

void
table_set_member(TableMembers *members, const char *name, const char *json)
{
	int			i;

	for (i = 0; i < members->count; i++)
	{
		if (strcmp(members->members[i].name, name) == 0)
			break;
	}
	if (i == TABLE_MAX_MEMBERS)
		elog(ERROR, "too many members of a definition");
	members->members[i].name = name;
	members->members[i].json = json;
	members->count = Max(members->count, i + 1);
}

char *
table_definition(const DdbJson *old, const TableMembers *members)
{
	const DdbJson *kept;
	DdbJsonWriter writer;
	int			i;

	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	for (kept = old != NULL ? old->first : NULL; kept != NULL; kept = kept->next)
	{
		if (is_changed(members, kept->name))
			continue;
		ddb_json_name_text(&writer, kept->name);
		ddb_json_tree(&writer, kept);
	}
	for (i = 0; i < members->count; i++)
	{
		if (members->members[i].json == NULL)
			continue;
		ddb_json_raw_member(&writer, members->members[i].name,
							members->members[i].json);
	}
	ddb_json_end_object(&writer);
	return writer.buf.data;
}

DdbJson *
table_replace_member(const DdbJson *definition, const char *name, DdbJson *value)
{
	DdbJson    *copy = ddb_json_make(DDB_JSON_OBJECT);

	ddb_json_foreach(kept, definition)
	{
		DdbJson    *child = ddb_json_make(kept->type);

		if (ddb_text_equal(ddb_text_from_cstring(name), kept->name))
			continue;
		*child = *kept;
		child->next = NULL;
		ddb_json_append(copy, kept->name, child);
	}
	ddb_json_append(copy, ddb_text_from_cstring(name), value);
	return copy;
}

static bool
is_changed(const TableMembers *members, DdbText name)
{
	int			i;

	for (i = 0; i < members->count; i++)
	{
		if (ddb_text_equal(ddb_text_from_cstring(members->members[i].name), name))
			return true;
	}
	return false;
}

char *
table_attributes_json(const DdbJson *definitions)
{
	Attribute  *attributes = palloc(definitions->count * sizeof(Attribute) + 1);

	return attributes_json(attributes, collect_attributes(attributes, definitions));
}

/* An attribute that is defined already has the same type. */
char *
table_more_attributes_json(const DdbJson *definitions, const DdbJson *more,
						   const DdbJson *schema)
{
	Attribute  *attributes = palloc((definitions->count + more->count) *
									sizeof(Attribute));
	int			count = collect_attributes(attributes, definitions);
	TableDefinitions defined = table_read_definitions(definitions);

	ddb_json_foreach(definition, more)
	{
		const char *name = ddb_request_string(definition, "AttributeName", "");

		DDB_PAUSE_POINT();
		if (!table_schema_names(schema, name) ||
			table_defined_type(&defined, name) != DDB_TYPE_COUNT)
			continue;
		attributes[count].name = name;
		attributes[count].type = ddb_request_string(definition, "AttributeType", "");
		count++;
	}
	return attributes_json(attributes, count);
}

static int
collect_attributes(Attribute *attributes, const DdbJson *definitions)
{
	int			count = 0;

	ddb_json_foreach(definition, definitions)
	{
		attributes[count].name = ddb_request_string(definition, "AttributeName", "");
		attributes[count].type = ddb_request_string(definition, "AttributeType", "");
		count++;
	}
	return count;
}

static char *
attributes_json(Attribute *attributes, int count)
{
	DdbJsonWriter writer;
	int			i;

	pg_qsort(attributes, count, sizeof(Attribute), compare_attributes);
	ddb_json_writer_init(&writer, true);
	ddb_json_begin_array(&writer);
	for (i = 0; i < count; i++)
	{
		ddb_json_begin_object(&writer);
		ddb_json_string_member(&writer, "AttributeName", attributes[i].name);
		ddb_json_string_member(&writer, "AttributeType", attributes[i].type);
		ddb_json_end_object(&writer);
	}
	ddb_json_end_array(&writer);
	return writer.buf.data;
}

static int
compare_attributes(const void *left, const void *right)
{
	return strcmp(((const Attribute *) left)->name,
				  ((const Attribute *) right)->name);
}

char *
table_index_definition(const DdbJson *index)
{
	const DdbJson *throughput = ddb_json_get(index, "ProvisionedThroughput");
	TableMembers	members = {0};

	table_set_member(&members, "KeySchema",
					 schema_json(ddb_json_get(index, "KeySchema")));
	table_set_member(&members, "Projection",
					 projection_json(ddb_json_get(index, "Projection")));
	if (throughput != NULL)
		table_set_member(&members, "ProvisionedThroughput",
						 table_throughput_json(NULL, throughput));
	table_set_member(&members, "OnDemandThroughput",
					 table_maxima_json(NULL, ddb_json_get(index, "OnDemandThroughput")));
	if (ddb_json_get(index, "WarmThroughput") != NULL)
		table_set_member(&members, "WarmThroughput",
						 table_warmth_json(table_warmth(index, throughput == NULL)));
	return table_definition(NULL, &members);
}

static char *
schema_json(const DdbJson *schema)
{
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, true);
	ddb_json_begin_array(&writer);
	ddb_json_foreach(element, schema)
	{
		ddb_json_begin_object(&writer);
		ddb_json_string_member(&writer, "AttributeName",
							   ddb_request_string(element, "AttributeName", ""));
		ddb_json_string_member(&writer, "KeyType",
							   ddb_request_string(element, "KeyType", ""));
		ddb_json_end_object(&writer);
	}
	ddb_json_end_array(&writer);
	return writer.buf.data;
}

static char *
projection_json(const DdbJson *projection)
{
	const DdbJson *others = ddb_json_get(projection, "NonKeyAttributes");
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	ddb_json_string_member(&writer, "ProjectionType",
						   ddb_request_string(projection, "ProjectionType", ""));
	if (others != NULL)
	{
		DdbText    *names = palloc(others->count * sizeof(DdbText));
		int			count = 0;
		int			i;

		ddb_json_foreach(name, others)
			names[count++] = name->text;
		pg_qsort(names, count, sizeof(DdbText), compare_texts);
		ddb_json_name(&writer, "NonKeyAttributes");
		ddb_json_begin_array(&writer);
		for (i = 0; i < count; i++)
			ddb_json_text(&writer, names[i]);
		ddb_json_end_array(&writer);
	}
	ddb_json_end_object(&writer);
	return writer.buf.data;
}

static int
compare_texts(const void *left, const void *right)
{
	return ddb_text_compare(*(const DdbText *) left, *(const DdbText *) right);
}

char *
table_string_json(const char *string)
{
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, true);
	ddb_json_string(&writer, string);
	return writer.buf.data;
}

char *
table_time_json(TimestampTz time)
{
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, true);
	ddb_json_epoch(&writer, ddb_clock_unix_microseconds(time));
	return writer.buf.data;
}

void
table_show_status(const char *table_name, const char *index_name,
				  DdbTableStatus status)
{
	if (ddb_setting_control_plane_delay == 0)
		return;
	ddb_meta_show_status(table_name, index_name, status,
						 TimestampTzPlusMilliseconds(ddb_clock_now(),
													 ddb_setting_control_plane_delay));
}
