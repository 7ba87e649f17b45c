/*
 * sql_item.c
 *	  Items for SQL: dynamo.plain() and dynamo.check().
 */
#include "postgres.h"

#include "api/api_int.h"
#include "access/htup_details.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(dynamo_plain);
PG_FUNCTION_INFO_V1(dynamo_is_item);

static JsonbValue *push_plain(JsonbParseState **state, JsonbIteratorToken token,
							  const DdbValue *value);
static void push_elements(JsonbParseState **state, const DdbValue *set);
static JsonbValue plain_scalar(DdbType type, DdbText text);

/*
 * dynamo.plain(item jsonb): the item without type tags.  Numbers become JSON
 * numbers, sets and lists arrays, maps objects; binary stays base64.
 */
Datum
dynamo_plain(PG_FUNCTION_ARGS)
{
	DdbValue   *item = ddb_item_from_jsonb(PG_GETARG_JSONB_P(0));
	JsonbParseState *state = NULL;

	if (item == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the value is not a DynamoDB item"),
				 errhint("An item maps attribute names to typed values, as in "
						 "{\"Artist\": {\"S\": \"No One You Know\"}}.")));
	PG_RETURN_JSONB_P(JsonbValueToJsonb(push_plain(&state, WJB_VALUE, item)));
}

/* dynamo.is_item(item jsonb): returns whether item is well-formed */
Datum
dynamo_is_item(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(ddb_item_from_jsonb(PG_GETARG_JSONB_P(0)) != NULL);
}

static JsonbValue *
push_plain(JsonbParseState **state, JsonbIteratorToken token,
		   const DdbValue *value)
{
	JsonbValue	scalar;
	int			i;

	check_stack_depth();
	switch (value->type)
	{
		case DDB_TYPE_M:
			pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
			for (i = 0; i < value->count; i++)
			{
				scalar = plain_scalar(DDB_TYPE_S, value->attributes[i].name);
				pushJsonbValue(state, WJB_KEY, &scalar);
				push_plain(state, WJB_VALUE, value->attributes[i].value);
			}
			return pushJsonbValue(state, WJB_END_OBJECT, NULL);
		case DDB_TYPE_L:
			pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
			for (i = 0; i < value->count; i++)
				push_plain(state, WJB_ELEM, value->values[i]);
			return pushJsonbValue(state, WJB_END_ARRAY, NULL);
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
			pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
			push_elements(state, value);
			return pushJsonbValue(state, WJB_END_ARRAY, NULL);
		case DDB_TYPE_BOOL:
			scalar.type = jbvBool;
			scalar.val.boolean = value->boolean;
			break;
		case DDB_TYPE_NULL:
			scalar.type = jbvNull;
			break;
		case DDB_TYPE_S:
		case DDB_TYPE_N:
		case DDB_TYPE_B:
			scalar = plain_scalar(value->type, value->text);
			break;
	}
	return pushJsonbValue(state, token, &scalar);
}

static void
push_elements(JsonbParseState **state, const DdbValue *set)
{
	int			i;

	for (i = 0; i < set->count; i++)
	{
		JsonbValue	element = plain_scalar(ddb_type_of_element(set->type),
										   set->elements[i]);

		pushJsonbValue(state, WJB_ELEM, &element);
	}
}

static JsonbValue
plain_scalar(DdbType type, DdbText text)
{
	JsonbValue	scalar;
	DdbJsonWriter writer;

	if (type == DDB_TYPE_N)
	{
		scalar.type = jbvNumeric;
		scalar.val.numeric =
			DatumGetNumeric(DirectFunctionCall3(numeric_in,
												CStringGetDatum(text.data),
												ObjectIdGetDatum(InvalidOid),
												Int32GetDatum(-1)));
		return scalar;
	}
	if (type == DDB_TYPE_B)
	{
		/* the writer adds quotes to the text */
		ddb_json_writer_init(&writer, true);
		ddb_json_base64(&writer, text);
		text = (DdbText) {writer.buf.data + 1, writer.buf.len - 2};
	}
	scalar.type = jbvString;
	scalar.val.string.val = unconstify(char *, text.data);
	scalar.val.string.len = text.len;
	return scalar;
}

PG_FUNCTION_INFO_V1(dynamo_check);

typedef struct CheckState
{
	DdbTable   *table;
	ReturnSetInfo *result;
} CheckState;

static bool check_row(void *arg, const DdbRow *row);

/*
 * dynamo.check(table_name text): the rows that are not well-formed items, or whose
 * key columns differ from the item
 */
Datum
dynamo_check(PG_FUNCTION_ARGS)
{
	const char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	CheckState	state = {.result = (ReturnSetInfo *) fcinfo->resultinfo};
	DdbRange	range = {.path = DDB_ACCESS_TABLE, .with_nulls = true};

	ddb_meta_require_extension();
	InitMaterializedSRF(fcinfo, 0);
	SPI_connect();
	ddb_meta_begin_operation();
	state.table = ddb_item_open_table(name, AccessShareLock);
	range.table = state.table;
	ddb_store_scan(&range, check_row, &state);
	ddb_meta_end_operation();
	SPI_finish();
	return (Datum) 0;
}

/* DdbRowCallback */
static bool
check_row(void *arg, const DdbRow *row)
{
	CheckState *state = arg;
	const char *problem = NULL;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (ddb_store_row_has_null(state->table, row))
		problem = row->item == NULL ? "item is null" : "a key column is null";
	else if (ddb_item_from_jsonb(row->item) == NULL)
		problem = "item is not well-formed";
	else if (!ddb_store_row_is_consistent(state->table, row))
		problem = "key columns do not agree with the item";
	if (problem == NULL)
		return true;
	values[0] = CStringGetTextDatum(ddb_store_print_keys(state->table, row->keys,
														 row->key_is_null));
	values[1] = CStringGetTextDatum(problem);
	tuplestore_putvalues(state->result->setResult, state->result->setDesc,
						 values, nulls);
	return true;
}
