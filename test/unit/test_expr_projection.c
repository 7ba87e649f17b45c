/*
 * test_expr_projection.c
 *	  Projections: their errors, and the attributes that they select.
 */
#include "test_expr.h"

#define OVERLAP(one, two) \
	"Two document paths overlap with each other; must remove or rewrite one of these paths; path one: " \
	one ", path two: " two
#define CONFLICT(one, two) \
	"Two document paths conflict with each other; must remove or rewrite one of these paths; path one: " \
	one ", path two: " two

static const ExpressionRow rows[] = {
	{"a", NULL},
	{"a.b.c, a.e, l[2].x, #dot", NULL},
	{"a, a.b", OVERLAP("[a]", "[a, b]")},
	{"a.b, a", OVERLAP("[a, b]", "[a]")},
	{"l[0], l.x", CONFLICT("[l, [0]]", "[l, x]")},
	{"l[0], l[0]", OVERLAP("[l, [0]]", "[l, [0]]")},
	{"l[0], l[00]", OVERLAP("[l, [0]]", "[l, [0]]")},
	{"b, #a, a", OVERLAP("[a]", "[a]")},
	{"#dot, x.y", NULL},
	{"a.b, a[0], c, c", OVERLAP("[c]", "[c]")},
	{"a, b, b.x, a.x", OVERLAP("[b]", "[b, x]")},
	{"name", "Attribute name is a reserved keyword; reserved keyword: name"},
	{"a, a, b.Name", "Attribute name is a reserved keyword; reserved keyword: Name"},
	{"a, a, #u", "An expression attribute name used in the document path is not defined; attribute name: #u"},
	{"#u, name", "Attribute name is a reserved keyword; reserved keyword: name"},
};

static const struct
{
	const char *expression;
	const char *selected;
}			selections[] = {
	{"a.b.c", "{'a':{'M':{'b':{'M':{'c':{'N':'1'}}}}}}"},
	{"a.b.c, a.e", "{'a':{'M':{'b':{'M':{'c':{'N':'1'}}},'e':{'N':'3'}}}}"},
	{"l[2].x", "{'l':{'L':[{'M':{'x':{'N':'1'}}}]}}"},
	{"l[1], l[0]", "{'l':{'L':[{'N':'10'},{'N':'20'}]}}"},
	{"l[7]", "{}"},
	{"nope", "{}"},
	{"a.zz", "{}"},
	{"pk, nope", "{'pk':{'N':'1'}}"},
};

int
main(void)
{
	DdbDocument document = {
		.item = unit_item(quoted("{'pk':{'N':'1'},"
								 "'a':{'M':{'b':{'M':{'c':{'N':'1'},'d':{'N':'2'}}},'e':{'N':'3'}}},"
								 "'l':{'L':[{'N':'10'},{'N':'20'},{'M':{'x':{'N':'1'},'y':{'N':'2'}}}]}}")),
	};
	DdbExpressions expressions;
	int			i;

	check_rows(DDB_OPERATION_GET_ITEM, "ProjectionExpression",
			   "Invalid ProjectionExpression: ", rows, lengthof(rows));
	for (i = 0; i < (int) lengthof(selections); i++)
	{
		const char *expression = selections[i].expression;
		DdbValue   *selected;

		compile(ddb_operation_get(DDB_OPERATION_GET_ITEM),
				request_of("ProjectionExpression", expression, default_names,
						   default_values),
				&expressions);
		if (expressions.projection == NULL)
		{
			unit_ok(false, "%s is good", expression);
			continue;
		}
		selected = ddb_document_project(&document, expressions.projection->paths,
										expressions.projection->count);
		unit_ok(ddb_value_equal(selected, unit_item(quoted(selections[i].selected))),
				"%s selects %s", expression, selections[i].selected);
	}
	return unit_done();
}
