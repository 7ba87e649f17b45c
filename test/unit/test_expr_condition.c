/*
 * test_expr_condition.c
 *	  Conditions: their errors, the order of the errors, and when a condition is
 *	  true.
 */
#include "test_expr.h"

#define REDUNDANT "The expression has redundant parentheses;"
#define UNKNOWN(name) "Invalid function name; function: " name
#define MISUSE(name) \
	"The function is not allowed to be used this way in an expression; function: " name
#define COUNT(name, count) \
	"Incorrect number of operands for operator or function; operator or function: " \
	name ", number of operands: " count
#define TYPE(name, type) \
	"Incorrect operand type for operator or function; operator or function: " \
	name ", operand type: " type
#define DISTINCT(name, path) \
	"The first operand must be distinct from the remaining operands for this operator or function; operator: " \
	name ", first operand: " path
#define NEEDS_PATH(name) \
	"Operator or function requires a document path; operator or function: " name
#define RESERVED(word) \
	"Attribute name is a reserved keyword; reserved keyword: " word
#define NO_NAME(name) \
	"An expression attribute name used in the document path is not defined; attribute name: " name
#define NO_VALUE(name) \
	"An expression attribute value used in expression is not defined; attribute value: " name
#define BOUNDS(lower, upper) \
	"lower bound operand: AttributeValue: " lower \
	", upper bound operand: AttributeValue: " upper

static const ExpressionRow rows[] = {
	{"a = :v", NULL},
	{":v = a", NULL},
	{"a = b", NULL},
	{":v = :w", NULL},
	{"(a = :v)", NULL},
	{"(a) = (:v)", NULL},
	{"((a = :v) AND (b = :v))", NULL},
	{"((a = :v))", REDUNDANT},
	{"((a)) = :v", REDUNDANT},
	{"((#p)) = :v", REDUNDANT},
	{"a = ((:v))", REDUNDANT},
	{"size((a)) > :n", NULL},
	{"size(((a))) > :n", REDUNDANT},
	{"((a = :v)) AND b = :v", REDUNDANT},
	{"(((a = :v) OR b = :v))", REDUNDANT},
	{"((a = :v) OR b = :v)", NULL},
	{"(NOT (a = :v))", NULL},
	{"NOT ((a = :v))", REDUNDANT},
	{"a = :v and not b = :v", NULL},
	{"NOT (a = :v OR b = :w)", NULL},
	{"NOT NOT a = :v", NULL},
	{"a BETWEEN :v AND :w AND b = :v", NULL},
	{"a between :v and :w", NULL},
	{"a IN (:v)", NULL},
	{"a in (:v, b, size(c))", NULL},
	{"attribute_exists(a)", NULL},
	{"(attribute_exists(a))", NULL},
	{"Attribute_Exists(a)", UNKNOWN("Attribute_Exists")},
	{"attribute_exists(:v)", NEEDS_PATH("attribute_exists")},
	{"attribute_not_exists(size(a))", NEEDS_PATH("attribute_not_exists")},
	{"attribute_exists(a, b)", COUNT("attribute_exists", "2")},
	{"contains(a)", COUNT("contains", "1")},
	{"size(a, b) = :n", COUNT("size", "2")},
	{"attribute_exists(a) = :v", MISUSE("attribute_exists")},
	{"(attribute_exists(a)) = :v", MISUSE("attribute_exists")},
	{"a IN (contains(a, :v))", MISUSE("contains")},
	{"a BETWEEN :n AND begins_with(a, :v)", MISUSE("begins_with")},
	{"size(attribute_exists(a)) = :n", MISUSE("attribute_exists")},
	{"size(a)", MISUSE("size")},
	{"(size(a))", MISUSE("size")},
	{"NOT size(a)", MISUSE("size")},
	{"a = :v OR size(a)", MISUSE("size")},
	{"size(a) > :n", NULL},
	{"(size(a)) > :n", NULL},
	{"size(a) BETWEEN :n AND :m", NULL},
	{"size(:n) = :n", TYPE("size", "N")},
	{"size(:bool) = :n", TYPE("size", "BOOL")},
	{"size(:null) = :n", TYPE("size", "NULL")},
	{"size(size(a)) = :n", TYPE("size", "N")},
	{"size(:ss) = :n AND size(:map) = :n AND size(:l) = :n AND size(:bin) = :n", NULL},
	{"attribute_type(a, :t)", NULL},
	{"attribute_type(a, :xx)",
	"Invalid attribute type name found; type: XX, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
	{"attribute_type(a, :n)", TYPE("attribute_type", "N")},
	{"attribute_type(a, b)", TYPE("attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")},
	{"attribute_type(:v, :t)", NEEDS_PATH("attribute_type")},
	{"begins_with(a, :n)", TYPE("begins_with", "N")},
	{"begins_with(:n, a)", TYPE("begins_with", "N")},
	{"begins_with(a, size(b))", TYPE("begins_with", "N")},
	{"begins_with(a, :bin)", NULL},
	{"begins_with(:v, a)", NULL},
	{"contains(a, :map)", NULL},
	{"contains(:n, a)", TYPE("contains", "N")},
	{"contains(:ss, a)", NULL},
	{"contains(a, b)", NULL},
	{"contains(a, a)", DISTINCT("contains", "[a]")},
	{"a.b = a.b", DISTINCT("=", "[a, b]")},
	{"a[0] = a[0]", DISTINCT("=", "[a, [0]]")},
	{"a = #a", DISTINCT("=", "[a]")},
	{"a <> a", DISTINCT("<>", "[a]")},
	{"a IN (a)", NULL},
	{"a BETWEEN a AND a", NULL},
	{"a < :bool", TYPE("<", "BOOL")},
	{":null >= a", TYPE(">=", "NULL")},
	{"a <= :ss", TYPE("<=", "SS")},
	{"a > :map", TYPE(">", "M")},
	{"a BETWEEN :l AND :n", TYPE("BETWEEN", "L")},
	{":bs BETWEEN a AND b", TYPE("BETWEEN", "BS")},
	{"a = :bool", NULL},
	{"a <> :map AND a IN (:null, :ns)", NULL},
	{"a BETWEEN :n AND :v",
		"The BETWEEN operator requires same data type for lower and upper bounds; "
	BOUNDS("{N:1}", "{S:v}")},
	{"a BETWEEN :bin AND :v",
		"The BETWEEN operator requires same data type for lower and upper bounds; "
	BOUNDS("{B:Yg==}", "{S:v}")},
	{"a BETWEEN :m AND :n",
		"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
	BOUNDS("{N:5}", "{N:1}")},
	{"a BETWEEN :n AND :n", NULL},
	{"name = :v", RESERVED("name")},
	{"a.Name = :v", RESERVED("Name")},
	{"size = :v", RESERVED("size")},
	{"abort = :v", RESERVED("abort")},
	{"zone = :v", RESERVED("zone")},
	{"aborted = :v AND abor = :v AND zones = :v", NULL},
	{"#u = :v", NO_NAME("#u")},
	{"a = :u", NO_VALUE(":u")},
	/* the value of a placeholder is neither looked up again nor split at dots */
	{"#hash = :v AND #dot = :w", NULL},

	/* the more important class wins, wherever it stands */
	{"foo(a) AND name = :v", UNKNOWN("foo")},
	{"name = :v AND foo(a)", UNKNOWN("foo")},
	{"foo(a) AND ((b = :v))", REDUNDANT},
	{"size(a) AND foo(b)", UNKNOWN("foo")},
	{"name = :v AND size(a)", MISUSE("size")},
	{"a = :u AND name = :v", RESERVED("name")},
	{"if_not_exists(a, :v)", "The function is not allowed in a condition expression; function: if_not_exists"},
	{"foo(bar(a)) = :v", UNKNOWN("foo")},
	/* then the first condition that has an error */
	{"a < :bool AND #u = :v", TYPE("<", "BOOL")},
	{"#u = :v AND a < :bool", NO_NAME("#u")},
	{"a = :u AND #u = :v", NO_VALUE(":u")},
	{"contains(a, a, :u)", NO_VALUE(":u")},
	{"contains(a, a, a)", COUNT("contains", "3")},
	{"begins_with(a, :n) OR contains(a)", TYPE("begins_with", "N")},
	{"NOT (a = :v OR contains(a)) AND #u = :w", COUNT("contains", "1")},
};

/* The item that conditions are tried on. */
static const char item[] =
"{'s':{'S':'abc'},'blank':{'S':''},'n':{'N':'5'},'b':{'B':'AQL/'},'t':{'BOOL':true},"
"'null':{'NULL':true},'ss':{'SS':['a','b']},'ns':{'NS':['1','2']},'bs':{'BS':['AQI=']},"
"'l':{'L':[{'N':'1'},{'SS':['a']},{'M':{'x':{'N':'7'}}}]},"
"'m':{'M':{'x':{'N':'1'},'y':{'L':[{'S':'q'}]}}},'x.y':{'S':'dot'},"
"'wide':{'S':'\xf0\x9d\x92\xb3'},'accent':{'S':'\xc3\xa9'},"
"'nul':{'S':'a\\u0000b'},'one':{'S':'\\u0001'},'two':{'N':'2'}}";

static const char names[] =
"{'#dot':'x.y','#null':'null','#size':'size','#n':'n','#one':'one','#two':'two'}";

static const char values[] =
"{':abc':{'S':'abc'},':a':{'S':'a'},':ab':{'S':'ab'},':bc':{'S':'bc'},':zz':{'S':'zz'},"
"':e':{'S':''},':five':{'N':'5'},':fivedot':{'N':'5.0'},':fives':{'S':'5'},"
"':0':{'N':'0'},':1':{'N':'1'},':2':{'N':'2'},':3':{'N':'3'},':9':{'N':'9'},"
"':bin':{'B':'AQI='},':bin2':{'B':'Av8='},':false':{'BOOL':false},':true':{'BOOL':true},"
"':nullv':{'NULL':true},':ba':{'SS':['b','a']},':onlya':{'SS':['a']},"
"':L':{'L':[{'N':'1.0'},{'SS':['a']},{'M':{'x':{'N':'7'}}}]},"
"':L2':{'L':[{'SS':['a']},{'N':'1'},{'M':{'x':{'N':'7'}}}]},"
"':M':{'M':{'y':{'L':[{'S':'q'}]},'x':{'N':'1.0'}}},"
"':c01':{'S':'\\u0001'},':c00':{'S':'\\u0000'},':c02':{'S':'\\u0002'},"
"':dot':{'S':'dot'},':z':{'S':'z'},':tS':{'S':'S'},':tNULL':{'S':'NULL'},':tSS':{'S':'SS'}}";

static const struct
{
	const char *expression;
	bool		result;
}			evaluations[] = {
	{"n = :five", true},
	{"n = :fivedot", true},
	{"n = :fives", false},
	{"n <> :fives", true},
	{"n <> :five", false},
	{"nope <> :five", true},
	{"nope = :five", false},
	{"nope < :five", false},
	{"nope > :five", false},
	{"nope IN (:five, nope)", false},
	{"nope BETWEEN :0 AND :9", false},
	{"NOT nope = :five", true},
	{"NOT nope < :five", true},
	{"nope = nope2", false},
	{"nope <> nope2", true},
	{"n < :9 AND n <= :five AND n >= :five AND n > :1", true},
	{"n < :five", false},
	{"n > :fives", false},
	{"n BETWEEN :five AND :five", true},
	{"n BETWEEN :1 AND s", false},
	{"n IN (:fives, :1, :five)", true},
	{"n IN (:fives, :1)", false},
	{"s < :zz AND s > :abc", false},
	{"s >= :ab AND s <= :bc", true},
	{"accent > :z", true},
	{"b > :bin", true},
	{"t = :true", true},
	{"t = :false", false},
	{"t < :1", false},
	{"t < n", false},
	{"#null = :nullv", true},
	{"ss = :ba", true},
	{"ss = :onlya", false},
	{"l = :L", true},
	{"l = :L2", false},
	{"m = :M", true},
	{"attribute_exists(#null)", true},
	{"attribute_exists(m.x)", true},
	{"attribute_exists(m.z)", false},
	{"attribute_exists(l[2].x)", true},
	{"attribute_exists(l[3])", false},
	{"attribute_exists(l.x)", false},
	{"attribute_exists(m[0])", false},
	{"attribute_not_exists(s.x)", true},
	{"attribute_exists(#dot) AND #dot = :dot", true},
	{"attribute_type(s, :tS)", true},
	{"attribute_type(#null, :tNULL)", true},
	{"attribute_type(ss, :tSS)", true},
	{"attribute_type(n, :tS)", false},
	{"attribute_type(nope, :tS)", false},
	{"begins_with(s, :ab)", true},
	{"begins_with(s, :abc)", true},
	{"begins_with(s, :bc)", false},
	{"begins_with(s, :e)", true},
	{"begins_with(b, :bin)", true},
	{"begins_with(b, :ab)", false},
	{"begins_with(n, :ab)", false},
	{"begins_with(nope, :e)", false},
	{"contains(s, :bc)", true},
	{"contains(s, :e)", true},
	{"contains(blank, :e)", true},
	{"contains(blank, :a)", false},
	{"contains(s, :zz)", false},
	{"contains(b, :bin2)", true},
	{"contains(b, :bc)", false},
	{"contains(ss, :a)", true},
	{"contains(ss, :ab)", false},
	{"contains(ns, :1)", true},
	{"contains(ns, :a)", false},
	{"contains(bs, :bin)", true},
	{"contains(l, :1)", true},
	{"contains(l, :onlya)", true},
	{"contains(l, :9)", false},
	{"contains(n, :five)", false},
	{"contains(nope, :a)", false},
	{"contains(:abc, :a) AND contains(:ba, :a)", true},
	{"size(s) = :3", true},
	{"size(wide) = :2", true},
	{"size(accent) = :1", true},
	{"size(blank) = :0", true},
	{"size(b) = :3", true},
	{"size(ss) = :2 AND size(ns) = :2 AND size(bs) = :1", true},
	{"size(l) = :3 AND size(m) = :2 AND size(m.y) = :1", true},
	{"size(n) = :1", false},
	{"size(n) <> :1", true},
	{"size(nope) < :9", false},
	{"size(s) BETWEEN :2 AND :9", true},
	{"size(s) IN (:2, size(b))", true},
	{"size(ss) = two", true},
	/* a pair in stored form is one character, and half of a pair is none */
	{"size(nul) = :3", true},
	{"size(#one) = :1", true},
	{"contains(nul, :c00)", true},
	{"contains(nul, :c01)", false},
	{"contains(#one, :c01)", true},
	{"contains(#one, :c02)", false},
	{"begins_with(#one, :c01)", true},
	{"begins_with(#one, :c00)", false},
	/* precedence */
	{"n = :1 OR n = :five AND s = :abc", true},
	{"(n = :five OR n = :1) AND s = :zz", false},
	{"n = :five OR n = :1 AND s = :zz", true},
	{"NOT n = :five AND s = :zz", false},
	{"NOT (n = :five AND s = :zz)", true},
	{"NOT NOT n = :five", true},
	{"n BETWEEN :1 AND :9 AND s = :abc", true},
	{"(n = :1 AND s = :abc) OR (n = :five AND s = :abc)", true},
	{"((n = :five AND s = :abc) AND t = :true) AND (n = :five OR n = :1)", true},
	{":five = n AND :9 > n", true},
};

static void
test_evaluation(void)
{
	const DdbOperation *operation = ddb_operation_get(DDB_OPERATION_SCAN);
	DdbDocument document = {.item = unit_item(quoted(item))};
	DdbDocument nothing = {.item = NULL};
	DdbExpressions expressions;
	int			i;

	for (i = 0; i < (int) lengthof(evaluations); i++)
	{
		const char *expression = evaluations[i].expression;
		const char *message = compile(operation,
									  request_of("FilterExpression", expression,
												 names, values),
									  &expressions);

		if (unit_is_string(message, NULL, "%s is good", expression))
			unit_ok(ddb_condition_evaluate(expressions.filter, &document) ==
					evaluations[i].result, "%s is %s", expression,
					evaluations[i].result ? "true" : "false");
	}
	unit_ok(!document.malformed, "nothing is malformed");
	unit_ok(ddb_condition_evaluate(NULL, &document), "no condition is true");

	compile(operation, request_of("FilterExpression", "attribute_not_exists(n)",
								  names, values), &expressions);
	unit_ok(ddb_condition_evaluate(expressions.filter, &nothing),
			"without an item, nothing exists");
}

static void
test_paths(void)
{
	DdbExpressions expressions;
	List	   *paths;

	compile(ddb_operation_get(DDB_OPERATION_SCAN),
			request_of("FilterExpression",
					   "size(b.c) > a AND NOT (#dot[1] IN (:1, d) OR contains(e, :a))",
					   names, values), &expressions);
	paths = ddb_condition_paths(expressions.filter);
	unit_is_int(list_length(paths), 5, "every path of a condition");
	unit_is_string(ddb_path_print(list_nth(paths, 0)), "[b, c]", "in order");
	unit_is_string(ddb_path_print(list_nth(paths, 2)), "[x.y, [1]]",
				   "with the names that placeholders stand for");
	unit_ok(ddb_condition_paths(NULL) == NIL, "no condition looks at nothing");
}

/* The names and values maps, and what of them is not used. */
static const struct
{
	DdbOperationId operation;
	const char *request;
	const char *message;
}			requests[] = {
	{DDB_OPERATION_PUT_ITEM, "{'ConditionExpression':'a = :v','ExpressionAttributeNames':{}}",
	"ExpressionAttributeNames must not be empty"},
	{DDB_OPERATION_PUT_ITEM, "{'ConditionExpression':'a = :v','ExpressionAttributeValues':{}}",
	"1 validation error detected: ExpressionAttributeValues must not be empty"},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeNames':{'a':'b'}}",
	"ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\""},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeNames':{' #a':'b'}}",
	"ExpressionAttributeNames contains invalid key: Syntax error; key: \" #a\""},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeNames':{'#':'b'}}",
	"ExpressionAttributeNames contains invalid key: Syntax error; key: \"#\""},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeNames':{'#a-b':'b'}}",
	"ExpressionAttributeNames contains invalid key: Syntax error; key: \"#a-b\""},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeNames':{':a':'b'}}",
	"ExpressionAttributeNames contains invalid key: Syntax error; key: \":a\""},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeNames':{'#1_':''}}",
	"ExpressionAttributeNames contains invalid value: Empty attribute name for key #1_"},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeValues':{':a':{'N':'x'},'b':{'S':''}}}",
	"ExpressionAttributeValues contains invalid key: Syntax error; key: \"b\""},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeValues':{':v':{'N':'x'}}}",
	"ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x for key :v"},
	{DDB_OPERATION_PUT_ITEM, "{'ConditionExpression':'a = :v','ExpressionAttributeValues':{':v':{'N':'x'}}}",
	"ExpressionAttributeValues contains invalid value: The parameter cannot be converted to a numeric value: x for key :v"},
	{DDB_OPERATION_PUT_ITEM, "{'ConditionExpression':'a = :v','ExpressionAttributeValues':{':v':{'SS':[]}}}",
	"1 validation error detected: One or more parameter values were invalid: An string set  may not be empty"},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeValues':{':v':{'SS':[]}}}",
	"ExpressionAttributeValues contains invalid value: One or more parameter values were invalid: An string set  may not be empty for key :v"},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeValues':{':v':{}}}",
	"ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :v"},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeValues':{':v':null,':w':{'S':''}}}",
	"Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :v"},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeNames':{'#b':'x','#a':'y'},'ExpressionAttributeValues':{':v':{'S':''},':w':{'S':''}}}",
	"Value provided in ExpressionAttributeNames unused in expressions: keys: {#b, #a}"},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :v','ExpressionAttributeValues':{':z':{'S':''},':v':{'S':''},':w':{'S':''}}}",
	"Value provided in ExpressionAttributeValues unused in expressions: keys: {:z, :w}"},
	{DDB_OPERATION_DELETE_ITEM, "{'ConditionExpression':'attribute_exists(a)','ExpressionAttributeNames':{'#b':'x'}}",
	"1 validation error detected: Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}"},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = ','ExpressionAttributeNames':{'#b':'x'}}",
	"Invalid FilterExpression: Syntax error; token: \"<EOF>\", near: \"=\""},
	{DDB_OPERATION_SCAN, "{'FilterExpression':'a = :u','ExpressionAttributeValues':{':v':{'S':''}}}",
	"Invalid FilterExpression: An expression attribute value used in expression is not defined; attribute value: :u"},
	/* expressions are taken in the order of the service */
	{DDB_OPERATION_UPDATE_ITEM, "{'ConditionExpression':'(','UpdateExpression':'('}",
	"1 validation error detected: Invalid UpdateExpression: Syntax error; token: \"(\", near: \"(\""},
	{DDB_OPERATION_QUERY, "{'ProjectionExpression':'(','FilterExpression':'(','KeyConditionExpression':'('}",
	"Invalid KeyConditionExpression: Syntax error; token: \"<EOF>\", near: \"(\""},
	{DDB_OPERATION_SCAN, "{'ProjectionExpression':'(','FilterExpression':'('}",
	"Invalid FilterExpression: Syntax error; token: \"<EOF>\", near: \"(\""},
	/* GetItem has no values; they are not looked at */
	{DDB_OPERATION_GET_ITEM, "{'ProjectionExpression':'a','ExpressionAttributeValues':{}}", NULL},
	{DDB_OPERATION_GET_ITEM, "{'ExpressionAttributeNames':{'#b':'x'}}",
	"ExpressionAttributeNames can only be specified when using expressions"},

	/* mixtures */
	{DDB_OPERATION_GET_ITEM, "{'AttributesToGet':['a'],'ProjectionExpression':'a'}",
	"Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributesToGet} Expression parameters: {ProjectionExpression}"},
	{DDB_OPERATION_UPDATE_ITEM, "{'Expected':{},'AttributeUpdates':{},'ConditionalOperator':'OR','ConditionExpression':'','UpdateExpression':''}",
	"1 validation error detected: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {AttributeUpdates, Expected, ConditionalOperator} Expression parameters: {UpdateExpression, ConditionExpression}"},
	{DDB_OPERATION_PUT_ITEM, "{'ConditionalOperator':'OR','ConditionExpression':'x'}",
	"1 validation error detected: Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {ConditionalOperator} Expression parameters: {ConditionExpression}"},
	{DDB_OPERATION_QUERY, "{'QueryFilter':{},'KeyConditions':{},'FilterExpression':'x'}",
	"Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {QueryFilter} Expression parameters: {FilterExpression}"},
	{DDB_OPERATION_QUERY, "{'QueryFilter':{},'KeyConditions':{},'KeyConditionExpression':'x'}",
	"Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {QueryFilter, KeyConditions} Expression parameters: {KeyConditionExpression}"},
	{DDB_OPERATION_QUERY, "{'KeyConditions':{},'FilterExpression':'attribute_exists(a)'}", NULL},
	{DDB_OPERATION_QUERY, "{'KeyConditions':{},'KeyConditionExpression':''}",
	"Invalid KeyConditionExpression: The expression can not be empty;"},
	{DDB_OPERATION_SCAN, "{'ScanFilter':{},'ProjectionExpression':'a'}",
	"Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {ScanFilter} Expression parameters: {ProjectionExpression}"},
	/* a null is absent */
	{DDB_OPERATION_SCAN, "{'ScanFilter':null,'ProjectionExpression':'a'}", NULL},
	{DDB_OPERATION_PUT_ITEM, "{'ExpressionAttributeNames':{'#b':'x'},'ExpressionAttributeValues':{}}",
	"ExpressionAttributeNames can only be specified when using expressions"},
	{DDB_OPERATION_PUT_ITEM, "{'ExpressionAttributeValues':{}}",
	"1 validation error detected: ExpressionAttributeValues can only be specified when using expressions"},
	{DDB_OPERATION_DELETE_ITEM, "{'ExpressionAttributeValues':{}}",
	"1 validation error detected: ExpressionAttributeValues can only be specified when using expressions: ConditionExpression is null"},
	{DDB_OPERATION_UPDATE_ITEM, "{'ExpressionAttributeValues':{}}",
	"1 validation error detected: ExpressionAttributeValues can only be specified when using expressions: UpdateExpression and ConditionExpression are null"},
	{DDB_OPERATION_QUERY, "{'ProjectionExpression':'a','ExpressionAttributeValues':{}}",
	"ExpressionAttributeValues can only be specified when using expressions: FilterExpression and KeyConditionExpression are null"},
	{DDB_OPERATION_SCAN, "{'ExpressionAttributeValues':{}}",
	"ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null"},
};

static void
test_requests(void)
{
	DdbExpressions expressions;
	int			i;

	for (i = 0; i < (int) lengthof(requests); i++)
		unit_is_string(compile(ddb_operation_get(requests[i].operation),
							   unit_json(quoted(requests[i].request)), &expressions),
					   requests[i].message, "%s", requests[i].request);
}

int
main(void)
{
	check_rows(DDB_OPERATION_SCAN, "FilterExpression", "Invalid FilterExpression: ",
			   rows, lengthof(rows));
	test_evaluation();
	test_paths();
	test_requests();
	return unit_done();
}
