/*
 * jsonb_entry_int.h
 *	  Stepping through jsonb.
 *
 * PostgreSQL's own functions allocate memory for each container and compute
 * the offset of each child from the beginning.  Here a cursor keeps the offset.
 */
#ifndef DDB_VALUE_JSONB_ENTRY_INT_H
#define DDB_VALUE_JSONB_ENTRY_INT_H

#include "postgres.h"

#include "utils/jsonb.h"
#include "value/text.h"

/* A child of a container. */
typedef struct Entry
{
	JEntry		kind;			/* read it with the JBE_ macros */
	const char *data;			/* aligned where the kind needs it */
	int			len;
} Entry;

/* Steps through the children of a container; an object's names come first. */
typedef struct Cursor
{
	const JEntry *next;
	const char *base;
	uint32		offset;			/* of the next child's data */
} Cursor;

/* Steps through the members of an object. */
typedef struct Members
{
	Cursor		names;
	Cursor		values;
	int			left;
} Members;

static inline const JsonbContainer *
container_of(const Entry *entry)
{
	return (const JsonbContainer *) entry->data;
}

static inline DdbText
text_of(const Entry *entry)
{
	return (DdbText) {.data = entry->data, .len = entry->len};
}

static inline Entry
container_entry(const JsonbContainer *container)
{
	return (Entry) {
		.kind = JENTRY_ISCONTAINER,
		.data = (const char *) container
	};
}

static inline bool
is_object(const Entry *entry)
{
	return JBE_ISCONTAINER(entry->kind) &&
		JsonContainerIsObject(container_of(entry));
}

static inline bool
is_array(const Entry *entry)
{
	return JBE_ISCONTAINER(entry->kind) &&
		JsonContainerIsArray(container_of(entry));
}

static inline int
count_of(const Entry *entry)
{
	return (int) JsonContainerSize(container_of(entry));
}

static inline Cursor
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

/* Where a child's data begins: the last stored offset plus later lengths. */
static inline uint32
offset_of_child(const JsonbContainer *container, int index)
{
	uint32		offset = 0;

	while (index > 0)
	{
		JEntry		entry = container->children[--index];

		offset += JBE_OFFLENFLD(entry);
		if (JBE_HAS_OFF(entry))
			break;
	}
	return offset;
}

static inline Cursor
cursor_at(const JsonbContainer *container, int index)
{
	Cursor		cursor = first_child(container);

	cursor.next += index;
	cursor.offset = offset_of_child(container, index);
	return cursor;
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

static inline Members
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

static inline bool
next_member(Members *members, DdbText *name, Entry *value)
{
	Entry		entry;

	if (members->left == 0)
		return false;
	members->left--;

	entry = next_child(&members->names);
	*name = text_of(&entry);
	*value = next_child(&members->values);
	return true;
}

/* Compares names in the order of jsonb objects: shorter names first. */
static inline int
compare_names(DdbText left, DdbText right)
{
	if (left.len != right.len)
		return left.len - right.len;
	if (left.len > 0 && left.data[0] != right.data[0])
		return (unsigned char) left.data[0] - (unsigned char) right.data[0];
	return memcmp(left.data, right.data, left.len);
}

#endif							/* DDB_VALUE_JSONB_ENTRY_INT_H */
