/*
 * base64.h
 *	  Base64 as the service takes it: the standard alphabet, padded, canonical,
 *	  without blanks.
 */
#ifndef DDB_VALUE_BASE64_H
#define DDB_VALUE_BASE64_H

#include "value/text.h"

typedef enum DdbBase64Status
{
	DDB_BASE64_OK,
	DDB_BASE64_LENGTH,			/* not a multiple of four */
	DDB_BASE64_CHARACTER,		/* one outside the alphabet */
	DDB_BASE64_TRAILING			/* misplaced padding, or bits in the last
								 * character that mean nothing */
} DdbBase64Status;

/* The first of these rules, in this order, that the text breaks. */
extern DdbBase64Status ddb_base64_check(DdbText text);

/* The characters of any text, as Java counts them: in units of UTF-16. */
extern int	ddb_base64_count(DdbText text);

/*
 * For text that has passed the check: the bytes it stands for, palloc'd, and
 * how many they are.
 */
extern DdbText ddb_base64_decode(DdbText text);
extern int	ddb_base64_decoded_length(DdbText text);

/* The order of two such texts: that of the bytes they stand for. */
extern int	ddb_base64_compare(DdbText left, DdbText right);

/* The text for some bytes, palloc'd. */
extern DdbText ddb_base64_encode(DdbText bytes);

/*
 * The same into a buffer that has room for the encoded length; no NUL is
 * added.
 */
extern int	ddb_base64_encoded_length(int len);
extern void ddb_base64_encode_into(DdbText bytes, char *target);

#endif							/* DDB_VALUE_BASE64_H */
