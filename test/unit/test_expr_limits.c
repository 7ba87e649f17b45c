/*
 * test_expr_limits.c
 *	  The limits of expressions, on both sides, and the deepest possible
 *	  expressions.
 */
#include "test_expr.h"

/* Returns the text count times, with separators in between. */
static const char *
repeat(const char *text, const char *separator, int count)
{
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	for (i = 0; i < count; i++)
		appendStringInfo(&buf, "%s%s", i > 0 ? separator : "", text);
	return buf.data;
}

static void
check_kind(DdbOperationId id, const char *parameter, const char *expression,
		   const char *message, const char *what)
{
	DdbExpressions expressions;

	unit_is_string(compile(ddb_operation_get(id),
						   request_of(parameter, expression, default_names,
									  default_values), &expressions),
				   message, "%s", what);
}

static void
check_filter(const char *expression, const char *message, const char *what)
{
	check_kind(DDB_OPERATION_SCAN, "FilterExpression", expression,
			   message == NULL ? NULL : psprintf("Invalid FilterExpression: %s", message),
			   what);
}

static void
check_update(const char *expression, const char *message, const char *what)
{
	check_kind(DDB_OPERATION_UPDATE_ITEM, "UpdateExpression", expression,
			   message == NULL ? NULL :
			   psprintf("1 validation error detected: Invalid UpdateExpression: %s", message),
			   what);
}

static void
test_size(void)
{
	const char *empty = "The expression can not be empty;";
	const char *syntax = "Syntax error; token: \"<EOF>\", near: \"\"";

	check_filter("", empty, "the empty filter");
	check_update("", empty, "the empty update");
	check_kind(DDB_OPERATION_GET_ITEM, "ProjectionExpression", "",
			   "Invalid ProjectionExpression: The expression can not be empty;",
			   "the empty projection");
	check_kind(DDB_OPERATION_PUT_ITEM, "ConditionExpression", "",
			   "1 validation error detected: Invalid ConditionExpression: The expression can not be empty;",
			   "the empty condition");
	check_filter(psprintf("a = :v%s", repeat(" ", "", 4090)), NULL, "4096 bytes");
	check_filter(psprintf("a = :v%s", repeat(" ", "", 4091)),
				 "Expression size has exceeded the maximum allowed size; expression size: 4097",
				 "4097 bytes");
	check_filter(repeat(" ", "", 4096), syntax, "4096 blanks");
	check_filter(repeat("\xc3\xa9", "", 2049),
				 "Expression size has exceeded the maximum allowed size; expression size: 4098",
				 "bytes count, not characters");
	check_filter(repeat("(", "", 5000),
				 "Expression size has exceeded the maximum allowed size; expression size: 5000",
				 "the size comes before the syntax");
}

static void
test_operators(void)
{
	const char *too_many = "The expression contains too many operators; operator count: 301";

	check_filter(repeat("a = :v", " OR ", 150), NULL, "299 operators");
	check_filter(psprintf("NOT %s", repeat("a = :v", " OR ", 150)), NULL, "300 operators");
	check_filter(repeat("a = :v", " AND ", 151), too_many, "301 operators");
	check_filter(psprintf("a = :v AND %s", repeat("a IN (:v)", " OR ", 150)), too_many,
				 "IN is an operator");
	check_filter(psprintf("NOT NOT %s", repeat("size(a) = :n", " OR ", 100)), too_many,
				 "and so is a function");
}

static void
test_in(void)
{
	check_filter(psprintf("a IN (%s)", repeat(":v", ",", 100)), NULL, "IN with 100 operands");
	check_filter(psprintf("a IN (%s)", repeat(":v", ",", 163)),
				 "The IN operator is provided with too many operands; number of operands: 163",
				 "IN with 163 operands");
}

static void
test_indexes(void)
{
	const char *range = "List index is not within the allowable range; index: [%s]";

	check_filter("a[4294967294] = :v", NULL, "the greatest index");
	check_filter("a[4294967295] = :v", psprintf(range, "4294967295"), "one more");
	check_filter("a[99999999999999999999999999] = :v",
				 psprintf(range, "99999999999999999999999999"), "many more");
	check_filter("a[00000000000000000000000001] = :v", NULL, "leading zeros do no harm");
	check_update("SET a[4294967295] = :v, b[5000000000] = :v", psprintf(range, "4294967295"),
				 "in an update, the first one");
}

static void
test_paths(void)
{
	check_filter(psprintf("%s = :v", repeat("a", ".", 32)), NULL, "a path of 32 elements");
	check_filter(psprintf("%s = :v", repeat("a", ".", 33)),
				 "The document path has too many nesting elements; nesting levels: 33",
				 "a path of 33 elements");
	check_kind(DDB_OPERATION_GET_ITEM, "ProjectionExpression",
			   psprintf("a%s", repeat("[0]", "", 1000)),
			   "Invalid ProjectionExpression: The document path has too many nesting elements; nesting levels: 1001",
			   "a path of 1001 elements");
}

static void
test_placeholders(void)
{
	const char *name = repeat("n", "", 254);
	DdbExpressions expressions;

	unit_is_string(compile(ddb_operation_get(DDB_OPERATION_SCAN),
						   unit_json(psprintf("{\"FilterExpression\":\"#%s = :%s\","
											  "\"ExpressionAttributeNames\":{\"#%s\":\"a\"},"
											  "\"ExpressionAttributeValues\":{\":%s\":{\"S\":\"a\"}}}",
											  name, name, name, name)), &expressions),
				   NULL, "placeholders of 255 bytes");
	unit_is_string(compile(ddb_operation_get(DDB_OPERATION_SCAN),
						   unit_json(psprintf("{\"FilterExpression\":\"a = :v\","
											  "\"ExpressionAttributeNames\":{\"#n%s\":\"a\"}}", name)),
						   &expressions),
				   "ExpressionAttributeNames contains invalid key: The expression attribute map contains a key that is too long; size of key: 256",
				   "a name of 256 bytes");
	unit_is_string(compile(ddb_operation_get(DDB_OPERATION_SCAN),
						   unit_json(psprintf("{\"FilterExpression\":\"a = :v\","
											  "\"ExpressionAttributeValues\":{\":n%s\":{\"S\":\"\"}}}", name)),
						   &expressions),
				   "ExpressionAttributeValues contains invalid key: The expression attribute map contains a key that is too long;",
				   "a value of 256 bytes");
	unit_is_string(compile(ddb_operation_get(DDB_OPERATION_SCAN),
						   unit_json(psprintf("{\"FilterExpression\":\"a = :v\","
											  "\"ExpressionAttributeValues\":{\":v\":{\"S\":\"%s\"}}}",
											  repeat("x", "", 2 * 1024 * 1024))), &expressions),
				   "The expression attribute names and values have exceeded the maximum allowed size; size: 2097154",
				   "values of 2 MB");
}

/* The deepest expressions of 4096 bytes.  None may exhaust the stack. */
static void
test_depth(void)
{
	const char *eof = "Syntax error; token: \"<EOF>\", near: \"%s\"";

	check_filter(repeat("(", "", 4096), psprintf(eof, "("), "4096 open parentheses");
	check_filter(psprintf("%sa = :v%s", repeat("(", "", 2045), repeat(")", "", 2045)),
				 "The expression has redundant parentheses;", "2045 pairs of parentheses");
	check_filter(psprintf("a = %s:v%s", repeat("(", "", 2045), repeat(")", "", 2045)),
				 "The expression has redundant parentheses;", "the same around an operand");
	check_filter(psprintf("%s a = :v", repeat("NOT", " ", 1000)),
				 "The expression contains too many operators; operator count: 1001",
				 "1000 NOTs");
	check_filter(psprintf("%sa = :v%s", repeat("NOT(", "", 800), repeat(")", "", 800)),
				 "The expression contains too many operators; operator count: 801",
				 "800 NOTs in parentheses");
	check_filter(psprintf("%sa%s = :n", repeat("size(", "", 680), repeat(")", "", 680)),
				 "The expression contains too many operators; operator count: 681",
				 "680 nested functions");
	check_filter(psprintf("%sa%s = :n", repeat("size(", "", 299), repeat(")", "", 299)),
				 "Incorrect operand type for operator or function; operator or function: size, operand type: N",
				 "299 nested functions");
	check_filter(psprintf("%sa = :v%s", repeat("(a = :v OR ", "", 149), repeat(")", "", 149)),
				 NULL, "149 levels of legal parentheses");
	check_update(psprintf("SET a = %s", repeat("(", "", 4088)), psprintf(eof, "("),
				 "4088 open parentheses in an update");
	check_update(psprintf("SET a = %s:l%s", repeat("if_not_exists(b,", "", 200),
						  repeat(")", "", 199)), psprintf(eof, ")"),
				 "nested functions that end too early");
	check_update(psprintf("SET a = %s:l%s", repeat("if_not_exists(b,", "", 230),
						  repeat(")", "", 230)), NULL, "230 nested functions");
	check_update(repeat("SET a = :v", " ", 300),
				 "The \"SET\" section can only be used once in an update expression;",
				 "300 sections");
	check_update(psprintf("REMOVE %s", repeat("a", ",", 300)),
				 "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]",
				 "300 actions");
	check_update(psprintf("REMOVE %s", repeat("a", ",", 301)),
				 "The expression contains too many operators; operator count: 301",
				 "301 actions");
}

int
main(void)
{
	test_size();
	test_operators();
	test_in();
	test_indexes();
	test_paths();
	test_placeholders();
	test_depth();
	return unit_done();
}
