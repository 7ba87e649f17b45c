/*
 * number.c
 *	  Decimal numbers of 38 digits, on their canonical text.
 *
 * A canonical number is short, unique and can be compared digit by digit, so
 * most work is done on the text itself: most requests spell numbers
 * canonically already, and then parsing is a check.  Sums are made on a grid
 * with one cell for every decimal place that two legal numbers can occupy.
 */
#include "postgres.h"

#include "value/number.h"

#define MAX_DIGITS		38
#define MAX_EXPONENT	125		/* of the first digit, as in 9.9E+125 */
#define MIN_EXPONENT	(-130)

/*
 * Larger written exponents are cut to this value.  No request can hold enough
 * zeros to bring such a number back into range.
 */
#define EXPONENT_CUT	INT64CONST(100000000000)

/*
 * The grid: cell 0 is the place one above the largest number's first digit,
 * so that a carry fits; the last is that of the smallest number's last digit.
 */
#define GRID_TOP		(MAX_EXPONENT + 1)
#define GRID_CELLS		(GRID_TOP - MIN_EXPONENT + MAX_DIGITS)

/* d.ddd x 10^exponent; both ends of the digits are not zero. */
typedef struct Decimal
{
	bool		negative;
	int			count;			/* 0: the number is zero */
	int			exponent;
	char		digits[MAX_DIGITS];
} Decimal;

/* The parts of a number as written; counts can be anything. */
typedef struct Spelling
{
	bool		negative;
	const char *coefficient;	/* digits, with at most one point */
	int			first;			/* index of the first digit that is not zero,
								 * not counting the point; -1: there is none */
	int			last;			/* and of the last one */
	int			whole;			/* digits left of the point */
	int			fraction;		/* and right of it */
	int64		exponent;		/* as written */
} Spelling;

typedef struct Grid
{
	int			first;			/* cells outside of these are zero */
	int			last;
	int8		cells[GRID_CELLS];
} Grid;

static bool split_spelling(DdbText input, Spelling *spelling);
static const char *split_coefficient(const char *p, const char *end,
									 Spelling *spelling);
static const char *split_exponent(const char *p, const char *end,
								  Spelling *spelling);
static bool is_digit(char character);
static DdbNumberStatus check_zero(const Spelling *spelling);
static DdbNumberStatus check_range(int64 exponent, int64 count);
static void copy_digits(const Spelling *spelling, Decimal *decimal);
static DdbText format_decimal(const Decimal *decimal);
static int	span_digits(DdbText text, int from);
static bool is_negative(DdbText canonical);
static DdbText without_sign(DdbText canonical);
static int	compare_unsigned(DdbText left, DdbText right);
static DdbNumberStatus add_signed(DdbText left, DdbText right,
								  bool right_negative, DdbText *sum);
static void put_on_grid(DdbText number, Grid *grid);
static void add_grid(Grid *to, const Grid *other);
static void subtract_grid(Grid *from, const Grid *other);
static DdbNumberStatus grid_to_text(const Grid *grid, bool negative,
									DdbText *text);

DdbNumberStatus
ddb_number_parse(DdbText input, DdbText *canonical)
{
	Spelling	spelling;
	Decimal		decimal;
	DdbNumberStatus status;

	if (input.len == 0)
		return DDB_NUMBER_EMPTY;

	if (ddb_number_is_canonical(input))
	{
		*canonical = input;
		return DDB_NUMBER_OK;
	}

	if (!split_spelling(input, &spelling))
		return DDB_NUMBER_SYNTAX;
	if (spelling.first < 0)
	{
		*canonical = DDB_TEXT_LITERAL("0");
		return check_zero(&spelling);
	}

	spelling.exponent += spelling.whole - 1 - (int64) spelling.first;
	status = check_range(spelling.exponent,
						 (int64) spelling.last - spelling.first + 1);
	if (status != DDB_NUMBER_OK)
		return status;

	copy_digits(&spelling, &decimal);
	*canonical = format_decimal(&decimal);
	return DDB_NUMBER_OK;
}

bool
ddb_number_is_canonical(DdbText text)
{
	int			size;

	return ddb_number_measure(text, &size);
}

const char *
ddb_number_message(DdbNumberStatus status, DdbText input)
{
	switch (status)
	{
		case DDB_NUMBER_OK:
			break;
		case DDB_NUMBER_EMPTY:
			return "The parameter cannot be converted to a numeric value";
		case DDB_NUMBER_SYNTAX:
			return psprintf("The parameter cannot be converted to a numeric value: %.*s",
							input.len, input.data);
		case DDB_NUMBER_OVERFLOW:
			return "Number overflow. Attempting to store a number with magnitude larger than supported range";
		case DDB_NUMBER_UNDERFLOW:
			return "Number underflow. Attempting to store a number with magnitude smaller than supported range";
		case DDB_NUMBER_PRECISION:
			return "Attempting to store more than 38 significant digits in a Number";
	}
	Assert(false);
	return "";
}

int
ddb_number_compare(DdbText left, DdbText right)
{
	bool		left_negative = is_negative(left);

	if (left_negative != is_negative(right))
		return left_negative ? -1 : 1;
	if (left_negative)
		return compare_unsigned(without_sign(right), without_sign(left));
	return compare_unsigned(left, right);
}

DdbNumberStatus
ddb_number_add(DdbText left, DdbText right, DdbText *sum)
{
	return add_signed(left, right, is_negative(right), sum);
}

DdbNumberStatus
ddb_number_subtract(DdbText left, DdbText right, DdbText *difference)
{
	return add_signed(left, right, !is_negative(right), difference);
}

int
ddb_number_size(DdbText canonical)
{
	int			size = 0;
	bool		is_canonical PG_USED_FOR_ASSERTS_ONLY =
		ddb_number_measure(canonical, &size);

	Assert(is_canonical);
	return size;
}

/*
 * The service packs two digits into a byte on each side of the point, and
 * drops zeros at both ends.
 */
bool
ddb_number_measure(DdbText text, int *size)
{
	DdbText		number = without_sign(text);
	int			sign = text.len - number.len;
	int			whole;
	int			fraction;

	/* Longer than that is not canonical, so nothing below runs long. */
	if (number.len == 0 || number.len >= DDB_NUMBER_MAX_TEXT)
		return false;

	whole = span_digits(number, 0);
	if (whole == number.len)
	{
		if (number.data[0] == '0' && (number.len > 1 || sign > 0))
			return false;
		if (whole > MAX_EXPONENT + 1)
			return false;
		while (whole > 0 && number.data[whole - 1] == '0')
			whole--;
		*size = 1 + (whole + 1) / 2 + sign;
		return whole <= MAX_DIGITS;
	}

	fraction = number.len - whole - 1;
	if (whole == 0 || fraction == 0 || number.data[whole] != '.' ||
		span_digits(number, whole + 1) != number.len ||
		number.data[number.len - 1] == '0')
		return false;
	if (number.data[0] == '0')
	{
		int			zeros = 0;

		if (whole > 1)
			return false;
		while (number.data[2 + zeros] == '0')
			zeros++;
		if (zeros >= -MIN_EXPONENT)
			return false;
		whole = 0;
		fraction -= zeros;
	}
	*size = 1 + (whole + 1) / 2 + (fraction + 1) / 2 + sign;
	return whole + fraction <= MAX_DIGITS;
}

/*
 * As 0.d1d2... x 10^exponent: a byte for half the exponent, which is made even
 * by a zero in front, then one for every two digits; complements of all that
 * where the number is negative, and then, unless the digits fill all the room
 * there can be, a byte larger than any of a longer number.
 */
int
ddb_number_sortable(DdbText canonical, unsigned char *bytes)
{
	DdbText		number = without_sign(canonical);
	bool		negative = is_negative(canonical);
	int			exponent = 0;
	char		digits[MAX_DIGITS + 2] = {0};
	int			count = 0;
	int			significant = 0;
	int			len = 0;

	while (exponent < number.len && number.data[exponent] != '.')
		exponent++;

	/* All the digits there can be, and a zero in front: behind are but zeros. */
	for (int i = 0; i < number.len && count <= MAX_DIGITS; i++)
	{
		char		c = number.data[i];

		if (c == '.')
			continue;
		if (count == 0 && c == '0')
		{
			exponent--;
			continue;
		}
		if (count == 0 && exponent % 2 != 0)
			count = 1;			/* the zero in front */
		digits[count++] = c - '0';
		if (c != '0')
			significant = count;
	}
	if (significant == 0)
	{
		bytes[0] = 0x80;
		return 1;
	}

	/* In C the remainder of a negative number is negative. */
	bytes[len++] = (unsigned char) ((exponent + (exponent % 2 != 0)) / 2 - 64);
	for (int i = 0; i < significant; i += 2)
		bytes[len++] = digits[i] * 10 + digits[i + 1] + 1;
	if (!negative)
		return len;

	bytes[0] = ~bytes[0];
	for (int i = 1; i < len; i++)
		bytes[i] = 102 - bytes[i];
	if (len - 1 < (MAX_DIGITS + 2) / 2)
		bytes[len++] = 102;
	return len;
}

/* ------------------------------------------------------------- parsing */

static bool
split_spelling(DdbText input, Spelling *spelling)
{
	const char *p = input.data;
	const char *end = input.data + input.len;

	spelling->negative = *p == '-';
	if (*p == '-' || *p == '+')
		p++;
	p = split_coefficient(p, end, spelling);
	if (p == NULL)
		return false;
	p = split_exponent(p, end, spelling);
	return p == end;
}

/* Both return where they stopped, or NULL when there is a syntax error. */
static const char *
split_coefficient(const char *p, const char *end, Spelling *spelling)
{
	bool		point = false;
	int			seen = 0;

	spelling->coefficient = p;
	spelling->first = spelling->last = -1;

	for (; p < end; p++)
	{
		if (*p == '.' && !point)
		{
			point = true;
			spelling->whole = seen;
			continue;
		}
		if (!is_digit(*p))
			break;
		if (*p != '0')
		{
			if (spelling->first < 0)
				spelling->first = seen;
			spelling->last = seen;
		}
		seen++;
	}
	if (!point)
		spelling->whole = seen;
	spelling->fraction = seen - spelling->whole;
	return seen > 0 ? p : NULL;
}

static const char *
split_exponent(const char *p, const char *end, Spelling *spelling)
{
	bool		negative = false;

	spelling->exponent = 0;
	if (p == end || (*p != 'e' && *p != 'E'))
		return p;
	p++;
	if (p < end && (*p == '-' || *p == '+'))
		negative = *p++ == '-';
	if (p == end)
		return NULL;

	for (; p < end && is_digit(*p); p++)
		spelling->exponent = Min(spelling->exponent * 10 + (*p - '0'),
								 EXPONENT_CUT);
	if (negative)
		spelling->exponent = -spelling->exponent;
	return p;
}

static bool
is_digit(char character)
{
	return character >= '0' && character <= '9';
}

/*
 * The service checks the exponent even of a zero (live answers of 2026; older
 * records accept any).  It checks the exponent of the last digit, so 0.0E126 is
 * legal.  A zero without an exponent may have any number of digits.
 */
static DdbNumberStatus
check_zero(const Spelling *spelling)
{
	if (spelling->exponent == 0)
		return DDB_NUMBER_OK;
	return check_range(spelling->exponent - spelling->fraction, 0);
}

/* The service checks the magnitude before the number of digits. */
static DdbNumberStatus
check_range(int64 exponent, int64 count)
{
	if (exponent > MAX_EXPONENT)
		return DDB_NUMBER_OVERFLOW;
	if (exponent < MIN_EXPONENT)
		return DDB_NUMBER_UNDERFLOW;
	if (count > MAX_DIGITS)
		return DDB_NUMBER_PRECISION;
	return DDB_NUMBER_OK;
}

static void
copy_digits(const Spelling *spelling, Decimal *decimal)
{
	const char *p = spelling->coefficient;

	decimal->negative = spelling->negative;
	decimal->exponent = (int) spelling->exponent;
	decimal->count = 0;
	for (int seen = 0; seen <= spelling->last; p++)
	{
		if (*p == '.')
			continue;
		if (seen >= spelling->first)
			decimal->digits[decimal->count++] = *p;
		seen++;
	}
}

static DdbText
format_decimal(const Decimal *decimal)
{
	char	   *text = palloc(DDB_NUMBER_MAX_TEXT);
	char	   *to = text;
	int			place = Max(decimal->exponent, 0);
	int			last_place = decimal->exponent - decimal->count + 1;

	Assert(decimal->count > 0);
	if (decimal->negative)
		*to++ = '-';

	/* Write all places between the first and last digits, and the ones. */
	for (; place >= Min(last_place, 0); place--)
	{
		int			index = decimal->exponent - place;

		if (place == -1)
			*to++ = '.';
		*to++ = index >= 0 && index < decimal->count ?
			decimal->digits[index] : '0';
	}
	*to = '\0';
	Assert(to - text < DDB_NUMBER_MAX_TEXT);
	return (DdbText) {.data = text, .len = (int) (to - text)};
}

/* --------------------------------------------------- on canonical text */

/* Returns the end of the digits that begin at a position. */
static int
span_digits(DdbText text, int from)
{
	while (from < text.len && is_digit(text.data[from]))
		from++;
	return from;
}

static bool
is_negative(DdbText canonical)
{
	return canonical.len > 0 && canonical.data[0] == '-';
}

static DdbText
without_sign(DdbText canonical)
{
	int			sign = is_negative(canonical);

	return (DdbText) {.data = canonical.data + sign, .len = canonical.len - sign};
}

/*
 * The number with more digits before the point is larger.  If they have equally
 * many, the points are at the same place and the bytes decide.  If one is a
 * prefix of the other, the longer number is larger, as it has no final zero.
 */
static int
compare_unsigned(DdbText left, DdbText right)
{
	const char *left_point = memchr(left.data, '.', left.len);
	const char *right_point = memchr(right.data, '.', right.len);
	int			left_whole = left_point ? (int) (left_point - left.data) : left.len;
	int			right_whole = right_point ? (int) (right_point - right.data) : right.len;

	if (left_whole != right_whole)
		return left_whole - right_whole;
	return ddb_text_compare(left, right);
}

/* ---------------------------------------------------------- arithmetic */

/* Adds two numbers, where right_negative replaces the sign of right. */
static DdbNumberStatus
add_signed(DdbText left, DdbText right, bool right_negative, DdbText *sum)
{
	bool		left_negative = is_negative(left);
	Grid		left_grid;
	Grid		right_grid;

	left = without_sign(left);
	right = without_sign(right);
	put_on_grid(left, &left_grid);
	put_on_grid(right, &right_grid);

	if (left_negative == right_negative)
	{
		add_grid(&left_grid, &right_grid);
		return grid_to_text(&left_grid, left_negative, sum);
	}
	if (compare_unsigned(left, right) >= 0)
	{
		subtract_grid(&left_grid, &right_grid);
		return grid_to_text(&left_grid, left_negative, sum);
	}
	subtract_grid(&right_grid, &left_grid);
	return grid_to_text(&right_grid, right_negative, sum);
}

static void
put_on_grid(DdbText number, Grid *grid)
{
	const char *point = memchr(number.data, '.', number.len);
	int			whole = point == NULL ? number.len : (int) (point - number.data);
	int			cell = GRID_TOP - (whole - 1);

	memset(grid->cells, 0, sizeof(grid->cells));
	grid->first = cell;
	for (int i = 0; i < number.len; i++)
	{
		if (number.data[i] != '.')
			grid->cells[cell++] = (int8) (number.data[i] - '0');
	}
	grid->last = cell - 1;
	Assert(cell <= GRID_CELLS);
}

static void
add_grid(Grid *to, const Grid *other)
{
	int			carry = 0;

	to->first = Min(to->first, other->first) - 1;
	to->last = Max(to->last, other->last);
	for (int i = to->last; i >= to->first; i--)
	{
		int			digit = to->cells[i] + other->cells[i] + carry;

		carry = digit >= 10;
		to->cells[i] = (int8) (digit - 10 * carry);
	}
	Assert(carry == 0);
}

/* other must not be larger than from. */
static void
subtract_grid(Grid *from, const Grid *other)
{
	int			borrow = 0;

	from->last = Max(from->last, other->last);
	for (int i = from->last; i >= from->first; i--)
	{
		int			digit = from->cells[i] - other->cells[i] - borrow;

		borrow = digit < 0;
		from->cells[i] = (int8) (digit + 10 * borrow);
	}
	Assert(borrow == 0);
}

/* A result of too many digits is an overflow to the service (live: 1E50 + 1). */
static DdbNumberStatus
grid_to_text(const Grid *grid, bool negative, DdbText *text)
{
	Decimal		decimal = {.negative = negative};
	int			first = grid->first;
	int			last = grid->last;
	DdbNumberStatus status;

	while (first <= last && grid->cells[first] == 0)
		first++;
	if (first > last)
	{
		*text = DDB_TEXT_LITERAL("0");
		return DDB_NUMBER_OK;
	}
	while (grid->cells[last] == 0)
		last--;

	decimal.exponent = GRID_TOP - first;
	status = check_range(decimal.exponent, last - first + 1);
	if (status == DDB_NUMBER_PRECISION)
		return DDB_NUMBER_OVERFLOW;
	if (status != DDB_NUMBER_OK)
		return status;

	for (int i = first; i <= last; i++)
		decimal.digits[decimal.count++] = (char) ('0' + grid->cells[i]);
	*text = format_decimal(&decimal);
	return DDB_NUMBER_OK;
}
