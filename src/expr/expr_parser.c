/*
 * expr_parser.c
 *	  The grammars of conditions, projections and updates, by recursive
 *	  descent.
 *
 * One token of lookahead is enough for every decision.  So the token that does
 * not fit is the first one that no expression could continue with, and that is
 * the token the service names.  Only syntax is checked here.  Facts that other
 * errors need are recorded in the DdbExpression.
 *
 * An operand and a condition may begin with the same parentheses and the same
 * function call, and only the text after that tells them apart.  Therefore
 * parse_term() reads either one.  If a path or a value turns out to stand
 * where a condition is needed, the error is at the token after it.
 *
 * Recursion is bounded by the length of the expression, 4096 bytes: a level
 * takes one character of the text and about 300 bytes of stack.
 */
#include "postgres.h"

#include "expr/expr_int.h"

typedef struct Parser
{
	DdbExpression *expression;
	DdbExprToken previous;		/* has zero length before the first token */
	DdbExprToken current;
} Parser;

/* The context of a term decides what the term may be. */
typedef enum TermContext
{
	TERM_IN_CONDITION,			/* a condition, or the start of one */
	TERM_IS_OPERAND
} TermContext;

typedef struct ActionSyntax
{
	const char *name;
	DdbExprTokenKind keyword;
	DdbNode    *(*parse_value) (Parser *parser);	/* NULL: only a path */
} ActionSyntax;

static DdbNode *parse_condition(Parser *parser, bool in_parentheses);
static DdbNode *parse_negated(Parser *parser);
static DdbNode *parse_comparison(Parser *parser);
static DdbNode *parse_between(Parser *parser, DdbNode *operand);
static DdbNode *parse_in(Parser *parser, DdbNode *operand);
static DdbNode *parse_term(Parser *parser, TermContext context);
static DdbNode *parse_parentheses(Parser *parser, TermContext context);
static DdbNode *parse_name_or_call(Parser *parser);
static DdbNode *parse_call(Parser *parser, DdbExprToken name);
static DdbNode *parse_path(Parser *parser);
static DdbNode *continue_path(Parser *parser, DdbExprToken head);
static DdbPathElement parse_index(Parser *parser);
static DdbNode *parse_value(Parser *parser);
static void parse_projection(Parser *parser);
static void parse_update(Parser *parser);
static void parse_section(Parser *parser, DdbActionKind kind);
static void parse_action(Parser *parser, DdbActionKind kind);
static DdbNode *parse_set_value(Parser *parser);
static DdbNode *parse_arithmetic(Parser *parser, DdbNode *left);

static DdbNode *join(DdbNodeKind kind, DdbNode *left, DdbNode *right);
static void append_operand(DdbNode *parent, DdbNode *operand);
static void count_operator(Parser *parser, DdbNodeKind kind);
static DdbText token_text(const Parser *parser, DdbExprToken token);
static void advance(Parser *parser);
static bool accept_token(Parser *parser, DdbExprTokenKind kind);
static void expect(Parser *parser, DdbExprTokenKind kind);
static void syntax_error(const Parser *parser) pg_attribute_noreturn();

/* Indexed by DdbActionKind. */
static const ActionSyntax action_syntax[DDB_ACTION_KIND_COUNT] = {
	[DDB_ACTION_SET] = {"SET", DDB_TOKEN_SET, parse_set_value},
	[DDB_ACTION_REMOVE] = {"REMOVE", DDB_TOKEN_REMOVE, NULL},
	[DDB_ACTION_ADD] = {"ADD", DDB_TOKEN_ADD, parse_value},
	[DDB_ACTION_DELETE] = {"DELETE", DDB_TOKEN_DELETE, parse_value},
};

/* Operators between two operands.  All other tokens have DDB_NODE_PATH (0). */
static const DdbNodeKind operator_of_token[DDB_TOKEN_OTHER + 1] = {
	[DDB_TOKEN_EQ] = DDB_NODE_EQ,
	[DDB_TOKEN_NE] = DDB_NODE_NE,
	[DDB_TOKEN_LT] = DDB_NODE_LT,
	[DDB_TOKEN_LE] = DDB_NODE_LE,
	[DDB_TOKEN_GT] = DDB_NODE_GT,
	[DDB_TOKEN_GE] = DDB_NODE_GE,
	[DDB_TOKEN_PLUS] = DDB_NODE_PLUS,
	[DDB_TOKEN_MINUS] = DDB_NODE_MINUS,
};

void
ddb_expression_parse(DdbExpression *expression)
{
	Parser		parser = {.expression = expression};

	parser.current = ddb_expr_next_token(expression->source, 0);
	switch (expression->kind)
	{
		case DDB_EXPRESSION_UPDATE:
			parse_update(&parser);
			break;
		case DDB_EXPRESSION_CONDITION:
		case DDB_EXPRESSION_KEY_CONDITION:
		case DDB_EXPRESSION_FILTER:
			expression->root = parse_condition(&parser, false);
			break;
		case DDB_EXPRESSION_PROJECTION:
			parse_projection(&parser);
			break;
	}
	expect(&parser, DDB_TOKEN_END);
}

/* ---------------------------------------------------------- conditions */

static bool
is_bare_operand(const DdbNode *node)
{
	return ddb_node_info[node->kind].group == DDB_GROUP_OPERAND;
}

/* Returns whether a comparison operator may follow the node. */
static bool
may_be_operand(const DdbNode *node)
{
	switch (ddb_node_info[node->kind].group)
	{
		case DDB_GROUP_OPERAND:
		case DDB_GROUP_PREDICATE:
		case DDB_GROUP_MEASURE:
		case DDB_GROUP_UPDATE_FUNCTION:
		case DDB_GROUP_UNKNOWN:
			return true;
		case DDB_GROUP_LOGICAL:
		case DDB_GROUP_COMPARATOR:
		case DDB_GROUP_RANGE:
		case DDB_GROUP_ARITHMETIC:
			return false;
	}
	return false;
}

/*
 * Parses ANDs joined by ORs.  Inside parentheses, a lone operand is returned
 * to the caller, because a comparison may follow the parentheses.
 */
static DdbNode *
parse_condition(Parser *parser, bool in_parentheses)
{
	DdbNode    *disjunction = NULL;
	DdbNode    *conjunction = NULL;

	for (;;)
	{
		DdbNode    *term = parse_negated(parser);

		if (is_bare_operand(term) &&
			!(in_parentheses && disjunction == NULL && conjunction == NULL &&
			  parser->current.kind == DDB_TOKEN_CLOSE))
			syntax_error(parser);

		conjunction = join(DDB_NODE_AND, conjunction, term);
		if (accept_token(parser, DDB_TOKEN_AND))
		{
			count_operator(parser, DDB_NODE_AND);
			continue;
		}
		disjunction = join(DDB_NODE_OR, disjunction, conjunction);
		conjunction = NULL;
		if (!accept_token(parser, DDB_TOKEN_OR))
			return disjunction;
		count_operator(parser, DDB_NODE_OR);
	}
}

/*
 * NOT may precede another NOT.  A loop handles them, so that a long row of
 * NOTs needs no stack.
 */
static DdbNode *
parse_negated(Parser *parser)
{
	int			negations = 0;
	DdbNode    *node;

	while (accept_token(parser, DDB_TOKEN_NOT))
	{
		negations++;
		count_operator(parser, DDB_NODE_NOT);
	}
	node = parse_comparison(parser);
	if (negations > 0 && is_bare_operand(node))
		syntax_error(parser);
	while (negations-- > 0)
	{
		DdbNode    *negation = ddb_node_make(DDB_NODE_NOT);

		ddb_node_append(negation, node);
		node = negation;
	}
	return node;
}

static DdbNode *
parse_comparison(Parser *parser)
{
	DdbNode    *left = parse_term(parser, TERM_IN_CONDITION);
	DdbNodeKind kind = operator_of_token[parser->current.kind];
	DdbNode    *comparison;

	if (!may_be_operand(left))
		return left;
	if (accept_token(parser, DDB_TOKEN_BETWEEN))
		return parse_between(parser, left);
	if (accept_token(parser, DDB_TOKEN_IN))
		return parse_in(parser, left);
	if (ddb_node_info[kind].group != DDB_GROUP_COMPARATOR)
		return left;

	advance(parser);
	count_operator(parser, kind);
	comparison = ddb_node_make(kind);
	append_operand(comparison, left);
	append_operand(comparison, parse_term(parser, TERM_IS_OPERAND));
	return comparison;
}

static DdbNode *
parse_between(Parser *parser, DdbNode *operand)
{
	DdbNode    *between = ddb_node_make(DDB_NODE_BETWEEN);

	count_operator(parser, DDB_NODE_BETWEEN);
	append_operand(between, operand);
	append_operand(between, parse_term(parser, TERM_IS_OPERAND));
	expect(parser, DDB_TOKEN_AND);
	append_operand(between, parse_term(parser, TERM_IS_OPERAND));
	return between;
}

static DdbNode *
parse_in(Parser *parser, DdbNode *operand)
{
	DdbExpression *expression = parser->expression;
	DdbNode    *in = ddb_node_make(DDB_NODE_IN);

	count_operator(parser, DDB_NODE_IN);
	append_operand(in, operand);
	expect(parser, DDB_TOKEN_OPEN);
	do
	{
		append_operand(in, parse_term(parser, TERM_IS_OPERAND));
	} while (accept_token(parser, DDB_TOKEN_COMMA));
	expect(parser, DDB_TOKEN_CLOSE);

	if (in->count - 1 > DDB_EXPR_MAX_IN_OPERANDS && expression->in_operands == 0)
		expression->in_operands = in->count - 1;
	return in;
}

static DdbNode *
parse_term(Parser *parser, TermContext context)
{
	if (parser->current.kind == DDB_TOKEN_OPEN)
		return parse_parentheses(parser, context);
	if (parser->current.kind == DDB_TOKEN_VALUE)
		return parse_value(parser);
	return parse_name_or_call(parser);
}

static DdbNode *
parse_parentheses(Parser *parser, TermContext context)
{
	DdbNode    *node;

	expect(parser, DDB_TOKEN_OPEN);
	if (context == TERM_IS_OPERAND)
		node = parse_term(parser, context);
	else
		node = parse_condition(parser, true);
	expect(parser, DDB_TOKEN_CLOSE);

	if (node->parenthesized)
		parser->expression->redundant_parentheses = true;
	node->parenthesized = true;
	return node;
}

/* ------------------------------------------- paths, values, functions */

static DdbNode *
parse_name_or_call(Parser *parser)
{
	DdbExprToken head = parser->current;

	if (accept_token(parser, DDB_TOKEN_IDENTIFIER) &&
		parser->current.kind == DDB_TOKEN_OPEN)
		return parse_call(parser, head);
	if (head.kind == DDB_TOKEN_NAME)
		advance(parser);
	else if (head.kind != DDB_TOKEN_IDENTIFIER)
		syntax_error(parser);
	return continue_path(parser, head);
}

static DdbNodeKind
function_kind(DdbText name)
{
	DdbNodeKind kind;

	for (kind = DDB_NODE_ATTRIBUTE_EXISTS; kind <= DDB_NODE_LIST_APPEND; kind++)
	{
		if (ddb_text_equal(name, ddb_text_from_cstring(ddb_node_info[kind].name)))
			return kind;
	}
	return DDB_NODE_UNKNOWN_FUNCTION;
}

static DdbNode *
parse_call(Parser *parser, DdbExprToken name)
{
	DdbExpression *expression = parser->expression;
	DdbText		text = token_text(parser, name);
	DdbNode    *call = ddb_node_make(function_kind(text));

	call->text = text;
	count_operator(parser, call->kind);
	expression->functions = lappend(expression->functions, call);
	expect(parser, DDB_TOKEN_OPEN);
	do
	{
		append_operand(call, parse_term(parser, TERM_IS_OPERAND));
	} while (accept_token(parser, DDB_TOKEN_COMMA));
	expect(parser, DDB_TOKEN_CLOSE);
	return call;
}

static DdbNode *
parse_path(Parser *parser)
{
	DdbExprToken head = parser->current;

	if (!accept_token(parser, DDB_TOKEN_IDENTIFIER))
		expect(parser, DDB_TOKEN_NAME);
	return continue_path(parser, head);
}

/* Parses the rest of a path after its first name. */
static DdbNode *
continue_path(Parser *parser, DdbExprToken head)
{
	DdbExpression *expression = parser->expression;
	DdbNode    *node = ddb_node_make_attribute(token_text(parser, head));
	DdbPath    *path = &node->path;
	int			room = 1;

	expression->paths = lappend(expression->paths, node);
	for (;;)
	{
		DdbPathElement element = {.name = {.data = NULL}};

		if (accept_token(parser, DDB_TOKEN_DOT))
		{
			element.name = token_text(parser, parser->current);
			if (!accept_token(parser, DDB_TOKEN_IDENTIFIER))
				expect(parser, DDB_TOKEN_NAME);
		}
		else if (accept_token(parser, DDB_TOKEN_OPEN_BRACKET))
			element = parse_index(parser);
		else
			break;

		if (path->count == room)
		{
			room *= 4;
			path->elements = repalloc(path->elements,
									  room * sizeof(DdbPathElement));
		}
		path->elements[path->count++] = element;
	}
	if (path->count > DDB_EXPR_MAX_PATH_ELEMENTS && expression->path_elements == 0)
		expression->path_elements = path->count;
	return node;
}

/* Parses "n]".  The value of an index that is too large does not matter. */
static DdbPathElement
parse_index(Parser *parser)
{
	DdbText		digits = token_text(parser, parser->current);
	DdbPathElement element = {.name = {.data = NULL}};
	uint64		index = 0;
	int			i;

	expect(parser, DDB_TOKEN_NUMBER);
	expect(parser, DDB_TOKEN_CLOSE_BRACKET);
	for (i = 0; i < digits.len && index <= DDB_EXPR_MAX_LIST_INDEX; i++)
		index = index * 10 + (digits.data[i] - '0');
	if (index > DDB_EXPR_MAX_LIST_INDEX &&
		parser->expression->bad_index.data == NULL)
		parser->expression->bad_index = digits;
	element.index = (uint32) index;
	return element;
}

static DdbNode *
parse_value(Parser *parser)
{
	DdbExpression *expression = parser->expression;
	DdbNode    *node = ddb_node_make(DDB_NODE_VALUE);

	node->text = token_text(parser, parser->current);
	expect(parser, DDB_TOKEN_VALUE);
	expression->values = lappend(expression->values, node);
	return node;
}

/* --------------------------------------------------------- projections */

static void
parse_projection(Parser *parser)
{
	do
	{
		parse_path(parser);
	} while (accept_token(parser, DDB_TOKEN_COMMA));
}

/* ------------------------------------------------------------- updates */

static void
parse_update(Parser *parser)
{
	bool		seen[DDB_ACTION_KIND_COUNT] = {false};

	do
	{
		DdbActionKind kind = 0;

		while (kind < DDB_ACTION_KIND_COUNT &&
			   !accept_token(parser, action_syntax[kind].keyword))
			kind++;
		if (kind == DDB_ACTION_KIND_COUNT)
			syntax_error(parser);

		if (seen[kind] && parser->expression->repeated_section == NULL)
			parser->expression->repeated_section = action_syntax[kind].name;
		seen[kind] = true;
		parse_section(parser, kind);
	} while (parser->current.kind != DDB_TOKEN_END);
}

static void
parse_section(Parser *parser, DdbActionKind kind)
{
	do
	{
		parse_action(parser, kind);
	} while (accept_token(parser, DDB_TOKEN_COMMA));
}

static void
parse_action(Parser *parser, DdbActionKind kind)
{
	DdbExpression *expression = parser->expression;
	DdbAction  *action = palloc0(sizeof(DdbAction));

	action->kind = kind;
	action->target = parse_path(parser);
	if (kind == DDB_ACTION_SET)
		expect(parser, DDB_TOKEN_EQ);
	if (action_syntax[kind].parse_value != NULL)
		action->value = action_syntax[kind].parse_value(parser);
	expression->actions = lappend(expression->actions, action);
	expression->operators++;
}

/*
 * The value as a whole may be in parentheses, and so may an operand.  An
 * operand may not be a sum:
 *	"(a + :n)" and "(a) + :n" are valid,
 *	"(a + :n) + :m" is not.
 */
static DdbNode *
parse_set_value(Parser *parser)
{
	DdbNode    *value;

	if (!accept_token(parser, DDB_TOKEN_OPEN))
		return parse_arithmetic(parser, parse_term(parser, TERM_IS_OPERAND));

	value = parse_arithmetic(parser, parse_term(parser, TERM_IS_OPERAND));
	expect(parser, DDB_TOKEN_CLOSE);
	if (ddb_node_info[value->kind].group == DDB_GROUP_ARITHMETIC)
		return value;
	return parse_arithmetic(parser, value);
}

/* Parses an optional "+" or "-" and its right operand, after the left one. */
static DdbNode *
parse_arithmetic(Parser *parser, DdbNode *left)
{
	DdbNodeKind kind = operator_of_token[parser->current.kind];
	DdbNode    *result;

	if (ddb_node_info[kind].group != DDB_GROUP_ARITHMETIC)
		return left;
	advance(parser);
	count_operator(parser, kind);
	result = ddb_node_make(kind);
	append_operand(result, left);
	append_operand(result, parse_term(parser, TERM_IS_OPERAND));
	return result;
}

/* ------------------------------------------------------- common ground */

/*
 * Joins two conditions.  A chain of ANDs (or ORs) is one node, but a chain in
 * parentheses is never extended.  left is NULL, a chain made by this function,
 * or the first member of a chain.
 */
static DdbNode *
join(DdbNodeKind kind, DdbNode *left, DdbNode *right)
{
	DdbNode    *chain = left;

	if (left == NULL)
		return right;
	if (left->kind != kind || left->parenthesized)
	{
		chain = ddb_node_make(kind);
		ddb_node_append(chain, left);
	}
	ddb_node_append(chain, right);
	return chain;
}

static void
append_operand(DdbNode *parent, DdbNode *operand)
{
	operand->is_operand = true;
	ddb_node_append(parent, operand);
}

/*
 * Every node that computes or compares counts as an operator.  So does every
 * action (see parse_action()).  The records of the service are less specific.
 */
static void
count_operator(Parser *parser, DdbNodeKind kind)
{
	if (ddb_node_info[kind].group != DDB_GROUP_OPERAND)
		parser->expression->operators++;
}

static DdbText
token_text(const Parser *parser, DdbExprToken token)
{
	return (DdbText) {.data = parser->expression->source.data + token.start,
		.len = token.end - token.start
	};
}

static void
advance(Parser *parser)
{
	parser->previous = parser->current;
	parser->current = ddb_expr_next_token(parser->expression->source,
										  parser->current.end);
}

static bool
accept_token(Parser *parser, DdbExprTokenKind kind)
{
	if (parser->current.kind != kind)
		return false;
	advance(parser);
	return true;
}

static void
expect(Parser *parser, DdbExprTokenKind kind)
{
	if (!accept_token(parser, kind))
		syntax_error(parser);
}

/*
 * Raises the error for the current token, which does not fit.  "near" is the
 * source from the previous token to the next token.  At the end of the
 * expression, "near" is only the last token, or empty if the expression
 * consists of blanks.
 */
static void
syntax_error(const Parser *parser)
{
	const DdbExpression *expression = parser->expression;
	const char *source = expression->source.data;
	DdbExprToken token = parser->current;
	DdbExprToken previous = parser->previous;
	bool		is_first = previous.end == 0;
	int			start = is_first ? token.start : previous.start;
	DdbExprToken next;

	if (token.kind == DDB_TOKEN_END)
		ddb_expression_error(expression,
							 "Syntax error; token: \"<EOF>\", near: \"%.*s\"",
							 previous.end - previous.start, source + start);
	next = ddb_expr_next_token(expression->source, token.end);
	if (next.kind == DDB_TOKEN_END)
		next = token;
	ddb_expression_error(expression,
						 "Syntax error; token: \"%.*s\", near: \"%.*s\"",
						 token.end - token.start, source + token.start,
						 next.end - start, source + start);
}
