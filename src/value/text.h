/*
 * text.h
 *	  Text as we hold it, and the stored form that lets it hold U+0000.
 *
 * PostgreSQL's text and jsonb cannot hold U+0000, DynamoDB's strings can.  So
 * every string is kept in its stored form from the moment it is read: U+0000
 * is written U+0001 U+0001, and U+0001 is written U+0001 U+0002.  The form
 * keeps order (bytewise) and prefixes.  It is decoded in
 * HTTP answers, and by code that counts or searches characters.
 */
#ifndef DDB_VALUE_TEXT_H
#define DDB_VALUE_TEXT_H

#include "postgres.h"
#include "lib/stringinfo.h"

/*
 * A run of bytes with its length.  Where it is a string it is valid UTF-8 in
 * stored form, without a NUL byte, and also followed by one unless the
 * function that made it says otherwise.
 */
typedef struct DdbText
{
	const char *data;
	int			len;
} DdbText;

#define DDB_TEXT_LITERAL(literal) \
	((DdbText) {.data = (literal), .len = sizeof(literal) - 1})

extern DdbText ddb_text_from_cstring(const char *string);

/* A copy in the current memory context. */
extern DdbText ddb_text_copy(DdbText text);

extern bool ddb_text_equal(DdbText left, DdbText right);

/* Bytewise order, a proper prefix first: below, equal to or above zero. */
extern int	ddb_text_compare(DdbText left, DdbText right);

/* Returns whether every U+0001 starts one of the two legal pairs. */
extern bool ddb_text_is_well_formed(DdbText stored);

/* Length in bytes of what the stored form stands for. */
extern int	ddb_text_decoded_length(DdbText stored);

/*
 * What the stored form stands for: may contain NUL bytes.  Returns the
 * argument itself where there is nothing to decode, else a palloc'd copy.
 */
extern DdbText ddb_text_decode(DdbText stored);

/* The stored form of len bytes of UTF-8 that may contain NUL; palloc'd. */
extern DdbText ddb_text_encode(const char *data, int len);

#endif							/* DDB_VALUE_TEXT_H */
