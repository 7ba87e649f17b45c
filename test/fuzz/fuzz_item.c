/*
 * fuzz_item.c
 *	  Any bytes as the item of a PutItem.
 *
 * JSON must stay the same when it is written and parsed again, in wire form and in
 * stored form.  So must an item that the model accepts.
 */
#include "fuzz.h"

#include "model/model.h"
#include "value/value.h"

static void check_json(const DdbJson *json);
static DdbText write_json(const DdbJson *json, bool stored_form);
static void check_item(DdbJson *json);
static bool is_item(DdbJson *json);
static DdbText write_item(const DdbValue *item, bool stored_form);
static bool sets_are_in_order(const DdbValue *value);
static bool is_in_order(const DdbValue *set, int i);
static void check_jsonb(const DdbValue *item);
static void check_same_item(const DdbValue *item, const DdbValue *other);

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	char	   *text = pnstrdup("", 0);
	DdbJson    *json;

	text = repalloc(text, size + 1);
	memcpy(text, data, size);
	text[size] = '\0';

	json = ddb_json_parse(text, (int) size);
	FUZZ_CHECK(memcmp(text, data, size) == 0);
	if (json != NULL)
	{
		check_json(json);
		if (json->type == DDB_JSON_OBJECT && is_item(json))
			check_item(json);
	}
	shim_reset_memory();
	return 0;
}

static void
check_json(const DdbJson *json)
{
	DdbText		decoded = write_json(json, false);
	DdbText		stored = write_json(json, true);
	DdbJson    *again = ddb_json_parse(unconstify(char *, decoded.data), decoded.len);
	DdbJsonWriter writer;

	FUZZ_CHECK(again != NULL);
	FUZZ_CHECK(ddb_text_equal(write_json(again, true), stored));

	/* Stored form that is passed through comes out decoded as well. */
	ddb_json_writer_init(&writer, false);
	ddb_json_raw(&writer, stored.data);
	FUZZ_CHECK(ddb_text_equal((DdbText) {writer.buf.data, writer.buf.len}, decoded));
}

static DdbText
write_json(const DdbJson *json, bool stored_form)
{
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, stored_form);
	ddb_json_tree(&writer, json);
	return (DdbText) {.data = writer.buf.data, .len = writer.buf.len};
}

/* Returns whether the model accepts it as an item. */
static bool
is_item(DdbJson *json)
{
	DdbJson    *request = ddb_json_make(DDB_JSON_OBJECT);
	DdbJson    *table = ddb_json_make(DDB_JSON_STRING);
	DdbFailure	failure;
	volatile bool accepted = false;

	table->text = DDB_TEXT_LITERAL("Table");
	ddb_json_append(request, DDB_TEXT_LITERAL("TableName"), table);
	ddb_json_append(request, DDB_TEXT_LITERAL("Item"), json);
	SHIM_TRY()
	{
		ddb_model_validate(ddb_operation_get(DDB_OPERATION_PUT_ITEM), request);
		accepted = true;
	}
	SHIM_CATCH(failure)
	{
		FUZZ_CHECK(failure.type == DDB_ERROR_SERIALIZATION ||
				   failure.type == DDB_ERROR_VALIDATION);
	}
	SHIM_END_TRY();
	return accepted;
}

static void
check_item(DdbJson *json)
{
	DdbValueError error = {.message = NULL};
	DdbValue   *item = ddb_item_from_json(json, &error);

	if (item == NULL)
	{
		FUZZ_CHECK(error.message != NULL);
		return;
	}
	FUZZ_CHECK(ddb_value_depth(item) <= DDB_VALUE_MAX_LEVEL + 1);
	FUZZ_CHECK(sets_are_in_order(item));
	check_jsonb(item);

	for (int stored_form = 0; stored_form < 2; stored_form++)
	{
		DdbText		text = write_item(item, stored_form);
		DdbJson    *again = ddb_json_parse(unconstify(char *, text.data), text.len);

		FUZZ_CHECK(again != NULL);

		/* Parsing the stored form as wire form encodes it twice. */
		if (stored_form)
			continue;
		check_same_item(item, ddb_item_from_json(again, &error));
	}
}

/* And so without duplicates. */
static bool
sets_are_in_order(const DdbValue *value)
{
	bool		in_order = true;

	for (int i = 0; i < value->count && in_order; i++)
	{
		if (value->type == DDB_TYPE_L)
			in_order = sets_are_in_order(value->values[i]);
		else if (value->type == DDB_TYPE_M)
			in_order = sets_are_in_order(value->attributes[i].value);
		else
			in_order = is_in_order(value, i);
	}
	return in_order;
}

/* Returns whether an element of a set is larger than the one before it. */
static bool
is_in_order(const DdbValue *set, int i)
{
	if (i == 0)
		return true;
	if (set->type == DDB_TYPE_NS)
		return ddb_number_compare(set->elements[i - 1], set->elements[i]) < 0;
	return ddb_text_compare(set->elements[i - 1], set->elements[i]) < 0;
}

/* Stored, it is the same item, has the same size and is written as JSON. */
static void
check_jsonb(const DdbValue *item)
{
	Jsonb	   *jsonb = ddb_item_to_jsonb(item);
	DdbValue   *back = ddb_item_from_jsonb(jsonb);
	DdbValueError error;
	DdbJsonWriter writer;
	DdbJson    *written;
	int64		size;

	FUZZ_CHECK(back != NULL && ddb_value_equal(item, back));
	FUZZ_CHECK(ddb_jsonb_item_size(jsonb) == ddb_item_size(item));

	ddb_json_writer_init(&writer, false);
	FUZZ_CHECK(ddb_jsonb_write_projected(&writer, jsonb, NULL, &size));
	FUZZ_CHECK(size == ddb_item_size(item));
	written = ddb_json_parse(writer.buf.data, writer.buf.len);
	FUZZ_CHECK(written != NULL);
	FUZZ_CHECK(ddb_value_equal(item, ddb_item_from_json(written, &error)));
}

static DdbText
write_item(const DdbValue *item, bool stored_form)
{
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, stored_form);
	ddb_item_write(&writer, item);
	return (DdbText) {.data = writer.buf.data, .len = writer.buf.len};
}

static void
check_same_item(const DdbValue *item, const DdbValue *other)
{
	FUZZ_CHECK(other != NULL);
	FUZZ_CHECK(ddb_value_equal(item, other));
	FUZZ_CHECK(ddb_value_equal(other, item));
	FUZZ_CHECK(ddb_item_size(item) == ddb_item_size(other));
	FUZZ_CHECK(ddb_text_equal(write_item(item, true), write_item(other, true)));
}
