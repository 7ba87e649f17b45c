/*
 * json.c
 *	  From JSON text to a tree.
 *
 * PostgreSQL's parser checks the text and calls back at every token; the
 * callbacks build the tree from the position of its lexer.  The lexer does not
 * copy strings.  The tree's strings stay inside one private copy of the whole
 * text and are unescaped in place; a NUL replaces the closing quote.  This
 * works because an escape is never shorter than the character it stands for,
 * not even in stored form, and because the lexer never reads text before the
 * previous token.
 *
 * json_long.c copies long texts.
 *
 * The caller's text is left alone because its signature may still have to be
 * verified.
 */
#include "postgres.h"

#include "common/jsonapi.h"
#include "core/compat.h"
#include "core/pause.h"
#include "mb/pg_wchar.h"
#include "value/json.h"
#include "value/json_int.h"

/* Nodes allocated together: as many as fit in the 2 kB that palloc() takes. */
#define NODES_PER_CHUNK (2048 / sizeof(DdbJson))

/*
 * Longer texts are copied in pieces, with their long tokens shortened so that
 * the parser never takes long over one token.
 */
#define LONG_TEXT DDB_PAUSE_BYTES

/* Up to this number of members, each one is compared with each other. */
#define COMPARE_ALL_LIMIT 16

typedef struct ParseState
{
	const DdbJsonMeter *meter;	/* or NULL */
	JsonLexContext *lexer;
	char	   *text;			/* the private copy that lexer reads */
	DdbJsonLong *longs;			/* long strings, kept outside text */
	char	   *value;			/* where the next value begins */
	DdbText		name;			/* name of that value, if it is a member */
	DdbJson    *root;
	int			depth;			/* arrays and objects that are open */
	bool		failed;			/* an error that the parser did not see */
	DdbJson    *free_nodes;
	int			free_count;
	DdbJson    *open[DDB_JSON_MAX_DEPTH];
} ParseState;

/* A member and its position, for sorting the members of a large object. */
typedef struct Member
{
	DdbJson    *node;
	int			position;
} Member;

static bool copy_text(ParseState *parse, char *data, int *len);
static bool is_too_deep(const char *data, int len);
static char *skip_blanks(char *text);
static char *in_copy(const ParseState *parse, const char *position);
static DDB_JSON_ACTION_RESULT container_start_object(void *state);
static DDB_JSON_ACTION_RESULT container_start_array(void *state);
static DDB_JSON_ACTION_RESULT container_end_object(void *state);
static DDB_JSON_ACTION_RESULT container_end_array(void *state);
static DDB_JSON_ACTION_RESULT member_start(void *state, char *name, bool isnull);
static DDB_JSON_ACTION_RESULT element_start(void *state, bool isnull);
static DDB_JSON_ACTION_RESULT scalar(void *state, char *token,
									 JsonTokenType token_type);
static DdbJson *add_node(ParseState *parse, DdbJsonType type);
static void append_child(DdbJson *parent, DdbJson *child);
static DdbJsonType scalar_type(JsonTokenType token_type);
static DdbText take_name(ParseState *parse);
static DdbText take_string(ParseState *parse, char *start, char *end);
static char *unescape_unicode(ParseState *parse, const char **from,
							  const char *end, char *to);
static pg_wchar read_hex(const char *digits);
static char unescape_letter(char letter);
static void mark_duplicates(DdbJson *object);
static void drop_absent(DdbJson *container);
static void mark_by_comparing(DdbJson *object);
static void mark_by_sorting(DdbJson *object);
static int	compare_members(const void *left, const void *right);

DdbJson *
ddb_json_parse(char *data, int len)
{
	return ddb_json_parse_metered(data, len, NULL);
}

DdbJson *
ddb_json_parse_metered(char *data, int len, const DdbJsonMeter *meter)
{
	ParseState	parse;
	JsonSemAction actions = {
		.semstate = &parse,
		.object_start = container_start_object,
		.object_end = container_end_object,
		.array_start = container_start_array,
		.array_end = container_end_array,
		.object_field_start = member_start,
		.array_element_start = element_start,
		.scalar = scalar
	};

	memset(&parse, 0, offsetof(ParseState, open));
	parse.meter = meter;
	if (!copy_text(&parse, data, &len))
		return NULL;
	parse.lexer = ddb_compat_make_json_lexer(parse.text, len, PG_UTF8);
	parse.value = skip_blanks(parse.text);

	if (pg_parse_json(parse.lexer, &actions) != JSON_SUCCESS || parse.failed)
		return NULL;
	return parse.root;
}

DdbJson *
ddb_json_get(const DdbJson *object, const char *name)
{
	return ddb_json_get_text(object, ddb_text_from_cstring(name));
}

DdbJson *
ddb_json_get_text(const DdbJson *object, DdbText name)
{
	if (object->type != DDB_JSON_OBJECT)
		return NULL;

	for (DdbJson *child = object->first; child != NULL; child = child->next)
	{
		if (ddb_text_equal(child->name, name))
			return child;
	}
	return NULL;
}

DdbJson *
ddb_json_make(DdbJsonType type)
{
	DdbJson    *json = palloc0(sizeof(DdbJson));

	json->type = type;
	return json;
}

void
ddb_json_append(DdbJson *parent, DdbText name, DdbJson *child)
{
	child->name = name;
	append_child(parent, child);
}

/* Returns false if the text is not UTF-8 or is nested too deeply. */
static bool
copy_text(ParseState *parse, char *data, int *len)
{
	if (*len > LONG_TEXT)
	{
		parse->text = ddb_json_copy_long(data, len, &parse->longs);
		return parse->text != NULL;
	}
	if (pg_encoding_verifymbstr(PG_UTF8, data, *len) != *len)
		return false;

	/* Check before parsing, because the parser would raise an ERROR. */
	if (is_too_deep(data, *len))
		return false;
	parse->text = pnstrdup(data, *len);
	return true;
}

/*
 * Counts brackets outside of strings.  In text that is not valid JSON the
 * count may be wrong, but is never below the depth that the parser reaches.
 */
static bool
is_too_deep(const char *data, int len)
{
	const char *end = data + len;
	int			depth = 0;

	/* Each level takes at least a byte, so a short text cannot be too deep. */
	if (len <= DDB_JSON_MAX_DEPTH)
		return false;

	for (const char *p = data; p < end; p++)
	{
		if (*p == '{' || *p == '[')
		{
			if (++depth > DDB_JSON_MAX_DEPTH)
				return true;
		}
		else if (*p == '}' || *p == ']')
			depth--;
		else if (*p == '"')
		{
			for (p++; p < end && *p != '"'; p++)
			{
				if (*p == '\\')
					p++;
			}
		}
	}
	return false;
}

static char *
skip_blanks(char *text)
{
	return text + strspn(text, " \t\n\r");
}

/* Converts a position of the lexer, which may be const, to one in the copy. */
static char *
in_copy(const ParseState *parse, const char *position)
{
	return parse->text + (position - parse->text);
}

/* ------------------------------------------------ what the parser calls */

static DDB_JSON_ACTION_RESULT
container_start_object(void *state)
{
	ParseState *parse = state;
	DdbJson    *object = add_node(parse, DDB_JSON_OBJECT);

	parse->open[parse->depth++] = object;
	DDB_JSON_ACTION_DONE;
}

static DDB_JSON_ACTION_RESULT
container_start_array(void *state)
{
	ParseState *parse = state;
	DdbJson    *array = add_node(parse, DDB_JSON_ARRAY);

	parse->open[parse->depth++] = array;
	DDB_JSON_ACTION_DONE;
}

static DDB_JSON_ACTION_RESULT
container_end_object(void *state)
{
	ParseState *parse = state;
	DdbJson    *object = parse->open[--parse->depth];

	mark_duplicates(object);
	drop_absent(object);
	DDB_JSON_ACTION_DONE;
}

static DDB_JSON_ACTION_RESULT
container_end_array(void *state)
{
	ParseState *parse = state;

	drop_absent(parse->open[--parse->depth]);
	DDB_JSON_ACTION_DONE;
}

static DDB_JSON_ACTION_RESULT
member_start(void *state, char *name, bool isnull)
{
	ParseState *parse = state;

	/* The argument is NULL, because the lexer was told not to copy. */
	parse->name = take_name(parse);
	parse->value = in_copy(parse, parse->lexer->token_start);
	DDB_JSON_ACTION_DONE;
}

static DDB_JSON_ACTION_RESULT
element_start(void *state, bool isnull)
{
	ParseState *parse = state;

	parse->name = (DdbText) {.data = NULL};
	parse->value = in_copy(parse, parse->lexer->token_start);
	DDB_JSON_ACTION_DONE;
}

static DDB_JSON_ACTION_RESULT
scalar(void *state, char *token, JsonTokenType token_type)
{
	ParseState *parse = state;
	DdbJson    *node = add_node(parse, scalar_type(token_type));

	if (node->type == DDB_JSON_NUMBER)
		node->text = ddb_text_from_cstring(token);
	else if (node->type == DDB_JSON_STRING)
		node->text = take_string(parse, parse->value + 1,
								 in_copy(parse, parse->lexer->prev_token_terminator) - 1);
	DDB_JSON_ACTION_DONE;
}

/* --------------------------------------------------------------- nodes */

/* A node in the place of the value to come. */
static DdbJson *
add_node(ParseState *parse, DdbJsonType type)
{
	DdbJson    *node;

	if (parse->free_count == 0)
	{
		DDB_PAUSE_POINT();
		parse->free_nodes = palloc0(sizeof(DdbJson) * NODES_PER_CHUNK);
		parse->free_count = NODES_PER_CHUNK;
		if (parse->meter != NULL)
			parse->meter->grown(parse->meter->arg);
	}
	node = parse->free_nodes++;
	parse->free_count--;

	node->type = type;
	node->name = parse->name;
	if (parse->depth == 0)
		parse->root = node;
	else
		append_child(parse->open[parse->depth - 1], node);
	return node;
}

static void
append_child(DdbJson *parent, DdbJson *child)
{
	if (parent->last == NULL)
		parent->first = child;
	else
		parent->last->next = child;
	parent->last = child;
	parent->count++;
}

static DdbJsonType
scalar_type(JsonTokenType token_type)
{
	if (token_type == JSON_TOKEN_STRING)
		return DDB_JSON_STRING;
	if (token_type == JSON_TOKEN_NUMBER)
		return DDB_JSON_NUMBER;
	if (token_type == JSON_TOKEN_TRUE)
		return DDB_JSON_TRUE;
	if (token_type == JSON_TOKEN_FALSE)
		return DDB_JSON_FALSE;
	Assert(token_type == JSON_TOKEN_NULL);
	return DDB_JSON_NULL;
}

/* ------------------------------------------------------------- strings */

/*
 * Returns the name of the member whose value the lexer has just reached.  The
 * name ends before the colon.  Its beginning is found by searching backwards
 * for a quote that is not escaped.
 */
static DdbText
take_name(ParseState *parse)
{
	char	   *end = in_copy(parse, parse->lexer->prev_token_terminator) - 1;
	char	   *start;

	Assert(*end == ':');
	do
		end--;
	while (*end != '"');

	for (start = end - 1;; start--)
	{
		char	   *backslash = start;

		if (*start != '"')
			continue;
		while (backslash[-1] == '\\')
			backslash--;
		if ((start - backslash) % 2 == 0)
			break;
		start = backslash;
	}
	return take_string(parse, start + 1, end);
}

/* Unescape the string between its quotes; end is the closing one. */
static DdbText
take_string(ParseState *parse, char *start, char *end)
{
	const char *from;
	char	   *to;

	if (parse->longs != NULL && parse->longs->place == start)
	{
		start = parse->longs->text;
		end = start + parse->longs->len;
		parse->longs = parse->longs->next;
	}
	from = memchr(start, '\\', end - start);
	to = from == NULL ? end : start + (from - start);
	while (from != NULL && from < end)
	{
		DDB_PAUSE_POINT();
		if (*from != '\\')
			*to++ = *from++;
		else if (from[1] == 'u')
			to = unescape_unicode(parse, &from, end, to);
		else
		{
			*to++ = unescape_letter(from[1]);
			from += 2;
		}
	}
	*to = '\0';
	return (DdbText) {.data = start, .len = (int) (to - start)};
}

/*
 * Converts one \uXXXX, or two that make a surrogate pair, to UTF-8 in stored
 * form.  Half a pair is an error that the parser does not detect.
 */
static char *
unescape_unicode(ParseState *parse, const char **from, const char *end,
				 char *to)
{
	pg_wchar	character = read_hex(*from + 2);

	*from += 6;
	if (character <= 1)
	{
		*to++ = '\001';
		*to++ = character == 0 ? '\001' : '\002';
		return to;
	}

	if (is_utf16_surrogate_first(character))
	{
		pg_wchar	second = 0;

		if (end - *from >= 6 && (*from)[0] == '\\' && (*from)[1] == 'u')
			second = read_hex(*from + 2);
		if (!is_utf16_surrogate_second(second))
		{
			parse->failed = true;
			return to;
		}
		character = surrogate_pair_to_codepoint(character, second);
		*from += 6;
	}
	else if (is_utf16_surrogate_second(character))
	{
		parse->failed = true;
		return to;
	}

	unicode_to_utf8(character, (unsigned char *) to);
	return to + pg_utf_mblen((const unsigned char *) to);
}

/* The parser has already checked that there are four digits. */
static pg_wchar
read_hex(const char *digits)
{
	pg_wchar	value = 0;

	for (int i = 0; i < 4; i++)
	{
		char		digit = digits[i];

		value <<= 4;
		if (digit <= '9')
			value += digit - '0';
		else
			value += (digit | 0x20) - 'a' + 10;
	}
	return value;
}

static char
unescape_letter(char letter)
{
	switch (letter)
	{
		case 'b':
			return '\b';
		case 'f':
			return '\f';
		case 'n':
			return '\n';
		case 'r':
			return '\r';
		case 't':
			return '\t';
		default:
			return letter;		/* quote, backslash, slash */
	}
}

/* ------------------------------------------------- what does not count */

/* Makes all but the last of the members with the same name null. */
static void
mark_duplicates(DdbJson *object)
{
	if (object->count <= COMPARE_ALL_LIMIT)
		mark_by_comparing(object);
	else
		mark_by_sorting(object);
}

static void
mark_by_comparing(DdbJson *object)
{
	for (DdbJson *child = object->first; child != NULL; child = child->next)
	{
		for (DdbJson *later = child->next; later != NULL; later = later->next)
		{
			if (ddb_text_equal(child->name, later->name))
			{
				child->type = DDB_JSON_NULL;
				break;
			}
		}
	}
}

static void
mark_by_sorting(DdbJson *object)
{
	Member	   *members = palloc(sizeof(Member) * object->count);
	int			count = 0;

	for (DdbJson *child = object->first; child != NULL; child = child->next)
	{
		DDB_PAUSE_POINT();
		members[count].node = child;
		members[count].position = count;
		count++;
	}
	qsort(members, count, sizeof(Member), compare_members);

	for (int i = 0; i + 1 < count; i++)
	{
		DDB_PAUSE_POINT();
		if (ddb_text_equal(members[i].node->name, members[i + 1].node->name))
			members[i].node->type = DDB_JSON_NULL;
	}
	pfree(members);
}

/* Removes the children that are null. */
static void
drop_absent(DdbJson *container)
{
	DdbJson   **link = &container->first;

	container->last = NULL;
	while (*link != NULL)
	{
		DDB_PAUSE_POINT();
		if ((*link)->type == DDB_JSON_NULL)
		{
			*link = (*link)->next;
			container->count--;
		}
		else
		{
			container->last = *link;
			link = &(*link)->next;
		}
	}
}

static int
compare_members(const void *left, const void *right)
{
	const Member *a = left;
	const Member *b = right;
	int			order = ddb_text_compare(a->node->name, b->node->name);

	DDB_PAUSE_POINT();
	return order != 0 ? order : a->position - b->position;
}
