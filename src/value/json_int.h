/*
 * json_int.h
 *	  What json.c and json_long.c share.
 */
#ifndef DDB_VALUE_JSON_INT_H
#define DDB_VALUE_JSON_INT_H

#include "postgres.h"

/* A long string, which the copy replaces by an empty string. */
typedef struct DdbJsonLong
{
	const char *place;			/* after the empty string's opening quote */
	char	   *text;			/* still escaped; may be changed */
	int			len;
	struct DdbJsonLong *next;	/* in the text */
} DdbJsonLong;

/*
 * Returns a palloc'd copy of a long text.  For the parser it is equivalent to
 * the text except that long strings are empty; *longs lists them.  *len is set
 * to the length of the copy.  Returns NULL if the text is not UTF-8, is nested
 * too deeply, or has an invalid string or a token that is too long.
 */
extern char *ddb_json_copy_long(const char *data, int *len, DdbJsonLong **longs);

#endif							/* DDB_VALUE_JSON_INT_H */
