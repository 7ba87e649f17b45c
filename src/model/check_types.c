/*
 * check_types.c
 *	  The first slow pass: JSON types against the model.
 *
 * The service deserialises a request into Java objects, and stops at the
 * first value that does not fit.  Its messages name Java types and the
 * parser's tokens; a container inside a container hits a defect of the
 * service, whose text has become part of the protocol.
 */
#include "postgres.h"

#include "core/error.h"
#include "core/pause.h"
#include "model/model_int.h"
#include "value/base64.h"

#define TEXT_NESTED_CONTAINER \
	"class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl" \
	" cannot be cast to class java.lang.Class" \
	" (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and" \
	" java.lang.Class are in module java.base of loader 'bootstrap')"

/*
 * What is said of each kind.  Where there is no sentence for a scalar, the
 * name of its token "cannot be converted to" the short name of the type.
 */
typedef struct KindText
{
	const char *short_name;
	const char *java_type;
	const char *scalar;			/* a true, a number or a string as a member */
	const char *scalar_element; /* the same in a list or map */
} KindText;

static const KindText kind_texts[] = {
	[DDB_SHAPE_KIND_STRING] = {"String", "java.lang.String", NULL, NULL},
	[DDB_SHAPE_KIND_BOOLEAN] = {"Boolean", "java.lang.Boolean", NULL, NULL},
	[DDB_SHAPE_KIND_INTEGER] = {"Integer", "java.lang.Integer", NULL, NULL},
	[DDB_SHAPE_KIND_LONG] = {"Long", "java.lang.Long", NULL, NULL},
	[DDB_SHAPE_KIND_BLOB] = {"ByteBuffer", "java.nio.ByteBuffer",
		"only base-64-encoded strings are convertible to bytes",
	"only base-64-encoded strings are convertible to bytes"},
	[DDB_SHAPE_KIND_LIST] = {NULL, "java.util.List",
	"Unexpected field type", TEXT_NESTED_CONTAINER},
	[DDB_SHAPE_KIND_MAP] = {NULL, "java.util.Map",
	"Unexpected field type", TEXT_NESTED_CONTAINER},
	[DDB_SHAPE_KIND_STRUCTURE] = {NULL, NULL,
	"Unexpected field type", "Unexpected value type in payload"}
};

static void check_value(const DdbShape *shape, const DdbJson *json,
						bool is_element);
static void raise_mismatch(const DdbShape *shape, const DdbJson *json,
						   bool is_element) pg_attribute_noreturn();
static void raise_collection(const DdbShape *shape) pg_attribute_noreturn();
static void raise_base64(DdbText text) pg_attribute_noreturn();
static const char *token_name(const DdbJson *json);
static bool is_decimal(DdbText number);
static void print_java_type(StringInfo buf, const DdbShape *shape);

void
ddb_shape_check_types(const DdbShape *shape, const DdbJson *json)
{
	check_value(shape, json, false);
}

static void
check_value(const DdbShape *shape, const DdbJson *json, bool is_element)
{
	DDB_PAUSE_POINT();
	if (!ddb_shape_type_fits(shape, json))
		raise_mismatch(shape, json, is_element);

	if (shape->kind == DDB_SHAPE_KIND_STRUCTURE)
	{
		for (int i = 0; i < shape->member_count; i++)
		{
			const DdbMember *member = &shape->members[i];
			const DdbJson *child = ddb_json_get(json, member->name);

			if (child != NULL)
				check_value(member->shape, child, false);
		}
	}
	else if (shape->element != NULL)
	{
		ddb_json_foreach(child, json)
			check_value(shape->element, child, true);
	}
}

static void
raise_mismatch(const DdbShape *shape, const DdbJson *json, bool is_element)
{
	const KindText *text = &kind_texts[shape->kind];
	const char *sentence = is_element ? text->scalar_element : text->scalar;

	if (json->type == DDB_JSON_ARRAY)
		raise_collection(shape);
	if (json->type == DDB_JSON_OBJECT)
		ddb_error(DDB_ERROR_SERIALIZATION,
				  "Start of structure or map found where not expected");
	if (shape->kind == DDB_SHAPE_KIND_BLOB && json->type == DDB_JSON_STRING)
		raise_base64(json->text);
	if (shape->kind == DDB_SHAPE_KIND_BOOLEAN && json->type == DDB_JSON_STRING)
		ddb_error(DDB_ERROR_SERIALIZATION,
				  "Unexpected token received from parser");
	if (sentence != NULL)
		ddb_error(DDB_ERROR_SERIALIZATION, "%s", sentence);
	ddb_error(DDB_ERROR_SERIALIZATION, "%s cannot be converted to %s",
			  token_name(json), text->short_name);
}

/* Classes are announced as such, parameterised types are not. */
static void
raise_collection(const DdbShape *shape)
{
	StringInfoData type;

	initStringInfo(&type);
	print_java_type(&type, shape);
	ddb_error(DDB_ERROR_SERIALIZATION, "Unrecognized collection type %s%s",
			  shape->element == NULL ? "class " : "", type.data);
}

static void
raise_base64(DdbText text)
{
	int			at = 0;
	int			len = 1;

	switch (ddb_base64_check(text))
	{
		case DDB_BASE64_LENGTH:
			ddb_error(DDB_ERROR_SERIALIZATION,
					  "Base64 encoded length is expected a multiple of 4 bytes"
					  " but found: %d", ddb_base64_count(text));
		case DDB_BASE64_CHARACTER:
			at = strspn(text.data, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
						"abcdefghijklmnopqrstuvwxyz0123456789+/=");

			/* Characters may take several bytes, and so do escapes. */
			if (text.data[at] == '\001')
				len = 2;
			while (((unsigned char) text.data[at + len] & 0xC0) == 0x80)
				len++;
			ddb_error(DDB_ERROR_SERIALIZATION,
					  "Invalid Base64 character: '%.*s'", len, text.data + at);
		case DDB_BASE64_TRAILING:
		case DDB_BASE64_OK:
			break;
	}
	ddb_error(DDB_ERROR_SERIALIZATION,
			  "Invalid last non-pad Base64 character dectected");
}

/* The name that the service's parser has for a scalar. */
static const char *
token_name(const DdbJson *json)
{
	switch (json->type)
	{
		case DDB_JSON_TRUE:
			return "TRUE_VALUE";
		case DDB_JSON_FALSE:
			return "FALSE_VALUE";
		case DDB_JSON_STRING:
			return "STRING_VALUE";
		case DDB_JSON_NUMBER:
			return is_decimal(json->text) ? "DECIMAL_VALUE" : "NUMBER_VALUE";
		case DDB_JSON_NULL:
		case DDB_JSON_ARRAY:
		case DDB_JSON_OBJECT:
			break;
	}
	return "NULL_VALUE";
}

/* As the service's parser decides: 1.0 and 1e0 are decimal, 1 is not. */
static bool
is_decimal(DdbText number)
{
	for (int i = 0; i < number.len; i++)
	{
		if (strchr(".eE", number.data[i]) != NULL)
			return true;
	}
	return false;
}

static void
print_java_type(StringInfo buf, const DdbShape *shape)
{
	const char *java_type = kind_texts[shape->kind].java_type;

	switch (shape->kind)
	{
		case DDB_SHAPE_KIND_STRUCTURE:
			appendStringInfo(buf, DDB_JAVA_PACKAGE "%s",
							 shape->name);
			break;
		case DDB_SHAPE_KIND_LIST:
			appendStringInfo(buf, "%s<", java_type);
			print_java_type(buf, shape->element);
			appendStringInfoChar(buf, '>');
			break;
		case DDB_SHAPE_KIND_MAP:
			appendStringInfo(buf, "%s<", java_type);
			print_java_type(buf, shape->key);
			appendStringInfoString(buf, ", ");
			print_java_type(buf, shape->element);
			appendStringInfoChar(buf, '>');
			break;
		case DDB_SHAPE_KIND_STRING:
		case DDB_SHAPE_KIND_BOOLEAN:
		case DDB_SHAPE_KIND_INTEGER:
		case DDB_SHAPE_KIND_LONG:
		case DDB_SHAPE_KIND_BLOB:
			appendStringInfoString(buf, java_type);
			break;
	}
}
