/*
 * test_path.c
 *	  Document paths: printed, compared, followed, projected.
 *
 * Paths are written as expressions write them, without placeholders.
 */
#include "unit.h"

#define MAX_PATHS 8

#define ITEM \
	"{\"pk\":{\"N\":\"1\"}," \
	"\"a\":{\"M\":{\"b\":{\"M\":{\"c\":{\"N\":\"1\"},\"d\":{\"N\":\"2\"}}},\"e\":{\"N\":\"3\"}}}," \
	"\"l\":{\"L\":[{\"N\":\"10\"},{\"N\":\"20\"},{\"M\":{\"x\":{\"N\":\"1\"},\"y\":{\"N\":\"2\"}}}]}}"

static const struct
{
	const char *paths;
	const char *expected;
}			projection_rows[] = {
	{"", "{}"},
	{"a.b.c", "{\"a\":{\"M\":{\"b\":{\"M\":{\"c\":{\"N\":\"1\"}}}}}}"},
	{"a.b.c,a.e", "{\"a\":{\"M\":{\"b\":{\"M\":{\"c\":{\"N\":\"1\"}}},\"e\":{\"N\":\"3\"}}}}"},
	{"a.e,pk,a.b.d",
	"{\"a\":{\"M\":{\"b\":{\"M\":{\"d\":{\"N\":\"2\"}}},\"e\":{\"N\":\"3\"}}},\"pk\":{\"N\":\"1\"}}"},
	{"l[2].x", "{\"l\":{\"L\":[{\"M\":{\"x\":{\"N\":\"1\"}}}]}}"},
	{"l[1],l[0]", "{\"l\":{\"L\":[{\"N\":\"10\"},{\"N\":\"20\"}]}}"},
	{"l[2].y,l[9],l[0]", "{\"l\":{\"L\":[{\"N\":\"10\"},{\"M\":{\"y\":{\"N\":\"2\"}}}]}}"},
	{"l[2].y,l[2].x", "{\"l\":{\"L\":[{\"M\":{\"x\":{\"N\":\"1\"},\"y\":{\"N\":\"2\"}}}]}}"},
	{"a.b", "{\"a\":{\"M\":{\"b\":{\"M\":{\"c\":{\"N\":\"1\"},\"d\":{\"N\":\"2\"}}}}}}"},
	{"l[7]", "{}"},
	{"nope", "{}"},
	{"a.zz", "{}"},
	{"a.b.zz,a.e.f", "{}"},
	{"pk.x", "{}"},
	{"pk[0]", "{}"},
	{"a[0]", "{}"},
	{"l.x", "{}"},
	{"l[0].x", "{}"},
	{"l[4294967295]", "{}"},
};

static const struct
{
	const char *path;
	const char *expected;
}			resolve_rows[] = {
	{"pk", "{\"N\":\"1\"}"},
	{"a.b.d", "{\"N\":\"2\"}"},
	{"l[2].y", "{\"N\":\"2\"}"},
	{"l[1]", "{\"N\":\"20\"}"},
	{"l[3]", NULL},
	{"l[2].z", NULL},
	{"l.x", NULL},
	{"a[0]", NULL},
	{"pk.x", NULL},
	{"x", NULL},
	{"x.y[0]", NULL},
};

static void test_print(void);
static void test_equal(void);
static void test_resolve(void);
static void test_projections(void);
static void test_empty_name(void);
static void test_no_item(void);
static void test_large_attributes(void);
static DdbPath parse_path(const char **text);
static DdbPath path_of(const char *text);

int
main(void)
{
	test_print();
	test_equal();
	test_resolve();
	test_projections();
	test_empty_name();
	test_no_item();
	test_large_attributes();
	return unit_done();
}

static void
test_print(void)
{
	DdbPath		path = path_of("a.b[0][12].c");

	unit_is_string(ddb_path_print(&path), "[a, b, [0], [12], c]", "print");
	path = path_of("a");
	unit_is_string(ddb_path_print(&path), "[a]", "print one name");
}

static void
test_equal(void)
{
	static const char *const paths[] = {"a", "b", "a.b", "a[0]", "a[1]", "a[0].b", "a[0][0]"};

	for (int i = 0; i < lengthof(paths); i++)
	{
		for (int j = 0; j < lengthof(paths); j++)
		{
			DdbPath		left = path_of(paths[i]);
			DdbPath		right = path_of(paths[j]);

			unit_ok(ddb_path_equal(&left, &right) == (i == j),
					"%s, %s", paths[i], paths[j]);
		}
	}
}

static void
test_resolve(void)
{
	DdbDocument document = {.item = unit_item(ITEM)};

	for (int i = 0; i < lengthof(resolve_rows); i++)
	{
		DdbPath		path = path_of(resolve_rows[i].path);

		unit_is_string(unit_print_value(ddb_document_resolve(&document, &path)),
					   resolve_rows[i].expected, "resolve %s", resolve_rows[i].path);
	}
}

static void
test_projections(void)
{
	DdbDocument document = {.item = unit_item(ITEM)};

	for (int i = 0; i < lengthof(projection_rows); i++)
	{
		const char *text = projection_rows[i].paths;
		DdbPath		paths[MAX_PATHS];
		int			count = 0;

		while (*text != '\0')
			paths[count++] = parse_path(&text);
		unit_is_string(unit_print_item(ddb_document_project(&document, paths, count)),
					   projection_rows[i].expected,
					   "project %s", projection_rows[i].paths);
	}
	unit_is_string(unit_print_item(document.item), ITEM, "the item is as it was");
	unit_ok(!document.malformed, "and not malformed");
}

/* A path element without data is an index, whatever its length. */
static void
test_empty_name(void)
{
	DdbDocument document = {
		.item = unit_item("{\"a\":{\"M\":{\"\":{\"N\":\"1\"}}}}")
	};
	DdbPath		by_index = path_of("a[0]");
	DdbPath		by_name = path_of("a.");

	unit_ok(ddb_document_resolve(&document, &by_index) == NULL, "no index in a map");
	unit_is_string(unit_print_item(ddb_document_project(&document, &by_index, 1)),
				   "{}", "nor in its projection");
	unit_is_string(unit_print_value(ddb_document_resolve(&document, &by_name)),
				   "{\"N\":\"1\"}", "the empty name");
	unit_is_string(unit_print_item(ddb_document_project(&document, &by_name, 1)),
				   "{\"a\":{\"M\":{\"\":{\"N\":\"1\"}}}}", "and its projection");
}

static void
test_no_item(void)
{
	DdbDocument document = {.item = NULL};
	DdbPath		path = path_of("a.b");

	unit_ok(ddb_document_get(&document, DDB_TEXT_LITERAL("a")) == NULL, "get from no item");
	unit_ok(ddb_document_resolve(&document, &path) == NULL, "resolve in no item");
	unit_is_string(unit_print_item(ddb_document_project(&document, &path, 1)), "{}",
				   "project no item");
}

/* One path, up to a comma or the end. */
/* Only one tree is made of a large attribute, however often it is selected. */
static void
test_large_attributes(void)
{
	DdbText    *elements = palloc(sizeof(DdbText) * 100);
	DdbAttribute attributes[2] = {
		{.name = DDB_TEXT_LITERAL("large")},
		{.name = DDB_TEXT_LITERAL("small"), .value = ddb_value_make_null()},
	};
	DdbDocument document = {.malformed = false};
	DdbValue   *large;

	for (int i = 0; i < 100; i++)
		elements[i] = ddb_text_from_cstring(psprintf("element %03d", i));
	attributes[0].value = ddb_value_make_set(DDB_TYPE_SS, 100, elements);
	document.jsonb = ddb_item_to_jsonb(ddb_value_make_map(2, attributes));

	large = ddb_document_get(&document, attributes[0].name);
	unit_ok(ddb_value_equal(large, attributes[0].value), "large attribute");
	unit_ok(ddb_document_get(&document, attributes[0].name) == large,
			"the same tree again");
	unit_ok(ddb_value_equal(ddb_document_get(&document, attributes[1].name),
							attributes[1].value), "small attribute");
	unit_ok(ddb_document_get(&document, DDB_TEXT_LITERAL("none")) == NULL,
			"no such attribute");
}

static DdbPath
parse_path(const char **text)
{
	DdbPath		path = {.elements = palloc0(sizeof(DdbPathElement) * 8)};

	for (;;)
	{
		DdbPathElement *element = &path.elements[path.count++];

		if (**text == '[')
		{
			char	   *end;

			element->index = (uint32) strtoul(*text + 1, &end, 10);
			*text = end + 1;
		}
		else
		{
			int			len = (int) strcspn(*text, ".[,");

			element->name.data = pnstrdup(*text, len);
			element->name.len = len;
			*text += len;
		}

		if (**text == '.')
			(*text)++;
		else if (**text != '[')
			break;
	}
	if (**text == ',')
		(*text)++;
	return path;
}

static DdbPath
path_of(const char *text)
{
	return parse_path(&text);
}
