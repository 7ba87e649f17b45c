/*
 * test_index_key.c
 *	  Keys of secondary indexes.  Their order is the order of their values, and a
 *	  range has the keys that fulfil its condition, for all values.
 */
#include "unit.h"

/* The whole file, because the parser of descriptions is static. */
#include "store/store_index.c"

#define ROUNDS 3000

static void test_specs(void);
static void test_round_trip(void);
static void test_order(void);
static void test_conditions(void);
static void test_partitions(void);
static void test_segments(void);
static void test_limits(void);
static void test_own_keys(void);

int
main(void)
{
	test_specs();
	test_round_trip();
	test_order();
	test_conditions();
	test_partitions();
	test_segments();
	test_limits();
	test_own_keys();
	return unit_done();
}

/* -------------------------------------------------- what the tests share */

/* A table with key pk (S), and an index on it with attributes h1, ..., r1, ... */
static DdbTable table = {
	.key_count = 1, .keys = {{DDB_TEXT_LITERAL("pk"), DDB_TYPE_S}}
};

/* hash and range have a letter for each attribute: S, N or B. */
static DdbIndex
make_index(const char *hash, const char *range)
{
	DdbIndex	index = {.hash_count = strlen(hash)};

	index.key_count = index.hash_count + strlen(range);
	for (int i = 0; i < index.key_count; i++)
	{
		bool		is_hash = i < index.hash_count;
		int			number = is_hash ? i : i - index.hash_count;
		char		letter = is_hash ? hash[number] : range[number];
		const char *name = psprintf("%c%d", is_hash ? 'h' : 'r', number + 1);

		index.keys[i].name = ddb_text_from_cstring(name);
		(void) ddb_type_from_tag((DdbText) {&letter, 1}, &index.keys[i].type);
	}
	return index;
}

/* A value of few different bytes, so that many are equal or begin alike. */
static DdbValue *
random_value(DdbType type)
{
	static const char *const characters[] = {
		"a", "b", "\x01\x01", "\x01\x02", "\x02", "\x7f", "\xc3\xa4", "\xf0\x9f\x98\x80"
	};
	static const char *const numbers[] = {
		"0", "1", "-1", "10", "-10", "1.5", "-1.5", "0.001", "-0.001", "99", "100", "101",
		"12345678901234567890123456789012345678", "12345678901234567890123456789012345679",
		"1234567890123456789012345678901234567.8", "1234567890123456789012345678901234567.9",
		"-1234567890123456789012345678901234567.8", "-1234567890123456789012345678901234567.9",
	};
	static const char bytes[] = {'\0', '\x01', '\x02', '\x7f', '\x80', '\xfe', '\xff'};
	StringInfoData buf;

	if (type == DDB_TYPE_N)
	{
		const char *number = numbers[unit_random_below(lengthof(numbers))];

		return ddb_value_make_text(type, ddb_text_from_cstring(number));
	}
	initStringInfo(&buf);
	for (int i = unit_random_below(4); i >= 0; i--)
	{
		if (type == DDB_TYPE_S)
			appendStringInfoString(&buf,
								   characters[unit_random_below(lengthof(characters))]);
		else
			appendStringInfoChar(&buf, bytes[unit_random_below(lengthof(bytes))]);
	}
	return ddb_value_make_text(type, (DdbText) {buf.data, buf.len});
}

/* An item with a random value for every key attribute of the index. */
static DdbValue *
random_item(const DdbIndex *index)
{
	DdbAttribute *attributes = palloc((index->key_count + 1) * sizeof(DdbAttribute));

	for (int i = 0; i < index->key_count; i++)
		attributes[i] = (DdbAttribute) {index->keys[i].name,
		random_value(index->keys[i].type)};
	attributes[index->key_count] = (DdbAttribute) {table.keys[0].name,
	random_value(DDB_TYPE_S)};
	return ddb_value_make_map(index->key_count + 1, attributes);
}

/* The same with another value of one attribute. */
static DdbValue *
with_value(const DdbValue *item, DdbText name, DdbValue *value)
{
	DdbAttribute *attributes = palloc(item->count * sizeof(DdbAttribute));

	for (int i = 0; i < item->count; i++)
	{
		attributes[i] = item->attributes[i];
		if (ddb_text_equal(attributes[i].name, name))
			attributes[i].value = value;
	}
	return ddb_value_make_map(item->count, attributes);
}

/* 0 when there is none. */
static Datum
key_of(const DdbIndex *index, const DdbValue *item)
{
	DdbDocument document = {.item = item};
	Datum		key;

	return ddb_index_key(&table, index, &document, &key) ? key : (Datum) 0;
}

/* As PostgreSQL compares bytea. */
static int
compare(Datum left, Datum right)
{
	int			left_len = VARSIZE_ANY_EXHDR(DatumGetPointer(left));
	int			right_len = VARSIZE_ANY_EXHDR(DatumGetPointer(right));
	int			order = memcmp(VARDATA_ANY(DatumGetPointer(left)),
							   VARDATA_ANY(DatumGetPointer(right)),
							   Min(left_len, right_len));

	return order != 0 ? order : left_len - right_len;
}

static int
sign(int order)
{
	return order < 0 ? -1 : order > 0;
}

/* Random types for up to so many attributes; at least that many of them. */
static const char *
random_types(int least, int most)
{
	int			count = least + unit_random_below(most - least + 1);
	char	   *types = palloc0(count + 1);

	while (count-- > 0)
		types[count] = "SNB"[unit_random_below(3)];
	return types;
}

/* Returns the partition for values of the index's hash attributes. */
static DdbIndexBound
partition_of(const DdbIndex *index, const DdbValue *item)
{
	DdbValue   *hash[DDB_INDEX_PART_MAX];
	DdbIndexBound bound;

	for (int i = 0; i < index->hash_count; i++)
		hash[i] = ddb_value_get(item, index->keys[i].name);
	ddb_index_partition_begin(&bound, index, hash);
	return bound;
}

static bool
is_within(const DdbIndexBound *bound, Datum key)
{
	return compare(key, ddb_index_bound_before(bound)) > 0 &&
		compare(key, ddb_index_bound_after(bound)) < 0;
}

/* ------------------------------------------------------------- the tests */

static void
test_specs(void)
{
	static const struct
	{
		const char *spec;
		int			parts;		/* 0: it is none */
	}			rows[] = {
		{"hS1:g", 1}, {"hS0:", 1}, {"hS01:g", 1}, {"hS1:g rN1:n", 2},
		{"hN3:a b kB2:pk", 2}, {"hS1:  rS1:k", 2}, {"hS1: rS1:k", 0}, {"hS5:hS1:g", 1},
		{"", 0}, {" ", 0}, {"h", 0}, {"hS", 0}, {"hS1", 0}, {"hS1:", 0}, {"hS2:g", 0},
		{"hS1:gg", 0}, {"hS1:g ", 0}, {" hS1:g", 0}, {"hS1:g  rN1:n", 0}, {"xS1:g", 0},
		{"hX1:g", 0}, {"hM1:g", 0}, {"rS1:g", 0}, {"kS1:g", 0}, {"hS:g", 0}, {"hS-1:g", 0},
		{"hS99999999999999999999:g", 0}, {"hS2147483648:g", 0}, {"hS4294967297:g", 0},
		{"hS1:a hS1:b hS1:c hS1:d rS1:e rS1:f rS1:g rS1:h kS1:i kS1:j", 10},
		{"hS1:a hS1:b hS1:c hS1:d rS1:e rS1:f rS1:g rS1:h kS1:i kS1:j kS1:k", 0},
	};

	for (int i = 0; i < lengthof(rows); i++)
	{
		Spec		spec;
		bool		parsed = parse_spec(rows[i].spec, strlen(rows[i].spec), &spec);

		unit_is_int(parsed ? spec.count : 0, rows[i].parts, "parts of \"%s\"", rows[i].spec);
	}
}

static void
test_round_trip(void)
{
	int			wrong = 0;

	for (int round = 0; round < ROUNDS; round++)
	{
		DdbIndex	index = make_index(random_types(1, 4), random_types(0, 4));
		Spec		made;
		Spec		read;
		char	   *text;

		for (int i = 0; i < index.key_count; i++)
			index.keys[i].name = random_value(DDB_TYPE_S)->text;
		made = spec_of_index(&table, &index);
		text = ddb_index_spec(&table, &index);
		if (!parse_spec(text, strlen(text), &read) || read.count != made.count)
			wrong++;
		for (int i = 0; wrong == 0 && i < made.count; i++)
		{
			if (made.parts[i].role != read.parts[i].role ||
				made.parts[i].attribute.type != read.parts[i].attribute.type ||
				!ddb_text_equal(made.parts[i].attribute.name, read.parts[i].attribute.name))
				wrong++;
		}
		shim_reset_memory();
	}
	unit_is_int(wrong, 0, "descriptions that are read otherwise than they were written");
}

/* Items of one partition: by each range attribute in turn. */
static void
test_order(void)
{
	int			wrong = 0;
	int			ties = 0;

	for (int round = 0; round < 10 * ROUNDS; round++)
	{
		DdbIndex	index = make_index("S", random_types(1, 4));
		DdbValue   *left = random_item(&index);
		DdbValue   *right = with_value(random_item(&index), index.keys[0].name,
									   ddb_value_get(left, index.keys[0].name));
		int			order = 0;
		int			got;

		if (unit_random_below(4) == 0)
			right = with_value(left, table.keys[0].name, random_value(DDB_TYPE_S));
		got = compare(key_of(&index, left), key_of(&index, right));
		for (int i = 1; order == 0 && i < index.key_count; i++)
			order = ddb_value_compare(ddb_value_get(left, index.keys[i].name),
									  ddb_value_get(right, index.keys[i].name));
		if (order != 0 && sign(order) != sign(got))
			wrong++;
		if (order == 0)
		{
			bool		same = ddb_value_equal(ddb_value_get(left, table.keys[0].name),
											   ddb_value_get(right, table.keys[0].name));

			ties++;
			if ((got == 0) != same)
				wrong++;
		}
		shim_reset_memory();
	}
	unit_is_int(wrong, 0, "orders of keys");
	unit_ok(ties > ROUNDS / 10, "there were equal values, too");
}

/* Keys before a value, keys after it, and keys that begin with it. */
static void
test_conditions(void)
{
	int			wrong = 0;
	int			beginnings = 0;

	for (int round = 0; round < 10 * ROUNDS; round++)
	{
		DdbIndex	index = make_index("N", random_types(1, 2));
		int			last = index.key_count - 1;
		DdbType		type = index.keys[last].type;
		DdbValue   *item = random_item(&index);
		DdbValue   *value = random_value(type);
		DdbValue   *found = ddb_value_get(item, index.keys[last].name);
		DdbIndexBound bound = partition_of(&index, item);
		DdbIndexBound prefix;
		Datum		key = key_of(&index, item);
		int			order = ddb_value_compare(found, value);
		bool		begins;

		if (last == 2)
			ddb_index_bound_append(&bound, ddb_value_get(item, index.keys[1].name));
		if (!is_within(&bound, key))
			wrong++;
		prefix = ddb_index_bound_copy(&bound);
		ddb_index_bound_append(&bound, value);
		if ((compare(key, ddb_index_bound_before(&bound)) > 0) != (order >= 0) ||
			(compare(key, ddb_index_bound_after(&bound)) < 0) != (order <= 0))
			wrong++;

		if (type != DDB_TYPE_N)
		{
			ddb_index_bound_append_prefix(&prefix, value);
			begins = found->text.len >= value->text.len &&
				memcmp(found->text.data, value->text.data, value->text.len) == 0;
			if (is_within(&prefix, key) != begins)
				wrong++;
			beginnings += begins && order != 0;
		}
		shim_reset_memory();
	}
	unit_is_int(wrong, 0, "conditions that hold elsewhere than for values");
	unit_ok(beginnings > ROUNDS / 10, "there were beginnings, too");
}

/* A partition has exactly the items with its values, however long these are. */
static void
test_partitions(void)
{
	int			wrong = 0;
	int			same = 0;

	for (int round = 0; round < 10 * ROUNDS; round++)
	{
		DdbIndex	index = make_index(random_types(1, 4), random_types(0, 1));
		DdbValue   *left = random_item(&index);
		DdbValue   *right = random_item(&index);
		DdbIndexBound bound;
		bool		equal = true;

		/* Lengths around the limit above which the key has only a digest. */
		if (index.keys[0].type == DDB_TYPE_S && unit_random_below(2))
		{
			int			len = LONG_PARTITION - 8 + unit_random_below(16);
			char	   *text = psprintf("%0*d", len, unit_random_below(3));
			DdbValue   *value = ddb_value_make_text(DDB_TYPE_S,
													ddb_text_from_cstring(text));

			left = with_value(left, index.keys[0].name, value);
			if (unit_random_below(2))
				right = with_value(right, index.keys[0].name, value);
		}
		if (unit_random_below(2))
		{
			for (int i = 1; i < index.hash_count; i++)
				right = with_value(right, index.keys[i].name,
								   ddb_value_get(left, index.keys[i].name));
		}
		for (int i = 0; i < index.hash_count; i++)
			equal = equal && ddb_value_equal(ddb_value_get(left, index.keys[i].name),
											 ddb_value_get(right, index.keys[i].name));
		bound = partition_of(&index, left);
		if (!is_within(&bound, key_of(&index, left)) ||
			is_within(&bound, key_of(&index, right)) != equal)
			wrong++;
		same += equal;
		shim_reset_memory();
	}
	unit_is_int(wrong, 0, "items in the wrong partition");
	unit_ok(same > ROUNDS / 10, "there were items of one partition, too");
}

static void
test_segments(void)
{
	int32		edges[] = {PG_INT32_MIN, -1000000000, -256, -1, 0, 255, 65535, 1000000000,
	PG_INT32_MAX};
	DdbIndex	index = make_index("S", "N");
	int			wrong = 0;

	for (int round = 0; round < ROUNDS; round++)
	{
		Datum		key = key_of(&index, random_item(&index));
		int32		token = ddb_index_key_token(key);
		int			found = 0;
		Datum		lower;
		Datum		upper;

		/* Each key is in exactly one of the segments between the edges. */
		for (int i = 1; i < lengthof(edges); i++)
		{
			int32		low = i == 1 ? edges[0] : edges[i - 1] + 1;
			bool		within;

			ddb_index_segment(low, edges[i], &lower, &upper);
			within = compare(key, lower) > 0 && compare(key, upper) < 0;
			found += within;
			if (within != (token >= low && token <= edges[i]))
				wrong++;
		}
		if (found != 1)
			wrong++;

		ddb_index_segment(token, token, &lower, &upper);
		if (compare(key, lower) <= 0 || compare(key, upper) >= 0)
			wrong++;
	}
	unit_is_int(wrong, 0, "keys in the wrong segment");
	shim_reset_memory();
}

/* What values are filled with, and how many bytes of it count. */
static const struct
{
	DdbType		type;
	const char *unit;
	int			len;
	int			counts;
}			fillings[] = {
	{DDB_TYPE_S, "x", 1, 1}, {DDB_TYPE_S, "\x01\x01", 2, 1}, {DDB_TYPE_S, "\xc3\xa4", 2, 2},
	{DDB_TYPE_B, "\0", 1, 1}, {DDB_TYPE_B, "\xff", 1, 1},
};

static DdbValue *
filled(int kind, int times)
{
	int			len = fillings[kind].len * times;
	char	   *data = palloc0(len + 1);

	for (int i = 0; i < times; i++)
		memcpy(data + i * fillings[kind].len, fillings[kind].unit, fillings[kind].len);
	return ddb_value_make_text(fillings[kind].type, (DdbText) {data, len});
}

static void
test_limits(void)
{
	for (int i = 0; i < lengthof(fillings); i++)
	{
		const char *letter = ddb_type_tag(fillings[i].type);
		DdbIndex	index = make_index(letter, letter);
		DdbValue   *item = random_item(&index);
		int			most = DDB_KEY_MAX_RANGE_BYTES / fillings[i].counts;
		Datum		longest;

		item = with_value(item, table.keys[0].name, filled(1, 2048));
		item = with_value(item, index.keys[0].name, filled(i, 2 * most));
		item = with_value(item, index.keys[1].name, filled(i, most));
		longest = key_of(&index, item);
		unit_ok(longest != 0, "the longest keys of kind %d", i);
		unit_ok(VARSIZE_ANY_EXHDR(DatumGetPointer(longest)) <= 4 + 257 + 2053 + 33,
				"the key has %d bytes", (int) VARSIZE_ANY_EXHDR(DatumGetPointer(longest)));
		unit_ok(key_of(&index, with_value(item, index.keys[0].name,
										  filled(i, 2 * most + 1))) == 0,
				"a partition key too long, kind %d", i);
		unit_ok(key_of(&index, with_value(item, index.keys[1].name,
										  filled(i, most + 1))) == 0,
				"a sort key too long, kind %d", i);
		unit_ok(key_of(&index, with_value(item, index.keys[1].name, filled(i, 0))) == 0,
				"an empty sort key, kind %d", i);
		shim_reset_memory();
	}
}

/* Items with equal index keys have different keys, however long their own are. */
static void
test_own_keys(void)
{
	DdbIndex	index = make_index("S", "");
	DdbValue   *item = random_item(&index);
	int			wrong = 0;

	for (int len = 1; len < 80; len++)
	{
		char	   *text = psprintf("%0*d", len, 1);
		Datum		keys[2];

		for (int i = 0; i < 2; i++)
		{
			DdbText		copy;

			text[len - 1] = '1' + i;
			copy = ddb_text_copy((DdbText) {text, len});
			keys[i] = key_of(&index, with_value(item, table.keys[0].name,
												ddb_value_make_text(DDB_TYPE_S, copy)));
		}

		/* Keys that are stored whole are also in order. */
		if (compare(keys[0], keys[1]) == 0 ||
			(len < LONG_ITEM_KEY && compare(keys[0], keys[1]) > 0))
			wrong++;
	}
	unit_is_int(wrong, 0, "items that are not told apart");
	shim_reset_memory();
}
