/*
 * model.c
 *	  The validator: one quick pass that almost every request survives, and
 *	  what it asks about a single value.
 *
 * The service checks types first and constraints second, each in orders of
 * its own.  None of that matters to a request without a fault, so conforms()
 * looks at everything once, in the order of the request, allocates nothing
 * and only says yes or no.  After a no, the slow passes find out what to say;
 * they ask the same predicates.
 */
#include "postgres.h"

#include "core/error.h"
#include "core/guc.h"
#include "core/pause.h"
#include "model/model_int.h"
#include "value/base64.h"

/* arn:<partition>:dynamodb:<region>:<account>:<resource> */
typedef struct Arn
{
	DdbText		partition;
	DdbText		region;
	DdbText		resource;
} Arn;

/* How the resource of a table begins. */
#define TABLE_RESOURCE "table/"

static bool conforms(const DdbShape *shape, const DdbJson *json);
static bool list_conforms(const DdbShape *shape, const DdbJson *json);
static bool map_conforms(const DdbShape *shape, const DdbJson *json);
static bool structure_conforms(const DdbShape *shape, const DdbJson *json);
static const DdbMember *find_member(const DdbShape *shape, DdbText name);
static bool surely_fits(const DdbShape *shape, DdbText text);
static bool matches_pattern(DdbPattern pattern, DdbText text);
static bool is_listed(const char *const *values, DdbText text);
static bool read_arn(DdbText text, Arn *arn);
static bool next_part(const char **rest, const char *end, DdbText *part);
static bool is_text(DdbText text, const char *string);
static bool begins_with(DdbText text, const char *prefix);
static int	count_characters(DdbText stored);

void
ddb_model_validate(const DdbOperation *operation, const DdbJson *request)
{
	if (request->type != DDB_JSON_OBJECT)
		ddb_error_bare(DDB_ERROR_SERIALIZATION);

	if (likely(conforms(operation->input, request)))
		return;

	ddb_shape_check_types(operation->input, request);
	ddb_shape_check_constraints(operation->input, request);
}

/* Returns whether both slow passes would find nothing; json is not null. */
static bool
conforms(const DdbShape *shape, const DdbJson *json)
{
	DDB_PAUSE_POINT();
	if (!ddb_shape_type_fits(shape, json))
		return false;

	switch (shape->kind)
	{
		case DDB_SHAPE_KIND_STRING:
			return ddb_shape_string_breaks(shape, json->text) == 0;
		case DDB_SHAPE_KIND_BOOLEAN:
		case DDB_SHAPE_KIND_BLOB:
			return true;
		case DDB_SHAPE_KIND_INTEGER:
		case DDB_SHAPE_KIND_LONG:
			return ddb_shape_value_breaks(shape, ddb_json_as_int(json)) == 0;
		case DDB_SHAPE_KIND_LIST:
			return list_conforms(shape, json);
		case DDB_SHAPE_KIND_MAP:
			return map_conforms(shape, json);
		case DDB_SHAPE_KIND_STRUCTURE:
			return structure_conforms(shape, json);
	}
	return false;
}

static bool
list_conforms(const DdbShape *shape, const DdbJson *json)
{
	ddb_json_foreach(child, json)
	{
		if (!conforms(shape->element, child))
			return false;
	}
	return ddb_shape_value_breaks(shape, json->count) == 0;
}

static bool
map_conforms(const DdbShape *shape, const DdbJson *json)
{
	ddb_json_foreach(child, json)
	{
		if (ddb_shape_string_breaks(shape->key, child->name) != 0 ||
			!conforms(shape->element, child))
			return false;
	}
	return ddb_shape_value_breaks(shape, json->count) == 0;
}

static bool
structure_conforms(const DdbShape *shape, const DdbJson *json)
{
	int			required_seen = 0;

	ddb_json_foreach(child, json)
	{
		const DdbMember *member = find_member(shape, child->name);

		if (member == NULL)
			continue;
		if (!conforms(member->shape, child))
			return false;
		if (member->required)
			required_seen++;
	}
	return required_seen == shape->required_count;
}

static const DdbMember *
find_member(const DdbShape *shape, DdbText name)
{
	for (int i = 0; i < shape->member_count; i++)
	{
		const DdbMember *member = &shape->members[i];

		if (member->name_len == name.len && member->name[0] == name.data[0] &&
			memcmp(member->name, name.data, name.len) == 0)
			return member;
	}
	return NULL;
}

bool
ddb_shape_type_fits(const DdbShape *shape, const DdbJson *json)
{
	bool		ignored;

	switch (shape->kind)
	{
		case DDB_SHAPE_KIND_STRING:
			return json->type == DDB_JSON_STRING;
		case DDB_SHAPE_KIND_BOOLEAN:
			return json->type == DDB_JSON_TRUE ||
				json->type == DDB_JSON_FALSE ||
				(json->type == DDB_JSON_STRING &&
				 ddb_model_boolean_word(json->text, &ignored));
		case DDB_SHAPE_KIND_INTEGER:
		case DDB_SHAPE_KIND_LONG:
			return json->type == DDB_JSON_NUMBER;
		case DDB_SHAPE_KIND_BLOB:
			return json->type == DDB_JSON_STRING &&
				ddb_base64_check(json->text) == DDB_BASE64_OK;
		case DDB_SHAPE_KIND_LIST:
			return json->type == DDB_JSON_ARRAY;
		case DDB_SHAPE_KIND_MAP:
		case DDB_SHAPE_KIND_STRUCTURE:
			return json->type == DDB_JSON_OBJECT;
	}
	return false;
}

int
ddb_shape_string_breaks(const DdbShape *shape, DdbText text)
{
	DdbText		name = text;
	int			breaks = 0;
	Arn			arn;

	if (shape->arn && read_arn(text, &arn))
	{
		if (!is_text(arn.partition, ddb_settings_partition()))
			return DDB_BREAKS_PARTITION;
		if (!is_text(arn.region, ddb_setting_region))
			return DDB_BREAKS_REGION;
		if (!begins_with(arn.resource, TABLE_RESOURCE))
			return DDB_BREAKS_RESOURCE;
		name.data = arn.resource.data + strlen(TABLE_RESOURCE);
		name.len = arn.resource.len - strlen(TABLE_RESOURCE);
	}

	if (!matches_pattern(shape->pattern, name))
		breaks |= DDB_BREAKS_PATTERN;
	if ((shape->has_min || shape->has_max) && !surely_fits(shape, name))
		breaks |= ddb_shape_value_breaks(shape, shape->in_bytes ?
										 ddb_text_decoded_length(name) :
										 count_characters(name));
	if (shape->values != NULL && !is_listed(shape->values, text))
		breaks |= DDB_BREAKS_ENUM;
	return breaks;
}

/* A text has no more characters than bytes, and one at least if it has any. */
static bool
surely_fits(const DdbShape *shape, DdbText text)
{
	return (!shape->has_min || shape->min <= (text.len > 0)) &&
		(!shape->has_max || text.len <= shape->max);
}

/* For numbers, and for the lengths of everything else. */
int
ddb_shape_value_breaks(const DdbShape *shape, int64 value)
{
	int			breaks = 0;

	if (shape->has_min && value < shape->min)
		breaks |= DDB_BREAKS_MIN;
	if (shape->has_max && value > shape->max)
		breaks |= DDB_BREAKS_MAX;
	return breaks;
}

static bool
matches_pattern(DdbPattern pattern, DdbText text)
{
	if (pattern == DDB_PATTERN_NONE)
		return true;
	if (text.len == 0)
		return pattern == DDB_PATTERN_NAME_IF_ANY;

	for (int i = 0; i < text.len; i++)
	{
		char		c = text.data[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			  (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-'))
			return false;
	}
	return true;
}

static bool
is_listed(const char *const *values, DdbText text)
{
	for (; *values != NULL; values++)
	{
		if (is_text(text, *values))
			return true;
	}
	return false;
}

/*
 * Splits an ARN of the service into parts; returns false if the text is not
 * such an ARN.  A slash after a table's name, and the text after it, stay part
 * of the name, which then does not match the pattern.
 */
static bool
read_arn(DdbText text, Arn *arn)
{
	const char *rest = text.data;
	const char *end = rest + text.len;
	DdbText		prefix;
	DdbText		service;
	DdbText		account;

	if (!begins_with(text, "arn:") ||
		!next_part(&rest, end, &prefix) ||
		!next_part(&rest, end, &arn->partition) ||
		!next_part(&rest, end, &service) ||
		!next_part(&rest, end, &arn->region) ||
		!next_part(&rest, end, &account))
		return false;
	arn->resource = (DdbText) {.data = rest, .len = end - rest};
	return is_text(service, "dynamodb");
}

/* Returns the text before the next colon and moves *rest past it. */
static bool
next_part(const char **rest, const char *end, DdbText *part)
{
	const char *colon = memchr(*rest, ':', end - *rest);

	if (colon == NULL)
		return false;
	*part = (DdbText) {.data = *rest, .len = colon - *rest};
	*rest = colon + 1;
	return true;
}

static bool
is_text(DdbText text, const char *string)
{
	return text.len == strlen(string) && begins_with(text, string);
}

static bool
begins_with(DdbText text, const char *prefix)
{
	size_t		len = strlen(prefix);

	return text.len >= len && memcmp(text.data, prefix, len) == 0;
}

/*
 * Characters, not bytes; an escape of the stored form, U+0001 and one more
 * byte, is one.
 */
static int
count_characters(DdbText stored)
{
	int			count = 0;

	for (int i = 0; i < stored.len; i++)
	{
		if (((unsigned char) stored.data[i] & 0xC0) == 0x80)
			continue;
		if (stored.data[i] == '\001')
			i++;
		count++;
	}
	return count;
}
