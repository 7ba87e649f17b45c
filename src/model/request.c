/*
 * request.c
 *	  Members of a validated request, and how the model reads one value.
 */
#include "postgres.h"

#include "model/model_int.h"

/* A JSON number, taken apart. */
typedef struct SplitNumber
{
	bool		negative;
	const char *digits;			/* with a point somewhere in between */
	int			len;
	int64		integer_digits; /* digits before the point, exponent applied */
} SplitNumber;

static SplitNumber split_number(DdbText text);
static int64 read_exponent(const char *text, int len);
static uint64 append_digit(uint64 magnitude, int digit);

/* The largest magnitude: that of the smallest int64. */
#define MAGNITUDE_LIMIT (UINT64CONST(1) << 63)

/* Exponents beyond this make no difference to a text that fits in memory. */
#define EXPONENT_LIMIT INT64CONST(4000000000)

const char *
ddb_request_string(const DdbJson *request, const char *name,
				   const char *fallback)
{
	const DdbJson *json = ddb_json_get(request, name);

	return json == NULL ? fallback : json->text.data;
}

bool
ddb_request_bool(const DdbJson *request, const char *name, bool fallback)
{
	const DdbJson *json = ddb_json_get(request, name);

	return json == NULL ? fallback : ddb_json_as_bool(json);
}

int64
ddb_request_int(const DdbJson *request, const char *name, int64 fallback)
{
	const DdbJson *json = ddb_json_get(request, name);

	return json == NULL ? fallback : ddb_json_as_int(json);
}

bool
ddb_json_as_bool(const DdbJson *json)
{
	bool		value = false;

	if (json->type != DDB_JSON_STRING)
		return json->type == DDB_JSON_TRUE;
	(void) ddb_model_boolean_word(json->text, &value);
	return value;
}

bool
ddb_model_boolean_word(DdbText text, bool *value)
{
	static const struct
	{
		const char *word;
		bool		value;
	}			words[] = {
		{"true", true}, {"1", true}, {"yes", true},
		{"false", false}, {"0", false}, {"no", false}
	};

	for (int i = 0; i < lengthof(words); i++)
	{
		if (strlen(words[i].word) == text.len &&
			pg_strncasecmp(words[i].word, text.data, text.len) == 0)
		{
			*value = words[i].value;
			return true;
		}
	}
	return false;
}

/*
 * Fractions are rounded down; numbers out of range become the nearest number
 * in range.  The code uses integers only: a double would lose the low digits of a Long.
 */
int64
ddb_json_as_int(const DdbJson *json)
{
	SplitNumber number = split_number(json->text);
	uint64		magnitude = 0;
	bool		fraction = false;
	int64		position = 0;

	for (int i = 0; i < number.len; i++)
	{
		if (number.digits[i] == '.')
			continue;
		if (position++ < number.integer_digits)
			magnitude = append_digit(magnitude, number.digits[i] - '0');
		else if (number.digits[i] != '0')
			fraction = true;
	}

	/* The zeros that only the exponent writes. */
	for (; position < number.integer_digits; position++)
	{
		if (magnitude == 0 || magnitude == MAGNITUDE_LIMIT)
			break;
		magnitude = append_digit(magnitude, 0);
	}

	if (!number.negative)
		return magnitude >= MAGNITUDE_LIMIT ? PG_INT64_MAX : (int64) magnitude;
	if (fraction && magnitude < MAGNITUDE_LIMIT)
		magnitude++;
	return magnitude >= MAGNITUDE_LIMIT ? PG_INT64_MIN : -(int64) magnitude;
}

static SplitNumber
split_number(DdbText text)
{
	SplitNumber number = {.negative = text.len > 0 && text.data[0] == '-'};
	int			end;
	int			point = -1;

	number.digits = text.data + (number.negative ? 1 : 0);
	end = text.len - (number.negative ? 1 : 0);

	for (number.len = 0; number.len < end; number.len++)
	{
		char		c = number.digits[number.len];

		if (c == 'e' || c == 'E')
			break;
		if (c == '.')
			point = number.len;
	}

	number.integer_digits = point >= 0 ? point : number.len;
	if (number.len < end)
		number.integer_digits += read_exponent(number.digits + number.len + 1,
											   end - number.len - 1);
	return number;
}

static int64
read_exponent(const char *text, int len)
{
	bool		negative = len > 0 && text[0] == '-';
	int64		exponent = 0;

	for (int i = 0; i < len; i++)
	{
		if (text[i] >= '0' && text[i] <= '9' && exponent < EXPONENT_LIMIT)
			exponent = exponent * 10 + (text[i] - '0');
	}
	return negative ? -exponent : exponent;
}

/* Stays at the limit once it is reached. */
static uint64
append_digit(uint64 magnitude, int digit)
{
	if (magnitude > (MAGNITUDE_LIMIT - digit) / 10)
		return MAGNITUDE_LIMIT;
	return magnitude * 10 + digit;
}
