/*
 * value_int.h
 *	  What the files of this folder share.
 */
#ifndef DDB_VALUE_VALUE_INT_H
#define DDB_VALUE_VALUE_INT_H

#include "value/value.h"

/* Size of a list or map, and of each member besides its own size. */
#define DDB_VALUE_CONTAINER_SIZE	3
#define DDB_VALUE_MEMBER_SIZE		1

/* As ddb_text_measure(), for text with a U+0001 in it. */
extern bool ddb_text_measure_pairs(DdbText stored, int *decoded_length);

/* Well-formedness and decoded length of stored text, in one pass. */
static inline bool
ddb_text_measure(DdbText stored, int *decoded_length)
{
	*decoded_length = stored.len;
	return stored.len == 0 || memchr(stored.data, '\001', stored.len) == NULL ||
		ddb_text_measure_pairs(stored, decoded_length);
}

/*
 * Sorts a large map in the order of jsonb, which stored maps have.  Then it can be
 * compared with stored maps without sorting it each time.
 */
extern void ddb_value_order_map(DdbValue *map);

/* "S", "N", ... */
extern const DdbText ddb_type_tags[DDB_TYPE_COUNT];

/* How a value of each type begins: {"S": and so on. */
#define DDB_VALUE_LONGEST_BEGINNING 8
typedef struct DdbBeginning
{
	char		text[DDB_VALUE_LONGEST_BEGINNING + 1];
	int			len;
} DdbBeginning;

extern const DdbBeginning ddb_value_beginnings[DDB_TYPE_COUNT];

/*
 * Writes that beginning.  There must be room for eight bytes, because copying eight
 * is faster than copying the exact number.  Returns its end.
 */
static inline char *
ddb_value_begin(char *to, DdbType type)
{
	const DdbBeginning *beginning = &ddb_value_beginnings[type];

	memcpy(to, beginning->text, DDB_VALUE_LONGEST_BEGINNING);
	return to + beginning->len;
}

/* ddb_jsonb_attribute(), and how many bytes the jsonb has for it. */
extern bool ddb_jsonb_build(const Jsonb *jsonb, DdbText name, DdbValue **value,
							int *len);

/* ddb_document_scalar() of a stored item. */
extern bool ddb_jsonb_scalar(const Jsonb *jsonb, DdbText name, DdbType type,
							 DdbText *text);

/*
 * The order of a set's elements: SS and BS by bytes, NS by value.  Those of a
 * stored BS are in base64.
 */
typedef int (*DdbElementOrder) (DdbText left, DdbText right);

extern DdbElementOrder ddb_element_order(DdbType set_type);

/* Sorts the elements of a set.  Returns false if one occurs twice. */
extern bool ddb_elements_sort(DdbText *elements, int count,
							  DdbElementOrder order);

#endif							/* DDB_VALUE_VALUE_INT_H */
