/*
 * test_expr_update.c
 *	  Updates: their errors, and the items that they produce.
 */
#include "test_expr.h"

#define OVERLAP(one, two) \
	"Two document paths overlap with each other; must remove or rewrite one of these paths; path one: " \
	one ", path two: " two
#define CONFLICT(one, two) \
	"Two document paths conflict with each other; must remove or rewrite one of these paths; path one: " \
	one ", path two: " two
#define ONCE(section) \
	"The \"" section "\" section can only be used once in an update expression;"
#define OPERAND(action, type) \
	"Incorrect operand type for operator or function; operator: " action ", operand type: " type
#define TYPE(name, type) \
	"Incorrect operand type for operator or function; operator or function: " name ", operand type: " type
#define NOT_ALLOWED(name) "The function is not allowed in an update expression; function: " name
#define MISUSED(name) \
	"The function is not allowed to be used this way in an expression; function: " name
#define UNKNOWN(name) "Invalid function name; function: " name

#define BAD_PATH \
	"The document path provided in the update expression is invalid for update"
#define MISSING \
	"The provided expression refers to an attribute that does not exist in the item"
#define BAD_OPERAND \
	"An operand in the update expression has an incorrect data type"

static const ExpressionRow rows[] = {
	{"SET a = :v", NULL},
	{"set a=:v", NULL},
	{"SET a = :v, b.c = :w, d[3] = :x", NULL},
	{"SET a = a + :n", NULL},
	{"SET a = :n - b", NULL},
	{"SET a = if_not_exists(a, :z) + :n", NULL},
	{"SET a = list_append(if_not_exists(a, :e), :l)", NULL},
	{"SET a = (a + :n)", NULL},
	{"SET a = (:v)", NULL},
	{"SET a = (a) + (:n)", NULL},
	{"SET a = (if_not_exists(a, (:v)))", NULL},
	{"SET a = :v SET b = :v", ONCE("SET")},
	{"set a = :v remove c set b = :v REMOVE d", ONCE("SET")},
	{"REMOVE c SET b = :v REMOVE d", ONCE("REMOVE")},
	{"SET a = :v REMOVE b ADD c :n DELETE d :ss", NULL},
	{"DELETE d :ss ADD c :n REMOVE b SET a = :v", NULL},
	{"REMOVE a, b[1], c.d", NULL},
	{"ADD a :v", OPERAND("ADD", "STRING")},
	{"ADD a :bin", OPERAND("ADD", "BINARY")},
	{"ADD a :bool", OPERAND("ADD", "BOOLEAN")},
	{"ADD a :null", OPERAND("ADD", "NULL")},
	{"ADD a :l", OPERAND("ADD", "LIST")},
	{"ADD a :map", OPERAND("ADD", "MAP")},
	{"ADD a :n, b :ss, c :ns, d :bs", NULL},
	{"DELETE a :n", OPERAND("DELETE", "NUMBER")},
	{"DELETE b :ss, c :ns, d :bs", NULL},
	{"SET a = :v, a = :w", OVERLAP("[a]", "[a]")},
	{"SET a = :v REMOVE a", OVERLAP("[a]", "[a]")},
	{"SET a = :v, #a = :w", OVERLAP("[a]", "[a]")},
	{"SET a.b = :v, a = :w", OVERLAP("[a, b]", "[a]")},
	{"SET a = :w REMOVE a[1].c", OVERLAP("[a]", "[a, [1], c]")},
	{"SET a.b = :v, a[0] = :w", CONFLICT("[a, b]", "[a, [0]]")},
	{"SET a.b = :v, a[0] = :w REMOVE c, c", OVERLAP("[c]", "[c]")},
	{"SET a.b = :v, a.c = :w, a.d[0] = :x, a.d[1] = :v", NULL},
	{"SET #dot = :v, x.y = :w", NULL},
	{"SET a = b, c = b", NULL},
	{"SET a = size(b)", NOT_ALLOWED("size")},
	{"SET a = attribute_exists(b)", NOT_ALLOWED("attribute_exists")},
	{"SET a = list_append(list_append(b, c), :l)", MISUSED("list_append")},
	{"SET a = list_append(:l, (list_append(b, c)))", MISUSED("list_append")},
	{"SET a = list_append(if_not_exists(b, list_append(c, :l)), :l)", NULL},
	{"SET a = foo(b), b = list_append(list_append(b, c), :l)", UNKNOWN("foo")},
	{"SET a = foo(b)", UNKNOWN("foo")},
	{"SET a = IF_NOT_EXISTS(b, :v)", UNKNOWN("IF_NOT_EXISTS")},
	{"SET a = if_not_exists(:v, :w)",
	"Operator or function requires a document path; operator or function: if_not_exists"},
	{"SET a = list_append(:v, b)", TYPE("list_append", "S")},
	{"SET a = list_append(b, :map)", TYPE("list_append", "M")},
	{"SET a = if_not_exists(b, list_append(c, :n))", TYPE("list_append", "N")},
	{"SET a = b + :v", TYPE("+", "S")},
	{"SET a = :bool - b", TYPE("-", "BOOL")},
	{"SET a = list_append(b)",
	"Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1"},
	{"SET a = if_not_exists(b, :v, :w)",
	"Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 3"},
	{"SET name = :v", "Attribute name is a reserved keyword; reserved keyword: name"},
	{"SET a = b.Name", "Attribute name is a reserved keyword; reserved keyword: Name"},
	{"SET #u = :v", "An expression attribute name used in the document path is not defined; attribute name: #u"},
	{"SET a = :u", "An expression attribute value used in expression is not defined; attribute value: :u"},
	/* what is reported first */
	{"SET a = foo(name)", "Attribute name is a reserved keyword; reserved keyword: name"},
	{"SET a = foo(b) SET c = :v", UNKNOWN("foo")},
	{"SET a = :u SET c = :v", ONCE("SET")},
	{"SET a = :u, b = #u", "An expression attribute name used in the document path is not defined; attribute name: #u"},
	{"SET a = :v, a = :u", "An expression attribute value used in expression is not defined; attribute value: :u"},
	{"SET a = list_append(b) ADD a :v", OVERLAP("[a]", "[a]")},
	{"SET a = list_append(b) ADD c :v", OPERAND("ADD", "STRING")},
};

static const char item[] =
"{'pk':{'S':'k'},'n':{'N':'5'},'l':{'L':[{'S':'a'},{'S':'b'},{'S':'c'}]},"
"'m':{'M':{'x':{'N':'1'}}},'ss':{'SS':['p','q']},'ns':{'NS':['1','20']},"
"'deep':{'L':[{'M':{'l':{'L':[{'N':'1'},{'N':'2'}]}}},{'M':{'s':{'SS':['p']}}}]},"
"'big':{'N':'9.9999999999999999999999999999999999999E+125'}}";

static const char names[] = "{'#dot':'m.x'}";

static const char values[] =
"{':1':{'N':'1'},':2':{'N':'2'},':1dot':{'N':'1.0'},':y':{'S':'y'},':z':{'S':'z'},"
"':d':{'L':[{'S':'d'}]},':qr':{'SS':['q','r']},':pq':{'SS':['p','q']},':p':{'SS':['p']},"
"':zz':{'SS':['zz']},':n1':{'NS':['1.0','3']},':E':{'N':'1E+125'},':tiny':{'N':'1E-100'},"
"':five':{'N':'5'},':map':{'M':{'k':{'S':'v'}}},':e':{'L':[]}}";

/*
 * The attributes that an update changes, each as "name=value", or an error.
 * "-" stands for an attribute that is removed.
 */
static const struct
{
	const char *expression;
	const char *error;
	const char *changed[3][2];
}			applications[] = {
	{"SET n = n + :1, k = n", NULL, {{"n", "{'N':'6'}"}, {"k", "{'N':'5'}"}}},
	{"SET n = n - :1", NULL, {{"n", "{'N':'4'}"}}},
	{"SET n = :1 - n", NULL, {{"n", "{'N':'-4'}"}}},
	{"SET n = m.x, m.x = n", NULL, {{"n", "{'N':'1'}"}, {"m", "{'M':{'x':{'N':'5'}}}"}}},
	{"SET l[1] = :z", NULL, {{"l", "{'L':[{'S':'a'},{'S':'z'},{'S':'c'}]}"}}},
	{"SET l[9] = :z", NULL, {{"l", "{'L':[{'S':'a'},{'S':'b'},{'S':'c'},{'S':'z'}]}"}}},
	{"SET l[4294967294] = :z", NULL, {{"l", "{'L':[{'S':'a'},{'S':'b'},{'S':'c'},{'S':'z'}]}"}}},
	{"SET l[9] = :y, l[7] = :z", NULL,
	{{"l", "{'L':[{'S':'a'},{'S':'b'},{'S':'c'},{'S':'z'},{'S':'y'}]}"}}},
	{"SET l[10] = :y, l[9] = :z", NULL,
	{{"l", "{'L':[{'S':'a'},{'S':'b'},{'S':'c'},{'S':'z'},{'S':'y'}]}"}}},
	{"REMOVE l[0], l[1]", NULL, {{"l", "{'L':[{'S':'c'}]}"}}},
	{"REMOVE l[0], l[1], l[2]", NULL, {{"l", "{'L':[]}"}}},
	{"REMOVE l[9]", NULL},
	{"SET l[0] = :z REMOVE l[1]", NULL, {{"l", "{'L':[{'S':'z'},{'S':'c'}]}"}}},
	{"SET l[5] = :z REMOVE l[0]", NULL, {{"l", "{'L':[{'S':'b'},{'S':'c'},{'S':'z'}]}"}}},
	{"SET m.y = :2", NULL, {{"m", "{'M':{'x':{'N':'1'},'y':{'N':'2'}}}"}}},
	{"SET #dot = :2", NULL, {{"m.x", "{'N':'2'}"}}},
	{"SET q.y = :2", BAD_PATH},
	{"SET n.y = :2", BAD_PATH},
	{"SET m.y.z = :2", BAD_PATH},
	{"SET m[0] = :2", BAD_PATH},
	{"SET l.x = :2", BAD_PATH},
	{"SET l[0].x = :2", BAD_PATH},
	{"SET l[3].x = :2", BAD_PATH},
	{"REMOVE q", NULL},
	{"REMOVE m.q", NULL},
	{"REMOVE m.x", NULL, {{"m", "{'M':{}}"}}},
	{"REMOVE q.z", BAD_PATH},
	{"REMOVE n[0]", BAD_PATH},
	{"REMOVE n, m", NULL, {{"n", "-"}, {"m", "-"}}},
	{"SET z = q", MISSING},
	{"SET z = q + :1", MISSING},
	{"SET z = :1 + q", MISSING},
	{"SET z = list_append(:d, q)", MISSING},
	{"SET z = if_not_exists(q, r)", MISSING},
	{"SET z = m + :1", BAD_OPERAND},
	{"SET z = n + l", BAD_OPERAND},
	{"SET z = if_not_exists(q, :1)", NULL, {{"z", "{'N':'1'}"}}},
	{"SET z = if_not_exists(n, :1)", NULL, {{"z", "{'N':'5'}"}}},
	{"SET z = if_not_exists(q.r.s, :1)", NULL, {{"z", "{'N':'1'}"}}},
	{"SET z = if_not_exists(n, q)", NULL, {{"z", "{'N':'5'}"}}},
	{"SET z = if_not_exists(q, :1) + if_not_exists(n, :1)", NULL, {{"z", "{'N':'6'}"}}},
	{"SET l = list_append(l, :d)", NULL,
	{{"l", "{'L':[{'S':'a'},{'S':'b'},{'S':'c'},{'S':'d'}]}"}}},
	{"SET l = list_append(:d, l)", NULL,
	{{"l", "{'L':[{'S':'d'},{'S':'a'},{'S':'b'},{'S':'c'}]}"}}},
	{"SET z = list_append(if_not_exists(q, list_append(:d, :e)), if_not_exists(q, list_append(:d, :d)))", NULL,
	{{"z", "{'L':[{'S':'d'},{'S':'d'},{'S':'d'}]}"}}},
	{"SET z = list_append(if_not_exists(q, :e), :d)", NULL, {{"z", "{'L':[{'S':'d'}]}"}}},
	{"SET z = list_append(n, :d)", BAD_OPERAND},
	{"SET z = list_append(:d, ss)", BAD_OPERAND},
	{"SET z = l[1], y = :map, w = m", NULL,
	{{"z", "{'S':'b'}"}, {"y", "{'M':{'k':{'S':'v'}}}"}, {"w", "{'M':{'x':{'N':'1'}}}"}}},
	{"ADD n :1", NULL, {{"n", "{'N':'6'}"}}},
	{"ADD k :1", NULL, {{"k", "{'N':'1'}"}}},
	{"ADD ss :qr", NULL, {{"ss", "{'SS':['p','q','r']}"}}},
	{"ADD ns :n1", NULL, {{"ns", "{'NS':['1','20','3']}"}}},
	{"ADD k :qr", NULL, {{"k", "{'SS':['q','r']}"}}},
	{"ADD ss :1", BAD_OPERAND},
	{"ADD n :qr", BAD_OPERAND},
	{"ADD ns :qr", BAD_OPERAND},
	{"ADD l :1", BAD_OPERAND},
	{"ADD m.x :1", NULL, {{"m", "{'M':{'x':{'N':'2'}}}"}}},
	{"ADD m.y :1", NULL, {{"m", "{'M':{'x':{'N':'1'},'y':{'N':'1'}}}"}}},
	{"ADD l[3] :1", NULL, {{"l", "{'L':[{'S':'a'},{'S':'b'},{'S':'c'},{'N':'1'}]}"}}},
	{"ADD q.x :1", BAD_PATH},
	{"DELETE ss :pq", NULL, {{"ss", "-"}}},
	{"DELETE ss :p", NULL, {{"ss", "{'SS':['q']}"}}},
	{"DELETE ss :zz", NULL},
	{"DELETE nosuch :p", NULL},
	{"DELETE m.nosuch :p", NULL},
	{"DELETE q.x :p", BAD_PATH},
	{"DELETE ns :n1", NULL, {{"ns", "{'NS':['20']}"}}},
	{"DELETE ns :p", BAD_OPERAND},
	{"DELETE n :p", BAD_OPERAND},
	{"DELETE deep[1].s :p", NULL,
		{{"deep", "{'L':[{'M':{'l':{'L':[{'N':'1'},{'N':'2'}]}}},{'M':{}}]}"}}},
	{"SET deep[0].l[1] = :z, deep[1].k = :1 REMOVE deep[0].l[0] ADD deep[1].s :qr", NULL,
		{{"deep", "{'L':[{'M':{'l':{'L':[{'S':'z'}]}}},"
				"{'M':{'s':{'SS':['p','q','r']},'k':{'N':'1'}}}]}"}}},
	{"REMOVE deep[0] SET deep[1].s = :1", NULL, {{"deep", "{'L':[{'M':{'s':{'N':'1'}}}]}"}}},
	{"SET big = big + :E",
	"Number overflow. Attempting to store a number with magnitude larger than supported range"},
	{"ADD big :E",
	"Number overflow. Attempting to store a number with magnitude larger than supported range"},
	{"SET z = n + :tiny",
	"Number overflow. Attempting to store a number with magnitude larger than supported range"},
	/* a value is checked before its path, and an action before the next one */
	{"SET q.y = nosuch", MISSING},
	{"SET q.y = :1, z = nosuch", BAD_PATH},
};

/* Applies the update.  Returns the error, or NULL. */
static const char *
apply(const DdbUpdate *update, const DdbValue *old, DdbValue **new)
{
	DdbFailure	failure = {.message = NULL};

	UNIT_TRY()
	{
		*new = ddb_update_apply(update, ddb_operation_get(DDB_OPERATION_UPDATE_ITEM), old);
	}
	UNIT_CATCH(failure)
	{
		if (failure.type != DDB_ERROR_VALIDATION)
			return "(not a ValidationException)";
	}
	UNIT_END_TRY();
	return failure.message;
}

/* Returns the item with one attribute set, or removed if value is NULL. */
static DdbValue *
with_attribute(const DdbValue *map, const char *name, DdbValue *value)
{
	DdbAttribute *attributes = palloc((map->count + 1) * sizeof(DdbAttribute));
	int			count = 0;
	int			i;

	for (i = 0; i < map->count; i++)
	{
		if (!ddb_text_equal(map->attributes[i].name, text_of(name)))
			attributes[count++] = map->attributes[i];
	}
	if (value != NULL)
	{
		attributes[count].name = text_of(name);
		attributes[count++].value = value;
	}
	return ddb_value_make_map(count, attributes);
}

static void
test_application(int row)
{
	const char *expression = applications[row].expression;
	DdbValue   *old = unit_item(quoted(item));
	DdbValue   *wanted = old;
	DdbValue   *new = NULL;
	DdbExpressions expressions;
	const char *message;
	int			i;

	message = compile(ddb_operation_get(DDB_OPERATION_UPDATE_ITEM),
					  request_of("UpdateExpression", expression, names, values),
					  &expressions);
	if (!unit_is_string(message, NULL, "%s is good", expression))
		return;
	message = apply(expressions.update, old, &new);
	unit_is_string(message, applications[row].error, "%s applied", expression);
	unit_ok(ddb_value_equal(old, unit_item(quoted(item))),
			"%s leaves the old item alone", expression);
	if (message != NULL || applications[row].error != NULL)
		return;

	for (i = 0; i < 3 && applications[row].changed[i][0] != NULL; i++)
	{
		const char *value = applications[row].changed[i][1];

		wanted = with_attribute(wanted, applications[row].changed[i][0],
								strcmp(value, "-") == 0 ? NULL :
								unit_value(quoted(value)));
	}
	if (!unit_ok(ddb_value_equal(new, wanted), "%s has its effect", expression))
		printf("#   expected: %s\n#        got: %s\n",
			   unit_print_item(wanted), unit_print_item(new));
}

static void
test_targets(void)
{
	DdbExpressions expressions;
	const DdbProjection *targets;

	compile(ddb_operation_get(DDB_OPERATION_UPDATE_ITEM),
			request_of("UpdateExpression",
					   "REMOVE z, y[1] SET a.b = c ADD #dot :1", names, values),
			&expressions);
	targets = ddb_update_targets(expressions.update);
	unit_is_int(targets->count, 4, "every target");
	unit_is_string(ddb_path_print(&targets->paths[1]), "[y, [1]]", "in order");
	unit_is_string(ddb_path_print(&targets->paths[3]), "[m.x]", "resolved");
	unit_is_int(ddb_update_targets(NULL)->count, 0, "no update has no targets");
}

/* A list of lists, so deep. */
static DdbValue *
nested_list(int levels)
{
	DdbValue   *value = ddb_value_make_list(0, NULL);

	while (--levels > 0)
	{
		DdbValue  **values = palloc(sizeof(DdbValue *));

		values[0] = value;
		value = ddb_value_make_list(1, values);
	}
	return value;
}

static const char *
apply_to(const char *expression, const DdbValue *old, DdbValue **new)
{
	DdbExpressions expressions;

	compile(ddb_operation_get(DDB_OPERATION_UPDATE_ITEM),
			request_of("UpdateExpression", expression, names, values),
			&expressions);
	return apply(expressions.update, old, new);
}

static void
test_nesting(void)
{
	DdbValue   *old = with_attribute(unit_item(quoted(item)), "d", nested_list(31));
	DdbValue   *new;

	old = with_attribute(old, "d32", nested_list(32));
	unit_is_string(apply_to("SET m.y = d", old, &new), NULL, "32 levels are legal");
	unit_is_string(apply_to("SET m.y = d32", old, &new),
				   "Nesting Levels have exceeded supported limits", "33 are not");
	unit_is_string(apply_to("SET deep[0].y = d", old, &new),
				   "Nesting Levels have exceeded supported limits",
				   "wherever they come from");
	unit_is_string(apply_to("SET y = list_append(d32, d32)", old, &new), NULL,
				   "appending adds no level");
}

/* A short expression must not be able to fill the memory. */
static void
test_growth(void)
{
	int			count = 100000;
	DdbValue  **values_array = palloc(count * sizeof(DdbValue *));
	DdbValue   *old;
	DdbValue   *new;
	int			i;

	for (i = 0; i < count; i++)
		values_array[i] = ddb_value_make_null();
	old = with_attribute(unit_item(quoted(item)), "a",
						 ddb_value_make_list(count, values_array));
	unit_is_string(apply_to("SET b = list_append(a, a)", old, &new), NULL,
				   "a long list is built; its size is for others to judge");
	unit_is_string(apply_to("SET b = list_append(if_not_exists(q, list_append(a, a)), a)", old, &new),
				   "Item size to update has exceeded the maximum allowed size",
				   "one that can be in no item is not");
}

/* Two sets that share most of their members.  This must not take quadratic time. */
static void
test_large_sets(void)
{
	int			count = 50000;
	StringInfoData request;
	DdbExpressions expressions;
	DdbText    *elements = palloc(count * sizeof(DdbText));
	DdbValue   *old;
	DdbValue   *new = NULL;
	int			i;

	initStringInfo(&request);
	appendStringInfoString(&request, "{'UpdateExpression':'ADD a :set DELETE b :set',"
						   "'ExpressionAttributeValues':{':set':{'NS':['10'");
	for (i = 0; i < count; i++)
	{
		elements[i] = text_of(psprintf("%d", i));
		if (i > 0)
			appendStringInfo(&request, ",'%d'", i + 10);
	}
	appendStringInfoString(&request, "]}}}");

	old = with_attribute(unit_item(quoted(item)), "a",
						 ddb_value_make_set(DDB_TYPE_NS, count, elements));
	old = with_attribute(old, "b", ddb_value_get(old, text_of("a")));
	unit_is_string(compile(ddb_operation_get(DDB_OPERATION_UPDATE_ITEM),
						   unit_json(quoted(request.data)), &expressions),
				   NULL, "an update with a large set");
	unit_is_string(apply(expressions.update, old, &new), NULL, "is applied");
	unit_is_int(ddb_value_get(new, text_of("a"))->count, count + 10,
				"the union has every member once");
	unit_is_int(ddb_value_get(new, text_of("b"))->count, 10,
				"the difference what is in one only");
}

/* Tests whether an update creates an absent item. */
static const struct
{
	const char *update;
	bool		makes_item;
}			making_rows[] = {
	{"REMOVE a", false},
	{"REMOVE a.b, c[0]", false},
	{"DELETE a :ss", false},
	{"REMOVE a DELETE b :ss", false},
	{"REMOVE a SET b = :v", true},
	{"REMOVE a ADD b :n", true},
	{"ADD b :ss", true},
};

static void
test_makes_item(int row)
{
	const char *text = making_rows[row].update;
	DdbExpressions expressions;

	unit_is_string(compile(ddb_operation_get(DDB_OPERATION_UPDATE_ITEM),
						   request_of("UpdateExpression", text, default_names,
									  default_values),
						   &expressions), NULL, "%s", text);
	unit_ok(ddb_update_makes_item(expressions.update) == making_rows[row].makes_item,
			"%s makes an item or not", text);
}

int
main(void)
{
	DdbValue   *old = unit_item(quoted(item));
	int			i;

	check_rows(DDB_OPERATION_UPDATE_ITEM, "UpdateExpression",
			   "1 validation error detected: Invalid UpdateExpression: ",
			   rows, lengthof(rows));
	for (i = 0; i < (int) lengthof(applications); i++)
		test_application(i);
	unit_ok(ddb_value_equal(ddb_update_apply(NULL, ddb_operation_get(DDB_OPERATION_UPDATE_ITEM),
											 old), old),
			"no update changes nothing");
	test_targets();
	test_nesting();
	test_growth();
	test_large_sets();
	for (i = 0; i < (int) lengthof(making_rows); i++)
		test_makes_item(i);
	return unit_done();
}
