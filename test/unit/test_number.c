/*
 * test_number.c
 *	  Numbers: syntax, canonical text, order, sums and size.
 */
#include "unit.h"

#define ZEROS_10	"0000000000"
#define ZEROS_40	ZEROS_10 ZEROS_10 ZEROS_10 ZEROS_10
#define ZEROS_120	ZEROS_40 ZEROS_40 ZEROS_40
#define NINES_10	"9999999999"
#define NINES_38	NINES_10 NINES_10 NINES_10 "99999999"

#define LARGEST		NINES_38 ZEROS_40 ZEROS_40 "00000000"
#define SMALLEST	"0." ZEROS_120 "0000000001"

/* 1E+125 and 1E-130 */
#define TEN_TO_125	"1" ZEROS_120 "00000"

static const struct
{
	const char *input;
	const char *canonical;
}			good_rows[] = {
	{"42", "42"}, {"00042", "42"}, {"+42", "42"}, {"42.0", "42"},
	{"4.2e1", "42"}, {"420E-1", "42"},
	{"0", "0"}, {"-0", "0"}, {"0.000", "0"}, {"0E9", "0"}, {"0e-130", "0"},
	{"0.0e126", "0"}, {"-0e125", "0"}, {"+0.", "0"}, {"-.0", "0"},
	{"1.5E2", "150"}, {".5", "0.5"}, {"0.50", "0.5"}, {"5.", "5"}, {"+.5", "0.5"},
	{"1e+2", "100"}, {"-1e-3", "-0.001"}, {"100", "100"}, {"100.0010", "100.001"},
	{"12345.6789", "12345.6789"}, {"123456789e-4", "12345.6789"},
	{"1E125", TEN_TO_125},
	{"-1E125", "-" TEN_TO_125},
	{"1e-130", SMALLEST},
	{"-1e-130", "-" SMALLEST},
	{NINES_38, NINES_38},
	{NINES_38 "E88", LARGEST},
	{"9." NINES_38 "E-130", NULL},
	{"1.5E-130", "0." ZEROS_120 "00000000015"},
	{"1" ZEROS_40, "1" ZEROS_40},
	{"0." ZEROS_40 "1", "0." ZEROS_40 "1"},
	{ZEROS_120 ZEROS_120 "7", "7"},
	{"7." ZEROS_120 ZEROS_120, "7"},
	{"0." ZEROS_120 ZEROS_120 "7E241", "7"},
	{"7" ZEROS_120 ZEROS_120 "E-240", "7"},
};

static const struct
{
	const char *input;
	DdbNumberStatus status;
}			bad_rows[] = {
	{"", DDB_NUMBER_EMPTY},
	{"abc", DDB_NUMBER_SYNTAX}, {"1e", DDB_NUMBER_SYNTAX},
	{"1_000", DDB_NUMBER_SYNTAX}, {" 1", DDB_NUMBER_SYNTAX},
	{"1 ", DDB_NUMBER_SYNTAX}, {"0x10", DDB_NUMBER_SYNTAX},
	{"NaN", DDB_NUMBER_SYNTAX}, {"Infinity", DDB_NUMBER_SYNTAX},
	{"1,5", DDB_NUMBER_SYNTAX}, {"--1", DDB_NUMBER_SYNTAX},
	{".", DDB_NUMBER_SYNTAX}, {"++5", DDB_NUMBER_SYNTAX},
	{"1.2.3", DDB_NUMBER_SYNTAX}, {"-", DDB_NUMBER_SYNTAX},
	{"+", DDB_NUMBER_SYNTAX}, {"e5", DDB_NUMBER_SYNTAX},
	{".e5", DDB_NUMBER_SYNTAX}, {"1e+", DDB_NUMBER_SYNTAX},
	{"1e5.0", DDB_NUMBER_SYNTAX}, {"1e 5", DDB_NUMBER_SYNTAX},
	{"1-", DDB_NUMBER_SYNTAX}, {"1E126x", DDB_NUMBER_SYNTAX},
	{"\xd9\xa1", DDB_NUMBER_SYNTAX},
	{"1E126", DDB_NUMBER_OVERFLOW}, {"-1E126", DDB_NUMBER_OVERFLOW},
	{"10E125", DDB_NUMBER_OVERFLOW}, {"1e99999999999999999999", DDB_NUMBER_OVERFLOW},
	{"1" ZEROS_120 "000000", DDB_NUMBER_OVERFLOW},
	{"1E-131", DDB_NUMBER_UNDERFLOW}, {"-1E-131", DDB_NUMBER_UNDERFLOW},
	{"0.1E-130", DDB_NUMBER_UNDERFLOW}, {"1e-99999999999999999999", DDB_NUMBER_UNDERFLOW},
	{"0." ZEROS_120 "00000000001", DDB_NUMBER_UNDERFLOW},
	/* A zero's exponent is that of its last digit. */
	{"0e126", DDB_NUMBER_OVERFLOW}, {"-0e1000", DDB_NUMBER_OVERFLOW},
	{"0.0e127", DDB_NUMBER_OVERFLOW}, {"0e99999999999999999999", DDB_NUMBER_OVERFLOW},
	{"0e-131", DDB_NUMBER_UNDERFLOW}, {"0.0e-130", DDB_NUMBER_UNDERFLOW},
	{"1" ZEROS_10 ZEROS_10 ZEROS_10 "00000001", DDB_NUMBER_PRECISION},
	{NINES_38 "9", DDB_NUMBER_PRECISION},
	{NINES_38 ".9", DDB_NUMBER_PRECISION},
	{"0." NINES_38 "9", DDB_NUMBER_PRECISION},
	/* The magnitude is looked at before the digits are counted. */
	{NINES_38 "9E120", DDB_NUMBER_OVERFLOW},
	{NINES_38 "9E-200", DDB_NUMBER_UNDERFLOW},
};

/* Legal numbers that are not written canonically. */
static const char *const not_canonical[] = {
	"", "-", "-0", "00", "01", "+1", "1.", ".5", "1.0", "0.0", "0.50", "1e1",
	"-00.5", "1.2.3", " 1", "0x1", "1E126", TEN_TO_125 "0", SMALLEST "0",
	NINES_38 "9", "0." ZEROS_120 "00000000001", "00.5"
};

static const struct
{
	const char *left;
	const char *right;
	const char *sum;			/* or */
	DdbNumberStatus status;
}			sum_rows[] = {
	{"1", "2", "3"}, {"5", "-5", "0"}, {"0", "0", "0"}, {"-1", "-2", "-3"},
	{"999", "1", "1000"}, {"1000", "-1", "999"}, {"1", "-1000", "-999"},
	{"0.1", "0.2", "0.3"}, {"0.5", "0.5", "1"}, {"1.5", "-0.5", "1"},
	{"99.99", "0.01", "100"}, {"0", "-7", "-7"},
	{SMALLEST, SMALLEST, "0." ZEROS_120 "0000000002"},
	{SMALLEST, "-" SMALLEST, "0"},
	{LARGEST, "-" LARGEST, "0"},
	{LARGEST, TEN_TO_125, NULL, DDB_NUMBER_OVERFLOW},
	{"-" LARGEST, "-" LARGEST, NULL, DDB_NUMBER_OVERFLOW},
	{"0." ZEROS_120 "00000000011", "-" SMALLEST, NULL, DDB_NUMBER_UNDERFLOW},
	{TEN_TO_125, "1", NULL, DDB_NUMBER_OVERFLOW},
	{TEN_TO_125, "-" SMALLEST, NULL, DDB_NUMBER_OVERFLOW},
	{NINES_38, "0.1", NULL, DDB_NUMBER_OVERFLOW},
	{NINES_38, "1", "1" ZEROS_10 ZEROS_10 ZEROS_10 "00000000"},
	{"1" ZEROS_10 ZEROS_10 ZEROS_10 "00000000", "-1", NINES_38},
};

static const struct
{
	const char *canonical;
	int			size;
}			size_rows[] = {
	{"0", 1}, {"42", 2}, {"-42", 3}, {"100", 2}, {"0.001", 2}, {"123.45", 4},
	{"1", 2}, {"-1", 3}, {"1234", 3}, {"1001", 3}, {"100.5", 4}, {"10.01", 3},
	{"0.1234", 3}, {"-0.5", 3}, {NINES_38, 20}, {LARGEST, 20}, {SMALLEST, 2},
};

static void test_good(void);
static void test_bad(void);
static void test_messages(void);
static void test_canonical(void);
static void test_compare(void);
static void test_sums(void);
static void test_sizes(void);
static void test_against_int128(void);
static void test_spellings(void);
static void test_sortable(void);
static DdbText scaled_text(__int128 value);
static int	order_of(int64 value);

int
main(void)
{
	test_good();
	test_bad();
	test_messages();
	test_canonical();
	test_compare();
	test_sums();
	test_sizes();
	test_against_int128();
	test_spellings();
	test_sortable();
	return unit_done();
}

static void
test_good(void)
{
	for (int i = 0; i < lengthof(good_rows); i++)
	{
		DdbText		canonical = {.data = NULL};
		DdbNumberStatus status =
		ddb_number_parse(ddb_text_from_cstring(good_rows[i].input), &canonical);

		/* The one row of 39 digits. */
		if (good_rows[i].canonical == NULL)
		{
			unit_is_int(status, DDB_NUMBER_PRECISION, "parse %s", good_rows[i].input);
			continue;
		}
		unit_is_int(status, DDB_NUMBER_OK, "parse %s", good_rows[i].input);
		unit_is_string(canonical.data, good_rows[i].canonical,
					   "canonical text of %s", good_rows[i].input);
		unit_is_int(canonical.len, (int64) strlen(good_rows[i].canonical),
					"its length");
		unit_ok(ddb_number_is_canonical(canonical), "which is canonical");
	}
}

static void
test_bad(void)
{
	for (int i = 0; i < lengthof(bad_rows); i++)
	{
		DdbText		canonical;

		unit_is_int(ddb_number_parse(ddb_text_from_cstring(bad_rows[i].input),
									 &canonical),
					bad_rows[i].status, "parse \"%s\"", bad_rows[i].input);
	}
}

static void
test_messages(void)
{
	DdbText		input = DDB_TEXT_LITERAL("1e");

	unit_is_string(ddb_number_message(DDB_NUMBER_EMPTY, input),
				   "The parameter cannot be converted to a numeric value",
				   "message for nothing");
	unit_is_string(ddb_number_message(DDB_NUMBER_SYNTAX, input),
				   "The parameter cannot be converted to a numeric value: 1e",
				   "message for syntax");
	unit_is_string(ddb_number_message(DDB_NUMBER_OVERFLOW, input),
				   "Number overflow. Attempting to store a number with magnitude larger than supported range",
				   "message for overflow");
	unit_is_string(ddb_number_message(DDB_NUMBER_UNDERFLOW, input),
				   "Number underflow. Attempting to store a number with magnitude smaller than supported range",
				   "message for underflow");
	unit_is_string(ddb_number_message(DDB_NUMBER_PRECISION, input),
				   "Attempting to store more than 38 significant digits in a Number",
				   "message for precision");
}

static void
test_canonical(void)
{
	for (int i = 0; i < lengthof(not_canonical); i++)
		unit_ok(!ddb_number_is_canonical(ddb_text_from_cstring(not_canonical[i])),
				"not canonical: \"%s\"", not_canonical[i]);
}

/* Every number of this list is less than those after it. */
static void
test_compare(void)
{
	static const char *const ascending[] = {
		("-" LARGEST), "-100", "-99.5", "-99", "-10", "-9", "-1.5", "-1", "-0.5",
		"-0.05", ("-" SMALLEST), "0", (SMALLEST), "0.05", "0.5", "0.51", "1", "1.01",
		"1.5", "2", "9", "10", "10.5", "11", "99", "100", (NINES_38), (LARGEST)
	};

	for (int i = 0; i < lengthof(ascending); i++)
	{
		int			wrong = 0;

		for (int j = 0; j < lengthof(ascending); j++)
		{
			int			order = ddb_number_compare(ddb_text_from_cstring(ascending[i]),
												   ddb_text_from_cstring(ascending[j]));

			wrong += order_of(order) != order_of(i - j);
		}
		unit_is_int(wrong, 0, "order of %s", ascending[i]);
	}
}

static void
test_sums(void)
{
	for (int i = 0; i < lengthof(sum_rows); i++)
	{
		DdbText		left = ddb_text_from_cstring(sum_rows[i].left);
		DdbText		right = ddb_text_from_cstring(sum_rows[i].right);
		DdbText		sum = {.data = NULL};

		unit_is_int(ddb_number_add(left, right, &sum), sum_rows[i].status,
					"sum, row %d", i);
		if (sum_rows[i].status != DDB_NUMBER_OK)
			continue;
		unit_is_string(sum.data, sum_rows[i].sum, "%s + %s", left.data, right.data);
		ddb_number_add(right, left, &sum);
		unit_is_string(sum.data, sum_rows[i].sum, "%s + %s", right.data, left.data);
		ddb_number_subtract(sum, right, &sum);
		unit_is_string(sum.data, left.data, "and back to %s", left.data);
	}
}

static void
test_sizes(void)
{
	for (int i = 0; i < lengthof(size_rows); i++)
		unit_is_int(ddb_number_size(ddb_text_from_cstring(size_rows[i].canonical)),
					size_rows[i].size, "size of %s", size_rows[i].canonical);
}

/* Numbers with six decimal places, as integers. */
static void
test_against_int128(void)
{
	int			wrong_sums = 0;
	int			wrong_differences = 0;
	int			wrong_orders = 0;

	for (int i = 0; i < 50000; i++)
	{
		__int128	a = (int64) unit_random() >> unit_random_below(63);
		__int128	b = (int64) unit_random() >> unit_random_below(63);
		DdbText		left;
		DdbText		right;
		DdbText		result;

		if (i % 3 == 0)
		{
			a *= 1000000000000;
			b *= 1000000;
		}
		left = scaled_text(a);
		right = scaled_text(b);
		wrong_sums += ddb_number_add(left, right, &result) != DDB_NUMBER_OK ||
			!ddb_text_equal(result, scaled_text(a + b));
		wrong_differences += ddb_number_subtract(left, right, &result) != DDB_NUMBER_OK ||
			!ddb_text_equal(result, scaled_text(a - b));
		wrong_orders += order_of(ddb_number_compare(left, right)) !=
			(a > b) - (a < b);
		shim_reset_memory();
	}
	unit_is_int(wrong_sums, 0, "sums against integers");
	unit_is_int(wrong_differences, 0, "differences against integers");
	unit_is_int(wrong_orders, 0, "orders against integers");
}

/* One number has many spellings and one canonical text. */
static void
test_spellings(void)
{
	int			wrong = 0;

	for (int i = 0; i < 50000; i++)
	{
		int64		digits = (int64) (unit_random() >> 20);
		int			exponent = unit_random_below(100) - 50;
		int			shift = unit_random_below(20);
		char	   *plain = psprintf(INT64_FORMAT "e%d", digits, exponent);
		char	   *shifted = psprintf("00" INT64_FORMAT "%.*s.%.*sE%+04d", digits,
									   shift, ZEROS_40, shift, ZEROS_40,
									   exponent - shift);
		DdbText		left;
		DdbText		right;

		if (ddb_number_parse(ddb_text_from_cstring(plain), &left) != DDB_NUMBER_OK ||
			ddb_number_parse(ddb_text_from_cstring(shifted), &right) != DDB_NUMBER_OK ||
			!ddb_text_equal(left, right) || !ddb_number_is_canonical(left))
			wrong++;
		shim_reset_memory();
	}
	unit_is_int(wrong, 0, "spellings of one number");
}

/* A key in the service's internal form, in hex.  The sources describe the form. */
static const char *
sortable_hex(const char *number)
{
	unsigned char bytes[DDB_NUMBER_SORTABLE_MAX];
	DdbText		canonical;
	char	   *hex = palloc0(2 * DDB_NUMBER_SORTABLE_MAX + 1);
	int			len;

	(void) ddb_number_parse(ddb_text_from_cstring(number), &canonical);
	len = ddb_number_sortable(canonical, bytes);
	for (int i = 0; i < len; i++)
		sprintf(hex + 2 * i, "%02x", bytes[i]);
	return hex;
}

/* A number of so many digits at most, anywhere in the range, or near one. */
static DdbText
random_number(int digits)
{
	char		text[64];
	int			len = 0;
	DdbText		number;

	if (unit_random_below(2))
		text[len++] = '-';
	text[len++] = '.';
	while (digits-- > 0)
		text[len++] = '0' + unit_random_below(10);
	sprintf(text + len, "e%d", unit_random_below(4) ? unit_random_below(9) - 4 :
			unit_random_below(210) - 90);
	(void) ddb_number_parse(ddb_text_from_cstring(text), &number);
	return ddb_text_copy(number);
}

/* With another last digit, or one digit more or less. */
static DdbText
neighbour(DdbText number)
{
	char	   *text = psprintf("%s%s%d", number.data,
								memchr(number.data, '.', number.len) ? "" : ".",
								unit_random_below(10));
	DdbText		result;

	if (unit_random_below(2) && number.len > 1)
		text[number.len - 1] = '0' + unit_random_below(10);
	return ddb_number_parse(ddb_text_from_cstring(text), &result) == DDB_NUMBER_OK ?
		result : number;
}

static void
test_sortable(void)
{
	static const struct
	{
		const char *number;
		const char *hex;
	}			known[] = {
		{"0", "80"}, {"1", "c102"}, {"5", "c106"}, {"10", "c10b"},
		{"12", "c10d"}, {"123", "c20218"}, {"0.001", "bf0b"}, {"-1", "3e6466"},
		{"-12.5", "3e593366"}, {"1234567890", "c50d23394f5b"},
		{"1e-130", "8002"}, {"9e125", "ff5b"}, {"-9e125", "000b66"},
	};
	int			wrong = 0;

	for (int i = 0; i < lengthof(known); i++)
		unit_is_string(sortable_hex(known[i].number), known[i].hex, known[i].number);

	for (int i = 0; i < 100000; i++)
	{
		DdbText		texts[2];
		unsigned char bytes[2][DDB_NUMBER_SORTABLE_MAX + 1] = {{0}};
		int			digits = 1 + unit_random_below(38);
		int			order;

		for (int j = 0; j < 2; j++)
		{
			texts[j] = j == 1 && unit_random_below(2) == 0 ?
				neighbour(texts[0]) : random_number(digits);
			if (j == 1 && unit_random_below(8) == 0)
				texts[1] = texts[0];
			if (ddb_number_sortable(texts[j], bytes[j]) > DDB_NUMBER_SORTABLE_MAX)
				wrong++;
		}
		order = memcmp(bytes[0], bytes[1], sizeof(bytes[0]));
		if (order_of(order) != order_of(ddb_number_compare(texts[0], texts[1])))
			wrong++;
		shim_reset_memory();
	}
	unit_is_int(wrong, 0, "orders of sortable forms");
}

/* The canonical text of value / 1000000, the slow way. */
static DdbText
scaled_text(__int128 value)
{
	unsigned __int128 rest = value < 0 ? -(unsigned __int128) value : (unsigned __int128) value;
	char	   *end = (char *) palloc0(64) + 63;
	char	   *text = end;

	for (int place = 0; place < 7 || rest > 0; place++)
	{
		if (place == 6)
			*--text = '.';
		*--text = (char) ('0' + (int) (rest % 10));
		rest /= 10;
	}
	if (value < 0)
		*--text = '-';
	while (end[-1] == '0')
		*--end = '\0';
	if (end[-1] == '.')
		*--end = '\0';
	return ddb_text_from_cstring(text);
}

static int
order_of(int64 value)
{
	return (value > 0) - (value < 0);
}
