/*
 * json_plain.h
 *	  Strings that JSON holds as they are, which are nearly all.
 *
 * Eight bytes are looked at in one step; the last step overlaps with the one
 * before, so that there are no single bytes left.
 */
#ifndef DDB_VALUE_JSON_PLAIN_H
#define DDB_VALUE_JSON_PLAIN_H

#include "postgres.h"

#define BYTES_OF(byte)	(UINT64CONST(0x0101010101010101) * (byte))

/*
 * Has a word no control character, quote or backslash among its bytes?  A byte
 * of (word - x) & ~word has its high bit set where the word's byte is below x,
 * of which the lowest one at least is true.
 */
static inline bool
word_is_plain(uint64 word)
{
	uint64		below_blank = word - BYTES_OF(0x20);
	uint64		quote = (word ^ BYTES_OF('"')) - BYTES_OF(1);
	uint64		backslash = (word ^ BYTES_OF('\\')) - BYTES_OF(1);

	return ((below_blank | quote | backslash) & ~word & BYTES_OF(0x80)) == 0;
}

static inline bool
byte_is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte != '"' && byte != '\\';
}

/* The same for fewer bytes than a word has. */
static inline bool
copy_plain_short(char *to, const char *from, int len)
{
	if (len >= 4)
	{
		uint32		first;
		uint32		last;

		memcpy(&first, from, sizeof(first));
		memcpy(&last, from + len - sizeof(last), sizeof(last));
		memcpy(to, &first, sizeof(first));
		memcpy(to + len - sizeof(last), &last, sizeof(last));
		return word_is_plain((uint64) first << 32 | last);
	}
	if (len > 0)
	{
		unsigned char first = from[0];
		unsigned char middle = from[len / 2];
		unsigned char last = from[len - 1];

		to[0] = first;
		to[len / 2] = middle;
		to[len - 1] = last;
		return word_is_plain(BYTES_OF(' ') << 24 | last << 16 | middle << 8 | first);
	}
	return true;
}

/*
 * Copy a string and tell whether it was plain; when not, what has been copied
 * is undefined.
 */
static inline bool
copy_plain(char *to, const char *from, int len)
{
	uint64		word;

	if (len < (int) sizeof(word))
		return copy_plain_short(to, from, len);

	for (int done = 0; done + (int) sizeof(word) < len; done += sizeof(word))
	{
		memcpy(&word, from + done, sizeof(word));
		if (!word_is_plain(word))
			return false;
		memcpy(to + done, &word, sizeof(word));
	}
	memcpy(&word, from + len - sizeof(word), sizeof(word));
	memcpy(to + len - sizeof(word), &word, sizeof(word));
	return word_is_plain(word);
}

#endif							/* DDB_VALUE_JSON_PLAIN_H */
