/*
 * value_jsonb.c
 *	  Attribute values from and to jsonb.
 *
 * jsonb holds an item as the wire has it, binary in base64 included.  A row
 * that is merely returned is never made into a tree: walk_attributes() goes
 * over the jsonb itself, checks, measures and copies in one pass.  What
 * expressions look at becomes a tree.  Both rest on the same few readers of
 * an entry (a child of a jsonb array or object), which hold the rules of what
 * is well-formed; nothing else in a stored row is believed.
 *
 * jsonb has its own functions to step through a container; they allocate for
 * each one and fetch each child's offset anew.  Here a cursor keeps the
 * offset.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "value/base64.h"
#include "value/value.h"
#include "value/value_int.h"

/* Among so many names it is quicker to look at one after the other. */
#define MANY_NAMES 32

/* A child of a container. */
typedef struct Entry
{
	JEntry		kind;			/* to be asked with the JBE_ macros */
	const char *data;			/* aligned where the kind needs it */
	int			len;
} Entry;

/* Steps through the children of a container; an object's names come first. */
typedef struct Cursor
{
	const JEntry *next;
	const char *base;
	uint32		offset;			/* of the next one's data */
} Cursor;

/* Steps through the members of an object. */
typedef struct Members
{
	Cursor		names;
	Cursor		values;
	int			left;
} Members;

/* A pass over an item. */
typedef struct Walk
{
	DdbJsonWriter *writer;		/* where to copy it, or NULL */
	const DdbNameList *names;	/* the attributes to pass; NULL: all */
	int64		size;			/* of what has been passed */
} Walk;

static JsonbValue *push_attributes(JsonbParseState **state,
								   const DdbValue *map);
static void push_value(JsonbParseState **state, const DdbValue *value);
static void push_set(JsonbParseState **state, const DdbValue *set);
static void push_list(JsonbParseState **state, const DdbValue *list);
static void push_text(JsonbParseState **state, JsonbIteratorToken token,
					  DdbType type, DdbText text);
static void push_bool(JsonbParseState **state, bool boolean);
static void push_string(JsonbParseState **state, JsonbIteratorToken token,
						DdbText text);

static bool walk_attributes(Walk *walk, const Entry *map, int level,
							int member_size);
static bool walk_value(Walk *walk, const Entry *entry, int level);
static bool walk_payload(Walk *walk, DdbType type, const Entry *payload,
						 int level);
static bool walk_scalar(Walk *walk, DdbType type, const Entry *payload);
static bool walk_bool(Walk *walk, DdbType type, const Entry *payload);
static bool walk_set(Walk *walk, DdbType type, const Entry *payload);
static bool walk_list(Walk *walk, const Entry *payload, int level);
static void pass_text(Walk *walk, DdbType type, DdbText text);

static DdbValue *build_attributes(const Entry *map, int level);
static DdbValue *build_value(const Entry *entry, int level);
static DdbValue *build_scalar(DdbType type, const Entry *payload);
static DdbValue *build_bool(DdbType type, const Entry *payload);
static DdbValue *build_set(DdbType type, const Entry *payload);
static DdbValue *build_list(const Entry *payload, int level);
static DdbText keep_text(DdbType type, DdbText text);

static bool read_tag(const Entry *entry, int level, DdbType *type,
					 Entry *payload);
static bool read_text(const Entry *entry, DdbType type, DdbText *text);
static DdbText *read_set(const Entry *entry, DdbType type, int *count);
static bool read_bool(const Entry *entry, DdbType type, bool *boolean);
static bool is_object(const Entry *entry);
static bool is_array(const Entry *entry);

static Entry container_entry(const JsonbContainer *container);
static const JsonbContainer *container_of(const Entry *entry);
static int	count_of(const Entry *entry);
static Cursor first_child(const JsonbContainer *container);
static Cursor cursor_at(const JsonbContainer *container, int index);
static Entry child_at(const JsonbContainer *container, int index);
static inline Entry next_child(Cursor *cursor);
static Members first_member(const Entry *object);
static bool next_member(Members *members, DdbText *name, Entry *value);
static bool find_member(const Entry *object, DdbText name, Entry *value);
static int	find_name(const JsonbContainer *container, DdbText name,
					  uint32 *start);
static inline int compare_names(DdbText left, DdbText right);

static DdbJson *tree_from_entry(const Entry *entry, int depth);
static DdbJson *tree_from_array(const Entry *entry, int depth);
static DdbJson *tree_from_object(const Entry *entry, int depth);
static DdbJson *tree_from_number(const Entry *entry);
static DdbJsonType scalar_json_type(const Entry *entry);

Jsonb *
ddb_item_to_jsonb(const DdbValue *item)
{
	JsonbParseState *state = NULL;

	return JsonbValueToJsonb(push_attributes(&state, item));
}

DdbValue *
ddb_item_from_jsonb(const Jsonb *jsonb)
{
	Entry		root = container_entry(&jsonb->root);

	return is_object(&root) ? build_attributes(&root, 1) : NULL;
}

bool
ddb_jsonb_attribute(const Jsonb *jsonb, DdbText name, DdbValue **value)
{
	Entry		root = container_entry(&jsonb->root);
	Entry		entry;

	*value = NULL;
	if (!is_object(&root))
		return false;
	if (!find_member(&root, name, &entry))
		return true;
	*value = build_value(&entry, 1);
	return *value != NULL;
}

bool
ddb_jsonb_scalar(const Jsonb *jsonb, DdbText name, DdbType type, DdbText *text)
{
	Entry		root = container_entry(&jsonb->root);
	Entry		entry;
	Entry		payload;
	DdbType		actual;

	if (!is_object(&root) || !find_member(&root, name, &entry) ||
		!read_tag(&entry, 1, &actual, &payload) || actual != type ||
		!read_text(&payload, type, text))
		return false;
	if (type == DDB_TYPE_B)
		*text = ddb_base64_decode(*text);
	return true;
}

int64
ddb_jsonb_item_size(const Jsonb *jsonb)
{
	return ddb_jsonb_projected_size(jsonb, NULL);
}

int64
ddb_jsonb_projected_size(const Jsonb *jsonb, const DdbNameList *names)
{
	Walk		walk = {.names = names};
	Entry		root = container_entry(&jsonb->root);

	if (!is_object(&root) || !walk_attributes(&walk, &root, 1, 0))
		return -1;
	return walk.size;
}

bool
ddb_jsonb_write_item(DdbJsonWriter *writer, const Jsonb *jsonb)
{
	return ddb_jsonb_write_projected(writer, jsonb, NULL);
}

bool
ddb_jsonb_write_projected(DdbJsonWriter *writer, const Jsonb *jsonb,
						  const DdbNameList *names)
{
	Walk		walk = {.writer = writer, .names = names};
	Entry		root = container_entry(&jsonb->root);
	DdbJsonMark mark = ddb_json_writer_mark(writer);

	if (is_object(&root) && walk_attributes(&walk, &root, 1, 0))
		return true;
	ddb_json_writer_reset(writer, mark);
	return false;
}

/*
 * NULL when it is nested too deeply, which is what parsing its text would
 * give as well.
 */
DdbJson *
ddb_json_from_jsonb(const Jsonb *jsonb)
{
	Entry		root = container_entry(&jsonb->root);

	/* jsonb wraps a scalar into an array. */
	if (JB_ROOT_IS_SCALAR(jsonb))
	{
		Cursor		cursor = first_child(&jsonb->root);

		root = next_child(&cursor);
	}
	return tree_from_entry(&root, 0);
}

/* ------------------------------------------------------ tree to jsonb */

static JsonbValue *
push_attributes(JsonbParseState **state, const DdbValue *map)
{
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < map->count; i++)
	{
		push_string(state, WJB_KEY, map->attributes[i].name);
		push_value(state, map->attributes[i].value);
	}
	return pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

/*
 * {"tag": payload}, as a member's value or as an element: a container needs
 * no token to tell which.
 */
static void
push_value(JsonbParseState **state, const DdbValue *value)
{
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_string(state, WJB_KEY,
				ddb_text_from_cstring(ddb_type_tag(value->type)));
	switch (value->type)
	{
		case DDB_TYPE_S:
		case DDB_TYPE_N:
		case DDB_TYPE_B:
			push_text(state, WJB_VALUE, value->type, value->text);
			break;
		case DDB_TYPE_BOOL:
			push_bool(state, value->boolean);
			break;
		case DDB_TYPE_NULL:
			push_bool(state, true);
			break;
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
			push_set(state, value);
			break;
		case DDB_TYPE_L:
			push_list(state, value);
			break;
		case DDB_TYPE_M:
			push_attributes(state, value);
			break;
	}
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

static void
push_set(JsonbParseState **state, const DdbValue *set)
{
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < set->count; i++)
		push_text(state, WJB_ELEM, ddb_type_of_element(set->type),
				  set->elements[i]);
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

static void
push_list(JsonbParseState **state, const DdbValue *list)
{
	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (int i = 0; i < list->count; i++)
		push_value(state, list->values[i]);
	pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

static void
push_text(JsonbParseState **state, JsonbIteratorToken token, DdbType type,
		  DdbText text)
{
	push_string(state, token,
				type == DDB_TYPE_B ? ddb_base64_encode(text) : text);
}

static void
push_bool(JsonbParseState **state, bool boolean)
{
	JsonbValue	value = {.type = jbvBool};

	value.val.boolean = boolean;
	pushJsonbValue(state, WJB_VALUE, &value);
}

static void
push_string(JsonbParseState **state, JsonbIteratorToken token, DdbText text)
{
	JsonbValue	value = {.type = jbvString};

	value.val.string.val = unconstify(char *, text.data);
	value.val.string.len = text.len;
	pushJsonbValue(state, token, &value);
}

/* --------------------------------------- over the jsonb without a tree */

/*
 * The attributes of the item or of a map.  Levels are counted down to
 * DDB_VALUE_MAX_LEVEL by read_tag(), which bounds the recursion.
 */
static bool
walk_attributes(Walk *walk, const Entry *map, int level, int member_size)
{
	Members		members = first_member(map);
	DdbText		name;
	int			decoded_length;
	Entry		value;

	if (walk->writer != NULL)
		ddb_json_begin_object(walk->writer);
	while (next_member(&members, &name, &value))
	{
		if (level == 1 && walk->names != NULL &&
			!ddb_name_list_contains(walk->names, name))
			continue;
		if (!ddb_text_measure(name, &decoded_length))
			return false;
		walk->size += decoded_length + member_size;
		if (walk->writer != NULL)
			ddb_json_name_text(walk->writer, name);
		if (!walk_value(walk, &value, level))
			return false;
	}
	if (walk->writer != NULL)
		ddb_json_end_object(walk->writer);
	return true;
}

static bool
walk_value(Walk *walk, const Entry *entry, int level)
{
	DdbType		type;
	Entry		payload;

	if (!read_tag(entry, level, &type, &payload))
		return false;
	if (walk->writer != NULL)
		ddb_value_begin_write(walk->writer, type);
	if (!walk_payload(walk, type, &payload, level))
		return false;
	if (walk->writer != NULL)
		ddb_json_end_object(walk->writer);
	return true;
}

static bool
walk_payload(Walk *walk, DdbType type, const Entry *payload, int level)
{
	switch (type)
	{
		case DDB_TYPE_S:
		case DDB_TYPE_N:
		case DDB_TYPE_B:
			return walk_scalar(walk, type, payload);
		case DDB_TYPE_BOOL:
		case DDB_TYPE_NULL:
			return walk_bool(walk, type, payload);
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
			return walk_set(walk, type, payload);
		case DDB_TYPE_L:
			return walk_list(walk, payload, level + 1);
		case DDB_TYPE_M:
			walk->size += DDB_VALUE_CONTAINER_SIZE;
			return is_object(payload) &&
				walk_attributes(walk, payload, level + 1, DDB_VALUE_MEMBER_SIZE);
	}
	return false;
}

static bool
walk_scalar(Walk *walk, DdbType type, const Entry *payload)
{
	DdbText		text;

	if (!read_text(payload, type, &text))
		return false;
	pass_text(walk, type, text);
	return true;
}

static bool
walk_bool(Walk *walk, DdbType type, const Entry *payload)
{
	bool		boolean;

	if (!read_bool(payload, type, &boolean))
		return false;
	walk->size += 1;
	if (walk->writer != NULL)
		ddb_json_bool(walk->writer, boolean);
	return true;
}

static bool
walk_set(Walk *walk, DdbType type, const Entry *payload)
{
	int			count;
	DdbText    *elements = read_set(payload, type, &count);

	if (elements == NULL)
		return false;
	if (walk->writer != NULL)
		ddb_json_begin_array(walk->writer);
	for (int i = 0; i < count; i++)
		pass_text(walk, ddb_type_of_element(type), elements[i]);
	if (walk->writer != NULL)
		ddb_json_end_array(walk->writer);
	pfree(elements);
	return true;
}

static bool
walk_list(Walk *walk, const Entry *payload, int level)
{
	Cursor		cursor;
	int			count;

	if (!is_array(payload))
		return false;
	cursor = first_child(container_of(payload));
	count = count_of(payload);

	walk->size += DDB_VALUE_CONTAINER_SIZE + (int64) DDB_VALUE_MEMBER_SIZE * count;
	if (walk->writer != NULL)
		ddb_json_begin_array(walk->writer);
	for (int i = 0; i < count; i++)
	{
		Entry		element = next_child(&cursor);

		if (!walk_value(walk, &element, level))
			return false;
	}
	if (walk->writer != NULL)
		ddb_json_end_array(walk->writer);
	return true;
}

/* What S, N and B hold, alone or in a set; binary is still in base64. */
static void
pass_text(Walk *walk, DdbType type, DdbText text)
{
	if (type == DDB_TYPE_S)
		walk->size += ddb_text_decoded_length(text);
	else if (type == DDB_TYPE_N)
		walk->size += ddb_number_size(text);
	else
		walk->size += ddb_base64_decoded_length(text);
	if (walk->writer != NULL)
		ddb_json_text(walk->writer, text);
}

/* ------------------------------------------------------ jsonb to tree */

static DdbValue *
build_attributes(const Entry *map, int level)
{
	DdbAttribute *attributes = palloc(sizeof(DdbAttribute) *
									  Max(count_of(map), 1));
	Members		members = first_member(map);
	DdbText		name;
	Entry		entry;
	int			count = 0;

	while (next_member(&members, &name, &entry))
	{
		DdbValue   *value;

		if (!ddb_text_is_well_formed(name))
			return NULL;
		value = build_value(&entry, level);
		if (value == NULL)
			return NULL;
		attributes[count].name = ddb_text_copy(name);
		attributes[count].value = value;
		count++;
	}
	return ddb_value_make_map(count, attributes);
}

static DdbValue *
build_value(const Entry *entry, int level)
{
	DdbType		type;
	Entry		payload;

	if (!read_tag(entry, level, &type, &payload))
		return NULL;
	switch (type)
	{
		case DDB_TYPE_S:
		case DDB_TYPE_N:
		case DDB_TYPE_B:
			return build_scalar(type, &payload);
		case DDB_TYPE_BOOL:
		case DDB_TYPE_NULL:
			return build_bool(type, &payload);
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
			return build_set(type, &payload);
		case DDB_TYPE_L:
			return build_list(&payload, level + 1);
		case DDB_TYPE_M:
			return is_object(&payload) ?
				build_attributes(&payload, level + 1) : NULL;
	}
	return NULL;
}

static DdbValue *
build_scalar(DdbType type, const Entry *payload)
{
	DdbText		text;

	if (!read_text(payload, type, &text))
		return NULL;
	return ddb_value_make_text(type, keep_text(type, text));
}

static DdbValue *
build_bool(DdbType type, const Entry *payload)
{
	bool		boolean;

	if (!read_bool(payload, type, &boolean))
		return NULL;
	return type == DDB_TYPE_NULL ? ddb_value_make_null() :
		ddb_value_make_bool(boolean);
}

static DdbValue *
build_set(DdbType type, const Entry *payload)
{
	int			count;
	DdbText    *elements = read_set(payload, type, &count);

	if (elements == NULL)
		return NULL;
	for (int i = 0; i < count; i++)
		elements[i] = keep_text(ddb_type_of_element(type), elements[i]);
	return ddb_value_make_set(type, count, elements);
}

static DdbValue *
build_list(const Entry *payload, int level)
{
	DdbValue  **values;
	Cursor		cursor;
	int			count;

	if (!is_array(payload))
		return NULL;
	cursor = first_child(container_of(payload));
	count = count_of(payload);

	values = palloc(sizeof(DdbValue *) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		Entry		element = next_child(&cursor);

		values[i] = build_value(&element, level);
		if (values[i] == NULL)
			return NULL;
	}
	return ddb_value_make_list(count, values);
}

/* A tree outlives the row, and its texts end in NUL. */
static DdbText
keep_text(DdbType type, DdbText text)
{
	return type == DDB_TYPE_B ? ddb_base64_decode(text) : ddb_text_copy(text);
}

/* --------------------------------------------- what is well-formed */

/* {"tag": payload}, with no other member: there is a name, and then its value. */
static bool
read_tag(const Entry *entry, int level, DdbType *type, Entry *payload)
{
	Cursor		cursor;
	Entry		tag;

	if (level > DDB_VALUE_MAX_LEVEL || !is_object(entry) ||
		count_of(entry) != 1)
		return false;

	cursor = first_child(container_of(entry));
	tag = next_child(&cursor);
	*payload = next_child(&cursor);
	return ddb_type_from_tag((DdbText) {.data = tag.data, .len = tag.len}, type);
}

/* S, N or B; the text is not copied, and base64 stays what it is. */
static bool
read_text(const Entry *entry, DdbType type, DdbText *text)
{
	if (!JBE_ISSTRING(entry->kind))
		return false;
	*text = (DdbText) {.data = entry->data, .len = entry->len};
	if (type == DDB_TYPE_S)
		return ddb_text_is_well_formed(*text);
	if (type == DDB_TYPE_N)
		return ddb_number_is_canonical(*text);
	return ddb_base64_check(*text) == DDB_BASE64_OK;
}

/*
 * The elements of a set, not copied, or NULL.  Canonical base64 and canonical
 * numbers are equal where what they stand for is.
 */
static DdbText *
read_set(const Entry *entry, DdbType type, int *count)
{
	DdbText    *elements;
	Cursor		cursor;

	if (!is_array(entry) || count_of(entry) == 0)
		return NULL;

	*count = count_of(entry);
	elements = palloc(sizeof(DdbText) * *count);
	cursor = first_child(container_of(entry));
	for (int i = 0; i < *count; i++)
	{
		Entry		element = next_child(&cursor);

		if (!read_text(&element, ddb_type_of_element(type), &elements[i]))
			return NULL;
	}
	return ddb_value_has_duplicates(elements, *count) ? NULL : elements;
}

/* BOOL, or NULL, which is always true. */
static bool
read_bool(const Entry *entry, DdbType type, bool *boolean)
{
	*boolean = JBE_ISBOOL_TRUE(entry->kind);
	return *boolean || (type == DDB_TYPE_BOOL && JBE_ISBOOL_FALSE(entry->kind));
}

static bool
is_object(const Entry *entry)
{
	return JBE_ISCONTAINER(entry->kind) &&
		JsonContainerIsObject(container_of(entry));
}

static bool
is_array(const Entry *entry)
{
	return JBE_ISCONTAINER(entry->kind) &&
		JsonContainerIsArray(container_of(entry));
}

/* --------------------------------------------- stepping through jsonb */

static Entry
container_entry(const JsonbContainer *container)
{
	return (Entry) {
		.kind = JENTRY_ISCONTAINER,
		.data = (const char *) container
	};
}

static const JsonbContainer *
container_of(const Entry *entry)
{
	return (const JsonbContainer *) entry->data;
}

static int
count_of(const Entry *entry)
{
	return (int) JsonContainerSize(container_of(entry));
}

static Cursor
first_child(const JsonbContainer *container)
{
	uint32		children = JsonContainerSize(container) *
		(JsonContainerIsObject(container) ? 2 : 1);

	return (Cursor) {
		.next = container->children,
		.base = (const char *) &container->children[children],
		.offset = 0
	};
}

static Cursor
cursor_at(const JsonbContainer *container, int index)
{
	Cursor		cursor = first_child(container);

	cursor.next += index;
	cursor.offset = getJsonbOffset(container, index);
	return cursor;
}

static Entry
child_at(const JsonbContainer *container, int index)
{
	Cursor		cursor = cursor_at(container, index);

	return next_child(&cursor);
}

static inline Entry
next_child(Cursor *cursor)
{
	Entry		entry = {.kind = *cursor->next++};
	uint32		start = cursor->offset;

	JBE_ADVANCE_OFFSET(cursor->offset, entry.kind);
	if (JBE_ISCONTAINER(entry.kind) || JBE_ISNUMERIC(entry.kind))
		start = INTALIGN(start);
	entry.data = cursor->base + start;
	entry.len = (int) (cursor->offset - start);
	return entry;
}

static Members
first_member(const Entry *object)
{
	const JsonbContainer *container = container_of(object);
	Members		members = {
		.names = first_child(container),
		.left = count_of(object)
	};

	members.values = cursor_at(container, members.left);
	return members;
}

static bool
next_member(Members *members, DdbText *name, Entry *value)
{
	Entry		entry;

	if (members->left == 0)
		return false;
	members->left--;

	entry = next_child(&members->names);
	*name = (DdbText) {.data = entry.data, .len = entry.len};
	*value = next_child(&members->values);
	return true;
}

static bool
find_member(const Entry *object, DdbText name, Entry *value)
{
	const JsonbContainer *container = container_of(object);
	int			count = count_of(object);
	Cursor		cursor = first_child(container);
	int			place = find_name(container, name, &cursor.offset);

	if (place < 0)
		return false;
	if (count > MANY_NAMES)
		*value = child_at(container, place + count);
	else
	{
		/* A value is as far behind its name as there are names. */
		for (cursor.next += place; count > 0; count--)
			JBE_ADVANCE_OFFSET(cursor.offset, *cursor.next++);
		*value = next_child(&cursor);
	}
	return true;
}

/*
 * The place of a name and where its data begins, or -1.  Names are sorted, the
 * shorter ones first, so the lengths are all that has to be looked at of most
 * of them.  jsonb's own search has to add up the lengths of its neighbours for
 * every name it compares; we do that only as long as there are many names left.
 */
static int
find_name(const JsonbContainer *container, DdbText name, uint32 *start)
{
	const char *base = first_child(container).base;
	int			low = 0;
	int			high = (int) JsonContainerSize(container);

	while (high - low > MANY_NAMES)
	{
		int			middle = (low + high) / 2;
		Entry		entry = child_at(container, middle);

		if (compare_names((DdbText) {entry.data, entry.len}, name) < 0)
			low = middle + 1;
		else
			high = middle + 1;
	}

	*start = getJsonbOffset(container, low);
	for (; low < high; low++)
	{
		uint32		end = *start;
		int			order;

		JBE_ADVANCE_OFFSET(end, container->children[low]);
		order = compare_names((DdbText) {base + *start, (int) (end - *start)}, name);
		if (order >= 0)
			return order == 0 ? low : -1;
		*start = end;
	}
	return -1;
}

/* In the order that jsonb has. */
static inline int
compare_names(DdbText left, DdbText right)
{
	if (left.len != right.len)
		return left.len - right.len;
	if (left.len > 0 && left.data[0] != right.data[0])
		return (unsigned char) left.data[0] - (unsigned char) right.data[0];
	return memcmp(left.data, right.data, left.len);
}

/* ------------------------------------------- a request given as jsonb */

/* depth: how many arrays and objects this one is in. */
static DdbJson *
tree_from_entry(const Entry *entry, int depth)
{
	DdbJson    *json;

	if (is_array(entry) || is_object(entry))
	{
		if (depth >= DDB_JSON_MAX_DEPTH)
			return NULL;
		check_stack_depth();
		return is_array(entry) ? tree_from_array(entry, depth) :
			tree_from_object(entry, depth);
	}
	if (JBE_ISNUMERIC(entry->kind))
		return tree_from_number(entry);

	json = ddb_json_make(scalar_json_type(entry));
	if (json->type == DDB_JSON_STRING)
		json->text = ddb_text_copy((DdbText) {.data = entry->data, .len = entry->len});
	return json;
}

static DdbJson *
tree_from_array(const Entry *entry, int depth)
{
	DdbJson    *array = ddb_json_make(DDB_JSON_ARRAY);
	Cursor		cursor = first_child(container_of(entry));
	int			count = count_of(entry);

	for (int i = 0; i < count; i++)
	{
		Entry		element = next_child(&cursor);
		DdbJson    *child;

		if (JBE_ISNULL(element.kind))
			continue;
		child = tree_from_entry(&element, depth + 1);
		if (child == NULL)
			return NULL;
		if (child->type != DDB_JSON_NULL)
			ddb_json_append(array, (DdbText) {.data = NULL}, child);
	}
	return array;
}

static DdbJson *
tree_from_object(const Entry *entry, int depth)
{
	DdbJson    *object = ddb_json_make(DDB_JSON_OBJECT);
	Members		members = first_member(entry);
	DdbText		name;
	Entry		value;

	while (next_member(&members, &name, &value))
	{
		DdbJson    *child;

		if (JBE_ISNULL(value.kind))
			continue;
		child = tree_from_entry(&value, depth + 1);
		if (child == NULL)
			return NULL;
		if (child->type != DDB_JSON_NULL)
			ddb_json_append(object, ddb_text_copy(name), child);
	}
	return object;
}

static DdbJson *
tree_from_number(const Entry *entry)
{
	DdbJson    *json = ddb_json_make(DDB_JSON_NUMBER);
	Datum		number = PointerGetDatum(entry->data);

	json->text = ddb_text_from_cstring(DatumGetCString(DirectFunctionCall1(numeric_out,
																			number)));
	return json;
}

static DdbJsonType
scalar_json_type(const Entry *entry)
{
	if (JBE_ISSTRING(entry->kind))
		return DDB_JSON_STRING;
	if (JBE_ISBOOL_TRUE(entry->kind))
		return DDB_JSON_TRUE;
	return JBE_ISBOOL_FALSE(entry->kind) ? DDB_JSON_FALSE : DDB_JSON_NULL;
}
