/*
 * test_lookup.c
 *	  Looking up texts in a list, and finding duplicates.
 */
#include "unit.h"

#include "value/lookup.h"

#define ROUNDS 2000
#define MAX_TEXTS 20

static void check_random_lists(void);
static int	first_place(const DdbText *texts, int count, DdbText text);
static void check_empty(void);

int
main(void)
{
	check_random_lists();
	check_empty();
	return unit_done();
}

/* Compares a lookup with a linear search.  There are few letters, so that many texts are equal. */
static void
check_random_lists(void)
{
	for (int round = 0; round < ROUNDS; round++)
	{
		DdbText		texts[MAX_TEXTS];
		DdbLookup	lookup;
		const DdbPlace *repeated;
		int			count = unit_random_below(MAX_TEXTS + 1);
		int			expected = -1;

		ddb_lookup_init(&lookup, count);
		for (int i = 0; i < count; i++)
		{
			texts[i] = ddb_text_from_cstring(psprintf("%c%c", 'a' + unit_random_below(5),
													  'a' + unit_random_below(5)));
			ddb_lookup_add(&lookup, texts[i]);
		}
		ddb_lookup_sort(&lookup);

		for (int i = count - 1; i >= 0; i--)
		{
			int			place = first_place(texts, count, texts[i]);

			if (ddb_lookup_find(&lookup, texts[i]) != place)
				unit_is_int(ddb_lookup_find(&lookup, texts[i]), place, "place");
			if (place < i && (expected < 0 || place < expected))
				expected = place;
		}
		repeated = ddb_lookup_repeated(&lookup);
		if ((repeated == NULL ? -1 : repeated->place) != expected)
			unit_is_int(repeated == NULL ? -1 : repeated->place, expected, "repeated");
		if (ddb_lookup_find(&lookup, DDB_TEXT_LITERAL("zz")) != -1)
			unit_ok(false, "what is not there");
	}
	unit_ok(true, "random lists");
}

static int
first_place(const DdbText *texts, int count, DdbText text)
{
	for (int i = 0; i < count; i++)
	{
		if (ddb_text_equal(texts[i], text))
			return i;
	}
	return -1;
}

static void
check_empty(void)
{
	DdbLookup	lookup;

	ddb_lookup_init(&lookup, 0);
	ddb_lookup_sort(&lookup);
	unit_is_int(ddb_lookup_find(&lookup, DDB_TEXT_LITERAL("a")), -1, "in none");
	unit_ok(ddb_lookup_repeated(&lookup) == NULL, "none is there twice");
}
