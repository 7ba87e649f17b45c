/*
 * jsonb_build.c
 *	  From an item to jsonb.
 *
 * The binary form is written front to back, exactly as PostgreSQL's own
 * functions write it, but without the tree of JsonbValues that they need.  The
 * members of every container are known before it begins, so that only their
 * names have to be sorted.
 */
#include "postgres.h"

#include "utils/jsonb.h"
#include "value/base64.h"
#include "value/jsonb_entry_int.h"
#include "value/value.h"
#include "value/value_int.h"

/* A container whose children are being added. */
typedef struct Container
{
	int			start;			/* where the container begins, with padding */
	int			entries;		/* where the next JEntry goes */
	int			count;			/* of children so far */
	uint32		total;			/* bytes of their data */
} Container;

/* What a value begins with, before its tag. */
typedef struct ValueHead
{
	uint32		header;
	JEntry		tag;
	JEntry		payload;
} ValueHead;

typedef const DdbAttribute *AttributeRef;

static JEntry append_map(StringInfo buf, const DdbValue *map);
static JEntry append_value(StringInfo buf, const DdbValue *value);
static JEntry append_payload(StringInfo buf, const DdbValue *value);
static JEntry append_set(StringInfo buf, const DdbValue *set);
static JEntry append_list(StringInfo buf, const DdbValue *list);
static JEntry append_text(StringInfo buf, DdbType type, DdbText text);
static JEntry append_string(StringInfo buf, DdbText text);
static Container begin_container(StringInfo buf, uint32 header, int children);
static inline void make_room(StringInfo buf, int needed);
static inline void add_child(StringInfo buf, Container *container, JEntry child);
static JEntry end_container(const StringInfoData *buf,
							const Container *container);

#define ST_SORT sort_attributes
#define ST_ELEMENT_TYPE AttributeRef
#define ST_COMPARE(a, b) compare_names((*a)->name, (*b)->name)
#define ST_SCOPE static
#define ST_DEFINE
#include "lib/sort_template.h"

Jsonb *
ddb_item_to_jsonb(const DdbValue *item)
{
	StringInfoData buf;

	initStringInfo(&buf);
	buf.len = VARHDRSZ;
	(void) append_map(&buf, item);

	/* Offsets and lengths have 28 bits.  A legal item fits easily. */
	if (buf.len > JENTRY_OFFLENMASK)
		elog(ERROR, "an item of %d bytes is too large for jsonb", buf.len);
	SET_VARSIZE(buf.data, buf.len);
	return (Jsonb *) buf.data;
}

static JEntry
append_map(StringInfo buf, const DdbValue *map)
{
	AttributeRef *sorted = palloc(sizeof(AttributeRef) * Max(map->count, 1));
	Container	object = begin_container(buf, map->count | JB_FOBJECT,
										 map->count * 2);

	for (int i = 0; i < map->count; i++)
		sorted[i] = &map->attributes[i];
	sort_attributes(sorted, map->count);

	for (int i = 0; i < map->count; i++)
		add_child(buf, &object, append_string(buf, sorted[i]->name));
	for (int i = 0; i < map->count; i++)
		add_child(buf, &object, append_value(buf, sorted[i]->value));
	pfree(sorted);
	return end_container(buf, &object);
}

/*
 * Writes {"tag": payload}.  The result is a container of two children, but its
 * head is written in one piece because every value has one.
 */
static JEntry
append_value(StringInfo buf, const DdbValue *value)
{
	DdbText		tag = ddb_type_tags[value->type];
	ValueHead	head = {
		.header = JB_FOBJECT | 1,
		.tag = JENTRY_ISSTRING | JENTRY_HAS_OFF | tag.len
	};
	int			start = buf->len;
	int			aligned = INTALIGN(start);
	JEntry		payload;

	make_room(buf, aligned - start + sizeof(head) + tag.len);
	memset(buf->data + start, 0, sizeof(uint32));
	memcpy(buf->data + aligned, &head, sizeof(head));
	memcpy(buf->data + aligned + sizeof(head), tag.data, tag.len);
	buf->len = aligned + sizeof(head) + tag.len;

	payload = append_payload(buf, value);
	memcpy(buf->data + aligned + offsetof(ValueHead, payload), &payload,
		   sizeof(payload));
	return JENTRY_ISCONTAINER | ((buf->len - start) & JENTRY_OFFLENMASK);
}

static JEntry
append_payload(StringInfo buf, const DdbValue *value)
{
	switch (value->type)
	{
		case DDB_TYPE_S:
		case DDB_TYPE_N:
		case DDB_TYPE_B:
			return append_text(buf, value->type, value->text);
		case DDB_TYPE_BOOL:
			return value->boolean ? JENTRY_ISBOOL_TRUE : JENTRY_ISBOOL_FALSE;
		case DDB_TYPE_NULL:
			return JENTRY_ISBOOL_TRUE;
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
			return append_set(buf, value);
		case DDB_TYPE_L:
			return append_list(buf, value);
		case DDB_TYPE_M:
			return append_map(buf, value);
	}
	return JENTRY_ISNULL;
}

static JEntry
append_set(StringInfo buf, const DdbValue *set)
{
	Container	array = begin_container(buf, set->count | JB_FARRAY, set->count);

	for (int i = 0; i < set->count; i++)
		add_child(buf, &array, append_text(buf, ddb_type_of_element(set->type),
										   set->elements[i]));
	return end_container(buf, &array);
}

static JEntry
append_list(StringInfo buf, const DdbValue *list)
{
	Container	array = begin_container(buf, list->count | JB_FARRAY, list->count);

	for (int i = 0; i < list->count; i++)
		add_child(buf, &array, append_value(buf, list->values[i]));
	return end_container(buf, &array);
}

/* Writes an S, N or B, alone or as an element of a set. */
static JEntry
append_text(StringInfo buf, DdbType type, DdbText text)
{
	int			len;

	if (type != DDB_TYPE_B)
		return append_string(buf, text);
	len = ddb_base64_encoded_length(text.len);
	make_room(buf, len);
	ddb_base64_encode_into(text, buf->data + buf->len);
	buf->len += len;
	return JENTRY_ISSTRING | len;
}

static JEntry
append_string(StringInfo buf, DdbText text)
{
	make_room(buf, text.len);
	if (text.len > 0)
		memcpy(buf->data + buf->len, text.data, text.len);
	buf->len += text.len;
	return JENTRY_ISSTRING | text.len;
}

/*
 * The padding before a container counts as part of its data.  A whole word is
 * zeroed, because the header overwrites what is beyond the padding.
 */
static Container
begin_container(StringInfo buf, uint32 header, int children)
{
	Container	container = {.start = buf->len};
	int			aligned = INTALIGN(buf->len);
	int			head = sizeof(header) + sizeof(JEntry) * children;

	make_room(buf, aligned - buf->len + head);
	memset(buf->data + buf->len, 0, sizeof(uint32));
	memcpy(buf->data + aligned, &header, sizeof(header));
	container.entries = aligned + sizeof(header);
	buf->len = aligned + head;
	return container;
}

/* Calling enlargeStringInfo() would take a sixth of the time. */
static inline void
make_room(StringInfo buf, int needed)
{
	if (unlikely(buf->maxlen - buf->len <= needed))
		enlargeStringInfo(buf, needed);
}

/* Called after the data of a child.  Every JB_OFFSET_STRIDE-th has an offset. */
static inline void
add_child(StringInfo buf, Container *container, JEntry child)
{
	container->total += JBE_OFFLENFLD(child);
	if (container->count++ % JB_OFFSET_STRIDE == 0)
		child = (child & JENTRY_TYPEMASK) | JENTRY_HAS_OFF |
			(container->total & JENTRY_OFFLENMASK);
	memcpy(buf->data + container->entries, &child, sizeof(child));
	container->entries += sizeof(child);
}

static JEntry
end_container(const StringInfoData *buf, const Container *container)
{
	return JENTRY_ISCONTAINER |
		((buf->len - container->start) & JENTRY_OFFLENMASK);
}
