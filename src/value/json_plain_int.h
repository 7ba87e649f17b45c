/*
 * json_plain_int.h
 *	  Copying strings that need no escape in JSON; nearly all strings need none.
 *
 * One step checks eight bytes, or sixteen with SSE2.  The last step overlaps
 * the previous step, so that no single bytes are left.
 */
#ifndef DDB_VALUE_JSON_PLAIN_INT_H
#define DDB_VALUE_JSON_PLAIN_INT_H

#include "postgres.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define BYTES_OF(byte)	(UINT64CONST(0x0101010101010101) * (byte))

static inline bool
byte_is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte != '"' && byte != '\\';
}

/*
 * Returns whether no byte of a word is a control character, quote or backslash.
 * In (word - x) & ~word, a byte's high bit is set where the word's byte is
 * below x.  A borrow can set higher bits wrongly, but the lowest set bit is
 * always right.
 */
static inline bool
word_is_plain(uint64 word)
{
	uint64		below_blank = word - BYTES_OF(0x20);
	uint64		quote = (word ^ BYTES_OF('"')) - BYTES_OF(1);
	uint64		backslash = (word ^ BYTES_OF('\\')) - BYTES_OF(1);

	return ((below_blank | quote | backslash) & ~word & BYTES_OF(0x80)) == 0;
}

/* Copies eight bytes and returns whether all were plain. */
static inline bool
copy_plain_word(char *to, const char *from)
{
	uint64		word;

	memcpy(&word, from, sizeof(word));
	memcpy(to, &word, sizeof(word));
	return word_is_plain(word);
}

#define PLAIN_CHUNK 16

static inline bool
copy_plain_chunk(char *to, const char *from)
{
#ifdef __SSE2__
	__m128i		chunk = _mm_loadu_si128((const __m128i *) from);
	__m128i		control = _mm_cmpeq_epi8(_mm_min_epu8(chunk, _mm_set1_epi8(0x1f)),
										 chunk);
	__m128i		quote = _mm_cmpeq_epi8(chunk, _mm_set1_epi8('"'));
	__m128i		backslash = _mm_cmpeq_epi8(chunk, _mm_set1_epi8('\\'));

	_mm_storeu_si128((__m128i *) to, chunk);
	return _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash))) == 0;
#else
	return copy_plain_word(to, from) &&
		copy_plain_word(to + sizeof(uint64), from + sizeof(uint64));
#endif
}

/* Copies fewer than eight bytes and returns whether all were plain. */
static inline bool
copy_plain_few(char *to, const char *from, int len)
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
		return byte_is_plain(first) && byte_is_plain(middle) && byte_is_plain(last);
	}
	return true;
}

/*
 * Copies a string and returns whether it was plain.  If it was not, the
 * contents of the target are undefined.
 */
static inline bool
copy_plain(char *to, const char *from, int len)
{
	if (len < (int) sizeof(uint64))
		return copy_plain_few(to, from, len);
	if (len < PLAIN_CHUNK)
		return copy_plain_word(to, from) &&
			copy_plain_word(to + len - sizeof(uint64), from + len - sizeof(uint64));

	for (int done = 0; done + PLAIN_CHUNK < len; done += PLAIN_CHUNK)
	{
		if (!copy_plain_chunk(to + done, from + done))
			return false;
	}
	return copy_plain_chunk(to + len - PLAIN_CHUNK, from + len - PLAIN_CHUNK);
}

#endif							/* DDB_VALUE_JSON_PLAIN_INT_H */
