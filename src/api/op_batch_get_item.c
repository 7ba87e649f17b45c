/*
 * op_batch_get_item.c
 *	  BatchGetItem.
 *
 * The first step checks all tables and keys, because the first invalid one fails the
 * whole call.  Then items are read in the order of the request, as many in each step
 * as the budget allows.  There is no common snapshot, and the service promises none.
 */
#include "postgres.h"

#include "api/api_int.h"

#define MAX_KEYS 100

/*
 * Items that would make the response larger than this are left unprocessed.  The
 * example in the documentation, 52 of 100 items of 300 KB, shows that the limit is in
 * decimal megabytes.
 */
#define MAX_RESPONSE_BYTES INT64CONST(16000000)

/* One table's part of the request. */
typedef struct TablePart
{
	const char *request_name;	/* as in the request */
	const char *table_name;
	const DdbJson *json;		/* KeysAndAttributes */
	List	   *keys;			/* DdbValue * */
	DdbProjection *projection;
	bool		consistent;
} TablePart;

typedef struct BatchGetState
{
	List	   *parts;			/* TablePart * */
	bool		has_legacy;		/* some table has AttributesToGet */
	bool		has_expression; /* some table has ProjectionExpression */
	bool		checked;
	int			part;			/* the part that is read next */
	int			key;
	bool		part_begun;		/* its list is open in the response */
	int			key_count;		/* of all parts */
	int64		bytes;			/* of items read */
	bool		full;			/* no other item fits in */
	double		units[MAX_KEYS];	/* by part */
} BatchGetState;

static void batch_get_item_prepare(DdbCall *call);
static TablePart *prepare_part(DdbCall *call, const DdbJson *json);
static void check_mix_of_tables(DdbCall *call, const DdbJson *json);
static void prepare_key(DdbCall *call, TablePart *part, const DdbJson *json);
static bool can_be_key(const DdbValue *key);
static bool same_numbers(const DdbJson *left, const DdbJson *right);
static bool batch_get_item_step(DdbCall *call);
static void check_tables(const BatchGetState *state);
static bool read_part(DdbCall *call, const TablePart *part, int64 *step_bytes);
static bool read_item(DdbCall *call, const TablePart *part, const DdbKey *key,
					  int64 *size);
static void finish(DdbCall *call);
static void write_unprocessed(DdbCall *call);
static void write_unprocessed_part(DdbCall *call, const TablePart *part,
								   int first_key);
static void write_capacity(DdbCall *call);
static List *batch_get_item_resources(const DdbCall *call);

const DdbHandler ddb_op_batch_get_item = {
	.state_size = sizeof(BatchGetState), .prepare = batch_get_item_prepare,
	.step = batch_get_item_step, .resources = batch_get_item_resources
};

static List *
batch_get_item_resources(const DdbCall *call)
{
	const BatchGetState *state = call->state;
	List	   *list = NIL;
	ListCell   *cell;

	foreach(cell, state->parts)
	{
		const TablePart *part = lfirst(cell);

		list = lappend(list, api_resource_of_table(part->table_name));
	}
	return list;
}

static void
batch_get_item_prepare(DdbCall *call)
{
	BatchGetState *state = call->state;
	bool		consistent = false;

	ddb_json_foreach(json, ddb_json_get(call->request, "RequestItems"))
	{
		TablePart  *part = prepare_part(call, json);

		state->parts = lappend(state->parts, part);
		consistent = consistent || part->consistent;
	}
	if (!consistent)
		ddb_call_relax(call);
}

static TablePart *
prepare_part(DdbCall *call, const DdbJson *json)
{
	TablePart  *part = palloc0(sizeof(TablePart));
	DdbExpressions expressions = {0};

	part->json = json;
	part->request_name = json->name.data;
	part->table_name = ddb_table_name_of(json->name.data);
	part->consistent = ddb_request_bool(json, "ConsistentRead", false);
	ddb_expr_check_mix(call->operation, json);
	check_mix_of_tables(call, json);
	part->projection = ddb_legacy_attributes_to_get(call->operation, json);
	ddb_expr_parse(call->operation, json, &expressions);
	if (expressions.projection != NULL)
		part->projection = expressions.projection;
	ddb_json_foreach(key, ddb_json_get(json, "Keys"))
		prepare_key(call, part, key);
	return part;
}

/*
 * Raises an error if one table has ProjectionExpression and another has
 * AttributesToGet.  Called for each table in turn.
 */
static void
check_mix_of_tables(DdbCall *call, const DdbJson *json)
{
	BatchGetState *state = call->state;

	if (ddb_json_get(json, "AttributesToGet") != NULL)
		state->has_legacy = true;
	if (ddb_json_get(json, "ProjectionExpression") != NULL)
		state->has_expression = true;
	if (state->has_legacy && state->has_expression)
		ddb_validation_error(call->operation, DDB_VALIDATION_MIX,
							 "Can not use both expression and non-expression "
							 "parameters in the same request: Non-expression "
							 "parameters: {AttributesToGet} Expression parameters: "
							 "{ProjectionExpression}");
}

/* At most a hundred keys, compared if they can be keys: each with each is fine. */
static void
prepare_key(DdbCall *call, TablePart *part, const DdbJson *json)
{
	BatchGetState *state = call->state;
	DdbValue   *key = ddb_validate_item(call->operation, json);
	const DdbJson *other = ddb_json_get(part->json, "Keys")->first;
	ListCell   *cell;

	foreach(cell, part->keys)
	{
		if (can_be_key(key) && ddb_value_equal(lfirst(cell), key) &&
			same_numbers(other, json))
			ddb_error(DDB_ERROR_VALIDATION,
					  "Provided list of item keys contains duplicates");
		other = other->next;
	}
	if (++state->key_count > MAX_KEYS)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Too many items requested for the BatchGetItem call");
	part->keys = lappend(part->keys, key);
}

/*
 * Others are refused when the table is looked at, whether they are there twice
 * or not; and they may be as large as a request, so that comparing them would
 * take minutes.
 */
static bool
can_be_key(const DdbValue *key)
{
	int			i;

	for (i = 0; i < key->count && i < DDB_KEY_MAX; i++)
	{
		if (!ddb_type_is_scalar_key(key->attributes[i].value->type))
			return false;
	}
	return key->count <= DDB_KEY_MAX;
}

/*
 * Of two keys that are equal, are the numbers written alike?  The service
 * takes 1 and 1.0 for different keys here.
 */
static bool
same_numbers(const DdbJson *left, const DdbJson *right)
{

	ddb_json_foreach(attribute, left)
	{
		const DdbJson *number = ddb_json_get(attribute, "N");

		if (number != NULL &&
			!ddb_text_equal(number->text,
							ddb_json_get(ddb_json_get_text(right, attribute->name),
										 "N")->text))
			return false;
	}
	return true;
}

static bool
batch_get_item_step(DdbCall *call)
{
	BatchGetState *state = call->state;
	int64		step_bytes = 0;

	if (!state->checked)
	{
		check_tables(state);
		state->checked = true;
		ddb_json_begin_object(&call->writer);
		ddb_json_name(&call->writer, "Responses");
		ddb_json_begin_object(&call->writer);
	}
	while (state->part < list_length(state->parts))
	{
		const TablePart *part = list_nth(state->parts, state->part);

		/* A step may end before the first key of a part. */
		if (!state->part_begun)
		{
			ddb_json_name(&call->writer, part->request_name);
			ddb_json_begin_array(&call->writer);
			state->part_begun = true;
		}
		if (!read_part(call, part, &step_bytes))
			return false;
		ddb_json_end_array(&call->writer);
		state->part_begun = false;
		if (state->full)
			break;
		state->part++;
		state->key = 0;
	}
	finish(call);
	return true;
}

static void
check_tables(const BatchGetState *state)
{
	ListCell   *part_cell;
	ListCell   *key_cell;

	foreach(part_cell, state->parts)
	{
		const TablePart *part = lfirst(part_cell);
		DdbTable   *table = ddb_item_open_table(part->table_name, AccessShareLock);

		foreach(key_cell, part->keys)
			(void) ddb_item_key(table, lfirst(key_cell));
		ddb_item_check_projection(table, part->projection);
	}
}

/* Read on in one table; false when the budget is spent. */
static bool
read_part(DdbCall *call, const TablePart *part, int64 *step_bytes)
{
	BatchGetState *state = call->state;
	DdbTable   *table = ddb_item_open_table(part->table_name, AccessShareLock);

	while (state->key < list_length(part->keys))
	{
		DdbKey		key;
		int64		size;

		/* However little time there is, every step does something. */
		if (*step_bytes > 0 && ddb_budget_spent(&call->budget, *step_bytes))
			return false;
		key = ddb_item_key(table, list_nth(part->keys, state->key));
		if (!read_item(call, part, &key, &size))
		{
			state->full = true;
			break;
		}
		state->units[state->part] += ddb_capacity_read_units(size, part->consistent);
		state->bytes += size;
		*step_bytes += Max(size, 1);
		state->key++;
	}
	return true;
}

/*
 * Adds the item, if it exists, to the response.  Returns false if it does not fit.
 * Sets *size to the item's size, or to 0 if there is no item.
 */
static bool
read_item(DdbCall *call, const TablePart *part, const DdbKey *key, int64 *size)
{
	BatchGetState *state = call->state;
	Jsonb	   *item = ddb_store_get(key);
	DdbJsonMark mark = ddb_json_writer_mark(&call->writer);

	*size = 0;
	if (item == NULL)
		return true;
	*size = ddb_item_show(&call->writer, key, item, part->projection);
	pfree(item);

	if (state->bytes + *size <= MAX_RESPONSE_BYTES)
		return true;
	ddb_json_writer_reset(&call->writer, mark);
	return false;
}

static void
finish(DdbCall *call)
{
	BatchGetState *state = call->state;

	/* Tables that were not come to are in Responses, too. */
	if (state->full)
	{
		int			i;

		for (i = state->part + 1; i < list_length(state->parts); i++)
		{
			ddb_json_name(&call->writer,
						  ((TablePart *) list_nth(state->parts, i))->request_name);
			ddb_json_begin_array(&call->writer);
			ddb_json_end_array(&call->writer);
		}
	}
	ddb_json_end_object(&call->writer);
	write_unprocessed(call);
	write_capacity(call);
	ddb_json_end_object(&call->writer);
}

static void
write_unprocessed(DdbCall *call)
{
	BatchGetState *state = call->state;
	int			i;

	ddb_json_name(&call->writer, "UnprocessedKeys");
	ddb_json_begin_object(&call->writer);
	for (i = state->part; i < list_length(state->parts); i++)
	{
		const TablePart *part = list_nth(state->parts, i);
		int			first_key = i == state->part ? state->key : 0;

		if (first_key < list_length(part->keys))
			write_unprocessed_part(call, part, first_key);
	}
	ddb_json_end_object(&call->writer);
}

/* As it was requested, with the keys that are left. */
static void
write_unprocessed_part(DdbCall *call, const TablePart *part, int first_key)
{
	static const char *const members[] = {
		"AttributesToGet", "ConsistentRead", "ProjectionExpression",
		"ExpressionAttributeNames"
	};
	int			i;

	ddb_json_name(&call->writer, part->request_name);
	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "Keys");
	ddb_json_begin_array(&call->writer);
	for (i = first_key; i < list_length(part->keys); i++)
		ddb_item_write(&call->writer, list_nth(part->keys, i));
	ddb_json_end_array(&call->writer);
	for (i = 0; i < lengthof(members); i++)
	{
		const DdbJson *member = ddb_json_get(part->json, members[i]);

		if (member == NULL)
			continue;
		ddb_json_tree_member(&call->writer, members[i], member);
	}
	ddb_json_end_object(&call->writer);
}

static void
write_capacity(DdbCall *call)
{
	BatchGetState *state = call->state;
	DdbCapacityReport report = ddb_capacity_report(call->request);
	int			i;

	if (report == DDB_CAPACITY_NONE)
		return;
	ddb_json_name(&call->writer, "ConsumedCapacity");
	ddb_json_begin_array(&call->writer);
	for (i = 0; i < list_length(state->parts); i++)
	{
		const TablePart *part = list_nth(state->parts, i);
		DdbCapacity capacity = {.table = state->units[i]};

		ddb_capacity_write_object(&call->writer, report, part->request_name,
								  &capacity);
	}
	ddb_json_end_array(&call->writer);
}
