/*
 * check_constraints.c
 *	  The second slow pass: constraints, collected the way the service does.
 *
 * Types have been checked.  Errors are collected in the order of ranks, at
 * most ten, and raised together at the end:
 *
 *	2 validation errors detected: Value null at 'key' failed to satisfy
 *	constraint: Member must not be null; Value 'x' at ...
 *
 * Some shapes and members have a sentence of their own instead.  It comes
 * without the frame and alone: at once when nothing was collected before it,
 * else not at all.
 */
#include "postgres.h"

#include "core/error.h"
#include "core/pause.h"
#include "model/model_int.h"

/* The maximum number of errors in one answer. */
#define MAX_ERRORS 10

typedef struct Collector
{
	int			count;
	StringInfoData errors;
	StringInfoData path;		/* of the value being looked at */
	StringInfoData names;		/* the same with names as requests have them */
} Collector;

/* One value at its place; json is NULL when it is absent. */
typedef struct Place
{
	const DdbShape *shape;
	const DdbJson *json;
	bool		hide_value;		/* DdbMember's */
	bool		hide_below;
	bool		measured;		/* its length was looked at already */
} Place;

/* Where both paths end. */
typedef struct Lengths
{
	int			path;
	int			names;
} Lengths;

static void collect_value(Collector *collector, Place place);
static void collect_string(Collector *collector, Place place);
static void collect_arn(Collector *collector, DdbText arn, int breaks);
static void collect_list(Collector *collector, Place place);
static void collect_map(Collector *collector, Place place);
static void collect_map_as_whole(Collector *collector, Place place);
static void collect_structure(Collector *collector, Place place);
static bool next_rank(const DdbShape *shape, int *rank);
static void collect_member(Collector *collector, const DdbMember *member,
						   const DdbJson *json);
static Lengths path_lengths(const Collector *collector);
static void cut_path(Collector *collector, Lengths lengths);
static void collect_bounds(Collector *collector, Place place, int breaks,
						   const char *quantity);
static bool begin_error(Collector *collector);
static void collect_error(Collector *collector, Place place,
						  const char *format,...) pg_attribute_printf(3, 4);
static void print_bounds(StringInfo buf, const DdbShape *shape);
static void raise_plain(Collector *collector, const char *sentence);

#define PHRASE_PATTERN \
	"Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"

void
ddb_shape_check_constraints(const DdbShape *shape, const DdbJson *json)
{
	Collector	collector = {.count = 0};

	initStringInfo(&collector.errors);
	initStringInfo(&collector.path);
	initStringInfo(&collector.names);
	collect_value(&collector, (Place) {.shape = shape, .json = json});

	if (collector.count > 0)
		ddb_error(DDB_ERROR_VALIDATION, "%d validation error%s detected: %s",
				  collector.count, collector.count > 1 ? "s" : "",
				  collector.errors.data);
}

static void
collect_value(Collector *collector, Place place)
{
	DDB_PAUSE_POINT();
	switch (place.shape->kind)
	{
		case DDB_SHAPE_KIND_STRING:
			collect_string(collector, place);
			break;
		case DDB_SHAPE_KIND_INTEGER:
		case DDB_SHAPE_KIND_LONG:
			collect_bounds(collector, place,
						   ddb_shape_value_breaks(place.shape,
												  ddb_json_as_int(place.json)),
						   "value");
			break;
		case DDB_SHAPE_KIND_LIST:
			collect_list(collector, place);
			break;
		case DDB_SHAPE_KIND_MAP:
			collect_map(collector, place);
			break;
		case DDB_SHAPE_KIND_STRUCTURE:
			collect_structure(collector, place);
			break;
		case DDB_SHAPE_KIND_BOOLEAN:
		case DDB_SHAPE_KIND_BLOB:
			break;
	}
}

static void
collect_string(Collector *collector, Place place)
{
	const DdbShape *shape = place.shape;
	int			breaks = ddb_shape_string_breaks(shape, place.json->text);

	if (breaks & DDB_BREAKS_ARN)
	{
		collect_arn(collector, place.json->text, breaks);
		return;
	}

	/* A sentence of its own about the length leaves nothing else to say. */
	if (((breaks & DDB_BREAKS_MIN) && shape->below != NULL) ||
		((breaks & DDB_BREAKS_MAX) && shape->above != NULL))
		breaks &= ~DDB_BREAKS_PATTERN;

	if (breaks & DDB_BREAKS_PATTERN)
		collect_error(collector, place, PHRASE_PATTERN);
	collect_bounds(collector, place, breaks, "length");

	if ((breaks & DDB_BREAKS_ENUM) && shape->outside != NULL)
		raise_plain(collector, shape->outside);
	else if ((breaks & DDB_BREAKS_ENUM) && shape->outside_error != NULL)
	{
		if (begin_error(collector))
			appendStringInfoString(&collector->errors, shape->outside_error);
	}
	else if (breaks & DDB_BREAKS_ENUM)
	{
		StringInfoData set;

		initStringInfo(&set);
		for (int i = 0; shape->values[i] != NULL; i++)
			appendStringInfo(&set, "%s%s", i > 0 ? ", " : "", shape->values[i]);
		collect_error(collector, place,
					  "Member must satisfy enum value set: [%s]", set.data);
	}
}

/* Reports a bad ARN in the common frame, with a phrase of its own. */
static void
collect_arn(Collector *collector, DdbText arn, int breaks)
{
	const char *phrase = "Invalid resource type";

	if (breaks & DDB_BREAKS_PARTITION)
		phrase = "Invalid AWS partition";
	else if (breaks & DDB_BREAKS_REGION)
		phrase = "Invalid AWS region";
	if (begin_error(collector))
		appendStringInfo(&collector->errors, "%s in '%.*s'", phrase,
						 arn.len, arn.data);
}

static void
collect_list(Collector *collector, Place place)
{
	const DdbJson *json = place.json;
	Lengths		lengths = path_lengths(collector);
	int			position = 0;

	if (!place.measured)
		collect_bounds(collector, place,
					   ddb_shape_value_breaks(place.shape, json->count),
					   "length");

	ddb_json_foreach(child, json)
	{
		appendStringInfo(&collector->path, ".%d.member", ++position);
		appendStringInfo(&collector->names, ".%d.member", position);
		collect_value(collector, (Place) {.shape = place.shape->element,
					  .json = child});
		cut_path(collector, lengths);
	}
}

static void
collect_map(Collector *collector, Place place)
{
	Lengths		lengths = path_lengths(collector);

	collect_map_as_whole(collector, place);

	ddb_json_foreach(child, place.json)
	{
		appendStringInfo(&collector->path, ".%.*s.member",
						 child->name.len, child->name.data);
		appendStringInfo(&collector->names, ".%.*s.member",
						 child->name.len, child->name.data);
		collect_value(collector, (Place) {.shape = place.shape->element,
					  .json = child, .measured = true});
		cut_path(collector, lengths);
	}
}

/* The map's own length, then all keys as one error, then all lists as one. */
static void
collect_map_as_whole(Collector *collector, Place place)
{
	const DdbShape *shape = place.shape;
	bool		bad_key = false;
	bool		bad_list = false;
	StringInfoData bounds;

	collect_bounds(collector, place,
				   ddb_shape_value_breaks(shape, place.json->count),
				   "length");

	ddb_json_foreach(child, place.json)
	{
		int			breaks = ddb_shape_string_breaks(shape->key, child->name);

		if (breaks & DDB_BREAKS_ARN)
			collect_arn(collector, child->name, breaks);
		else if ((breaks & DDB_BREAKS_MAX) && shape->key->above != NULL)
			raise_plain(collector, shape->key->above);
		else if (breaks != 0)
			bad_key = true;
		if (shape->element->kind == DDB_SHAPE_KIND_LIST &&
			ddb_shape_value_breaks(shape->element, child->count) != 0)
			bad_list = true;
	}

	initStringInfo(&bounds);
	if (bad_key)
	{
		print_bounds(&bounds, shape->key);
		collect_error(collector, place,
					  "Map keys must satisfy constraint: [%s]", bounds.data);
	}
	resetStringInfo(&bounds);
	if (bad_list)
	{
		print_bounds(&bounds, shape->element);
		collect_error(collector, place,
					  "Map value must satisfy constraint: [%s]", bounds.data);
	}
}

static void
collect_structure(Collector *collector, Place place)
{
	const DdbShape *shape = place.shape;
	bool		exclusive_seen = false;
	int			rank = PG_INT32_MIN;

	while (next_rank(shape, &rank))
	{
		for (int i = 0; i < shape->member_count; i++)
		{
			const DdbMember *member = &shape->members[i];
			int			count = collector->count;

			if (member->rank != rank || (member->exclusive && exclusive_seen))
				continue;
			collect_member(collector, member,
						   ddb_json_get(place.json, member->name));
			if (collector->count == count)
				continue;
			if (member->alone)
				return;
			if (member->exclusive)
				exclusive_seen = true;
		}
	}
}

/* The smallest rank of a member above *rank; false when there is none. */
static bool
next_rank(const DdbShape *shape, int *rank)
{
	bool		found = false;
	int			next = 0;

	for (int i = 0; i < shape->member_count; i++)
	{
		int			candidate = shape->members[i].rank;

		if (candidate > *rank && (!found || candidate < next))
		{
			next = candidate;
			found = true;
		}
	}
	*rank = next;
	return found;
}

static void
collect_member(Collector *collector, const DdbMember *member,
			   const DdbJson *json)
{
	Place		place = {.shape = member->shape, .json = json,
		.hide_value = member->hide_value, .hide_below = member->hide_below};
	Lengths		lengths = path_lengths(collector);

	if (json == NULL && !member->required)
		return;

	if (lengths.path > 0)
	{
		appendStringInfoChar(&collector->path, '.');
		appendStringInfoChar(&collector->names, '.');
	}
	ddb_shape_print_field(&collector->path, member->name);
	appendStringInfoString(&collector->names, member->name);

	if (json != NULL)
		collect_value(collector, place);
	else if (member->missing != NULL)
		raise_plain(collector, member->missing);
	else
		collect_error(collector, place, "Member must not be null");
	cut_path(collector, lengths);
}

static Lengths
path_lengths(const Collector *collector)
{
	return (Lengths) {collector->path.len, collector->names.len};
}

static void
cut_path(Collector *collector, Lengths lengths)
{
	collector->path.len = lengths.path;
	collector->names.len = lengths.names;
}

/* quantity is "length" or "value". */
static void
collect_bounds(Collector *collector, Place place, int breaks,
			   const char *quantity)
{
	const DdbShape *shape = place.shape;
	Place		below = place;

	below.hide_value |= place.hide_below;
	if ((breaks & DDB_BREAKS_MIN) && shape->below != NULL)
		raise_plain(collector, shape->below);
	else if (breaks & DDB_BREAKS_MIN)
		collect_error(collector, below,
					  "Member must have %s greater than or equal to "
					  INT64_FORMAT, quantity, shape->min);

	if ((breaks & DDB_BREAKS_MAX) && shape->above != NULL)
		raise_plain(collector, shape->above);
	else if (breaks & DDB_BREAKS_MAX)
		collect_error(collector, place,
					  "Member must have %s less than or equal to "
					  INT64_FORMAT, quantity, shape->max);
}

/* Count one more error and separate it from those before; false: too many. */
static bool
begin_error(Collector *collector)
{
	if (collector->count == MAX_ERRORS)
		return false;
	if (collector->count++ > 0)
		appendStringInfoString(&collector->errors, "; ");
	return true;
}

static void
collect_error(Collector *collector, Place place, const char *format,...)
{
	StringInfo	buf = &collector->errors;
	const StringInfoData *path = &collector->path;

	if (!begin_error(collector))
		return;
	appendStringInfoString(buf, "Value ");
	if (place.json == NULL)
		appendStringInfoString(buf, "null ");
	else if (place.hide_value)
		path = &collector->names;
	else
	{
		appendStringInfoChar(buf, '\'');
		ddb_shape_print(buf, place.shape, place.json);
		appendStringInfoString(buf, "' ");
	}

	/* cut_path() only sets len, so older bytes may follow the end. */
	appendStringInfoString(buf, "at '");
	appendBinaryStringInfo(buf, path->data, path->len);
	appendStringInfoString(buf, "' failed to satisfy constraint: ");

	for (;;)
	{
		va_list		args;
		int			needed;

		va_start(args, format);
		needed = appendStringInfoVA(buf, format, args);
		va_end(args);
		if (needed == 0)
			break;
		enlargeStringInfo(buf, needed);
	}
}

/* All constraints of a key or list, in the order their list is printed. */
static void
print_bounds(StringInfo buf, const DdbShape *shape)
{
	const char *separator = "";

	if (shape->has_max)
	{
		appendStringInfo(buf, "Member must have length less than or equal to "
						 INT64_FORMAT, shape->max);
		separator = ", ";
	}
	if (shape->has_min)
	{
		appendStringInfo(buf, "%sMember must have length greater than or equal to "
						 INT64_FORMAT, separator, shape->min);
		separator = ", ";
	}
	if (shape->pattern != DDB_PATTERN_NONE)
		appendStringInfo(buf, "%s%s", separator, PHRASE_PATTERN);
}

static void
raise_plain(Collector *collector, const char *sentence)
{
	if (collector->count == 0)
		ddb_error(DDB_ERROR_VALIDATION, "%s", sentence);
}
