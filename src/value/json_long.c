/*
 * json_long.c
 *	  Copying long JSON texts for the parser.
 *
 * PostgreSQL's lexer reads a token and the blanks before it in one call.  With
 * 16 MB of either that takes long, and the worker can serve no other client in
 * that time.  So the copy has one blank for each run of blanks, and an empty
 * string for each long string, which is validated here.  Any other long token
 * can only be a number with very many digits, and is refused.
 */
#include "postgres.h"

#include "core/pause.h"
#include "mb/pg_wchar.h"
#include "value/json.h"
#include "value/json_int.h"

/* Bytes beyond which a string is set aside and another token refused. */
#define LONG_TOKEN 65536

typedef struct Copy
{
	const char *from;
	const char *end;
	const char *pause;			/* where the next pause point is due */
	char	   *to;
	int			depth;			/* arrays and objects that are open */
	int			token;			/* bytes of the token so far, if not a string */
	DdbJsonLong **next;			/* where the next long string goes */
} Copy;

static bool is_utf8(const char *data, int len);
static bool copy_next(Copy *copy);
static void copy_blank(Copy *copy);
static bool copy_string(Copy *copy);
static bool skip_string(Copy *copy);
static void set_aside(Copy *copy, const char *start);
static int	escape_length(const char *escape, const char *end);
static void copy_bytes(char *to, const char *from, size_t len);
static void may_pause(Copy *copy);

char *
ddb_json_copy_long(const char *data, int *len, DdbJsonLong **longs)
{
	char	   *text;
	Copy		copy = {
		.from = data,
		.end = data + *len,
		.pause = data,
		.next = longs,
	};

	*longs = NULL;
	if (!is_utf8(data, *len))
		return NULL;
	text = palloc(*len + 1);
	copy.to = text;
	while (copy.from < copy.end)
	{
		may_pause(&copy);
		if (!copy_next(&copy))
			return NULL;
	}
	*copy.to = '\0';
	*len = copy.to - text;
	return text;
}

/* Checks in pieces; a character that is cut off begins the next piece. */
static bool
is_utf8(const char *data, int len)
{
	int			done = 0;

	while (done < len)
	{
		int			valid = pg_encoding_verifymbstr(PG_UTF8, data + done,
													Min(len - done, DDB_PAUSE_BYTES));

		DDB_PAUSE_POINT();
		if (valid == 0)
			return false;
		done += valid;
	}
	return true;
}

/*
 * Copies the next byte, run of blanks or string.  In text that is not valid
 * JSON the depth may be wrong, but is never below the depth that the parser
 * reaches.
 */
static bool
copy_next(Copy *copy)
{
	switch (*copy->from)
	{
		case ' ':
		case '\t':
		case '\n':
		case '\r':
			copy_blank(copy);
			return true;
		case '"':
			return copy_string(copy);
		case '{':
		case '[':
			copy->depth++;
			break;
		case '}':
		case ']':
			copy->depth--;
			break;
		case ',':
		case ':':
			break;
		default:
			*copy->to++ = *copy->from++;
			return ++copy->token <= LONG_TOKEN;
	}
	copy->token = 0;
	*copy->to++ = *copy->from++;
	return copy->depth <= DDB_JSON_MAX_DEPTH;
}

/* The parser treats all blanks alike, so one space replaces the run. */
static void
copy_blank(Copy *copy)
{
	*copy->to++ = ' ';
	copy->token = 0;
	while (copy->from < copy->end && strchr(" \t\n\r", *copy->from) != NULL &&
		   *copy->from != '\0')
	{
		may_pause(copy);
		copy->from++;
	}
}

/* Returns false if the string is invalid or has no closing quote. */
static bool
copy_string(Copy *copy)
{
	const char *start = copy->from;

	copy->token = 0;
	copy->from++;
	if (!skip_string(copy))
		return false;
	if (copy->from - start > LONG_TOKEN)
		set_aside(copy, start);
	else
	{
		memcpy(copy->to, start, copy->from - start);
		copy->to += copy->from - start;
	}
	return true;
}

/* Moves past the closing quote; returns whether the string is valid. */
static bool
skip_string(Copy *copy)
{
	while (copy->from < copy->end && *copy->from != '"')
	{
		may_pause(copy);
		if ((unsigned char) *copy->from < ' ')
			return false;
		if (*copy->from == '\\')
		{
			int			length = escape_length(copy->from, copy->end);

			if (length == 0)
				return false;
			copy->from += length;
		}
		else
			copy->from++;
	}
	return copy->from++ < copy->end;
}

/* Returns the length of an escape, or 0 if the escape is invalid. */
static int
escape_length(const char *escape, const char *end)
{
	if (end - escape < 2 || escape[1] == '\0' ||
		strchr("\"\\/bfnrtu", escape[1]) == NULL)
		return 0;
	if (escape[1] != 'u')
		return 2;
	if (end - escape < 6)
		return 0;
	for (int i = 2; i < 6; i++)
	{
		if (!isxdigit((unsigned char) escape[i]))
			return 0;
	}
	return 6;
}

/* Sets aside the string that begins at start and ends before copy->from. */
static void
set_aside(Copy *copy, const char *start)
{
	DdbJsonLong *aside = palloc0(sizeof(DdbJsonLong));

	aside->len = copy->from - start - 2;
	aside->text = palloc(aside->len + 1);
	copy_bytes(aside->text, start + 1, aside->len);
	*copy->to++ = '"';
	aside->place = copy->to;
	*copy->to++ = '"';
	*copy->next = aside;
	copy->next = &aside->next;
}

static void
copy_bytes(char *to, const char *from, size_t len)
{
	for (size_t done = 0; done < len; done += DDB_PAUSE_BYTES)
	{
		DDB_PAUSE_POINT();
		memcpy(to + done, from + done, Min(len - done, DDB_PAUSE_BYTES));
	}
}

static void
may_pause(Copy *copy)
{
	if (copy->from < copy->pause)
		return;
	DDB_PAUSE_POINT();
	copy->pause = copy->from + DDB_PAUSE_BYTES;
}
