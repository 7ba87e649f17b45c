/*
 * base64.c
 *	  Base64 with the service's strictness.
 *
 * The service refuses blanks and text that is not canonical.  PostgreSQL's own
 * decoder accepts both, so it cannot be used here.  Checking and decoding
 * are separate, because a stored row is checked on every read and decoded
 * only when an expression looks at the value.
 */
#include "postgres.h"

#include "value/base64.h"

static const char alphabet[] =
"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* A character's value plus one, or 0 if it is not in the alphabet. */
static const uint8 value_plus_one[256] = {
	['A'] = 1, ['B'] = 2, ['C'] = 3, ['D'] = 4, ['E'] = 5, ['F'] = 6,
	['G'] = 7, ['H'] = 8, ['I'] = 9, ['J'] = 10, ['K'] = 11, ['L'] = 12,
	['M'] = 13, ['N'] = 14, ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,
	['S'] = 19, ['T'] = 20, ['U'] = 21, ['V'] = 22, ['W'] = 23, ['X'] = 24,
	['Y'] = 25, ['Z'] = 26, ['a'] = 27, ['b'] = 28, ['c'] = 29, ['d'] = 30,
	['e'] = 31, ['f'] = 32, ['g'] = 33, ['h'] = 34, ['i'] = 35, ['j'] = 36,
	['k'] = 37, ['l'] = 38, ['m'] = 39, ['n'] = 40, ['o'] = 41, ['p'] = 42,
	['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46, ['u'] = 47, ['v'] = 48,
	['w'] = 49, ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53, ['1'] = 54,
	['2'] = 55, ['3'] = 56, ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,
	['8'] = 61, ['9'] = 62, ['+'] = 63, ['/'] = 64
};

static int	padding_length(DdbText text);

static inline uint32
sextet(char character)
{
	return (uint32) value_plus_one[(unsigned char) character] - 1;
}

DdbBase64Status
ddb_base64_check(DdbText text)
{
	int			padding = padding_length(text);
	int			significant = text.len - padding;
	bool		misplaced = false;
	uint32		unused_bits;

	for (int i = 0; i < significant; i++)
	{
		if (value_plus_one[(unsigned char) text.data[i]] != 0)
			continue;
		if (text.data[i] != '=')
			return ddb_base64_count(text) % 4 != 0 ?
				DDB_BASE64_LENGTH : DDB_BASE64_CHARACTER;
		misplaced = true;
	}
	if (text.len % 4 != 0)
		return DDB_BASE64_LENGTH;
	if (misplaced)
		return DDB_BASE64_TRAILING;

	if (padding == 0)
		return DDB_BASE64_OK;
	unused_bits = padding == 1 ? 0x03 : 0x0F;
	if ((sextet(text.data[significant - 1]) & unused_bits) != 0)
		return DDB_BASE64_TRAILING;
	return DDB_BASE64_OK;
}

int
ddb_base64_count(DdbText text)
{
	int			count = 0;

	for (int i = 0; i < text.len; i++)
	{
		unsigned char byte = text.data[i];

		/* U+0000 and U+0001 take two bytes in stored form. */
		if (byte == '\001')
			i++;
		if ((byte & 0xC0) != 0x80)
			count += byte >= 0xF0 ? 2 : 1;
	}
	return count;
}

int
ddb_base64_decoded_length(DdbText text)
{
	return text.len / 4 * 3 - padding_length(text);
}

DdbText
ddb_base64_decode(DdbText text)
{
	int			len = ddb_base64_decoded_length(text);
	char	   *bytes = palloc(len + 1);
	int			produced = 0;

	for (int i = 0; i < text.len; i += 4)
	{
		uint32		group = 0;

		for (int j = i; j < i + 4; j++)
			group = group << 6 | (text.data[j] == '=' ? 0 : sextet(text.data[j]));
		for (int shift = 16; shift >= 0 && produced < len; shift -= 8)
			bytes[produced++] = (char) (group >> shift & 0xFF);
	}
	bytes[len] = '\0';
	return (DdbText) {.data = bytes, .len = len};
}

int
ddb_base64_encoded_length(int len)
{
	return (len + 2) / 3 * 4;
}

/* Padding sorts before every character, so that shorter values sort first. */
int
ddb_base64_compare(DdbText left, DdbText right)
{
	int			common = Min(left.len, right.len);

	for (int i = 0; i < common; i++)
	{
		if (left.data[i] != right.data[i])
			return value_plus_one[(unsigned char) left.data[i]] -
				value_plus_one[(unsigned char) right.data[i]];
	}
	return left.len - right.len;
}

DdbText
ddb_base64_encode(DdbText bytes)
{
	int			len = ddb_base64_encoded_length(bytes.len);
	char	   *target = palloc(len + 1);

	ddb_base64_encode_into(bytes, target);
	target[len] = '\0';
	return (DdbText) {.data = target, .len = len};
}

void
ddb_base64_encode_into(DdbText bytes, char *target)
{
	const unsigned char *source = (const unsigned char *) bytes.data;

	for (int i = 0; i < bytes.len; i += 3)
	{
		int			available = Min(bytes.len - i, 3);
		uint32		group = (uint32) source[i] << 16;

		if (available > 1)
			group |= (uint32) source[i + 1] << 8;
		if (available > 2)
			group |= source[i + 2];

		*target++ = alphabet[group >> 18];
		*target++ = alphabet[group >> 12 & 0x3F];
		*target++ = available > 1 ? alphabet[group >> 6 & 0x3F] : '=';
		*target++ = available > 2 ? alphabet[group & 0x3F] : '=';
	}
}

/* Returns the number of padding characters at the end, at most 2. */
static int
padding_length(DdbText text)
{
	int			padding = 0;

	while (padding < 2 && padding < text.len &&
		   text.data[text.len - 1 - padding] == '=')
		padding++;
	return padding;
}
