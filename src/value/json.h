/*
 * json.h
 *	  JSON requests as a tree, and the writer of JSON responses.
 *
 * The parser is PostgreSQL's own (common/jsonapi.h): strict about RFC 8259,
 * and it hands over a number as it was written, so that 1 and 1.0 stay
 * different, as the service's messages want them.
 */
#ifndef DDB_VALUE_JSON_H
#define DDB_VALUE_JSON_H

#include "postgres.h"
#include "lib/stringinfo.h"
#include "value/text.h"

/* Deepest nesting of arrays and objects that is read at all. */
#define DDB_JSON_MAX_DEPTH 512

typedef enum DdbJsonType
{
	DDB_JSON_NULL,
	DDB_JSON_FALSE,
	DDB_JSON_TRUE,
	DDB_JSON_NUMBER,
	DDB_JSON_STRING,
	DDB_JSON_ARRAY,
	DDB_JSON_OBJECT
} DdbJsonType;

/*
 * A node.  Children form a list in the order of the request.  An object never
 * has two children of one name: the last one in the text has won.  A null
 * counts as absent wherever the service meets one, so no child is a null;
 * only the whole text may be one.
 */
typedef struct DdbJson DdbJson;
struct DdbJson
{
	DdbJsonType type;
	int			count;			/* number of children; 0 for scalars */
	DdbText		name;			/* as a member of an object; else data NULL */
	union
	{
		DdbText		text;		/* STRING: stored form.  NUMBER: as written */
		struct					/* ARRAY, OBJECT */
		{
			DdbJson    *first;	/* first child, or NULL */
			DdbJson    *last;	/* and the last one */
		};
	};
	DdbJson    *next;			/* next sibling */
};

/*
 * Parse len bytes.  Returns NULL when they are not one valid JSON text in
 * valid UTF-8 (or nested deeper than DDB_JSON_MAX_DEPTH).  The tree lives in
 * the current memory context and does not point into data, which stays as it
 * is.  Never raises an error because of the text.
 */
extern DdbJson *ddb_json_parse(char *data, int len);

/*
 * The same for a caller who watches the memory: grown(arg) is called whenever
 * the tree has grown by a few nodes, and may end the work with an error.
 */
typedef struct DdbJsonMeter
{
	void		(*grown) (void *arg);
	void	   *arg;
} DdbJsonMeter;

extern DdbJson *ddb_json_parse_metered(char *data, int len,
									   const DdbJsonMeter *meter);

/* The member of an object, or NULL. */
extern DdbJson *ddb_json_get(const DdbJson *object, const char *name);

/* The same for a name that is not a C string. */
extern DdbJson *ddb_json_get_text(const DdbJson *object, DdbText name);

/*
 * For each child of an object or array, which may be NULL:
 *
 *	  ddb_json_foreach(element, list)
 *		  ... element->text ...
 */
#define ddb_json_foreach(child, parent) \
	for (const DdbJson *child = ddb_json_first(parent); child != NULL; child = child->next)

static inline const DdbJson *
ddb_json_first(const DdbJson *parent)
{
	return parent != NULL ? parent->first : NULL;
}

/* An empty object or array, and appending a child to one. */
extern DdbJson *ddb_json_make(DdbJsonType type);
extern void ddb_json_append(DdbJson *parent, DdbText name, DdbJson *child);

/*
 * The writer.  Members and elements are separated automatically; output is
 * compact.  With stored_form the text is what jsonb accepts and the SQL
 * entrance returns, otherwise strings are decoded (U+0000 appears as \u0000).
 */
typedef struct DdbJsonWriter
{
	StringInfoData buf;
	bool		stored_form;
	bool		separate;		/* a comma is due before the next value */
} DdbJsonWriter;

/* Where a writer stands, to return to when a step is done again. */
typedef struct DdbJsonMark
{
	int			len;
	bool		separate;
} DdbJsonMark;

extern void ddb_json_writer_init(DdbJsonWriter *writer, bool stored_form);
extern DdbJsonMark ddb_json_writer_mark(const DdbJsonWriter *writer);
extern void ddb_json_writer_reset(DdbJsonWriter *writer, DdbJsonMark mark);

extern void ddb_json_begin_object(DdbJsonWriter *writer);
extern void ddb_json_end_object(DdbJsonWriter *writer);
extern void ddb_json_begin_array(DdbJsonWriter *writer);
extern void ddb_json_end_array(DdbJsonWriter *writer);
extern void ddb_json_name(DdbJsonWriter *writer, const char *name);
extern void ddb_json_name_text(DdbJsonWriter *writer, DdbText name);
extern void ddb_json_string(DdbJsonWriter *writer, const char *string);
extern void ddb_json_text(DdbJsonWriter *writer, DdbText text);
extern void ddb_json_int(DdbJsonWriter *writer, int64 value);
extern void ddb_json_bool(DdbJsonWriter *writer, bool value);

/* A number with a fraction, as for capacity units: "1.0", "0.5". */
extern void ddb_json_double(DdbJsonWriter *writer, double value);

/* Seconds since the epoch with three decimals, from microseconds. */
extern void ddb_json_epoch(DdbJsonWriter *writer, int64 unix_microseconds);

/* A member of an object: its name, and a scalar. */
extern void ddb_json_string_member(DdbJsonWriter *writer, const char *name,
								   const char *string);
extern void ddb_json_text_member(DdbJsonWriter *writer, const char *name,
								 DdbText text);
extern void ddb_json_int_member(DdbJsonWriter *writer, const char *name,
								int64 value);
extern void ddb_json_bool_member(DdbJsonWriter *writer, const char *name,
								 bool value);
extern void ddb_json_epoch_member(DdbJsonWriter *writer, const char *name,
								  int64 unix_microseconds);

/* A member of an object: its name, and a tree or JSON text. */
extern void ddb_json_tree_member(DdbJsonWriter *writer, const char *name,
								 const DdbJson *json);
extern void ddb_json_raw_member(DdbJsonWriter *writer, const char *name,
								const char *json);

/* Binary as base64. */
extern void ddb_json_base64(DdbJsonWriter *writer, DdbText bytes);

/* A tree, as it is. */
extern void ddb_json_tree(DdbJsonWriter *writer, const DdbJson *json);

/* Text that is JSON already, in stored form. */
extern void ddb_json_raw(DdbJsonWriter *writer, const char *json);

#endif							/* DDB_VALUE_JSON_H */
