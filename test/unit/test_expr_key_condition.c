/*
 * test_expr_key_condition.c
 *	  Key condition expressions, as far as no schema is needed.
 */
#include "test_expr.h"

#define OPERATOR(name) "Invalid operator used in KeyConditionExpression: " name
#define CONDITION(text) "Invalid condition in KeyConditionExpression: " text
#define ONE_NAME CONDITION("Multiple attribute names used in one condition")
#define NO_KEY CONDITION("No key attribute specified")
#define NESTED INVALID "KeyConditionExpressions cannot have conditions on nested attributes"
#define NESTED_OPERATION INVALID "KeyConditionExpressions cannot contain nested operations"
#define TWICE INVALID "KeyConditionExpressions must only contain one condition per key"
#define INVALID "Invalid KeyConditionExpression: "

static const struct
{
	const char *expression;
	const char *message;		/* or NULL */
	const char *conditions;		/* then what they are */
}			rows[] = {
	{"pk = :s", NULL, "pk EQ s;"},
	{"pk = :s AND sk >= :n", NULL, "pk EQ s; sk GE 1;"},
	{"sk BETWEEN :n AND :m AND pk = :s", NULL, "sk BETWEEN 1 5; pk EQ s;"},
	{"(pk = :s) AND (sk = :n)", NULL, "pk EQ s; sk EQ 1;"},
	{":s = pk AND :n <= sk", NULL, "pk EQ s; sk GE 1;"},
	{":s = pk AND :n < sk", NULL, "pk EQ s; sk GT 1;"},
	{":s = pk AND :n >= sk", NULL, "pk EQ s; sk LE 1;"},
	{":s = pk AND :n > sk", NULL, "pk EQ s; sk LT 1;"},
	{"pk = :s AND sk < :n", NULL, "pk EQ s; sk LT 1;"},
	{"#p = :s AND begins_with(sk, :v)", NULL, "p EQ s; sk BEGINS_WITH v;"},
	{"pk = :s AND sk = :n AND z = :n", NULL, "pk EQ s; sk EQ 1; z EQ 1;"},
	{"(pk = :s AND sk = :n) AND z = :n", NULL, "pk EQ s; sk EQ 1; z EQ 1;"},
	{"pk > :s", NULL, "pk GT s;"},
	{"pk = :s OR pk = :v", OPERATOR("OR"), NULL},
	{"NOT pk = :s", OPERATOR("NOT"), NULL},
	{"pk IN (:s)", OPERATOR("IN"), NULL},
	{"pk <> :s", OPERATOR("<>"), NULL},
	{"attribute_exists(pk)", OPERATOR("attribute_exists"), NULL},
	{"attribute_not_exists(pk)", OPERATOR("attribute_not_exists"), NULL},
	{"attribute_type(pk, :t)", OPERATOR("attribute_type"), NULL},
	{"contains(pk, :s)", OPERATOR("contains"), NULL},
	{"pk = :s AND size(sk) = :n", NESTED_OPERATION, NULL},
	{"pk = :s AND :n = size(sk)", NESTED_OPERATION, NULL},
	{"pk.x = :s", NESTED, NULL},
	{"pk[0] = :s", NESTED, NULL},
	{"pk = sk", ONE_NAME, NULL},
	{":s = :v", NO_KEY, NULL},
	{":n BETWEEN sk AND :m AND pk = :s",
	CONDITION("BETWEEN operator must have the key attribute as its first operand"), NULL},
	{"begins_with(:s, pk)",
	CONDITION("begins_with operator must have the key attribute as its first operand"), NULL},
	{"pk = :s AND sk > :n AND sk < :m", TWICE, NULL},
	{"pk = :s AND begins_with(sk, :n)",
		INVALID "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N",
	NULL},
	{"pk = :s AND sk BETWEEN :m AND :n",
		INVALID "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
	"lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {N:1}", NULL},
	{"((pk = :s))", INVALID "The expression has redundant parentheses;", NULL},
	{"", INVALID "The expression can not be empty;", NULL},
	/* errors of every expression come before those of key conditions */
	{"pk <> :s AND sk < :bool",
		INVALID "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
	NULL},
	{"pk = sk AND NOT pk = :s", ONE_NAME, NULL},
};

/* "pk EQ s; sk BETWEEN 1 5;" */
static const char *
print_conditions(List *conditions)
{
	StringInfoData text;
	ListCell   *lc;
	int			i;

	initStringInfo(&text);
	foreach(lc, conditions)
	{
		const DdbKeyCondition *condition = lfirst(lc);

		appendStringInfo(&text, "%s%.*s %s", text.len > 0 ? " " : "",
						 condition->attribute.len, condition->attribute.data,
						 ddb_comparison_name(condition->comparison));
		for (i = 0; i < condition->count; i++)
			appendStringInfo(&text, " %.*s", condition->operands[i]->text.len,
							 condition->operands[i]->text.data);
		appendStringInfoChar(&text, ';');
	}
	return text.data;
}

static void
test_row(int row)
{
	const DdbOperation *operation = ddb_operation_get(DDB_OPERATION_QUERY);
	const char *expression = rows[row].expression;
	DdbFailure	failure = {.message = NULL};
	const char *conditions = NULL;

	UNIT_TRY()
	{
		const DdbJson *request = request_of("KeyConditionExpression", expression,
											default_names, default_values);
		DdbExpressions expressions;

		ddb_expr_check_mix(operation, request);
		ddb_expr_parse(operation, request, &expressions);
		conditions = print_conditions(ddb_expr_key_conditions(operation,
															  expressions.key_condition));
	}
	UNIT_CATCH(failure)
	{
		conditions = NULL;
	}
	UNIT_END_TRY();
	unit_is_string(failure.message, rows[row].message, "error of \"%s\"", expression);
	if (rows[row].conditions != NULL)
		unit_is_string(conditions, rows[row].conditions, "conditions of \"%s\"",
					   expression);
}

static const struct
{
	DdbComparison comparison;
	bool		result;
	const char *operands[2];
	const char *value;			/* NULL: absent */
}			evaluations[] = {
	{DDB_COMPARISON_EQ, true, {"{'N':'1'}"}, "{'N':'1.0'}"},
	{DDB_COMPARISON_EQ, false, {"{'N':'1'}"}, "{'S':'1'}"},
	{DDB_COMPARISON_EQ, false, {"{'N':'1'}"}, NULL},
	{DDB_COMPARISON_NE, true, {"{'N':'1'}"}, NULL},
	{DDB_COMPARISON_LT, true, {"{'N':'10'}"}, "{'N':'9'}"},
	{DDB_COMPARISON_LT, false, {"{'S':'10'}"}, "{'S':'9'}"},
	{DDB_COMPARISON_LE, true, {"{'S':'a'}"}, "{'S':'a'}"},
	{DDB_COMPARISON_GT, false, {"{'S':'a'}"}, "{'S':'a'}"},
	{DDB_COMPARISON_GE, true, {"{'B':'AQ=='}"}, "{'B':'AQE='}"},
	{DDB_COMPARISON_BETWEEN, true, {"{'N':'1'}", "{'N':'3'}"}, "{'N':'3'}"},
	{DDB_COMPARISON_BETWEEN, false, {"{'N':'1'}", "{'N':'3'}"}, "{'N':'3.1'}"},
	{DDB_COMPARISON_BEGINS_WITH, true, {"{'S':'ab'}"}, "{'S':'abc'}"},
	{DDB_COMPARISON_BEGINS_WITH, true, {"{'B':'AQ=='}"}, "{'B':'AQE='}"},
	{DDB_COMPARISON_IN, true, {"{'N':'1'}", "{'N':'3'}"}, "{'N':'3'}"},
	{DDB_COMPARISON_IN, false, {"{'N':'1'}", "{'N':'3'}"}, "{'N':'2'}"},
	{DDB_COMPARISON_CONTAINS, true, {"{'S':'b'}"}, "{'S':'abc'}"},
	{DDB_COMPARISON_NOT_CONTAINS, false, {"{'S':'b'}"}, "{'S':'abc'}"},
	{DDB_COMPARISON_NOT_CONTAINS, false, {"{'S':'b'}"}, NULL},
	{DDB_COMPARISON_NULL, true, {NULL}, NULL},
	{DDB_COMPARISON_NULL, false, {NULL}, "{'NULL':true}"},
	{DDB_COMPARISON_NOT_NULL, true, {NULL}, "{'NULL':true}"},
};

static void
test_evaluation(int row)
{
	DdbValue   *operands[2];
	DdbKeyCondition condition = {
		.comparison = evaluations[row].comparison,
		.operands = operands,
	};
	const char *text = evaluations[row].value;
	DdbValue   *value = text == NULL ? NULL : unit_value(quoted(text));

	while (condition.count < 2 && evaluations[row].operands[condition.count] != NULL)
	{
		operands[condition.count] =
			unit_value(quoted(evaluations[row].operands[condition.count]));
		condition.count++;
	}
	unit_ok(ddb_key_condition_evaluate(&condition, value) == evaluations[row].result,
			"%s on %s, row %d", ddb_comparison_name(condition.comparison),
			text == NULL ? "nothing" : text, row);
}

int
main(void)
{
	int			i;

	for (i = 0; i < (int) lengthof(rows); i++)
		test_row(i);
	for (i = 0; i < (int) lengthof(evaluations); i++)
		test_evaluation(i);
	unit_ok(ddb_expr_key_conditions(ddb_operation_get(DDB_OPERATION_QUERY), NULL) == NIL,
			"no expression, no conditions");
	return unit_done();
}
