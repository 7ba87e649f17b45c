/*
 * number.h
 *	  DynamoDB's numbers: decimal, 38 significant digits, magnitudes from
 *	  1E-130 to 9.99E+125, exact or an error, never rounded.
 *
 * A number is held as its canonical text: plain decimal without exponent,
 * plus sign, leading zeros or trailing fraction zeros; zero is "0".
 */
#ifndef DDB_VALUE_NUMBER_H
#define DDB_VALUE_NUMBER_H

#include "value/text.h"

/* Longest canonical text: sign, "0.", 130 + 37 digits; and a NUL. */
#define DDB_NUMBER_MAX_TEXT 176

typedef enum DdbNumberStatus
{
	DDB_NUMBER_OK,
	DDB_NUMBER_EMPTY,			/* the empty string */
	DDB_NUMBER_SYNTAX,			/* not a number */
	DDB_NUMBER_OVERFLOW,
	DDB_NUMBER_UNDERFLOW,
	DDB_NUMBER_PRECISION		/* more than 38 significant digits */
} DdbNumberStatus;

/*
 * Check and canonicalise.  On DDB_NUMBER_OK *canonical is palloc'd (or the
 * input itself, when that is canonical already).
 */
extern DdbNumberStatus ddb_number_parse(DdbText input, DdbText *canonical);

/* Returns whether the text is a legal number in canonical form. */
extern bool ddb_number_is_canonical(DdbText text);

/*
 * The service's message for a status other than OK; input is quoted where the
 * service quotes it.  palloc'd or constant.
 */
extern const char *ddb_number_message(DdbNumberStatus status, DdbText input);

/* Numeric order of two canonical numbers: below, equal to or above zero. */
extern int	ddb_number_compare(DdbText left, DdbText right);

/*
 * Exact sum or difference of two canonical numbers.  Returns OVERFLOW or
 * UNDERFLOW if the result is out of range, and OVERFLOW also if it has too
 * many digits.
 */
extern DdbNumberStatus ddb_number_add(DdbText left, DdbText right, DdbText *sum);
extern DdbNumberStatus ddb_number_subtract(DdbText left, DdbText right,
										   DdbText *difference);

/*
 * Converts a canonical number to bytes that sort as the numbers do, and returns
 * how many.  Only the first can be zero.  This is an on-disk format.
 */
#define DDB_NUMBER_SORTABLE_MAX 22
extern int	ddb_number_sortable(DdbText canonical, unsigned char *bytes);

/* Bytes a canonical number counts in an item's size. */
extern int	ddb_number_size(DdbText canonical);

/* Returns whether the text is canonical, and its size in an item. */
extern bool ddb_number_measure(DdbText text, int *size);

#endif							/* DDB_VALUE_NUMBER_H */
