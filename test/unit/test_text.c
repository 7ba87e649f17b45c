/*
 * test_text.c
 *	  The stored form, and base64.
 */
#include "unit.h"

#include "core/format.h"
#include "value/base64.h"

#define RAW(literal) literal, (int) sizeof(literal) - 1

static const struct
{
	const char *text;
	bool		well_formed;
	int			decoded_length;
}			stored_rows[] = {
	{"", true, 0},
	{"plain", true, 5},
	{"\001\001", true, 1},
	{"\001\002", true, 1},
	{"a\001\001b\001\002c", true, 5},
	{"\001\001\001\002", true, 2},
	{"\001", false, 1},
	{"a\001", false, 2},
	{"\001\003", false, 2},
	{"\001\001\001", false, 2},
	{"\002\002", true, 2},
};

static const struct
{
	const char *text;
	int			limit;
	int			kept;
}			clipped_rows[] = {
	{"", 0, 0},
	{"abc", 3, 3},
	{"abc", 2, 2},
	{"a\xc3\xa4", 2, 1},
	{"a\xe2\x82\xac" "b", 3, 1},
	{"a\xe2\x82\xac" "b", 4, 4},
	{"a\001\002b", 2, 1},
	{"a\001\002b", 3, 3},
	{"a\001\001b", 3, 1},
	{"\001\001", 1, 0},
};

static const struct
{
	const char *text;
	DdbBase64Status status;
	int			decoded_length;
}			base64_rows[] = {
	{"", DDB_BASE64_OK, 0},
	{"YQ==", DDB_BASE64_OK, 1},
	{"YWI=", DDB_BASE64_OK, 2},
	{"YWJj", DDB_BASE64_OK, 3},
	{"+/+/", DDB_BASE64_OK, 3},
	{"YWJjZA==", DDB_BASE64_OK, 4},
	{"Y", DDB_BASE64_LENGTH, 0},
	{"YQ=", DDB_BASE64_LENGTH, 0},
	{"Y*=", DDB_BASE64_LENGTH, 0},
	{"YWJj\n", DDB_BASE64_LENGTH, 0},
	{"YW\xc3\xa4", DDB_BASE64_LENGTH, 0},
	{"YW\001\001", DDB_BASE64_LENGTH, 0},
	{"YWJ\001\001", DDB_BASE64_CHARACTER, 0},
	{"YWJ\xc3\xa4", DDB_BASE64_CHARACTER, 0},
	{"YW\xf0\x9f\x98\x80", DDB_BASE64_CHARACTER, 0},
	{"YW j", DDB_BASE64_CHARACTER, 0},
	{"YW-_", DDB_BASE64_CHARACTER, 0},
	{"=*==", DDB_BASE64_CHARACTER, 0},
	{"YR==", DDB_BASE64_TRAILING, 0},
	{"YWJ=", DDB_BASE64_TRAILING, 0},
	{"Y===", DDB_BASE64_TRAILING, 0},
	{"====", DDB_BASE64_TRAILING, 0},
	{"YQ==YQ==", DDB_BASE64_TRAILING, 0},
	{"Y=Jj", DDB_BASE64_TRAILING, 0},
};

static void test_compare(void);
static void test_stored_form(void);
static void test_encode(const char *data, int len, const char *stored);
static void test_order_is_kept(void);
static void test_base64(void);
static void test_clip(void);
static void test_base64_round_trip(void);
static DdbText random_bytes(int max, int alphabet);

int
main(void)
{
	test_compare();
	test_stored_form();
	test_encode(RAW(""), "");
	test_encode(RAW("abc"), "abc");
	test_encode(RAW("a\0b"), "a\001\001b");
	test_encode(RAW("\001\0\002"), "\001\002\001\001\002");
	test_order_is_kept();
	test_base64();
	test_clip();
	test_base64_round_trip();
	return unit_done();
}

static void
test_compare(void)
{
	DdbText		a = DDB_TEXT_LITERAL("a");
	DdbText		ab = DDB_TEXT_LITERAL("ab");
	DdbText		high = DDB_TEXT_LITERAL("\xc3\xa9");
	DdbText		empty = {.data = NULL, .len = 0};

	unit_ok(ddb_text_compare(a, ab) < 0, "a prefix is smaller");
	unit_ok(ddb_text_compare(high, ab) > 0, "bytes are unsigned");
	unit_ok(ddb_text_compare(ab, ab) == 0, "equal to itself");
	unit_ok(ddb_text_compare(empty, a) < 0, "nothing is smallest");
	unit_ok(ddb_text_equal(empty, DDB_TEXT_LITERAL("")), "nothing equals nothing");
	unit_ok(!ddb_text_equal(a, ab), "a prefix is not equal");
}

static void
test_stored_form(void)
{
	for (int i = 0; i < lengthof(stored_rows); i++)
	{
		DdbText		text = ddb_text_from_cstring(stored_rows[i].text);

		unit_ok(ddb_text_is_well_formed(text) == stored_rows[i].well_formed,
				"well-formed, row %d", i);
		unit_is_int(ddb_text_decoded_length(text), stored_rows[i].decoded_length,
					"decoded length, row %d", i);
		unit_is_int(ddb_text_decode(text).len, stored_rows[i].decoded_length,
					"length when decoded, row %d", i);
	}
}

static void
test_encode(const char *data, int len, const char *stored)
{
	DdbText		encoded = ddb_text_encode(data, len);
	DdbText		decoded = ddb_text_decode(encoded);

	unit_is_string(encoded.data, stored, "encoded, %d bytes", len);
	unit_ok(decoded.len == len && memcmp(decoded.data, data, len) == 0,
			"decoded again, %d bytes", len);
}

static void
test_order_is_kept(void)
{
	int			wrong = 0;

	for (int i = 0; i < 20000; i++)
	{
		DdbText		left = random_bytes(6, 4);
		DdbText		right = random_bytes(6, 4);
		int			raw = ddb_text_compare(left, right);
		int			stored = ddb_text_compare(ddb_text_encode(left.data, left.len),
											  ddb_text_encode(right.data, right.len));

		if ((raw < 0) != (stored < 0) || (raw == 0) != (stored == 0))
			wrong++;
	}
	unit_is_int(wrong, 0, "the stored form keeps the order");
	shim_reset_memory();
}

static void
test_base64(void)
{
	for (int i = 0; i < lengthof(base64_rows); i++)
	{
		DdbText		text = ddb_text_from_cstring(base64_rows[i].text);

		unit_is_int(ddb_base64_check(text), base64_rows[i].status,
					"base64 status of \"%s\"", base64_rows[i].text);
		if (base64_rows[i].status != DDB_BASE64_OK)
			continue;
		unit_is_int(ddb_base64_decoded_length(text),
					base64_rows[i].decoded_length,
					"base64 length of \"%s\"", base64_rows[i].text);
		unit_is_string(ddb_base64_encode(ddb_base64_decode(text)).data,
					   base64_rows[i].text,
					   "base64 round trip of \"%s\"", base64_rows[i].text);
	}
	unit_is_string(ddb_base64_decode(DDB_TEXT_LITERAL("SGVsbG8=")).data, "Hello",
				   "base64 decoded");
}

static void
test_clip(void)
{
	for (int i = 0; i < lengthof(clipped_rows); i++)
		unit_is_int(ddb_clip(clipped_rows[i].text, strlen(clipped_rows[i].text),
							 clipped_rows[i].limit),
					clipped_rows[i].kept, "row %d is clipped between characters", i);
}

static void
test_base64_round_trip(void)
{
	int			wrong = 0;

	for (int i = 0; i < 5000; i++)
	{
		DdbText		bytes = random_bytes(40, 256);
		DdbText		text = ddb_base64_encode(bytes);

		if (ddb_base64_check(text) != DDB_BASE64_OK ||
			!ddb_text_equal(ddb_base64_decode(text), bytes))
			wrong++;
	}
	unit_is_int(wrong, 0, "what is encoded is canonical and decodes to itself");
	shim_reset_memory();
}

static DdbText
random_bytes(int max, int alphabet)
{
	int			len = unit_random_below(max + 1);
	char	   *bytes = palloc(len + 1);

	for (int i = 0; i < len; i++)
		bytes[i] = (char) unit_random_below(alphabet);
	bytes[len] = '\0';
	return (DdbText) {.data = bytes, .len = len};
}
