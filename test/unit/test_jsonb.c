/*
 * test_jsonb.c
 *	  Items as jsonb.  An item is read as it was stored, and has the same size and
 *	  text as the tree.  A value that is not an item is refused.
 */
#include "unit.h"

#include "value/jsonb_entry_int.h"

#define ROUNDS		3000
#define MAX_TEXT	40

static void check_random_items(void);
static void check_item(const DdbValue *item, const char *name);
static void check_copies(const DdbValue *item, const Jsonb *jsonb,
						 bool stored_form, const char *name);
static void check_projection(const DdbValue *item, const Jsonb *jsonb,
							 const char *name);
static void check_order(const Entry *entry, const char *name);
static void check_many_members(void);
static void check_strings(void);
static void check_malformed(void);
static Jsonb *spoiled(const char *item, const char *find, const char *replacement);
static DdbValue *random_map(int level, int max_count);
static DdbValue *random_value(int level);
static DdbValue *random_list(int level);
static DdbValue *random_set(void);
static DdbText random_text(void);
static DdbText random_number(void);
static DdbText random_scalar(DdbType type);
static DdbText unique_text(int i);
static DdbValue *sorted(const DdbValue *map);
static DdbText write_jsonb(const Jsonb *jsonb, const DdbNameList *names,
						   bool stored_form, int64 *size);
static DdbText write_tree(const DdbValue *item, bool stored_form);

int
main(void)
{
	check_random_items();
	check_many_members();
	check_strings();
	check_malformed();
	return unit_done();
}

static void
check_random_items(void)
{
	for (int i = 0; i < ROUNDS; i++)
	{
		DdbValue   *item = random_map(1, 12);

		check_item(item, "random item");
		check_item(sorted(item), "random item in order");
		shim_reset_memory();
	}
	unit_ok(true, "random items");
}

/*
 * The sets of the item may be in any order, as in rows that plain SQL has
 * written.  Only failures are reported, because thousands of results would hide
 * them.
 */
static void
check_item(const DdbValue *item, const char *name)
{
	Jsonb	   *jsonb = ddb_item_to_jsonb(item);
	DdbValue   *back = ddb_item_from_jsonb(jsonb);
	Entry		root = container_entry(&jsonb->root);

	if (back == NULL || !ddb_value_equal(sorted(item), back))
		unit_ok(false, "%s comes back: %s", name, unit_print_item(item));
	if (ddb_jsonb_item_size(jsonb) != ddb_item_size(item))
		unit_is_int(ddb_jsonb_item_size(jsonb), ddb_item_size(item),
					"%s has its size: %s", name, unit_print_item(item));
	check_order(&root, name);
	check_copies(item, jsonb, false, name);
	check_copies(item, jsonb, true, name);
	check_projection(item, jsonb, name);

	for (int i = 0; i < item->count; i++)
	{
		DdbValue   *value;

		if (!ddb_jsonb_attribute(jsonb, item->attributes[i].name, &value) ||
			value == NULL || !ddb_value_equal(value, sorted(item->attributes[i].value)))
			unit_ok(false, "%s has attribute %d: %s", name, i,
					unit_print_item(item));
	}
}

static void
check_copies(const DdbValue *item, const Jsonb *jsonb, bool stored_form,
			 const char *name)
{
	int64		size;
	DdbText		copy = write_jsonb(jsonb, NULL, stored_form, &size);
	DdbText		expected = write_tree(item, stored_form);

	if (!ddb_text_equal(copy, expected))
		unit_is_string(copy.data, expected.data, "%s is written", name);
	if (size != ddb_item_size(item))
		unit_is_int(size, ddb_item_size(item), "%s is measured", name);
}

/* Every other attribute. */
static void
check_projection(const DdbValue *item, const Jsonb *jsonb, const char *name)
{
	DdbNameList names = {.names = palloc(sizeof(DdbText) * (item->count + 1))};
	DdbValue   *projected = ddb_value_make_map(0, palloc(sizeof(DdbAttribute) *
														 (item->count + 1)));
	int64		size;
	DdbText		copy;
	DdbText		expected;

	for (int i = 0; i < item->count; i += 2)
	{
		names.names[names.count++] = item->attributes[i].name;
		projected->attributes[projected->count++] = item->attributes[i];
	}
	copy = write_jsonb(jsonb, &names, true, &size);
	expected = write_tree(projected, true);
	if (!ddb_text_equal(copy, expected))
		unit_is_string(copy.data, expected.data, "%s is projected", name);
	if (size != ddb_item_size(projected) ||
		size != ddb_jsonb_projected_size(jsonb, &names))
		unit_is_int(size, ddb_item_size(projected), "%s projected has its size", name);
}

/* As PostgreSQL looks for names, and where it keeps offsets. */
static void
check_order(const Entry *entry, const char *name)
{
	const JsonbContainer *container = container_of(entry);
	int			children = count_of(entry) * (is_object(entry) ? 2 : 1);
	Cursor		cursor = first_child(container);
	DdbText		last = {.data = NULL};

	for (int i = 0; i < children; i++)
	{
		Entry		child = next_child(&cursor);

		if (JBE_HAS_OFF(child.kind) != (i % JB_OFFSET_STRIDE == 0))
			unit_ok(false, "%s has an offset at child %d", name, i);
		if (JBE_ISCONTAINER(child.kind))
			check_order(&child, name);
		if (!is_object(entry) || i >= children / 2)
			continue;
		if (i > 0 && compare_names(last, text_of(&child)) >= 0)
			unit_ok(false, "%s has its names in order", name);
		last = text_of(&child);
	}
}

static void
check_many_members(void)
{
	DdbAttribute attributes[100];
	DdbText		elements[100];
	DdbValue   *values[100];

	for (int i = 0; i < 100; i++)
	{
		elements[i] = unique_text(i * 37 % 100);
		values[i] = ddb_value_make_text(DDB_TYPE_S, elements[i]);
		attributes[i].name = elements[i];
		attributes[i].value = values[i];
	}
	attributes[17].value = ddb_value_make_set(DDB_TYPE_SS, 100, elements);
	attributes[71].value = ddb_value_make_list(100, values);
	for (int count = 0; count <= 100; count++)
		check_item(ddb_value_make_map(count, attributes), "large item");
	unit_ok(true, "items with up to a hundred attributes");
	shim_reset_memory();
}

/* Each kind of byte in each place of strings around the length of a word. */
static void
check_strings(void)
{
	static const char *const specials[] = {"\"", "\\", "\n", "\001\001", "\001\002", "\x1f", "\xc3\xa9", "\x7f"};

	for (int len = 0; len <= 20; len++)
	{
		for (int i = 0; i < lengthof(specials); i++)
		{
			for (int place = 0; place <= len; place++)
			{
				DdbText		text = {.data = psprintf("%.*s%s%.*s",
													 place, "abcdefghijklmnopqrstuvwxyz",
													 specials[i],
													 len - place, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")};
				DdbAttribute attribute = {.value = NULL};

				text.len = (int) strlen(text.data);
				attribute.name = text;
				attribute.value = ddb_value_make_text(DDB_TYPE_S, text);
				check_item(ddb_value_make_map(1, &attribute), "string");
			}
			shim_reset_memory();
		}
	}
	unit_ok(true, "strings with every kind of byte in every place");
}

/* An item spoiled in its jsonb, where nothing moves. */
static const struct
{
	const char *item;
	const char *find;
	const char *replacement;
}			malformed_rows[] = {
	{"{\"a\":{\"S\":\"xy\"}}", "xy", "x\001"},
	{"{\"a\":{\"S\":\"xy\"}}", "xy", "\001x"},
	{"{\"xy\":{\"S\":\"a\"}}", "xy", "\001\003"},
	{"{\"a\":{\"S\":\"xy\"}}", "Sxy", "Xxy"},
	{"{\"a\":{\"S\":\"xy\"}}", "Sxy", "sxy"},
	{"{\"a\":{\"S\":\"xy\"}}", "Sxy", "Nxy"},
	{"{\"a\":{\"S\":\"xy\"}}", "Sxy", "Bxy"},
	{"{\"a\":{\"S\":\"xy\"}}", "Sxy", "Lxy"},
	{"{\"a\":{\"S\":\"xy\"}}", "Sxy", "Mxy"},
	{"{\"a\":{\"N\":\"12\"}}", "N12", "N01"},
	{"{\"a\":{\"N\":\"12\"}}", "N12", "N1."},
	{"{\"a\":{\"N\":\"12\"}}", "N12", "N1a"},
	{"{\"a\":{\"N\":\"1.2\"}}", "1.2", "1.0"},
	{"{\"a\":{\"N\":\"-2\"}}", "-2", "-0"},
	{"{\"a\":{\"B\":\"YWI=\"}}", "YWI=", "YWJ="},
	{"{\"a\":{\"BOOL\":false}}", "BOOL", "NULL"},
	{"{\"a\":{\"NULL\":true}}", "NULL", "NULl"},
	{"{\"a\":{\"SS\":[\"xx\",\"yy\"]}}", "xxyy", "xxxx"},
	{"{\"a\":{\"SS\":[\"xx\",\"yy\"]}}", "SS", "NS"},
	{"{\"a\":{\"SS\":[\"xx\",\"yy\"]}}", "SS", "XS"},
	{"{\"a\":{\"NS\":[\"11\",\"22\"]}}", "1122", "1111"},
	{"{\"a\":{\"L\":[]}}", "L", "M"},
	{"{\"a\":{\"M\":{}}}", "M", "L"},
	{"{\"a\":{\"M\":{\"b\":{\"N\":\"12\"}}}}", "12", "00"},
	{"{\"a\":{\"L\":[{\"N\":\"12\"}]}}", "12", "00"},
};

static void
check_malformed(void)
{
	for (int i = 0; i < lengthof(malformed_rows); i++)
	{
		Jsonb	   *jsonb = spoiled(malformed_rows[i].item, malformed_rows[i].find,
									malformed_rows[i].replacement);
		DdbJsonWriter writer;

		ddb_json_writer_init(&writer, true);
		ddb_json_begin_array(&writer);
		unit_ok(!ddb_jsonb_write_item(&writer, jsonb) &&
				ddb_jsonb_item_size(jsonb) == -1 &&
				ddb_item_from_jsonb(jsonb) == NULL,
				"no item: %s with %s", malformed_rows[i].item,
				malformed_rows[i].replacement);
		unit_is_string(writer.buf.data, "[", "nothing of it is written");
		shim_reset_memory();
	}
}

static Jsonb *
spoiled(const char *item, const char *find, const char *replacement)
{
	Jsonb	   *jsonb = ddb_item_to_jsonb(unit_item(item));
	char	   *place = memmem(jsonb, VARSIZE(jsonb), find, strlen(find));

	memcpy(place, replacement, strlen(replacement));
	return jsonb;
}

/* ---------------------------------------------------------- random items */

static DdbValue *
random_map(int level, int max_count)
{
	int			count = unit_random_below(max_count + 1);
	DdbAttribute *attributes = palloc(sizeof(DdbAttribute) * (count + 1));
	DdbValue   *map = ddb_value_make_map(0, attributes);

	for (int i = 0; i < count; i++)
	{
		DdbText		name = random_text();

		if (ddb_value_get(map, name) != NULL)
			continue;
		attributes[map->count].name = name;
		attributes[map->count].value = random_value(level);
		map->count++;
	}
	return map;
}

static DdbValue *
random_value(int level)
{
	switch (unit_random_below(level < 5 ? 10 : 7))
	{
		case 0:
		case 1:
			return ddb_value_make_text(DDB_TYPE_S, random_text());
		case 2:
		case 3:
			return ddb_value_make_text(DDB_TYPE_N, random_number());
		case 4:
			return ddb_value_make_text(DDB_TYPE_B, random_text());
		case 5:
			return unit_random_below(3) == 0 ? ddb_value_make_null() :
				ddb_value_make_bool(unit_random_below(2) == 0);
		case 6:
			return random_set();
		case 7:
		case 8:
			return random_list(level + 1);
		default:
			return random_map(level + 1, 4);
	}
}

static DdbValue *
random_list(int level)
{
	int			count = unit_random_below(5);
	DdbValue  **values = palloc(sizeof(DdbValue *) * 5);

	for (int i = 0; i < count; i++)
		values[i] = random_value(level);
	return ddb_value_make_list(count, values);
}

static DdbValue *
random_set(void)
{
	static const DdbType types[] = {DDB_TYPE_SS, DDB_TYPE_NS, DDB_TYPE_BS};
	DdbValue   *set = ddb_value_make_set(types[unit_random_below(3)], 0,
										 palloc(sizeof(DdbText) * 20));
	int			count = 1 + unit_random_below(20);

	for (int i = 0; i < count; i++)
	{
		DdbText		text = random_scalar(ddb_type_of_element(set->type));
		int			j = 0;

		while (j < set->count && !ddb_text_equal(set->elements[j], text))
			j++;
		if (j == set->count)
			set->elements[set->count++] = text;
	}
	return set;
}

static DdbText
random_scalar(DdbType type)
{
	return type == DDB_TYPE_N ? random_number() : random_text();
}

/* Mostly letters; what has to be escaped now and then. */
static DdbText
random_text(void)
{
	static const char *const pieces[] = {"\"", "\\", "\n", "\001\001", "\001\002", "\x1f", "\xe2\x82\xac"};
	bool		plain = unit_random_below(4) > 0;
	int			len = unit_random_below(unit_random_below(2) == 0 ? 6 : MAX_TEXT);
	StringInfoData text;

	initStringInfo(&text);
	while (text.len < len)
	{
		if (plain || unit_random_below(4) > 0)
			appendStringInfoChar(&text, 'a' + unit_random_below(26));
		else
			appendStringInfoString(&text, pieces[unit_random_below(lengthof(pieces))]);
	}
	return (DdbText) {.data = text.data, .len = text.len};
}

static DdbText
random_number(void)
{
	StringInfoData text;
	DdbText		canonical;

	initStringInfo(&text);
	if (unit_random_below(3) == 0)
		appendStringInfoChar(&text, '-');
	for (int i = unit_random_below(15); i >= 0; i--)
		appendStringInfoChar(&text, '0' + unit_random_below(10) * unit_random_below(2));
	if (unit_random_below(3) == 0)
	{
		appendStringInfoChar(&text, '.');
		for (int i = unit_random_below(15); i >= 0; i--)
			appendStringInfoChar(&text, '0' + unit_random_below(10) * unit_random_below(2));
	}
	if (unit_random_below(5) == 0)
		appendStringInfo(&text, "e%d", unit_random_below(160) - 80);
	if (ddb_number_parse((DdbText) {text.data, text.len}, &canonical) != DDB_NUMBER_OK)
		abort();
	return canonical;
}

static DdbText
unique_text(int i)
{
	char	   *text = psprintf("%.*s%d", i % 4, "name", i);

	return ddb_text_from_cstring(text);
}

/* --------------------------------------------------------------- writing */

static DdbText
write_jsonb(const Jsonb *jsonb, const DdbNameList *names, bool stored_form,
			int64 *size)
{
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, stored_form);
	ddb_json_begin_array(&writer);
	if (!ddb_jsonb_write_projected(&writer, jsonb, names, size) ||
		!ddb_jsonb_write_projected(&writer, jsonb, names, size))
		return (DdbText) {.data = "malformed", .len = 9};
	ddb_json_end_array(&writer);
	return (DdbText) {.data = writer.buf.data, .len = writer.buf.len};
}

/* In the order of jsonb, sets in their own order; twice, to test the comma. */
static DdbText
write_tree(const DdbValue *item, bool stored_form)
{
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, stored_form);
	ddb_json_begin_array(&writer);
	ddb_item_write(&writer, sorted(item));
	ddb_item_write(&writer, sorted(item));
	ddb_json_end_array(&writer);
	return (DdbText) {.data = writer.buf.data, .len = writer.buf.len};
}

static int
compare_attributes(const void *left, const void *right)
{
	return compare_names(((const DdbAttribute *) left)->name,
						 ((const DdbAttribute *) right)->name);
}

static int
compare_texts(const void *left, const void *right)
{
	return ddb_text_compare(*(const DdbText *) left, *(const DdbText *) right);
}

static int
compare_numbers(const void *left, const void *right)
{
	return ddb_number_compare(*(const DdbText *) left, *(const DdbText *) right);
}

static DdbValue *
sorted(const DdbValue *value)
{
	DdbValue   *copy = palloc(sizeof(DdbValue));

	*copy = *value;
	if (value->type == DDB_TYPE_M)
	{
		copy->attributes = palloc(sizeof(DdbAttribute) * (value->count + 1));
		for (int i = 0; i < value->count; i++)
		{
			copy->attributes[i].name = value->attributes[i].name;
			copy->attributes[i].value = sorted(value->attributes[i].value);
		}
		qsort(copy->attributes, copy->count, sizeof(DdbAttribute), compare_attributes);
	}
	else if (value->type == DDB_TYPE_L)
	{
		copy->values = palloc(sizeof(DdbValue *) * (value->count + 1));
		for (int i = 0; i < value->count; i++)
			copy->values[i] = sorted(value->values[i]);
	}
	else if (ddb_type_is_set(value->type))
	{
		copy->elements = palloc(sizeof(DdbText) * value->count);
		memcpy(copy->elements, value->elements, sizeof(DdbText) * value->count);
		qsort(copy->elements, copy->count, sizeof(DdbText),
			  value->type == DDB_TYPE_NS ? compare_numbers : compare_texts);
	}
	return copy;
}
