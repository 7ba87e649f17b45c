/*
 * print.c
 *	  Values as the service's messages print them, which is how Java does:
 *	  [a, b] for a list, {k=v} for a map, Name(field=value) for a structure.
 */
#include "postgres.h"

#include "core/format.h"
#include "core/pause.h"
#include "model/model_int.h"
#include "value/base64.h"

static void print_text(StringInfo buf, DdbText text);
static void print_list(StringInfo buf, const DdbShape *shape,
					   const DdbJson *json);
static void print_map(StringInfo buf, const DdbShape *shape,
					  const DdbJson *json);
static void print_structure(StringInfo buf, const DdbShape *shape,
							const DdbJson *json);
static uint32 hash_json(uint32 hash, const DdbJson *json);
static uint32 hash_text(uint32 hash, DdbText text);

void
ddb_shape_print(StringInfo buf, const DdbShape *shape, const DdbJson *json)
{
	DDB_PAUSE_POINT();
	if (buf->len > DDB_QUOTED_MAX)
		return;					/* nobody reads more */
	switch (shape->kind)
	{
		case DDB_SHAPE_KIND_STRING:
			print_text(buf, json->text);
			break;
		case DDB_SHAPE_KIND_BOOLEAN:
			appendStringInfoString(buf, ddb_json_as_bool(json) ? "true" : "false");
			break;
		case DDB_SHAPE_KIND_INTEGER:
		case DDB_SHAPE_KIND_LONG:
			appendStringInfo(buf, INT64_FORMAT, ddb_json_as_int(json));
			break;
		case DDB_SHAPE_KIND_BLOB:
			appendStringInfo(buf, "java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]",
							 ddb_base64_decoded_length(json->text),
							 ddb_base64_decoded_length(json->text));
			break;
		case DDB_SHAPE_KIND_LIST:
			print_list(buf, shape, json);
			break;
		case DDB_SHAPE_KIND_MAP:
			print_map(buf, shape, json);
			break;
		case DDB_SHAPE_KIND_STRUCTURE:
			print_structure(buf, shape, json);
			break;
	}
}

static void
print_text(StringInfo buf, DdbText text)
{
	appendBinaryStringInfo(buf, text.data,
						   ddb_clip(text.data, text.len, DDB_QUOTED_MAX));
}

void
ddb_shape_print_field(StringInfo buf, const char *name)
{
	appendStringInfoChar(buf, pg_ascii_tolower((unsigned char) name[0]));
	appendStringInfoString(buf, name + 1);
}

static void
print_list(StringInfo buf, const DdbShape *shape, const DdbJson *json)
{
	const char *separator = "";

	appendStringInfoChar(buf, '[');
	ddb_json_foreach(child, json)
	{
		if (buf->len > DDB_QUOTED_MAX)
			break;
		appendStringInfoString(buf, separator);
		ddb_shape_print(buf, shape->element, child);
		separator = ", ";
	}
	appendStringInfoChar(buf, ']');
}

static void
print_map(StringInfo buf, const DdbShape *shape, const DdbJson *json)
{
	const char *separator = "";

	appendStringInfoChar(buf, '{');
	ddb_json_foreach(child, json)
	{
		if (buf->len > DDB_QUOTED_MAX)
			break;
		appendStringInfoString(buf, separator);
		print_text(buf, child->name);
		appendStringInfoChar(buf, '=');
		ddb_shape_print(buf, shape->element, child);
		separator = ", ";
	}
	appendStringInfoChar(buf, '}');
}

static void
print_structure(StringInfo buf, const DdbShape *shape, const DdbJson *json)
{
	const char *separator = "";

	if (shape->opaque)
	{
		appendStringInfo(buf, DDB_JAVA_PACKAGE "%s@%x", shape->name,
						 hash_json(0, json));
		return;
	}

	appendStringInfo(buf, "%s(", shape->name);
	for (int i = 0; i < shape->member_count; i++)
	{
		const DdbMember *member = &shape->members[i];
		const DdbJson *child = ddb_json_get(json, member->name);

		appendStringInfoString(buf, separator);
		ddb_shape_print_field(buf, member->name);
		appendStringInfoChar(buf, '=');
		if (child == NULL)
			appendStringInfoString(buf, "null");
		else
			ddb_shape_print(buf, member->shape, child);
		separator = ", ";
	}
	if (shape->dump_tail != NULL)
		appendStringInfo(buf, "%s%s", separator, shape->dump_tail);
	appendStringInfoChar(buf, ')');
}

/* Java's hash of an object: any number, but the same for the same value. */
static uint32
hash_json(uint32 hash, const DdbJson *json)
{
	DDB_PAUSE_POINT();
	hash = hash_text(hash * 31 + json->type, json->name);
	if (json->type != DDB_JSON_ARRAY && json->type != DDB_JSON_OBJECT)
		return hash_text(hash, json->text);
	ddb_json_foreach(child, json)
		hash = hash_json(hash, child);
	return hash;
}

static uint32
hash_text(uint32 hash, DdbText text)
{
	for (int i = 0; i < text.len; i++)
		hash = hash * 31 + (unsigned char) text.data[i];
	return hash;
}
