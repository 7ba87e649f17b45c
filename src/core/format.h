/*
 * format.h
 *	  Formatting the message of a variadic function.
 *
 * In a header, so that it is at hand also where nothing of the server is
 * linked, as in the unit tests.
 */
#ifndef DDB_CORE_FORMAT_H
#define DDB_CORE_FORMAT_H

#include "postgres.h"
#include "lib/stringinfo.h"

/*
 * Messages quote what requests contain, which may be 16 MB.  A longer text is
 * clipped, so that copying it does not keep other clients waiting.
 */
#define DDB_QUOTED_MAX ((size_t) 65536)
#define DDB_MESSAGE_MAX ((size_t) 131072)

/*
 * Returns how many bytes of a text to keep if it may have limit bytes.  Neither
 * a character of UTF-8 nor a pair of bytes that begins with U+0001 (see
 * value/text.h) is cut in two.
 */
static inline size_t
ddb_clip(const char *text, size_t len, size_t limit)
{
	if (len <= limit)
		return len;
	while (limit > 0 && ((unsigned char) text[limit] & 0xC0) == 0x80)
		limit--;
	while (limit > 0 && text[limit - 1] == '\x01')
		limit--;
	return limit;
}

static inline char *ddb_format(const char *format, va_list args)
			pg_attribute_printf(1, 0);

/* The text, palloc'd.  args are used up, as by vprintf(). */
static inline char *
ddb_format(const char *format, va_list args)
{
	StringInfoData text;

	initStringInfo(&text);
	for (;;)
	{
		va_list		copy;
		int			needed;

		va_copy(copy, args);
		needed = appendStringInfoVA(&text, format, copy);
		va_end(copy);
		if (needed == 0)
			return text.data;
		enlargeStringInfo(&text, needed);
	}
}

#endif							/* DDB_CORE_FORMAT_H */
