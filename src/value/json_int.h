/*
 * json_int.h
 *	  What json.c and json_long.c share.
 */
#ifndef DDB_VALUE_JSON_INT_H
#define DDB_VALUE_JSON_INT_H

#include "postgres.h"

/* A long string: in the copy there is an empty one in its place. */
typedef struct DdbJsonLong
{
	const char *place;			/* behind the opening quote of that */
	char	   *text;			/* still escaped, to be changed at will */
	int			len;
	struct DdbJsonLong *next;	/* in the text */
} DdbJsonLong;

/*
 * A copy of a long text that the parser reads as it would read the text, but
 * for long strings.  len becomes the copy's.  NULL when the text is not UTF-8,
 * nested too deeply, or has a token that cannot be.
 */
extern char *ddb_json_copy_long(const char *data, int *len, DdbJsonLong **longs);

#endif							/* DDB_VALUE_JSON_INT_H */
