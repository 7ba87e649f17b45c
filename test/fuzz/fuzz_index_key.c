/*
 * fuzz_index_key.c
 *	  A description of an index key, then the values of two items: one line
 *	  each, the values of a line separated by commas.
 *
 * A valid description that is written and read again must be the same.  The keys
 * of the two items must be in the order of their values, and no partition may
 * have an item of another partition.
 */
#include "fuzz.h"

/* The whole file, because the parser of descriptions is static. */
#include "store/store_index.c"

#define KEY_MAX_BYTES (4 + 257 + 2053 + 33)

static DdbText next_piece(DdbText *rest, char separator);
static void check_again(const Spec *spec);
static DdbValue *read_item(const Spec *spec, DdbText line);
static DdbValue *read_value(DdbType type, DdbText piece);
static bool key_of(const Spec *spec, const DdbValue *item, DdbText *key);
static void check_order(const Spec *spec, const DdbValue *left,
						const DdbValue *right);
static int	order_of_parts(const Spec *spec, SpecRole role,
						   const DdbValue *left, const DdbValue *right);
static bool is_in_partition(const Spec *spec, DdbText key,
							const DdbValue *item);

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	DdbText		rest = {.data = (const char *) data, .len = (int) size};
	DdbText		line = next_piece(&rest, '\n');
	DdbText		text = ddb_text_copy(line);
	Spec		spec;

	if (parse_spec(text.data, text.len, &spec))
	{
		DdbValue   *left = read_item(&spec, next_piece(&rest, '\n'));
		DdbValue   *right = read_item(&spec, next_piece(&rest, '\n'));

		check_again(&spec);
		check_order(&spec, left, right);
		check_order(&spec, right, left);
		check_order(&spec, left, left);
	}
	shim_reset_memory();
	return 0;
}

/* Returns the text up to the separator or the end.  The rest begins after it. */
static DdbText
next_piece(DdbText *rest, char separator)
{
	const char *end = rest->len == 0 ? NULL : memchr(rest->data, separator, rest->len);
	DdbText		piece = *rest;

	if (end != NULL)
		piece.len = (int) (end - rest->data);
	rest->data += Min(piece.len + 1, rest->len);
	rest->len -= Min(piece.len + 1, rest->len);
	return piece;
}

static void
check_again(const Spec *spec)
{
	StringInfoData buf;
	Spec		again;

	initStringInfo(&buf);
	for (int i = 0; i < spec->count; i++)
	{
		DdbKeyAttribute attribute = spec->parts[i].attribute;

		appendStringInfo(&buf, "%s%c%s%d:", i > 0 ? " " : "",
						 spec_letters[spec->parts[i].role],
						 ddb_type_tag(attribute.type), attribute.name.len);
		appendBinaryStringInfo(&buf, attribute.name.data, attribute.name.len);
	}
	FUZZ_CHECK(parse_spec(buf.data, buf.len, &again));
	FUZZ_CHECK(again.count == spec->count);
	for (int i = 0; i < spec->count; i++)
	{
		FUZZ_CHECK(again.parts[i].role == spec->parts[i].role);
		FUZZ_CHECK(again.parts[i].attribute.type == spec->parts[i].attribute.type);
		FUZZ_CHECK(ddb_text_equal(again.parts[i].attribute.name,
								  spec->parts[i].attribute.name));
	}
}

/* An attribute that is named twice has its first value. */
static DdbValue *
read_item(const Spec *spec, DdbText line)
{
	DdbAttribute attributes[lengthof(spec->parts)];
	int			count = 0;

	for (int i = 0; i < spec->count; i++)
	{
		DdbKeyAttribute attribute = spec->parts[i].attribute;
		DdbText		piece = next_piece(&line, ',');
		int			j = 0;

		while (j < count && !ddb_text_equal(attributes[j].name, attribute.name))
			j++;
		if (j == count)
			attributes[count++] = (DdbAttribute) {attribute.name,
			read_value(attribute.type, piece)};
	}
	return ddb_value_make_map(count, memcpy(palloc(sizeof(attributes)), attributes,
											sizeof(attributes)));
}

/* A text that is not a number stands for its length. */
static DdbValue *
read_value(DdbType type, DdbText piece)
{
	DdbText		text = ddb_text_copy(piece);

	if (type == DDB_TYPE_S)
		text = ddb_text_encode(piece.data, piece.len);
	else if (type == DDB_TYPE_N && ddb_number_parse(piece, &text) != DDB_NUMBER_OK)
		text = ddb_text_from_cstring(psprintf("%d", piece.len));
	return ddb_value_make_text(type, text);
}

static bool
key_of(const Spec *spec, const DdbValue *item, DdbText *key)
{
	DdbDocument document = {.item = item};
	Datum		datum;

	if (!make_key(spec, &document, &datum))
		return false;
	key->data = VARDATA(DatumGetPointer(datum));
	key->len = VARSIZE(DatumGetPointer(datum)) - VARHDRSZ;
	FUZZ_CHECK(key->len > 4);
	FUZZ_CHECK(key->len <= KEY_MAX_BYTES);
	return true;
}

static void
check_order(const Spec *spec, const DdbValue *left, const DdbValue *right)
{
	DdbText		keys[2];
	int			order;
	int			got;

	if (!key_of(spec, left, &keys[0]) || !key_of(spec, right, &keys[1]))
		return;
	FUZZ_CHECK(is_in_partition(spec, keys[0], left));
	got = memcmp(keys[0].data, keys[1].data, Min(keys[0].len, keys[1].len));
	if (got == 0)
		got = keys[0].len - keys[1].len;
	if (order_of_parts(spec, SPEC_HASH, left, right) != 0)
	{
		FUZZ_CHECK(!is_in_partition(spec, keys[0], right));
		return;
	}
	order = order_of_parts(spec, SPEC_RANGE, left, right);
	if (order != 0)
		FUZZ_CHECK((order < 0) == (got < 0) && got != 0);
	else
		FUZZ_CHECK((order_of_parts(spec, SPEC_ITEM, left, right) == 0) == (got == 0));
}

/* By each attribute of the role in turn. */
static int
order_of_parts(const Spec *spec, SpecRole role, const DdbValue *left,
			   const DdbValue *right)
{
	int			order = 0;

	for (int i = 0; order == 0 && i < spec->count; i++)
	{
		DdbText		name = spec->parts[i].attribute.name;

		if (spec->parts[i].role == role)
			order = ddb_value_compare(ddb_value_get(left, name),
									  ddb_value_get(right, name));
	}
	return order;
}

/* Returns whether the key begins like the item's partition. */
static bool
is_in_partition(const Spec *spec, DdbText key, const DdbValue *item)
{
	DdbDocument document = {.item = item};
	Values		values;
	char	   *partition;
	int			len;

	FUZZ_CHECK(collect(&values, spec, SPEC_HASH, &document, 0));
	partition = palloc(partition_size(values.len));
	len = put_partition(partition, &values) - partition;
	return key.len > len && memcmp(key.data, partition, len) == 0;
}
