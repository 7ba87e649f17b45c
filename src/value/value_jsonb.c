/*
 * value_jsonb.c
 *	  Attribute values from and to jsonb.
 *
 * jsonb holds an item as the wire does, with binary in base64.  A row that is only
 * returned is not converted to a tree: walk_attributes() checks, measures and copies
 * the jsonb in one pass.  What expressions need is converted.  Both use the same few
 * readers of an entry (a child of a jsonb array or object).  These know what is
 * well-formed; nothing else about a stored row is trusted.
 */
#include "postgres.h"

#include "value/base64.h"
#include "value/json_plain_int.h"
#include "value/jsonb_entry_int.h"
#include "value/value.h"
#include "value/value_int.h"

/* Up to this number of names, a linear search is quicker. */
#define MANY_NAMES 32

/* Values of a tree allocated together. */
#define VALUES_PER_CHUNK 16

/*
 * A pass over an item, which is copied unless "to" is NULL.  As long as nothing
 * has to be escaped, every piece of jsonb is longer than the JSON for it: an
 * attribute has five words around its texts, an element of a set has one.  So
 * "room", the length of the jsonb, is enough for whatever is still to come.
 */
typedef struct Walk
{
	DdbJsonWriter *writer;
	char	   *to;				/* position of the next byte */
	int			room;
	const DdbNameList *names;	/* the attributes to pass; NULL: all */
	int64		size;			/* of what has been passed */
} Walk;

static bool walk_attributes(Walk *walk, const Entry *map, int level);
static bool walk_value(Walk *walk, const Entry *entry, int level);
static bool walk_payload(Walk *walk, DdbType type, const Entry *payload,
						 int level);
static bool walk_bool(Walk *walk, DdbType type, const Entry *payload);
static bool walk_set(Walk *walk, DdbType type, const Entry *payload);
static bool walk_unordered_set(Walk *walk, DdbType type, const Entry *payload);
static void pass_set(Walk *walk, DdbType type, const DdbText *elements,
					 int count);
static bool walk_list(Walk *walk, const Entry *payload, int level);
static bool walk_map(Walk *walk, const Entry *payload, int level);
static bool walk_scalar(Walk *walk, DdbType type, const Entry *payload);
static pg_attribute_always_inline bool pass_string(Walk *walk, DdbText text);
static pg_noinline bool pass_special(Walk *walk, DdbText text);
static void pass_quoted(Walk *walk, DdbText text);
static void pass_escaped(Walk *walk, DdbText text);
static inline void pass_char(Walk *walk, char character);

/*
 * A tree being built, which outlives the row.  Its texts need a byte more than
 * in jsonb, where there is a word for each.
 */
typedef struct Builder
{
	char	   *texts;			/* room for all of them */
	DdbValue   *free_values;
	int			free_count;
} Builder;

static Builder begin_build(int len);
static DdbValue *build_attributes(Builder *builder, const Entry *map, int level);
static DdbValue *build_value(Builder *builder, const Entry *entry, int level);
static DdbValue *build_scalar(Builder *builder, DdbType type,
							  const Entry *payload);
static DdbValue *build_bool(Builder *builder, DdbType type,
							const Entry *payload);
static DdbValue *build_set(Builder *builder, DdbType type,
						   const Entry *payload);
static DdbValue *build_list(Builder *builder, const Entry *payload, int level);
static DdbValue *make_value(Builder *builder, DdbType type, int count);
static DdbText keep_text(Builder *builder, DdbType type, DdbText text);

static inline bool read_entry_tag(const Entry *entry, int level, DdbType *type,
								  Entry *payload);
static bool read_entry_text(const Entry *entry, DdbType type, DdbText *text,
								int *size);
static DdbText *read_entry_set(const Entry *entry, DdbType type, int *count);
static DdbElementOrder stored_order(DdbType type);
static inline bool read_entry_bool(const Entry *entry, DdbType type, bool *boolean);

static Entry child_at(const JsonbContainer *container, int index);
static bool find_member(const Entry *object, DdbText name, Entry *value);
static int	find_name(const JsonbContainer *container, DdbText name,
					  uint32 *start);

DdbValue *
ddb_item_from_jsonb(const Jsonb *jsonb)
{
	Entry		root = container_entry(&jsonb->root);
	Builder		builder = begin_build(VARSIZE(jsonb));

	return is_object(&root) ? build_attributes(&builder, &root, 1) : NULL;
}

bool
ddb_jsonb_attribute(const Jsonb *jsonb, DdbText name, DdbValue **value)
{
	int			ignored;

	return ddb_jsonb_build(jsonb, name, value, &ignored);
}

bool
ddb_jsonb_build(const Jsonb *jsonb, DdbText name, DdbValue **value, int *len)
{
	Entry		root = container_entry(&jsonb->root);
	Entry		entry;
	Builder		builder;

	*value = NULL;
	*len = 0;
	if (!is_object(&root))
		return false;
	if (!find_member(&root, name, &entry))
		return true;
	*len = entry.len;
	builder = begin_build(entry.len);
	*value = build_value(&builder, &entry, 1);
	return *value != NULL;
}

bool
ddb_jsonb_scalar(const Jsonb *jsonb, DdbText name, DdbType type, DdbText *text)
{
	Entry		root = container_entry(&jsonb->root);
	Entry		entry;
	Entry		payload;
	DdbType		actual;
	int			size;

	if (!is_object(&root) || !find_member(&root, name, &entry) ||
		!read_entry_tag(&entry, 1, &actual, &payload) || actual != type ||
		!read_entry_text(&payload, type, text, &size))
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

	if (!is_object(&root) || !walk_attributes(&walk, &root, 1))
		return -1;
	return walk.size;
}

bool
ddb_jsonb_write_item(DdbJsonWriter *writer, const Jsonb *jsonb)
{
	int64		ignored;

	return ddb_jsonb_write_projected(writer, jsonb, NULL, &ignored);
}

bool
ddb_jsonb_write_projected(DdbJsonWriter *writer, const Jsonb *jsonb,
						  const DdbNameList *names, int64 *size)
{
	StringInfo	buf = &writer->buf;
	Entry		root = container_entry(&jsonb->root);
	DdbJsonMark mark = ddb_json_writer_mark(writer);
	Walk		walk = {
		.writer = writer,
		.room = VARSIZE(jsonb) + sizeof(uint64),
		.names = names
	};

	if (!is_object(&root))
		return false;

	enlargeStringInfo(buf, walk.room);
	walk.to = buf->data + buf->len;
	if (writer->separate)
		pass_char(&walk, ',');
	if (!walk_attributes(&walk, &root, 1))
	{
		ddb_json_writer_reset(writer, mark);
		return false;
	}
	buf->len = (int) (walk.to - buf->data);
	*walk.to = '\0';
	Assert(buf->len < buf->maxlen);
	writer->separate = true;
	*size = walk.size;
	return true;
}

/* --------------------------------------- over the jsonb without a tree */

/*
 * The attributes of the item or of a map.  Levels are counted down to
 * DDB_VALUE_MAX_LEVEL by read_entry_tag(), which bounds the recursion.
 */
static bool
walk_attributes(Walk *walk, const Entry *map, int level)
{
	Members		members = first_member(map);
	bool		separate = false;
	DdbText		name;
	Entry		value;

	pass_char(walk, '{');
	while (next_member(&members, &name, &value))
	{
		if (level == 1 && walk->names != NULL &&
			!ddb_name_list_contains(walk->names, name))
			continue;
		if (separate)
			pass_char(walk, ',');
		separate = true;
		if (!pass_string(walk, name))
			return false;
		pass_char(walk, ':');
		if (!walk_value(walk, &value, level))
			return false;
	}
	pass_char(walk, '}');
	return true;
}

static bool
walk_value(Walk *walk, const Entry *entry, int level)
{
	DdbType		type;
	Entry		payload;

	if (!read_entry_tag(entry, level, &type, &payload))
		return false;
	if (walk->to != NULL)
		walk->to = ddb_value_begin(walk->to, type);
	if (!walk_payload(walk, type, &payload, level))
		return false;
	pass_char(walk, '}');
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
			return walk_map(walk, payload, level + 1);
	}
	return false;
}

static bool
walk_bool(Walk *walk, DdbType type, const Entry *payload)
{
	bool		boolean;

	if (!read_entry_bool(payload, type, &boolean))
		return false;
	walk->size += 1;
	if (walk->to != NULL)
	{
		int			len = boolean ? 4 : 5;

		memcpy(walk->to, boolean ? "true" : "false", len);
		walk->to += len;
	}
	return true;
}

/* A set that is in strict order has no duplicates. */
static bool
walk_set(Walk *walk, DdbType type, const Entry *payload)
{
	DdbElementOrder order = stored_order(type);
	int			begin = walk->to != NULL ? walk->to - walk->writer->buf.data : 0;
	int64		size = walk->size;
	DdbText		previous = {.data = NULL};
	Cursor		cursor;

	if (!is_array(payload) || count_of(payload) == 0)
		return false;
	cursor = first_child(container_of(payload));

	pass_char(walk, '[');
	for (int i = 0; i < count_of(payload); i++)
	{
		Entry		element = next_child(&cursor);

		if (i > 0)
			pass_char(walk, ',');
		if (!walk_scalar(walk, ddb_type_of_element(type), &element))
			return false;
		if (i > 0 && order(previous, text_of(&element)) >= 0)
		{
			if (walk->to != NULL)
				walk->to = walk->writer->buf.data + begin;
			walk->size = size;
			return walk_unordered_set(walk, type, payload);
		}
		previous = text_of(&element);
	}
	pass_char(walk, ']');
	return true;
}

/* Plain SQL or an old version wrote this set; it is returned in order. */
static bool
walk_unordered_set(Walk *walk, DdbType type, const Entry *payload)
{
	int			count;
	DdbText    *elements = read_entry_set(payload, type, &count);

	if (elements == NULL)
		return false;
	pass_set(walk, type, elements, count);
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
	pass_char(walk, '[');
	for (int i = 0; i < count; i++)
	{
		Entry		element = next_child(&cursor);

		if (i > 0)
			pass_char(walk, ',');
		if (!walk_value(walk, &element, level))
			return false;
	}
	pass_char(walk, ']');
	return true;
}

static bool
walk_map(Walk *walk, const Entry *payload, int level)
{
	if (!is_object(payload))
		return false;
	walk->size += DDB_VALUE_CONTAINER_SIZE +
		(int64) DDB_VALUE_MEMBER_SIZE * count_of(payload);
	return walk_attributes(walk, payload, level);
}

/* The payload of S, N and B, alone or in a set.  Binary stays in base64. */
static bool
walk_scalar(Walk *walk, DdbType type, const Entry *payload)
{
	DdbText		text;
	int			size;

	if (type == DDB_TYPE_S)
		return JBE_ISSTRING(payload->kind) && pass_string(walk, text_of(payload));
	if (!read_entry_text(payload, type, &text, &size))
		return false;
	walk->size += size;
	if (walk->to != NULL)
		pass_quoted(walk, text);
	return true;
}

/* Elements that are known to be well-formed. */
static void
pass_set(Walk *walk, DdbType type, const DdbText *elements, int count)
{
	pass_char(walk, '[');
	for (int i = 0; i < count; i++)
	{
		Entry		element = {
			.kind = JENTRY_ISSTRING,
			.data = elements[i].data,
			.len = elements[i].len
		};

		if (i > 0)
			pass_char(walk, ',');
		(void) walk_scalar(walk, ddb_type_of_element(type), &element);
	}
	pass_char(walk, ']');
}

/* A string or a name.  Copying it shows whether there is more to look at. */
static pg_attribute_always_inline bool
pass_string(Walk *walk, DdbText text)
{
	char	   *to = walk->to;

	if (to == NULL || !copy_plain(to + 1, text.data, text.len))
		return pass_special(walk, text);
	to[0] = '"';
	to[text.len + 1] = '"';
	walk->to = to + text.len + 2;
	walk->size += text.len;
	return true;
}

static pg_noinline bool
pass_special(Walk *walk, DdbText text)
{
	int			size;

	if (!ddb_text_measure(text, &size))
		return false;
	walk->size += size;
	if (walk->to != NULL)
		pass_escaped(walk, text);
	return true;
}

static void
pass_quoted(Walk *walk, DdbText text)
{
	*walk->to++ = '"';
	memcpy(walk->to, text.data, text.len);
	walk->to += text.len;
	*walk->to++ = '"';
}

/* An escape takes more room than what it stands for. */
static void
pass_escaped(Walk *walk, DdbText text)
{
	StringInfo	buf = &walk->writer->buf;

	buf->len = (int) (walk->to - buf->data);
	walk->writer->separate = false;
	ddb_json_text(walk->writer, text);
	enlargeStringInfo(buf, walk->room);
	walk->to = buf->data + buf->len;
}

static inline void
pass_char(Walk *walk, char character)
{
	if (walk->to != NULL)
		*walk->to++ = character;
}

/* ------------------------------------------------------ jsonb to tree */

/* len: the size of the jsonb of everything that will be built */
static Builder
begin_build(int len)
{
	return (Builder) {.texts = palloc(len)};
}

static DdbValue *
build_attributes(Builder *builder, const Entry *map, int level)
{
	DdbAttribute *attributes = palloc(sizeof(DdbAttribute) *
									  Max(count_of(map), 1));
	Members		members = first_member(map);
	DdbText		name;
	Entry		entry;
	int			count = 0;
	DdbValue   *result;

	while (next_member(&members, &name, &entry))
	{
		DdbValue   *value;

		if (!ddb_text_is_well_formed(name))
			return NULL;
		value = build_value(builder, &entry, level);
		if (value == NULL)
			return NULL;
		attributes[count].name = keep_text(builder, DDB_TYPE_S, name);
		attributes[count].value = value;
		count++;
	}
	result = make_value(builder, DDB_TYPE_M, count);
	result->attributes = attributes;
	return result;
}

static DdbValue *
build_value(Builder *builder, const Entry *entry, int level)
{
	DdbType		type;
	Entry		payload;

	if (!read_entry_tag(entry, level, &type, &payload))
		return NULL;
	switch (type)
	{
		case DDB_TYPE_S:
		case DDB_TYPE_N:
		case DDB_TYPE_B:
			return build_scalar(builder, type, &payload);
		case DDB_TYPE_BOOL:
		case DDB_TYPE_NULL:
			return build_bool(builder, type, &payload);
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
			return build_set(builder, type, &payload);
		case DDB_TYPE_L:
			return build_list(builder, &payload, level + 1);
		case DDB_TYPE_M:
			return is_object(&payload) ?
				build_attributes(builder, &payload, level + 1) : NULL;
	}
	return NULL;
}

static DdbValue *
build_scalar(Builder *builder, DdbType type, const Entry *payload)
{
	DdbText		text;
	int			size;
	DdbValue   *value;

	if (!read_entry_text(payload, type, &text, &size))
		return NULL;
	value = make_value(builder, type, 0);
	value->text = keep_text(builder, type, text);
	return value;
}

static DdbValue *
build_bool(Builder *builder, DdbType type, const Entry *payload)
{
	bool		boolean;
	DdbValue   *value;

	if (!read_entry_bool(payload, type, &boolean))
		return NULL;
	value = make_value(builder, type, 0);
	value->boolean = type == DDB_TYPE_BOOL && boolean;
	return value;
}

static DdbValue *
build_set(Builder *builder, DdbType type, const Entry *payload)
{
	int			count;
	DdbText    *elements = read_entry_set(payload, type, &count);
	DdbValue   *set;

	if (elements == NULL)
		return NULL;
	for (int i = 0; i < count; i++)
		elements[i] = keep_text(builder, ddb_type_of_element(type), elements[i]);
	set = make_value(builder, type, count);
	set->elements = elements;
	return set;
}

static DdbValue *
build_list(Builder *builder, const Entry *payload, int level)
{
	DdbValue  **values;
	Cursor		cursor;
	int			count;
	DdbValue   *list;

	if (!is_array(payload))
		return NULL;
	cursor = first_child(container_of(payload));
	count = count_of(payload);

	values = palloc(sizeof(DdbValue *) * Max(count, 1));
	for (int i = 0; i < count; i++)
	{
		Entry		element = next_child(&cursor);

		values[i] = build_value(builder, &element, level);
		if (values[i] == NULL)
			return NULL;
	}
	list = make_value(builder, DDB_TYPE_L, count);
	list->values = values;
	return list;
}

static DdbValue *
make_value(Builder *builder, DdbType type, int count)
{
	if (builder->free_count == 0)
	{
		builder->free_values = palloc(sizeof(DdbValue) * VALUES_PER_CHUNK);
		builder->free_count = VALUES_PER_CHUNK;
	}
	builder->free_count--;
	*builder->free_values = (DdbValue) {.type = type, .count = count};
	return builder->free_values++;
}

/* A tree's texts end in NUL. */
static DdbText
keep_text(Builder *builder, DdbType type, DdbText text)
{
	char	   *copy = builder->texts;

	if (type == DDB_TYPE_B)
		return ddb_base64_decode(text);
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	builder->texts += text.len + 1;
	return (DdbText) {.data = copy, .len = text.len};
}

/* --------------------------------------------- what is well-formed */

/*
 * {"tag": payload}, with no other member: two children, of which the first
 * begins where the data does.  Written out by hand, because every value needs it.
 */
static inline bool
read_entry_tag(const Entry *entry, int level, DdbType *type, Entry *payload)
{
	const JsonbContainer *container = container_of(entry);
	DdbText		tag;
	uint32		start;
	uint32		end;

	if (level > DDB_VALUE_MAX_LEVEL || !JBE_ISCONTAINER(entry->kind) ||
		container->header != (JB_FOBJECT | 1))
		return false;

	tag.data = (const char *) &container->children[2];
	tag.len = JBE_OFFLENFLD(container->children[0]);
	payload->kind = container->children[1];
	start = end = tag.len;
	JBE_ADVANCE_OFFSET(end, payload->kind);
	if (JBE_ISCONTAINER(payload->kind))
		start = INTALIGN(start);
	payload->data = tag.data + start;
	payload->len = (int) (end - start);
	return ddb_type_from_tag(tag, type);
}

/*
 * S, N or B, and what it counts in the item's size; the text is not copied,
 * and base64 stays what it is.
 */
static bool
read_entry_text(const Entry *entry, DdbType type, DdbText *text, int *size)
{
	if (!JBE_ISSTRING(entry->kind))
		return false;
	*text = text_of(entry);
	if (type == DDB_TYPE_S)
		return ddb_text_measure(*text, size);
	if (type == DDB_TYPE_N)
		return ddb_number_measure(*text, size);
	*size = ddb_base64_decoded_length(*text);
	return ddb_base64_check(*text) == DDB_BASE64_OK;
}

/*
 * The elements of a set in order, not copied, or NULL.  Canonical base64 and
 * canonical numbers are equal where what they stand for is.
 */
static DdbText *
read_entry_set(const Entry *entry, DdbType type, int *count)
{
	DdbText    *elements;
	Cursor		cursor;
	int			size;

	if (!is_array(entry) || count_of(entry) == 0)
		return NULL;

	*count = count_of(entry);
	elements = palloc(sizeof(DdbText) * *count);
	cursor = first_child(container_of(entry));
	for (int i = 0; i < *count; i++)
	{
		Entry		element = next_child(&cursor);

		if (!read_entry_text(&element, ddb_type_of_element(type), &elements[i], &size))
			return NULL;
	}
	return ddb_elements_sort(elements, *count, stored_order(type)) ? elements : NULL;
}

static DdbElementOrder
stored_order(DdbType type)
{
	return type == DDB_TYPE_BS ? ddb_base64_compare : ddb_element_order(type);
}

/* BOOL, or NULL, which is always true. */
static inline bool
read_entry_bool(const Entry *entry, DdbType type, bool *boolean)
{
	*boolean = JBE_ISBOOL_TRUE(entry->kind);
	return *boolean || (type == DDB_TYPE_BOOL && JBE_ISBOOL_FALSE(entry->kind));
}

/* ------------------------------------------------ a member by its name */

static Entry
child_at(const JsonbContainer *container, int index)
{
	Cursor		cursor = cursor_at(container, index);

	return next_child(&cursor);
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
		/* The distance from a name to its value is the number of names. */
		for (cursor.next += place; count > 0; count--)
			JBE_ADVANCE_OFFSET(cursor.offset, *cursor.next++);
		*value = next_child(&cursor);
	}
	return true;
}

/*
 * Returns the number of a name, or -1, and the start of its data.  Names are sorted,
 * shorter ones first, so for most of them only the lengths must be compared.  jsonb's
 * own search adds up the lengths of neighbours for every name that it compares.  This
 * function does so only while many names are left.
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

		if (compare_names(text_of(&entry), name) < 0)
			low = middle + 1;
		else
			high = middle + 1;
	}

	*start = offset_of_child(container, low);
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
