/*
 * test_expr_syntax.c
 *	  Tokens, and what syntax errors quote.
 */
#include "test_expr.h"

#define SYNTAX(token, near) \
	"Syntax error; token: \"" token "\", near: \"" near "\""

/* Messages recorded from the service. */
static const ExpressionRow captured_updates[] = {
	{"set _something = :something", SYNTAX("_", "set _something")},
	{"SET MarketplaceFacilitatorTax-Principal = :v",
	SYNTAX("-", "MarketplaceFacilitatorTax-Principal")},
	{"SET  REMOVE #Options", SYNTAX("REMOVE", "SET  REMOVE #Options")},
	{"SET a = :v, #, b", SYNTAX("#", ", #,")},
};

static const ExpressionRow captured_conditions[] = {
	{"_type = :t", SYNTAX("_", "_type")},
	{"__typename <> :x", SYNTAX("_", "__")},
	{"GI-1-PK = :v", SYNTAX("-", "GI-1")},
	{"#articleId attribute_not_exists :ckpst",
	SYNTAX("attribute_not_exists", "#articleId attribute_not_exists :ckpst")},
	{"a = :v AND tenantAgent:abc123-def", SYNTAX(":abc123", "tenantAgent:abc123-")},
	{"begins_with(LSI_SK_1, G_M#)", SYNTAX("#", "G_M#)")},
	{"contains(x, :v1", SYNTAX("<EOF>", ":v1")},
	{"a = :v AND NOT #b", SYNTAX("<EOF>", "#b")},
	{"!!!", SYNTAX("!", "!!")},
};

static const ExpressionRow captured_projections[] = {
	{"dummy-id", SYNTAX("-", "dummy-id")},
	{"a, #, b", SYNTAX("#", ", #,")},
};

static const ExpressionRow conditions[] = {
	{"a IN :v", SYNTAX(":v", "IN :v")},
	{"a IN ()", SYNTAX(")", "()")},
	{"a = 5", SYNTAX("5", "= 5")},
	{"a = \"x\"", SYNTAX("\"", "= \"x")},
	{"a == :v", SYNTAX("=", "== :v")},
	{"a != :v", SYNTAX("!", "a !=")},
	{"a AND b", SYNTAX("AND", "a AND b")},
	{"a = :v AND", SYNTAX("<EOF>", "AND")},
	{"a", SYNTAX("<EOF>", "a")},
	{":v", SYNTAX("<EOF>", ":v")},
	{"(a)", SYNTAX("<EOF>", ")")},
	{"(a) AND b = :v", SYNTAX("AND", ") AND b")},
	{"(NOT a)", SYNTAX(")", "a)")},
	{"NOT", SYNTAX("<EOF>", "NOT")},
	{"(a = :v", SYNTAX("<EOF>", ":v")},
	{"a = :v)", SYNTAX(")", ":v)")},
	{"a = :v b", SYNTAX("b", ":v b")},
	{"a = :v = :w", SYNTAX("=", ":v = :w")},
	{"(a = :v) = :w", SYNTAX("=", ") = :w")},
	{"a = (b = :v)", SYNTAX("=", "b = :v")},
	{"a = (:v OR :w)", SYNTAX("OR", ":v OR :w")},
	{"a BETWEEN :v OR :w", SYNTAX("OR", ":v OR :w")},
	{"a BETWEEN :v AND", SYNTAX("<EOF>", "AND")},
	{"a IN (:v,)", SYNTAX(")", ",)")},
	{"a IN (:v :w)", SYNTAX(":w", ":v :w)")},
	{"attribute_exists()", SYNTAX(")", "()")},
	{"attribute_exists(a", SYNTAX("<EOF>", "a")},
	{"contains(a = :v, b)", SYNTAX("=", "a = :v")},
	{"#a(b)", SYNTAX("(", "#a(b")},
	{"a.b(c)", SYNTAX("(", "b(c")},
	{"a. = :v", SYNTAX("=", ". = :v")},
	{"a..b = :v", SYNTAX(".", "..b")},
	{"a.1 = :v", SYNTAX("1", ".1 =")},
	{".a = :v", SYNTAX(".", ".a")},
	{"a[b] = :v", SYNTAX("b", "[b]")},
	{"a[-1] = :v", SYNTAX("-", "[-1")},
	{"a[0 = :v", SYNTAX("=", "0 = :v")},
	{"a[] = :v", SYNTAX("]", "[] =")},
	{"[0] = :v", SYNTAX("[", "[0")},
	{"a + b = :v", SYNTAX("+", "a + b")},
	{"a < > :v", SYNTAX(">", "< > :v")},
	{"a = :", SYNTAX(":", "= :")},
	{"a = 'x'", SYNTAX("'", "= 'x")},
	{"1a = :v", SYNTAX("1", "1a")},
	{"NOT#a = :v", SYNTAX("#a", "NOT#a =")},
	{"a = :v AND#b = :w", SYNTAX("AND", ":v AND#b")},
	{"AND = :v", SYNTAX("AND", "AND =")},
	{"a = set", SYNTAX("set", "= set")},
	{"   ", SYNTAX("<EOF>", "")},
	{"a = :v \xc3\xa9 b", SYNTAX("\xc3\xa9", ":v \xc3\xa9 b")},
	{"a = :v \xf0\x9d\x92\xb3", SYNTAX("\xf0\x9d\x92\xb3", ":v \xf0\x9d\x92\xb3")},
	/* U+0000 in stored form is one character */
	{"a \x01\x01 = :v", SYNTAX("\x01\x01", "a \x01\x01 =")},
	{"\xc3\xa9 = :v", SYNTAX("\xc3\xa9", "\xc3\xa9 =")},

	/* blanks do not matter */
	{"a=:v", NULL},
	{"\ta\r\n=\n:v ", NULL},
	{"a . b [ 0 ] . c = :v", NULL},
	{"attribute_exists ( a )", NULL},
	{"(a=:v)AND(b=:v)", NULL},
	{"NOT(a=:v)", NULL},
	{"a IN(:v)", NULL},
	/* underscores and digits after the first letter */
	{"a_ = :v AND a_b9 = :v AND A = :v", NULL},
	{"a = :v aNd b = :v oR nOt c = :v", NULL},
};

static const ExpressionRow updates[] = {
	{"SET a = a + :n + :m", SYNTAX("+", ":n + :m")},
	{"SET a = (a + :n) + :m", SYNTAX("+", ") + :m")},
	{"SET a = a + (b + :n)", SYNTAX("+", "b + :n")},
	{"SET a = ((a + :n))", SYNTAX("+", "a + :n")},
	{"ADD a b", SYNTAX("b", "a b")},
	{"ADD a = :n", SYNTAX("=", "a = :n")},
	{"DELETE a", SYNTAX("<EOF>", "a")},
	{"SET :v = a", SYNTAX(":v", "SET :v =")},
	{"SET a :v", SYNTAX(":v", "a :v")},
	{"SET", SYNTAX("<EOF>", "SET")},
	{"a = :v", SYNTAX("a", "a =")},
	{"SETa = :v", SYNTAX("SETa", "SETa =")},
	{"SET#a = :v", SYNTAX("SET", "SET#a")},
	{"SET a = :v,", SYNTAX("<EOF>", ",")},
	{"SET a = :v b = :w", SYNTAX("b", ":v b =")},
	{"SET a = list_append(a, b + :n)", SYNTAX("+", "b + :n")},
	{"SET a = :v REMOVE", SYNTAX("<EOF>", "REMOVE")},
	{"REMOVE a, REMOVE b", SYNTAX("REMOVE", ", REMOVE b")},
	{"SET a = -:n", SYNTAX("-", "= -:n")},
	{"SET a = :v < :w", SYNTAX("<", ":v < :w")},
	{"SET a = 'it'", SYNTAX("'", "= 'it")},
};

static const ExpressionRow projections[] = {
	{"a b", SYNTAX("b", "a b")},
	{"a,", SYNTAX("<EOF>", ",")},
	{", a", SYNTAX(",", ", a")},
	{"a = b", SYNTAX("=", "a = b")},
	{":v", SYNTAX(":v", ":v")},
	{"size(a)", SYNTAX("(", "size(a")},
	{"a[0][1].b, c", NULL},
};

int
main(void)
{
	const char *condition = "Invalid FilterExpression: ";
	const char *update = "1 validation error detected: Invalid UpdateExpression: ";
	const char *projection = "Invalid ProjectionExpression: ";

	check_rows(DDB_OPERATION_UPDATE_ITEM, "UpdateExpression", update,
			   captured_updates, lengthof(captured_updates));
	check_rows(DDB_OPERATION_SCAN, "FilterExpression", condition,
			   captured_conditions, lengthof(captured_conditions));
	check_rows(DDB_OPERATION_GET_ITEM, "ProjectionExpression", projection,
			   captured_projections, lengthof(captured_projections));
	check_rows(DDB_OPERATION_SCAN, "FilterExpression", condition,
			   conditions, lengthof(conditions));
	check_rows(DDB_OPERATION_UPDATE_ITEM, "UpdateExpression", update,
			   updates, lengthof(updates));
	check_rows(DDB_OPERATION_GET_ITEM, "ProjectionExpression", projection,
			   projections, lengthof(projections));
	return unit_done();
}
