/*
 * lookup.c
 *	  Binary search in sorted texts (see lookup.h).
 */
#include "postgres.h"

#include "core/pause.h"
#include "value/lookup.h"

static int	compare_places(const void *left, const void *right);

void
ddb_lookup_init(DdbLookup *lookup, int room)
{
	lookup->count = 0;
	lookup->sorted = palloc(sizeof(DdbPlace) * Max(room, 1));
}

void
ddb_lookup_add(DdbLookup *lookup, DdbText text)
{
	lookup->sorted[lookup->count] = (DdbPlace) {text, lookup->count};
	lookup->count++;
}

void
ddb_lookup_sort(DdbLookup *lookup)
{
	qsort(lookup->sorted, lookup->count, sizeof(DdbPlace), compare_places);
}

int
ddb_lookup_find(const DdbLookup *lookup, DdbText text)
{
	int			low = 0;
	int			high = lookup->count;

	DDB_PAUSE_POINT();
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (ddb_text_compare(lookup->sorted[middle].text, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == lookup->count ||
		!ddb_text_equal(lookup->sorted[low].text, text))
		return -1;
	return lookup->sorted[low].place;
}

const DdbPlace *
ddb_lookup_repeated(const DdbLookup *lookup)
{
	const DdbPlace *repeated = NULL;

	for (int i = 1; i < lookup->count; i++)
	{
		const DdbPlace *one = &lookup->sorted[i - 1];

		if (ddb_text_equal(one->text, lookup->sorted[i].text) &&
			(repeated == NULL || one->place < repeated->place))
			repeated = one;
	}
	return repeated;
}

static int
compare_places(const void *left, const void *right)
{
	const DdbPlace *one = left;
	const DdbPlace *two = right;
	int			order = ddb_text_compare(one->text, two->text);

	DDB_PAUSE_POINT();
	return order != 0 ? order : one->place - two->place;
}
