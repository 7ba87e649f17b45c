/*
 * lookup.h
 *	  The texts of a long list, found without walking the list each time.
 *
 * Whoever sends a request decides how long its lists are.  So nothing compares
 * each member of a list with each other one: a lookup is made once, by
 * sorting, and asked for each member.
 */
#ifndef DDB_VALUE_LOOKUP_H
#define DDB_VALUE_LOOKUP_H

#include "postgres.h"
#include "value/text.h"

typedef struct DdbPlace
{
	DdbText		text;
	int			place;			/* in the list, from 0 */
} DdbPlace;

typedef struct DdbLookup
{
	int			count;
	DdbPlace   *sorted;			/* by text, then by place */
} DdbLookup;

/*
 * An empty lookup with room for so many texts; what they are, in the order of
 * the list; and sorting, which has to come before the first question.
 */
extern void ddb_lookup_init(DdbLookup *lookup, int room);
extern void ddb_lookup_add(DdbLookup *lookup, DdbText text);
extern void ddb_lookup_sort(DdbLookup *lookup);

/* The first place of a text, or -1. */
extern int	ddb_lookup_find(const DdbLookup *lookup, DdbText text);

/*
 * Of the texts that are there more than once, the one that comes first, at its
 * first place; NULL when all are distinct.
 */
extern const DdbPlace *ddb_lookup_repeated(const DdbLookup *lookup);

#endif							/* DDB_VALUE_LOOKUP_H */
