/*
 * text.c
 *	  Runs of bytes, and the stored form (see text.h).
 *
 * Almost no text contains U+0001, so most functions first search for it with
 * memchr and return at once if there is none.
 */
#include "postgres.h"

#include "value/text.h"
#include "value/value_int.h"

#define ESCAPE	'\001'

/* The byte after ESCAPE, which says what the pair stands for. */
#define ESCAPED_ZERO	'\001'
#define ESCAPED_ONE		'\002'

static const char *find_escape(const char *from, const char *end);
static bool is_pair(const char *escape, const char *end);

DdbText
ddb_text_from_cstring(const char *string)
{
	return (DdbText) {.data = string, .len = (int) strlen(string)};
}

DdbText
ddb_text_copy(DdbText text)
{
	char	   *copy = palloc(text.len + 1);

	if (text.len > 0)
		memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	return (DdbText) {.data = copy, .len = text.len};
}

bool
ddb_text_equal(DdbText left, DdbText right)
{
	return left.len == right.len &&
		(left.len == 0 || memcmp(left.data, right.data, left.len) == 0);
}

int
ddb_text_compare(DdbText left, DdbText right)
{
	int			common = Min(left.len, right.len);
	int			order = common == 0 ? 0 : memcmp(left.data, right.data, common);

	return order != 0 ? order : left.len - right.len;
}

bool
ddb_text_is_well_formed(DdbText stored)
{
	int			decoded_length;

	return ddb_text_measure(stored, &decoded_length);
}

int
ddb_text_decoded_length(DdbText stored)
{
	int			decoded_length;

	(void) ddb_text_measure(stored, &decoded_length);
	return decoded_length;
}

/*
 * Each pair of two bytes stands for a character of one byte.  An ill-formed
 * escape stands for itself.
 */
bool
ddb_text_measure_pairs(DdbText stored, int *decoded_length)
{
	const char *end = stored.data + stored.len;
	const char *escape = find_escape(stored.data, end);
	bool		well_formed = true;

	*decoded_length = stored.len;
	while (escape != NULL)
	{
		bool		pair = is_pair(escape, end);

		*decoded_length -= pair;
		well_formed &= pair;
		escape = find_escape(escape + (pair ? 2 : 1), end);
	}
	return well_formed;
}

DdbText
ddb_text_decode(DdbText stored)
{
	const char *end = stored.data + stored.len;
	const char *from = stored.data;
	char	   *decoded;
	char	   *to;

	if (find_escape(from, end) == NULL)
		return stored;

	decoded = to = palloc(stored.len + 1);
	while (from < end)
	{
		if (*from == ESCAPE && is_pair(from, end))
		{
			*to++ = from[1] == ESCAPED_ZERO ? '\0' : ESCAPE;
			from += 2;
		}
		else
			*to++ = *from++;
	}
	*to = '\0';
	return (DdbText) {.data = decoded, .len = (int) (to - decoded)};
}

DdbText
ddb_text_encode(const char *data, int len)
{
	char	   *stored;
	char	   *to;
	int			pairs = 0;

	for (int i = 0; i < len; i++)
		pairs += data[i] == '\0' || data[i] == ESCAPE;

	stored = to = palloc(len + pairs + 1);
	for (int i = 0; i < len; i++)
	{
		if (data[i] == '\0' || data[i] == ESCAPE)
		{
			*to++ = ESCAPE;
			*to++ = data[i] == '\0' ? ESCAPED_ZERO : ESCAPED_ONE;
		}
		else
			*to++ = data[i];
	}
	*to = '\0';
	return (DdbText) {.data = stored, .len = len + pairs};
}

static const char *
find_escape(const char *from, const char *end)
{
	return from < end ? memchr(from, ESCAPE, end - from) : NULL;
}

static bool
is_pair(const char *escape, const char *end)
{
	return escape + 1 < end &&
		(escape[1] == ESCAPED_ZERO || escape[1] == ESCAPED_ONE);
}
