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
