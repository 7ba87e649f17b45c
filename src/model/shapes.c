/*
 * shapes.c
 *	  shapes.def as constant tables.
 *
 * The list is included once per kind of table: the values of enums, the members
 * of structures, how many of them are required, and the shapes themselves.
 */
#include "postgres.h"

#include "model/model_int.h"
#include "model/validation.h"

#define DDB_PLAIN			.has_min = false
#define DDB_MIN(limit)		.has_min = true, .min = (limit)
#define DDB_MAX(limit)		.has_max = true, .max = (limit)

#define DDB_TEXT_TABLE_NAME_REQUIRED \
	"The parameter 'TableName' is required but was not present in the request"
#define DDB_TEXT_TABLE_NAME_LENGTH \
	"TableName must be at least 3 characters long and at most 255 characters long"

/* The values of enums. */
#define DDB_STRING(shape_name, ...)
#define DDB_ENUM(shape_name, option, ...) \
static const char *const shape_name##_values[] = {__VA_ARGS__, NULL};
#define DDB_BOOLEAN(shape_name)
#define DDB_INTEGER(shape_name, ...)
#define DDB_LONG(shape_name, ...)
#define DDB_BLOB(shape_name)
#define DDB_LIST(shape_name, of, ...)
#define DDB_MAP(shape_name, from, to, ...)
#define DDB_STRUCTURE(shape_name, option, ...)
#include "model/shapes.def"

/*
 * The members of structures.  Their names become strings in the macros that
 * the list names: one further down, NULL would be what C takes it for.
 */
#define DDB_MEMBER(member_name, of, is_required, ...) \
	{ \
		.name = member_name, \
		.name_len = sizeof(member_name) - 1, \
		.shape = &ddb_shapes[DDB_SHAPE_##of], \
		.required = is_required, \
		__VA_ARGS__ \
	},
#define DDB_REQUIRED(member_name, of, ...) \
	DDB_MEMBER(#member_name, of, true, __VA_ARGS__)
#define DDB_OPTIONAL(member_name, of, ...) \
	DDB_MEMBER(#member_name, of, false, __VA_ARGS__)
#define DDB_STRING(shape_name, ...)
#define DDB_ENUM(shape_name, option, ...)
#define DDB_BOOLEAN(shape_name)
#define DDB_INTEGER(shape_name, ...)
#define DDB_LONG(shape_name, ...)
#define DDB_BLOB(shape_name)
#define DDB_LIST(shape_name, of, ...)
#define DDB_MAP(shape_name, from, to, ...)
#define DDB_STRUCTURE(shape_name, option, ...) \
static const DdbMember shape_name##_members[] = {__VA_ARGS__};
#include "model/shapes.def"

/* How many of them are required. */
#define DDB_REQUIRED(member_name, of, ...) + 1
#define DDB_OPTIONAL(member_name, of, ...)
#define DDB_STRING(shape_name, ...)
#define DDB_ENUM(shape_name, option, ...)
#define DDB_BOOLEAN(shape_name)
#define DDB_INTEGER(shape_name, ...)
#define DDB_LONG(shape_name, ...)
#define DDB_BLOB(shape_name)
#define DDB_LIST(shape_name, of, ...)
#define DDB_MAP(shape_name, from, to, ...)
#define DDB_STRUCTURE(shape_name, option, ...) \
	shape_name##_required_count = 0 __VA_ARGS__,
enum
{
#include "model/shapes.def"
};

#define DDB_SHAPE(shape_name, shape_kind, ...) \
	[DDB_SHAPE_##shape_name] = { \
		.kind = DDB_SHAPE_KIND_##shape_kind, \
		.name = #shape_name, \
		__VA_ARGS__ \
	},
#define DDB_STRING(shape_name, ...) \
	DDB_SHAPE(shape_name, STRING, __VA_ARGS__)
#define DDB_ENUM(shape_name, option, ...) \
	DDB_SHAPE(shape_name, STRING, .values = shape_name##_values, option)
#define DDB_BOOLEAN(shape_name) \
	DDB_SHAPE(shape_name, BOOLEAN)
#define DDB_INTEGER(shape_name, ...) \
	DDB_SHAPE(shape_name, INTEGER, __VA_ARGS__)
#define DDB_LONG(shape_name, ...) \
	DDB_SHAPE(shape_name, LONG, __VA_ARGS__)
#define DDB_BLOB(shape_name) \
	DDB_SHAPE(shape_name, BLOB)
#define DDB_LIST(shape_name, of, ...) \
	DDB_SHAPE(shape_name, LIST, \
			  .element = &ddb_shapes[DDB_SHAPE_##of], __VA_ARGS__)
#define DDB_MAP(shape_name, from, to, ...) \
	DDB_SHAPE(shape_name, MAP, \
			  .key = &ddb_shapes[DDB_SHAPE_##from], \
			  .element = &ddb_shapes[DDB_SHAPE_##to], __VA_ARGS__)
#define DDB_STRUCTURE(shape_name, option, ...) \
	DDB_SHAPE(shape_name, STRUCTURE, \
			  .members = shape_name##_members, \
			  .member_count = lengthof(shape_name##_members), \
			  .required_count = shape_name##_required_count, option)

const DdbShape ddb_shapes[DDB_SHAPE_COUNT] = {
#include "model/shapes.def"
};
