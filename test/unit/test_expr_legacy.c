/*
 * test_expr_legacy.c
 *	  Expected, filters, KeyConditions, AttributesToGet, AttributeUpdates and
 *	  ConditionalOperator.
 */
#include "test_expr.h"

#define P "One or more parameter values were invalid: "
#define ARGUMENTS(operator) \
	P "Invalid number of argument(s) for the " operator " ComparisonOperator"
#define SAME_TYPE P "AttributeValues inside AttributeValueList must be of same type"
#define BOUNDS \
	"The BETWEEN condition was provided a range where the lower bound is greater than the upper bound"
#define TYPE(operator, type) \
	P "ComparisonOperator " operator " is not valid for " type " AttributeValue type"
#define NOT_NUMBER "The parameter cannot be converted to a numeric value: x"

/* The item that conditions are tried on. */
static const char item[] =
"{'s':{'S':'abc'},'n':{'N':'5'},'x.y':{'S':'dot'},'ss':{'SS':['a','b']},"
"'l':{'L':[{'S':'a'}]},'null':{'NULL':true},'nul':{'S':'a\\u0000b'}}";

typedef enum Outcome
{
	IS_FALSE,
	IS_TRUE,
	IS_ERROR
} Outcome;

typedef struct LegacyRow
{
	const char *entries;		/* of Expected, or of the filter */
	Outcome		outcome;
	const char *message;
} LegacyRow;

static const LegacyRow expected_rows[] = {
	{"{'s':{'Value':{'S':'abc'}}}", IS_TRUE},
	{"{'s':{'Value':{'S':'abd'}}}", IS_FALSE},
	{"{'s':{'Exists':true,'Value':{'S':'abc'}}}", IS_TRUE},
	{"{'s':{'Exists':'true','Value':{'S':'abc'}}}", IS_TRUE},
	{"{'s':{'Exists':false}}", IS_FALSE},
	{"{'nope':{'Exists':false}}", IS_TRUE},
	{"{'nope':{'Value':{'S':'abc'}}}", IS_FALSE},
	{"{'x.y':{'Value':{'S':'dot'}}}", IS_TRUE},
	{"{'n':{'ComparisonOperator':'GT','Value':{'N':'4'}}}", IS_TRUE},
	{"{'n':{'ComparisonOperator':'GT','AttributeValueList':[{'N':'5'}]}}", IS_FALSE},
	{"{'s':{'Value':{'S':'abc'}},'n':{'Value':{'N':'6'}}}", IS_FALSE},
	{"{}", IS_TRUE},
	{"{'n':{'ComparisonOperator':'LT','Value':{'SS':['a']}}}", IS_ERROR, TYPE("LT", "SS")},
	{"{'nope':{'ComparisonOperator':'NOT_CONTAINS','Value':{'L':[]}}}", IS_ERROR, TYPE("NOT_CONTAINS", "L")},
	{"{'nope':{'ComparisonOperator':'NOT_CONTAINS','Value':{'S':'x'}}}", IS_FALSE},

	{"{'a':{'Value':{'S':'a'},'AttributeValueList':[]}}", IS_ERROR,
	P "Value and AttributeValueList cannot be used together for Attribute: a"},
	{"{'a':{'ComparisonOperator':'EQ','Exists':true,'Value':{'S':'a'}}}", IS_ERROR,
	P "Exists and ComparisonOperator cannot be used together for Attribute: a"},
	{"{'a':{'ComparisonOperator':'EQ'}}", IS_ERROR,
	P "Value or AttributeValueList must be used with ComparisonOperator: EQ for Attribute: a"},
	{"{'a':{'ComparisonOperator':'NULL'}}", IS_TRUE},
	{"{'a':{'ComparisonOperator':'NULL','Value':{'S':'a'}}}", IS_ERROR, ARGUMENTS("NULL")},
	{"{'a':{'ComparisonOperator':'EQ','AttributeValueList':[]}}", IS_ERROR, ARGUMENTS("EQ")},
	{"{'a':{'ComparisonOperator':'BETWEEN','Value':{'S':'a'}}}", IS_ERROR, ARGUMENTS("BETWEEN")},
	{"{'a':{'ComparisonOperator':'IN','AttributeValueList':[{'S':'a'},{'N':'1'}]}}", IS_ERROR, SAME_TYPE},
	{"{'a':{'ComparisonOperator':'BETWEEN','AttributeValueList':[{'N':'10'},{'N':'9'}]}}", IS_ERROR, BOUNDS},
	{"{'a':{'AttributeValueList':[{'S':'a'}]}}", IS_ERROR,
	P "AttributeValueList can only be used with a ComparisonOperator for Attribute: a"},
	{"{'a':{}}", IS_ERROR, P "Value must be provided when Exists is null for Attribute: a"},
	{"{'a':{'Exists':true}}", IS_ERROR, P "Value must be provided when Exists is true for Attribute: a"},
	{"{'a':{'Exists':false,'Value':{'S':'a'}}}", IS_ERROR,
	P "Value cannot be used when Exists is false for Attribute: a"},
	{"{'a':{'Value':{'N':'x'}}}", IS_ERROR, NOT_NUMBER},
	{"{'a':{'ComparisonOperator':'EQ','AttributeValueList':[{'N':'x'}]}}", IS_ERROR, NOT_NUMBER},
	/* the first attribute that is wrong */
	{"{'a':{'Exists':true},'b':{'AttributeValueList':[]}}", IS_ERROR,
	P "Value must be provided when Exists is true for Attribute: a"},
};

#define OP(operator, values) "'ComparisonOperator':'" operator "','AttributeValueList':[" values "]"

static const LegacyRow filter_rows[] = {
	{"{'n':{" OP("EQ", "{'N':'5.0'}") "}}", IS_TRUE},
	{"{'n':{" OP("NE", "{'N':'5.0'}") "}}", IS_FALSE},
	{"{'n':{" OP("NE", "{'S':'5'}") "}}", IS_TRUE},
	{"{'nope':{" OP("NE", "{'S':'5'}") "}}", IS_TRUE},
	{"{'nope':{" OP("EQ", "{'S':'5'}") "}}", IS_FALSE},
	{"{'n':{" OP("LT", "{'N':'6'}") "}}", IS_TRUE},
	{"{'n':{" OP("LE", "{'N':'5'}") "}}", IS_TRUE},
	{"{'n':{" OP("GE", "{'N':'5'}") "}}", IS_TRUE},
	{"{'n':{" OP("GT", "{'N':'5'}") "}}", IS_FALSE},
	{"{'n':{" OP("BETWEEN", "{'N':'1'},{'N':'5'}") "}}", IS_TRUE},
	{"{'n':{" OP("IN", "{'N':'1'},{'N':'5'}") "}}", IS_TRUE},
	{"{'n':{" OP("IN", "{'N':'1'}") "}}", IS_FALSE},
	{"{'s':{" OP("BEGINS_WITH", "{'S':'ab'}") "}}", IS_TRUE},
	{"{'s':{" OP("CONTAINS", "{'S':'bc'}") "}}", IS_TRUE},
	{"{'ss':{" OP("CONTAINS", "{'S':'a'}") "}}", IS_TRUE},
	{"{'l':{" OP("CONTAINS", "{'S':'a'}") "}}", IS_TRUE},
	{"{'nul':{" OP("CONTAINS", "{'S':'\\u0001'}") "}}", IS_FALSE},
	{"{'s':{" OP("NOT_CONTAINS", "{'S':'bc'}") "}}", IS_FALSE},
	{"{'s':{" OP("NOT_CONTAINS", "{'S':'x'}") "}}", IS_TRUE},
	{"{'n':{" OP("NOT_CONTAINS", "{'S':'x'}") "}}", IS_TRUE},
	{"{'nope':{" OP("NOT_CONTAINS", "{'S':'x'}") "}}", IS_FALSE},
	{"{'nope':{" OP("CONTAINS", "{'S':'x'}") "}}", IS_FALSE},
	{"{'nope':{" OP("NULL", "") "}}", IS_TRUE},
	{"{'null':{" OP("NULL", "") "}}", IS_FALSE},
	{"{'null':{" OP("NOT_NULL", "") "}}", IS_TRUE},
	{"{'nope':{'ComparisonOperator':'NOT_NULL'}}", IS_FALSE},
	{"{'ss':{" OP("EQ", "{'SS':['b','a']}") "}}", IS_TRUE},
	{"{'l':{" OP("EQ", "{'L':[{'S':'a'}]}") "}}", IS_TRUE},
	{"{'nope':null}", IS_TRUE},

	{"{'a':{" OP("EQ", "{'N':'x'}") "}}", IS_ERROR, NOT_NUMBER},
	{"{'a':{'ComparisonOperator':'EQ'}}", IS_ERROR, ARGUMENTS("EQ")},
	{"{'a':{" OP("EQ", "{'S':'a'},{'S':'b'}") "}}", IS_ERROR, ARGUMENTS("EQ")},
	{"{'a':{" OP("NULL", "{'S':'a'}") "}}", IS_ERROR, ARGUMENTS("NULL")},
	{"{'a':{" OP("IN", "") "}}", IS_ERROR, ARGUMENTS("IN")},
	{"{'a':{" OP("BETWEEN", "{'S':'a'}") "}}", IS_ERROR, ARGUMENTS("BETWEEN")},
	{"{'a':{" OP("BETWEEN", "{'S':'a'},{'N':'1'}") "}}", IS_ERROR, SAME_TYPE},
	{"{'a':{" OP("BETWEEN", "{'S':'b'},{'S':'a'}") "}}", IS_ERROR, BOUNDS},
	{"{'a':{" OP("LT", "{'SS':['a']}") "}}", IS_ERROR, TYPE("LT", "SS")},
	{"{'a':{" OP("IN", "{'BOOL':true}") "}}", IS_ERROR, TYPE("IN", "BOOL")},
	{"{'a':{" OP("BEGINS_WITH", "{'N':'1'}") "}}", IS_ERROR, TYPE("BEGINS_WITH", "N")},
	{"{'a':{" OP("CONTAINS", "{'M':{}}") "}}", IS_ERROR, TYPE("CONTAINS", "M")},
	{"{'a':{" OP("BETWEEN", "{'L':[]},{'L':[]}") "}}", IS_ERROR, TYPE("BETWEEN", "L")},
};

static DdbJson *
member_request(const char *parameter, const char *json)
{
	return unit_json(psprintf("{\"%s\":%s}", parameter, quoted(json)));
}

static void
test_conditions(const char *parameter, const LegacyRow *row, DdbOperationId id)
{
	const DdbOperation *operation = ddb_operation_get(id);
	const DdbJson *request = member_request(parameter, row->entries);
	DdbDocument document = {.item = unit_item(quoted(item))};
	DdbFailure	failure = {.message = NULL};
	Outcome		outcome = IS_ERROR;

	UNIT_TRY()
	{
		DdbCondition *condition;

		if (strcmp(parameter, "Expected") == 0)
			condition = ddb_legacy_expected(operation, request);
		else
			condition = ddb_legacy_filter(operation, request, parameter);
		outcome = ddb_condition_evaluate(condition, &document) ? IS_TRUE : IS_FALSE;
	}
	UNIT_CATCH(failure)
	{
		outcome = IS_ERROR;
	}
	UNIT_END_TRY();
	unit_is_string(failure.message, row->message, "%s %s", parameter, row->entries);
	unit_is_int(outcome, row->outcome, "%s %s has its outcome", parameter, row->entries);
}

/* ConditionalOperator joins, and needs something to join. */
static const struct
{
	DdbOperationId id;
	Outcome		outcome;
	const char *request;
	const char *message;
}			joint_rows[] = {
	{DDB_OPERATION_SCAN, IS_TRUE, "{'ConditionalOperator':'OR','ScanFilter':{'n':{" OP("NULL", "") "},'s':{" OP("NOT_NULL", "") "}}}"},
	{DDB_OPERATION_SCAN, IS_FALSE, "{'ConditionalOperator':'AND','ScanFilter':{'n':{" OP("NULL", "") "},'s':{" OP("NOT_NULL", "") "}}}"},
	{DDB_OPERATION_SCAN, IS_FALSE, "{'ScanFilter':{'n':{" OP("NULL", "") "},'s':{" OP("NOT_NULL", "") "}}}"},
	{DDB_OPERATION_SCAN, IS_ERROR, "{'ConditionalOperator':'OR'}",
	"ConditionalOperator cannot be used without Filter or Expected"},
	{DDB_OPERATION_SCAN, IS_ERROR, "{'ConditionalOperator':'OR','ScanFilter':{}}",
	"ConditionalOperator cannot be used without Filter or Expected"},
	{DDB_OPERATION_SCAN, IS_ERROR, "{'ConditionalOperator':'OR','Expected':{'a':{}}}",
	"ConditionalOperator cannot be used without Filter or Expected"},
	{DDB_OPERATION_SCAN, IS_ERROR, "{'ConditionalOperator':'AND','ScanFilter':{'n':{" OP("NULL", "") "}}}",
	"ConditionalOperator can only be used when Filter or Expected has two or more elements"},
	{DDB_OPERATION_PUT_ITEM, IS_ERROR, "{'ConditionalOperator':'AND','Expected':{'n':{" OP("NULL", "") "}}}",
	"ConditionalOperator can only be used when Filter or Expected has two or more elements"},
	{DDB_OPERATION_QUERY, IS_ERROR, "{'ConditionalOperator':'AND','KeyConditions':{}}",
	"ConditionalOperator cannot be used without Filter or Expected"},
};

static void
test_joint(int row)
{
	const DdbOperation *operation = ddb_operation_get(joint_rows[row].id);
	const DdbJson *request = unit_json(quoted(joint_rows[row].request));
	DdbDocument document = {.item = unit_item(quoted(item))};
	DdbFailure	failure = {.message = NULL};
	Outcome		outcome = IS_ERROR;

	UNIT_TRY()
	{
		ddb_legacy_check_conditional_operator(operation, request);
		outcome = ddb_condition_evaluate(ddb_legacy_filter(operation, request, "ScanFilter"),
										 &document) ? IS_TRUE : IS_FALSE;
	}
	UNIT_CATCH(failure)
	{
		outcome = IS_ERROR;
	}
	UNIT_END_TRY();
	unit_is_string(failure.message, joint_rows[row].message, "%s", joint_rows[row].request);
	unit_is_int(outcome, joint_rows[row].outcome, "%s has its outcome",
				joint_rows[row].request);
}

static void
test_key_conditions(void)
{
	const DdbOperation *operation = ddb_operation_get(DDB_OPERATION_QUERY);
	List	   *conditions;
	const DdbKeyCondition *condition;

	conditions = ddb_legacy_key_conditions(operation,
										   member_request("KeyConditions",
														  "{'pk':{" OP("EQ", "{'S':'a'}") "},"
														  "'s.k':{" OP("BETWEEN", "{'N':'1'},{'N':'2'}") "}}"));
	unit_is_int(list_length(conditions), 2, "every attribute of KeyConditions");
	condition = list_nth(conditions, 1);
	unit_ok(ddb_text_equal(condition->attribute, text_of("s.k")) &&
			condition->comparison == DDB_COMPARISON_BETWEEN &&
			condition->count == 2 && condition->legacy, "with its comparison");
	unit_is_string(condition->operands[1]->text.data, "2", "and operands");
	unit_ok(ddb_legacy_key_conditions(operation, unit_json("{}")) == NIL,
			"no KeyConditions");
}

static void
test_attributes_to_get(void)
{
	const DdbOperation *operation = ddb_operation_get(DDB_OPERATION_GET_ITEM);
	DdbProjection *projection;
	DdbFailure	failure = {.message = NULL};

	projection = ddb_legacy_attributes_to_get(operation,
											  member_request("AttributesToGet", "['a.b','name',null]"));
	unit_is_int(projection->count, 2, "AttributesToGet");
	unit_is_string(ddb_path_print(&projection->paths[0]), "[a.b]", "a dot is a dot");
	unit_ok(ddb_legacy_attributes_to_get(operation, unit_json("{}")) == NULL,
			"no AttributesToGet");
	UNIT_TRY()
	{
		ddb_legacy_attributes_to_get(operation,
									 member_request("AttributesToGet", "['z','b','c','b','a','z']"));
	}
	UNIT_CATCH(failure)
	{
		unit_is_string(failure.message, P "Duplicate value in attribute name: b",
					   "the first name that comes again");
	}
	UNIT_END_TRY();
	unit_ok(failure.message != NULL, "duplicates are an error");
}

/* What an update makes of the item, or the error. */
static const struct
{
	const char *updates;
	const char *message;
	const char *result;
}			update_rows[] = {
	{"{'n':{'Value':{'N':'1'}}}", NULL, "{'n':{'N':'1'},'ss':{'SS':['a','b']},'l':{'L':[{'S':'a'}]}}"},
	{"{'n':{'Action':'PUT','Value':{'N':'1'}},'a.b':{'Value':{'S':'x'}}}", NULL,
	"{'n':{'N':'1'},'ss':{'SS':['a','b']},'l':{'L':[{'S':'a'}]},'a.b':{'S':'x'}}"},
	{"{'n':{'Action':'ADD','Value':{'N':'2'}}}", NULL, "{'n':{'N':'7'},'ss':{'SS':['a','b']},'l':{'L':[{'S':'a'}]}}"},
	{"{'k':{'Action':'ADD','Value':{'N':'2'}}}", NULL,
	"{'n':{'N':'5'},'ss':{'SS':['a','b']},'l':{'L':[{'S':'a'}]},'k':{'N':'2'}}"},
	{"{'ss':{'Action':'ADD','Value':{'SS':['b','c']}}}", NULL,
	"{'n':{'N':'5'},'ss':{'SS':['a','b','c']},'l':{'L':[{'S':'a'}]}}"},
	{"{'l':{'Action':'ADD','Value':{'L':[{'N':'1'}]}}}", NULL,
	"{'n':{'N':'5'},'ss':{'SS':['a','b']},'l':{'L':[{'S':'a'},{'N':'1'}]}}"},
	{"{'n':{'Action':'DELETE'},'nope':{'Action':'DELETE'}}", NULL,
	"{'ss':{'SS':['a','b']},'l':{'L':[{'S':'a'}]}}"},
	{"{'ss':{'Action':'DELETE','Value':{'SS':['b','c']}}}", NULL,
	"{'n':{'N':'5'},'ss':{'SS':['a']},'l':{'L':[{'S':'a'}]}}"},
	{"{'ss':{'Action':'DELETE','Value':{'SS':['b','a']}}}", NULL,
	"{'n':{'N':'5'},'l':{'L':[{'S':'a'}]}}"},
	{"{}", NULL, "{'n':{'N':'5'},'ss':{'SS':['a','b']},'l':{'L':[{'S':'a'}]}}"},

	{"{'n':{'Value':{'N':'x'}}}", NOT_NUMBER},
	{"{'n':{}}", P "Only DELETE action is allowed when no attribute value is specified"},
	{"{'':{'Value':{'N':'1'}}}", P "Empty attribute name"},
	{"{'n':{'Action':'ADD'}}", P "Only DELETE action is allowed when no attribute value is specified"},
	{"{'n':{'Action':'DELETE','Value':{'S':'a'}}}", P "DELETE action with value is not supported for the type S"},
	{"{'n':{'Action':'DELETE','Value':{'L':[]}}}", P "DELETE action with value is not supported for the type L"},
	{"{'n':{'Action':'ADD','Value':{'S':'a'}}}", P "ADD action is not supported for the type S"},
	{"{'n':{'Action':'ADD','Value':{'BOOL':true}}}", P "ADD action is not supported for the type BOOL"},
	{"{'n':{'Action':'ADD','Value':{'M':{}}}}", P "ADD action is not supported for the type M"},
	{"{'n':{'Action':'ADD','Value':{'SS':['a']}}}", "Type mismatch for attribute to update"},
	{"{'ss':{'Action':'ADD','Value':{'N':'1'}}}", "Type mismatch for attribute to update"},
	{"{'ss':{'Action':'DELETE','Value':{'NS':['1']}}}", "Type mismatch for attribute to update"},
};

static void
test_attribute_updates(int row)
{
	const DdbOperation *operation = ddb_operation_get(DDB_OPERATION_UPDATE_ITEM);
	DdbFailure	failure = {.message = NULL};
	DdbValue   *new = NULL;

	UNIT_TRY()
	{
		DdbUpdate  *update;

		update = ddb_legacy_attribute_updates(operation,
											  member_request("AttributeUpdates", update_rows[row].updates));
		new = ddb_update_apply(update, operation,
							   unit_item(quoted("{'n':{'N':'5'},'ss':{'SS':['a','b']},'l':{'L':[{'S':'a'}]}}")));
	}
	UNIT_CATCH(failure)
	{
		new = NULL;
	}
	UNIT_END_TRY();
	unit_is_string(failure.message, update_rows[row].message, "%s", update_rows[row].updates);
	if (update_rows[row].result != NULL)
		unit_ok(new != NULL &&
				ddb_value_equal(new, unit_item(quoted(update_rows[row].result))),
				"%s has its effect", update_rows[row].updates);
}

/* Tests whether an update creates an absent item. */
static const struct
{
	const char *updates;
	bool		makes_item;
}			making_rows[] = {
	{"{'n':{'Action':'DELETE'}}", false},
	{"{'n':{'Action':'DELETE'},'ss':{'Action':'DELETE','Value':{'SS':['a']}}}", false},
	{"{'n':{'Action':'DELETE'},'k':{'Action':'ADD','Value':{'N':'1'}}}", true},
	{"{'n':{'Action':'DELETE'},'k':{'Value':{'N':'1'}}}", true},
	{"{}", true},
};

static void
test_makes_item(int row)
{
	DdbUpdate  *update;

	update = ddb_legacy_attribute_updates(ddb_operation_get(DDB_OPERATION_UPDATE_ITEM),
										  member_request("AttributeUpdates", making_rows[row].updates));
	unit_ok(ddb_update_makes_item(update) == making_rows[row].makes_item,
			"%s makes an item or not", making_rows[row].updates);
}

int
main(void)
{
	int			i;

	for (i = 0; i < (int) lengthof(expected_rows); i++)
		test_conditions("Expected", &expected_rows[i], DDB_OPERATION_PUT_ITEM);
	for (i = 0; i < (int) lengthof(filter_rows); i++)
		test_conditions("ScanFilter", &filter_rows[i], DDB_OPERATION_SCAN);
	for (i = 0; i < (int) lengthof(joint_rows); i++)
		test_joint(i);
	test_key_conditions();
	test_attributes_to_get();
	for (i = 0; i < (int) lengthof(update_rows); i++)
		test_attribute_updates(i);
	for (i = 0; i < (int) lengthof(making_rows); i++)
		test_makes_item(i);
	unit_ok(ddb_update_makes_item(NULL), "a key alone makes an item");
	return unit_done();
}
