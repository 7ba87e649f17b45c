/*
 * expr_compile.c
 *	  Which expression parameters an operation has, which of them exclude each
 *	  other, and the compilation of all expressions of a request.
 */
#include "postgres.h"

#include "core/format.h"
#include "expr/expr_int.h"

static void check_mixed(const DdbOperation *operation,
						const DdbExpressionParameters *parameters,
						const DdbJson *request);
static void check_needed(const DdbOperation *operation,
						 const DdbExpressionParameters *parameters,
						 const DdbJson *request);
static bool counts_as_legacy(const DdbJson *request, const char *parameter);
static bool has_parameter(const DdbExpressionParameters *parameters,
						  DdbExpressionKind kind);
static DdbExpression *compile(const DdbOperation *operation,
							  DdbExpressionKind kind, DdbText source,
							  DdbPlaceholders *names, DdbPlaceholders *values);
static void check_source(const DdbExpression *expression);
static void deliver(const DdbExpression *expression, DdbExpressions *result);
static void list_to_projection(List *nodes, DdbProjection *projection);

const char *const ddb_expression_name[DDB_EXPRESSION_KIND_COUNT] = {
	[DDB_EXPRESSION_UPDATE] = "UpdateExpression",
	[DDB_EXPRESSION_CONDITION] = "ConditionExpression",
	[DDB_EXPRESSION_KEY_CONDITION] = "KeyConditionExpression",
	[DDB_EXPRESSION_FILTER] = "FilterExpression",
	[DDB_EXPRESSION_PROJECTION] = "ProjectionExpression",
};

static const DdbExpressionParameters operation_parameters[] = {
	{
		.operation = DDB_OPERATION_GET_ITEM,
		.legacy = {"AttributesToGet"},
		.kind_count = 1,
		.kinds = {DDB_EXPRESSION_PROJECTION},
		.ignores_values = true,
	},
	{
		.operation = DDB_OPERATION_BATCH_GET_ITEM,
		.legacy = {"AttributesToGet"},
		.kind_count = 1,
		.kinds = {DDB_EXPRESSION_PROJECTION},
		.ignores_values = true,
	},
	{
		.operation = DDB_OPERATION_PUT_ITEM,
		.legacy = {"Expected", "ConditionalOperator"},
		.kind_count = 1,
		.kinds = {DDB_EXPRESSION_CONDITION},
		.conditional = "Expected",
		/* live text (2026); the older one ended as DeleteItem's still does */
		.values_without = NULL,
	},
	{
		.operation = DDB_OPERATION_DELETE_ITEM,
		.legacy = {"Expected", "ConditionalOperator"},
		.kind_count = 1,
		.kinds = {DDB_EXPRESSION_CONDITION},
		.conditional = "Expected",
		.values_without = "ConditionExpression is null",
	},
	{
		.operation = DDB_OPERATION_UPDATE_ITEM,
		.legacy = {"AttributeUpdates", "Expected", "ConditionalOperator"},
		.kind_count = 2,
		.kinds = {DDB_EXPRESSION_UPDATE, DDB_EXPRESSION_CONDITION},
		.conditional = "Expected",
		.values_without = "UpdateExpression and ConditionExpression are null",
	},
	{
		.operation = DDB_OPERATION_QUERY,
		.legacy = {"AttributesToGet", "QueryFilter", "ConditionalOperator",
		"KeyConditions"},
		.kind_count = 3,
		.kinds = {DDB_EXPRESSION_PROJECTION, DDB_EXPRESSION_FILTER,
		DDB_EXPRESSION_KEY_CONDITION},
		.conditional = "QueryFilter",
		.values_without = "FilterExpression and KeyConditionExpression are null",
	},
	{
		.operation = DDB_OPERATION_SCAN,
		.legacy = {"AttributesToGet", "ScanFilter", "ConditionalOperator"},
		.kind_count = 2,
		.kinds = {DDB_EXPRESSION_PROJECTION, DDB_EXPRESSION_FILTER},
		.conditional = "ScanFilter",
		.values_without = "FilterExpression is null",
	},
	/* in one action, names and values without an expression are ignored */
	{
		.operation = DDB_OPERATION_TRANSACT_WRITE_ITEMS,
		.kind_count = 2,
		.kinds = {DDB_EXPRESSION_UPDATE, DDB_EXPRESSION_CONDITION},
		.tolerates_unneeded_maps = true,
	},
	{
		.operation = DDB_OPERATION_TRANSACT_GET_ITEMS,
		.kind_count = 1,
		.kinds = {DDB_EXPRESSION_PROJECTION},
		.ignores_values = true,
		.tolerates_unneeded_maps = true,
	},
};

/* All other operations: every kind of expression and no legacy parameters. */
static const DdbExpressionParameters other_parameters = {
	.operation = DDB_OPERATION_COUNT,
	.kind_count = DDB_EXPRESSION_KIND_COUNT,
	.kinds = {DDB_EXPRESSION_UPDATE, DDB_EXPRESSION_CONDITION,
		DDB_EXPRESSION_KEY_CONDITION, DDB_EXPRESSION_FILTER,
	DDB_EXPRESSION_PROJECTION},
	.tolerates_unneeded_maps = true,
};

const DdbExpressionParameters *
ddb_expression_parameters(const DdbOperation *operation)
{
	int			i;

	for (i = 0; i < (int) lengthof(operation_parameters); i++)
	{
		if (operation_parameters[i].operation == operation->id)
			return &operation_parameters[i];
	}
	return &other_parameters;
}

void
ddb_expression_error(const DdbExpression *expression, const char *format,...)
{
	va_list		args;
	char	   *message;

	va_start(args, format);
	message = ddb_format(format, args);
	va_end(args);
	ddb_validation_error(expression->operation, DDB_VALIDATION_EXPRESSION,
						 "Invalid %s: %s",
						 ddb_expression_name[expression->kind], message);
}

/* -------------------------------------------------------------- mixtures */

void
ddb_expr_check_mix(const DdbOperation *operation, const DdbJson *request)
{
	const DdbExpressionParameters *parameters =
		ddb_expression_parameters(operation);

	/* a Query without any key condition gets this error first */
	if (has_parameter(parameters, DDB_EXPRESSION_KEY_CONDITION))
	{
		const DdbJson *json = ddb_json_get(request, "KeyConditionExpression");

		if (json != NULL)
		{
			DdbExpression expression = {
				.operation = operation,
				.kind = DDB_EXPRESSION_KEY_CONDITION,
				.source = json->text,
			};

			if (json->text.len == 0)
				check_source(&expression);
		}
	}
	check_mixed(operation, parameters, request);
	if (!parameters->tolerates_unneeded_maps)
		check_needed(operation, parameters, request);
}

static void
check_mixed(const DdbOperation *operation,
			const DdbExpressionParameters *parameters, const DdbJson *request)
{
	StringInfoData legacy;
	StringInfoData modern;
	int			i;

	initStringInfo(&legacy);
	initStringInfo(&modern);
	for (i = 0; i < (int) lengthof(parameters->legacy); i++)
	{
		const char *name = parameters->legacy[i];

		if (name != NULL && counts_as_legacy(request, name))
			appendStringInfo(&legacy, "%s%s", legacy.len > 0 ? ", " : "", name);
	}
	for (i = 0; i < parameters->kind_count; i++)
	{
		const char *name = ddb_expression_name[parameters->kinds[i]];

		if (ddb_json_get(request, name) != NULL)
			appendStringInfo(&modern, "%s%s", modern.len > 0 ? ", " : "", name);
	}
	if (legacy.len > 0 && modern.len > 0)
		ddb_validation_error(operation, DDB_VALIDATION_MIX,
							 "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {%s} Expression parameters: {%s}",
							 legacy.data, modern.data);
	pfree(legacy.data);
	pfree(modern.data);
}

/*
 * KeyConditions may be mixed with a FilterExpression, but not with a
 * KeyConditionExpression.
 */
static bool
counts_as_legacy(const DdbJson *request, const char *parameter)
{
	if (ddb_json_get(request, parameter) == NULL)
		return false;
	return strcmp(parameter, "KeyConditions") != 0 ||
		ddb_json_get(request, "KeyConditionExpression") != NULL;
}

/* Names need an expression.  Values need one that is not a projection. */
static void
check_needed(const DdbOperation *operation,
			 const DdbExpressionParameters *parameters, const DdbJson *request)
{
	bool		takes_names = false;
	bool		takes_values = parameters->ignores_values;
	int			i;

	for (i = 0; i < parameters->kind_count; i++)
	{
		DdbExpressionKind kind = parameters->kinds[i];

		if (ddb_json_get(request, ddb_expression_name[kind]) == NULL)
			continue;
		takes_names = true;
		if (kind != DDB_EXPRESSION_PROJECTION)
			takes_values = true;
	}
	if (!takes_names &&
		ddb_json_get(request, "ExpressionAttributeNames") != NULL)
		ddb_validation_error(operation, DDB_VALIDATION_NAMES_WITHOUT_EXPRESSION,
							 "ExpressionAttributeNames can only be specified when using expressions");
	if (!takes_values &&
		ddb_json_get(request, "ExpressionAttributeValues") != NULL)
		ddb_validation_error(operation, DDB_VALIDATION_VALUES_WITHOUT_EXPRESSION,
							 "ExpressionAttributeValues can only be specified when using expressions%s%s",
							 parameters->values_without != NULL ? ": " : "",
							 parameters->values_without != NULL ?
							 parameters->values_without : "");
}

static bool
has_parameter(const DdbExpressionParameters *parameters, DdbExpressionKind kind)
{
	int			i;

	for (i = 0; i < parameters->kind_count; i++)
	{
		if (parameters->kinds[i] == kind)
			return true;
	}
	return false;
}

/* ----------------------------------------------------------- compilation */

void
ddb_expr_parse(const DdbOperation *operation, const DdbJson *request,
			   DdbExpressions *result)
{
	const DdbExpressionParameters *parameters =
		ddb_expression_parameters(operation);
	const DdbJson *sources[DDB_EXPRESSION_KIND_COUNT] = {NULL};
	DdbPlaceholders names;
	DdbPlaceholders values;
	bool		is_any = false;
	int			kind;

	memset(result, 0, sizeof(*result));
	for (kind = 0; kind < DDB_EXPRESSION_KIND_COUNT; kind++)
	{
		if (has_parameter(parameters, kind))
			sources[kind] = ddb_json_get(request, ddb_expression_name[kind]);
		is_any = is_any || sources[kind] != NULL;
	}
	if (!is_any)
		return;

	ddb_placeholders_read(operation, request, &names, &values);
	for (int i = 0; i < values.count; i++)
		result->values_size += ddb_value_size(values.entries[i].value);
	for (kind = 0; kind < DDB_EXPRESSION_KIND_COUNT; kind++)
	{
		if (sources[kind] != NULL)
			deliver(compile(operation, kind, sources[kind]->text,
							&names, &values), result);
	}
	ddb_placeholders_check_used(operation, &names, &values);
}

static DdbExpression *
compile(const DdbOperation *operation, DdbExpressionKind kind, DdbText source,
		DdbPlaceholders *names, DdbPlaceholders *values)
{
	DdbExpression *expression = palloc0(sizeof(DdbExpression));

	expression->operation = operation;
	expression->kind = kind;
	expression->source = source;
	check_source(expression);
	ddb_expression_parse(expression);
	ddb_expression_check(expression, names, values);
	return expression;
}

/*
 * Checks the size of the text.  The error for a text that is too long includes
 * its size.  Records show that for filters; an older quote for other kinds
 * ends before the size.
 */
static void
check_source(const DdbExpression *expression)
{
	int			size = ddb_text_decoded_length(expression->source);

	if (size == 0)
		ddb_expression_error(expression, "The expression can not be empty;");
	if (size > DDB_EXPR_MAX_BYTES)
		ddb_expression_error(expression,
							 "Expression size has exceeded the maximum allowed size; expression size: %d",
							 size);
}

static DdbCondition *
make_condition(const DdbExpression *expression)
{
	DdbCondition *condition = palloc(sizeof(DdbCondition));

	condition->root = expression->root;
	condition->paths = ddb_nodes_to_paths(expression->paths);
	return condition;
}

static void
deliver(const DdbExpression *expression, DdbExpressions *result)
{
	List	   *targets = NIL;
	ListCell   *lc;

	switch (expression->kind)
	{
		case DDB_EXPRESSION_UPDATE:
			result->update = palloc0(sizeof(DdbUpdate));
			result->update->actions = expression->actions;
			foreach(lc, expression->actions)
				targets = lappend(targets, ((DdbAction *) lfirst(lc))->target);
			list_to_projection(targets, &result->update->targets);
			result->update->paths = ddb_nodes_to_paths(expression->paths);
			break;
		case DDB_EXPRESSION_CONDITION:
			result->condition = make_condition(expression);
			break;
		case DDB_EXPRESSION_KEY_CONDITION:
			result->key_condition = make_condition(expression);
			break;
		case DDB_EXPRESSION_FILTER:
			result->filter = make_condition(expression);
			break;
		case DDB_EXPRESSION_PROJECTION:
			result->projection = palloc(sizeof(DdbProjection));
			list_to_projection(expression->paths, result->projection);
			break;
	}
}

static void
list_to_projection(List *nodes, DdbProjection *projection)
{
	ListCell   *lc;

	projection->count = 0;
	projection->paths = palloc(list_length(nodes) * sizeof(DdbPath));
	foreach(lc, nodes)
		projection->paths[projection->count++] = ((DdbNode *) lfirst(lc))->path;
}
