/*
 * lookup.h
 *	  Search for texts in a long list by a sorted copy of the list.
 *
 * The client decides how long the lists of a request are.  So no code compares
 * each member of a list with every other member.  It sorts the list once and
 * then looks up each member by binary search.
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
 * ddb_lookup_init() makes an empty lookup with room for a number of texts.  The
 * caller adds the texts in the order of the list, and must sort the lookup
 * before searching it.
 */
extern void ddb_lookup_init(DdbLookup *lookup, int room);
extern void ddb_lookup_add(DdbLookup *lookup, DdbText text);
extern void ddb_lookup_sort(DdbLookup *lookup);

/* Returns the first place of a text, or -1 if it is not in the list. */
extern int	ddb_lookup_find(const DdbLookup *lookup, DdbText text);

/*
 * Returns the first text of the list that occurs more than once, at its first
 * place, or NULL if all are distinct.
 */
extern const DdbPlace *ddb_lookup_repeated(const DdbLookup *lookup);

#endif							/* DDB_VALUE_LOOKUP_H */
