/*
 * base64.h
 *	  Base64 as the service accepts it: the standard alphabet, padded, canonical,
 *	  without blanks.
 */
#ifndef DDB_VALUE_BASE64_H
#define DDB_VALUE_BASE64_H

#include "value/text.h"

typedef enum DdbBase64Status
{
	DDB_BASE64_OK,
	DDB_BASE64_LENGTH,			/* not a multiple of four */
	DDB_BASE64_CHARACTER,		/* a character outside the alphabet */
	DDB_BASE64_TRAILING			/* misplaced padding, or bits in the last
								 * character that are unused */
} DdbBase64Status;

/* Returns the first rule that the text breaks, in the order of the enum. */
extern DdbBase64Status ddb_base64_check(DdbText text);

/* Counts the characters of any text as Java does, in units of UTF-16. */
extern int	ddb_base64_count(DdbText text);

/*
 * Return the decoded bytes, palloc'd, and their number.  The text must have
 * passed ddb_base64_check().
 */
extern DdbText ddb_base64_decode(DdbText text);
extern int	ddb_base64_decoded_length(DdbText text);

/* Compares two checked texts by the bytes that they encode. */
extern int	ddb_base64_compare(DdbText left, DdbText right);

/* Returns the base64 of bytes, palloc'd. */
extern DdbText ddb_base64_encode(DdbText bytes);

/*
 * Encodes into a buffer that must have room for the encoded length.  No NUL is
 * added.
 */
extern int	ddb_base64_encoded_length(int len);
extern void ddb_base64_encode_into(DdbText bytes, char *target);

#endif							/* DDB_VALUE_BASE64_H */
