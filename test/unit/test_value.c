/*
 * test_value.c
 *	  Attribute values: the rules and their order, comparison, sizes, levels.
 */
#include "unit.h"

#define NO_TAG \
	"Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
#define SEVERAL_TAGS \
	"Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes"
#define INVALID		"One or more parameter values were invalid: "
#define NOT_NUMERIC	"The parameter cannot be converted to a numeric value"
#define NULL_FALSE	INVALID "Null attribute value types must have the value of true"
#define SS_EMPTY	INVALID "An string set  may not be empty"
#define NS_EMPTY	INVALID "An number set  may not be empty"
#define BS_EMPTY	INVALID "Binary sets should not be empty"
#define NS_TWICE	"Input collection contains duplicates"
#define NESTING \
	"Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"

/* Values that are legal, and how they are written. */
static const struct
{
	const char *text;
	const char *written;		/* NULL: the same */
}			good_rows[] = {
	{"{\"S\":\"\"}"},
	{"{\"S\":\"a\\u0001\\u0001\"}", "{\"S\":\"a\\u0001\\u0002\\u0001\\u0002\"}"},
	{"{\"N\":\"0042.50e1\"}", "{\"N\":\"425\"}"},
	{"{\"B\":\"\"}"},
	{"{\"B\":\"YWI=\"}"},
	{"{\"BOOL\":true}"},
	{"{\"BOOL\":\"YES\"}", "{\"BOOL\":true}"},
	{"{\"BOOL\":\"0\"}", "{\"BOOL\":false}"},
	{"{\"NULL\":true}"},
	{"{\"NULL\":\"1\"}", "{\"NULL\":true}"},
	{"{\"SS\":[\"\",\"a\"]}"},
	{"{\"SS\":[\"a\",null,\"b\"]}", "{\"SS\":[\"a\",\"b\"]}"},
	{"{\"NS\":[\"1.0\",\"2\"]}", "{\"NS\":[\"1\",\"2\"]}"},
	{"{\"BS\":[\"\",\"YQ==\"]}"},
	{"{\"SS\":[\"b\",\"\",\"aa\",\"B\",\"a\",\"\\u0000\",\"\\u0001\",\"a\\u0000\",\"é\"]}",
	"{\"SS\":[\"\",\"\\u0001\\u0001\",\"\\u0001\\u0002\",\"B\",\"a\",\"a\\u0001\\u0001\",\"aa\",\"b\",\"é\"]}"},
	{"{\"NS\":[\"10\",\"9\",\"-1\",\"-1.5\",\"0\",\"1e-2\",\"-20\"]}",
	"{\"NS\":[\"-20\",\"-1.5\",\"-1\",\"0\",\"0.01\",\"9\",\"10\"]}"},
	{"{\"BS\":[\"/w==\",\"YWI=\",\"MA==\",\"YQ==\",\"YQA=\",\"\",\"AA==\",\"++8=\"]}",
	"{\"BS\":[\"\",\"AA==\",\"MA==\",\"YQ==\",\"YQA=\",\"YWI=\",\"++8=\",\"/w==\"]}"},
	{"{\"L\":[]}"},
	{"{\"L\":[{\"S\":\"a\"},null,{\"N\":\"1\"}]}", "{\"L\":[{\"S\":\"a\"},{\"N\":\"1\"}]}"},
	{"{\"M\":{}}"},
	{"{\"M\":{\"\":{\"S\":\"a\"},\"b\":null}}", "{\"M\":{\"\":{\"S\":\"a\"}}}"},
	{"{\"S\":\"a\",\"X\":1,\"N\":null}", "{\"S\":\"a\"}"},
};

static const struct
{
	const char *text;
	DdbValueErrorClass class;
	const char *message;
}			bad_rows[] = {
	{"{}", DDB_VALUE_ERROR_TAGS, NO_TAG},
	{"{\"X\":\"a\"}", DDB_VALUE_ERROR_TAGS, NO_TAG},
	{"{\"s\":\"a\"}", DDB_VALUE_ERROR_TAGS, NO_TAG},
	{"{\"S\":null}", DDB_VALUE_ERROR_TAGS, NO_TAG},
	{"{\"NULL\":null}", DDB_VALUE_ERROR_TAGS, NO_TAG},
	{"{\"N\":\"\"}", DDB_VALUE_ERROR_NUMBER, NOT_NUMERIC},
	{"{\"N\":\"b\"}", DDB_VALUE_ERROR_NUMBER, NOT_NUMERIC ": b"},
	{"{\"N\":\"1E126\"}", DDB_VALUE_ERROR_NUMBER,
	"Number overflow. Attempting to store a number with magnitude larger than supported range"},
	{"{\"NULL\":false}", DDB_VALUE_ERROR_NULL, NULL_FALSE},
	{"{\"NULL\":\"no\"}", DDB_VALUE_ERROR_NULL, NULL_FALSE},
	{"{\"SS\":[]}", DDB_VALUE_ERROR_EMPTY_SET, SS_EMPTY},
	{"{\"SS\":[null]}", DDB_VALUE_ERROR_EMPTY_SET, SS_EMPTY},
	{"{\"NS\":[]}", DDB_VALUE_ERROR_EMPTY_NUMBER_SET, NS_EMPTY},
	{"{\"BS\":[]}", DDB_VALUE_ERROR_EMPTY_SET, BS_EMPTY},
	{"{\"NS\":[\"1\",\"1\",\"x\"]}", DDB_VALUE_ERROR_NUMBER, NOT_NUMERIC ": x"},
	{"{\"SS\":[\"b\",\"a\",\"b\"]}", DDB_VALUE_ERROR_DUPLICATES,
	INVALID "Input collection [\"b\", \"a\", \"b\"] contains duplicates."},
	{"{\"SS\":[\"a\",\"b\",\"a\"]}", DDB_VALUE_ERROR_DUPLICATES,
	INVALID "Input collection [\"a\", \"b\", \"a\"] contains duplicates."},
	{"{\"NS\":[\"1\",\"1.0\"]}", DDB_VALUE_ERROR_DUPLICATES, NS_TWICE},
	{"{\"BS\":[\"Yg==\",\"Yg==\"]}", DDB_VALUE_ERROR_DUPLICATES,
	INVALID "Input collection [Yg==, Yg==]of type BS contains duplicates."},

	/* Anything before a second tag, in the order of the tags */
	{"{\"S\":\"a\",\"N\":\"1\"}", DDB_VALUE_ERROR_TAGS, SEVERAL_TAGS},
	{"{\"S\":\"a\",\"N\":\"b\"}", DDB_VALUE_ERROR_NUMBER, NOT_NUMERIC ": b"},
	{"{\"M\":{\"a\":{}},\"L\":[{\"N\":\"\"}],\"SS\":[],\"NS\":[],\"BS\":[],\"NULL\":false,\"N\":\"n\"}",
	DDB_VALUE_ERROR_NUMBER, NOT_NUMERIC ": n"},
	{"{\"M\":{\"a\":{}},\"L\":[{\"N\":\"\"}],\"SS\":[],\"NS\":[],\"BS\":[],\"NULL\":false}",
	DDB_VALUE_ERROR_NULL, NULL_FALSE},
	{"{\"M\":{\"a\":{}},\"L\":[{\"N\":\"\"}],\"SS\":[],\"NS\":[],\"BS\":[]}",
	DDB_VALUE_ERROR_EMPTY_SET, BS_EMPTY},
	{"{\"M\":{\"a\":{}},\"L\":[{\"N\":\"\"}],\"SS\":[],\"NS\":[]}", DDB_VALUE_ERROR_EMPTY_NUMBER_SET, NS_EMPTY},
	{"{\"M\":{\"a\":{}},\"L\":[{\"N\":\"\"}],\"SS\":[]}", DDB_VALUE_ERROR_EMPTY_SET, SS_EMPTY},
	{"{\"M\":{\"a\":{}},\"L\":[{\"N\":\"\"}]}", DDB_VALUE_ERROR_NUMBER, NOT_NUMERIC},
	{"{\"M\":{\"a\":{}},\"L\":[]}", DDB_VALUE_ERROR_TAGS, NO_TAG},
	{"{\"L\":[{\"S\":\"a\"},{\"L\":[{\"N\":\"x\"}]},{}]}", DDB_VALUE_ERROR_NUMBER,
	NOT_NUMERIC ": x"},
};

static const struct
{
	const char *left;
	const char *right;
	bool		equal;
}			equal_rows[] = {
	{"{\"N\":\"1\"}", "{\"N\":\"1.0\"}", true},
	{"{\"N\":\"5\"}", "{\"S\":\"5\"}", false},
	{"{\"S\":\"a\"}", "{\"S\":\"A\"}", false},
	{"{\"B\":\"YQ==\"}", "{\"B\":\"YQ==\"}", true},
	{"{\"B\":\"YQ==\"}", "{\"S\":\"a\"}", false},
	{"{\"BOOL\":true}", "{\"BOOL\":true}", true},
	{"{\"BOOL\":true}", "{\"BOOL\":false}", false},
	{"{\"NULL\":true}", "{\"NULL\":true}", true},
	{"{\"SS\":[\"a\",\"b\"]}", "{\"SS\":[\"b\",\"a\"]}", true},
	{"{\"SS\":[\"a\",\"b\"]}", "{\"SS\":[\"a\"]}", false},
	{"{\"SS\":[\"1\"]}", "{\"NS\":[\"1\"]}", false},
	{"{\"NS\":[\"1\",\"2\"]}", "{\"NS\":[\"2.0\",\"1e0\"]}", true},
	{"{\"L\":[{\"N\":\"1\"},{\"N\":\"2\"}]}", "{\"L\":[{\"N\":\"2\"},{\"N\":\"1\"}]}", false},
	{"{\"L\":[{\"N\":\"1\"}]}", "{\"L\":[{\"N\":\"1\"}]}", true},
	{"{\"L\":[]}", "{\"M\":{}}", false},
	{"{\"M\":{\"a\":{\"N\":\"1\"}}}", "{\"M\":{\"a\":{\"N\":\"1.0\"}}}", true},
	{"{\"M\":{\"a\":{\"N\":\"1\"},\"b\":{\"S\":\"\"}}}", "{\"M\":{\"b\":{\"S\":\"\"},\"a\":{\"N\":\"1\"}}}", true},
	{"{\"M\":{\"a\":{\"N\":\"1\"}}}", "{\"M\":{\"b\":{\"N\":\"1\"}}}", false},
	{"{\"L\":[{\"SS\":[\"a\",\"b\"]}]}", "{\"L\":[{\"SS\":[\"b\",\"a\"]}]}", true},
};

static const struct
{
	const char *left;
	const char *right;
	int			order;
}			compare_rows[] = {
	{"{\"N\":\"9\"}", "{\"N\":\"10\"}", -1},
	{"{\"S\":\"10\"}", "{\"S\":\"9\"}", -1},
	{"{\"S\":\"Z\"}", "{\"S\":\"a\"}", -1},
	{"{\"S\":\"\xc3\xa9\"}", "{\"S\":\"z\"}", 1},
	{"{\"S\":\"\\u0000\"}", "{\"S\":\"\\u0001\"}", -1},
	{"{\"S\":\"\\u0001\"}", "{\"S\":\"\\u0002\"}", -1},
	{"{\"S\":\"a\"}", "{\"S\":\"a\"}", 0},
	{"{\"B\":\"/w==\"}", "{\"B\":\"AP8=\"}", 1},
	{"{\"B\":\"AP8=\"}", "{\"B\":\"AA==\"}", 1},
};

static const struct
{
	const char *text;
	int			size;
}			size_rows[] = {
	{"{\"S\":\"\"}", 0},
	{"{\"S\":\"\xc3\xa9\xc3\xa9\"}", 4},
	{"{\"S\":\"a\\u0000b\\u0001\"}", 4},
	{"{\"N\":\"-42\"}", 3},
	{"{\"B\":\"YWI=\"}", 2},
	{"{\"BOOL\":false}", 1},
	{"{\"NULL\":true}", 1},
	{"{\"SS\":[\"a\",\"bc\",\"\\u0000\"]}", 4},
	{"{\"NS\":[\"1\",\"123\"]}", 5},
	{"{\"BS\":[\"YQ==\",\"YWI=\"]}", 3},
	{"{\"L\":[]}", 3},
	{"{\"M\":{}}", 3},
	{"{\"L\":[{\"S\":\"abc\"},{\"L\":[]}]}", 11},
	{"{\"M\":{\"ab\":{\"S\":\"abc\"},\"\\u0000\":{\"NULL\":true}}}", 12},
};

static const struct
{
	const char *text;
	int			depth;
}			depth_rows[] = {
	{"{\"S\":\"\"}", 1},
	{"{\"SS\":[\"a\"]}", 1},
	{"{\"L\":[]}", 1},
	{"{\"L\":[{\"S\":\"\"}]}", 2},
	{"{\"M\":{\"a\":{\"S\":\"\"},\"b\":{\"L\":[{\"M\":{}}]}}}", 3},
};

static void test_good(void);
static void test_bad(void);
static void test_items(void);
static void test_ill_formed_text(void);
static void test_levels(int levels, bool maps, bool legal);
static void test_tags(void);
static void test_equal(void);
static void test_compare(void);
static void test_sizes(void);
static void test_depths(void);
static void test_get(void);
static void test_set_contains(void);
static void test_large_set(int count);
static void test_large_map(int count);
static DdbValue *set_of(int count, int step);
static DdbValue *map_of(int count, int step);

int
main(void)
{
	test_good();
	test_bad();
	test_items();
	test_ill_formed_text();
	test_levels(DDB_VALUE_MAX_LEVEL, false, true);
	test_levels(DDB_VALUE_MAX_LEVEL, true, true);
	test_levels(DDB_VALUE_MAX_LEVEL + 1, false, false);
	test_levels(DDB_VALUE_MAX_LEVEL + 1, true, false);
	test_tags();
	test_equal();
	test_compare();
	test_sizes();
	test_depths();
	test_get();
	test_set_contains();
	test_large_set(17);
	test_large_set(50001);
	test_large_map(17);
	test_large_map(50001);
	return unit_done();
}

static void
test_good(void)
{
	for (int i = 0; i < lengthof(good_rows); i++)
	{
		const char *expected = good_rows[i].written;

		unit_is_string(unit_print_value(unit_value(good_rows[i].text)),
					   expected == NULL ? good_rows[i].text : expected,
					   "value %s", good_rows[i].text);
	}
}

static void
test_bad(void)
{
	for (int i = 0; i < lengthof(bad_rows); i++)
	{
		DdbValueError error = {.message = NULL};
		DdbValue   *value = ddb_value_from_json(unit_json(bad_rows[i].text), &error);

		unit_ok(value == NULL, "refused: %s", bad_rows[i].text);
		unit_is_string(error.message, bad_rows[i].message, "its message");
		unit_is_int(error.class, bad_rows[i].class, "its class");
	}
}

static void
test_items(void)
{
	static const char item[] = "{\"a\":{\"S\":\"x\"},\"b\":{\"M\":{\"c\":{\"N\":\"1\"}}}}";
	DdbValueError error;

	unit_is_string(unit_print_item(unit_item(item)), item, "item");
	unit_is_string(unit_print_item(unit_item("{}")), "{}", "empty item");
	unit_is_int(ddb_item_size(unit_item(item)), 1 + 1 + 1 + 3 + 1 + 1 + 2, "item size");
	unit_ok(ddb_item_from_json(unit_json("{\"a\":{\"S\":\"\"},\"b\":{}}"), &error) == NULL,
			"item with an empty value");
	unit_is_string(error.message, NO_TAG, "its message");
	unit_ok(ddb_item_from_json(unit_json("{\"\":{\"S\":\"x\"}}"), &error) == NULL,
			"item with an attribute without a name");
	unit_is_int(error.class, DDB_VALUE_ERROR_NAME, "its class");
	unit_is_string(unit_print_item(unit_item("{\"a\":{\"M\":{\"\":{\"S\":\"x\"}}}}")),
				   "{\"a\":{\"M\":{\"\":{\"S\":\"x\"}}}}",
				   "a map's member may be without a name");
}

/*
 * Parsing JSON cannot give ill-formed text, but jsonb can.  jsonb has the stored
 * form, in which a lone U+0001 is ill-formed.
 */
static void
test_ill_formed_text(void)
{
	DdbJson    *item = unit_json("{\"a\":{\"S\":\"x\"}}");
	DdbJson    *set = unit_json("{\"SS\":[\"x\"]}");
	DdbJson    *name = unit_json("{\"a\":{\"S\":\"x\"}}");
	DdbValueError error;

	item->first->first->text = DDB_TEXT_LITERAL("a\001");
	unit_ok(ddb_item_from_json(item, &error) == NULL, "ill-formed string");
	unit_is_int(error.class, DDB_VALUE_ERROR_TEXT, "its class");

	set->first->first->text = DDB_TEXT_LITERAL("\001\003");
	unit_ok(ddb_value_from_json(set, &error) == NULL, "ill-formed element");
	unit_is_int(error.class, DDB_VALUE_ERROR_TEXT, "its class");

	name->first->name = DDB_TEXT_LITERAL("\001");
	unit_ok(ddb_item_from_json(name, &error) == NULL, "ill-formed name");
	unit_is_int(error.class, DDB_VALUE_ERROR_TEXT, "its class");
}

static void
test_levels(int levels, bool maps, bool legal)
{
	StringInfoData text;
	DdbValueError error = {.message = NULL};
	DdbValue   *value;

	initStringInfo(&text);
	for (int i = 1; i < levels; i++)
		appendStringInfoString(&text, maps ? "{\"M\":{\"a\":" : "{\"L\":[");
	appendStringInfoString(&text, "{\"L\":[]}");
	for (int i = 1; i < levels; i++)
		appendStringInfoString(&text, maps ? "}}" : "]}");

	value = ddb_value_from_json(unit_json(text.data), &error);
	unit_ok((value != NULL) == legal, "%d levels", levels);
	if (legal)
		unit_is_int(ddb_value_depth(value), levels, "their depth");
	else
	{
		unit_is_string(error.message, NESTING, "the message");
		unit_is_int(error.class, DDB_VALUE_ERROR_NESTING, "the class");
	}
}

static void
test_tags(void)
{
	DdbType		type;

	for (int i = 0; i < DDB_TYPE_COUNT; i++)
	{
		const char *tag = ddb_type_tag((DdbType) i);

		unit_ok(ddb_type_from_tag(ddb_text_from_cstring(tag), &type) &&
				type == (DdbType) i, "tag %s", tag);
	}
	unit_ok(!ddb_type_from_tag(DDB_TEXT_LITERAL(""), &type), "no tag");
	unit_ok(!ddb_type_from_tag(DDB_TEXT_LITERAL("BOOLE"), &type), "not a tag");
	unit_is_int(ddb_type_of_element(DDB_TYPE_SS), DDB_TYPE_S, "element of SS");
	unit_is_int(ddb_type_of_element(DDB_TYPE_NS), DDB_TYPE_N, "element of NS");
	unit_is_int(ddb_type_of_element(DDB_TYPE_BS), DDB_TYPE_B, "element of BS");
}

static void
test_equal(void)
{
	for (int i = 0; i < lengthof(equal_rows); i++)
	{
		DdbValue   *left = unit_value(equal_rows[i].left);
		DdbValue   *right = unit_value(equal_rows[i].right);

		unit_ok(ddb_value_equal(left, right) == equal_rows[i].equal &&
				ddb_value_equal(right, left) == equal_rows[i].equal,
				"%s = %s", equal_rows[i].left, equal_rows[i].right);
		unit_ok(ddb_value_equal(left, left), "equal to itself");
	}
}

static void
test_compare(void)
{
	for (int i = 0; i < lengthof(compare_rows); i++)
	{
		DdbValue   *left = unit_value(compare_rows[i].left);
		DdbValue   *right = unit_value(compare_rows[i].right);
		int			order = ddb_value_compare(left, right);

		unit_is_int((order > 0) - (order < 0), compare_rows[i].order,
					"order of %s, %s", compare_rows[i].left, compare_rows[i].right);
	}
}

static void
test_sizes(void)
{
	for (int i = 0; i < lengthof(size_rows); i++)
		unit_is_int(ddb_value_size(unit_value(size_rows[i].text)),
					size_rows[i].size, "size of %s", size_rows[i].text);
}

static void
test_depths(void)
{
	for (int i = 0; i < lengthof(depth_rows); i++)
		unit_is_int(ddb_value_depth(unit_value(depth_rows[i].text)),
					depth_rows[i].depth, "depth of %s", depth_rows[i].text);
}

static void
test_get(void)
{
	DdbValue   *item = unit_item("{\"a\":{\"S\":\"x\"},\"ab\":{\"S\":\"y\"}}");

	unit_is_string(unit_print_value(ddb_value_get(item, DDB_TEXT_LITERAL("ab"))),
				   "{\"S\":\"y\"}", "get");
	unit_ok(ddb_value_get(item, DDB_TEXT_LITERAL("b")) == NULL, "get what is not there");
}

static void
test_set_contains(void)
{
	DdbValue   *set = unit_value("{\"NS\":[\"10\",\"2\",\"1\",\"9\"]}");

	unit_ok(ddb_value_set_contains(set, unit_value("{\"N\":\"10\"}")), "the largest");
	unit_ok(ddb_value_set_contains(set, unit_value("{\"N\":\"1\"}")), "the smallest");
	unit_ok(!ddb_value_set_contains(set, unit_value("{\"N\":\"11\"}")), "larger than all");
	unit_ok(ddb_value_set_contains(set, unit_value("{\"N\":\"2.0\"}")), "in the set");
	unit_ok(!ddb_value_set_contains(set, unit_value("{\"N\":\"3\"}")), "not in the set");
	unit_ok(!ddb_value_set_contains(set, unit_value("{\"S\":\"1\"}")), "of another type");
}

/* These take a second if they are quadratic, and almost no time otherwise. */
static void
test_large_set(int count)
{
	DdbValue   *forward = unit_value(unit_print_value(set_of(count, 1)));
	DdbValue   *backward = unit_value(unit_print_value(set_of(count, -1)));
	DdbValue   *twice = set_of(count, 1);
	DdbValue   *half;
	DdbValueError error;

	unit_ok(ddb_value_equal(forward, backward), "set of %d, in any order", count);
	twice->elements[count - 1] = twice->elements[0];
	unit_ok(!ddb_value_equal(forward, twice), "another one is different");
	unit_ok(ddb_value_from_json(unit_json(unit_print_value(twice)), &error) == NULL,
			"a duplicate in a set of %d", count);

	half = unit_value(unit_print_value(set_of(count / 2, 1)));
	unit_ok(ddb_value_equal(ddb_value_unite_sets(half, forward), forward),
			"united with a part of it");
	unit_ok(ddb_value_subtract_sets(half, forward) == NULL, "nothing is left");
	unit_ok(ddb_value_equal(ddb_value_unite_sets(ddb_value_subtract_sets(forward, half), half),
							forward), "taken away and put back");
	shim_reset_memory();
}

static void
test_large_map(int count)
{
	DdbValue   *forward = map_of(count, 1);
	DdbValue   *backward = map_of(count, -1);

	unit_ok(ddb_value_equal(forward, backward), "map of %d, in any order", count);
	backward->attributes[count / 2].value = ddb_value_make_bool(false);
	unit_ok(!ddb_value_equal(forward, backward), "another one is different");
	shim_reset_memory();
}

static DdbValue *
set_of(int count, int step)
{
	DdbText    *elements = palloc(sizeof(DdbText) * count);

	for (int i = 0; i < count; i++)
		elements[step > 0 ? i : count - 1 - i] =
			ddb_text_from_cstring(psprintf("element %d", i));
	return ddb_value_make_set(DDB_TYPE_SS, count, elements);
}

static DdbValue *
map_of(int count, int step)
{
	DdbAttribute *attributes = palloc(sizeof(DdbAttribute) * count);

	for (int i = 0; i < count; i++)
	{
		DdbAttribute *attribute = &attributes[step > 0 ? i : count - 1 - i];

		attribute->name = ddb_text_from_cstring(psprintf("name %d", i));
		attribute->value = ddb_value_make_null();
	}
	return ddb_value_make_map(count, attributes);
}
