/*
 * test_json.c
 *	  The parser's strictness and what it keeps; the writer.
 */
#include "unit.h"

#define RAW(literal) literal, (int) sizeof(literal) - 1

/* Texts and how they come out again in stored form; NULL: not JSON. */
static const struct
{
	const char *text;
	const char *expected;
}			parse_rows[] = {
	{"{}", "{}"},
	{" [ ] \t\r\n", "[]"},
	{"null", "null"},
	{" \"x\" ", "\"x\""},
	{"-0", "-0"},
	{"[1,1.0,1e5,1E-05]", "[1,1.0,1e5,1E-05]"},
	{"{\"a\" : {\"b\":[true,false]} }", "{\"a\":{\"b\":[true,false]}}"},
	{"[null,1,null,null,2,null]", "[1,2]"},
	{"{\"a\":null,\"b\":[null],\"c\":{\"d\":null}}", "{\"b\":[],\"c\":{}}"},
	{"{\"\":1}", "{\"\":1}"},
	{"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\"\\\\/\\b\\f\\n\\r\\t\"]"},
	{"\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\"", "\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
	{"\"\\u001f\\u007f\"", "\"\\u001f\x7f\""},
	{"\"\\u0000\"", "\"\\u0001\\u0001\""},
	{"\"\\u0001\"", "\"\\u0001\\u0002\""},
	{"\"a\\u0000b\\u0001c\"", "\"a\\u0001\\u0001b\\u0001\\u0002c\""},
	{"\"\\\\u0000\"", "\"\\\\u0000\""},
	{"\"\\\\\\u0000\"", "\"\\\\\\u0001\\u0001\""},
	{"{\"\\u0000\\\"\\\\\":{\"\\\\\\\"\":\"\\\"\"}}",
	"{\"\\u0001\\u0001\\\"\\\\\":{\"\\\\\\\"\":\"\\\"\"}}"},
	{"{\"a\":1,\"b\":2,\"a\":3}", "{\"b\":2,\"a\":3}"},
	{"{\"a\":1,\"\\u0061\":null}", "{}"},
	{"{\"a\":null,\"a\":1}", "{\"a\":1}"},
	{"{\"a\":1,\"a\":2,\"a\":3}", "{\"a\":3}"},
	{"[{\"a\":1},{\"a\":2}]", "[{\"a\":1},{\"a\":2}]"},
	{"\"\\uDBFF\\uDFFF\"", "\"\xf4\x8f\xbf\xbf\""},

	{"", NULL},
	{"   ", NULL},
	{"{", NULL},
	{"[1,]", NULL},
	{"{\"a\":1,}", NULL},
	{"{a:1}", NULL},
	{"{'a':1}", NULL},
	{"[01]", NULL},
	{"[+1]", NULL},
	{"[.5]", NULL},
	{"[5.]", NULL},
	{"[NaN]", NULL},
	{"[True]", NULL},
	{"{} x", NULL},
	{"{}{}", NULL},
	{"1 2", NULL},
	{"[1]]", NULL},
	{"\"\n\"", NULL},
	{"\"\001\"", NULL},
	{"\"\\x\"", NULL},
	{"\"\\u12\"", NULL},
	{"\"\\u12g4\"", NULL},
	{"\"abc", NULL},
	{"\"\\", NULL},
	{"\"\\ud83d\"", NULL},
	{"\"\\ude00\"", NULL},
	{"\"\\ud83dx\"", NULL},
	{"\"\\ud83d\\u0041\"", NULL},
	{"\"\\ud83d\\ud83d\"", NULL},
	{"{\"\\ud83d\":1}", NULL},
	{"\"\xff\"", NULL},
	{"\"\xc0\x80\"", NULL},
	{"\"\xed\xa0\x80\"", NULL},
	{"\"\xf4\x90\x80\x80\"", NULL},
	{"\"\xc3\"", NULL},
	{"\xef\xbb\xbf{}", NULL},
	{"/* */ {}", NULL},
};

/* Strings in stored form, and how they are written in either form. */
static const struct
{
	const char *string;
	const char *stored;
	const char *decoded;
}			string_rows[] = {
	{"", "\"\"", "\"\""},
	{"plain/\xc3\xa9\x7f", "\"plain/\xc3\xa9\x7f\"", "\"plain/\xc3\xa9\x7f\""},
	{"\"\\\b\f\n\r\t", "\"\\\"\\\\\\b\\f\\n\\r\\t\"", "\"\\\"\\\\\\b\\f\\n\\r\\t\""},
	{"\002\037", "\"\\u0002\\u001f\"", "\"\\u0002\\u001f\""},
	{"a\001\001b\001\002", "\"a\\u0001\\u0001b\\u0001\\u0002\"", "\"a\\u0000b\\u0001\""},
	{"\001", "\"\\u0001\"", "\"\\u0001\""},
	{"0123456\"", "\"0123456\\\"\"", "\"0123456\\\"\""},
	{"01234567\"", "\"01234567\\\"\"", "\"01234567\\\"\""},
	{"01234567\x80\xff\x1f#![]^", "\"01234567\x80\xff\\u001f#![]^\"",
	"\"01234567\x80\xff\\u001f#![]^\""},
};

static const struct
{
	double		value;
	const char *expected;
}			double_rows[] = {
	{0, "0.0"}, {1, "1.0"}, {0.5, "0.5"}, {12, "12.0"}, {1.5, "1.5"},
	{40000, "40000.0"}, {1234567.5, "1234567.5"},
};

static void test_parse(void);
static void test_long_texts(void);
static void test_long_string(const char *part, bool accepted);
static void test_long_strings(void);
static void test_long_number(int digits, bool accepted);
static void test_parse_bytes(void);
static void test_input_is_kept(void);
static void test_depth(int depth, bool accepted);
static void test_brackets_in_strings(void);
static void test_large_object(void);
static void test_get(void);
static void test_append(void);
static void test_strings(void);
static void test_random_strings(void);
static void test_numbers(void);
static void test_structure(void);
static void test_raw(void);
static void test_mark(void);
static const char *print_tree(const DdbJson *json);

int
main(void)
{
	test_parse();
	test_parse_bytes();
	test_input_is_kept();
	test_depth(DDB_JSON_MAX_DEPTH, true);
	test_depth(DDB_JSON_MAX_DEPTH + 1, false);
	test_depth(1000000, false);
	test_brackets_in_strings();
	test_long_texts();
	test_long_strings();
	test_long_number(65536, true);
	test_long_number(65537, false);
	test_large_object();
	test_get();
	test_append();
	test_strings();
	test_random_strings();
	test_numbers();
	test_structure();
	test_raw();
	test_mark();
	return unit_done();
}

static void
test_parse(void)
{
	for (int i = 0; i < lengthof(parse_rows); i++)
	{
		const char *text = parse_rows[i].text;
		DdbJson    *json = ddb_json_parse(pstrdup(text), (int) strlen(text));

		unit_is_string(json == NULL ? NULL : print_tree(json),
					   parse_rows[i].expected, "parse, row %d: %s", i, text);
		shim_reset_memory();
	}
}

/* Many blanks make a text long; they change nothing else. */
static void
test_long_texts(void)
{
	for (int i = 0; i < lengthof(parse_rows); i++)
	{
		StringInfoData text;
		DdbJson    *json;

		initStringInfo(&text);
		appendStringInfo(&text, "%70000s%s\t\r\n ", "", parse_rows[i].text);
		json = ddb_json_parse(text.data, text.len);
		unit_is_string(json == NULL ? NULL : print_tree(json),
					   parse_rows[i].expected, "long, row %d: %s", i,
					   parse_rows[i].text);
		shim_reset_memory();
	}
}

/* The same string, long and short, with this somewhere in it */
static void
test_long_string(const char *part, bool accepted)
{
	StringInfoData text;
	StringInfoData part_alone;
	DdbJson    *json;
	DdbJson    *alone;
	char	   *long_string = palloc(70000);

	memset(long_string, 'x', 70000);
	initStringInfo(&text);
	appendStringInfo(&text, "{\"%s\":\"", part);
	appendBinaryStringInfo(&text, long_string, 70000);
	appendStringInfo(&text, "%s\",\"", part);
	appendBinaryStringInfo(&text, long_string, 70000);
	appendStringInfo(&text, "%s\":\"\",\"c\":\"%s\"}", part, part);
	json = ddb_json_parse(text.data, text.len);
	unit_is_int(json != NULL, accepted, "a long string with %s", part);
	if (json == NULL || !accepted)
		return;

	initStringInfo(&part_alone);
	appendStringInfo(&part_alone, "\"%s\"", part);
	alone = ddb_json_parse(part_alone.data, part_alone.len);
	unit_is_int(json->count, 3, "its members");
	unit_is_int(json->first->text.len, 70000 + alone->text.len, "a long value");
	unit_ok(ddb_text_equal(json->first->name, alone->text) &&
			ddb_text_equal(json->last->text, alone->text), "short names and values");
	unit_ok(memcmp(json->first->text.data + 70000, alone->text.data,
				   alone->text.len) == 0, "its end");
	unit_ok(ddb_text_equal(json->first->next->name, json->first->text), "a long name");
	unit_is_int(json->first->next->text.len, 0, "an empty value is none of a long one");
	shim_reset_memory();
}

static void
test_long_strings(void)
{
	static const struct
	{
		const char *part;
		bool		accepted;
	}			rows[] = {
		{"", true}, {"\\\"", true}, {"\\\\", true}, {"\xc3\xa9", true},
		{"\\u00e9\\ud83d\\ude00\\b\\/", true}, {"[{", true},
		{"\\", false}, {"\\x", false}, {"\\u12g4", false}, {"\\u12", false},
		{"\t", false}, {"\xff", false}, {"\\ud83d", false}, {"\"", false},
	};

	for (int i = 0; i < lengthof(rows); i++)
		test_long_string(rows[i].part, rows[i].accepted);
}

/* As long as a number of so many digits, which nobody sends. */
static void
test_long_number(int digits, bool accepted)
{
	char	   *text = palloc(digits + 10);

	memset(text, '1', digits);
	memset(text + digits, ' ', 10);
	unit_is_int(ddb_json_parse(text, digits + 10) != NULL, accepted,
				"a number of %d digits", digits);
	shim_reset_memory();
}

/* The text is its length, not its NUL. */
static void
test_parse_bytes(void)
{
	char		beyond[] = "{}x";
	DdbJson    *json = ddb_json_parse(beyond, 2);

	unit_ok(json != NULL && json->type == DDB_JSON_OBJECT, "parse stops at the length");
	unit_ok(ddb_json_parse(pstrdup("{}"), 3) == NULL, "a NUL is not JSON");
	unit_ok(ddb_json_parse((char[]) {"\"a\0b\""}, 5) == NULL, "nor is it in a string");
}

static void
test_input_is_kept(void)
{
	const char *text = "{\"a\":\"\\u0041\",\"b\":[\"c\",1]}";
	char	   *data = pstrdup(text);

	unit_ok(ddb_json_parse(data, (int) strlen(text)) != NULL, "parse");
	unit_is_string(data, text, "the text is as it was");
}

static void
test_depth(int depth, bool accepted)
{
	StringInfoData text;
	DdbJson    *json;

	initStringInfo(&text);
	for (int i = 0; i < depth; i++)
		appendStringInfoString(&text, i % 2 == 0 ? "[" : "{\"a\":");
	if (depth % 2 == 0)
		appendStringInfoString(&text, "1");
	for (int i = depth - 1; i >= 0; i--)
		appendStringInfoChar(&text, i % 2 == 0 ? ']' : '}');

	json = ddb_json_parse(text.data, text.len);
	unit_ok((json != NULL) == accepted, "depth %d", depth);
	if (json != NULL)
		unit_is_string(print_tree(json), text.data, "depth %d written", depth);
	shim_reset_memory();
}

static void
test_brackets_in_strings(void)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "[\"\\\"");
	for (int i = 0; i < 2000; i++)
		appendStringInfoString(&text, "[{\\\\");
	appendStringInfoString(&text, "\"]");
	unit_ok(ddb_json_parse(text.data, text.len) != NULL,
			"brackets in a string have no depth");
	shim_reset_memory();
}

/* Many members, half of them twice. */
static void
test_large_object(void)
{
	StringInfoData text;
	DdbJson    *json;
	int			wrong = 0;

	initStringInfo(&text);
	appendStringInfoChar(&text, '{');
	for (int i = 0; i < 60000; i++)
		appendStringInfo(&text, "%s\"m%d\":%d", i == 0 ? "" : ",", i % 40000, i);
	appendStringInfoChar(&text, '}');

	json = ddb_json_parse(text.data, text.len);
	unit_is_int(json->count, 40000, "members of a large object");
	ddb_json_foreach(child, json)
	{
		long		name = strtol(child->name.data + 1, NULL, 10);

		wrong += strtol(child->text.data, NULL, 10) !=
			(name < 20000 ? name + 40000 : name);
	}
	unit_is_int(wrong, 0, "the last of a name has won");
	unit_is_string(json->last->text.data, "59999", "the last member");
	shim_reset_memory();
}

static void
test_get(void)
{
	DdbJson    *json = unit_json("{\"a\":1,\"b\":null,\"\":2}");

	unit_is_string(ddb_json_get(json, "a")->text.data, "1", "get");
	unit_ok(ddb_json_get(json, "b") == NULL, "null is absent");
	unit_ok(ddb_json_get(json, "A") == NULL, "names are case-sensitive");
	unit_is_string(ddb_json_get_text(json, (DdbText) {"", 0})->text.data, "2",
				   "get the empty name");
	unit_ok(ddb_json_get(unit_json("[1]"), "") == NULL, "an array has no members");
	unit_is_int(json->count, 2, "count of what is not null");
}

static void
test_append(void)
{
	DdbJson    *object = ddb_json_make(DDB_JSON_OBJECT);
	DdbJson    *array = ddb_json_make(DDB_JSON_ARRAY);
	DdbText		none = {.data = NULL};

	ddb_json_append(array, none, ddb_json_make(DDB_JSON_TRUE));
	ddb_json_append(array, none, ddb_json_make(DDB_JSON_FALSE));
	ddb_json_append(object, DDB_TEXT_LITERAL("x"), array);
	ddb_json_append(object, DDB_TEXT_LITERAL("y"), ddb_json_make(DDB_JSON_FALSE));
	unit_is_string(print_tree(object), "{\"x\":[true,false],\"y\":false}", "append");
	unit_is_int(array->count, 2, "count of what was appended");
}

static void
test_strings(void)
{
	for (int i = 0; i < lengthof(string_rows); i++)
	{
		DdbJsonWriter writer;

		ddb_json_writer_init(&writer, true);
		ddb_json_string(&writer, string_rows[i].string);
		unit_is_string(writer.buf.data, string_rows[i].stored,
					   "string in stored form, row %d", i);
		ddb_json_writer_init(&writer, false);
		ddb_json_string(&writer, string_rows[i].string);
		unit_is_string(writer.buf.data, string_rows[i].decoded,
					   "string decoded, row %d", i);
	}
}

/* Whatever is written, decoded or not, is read as what it was. */
static void
test_random_strings(void)
{
	static const char alphabet[] = "\001\001\002\n\"\\/aZ \037\x7f";
	int			wrong = 0;

	for (int i = 0; i < 20000; i++)
	{
		char		raw[32];
		int			len = unit_random_below(sizeof(raw));
		DdbText		stored;
		DdbJsonWriter writer;
		DdbJson    *json;

		for (int j = 0; j < len; j++)
			raw[j] = alphabet[unit_random_below(sizeof(alphabet))];
		stored = ddb_text_encode(raw, len);
		ddb_json_writer_init(&writer, false);
		ddb_json_text(&writer, stored);
		json = ddb_json_parse(writer.buf.data, writer.buf.len);
		if (json == NULL || !ddb_text_equal(json->text, stored))
			wrong++;
		shim_reset_memory();
	}
	unit_is_int(wrong, 0, "strings survive writing and parsing");
}

static void
test_numbers(void)
{
	DdbJsonWriter writer;

	for (int i = 0; i < lengthof(double_rows); i++)
	{
		ddb_json_writer_init(&writer, false);
		ddb_json_double(&writer, double_rows[i].value);
		unit_is_string(writer.buf.data, double_rows[i].expected, "double, row %d", i);
	}

	ddb_json_writer_init(&writer, false);
	ddb_json_begin_array(&writer);
	ddb_json_int(&writer, 0);
	ddb_json_int(&writer, -17);
	ddb_json_int(&writer, PG_INT64_MAX);
	ddb_json_int(&writer, PG_INT64_MIN);
	ddb_json_end_array(&writer);
	unit_is_string(writer.buf.data,
				   "[0,-17,9223372036854775807,-9223372036854775808]", "integers");

	ddb_json_writer_init(&writer, false);
	ddb_json_begin_array(&writer);
	ddb_json_epoch(&writer, INT64CONST(1728428000123456));
	ddb_json_epoch(&writer, INT64CONST(1728428000000999));
	ddb_json_epoch(&writer, INT64CONST(1728428000050000));
	ddb_json_end_array(&writer);
	unit_is_string(writer.buf.data,
				   "[1728428000.123,1728428000.000,1728428000.050]", "epochs");
}

static void
test_structure(void)
{
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, false);
	ddb_json_begin_object(&writer);
	ddb_json_name(&writer, "a\"");
	ddb_json_begin_array(&writer);
	ddb_json_end_array(&writer);
	ddb_json_name(&writer, "b");
	ddb_json_begin_array(&writer);
	ddb_json_begin_object(&writer);
	ddb_json_end_object(&writer);
	ddb_json_bool(&writer, true);
	ddb_json_base64(&writer, DDB_TEXT_LITERAL("ab"));
	ddb_json_base64(&writer, DDB_TEXT_LITERAL(""));
	ddb_json_end_array(&writer);
	ddb_json_name(&writer, "c");
	ddb_json_bool(&writer, false);
	ddb_json_end_object(&writer);
	unit_is_string(writer.buf.data,
				   "{\"a\\\"\":[],\"b\":[{},true,\"YWI=\",\"\"],\"c\":false}",
				   "separators");
}

static void
test_raw(void)
{
	static const char stored[] =
	"{\"a\":\"\\u0001\\u0001\\n\\\\u0001\\u0001\\u0002\"}";
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, true);
	ddb_json_begin_array(&writer);
	ddb_json_raw(&writer, stored);
	ddb_json_raw(&writer, "1");
	ddb_json_end_array(&writer);
	unit_is_string(writer.buf.data,
				   "[{\"a\":\"\\u0001\\u0001\\n\\\\u0001\\u0001\\u0002\"},1]",
				   "raw in stored form");

	ddb_json_writer_init(&writer, false);
	ddb_json_begin_array(&writer);
	ddb_json_raw(&writer, stored);
	ddb_json_raw(&writer, "1");
	ddb_json_end_array(&writer);
	unit_is_string(writer.buf.data,
				   "[{\"a\":\"\\u0000\\n\\\\u0001\\u0001\"},1]", "raw decoded");
}

static void
test_mark(void)
{
	DdbJsonWriter writer;
	DdbJsonMark mark;

	ddb_json_writer_init(&writer, false);
	ddb_json_begin_array(&writer);
	ddb_json_int(&writer, 1);
	mark = ddb_json_writer_mark(&writer);
	ddb_json_begin_array(&writer);
	ddb_json_writer_reset(&writer, mark);
	ddb_json_int(&writer, 2);
	ddb_json_end_array(&writer);
	unit_is_string(writer.buf.data, "[1,2]", "back to a mark");
}

static const char *
print_tree(const DdbJson *json)
{
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, true);
	ddb_json_tree(&writer, json);
	return writer.buf.data;
}
