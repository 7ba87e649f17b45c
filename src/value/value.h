/*
 * value.h
 *	  Attribute values: the ten types as trees in memory, from and to the wire
 *	  and jsonb, compared, measured and addressed by document paths.
 *
 * A value is immutable once made; trees may share subtrees.  Everything is
 * allocated in the current memory context.
 */
#ifndef DDB_VALUE_VALUE_H
#define DDB_VALUE_VALUE_H

#include "postgres.h"
#include "utils/jsonb.h"
#include "value/json.h"
#include "value/lookup.h"
#include "value/number.h"
#include "value/text.h"

/* Deepest legal level; the value right under an attribute's name is level 1. */
#define DDB_VALUE_MAX_LEVEL 32

/* Item size limit in bytes. */
#define DDB_ITEM_MAX_SIZE 409600

typedef enum DdbType
{
	DDB_TYPE_S,
	DDB_TYPE_N,
	DDB_TYPE_B,
	DDB_TYPE_BOOL,
	DDB_TYPE_NULL,
	DDB_TYPE_SS,
	DDB_TYPE_NS,
	DDB_TYPE_BS,
	DDB_TYPE_L,
	DDB_TYPE_M
} DdbType;

#define DDB_TYPE_COUNT (DDB_TYPE_M + 1)

typedef struct DdbValue DdbValue;

typedef struct DdbAttribute
{
	DdbText		name;
	DdbValue   *value;
} DdbAttribute;

struct DdbValue
{
	DdbType		type;
	bool		boolean;		/* BOOL */
	DdbText		text;			/* S: stored form.  N: canonical.  B: raw bytes */
	int			count;			/* SS NS BS L M: number of members */
	DdbText    *elements;		/* SS NS BS: as text above; in order, SS and BS
								 * by bytes, NS by value; no duplicates */
	DdbValue  **values;			/* L */
	DdbAttribute *attributes;	/* M: no duplicate names, any order */
};

/* Names of attributes. */
typedef struct DdbNameList
{
	int			count;
	DdbText    *names;
} DdbNameList;

extern bool ddb_name_list_contains(const DdbNameList *list, DdbText name);

/* ------------------------------------------------------------- types */

/* "S", "N", ... */
extern const char *ddb_type_tag(DdbType type);

/*
 * Finds the type of a tag; returns false if the text is not a tag.  Every value
 * that is read needs this, so it does not search a table.
 */
static inline bool
ddb_type_from_tag(DdbText tag, DdbType *type)
{
	char		first = tag.len > 0 ? tag.data[0] : '\0';

	if (tag.len == 1)
	{
		*type = first == 'S' ? DDB_TYPE_S :
			first == 'N' ? DDB_TYPE_N :
			first == 'B' ? DDB_TYPE_B :
			first == 'M' ? DDB_TYPE_M : DDB_TYPE_L;
		return *type != DDB_TYPE_L || first == 'L';
	}
	if (tag.len == 2)
	{
		*type = first == 'S' ? DDB_TYPE_SS :
			first == 'N' ? DDB_TYPE_NS : DDB_TYPE_BS;
		return tag.data[1] == 'S' && (*type != DDB_TYPE_BS || first == 'B');
	}
	*type = first == 'B' ? DDB_TYPE_BOOL : DDB_TYPE_NULL;
	return tag.len == 4 &&
		memcmp(tag.data, *type == DDB_TYPE_BOOL ? "BOOL" : "NULL", 4) == 0;
}

static inline bool
ddb_type_is_set(DdbType type)
{
	return type == DDB_TYPE_SS || type == DDB_TYPE_NS || type == DDB_TYPE_BS;
}

/* The type of a set's elements. */
extern DdbType ddb_type_of_element(DdbType set_type);

/* S, N and B: the types that have an order and can be keys. */
static inline bool
ddb_type_is_scalar_key(DdbType type)
{
	return type == DDB_TYPE_S || type == DDB_TYPE_N || type == DDB_TYPE_B;
}

/* ------------------------------------------------------ construction */

extern DdbValue *ddb_value_make_text(DdbType type, DdbText text);	/* S N B */
extern DdbValue *ddb_value_make_bool(bool boolean);
extern DdbValue *ddb_value_make_null(void);
extern DdbValue *ddb_value_make_map(int count, DdbAttribute *attributes);
extern DdbValue *ddb_value_make_list(int count, DdbValue **values);
extern DdbValue *ddb_value_make_set(DdbType type, int count, DdbText *elements);

/* The value of a map's member, or NULL. */
extern DdbValue *ddb_value_get(const DdbValue *map, DdbText name);

/* ---------------------------------------------------- from the wire */

/*
 * The rule that a value has broken.  It determines the prefix of the message (see
 * model/validation.h).
 */
typedef enum DdbValueErrorClass
{
	DDB_VALUE_ERROR_NUMBER,
	DDB_VALUE_ERROR_NULL,		/* a NULL that is not true */
	DDB_VALUE_ERROR_EMPTY_SET,	/* of strings or binaries */
	DDB_VALUE_ERROR_EMPTY_NUMBER_SET,
	DDB_VALUE_ERROR_DUPLICATES, /* in a set */
	DDB_VALUE_ERROR_TAGS,		/* no type tag, or more than one */
	DDB_VALUE_ERROR_NESTING,
	DDB_VALUE_ERROR_NAME,		/* an attribute without a name */
	DDB_VALUE_ERROR_TEXT		/* stored form that is ill-formed (SQL only) */
} DdbValueErrorClass;

typedef struct DdbValueError
{
	DdbValueErrorClass class;
	const char *message;		/* the service's text, without prefixes */
} DdbValueError;

/*
 * Make a value from an AttributeValue, or from a map of names to AttributeValues (an
 * Item, a Key).  The request must have passed the model's checks of types, so that B
 * is base64, L an array, and so on.  On a semantic error they return NULL and fill
 * *error.  Rules are checked in the service's order.
 */
extern DdbValue *ddb_value_from_json(const DdbJson *json, DdbValueError *error);
extern DdbValue *ddb_item_from_json(const DdbJson *json, DdbValueError *error);

/* {"S":"..."}, and {"name":{"S":"..."},...} */
extern void ddb_value_write(DdbJsonWriter *writer, const DdbValue *value);
extern void ddb_item_write(DdbJsonWriter *writer, const DdbValue *item);

/* --------------------------------------------------- from and to jsonb */

/*
 * jsonb holds an item exactly as the wire does.  SQL can write any jsonb into a row,
 * so nothing is trusted.  If the jsonb is not a well-formed item, these functions
 * return NULL (or false) and raise no error.
 */
extern Jsonb *ddb_item_to_jsonb(const DdbValue *item);
extern DdbValue *ddb_item_from_jsonb(const Jsonb *jsonb);

/*
 * Gets one attribute of a stored item.  Returns false if it is malformed.  Sets *value
 * to NULL if the item does not have it.
 */
extern bool ddb_jsonb_attribute(const Jsonb *jsonb, DdbText name,
								DdbValue **value);

/* Returns the item size in the service's count; -1 if it is malformed. */
extern int64 ddb_jsonb_item_size(const Jsonb *jsonb);

/* Writes a stored item.  Returns false if it is malformed. */
extern bool ddb_jsonb_write_item(DdbJsonWriter *writer, const Jsonb *jsonb);

/*
 * The same for the named attributes only; a NULL list names all.  Also returns the
 * size of the item.
 */
extern int64 ddb_jsonb_projected_size(const Jsonb *jsonb,
									  const DdbNameList *names);
extern bool ddb_jsonb_write_projected(DdbJsonWriter *writer, const Jsonb *jsonb,
									  const DdbNameList *names, int64 *size);

/* Converts a request in jsonb to the tree that parsing its text would give. */
extern DdbJson *ddb_json_from_jsonb(const Jsonb *jsonb);

/* --------------------------------------------------------- comparison */

/* Deep equality.  Numbers are compared by value, sets without order. */
extern bool ddb_value_equal(const DdbValue *left, const DdbValue *right);

/* Order of two values of the same type S, N or B. */
extern int	ddb_value_compare(const DdbValue *left, const DdbValue *right);

/* Returns whether element is a member of the set. */
extern bool ddb_value_set_contains(const DdbValue *set, const DdbValue *element);

/*
 * Return the union and the difference of two sets of one type.  The difference is
 * NULL if it is empty, because there are no empty sets.
 */
extern DdbValue *ddb_value_unite_sets(const DdbValue *left, const DdbValue *right);
extern DdbValue *ddb_value_subtract_sets(const DdbValue *left,
										 const DdbValue *right);

/* Prints a string, number or binary for messages: "{N:1}", binary in base64. */
extern char *ddb_value_print(const DdbValue *value);

/* ---------------------------------------------------------- measuring */

/* Returns the size in bytes, as the service counts it. */
extern int64 ddb_value_size(const DdbValue *value);
extern int64 ddb_item_size(const DdbValue *item);

/* The same for the text of a string, number or binary. */
extern int64 ddb_scalar_size(DdbType type, DdbText text);

/* Levels of nesting: 1 for a scalar. */
extern int	ddb_value_depth(const DdbValue *value);

/* -------------------------------------------------------------- paths */

typedef struct DdbPathElement
{
	DdbText		name;			/* data NULL: an index */
	uint32		index;
} DdbPathElement;

/* A document path; its first element is always a name. */
typedef struct DdbPath
{
	int			count;
	DdbPathElement *elements;
} DdbPath;

extern bool ddb_path_equal(const DdbPath *left, const DdbPath *right);

/*
 * Compares DdbPath * for qsort().  A path comes directly before the paths that it is
 * a prefix of, and names come before indexes.
 */
extern int	ddb_path_compare(const void *left, const void *right);

/* Prints a path for messages: "[a, b, [0]]". */
extern const char *ddb_path_print(const DdbPath *path);

/* An attribute of a stored row that has been converted to a tree. */
typedef struct DdbBuilt DdbBuilt;

/*
 * An item that is searched: a tree or a stored row.  Attributes of a stored row are
 * converted when they are needed, large ones only once.  A malformed attribute sets
 * malformed and counts as absent.
 */
typedef struct DdbDocument
{
	const DdbValue *item;		/* the tree; or */
	const Jsonb *jsonb;			/* the stored row; both NULL: no item */
	const DdbNameList *visible; /* other attributes count as absent; NULL:
								 * all are visible */
	const DdbLookup *names;		/* positions in the tree, if it has any texts */
	DdbBuilt   *built;			/* large attributes converted before */
	bool		malformed;
} DdbDocument;

/* Returns a top-level attribute, or NULL. */
extern DdbValue *ddb_document_get(DdbDocument *document, DdbText name);

/*
 * Returns whether the item has a well-formed top-level attribute of this type, which
 * is S, N or B.  Its text is as in DdbValue, but may lack the NUL after it.  A value
 * of another type is not converted.
 */
extern bool ddb_document_scalar(const DdbDocument *document, DdbText name,
								DdbType type, DdbText *text);

/* Returns the value at a path, or NULL. */
extern DdbValue *ddb_document_resolve(DdbDocument *document, const DdbPath *path);

/*
 * Returns an item that contains only what the paths select.  Paths must neither
 * overlap nor conflict.  Parents are rebuilt, and list elements are packed in
 * ascending order.  If no path matches, returns an empty map.
 */
extern DdbValue *ddb_document_project(DdbDocument *document,
									  const DdbPath *paths, int count);

#endif							/* DDB_VALUE_VALUE_H */
