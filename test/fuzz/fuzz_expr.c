/*
 * fuzz_expr.c
 *	  Any bytes as an expression.
 *
 * The first byte gives the kind of expression: u, c, k, f or p for update,
 * condition, key condition, filter and projection.  The names and values that
 * the expression mentions are defined if they are in the lists below.  An
 * expression that compiles is evaluated or applied.  The only errors are
 * ValidationExceptions, and an update does not change the item itself.
 */
#include "fuzz.h"

#include "expr/expr.h"
#include "expr/expr_int.h"

typedef struct Kind
{
	char		letter;
	DdbOperationId operation;
	const char *parameter;
} Kind;

static const Kind kinds[] = {
	{'u', DDB_OPERATION_UPDATE_ITEM, "UpdateExpression"},
	{'c', DDB_OPERATION_PUT_ITEM, "ConditionExpression"},
	{'k', DDB_OPERATION_QUERY, "KeyConditionExpression"},
	{'f', DDB_OPERATION_SCAN, "FilterExpression"},
	{'p', DDB_OPERATION_GET_ITEM, "ProjectionExpression"},
};

static const char names_text[] =
"{\"#a\":\"a\",\"#n\":\"n\",\"#m\":\"m\",\"#l\":\"l\",\"#x\":\"x\",\"#d\":\"x.y\"}";

static const char values_text[] =
"{\":s\":{\"S\":\"abc\"},\":e\":{\"S\":\"\"},\":t\":{\"S\":\"N\"},\":n\":{\"N\":\"1\"},"
"\":h\":{\"N\":\"9.9999999999999999999999999999999999999E+125\"},\":i\":{\"N\":\"1E-130\"},"
"\":b\":{\"B\":\"AQI=\"},\":o\":{\"BOOL\":true},\":u\":{\"NULL\":true},"
"\":p\":{\"SS\":[\"a\",\"b\"]},\":q\":{\"NS\":[\"1\",\"2\"]},\":r\":{\"BS\":[\"AQI=\"]},"
"\":l\":{\"L\":[{\"N\":\"1\"},{\"S\":\"a\"}]},\":m\":{\"M\":{\"x\":{\"N\":\"1\"}}}}";

static const char item_text[] =
"{\"s\":{\"S\":\"abc\\u0000d\"},\"n\":{\"N\":\"5\"},\"b\":{\"B\":\"AQL/\"},\"o\":{\"BOOL\":true},"
"\"u\":{\"NULL\":true},\"p\":{\"SS\":[\"a\",\"c\"]},\"q\":{\"NS\":[\"1\",\"3\"]},"
"\"r\":{\"BS\":[\"AQI=\"]},\"l\":{\"L\":[{\"N\":\"1\"},{\"S\":\"a\"},{\"L\":[{\"N\":\"2\"}]},"
"{\"M\":{\"x\":{\"N\":\"7\"}}}]},\"m\":{\"M\":{\"x\":{\"N\":\"1\"},\"y\":{\"L\":[{\"S\":\"q\"}]},"
"\"m\":{\"M\":{\"l\":{\"L\":[]}}}}},\"x.y\":{\"S\":\"dot\"}}";

static DdbJson *make_request(const Kind *kind, DdbText expression);
static DdbJson *take_mentioned(const char *map, DdbExprTokenKind kind,
							   DdbText expression);
static void run(const Kind *kind, const DdbJson *request);
static void apply(const DdbUpdate *update, const DdbOperation *operation);

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	DdbFailure	failure;
	int			i;

	for (i = 0; i < (int) lengthof(kinds); i++)
	{
		if (size == 0 || data[0] != (uint8) kinds[i].letter)
			continue;
		SHIM_TRY()
		{
			DdbText		text = ddb_text_encode((const char *) data + 1,
											   (int) size - 1);

			run(&kinds[i], make_request(&kinds[i], text));
		}
		SHIM_CATCH(failure)
		{
			FUZZ_CHECK(failure.type == DDB_ERROR_VALIDATION);
			FUZZ_CHECK(failure.message != NULL && failure.message[0] != '\0');
		}
		SHIM_END_TRY();
	}
	shim_reset_memory();
	return 0;
}

static DdbJson *
parse(const char *text)
{
	return ddb_json_parse(pstrdup(text), (int) strlen(text));
}

static DdbJson *
make_request(const Kind *kind, DdbText expression)
{
	DdbJson    *request = ddb_json_make(DDB_JSON_OBJECT);
	DdbJson    *string = ddb_json_make(DDB_JSON_STRING);
	DdbJson    *map;

	string->text = expression;
	ddb_json_append(request, ddb_text_from_cstring(kind->parameter), string);
	map = take_mentioned(names_text, DDB_TOKEN_NAME, expression);
	if (map->count > 0)
		ddb_json_append(request, DDB_TEXT_LITERAL("ExpressionAttributeNames"), map);
	map = take_mentioned(values_text, DDB_TOKEN_VALUE, expression);
	if (map->count > 0)
		ddb_json_append(request, DDB_TEXT_LITERAL("ExpressionAttributeValues"), map);
	return request;
}

/* Returns the members of the map that are tokens of the expression. */
static DdbJson *
take_mentioned(const char *map, DdbExprTokenKind kind, DdbText expression)
{
	DdbJson    *all = parse(map);
	DdbJson    *taken = ddb_json_make(DDB_JSON_OBJECT);
	DdbExprToken token = ddb_expr_next_token(expression, 0);

	while (token.kind != DDB_TOKEN_END)
	{
		DdbText		text = {.data = expression.data + token.start,
			.len = token.end - token.start
		};

		FUZZ_CHECK(text.len > 0 && token.end <= expression.len);
		if (token.kind == kind && ddb_json_get_text(taken, text) == NULL)
		{
			const DdbJson *member = ddb_json_get_text(all, text);

			if (member != NULL)
			{
				DdbJson    *copy = palloc(sizeof(DdbJson));

				*copy = *member;
				copy->next = NULL;
				ddb_json_append(taken, member->name, copy);
			}
		}
		token = ddb_expr_next_token(expression, token.end);
	}
	return taken;
}

static void
run(const Kind *kind, const DdbJson *request)
{
	const DdbOperation *operation = ddb_operation_get(kind->operation);
	DdbValueError error;
	DdbDocument document = {.item = ddb_item_from_json(parse(item_text), &error)};
	DdbExpressions expressions;
	ListCell   *lc;

	ddb_expr_check_mix(operation, request);
	ddb_expr_parse(operation, request, &expressions);

	(void) ddb_condition_evaluate(expressions.condition, &document);
	(void) ddb_condition_evaluate(expressions.filter, &document);
	foreach(lc, ddb_expr_key_conditions(operation, expressions.key_condition))
	{
		const DdbKeyCondition *condition = lfirst(lc);

		(void) ddb_key_condition_evaluate(condition,
										  ddb_document_get(&document, condition->attribute));
	}
	if (expressions.projection != NULL)
		(void) ddb_document_project(&document, expressions.projection->paths,
									expressions.projection->count);
	if (expressions.update != NULL)
		apply(expressions.update, operation);
}

static void
apply(const DdbUpdate *update, const DdbOperation *operation)
{
	DdbValueError error;
	DdbValue   *old = ddb_item_from_json(parse(item_text), &error);
	const DdbProjection *targets = ddb_update_targets(update);
	DdbFailure	failure;
	DdbValue   *new;

	FUZZ_CHECK(targets->count > 0);
	SHIM_TRY()
	{
		new = ddb_update_apply(update, operation, old);
		FUZZ_CHECK(ddb_value_depth(new) <= DDB_VALUE_MAX_LEVEL + 1);
		FUZZ_CHECK(ddb_item_size(new) >= 0);
	}
	SHIM_CATCH(failure)
	{
		FUZZ_CHECK(failure.type == DDB_ERROR_VALIDATION);
	}
	SHIM_END_TRY();
	FUZZ_CHECK(ddb_value_equal(old, ddb_item_from_json(parse(item_text), &error)));
}
