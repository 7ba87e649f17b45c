/*
 * expr_lexer.c
 *	  Splitting the text of an expression into tokens, one at a time.
 *
 * Every character belongs to a token or is a blank.  A character that no rule
 * accepts is a token by itself, so that the parser can quote it in an error.
 * Tokens are computed on demand and not stored: an error needs only the tokens
 * next to the one that does not fit.
 */
#include "postgres.h"

#include "expr/expr_int.h"

typedef struct Symbol
{
	const char *text;
	DdbExprTokenKind kind;
} Symbol;

/* In upper case.  Expressions may use any letter case. */
static const Symbol keywords[] = {
	{"AND", DDB_TOKEN_AND},
	{"OR", DDB_TOKEN_OR},
	{"NOT", DDB_TOKEN_NOT},
	{"BETWEEN", DDB_TOKEN_BETWEEN},
	{"IN", DDB_TOKEN_IN},
	{"SET", DDB_TOKEN_SET},
	{"REMOVE", DDB_TOKEN_REMOVE},
	{"ADD", DDB_TOKEN_ADD},
	{"DELETE", DDB_TOKEN_DELETE},
};

/* A longer operator must precede its own prefixes. */
static const Symbol operators[] = {
	{"<>", DDB_TOKEN_NE},
	{"<=", DDB_TOKEN_LE},
	{">=", DDB_TOKEN_GE},
	{"=", DDB_TOKEN_EQ},
	{"<", DDB_TOKEN_LT},
	{">", DDB_TOKEN_GT},
	{"+", DDB_TOKEN_PLUS},
	{"-", DDB_TOKEN_MINUS},
	{"(", DDB_TOKEN_OPEN},
	{")", DDB_TOKEN_CLOSE},
	{",", DDB_TOKEN_COMMA},
	{".", DDB_TOKEN_DOT},
	{"[", DDB_TOKEN_OPEN_BRACKET},
	{"]", DDB_TOKEN_CLOSE_BRACKET},
};

static const char *const reserved_words[] = {
#define DDB_RESERVED_WORD(word) word,
#include "expr/reserved_words.def"
#undef DDB_RESERVED_WORD
};

static DdbExprTokenKind word_kind(DdbText source, int start, int end);
static bool find_operator(DdbText source, DdbExprToken *token);
static int	character_length(DdbText source, int position);
static int	skip_word(DdbText source, int position);
static int	compare_word(DdbText word, const char *upper);

static inline bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static inline bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static inline bool
is_word_character(char c)
{
	return is_letter(c) || is_digit(c) || c == '_';
}

DdbExprToken
ddb_expr_next_token(DdbText source, int position)
{
	DdbExprToken token;
	char		c;

	while (position < source.len && is_blank(source.data[position]))
		position++;
	token.start = position;
	token.end = position;
	token.kind = DDB_TOKEN_END;
	if (position == source.len)
		return token;

	c = source.data[position];
	if (is_letter(c))
	{
		token.end = skip_word(source, position);
		token.kind = word_kind(source, position, token.end);
	}
	else if (is_digit(c))
	{
		while (token.end < source.len && is_digit(source.data[token.end]))
			token.end++;
		token.kind = DDB_TOKEN_NUMBER;
	}
	else if ((c == '#' || c == ':') &&
			 skip_word(source, position + 1) > position + 1)
	{
		token.end = skip_word(source, position + 1);
		token.kind = c == '#' ? DDB_TOKEN_NAME : DDB_TOKEN_VALUE;
	}
	else if (!find_operator(source, &token))
	{
		token.end = position + character_length(source, position);
		token.kind = DDB_TOKEN_OTHER;
	}
	return token;
}

/*
 * A keyword directly followed by a placeholder ("NOT#a") is not a keyword; the
 * characters count as one word.
 */
static DdbExprTokenKind
word_kind(DdbText source, int start, int end)
{
	DdbText		word = {.data = source.data + start, .len = end - start};
	int			i;

	if (end < source.len &&
		(source.data[end] == '#' || source.data[end] == ':'))
		return DDB_TOKEN_IDENTIFIER;
	for (i = 0; i < (int) lengthof(keywords); i++)
	{
		if (compare_word(word, keywords[i].text) == 0)
			return keywords[i].kind;
	}
	return DDB_TOKEN_IDENTIFIER;
}

static bool
find_operator(DdbText source, DdbExprToken *token)
{
	int			i;

	for (i = 0; i < (int) lengthof(operators); i++)
	{
		int			len = strlen(operators[i].text);

		if (source.len - token->start >= len &&
			memcmp(source.data + token->start, operators[i].text, len) == 0)
		{
			token->kind = operators[i].kind;
			token->end = token->start + len;
			return true;
		}
	}
	return false;
}

/*
 * Returns the number of bytes of one character, so that an error never quotes
 * half of it.  In the stored form, U+0001 begins a pair of bytes that
 * represents one character.
 */
static int
character_length(DdbText source, int position)
{
	unsigned char c = source.data[position];
	int			len;

	if (c < 0x80)
		len = c == 0x01 ? 2 : 1;
	else if (c < 0xE0)
		len = 2;
	else if (c < 0xF0)
		len = 3;
	else
		len = 4;
	return Min(len, source.len - position);
}

static int
skip_word(DdbText source, int position)
{
	while (position < source.len && is_word_character(source.data[position]))
		position++;
	return position;
}

bool
ddb_expr_is_reserved_word(DdbText word)
{
	int			low = 0;
	int			high = lengthof(reserved_words) - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		int			order = compare_word(word, reserved_words[middle]);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle - 1;
		else
			low = middle + 1;
	}
	return false;
}

/* Compares a word, in upper case, with another one like strcmp(). */
static int
compare_word(DdbText word, const char *upper)
{
	int			i;

	for (i = 0; i < word.len; i++)
	{
		unsigned char c = word.data[i];

		if (c >= 'a' && c <= 'z')
			c -= 'a' - 'A';
		if (c != (unsigned char) upper[i])
			return (int) c - (int) (unsigned char) upper[i];
	}
	return upper[word.len] == '\0' ? 0 : -1;
}
