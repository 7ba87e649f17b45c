/*
 * value_json.c
 *	  Attribute values from and to the wire.
 *
 * The model has checked the JSON types before a request gets here, so what is
 * left are the rules of meaning.  The service visits the tags of one value in
 * a fixed order, whatever the order in the request, and complains about a
 * second tag only when it has found nothing else; hence the table of tags
 * that are present.
 */
#include "postgres.h"

#include "core/pause.h"
#include "value/base64.h"
#include "value/value.h"
#include "value/value_int.h"

#define MESSAGE_NO_TAG \
	"Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
#define MESSAGE_SEVERAL_TAGS \
	"Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
#define MESSAGE_NULL \
	"One or more parameter values were invalid: Null attribute value types must have the value of true"
#define MESSAGE_NESTING \
	"Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
#define MESSAGE_NAME \
	"One or more parameter values were invalid: Empty attribute name"
#define MESSAGE_TEXT \
	"One or more parameter values were invalid: U+0001 in a string must be followed by U+0001 or U+0002, as these pairs stand for U+0000 and U+0001"

static const DdbType visit_order[DDB_TYPE_COUNT] = {
	DDB_TYPE_S, DDB_TYPE_B, DDB_TYPE_N, DDB_TYPE_BOOL, DDB_TYPE_NULL,
	DDB_TYPE_BS, DDB_TYPE_NS, DDB_TYPE_SS, DDB_TYPE_L, DDB_TYPE_M
};

const DdbBeginning ddb_value_beginnings[DDB_TYPE_COUNT] = {
	[DDB_TYPE_S] = {"{\"S\":", 5},
	[DDB_TYPE_N] = {"{\"N\":", 5},
	[DDB_TYPE_B] = {"{\"B\":", 5},
	[DDB_TYPE_BOOL] = {"{\"BOOL\":", 8},
	[DDB_TYPE_NULL] = {"{\"NULL\":", 8},
	[DDB_TYPE_SS] = {"{\"SS\":", 6},
	[DDB_TYPE_NS] = {"{\"NS\":", 6},
	[DDB_TYPE_BS] = {"{\"BS\":", 6},
	[DDB_TYPE_L] = {"{\"L\":", 5},
	[DDB_TYPE_M] = {"{\"M\":", 5}
};

static DdbValue *read_value(const DdbJson *json, int level,
							DdbValueError *error);
static DdbValue *read_tag(DdbType type, const DdbJson *json, int level,
						  DdbValueError *error);
static DdbValue *read_scalar(DdbType type, const DdbJson *json,
							 DdbValueError *error);
static bool read_text(DdbType type, const DdbJson *json, DdbText *text,
					  DdbValueError *error);
static DdbValue *read_null(const DdbJson *json, DdbValueError *error);
static bool read_bool(const DdbJson *json);
static DdbValue *read_set(DdbType type, const DdbJson *json,
						  DdbValueError *error);
static const char *empty_set_message(DdbType type);
static const char *duplicates_message(DdbType type, const DdbJson *json);
static DdbValue *read_list(const DdbJson *json, int level,
						   DdbValueError *error);
static DdbValue *read_map(const DdbJson *json, int level,
						  DdbValueError *error);
static DdbValue *fail(DdbValueError *error, DdbValueErrorClass class,
					  const char *message);
static void write_payload(DdbJsonWriter *writer, const DdbValue *value);
static void write_scalar(DdbJsonWriter *writer, DdbType type, DdbText text);

DdbValue *
ddb_value_from_json(const DdbJson *json, DdbValueError *error)
{
	return read_value(json, 1, error);
}

DdbValue *
ddb_item_from_json(const DdbJson *json, DdbValueError *error)
{
	return read_map(json, 1, error);
}

void
ddb_value_write(DdbJsonWriter *writer, const DdbValue *value)
{
	StringInfo	buf = &writer->buf;

	if (writer->separate)
		appendStringInfoCharMacro(buf, ',');
	enlargeStringInfo(buf, DDB_VALUE_LONGEST_BEGINNING);
	buf->len = (int) (ddb_value_begin(buf->data + buf->len, value->type) -
					  buf->data);
	writer->separate = false;
	write_payload(writer, value);
	ddb_json_end_object(writer);
}

void
ddb_item_write(DdbJsonWriter *writer, const DdbValue *item)
{
	ddb_json_begin_object(writer);
	for (int i = 0; i < item->count; i++)
	{
		ddb_json_name_text(writer, item->attributes[i].name);
		ddb_value_write(writer, item->attributes[i].value);
	}
	ddb_json_end_object(writer);
}

/* ------------------------------------------------------------- reading */

static DdbValue *
read_value(const DdbJson *json, int level, DdbValueError *error)
{
	const DdbJson *present[DDB_TYPE_COUNT] = {NULL};
	DdbValue   *value = NULL;
	int			tags = 0;
	DdbType		type;

	DDB_PAUSE_POINT();
	Assert(json->type == DDB_JSON_OBJECT);
	if (level > DDB_VALUE_MAX_LEVEL)
		return fail(error, DDB_VALUE_ERROR_NESTING, MESSAGE_NESTING);

	/* One tag has no order. */
	if (json->count == 1 && ddb_type_from_tag(json->first->name, &type))
		return read_tag(type, json->first, level, error);

	ddb_json_foreach(child, json)
	{
		if (ddb_type_from_tag(child->name, &type))
		{
			present[type] = child;
			tags++;
		}
	}
	if (tags == 0)
		return fail(error, DDB_VALUE_ERROR_TAGS, MESSAGE_NO_TAG);

	for (int i = 0; i < DDB_TYPE_COUNT; i++)
	{
		type = visit_order[i];
		if (present[type] == NULL)
			continue;
		value = read_tag(type, present[type], level, error);
		if (value == NULL)
			return NULL;
	}
	if (tags > 1)
		return fail(error, DDB_VALUE_ERROR_TAGS, MESSAGE_SEVERAL_TAGS);
	return value;
}

static DdbValue *
read_tag(DdbType type, const DdbJson *json, int level, DdbValueError *error)
{
	switch (type)
	{
		case DDB_TYPE_S:
		case DDB_TYPE_N:
		case DDB_TYPE_B:
			return read_scalar(type, json, error);
		case DDB_TYPE_BOOL:
			return ddb_value_make_bool(read_bool(json));
		case DDB_TYPE_NULL:
			return read_null(json, error);
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
			return read_set(type, json, error);
		case DDB_TYPE_L:
			return read_list(json, level + 1, error);
		case DDB_TYPE_M:
			return read_map(json, level + 1, error);
	}
	return NULL;
}

static DdbValue *
read_scalar(DdbType type, const DdbJson *json, DdbValueError *error)
{
	DdbText		text;

	if (!read_text(type, json, &text, error))
		return NULL;
	return ddb_value_make_text(type, text);
}

/* Reads an S, N or B, alone or as an element of a set. */
static bool
read_text(DdbType type, const DdbJson *json, DdbText *text,
		  DdbValueError *error)
{
	DdbNumberStatus status;

	DDB_PAUSE_POINT();
	Assert(json->type == DDB_JSON_STRING);
	if (type == DDB_TYPE_B)
	{
		Assert(ddb_base64_check(json->text) == DDB_BASE64_OK);
		*text = ddb_base64_decode(json->text);
		return true;
	}
	if (type == DDB_TYPE_S)
	{
		*text = json->text;
		if (ddb_text_is_well_formed(*text))
			return true;
		fail(error, DDB_VALUE_ERROR_TEXT, MESSAGE_TEXT);
		return false;
	}

	status = ddb_number_parse(json->text, text);
	if (status == DDB_NUMBER_OK)
		return true;
	fail(error, DDB_VALUE_ERROR_NUMBER, ddb_number_message(status, json->text));
	return false;
}

static DdbValue *
read_null(const DdbJson *json, DdbValueError *error)
{
	if (!read_bool(json))
		return fail(error, DDB_VALUE_ERROR_NULL, MESSAGE_NULL);
	return ddb_value_make_null();
}

/* The service accepts these strings; the model has refused all others. */
static bool
read_bool(const DdbJson *json)
{
	if (json->type != DDB_JSON_STRING)
		return json->type == DDB_JSON_TRUE;
	return pg_strcasecmp(json->text.data, "true") == 0 ||
		pg_strcasecmp(json->text.data, "yes") == 0 ||
		strcmp(json->text.data, "1") == 0;
}

static DdbValue *
read_set(DdbType type, const DdbJson *json, DdbValueError *error)
{
	DdbText    *elements = palloc(sizeof(DdbText) * Max(json->count, 1));
	int			count = 0;

	ddb_json_foreach(child, json)
	{
		if (!read_text(ddb_type_of_element(type), child, &elements[count], error))
			return NULL;
		count++;
	}
	if (count == 0)
		return fail(error, type == DDB_TYPE_NS ? DDB_VALUE_ERROR_EMPTY_NUMBER_SET :
					DDB_VALUE_ERROR_EMPTY_SET, empty_set_message(type));
	if (!ddb_elements_sort(elements, count, ddb_element_order(type)))
		return fail(error, DDB_VALUE_ERROR_DUPLICATES,
					duplicates_message(type, json));
	return ddb_value_make_set(type, count, elements);
}

static const char *
empty_set_message(DdbType type)
{
	if (type == DDB_TYPE_SS)
		return "One or more parameter values were invalid: An string set  may not be empty";
	if (type == DDB_TYPE_NS)
		return "One or more parameter values were invalid: An number set  may not be empty";
	return "One or more parameter values were invalid: Binary sets should not be empty";
}

static const char *
duplicates_message(DdbType type, const DdbJson *json)
{
	StringInfoData message;
	const char *separator = "";
	const char *quote = type == DDB_TYPE_SS ? "\"" : "";

	if (type == DDB_TYPE_NS)
		return "Input collection contains duplicates";

	/* Strings are in quotes since 2026; no such record is known of BS. */
	initStringInfo(&message);
	appendStringInfoString(&message, "One or more parameter values were invalid: Input collection [");
	ddb_json_foreach(child, json)
	{
		appendStringInfo(&message, "%s%s", separator, quote);
		appendBinaryStringInfo(&message, child->text.data, child->text.len);
		appendStringInfoString(&message, quote);
		separator = ", ";
	}
	appendStringInfoString(&message, type == DDB_TYPE_SS ?
						   "] contains duplicates." :
						   "]of type BS contains duplicates.");
	return message.data;
}

static DdbValue *
read_list(const DdbJson *json, int level, DdbValueError *error)
{
	DdbValue  **values = palloc(sizeof(DdbValue *) * Max(json->count, 1));
	int			count = 0;

	Assert(json->type == DDB_JSON_ARRAY);
	ddb_json_foreach(child, json)
	{
		DdbValue   *value = read_value(child, level, error);

		if (value == NULL)
			return NULL;
		values[count++] = value;
	}
	return ddb_value_make_list(count, values);
}

/* On level 1 the members are an item's attributes, which must have names. */
static DdbValue *
read_map(const DdbJson *json, int level, DdbValueError *error)
{
	DdbAttribute *attributes = palloc(sizeof(DdbAttribute) * Max(json->count, 1));
	DdbValue   *map;
	int			count = 0;

	Assert(json->type == DDB_JSON_OBJECT);
	ddb_json_foreach(child, json)
	{
		DdbValue   *value;

		if (level == 1 && child->name.len == 0)
			return fail(error, DDB_VALUE_ERROR_NAME, MESSAGE_NAME);
		if (!ddb_text_is_well_formed(child->name))
			return fail(error, DDB_VALUE_ERROR_TEXT, MESSAGE_TEXT);
		value = read_value(child, level, error);
		if (value == NULL)
			return NULL;
		attributes[count].name = child->name;
		attributes[count].value = value;
		count++;
	}
	map = ddb_value_make_map(count, attributes);
	if (level > 1)
		ddb_value_order_map(map);
	return map;
}

static DdbValue *
fail(DdbValueError *error, DdbValueErrorClass class, const char *message)
{
	error->class = class;
	error->message = message;
	return NULL;
}

/* ------------------------------------------------------------- writing */

static void
write_payload(DdbJsonWriter *writer, const DdbValue *value)
{
	switch (value->type)
	{
		case DDB_TYPE_S:
		case DDB_TYPE_N:
		case DDB_TYPE_B:
			write_scalar(writer, value->type, value->text);
			break;
		case DDB_TYPE_BOOL:
			ddb_json_bool(writer, value->boolean);
			break;
		case DDB_TYPE_NULL:
			ddb_json_bool(writer, true);
			break;
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
			ddb_json_begin_array(writer);
			for (int i = 0; i < value->count; i++)
				write_scalar(writer, ddb_type_of_element(value->type),
							 value->elements[i]);
			ddb_json_end_array(writer);
			break;
		case DDB_TYPE_L:
			ddb_json_begin_array(writer);
			for (int i = 0; i < value->count; i++)
				ddb_value_write(writer, value->values[i]);
			ddb_json_end_array(writer);
			break;
		case DDB_TYPE_M:
			ddb_item_write(writer, value);
			break;
	}
}

static void
write_scalar(DdbJsonWriter *writer, DdbType type, DdbText text)
{
	if (type == DDB_TYPE_B)
		ddb_json_base64(writer, text);
	else
		ddb_json_text(writer, text);
}
