/*
 * model_int.h
 *	  Shapes: what a request may look like, as constant tables.
 *
 * The tables are generated from shapes.def, see there.  The validator knows
 * kinds of shapes, never a particular one: where the service treats a member
 * in its own way, the difference is a field here and a word in shapes.def.
 */
#ifndef DDB_MODEL_MODEL_INT_H
#define DDB_MODEL_MODEL_INT_H

#include "model/model.h"

/* Where the service's Java classes live; its messages name them. */
#define DDB_JAVA_PACKAGE "com.amazonaws.dynamodb.v20120810."

typedef enum DdbShapeKind
{
	DDB_SHAPE_KIND_STRING,
	DDB_SHAPE_KIND_BOOLEAN,
	DDB_SHAPE_KIND_INTEGER,
	DDB_SHAPE_KIND_LONG,
	DDB_SHAPE_KIND_BLOB,
	DDB_SHAPE_KIND_LIST,
	DDB_SHAPE_KIND_MAP,
	DDB_SHAPE_KIND_STRUCTURE
} DdbShapeKind;

typedef enum DdbPattern
{
	DDB_PATTERN_NONE,
	DDB_PATTERN_NAME,			/* [a-zA-Z0-9_.-]+ */
	DDB_PATTERN_NAME_IF_ANY		/* the same, but silent about "" */
} DdbPattern;

typedef struct DdbShape DdbShape;

typedef struct DdbMember
{
	const char *name;
	const DdbShape *shape;
	const char *missing;		/* instead of "Member must not be null" */
	int			name_len;

	/* Constraints are reported by rising rank, then in the order of rows. */
	int			rank;
	bool		required;
	bool		alone;			/* an error here hides all later errors */
	bool		exclusive;		/* hidden by an earlier exclusive error */

	/*
	 * Errors, or those of the minimum, do not quote the value and spell every
	 * name as the request does: "Value at 'Limit' failed ..."
	 */
	bool		hide_value;
	bool		hide_below;
} DdbMember;

struct DdbShape
{
	const char *name;
	DdbShapeKind kind;

	/* Strings. */
	DdbPattern	pattern;
	bool		arn;			/* the name may be given as a table's ARN */
	bool		in_bytes;		/* the length is that of UTF-8, not of characters */

	/* Length of strings, lists and maps; value of numbers. */
	bool		has_min;
	bool		has_max;

	bool		opaque;			/* a structure printed as any Java object is */
	int64		min;
	int64		max;

	/* Sentences that replace the usual error, without the frame. */
	const char *below;
	const char *above;
	const char *outside;		/* of the values of an enum */

	/* An error in the common frame, but with a text of its own. */
	const char *outside_error;

	const char *const *values;	/* an enum's, in the order they are printed */

	/* Lists and maps. */
	const DdbShape *key;
	const DdbShape *element;

	/* Structures; members in the order in which types are checked. */
	const DdbMember *members;
	int			member_count;
	int			required_count;
	const char *dump_tail;		/* fields that are printed but never sent */
};

typedef enum DdbShapeId
{
#define DDB_STRING(shape_name, ...) DDB_SHAPE_##shape_name,
#define DDB_ENUM(shape_name, option, ...) DDB_SHAPE_##shape_name,
#define DDB_BOOLEAN(shape_name) DDB_SHAPE_##shape_name,
#define DDB_INTEGER(shape_name, ...) DDB_SHAPE_##shape_name,
#define DDB_LONG(shape_name, ...) DDB_SHAPE_##shape_name,
#define DDB_BLOB(shape_name) DDB_SHAPE_##shape_name,
#define DDB_LIST(shape_name, of, ...) DDB_SHAPE_##shape_name,
#define DDB_MAP(shape_name, from, to, ...) DDB_SHAPE_##shape_name,
#define DDB_STRUCTURE(shape_name, option, ...) DDB_SHAPE_##shape_name,
#include "model/shapes.def"
	DDB_SHAPE_COUNT
} DdbShapeId;

extern const DdbShape ddb_shapes[DDB_SHAPE_COUNT];

/* --------------------------------------------------------- predicates */

/*
 * What is wrong with one value, not counting its children.  The quick pass and
 * the slow passes call the same functions, so they cannot disagree.
 */
#define DDB_BREAKS_PATTERN	0x01
#define DDB_BREAKS_MIN		0x02
#define DDB_BREAKS_MAX		0x04
#define DDB_BREAKS_ENUM		0x08

/* An ARN that names no table here; no other error is reported for it. */
#define DDB_BREAKS_PARTITION 0x10
#define DDB_BREAKS_REGION	0x20
#define DDB_BREAKS_RESOURCE 0x40
#define DDB_BREAKS_ARN \
	(DDB_BREAKS_PARTITION | DDB_BREAKS_REGION | DDB_BREAKS_RESOURCE)

extern bool ddb_shape_type_fits(const DdbShape *shape, const DdbJson *json);
extern int	ddb_shape_string_breaks(const DdbShape *shape, DdbText text);
extern int	ddb_shape_value_breaks(const DdbShape *shape, int64 value);

/* Reads a string as a boolean; returns false if the string is not one. */
extern bool ddb_model_boolean_word(DdbText text, bool *value);

/* ------------------------------------------------- the two slow passes */

/* Raise the first mismatch of types in the order of the model, if any. */
extern void ddb_shape_check_types(const DdbShape *shape, const DdbJson *json);

/* Raise the constraints that are not met, if any. */
extern void ddb_shape_check_constraints(const DdbShape *shape,
										const DdbJson *json);

/* A value as the service's messages print it. */
extern void ddb_shape_print(StringInfo buf, const DdbShape *shape,
							const DdbJson *json);

/* "tableName" for "TableName" */
extern void ddb_shape_print_field(StringInfo buf, const char *name);

#endif							/* DDB_MODEL_MODEL_INT_H */
