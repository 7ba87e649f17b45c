/*
 * expr_check.c
 *	  Checks of an expression after parsing, in the order in which the service
 *	  reports errors, and the look-up of its placeholders.
 *
 * Each class of errors is a separate pass over the whole expression.  Only the
 * classes after the reserved words are checked condition by condition.  Every
 * path and value is resolved exactly once: a name from
 * ExpressionAttributeNames may itself begin with '#'.
 */
#include "postgres.h"

#include "expr/expr_int.h"

static void check_limits(const DdbExpression *expression);
static void check_function_names(const DdbExpression *expression);
static void check_appended(const DdbExpression *expression, const DdbNode *node);
static void function_misused(const DdbExpression *expression,
							 const DdbNode *node) pg_attribute_noreturn();
static void check_function_use(const DdbExpression *expression);
static void check_reserved_words(const DdbExpression *expression);
static void check_condition(const DdbExpression *expression, DdbNode *node,
							const DdbPlaceholders *names,
							const DdbPlaceholders *values);
static void resolve_operands(const DdbExpression *expression, DdbNode *node,
							 const DdbPlaceholders *names,
							 const DdbPlaceholders *values);
static void resolve_path(const DdbExpression *expression, DdbPath *path,
						 const DdbPlaceholders *names);
static void resolve_value(const DdbExpression *expression, DdbNode *node,
						  const DdbPlaceholders *values);
static void check_operand_counts(const DdbExpression *expression,
								 const DdbNode *node);
static void check_distinct_operands(const DdbExpression *expression,
									const DdbNode *node);
static void check_operand_types(const DdbExpression *expression,
								const DdbNode *node);
static void check_attribute_type(const DdbExpression *expression,
								 const DdbNode *node);
static void check_bounds(const DdbExpression *expression, const DdbNode *node);
static void check_targets(const DdbExpression *expression);
static void check_paths_apart(const DdbExpression *expression, List *paths);
static void check_add_and_delete(const DdbExpression *expression);
static void check_set_value(const DdbExpression *expression,
							const DdbAction *action);

void
ddb_expression_check(DdbExpression *expression, DdbPlaceholders *names,
					 DdbPlaceholders *values)
{
	ListCell   *lc;

	check_limits(expression);
	switch (expression->kind)
	{
		case DDB_EXPRESSION_CONDITION:
		case DDB_EXPRESSION_KEY_CONDITION:
		case DDB_EXPRESSION_FILTER:
			if (expression->redundant_parentheses)
				ddb_expression_error(expression,
									 "The expression has redundant parentheses;");
			check_function_names(expression);
			check_function_use(expression);
			check_reserved_words(expression);
			check_condition(expression, expression->root, names, values);
			break;

		case DDB_EXPRESSION_UPDATE:
			check_reserved_words(expression);
			check_function_names(expression);
			if (expression->repeated_section != NULL)
				ddb_expression_error(expression,
									 "The \"%s\" section can only be used once in an update expression;",
									 expression->repeated_section);
			foreach(lc, expression->paths)
				resolve_path(expression, &((DdbNode *) lfirst(lc))->path, names);
			foreach(lc, expression->values)
				resolve_value(expression, lfirst(lc), values);
			check_targets(expression);
			check_add_and_delete(expression);
			foreach(lc, expression->actions)
				check_set_value(expression, lfirst(lc));
			break;

		case DDB_EXPRESSION_PROJECTION:
			check_reserved_words(expression);
			foreach(lc, expression->paths)
				resolve_path(expression, &((DdbNode *) lfirst(lc))->path, names);
			check_paths_apart(expression, expression->paths);
			break;
	}
}

/* -------------------------------------------------- the whole expression */

static void
check_limits(const DdbExpression *expression)
{
	if (expression->operators > DDB_EXPR_MAX_OPERATORS)
		ddb_expression_error(expression,
							 "The expression contains too many operators; operator count: %d",
							 expression->operators);
	if (expression->in_operands > 0)
		ddb_expression_error(expression,
							 "The IN operator is provided with too many operands; number of operands: %d",
							 expression->in_operands);
	if (expression->bad_index.data != NULL)
		ddb_expression_error(expression,
							 "List index is not within the allowable range; index: [%.*s]",
							 expression->bad_index.len,
							 expression->bad_index.data);
	if (expression->path_elements > 0)
		ddb_expression_error(expression, DDB_EXPR_PATH_TOO_DEEP,
							 expression->path_elements);
}

/* Returns whether this kind of expression may call the function. */
static bool
may_call(const DdbExpression *expression, DdbNodeKind kind)
{
	bool		is_update = expression->kind == DDB_EXPRESSION_UPDATE;

	switch (ddb_node_info[kind].group)
	{
		case DDB_GROUP_PREDICATE:
		case DDB_GROUP_MEASURE:
			return !is_update;
		case DDB_GROUP_UPDATE_FUNCTION:
			return is_update;
		case DDB_GROUP_UNKNOWN:
			return false;
		case DDB_GROUP_OPERAND:
		case DDB_GROUP_LOGICAL:
		case DDB_GROUP_COMPARATOR:
		case DDB_GROUP_RANGE:
		case DDB_GROUP_ARITHMETIC:
			return true;
	}
	return false;
}

/*
 * The service distinguishes functions of the other kind of expression from
 * functions that do not exist (live answers of 2026).  Older records show the
 * same error for both.
 */
static void
check_function_names(const DdbExpression *expression)
{
	ListCell   *lc;

	foreach(lc, expression->functions)
	{
		const DdbNode *node = lfirst(lc);

		if (node->kind == DDB_NODE_UNKNOWN_FUNCTION)
			ddb_expression_error(expression,
								 "Invalid function name; function: %.*s",
								 node->text.len, node->text.data);
		if (!may_call(expression, node->kind))
			ddb_expression_error(expression,
								 "The function is not allowed in %s expression; function: %.*s",
								 expression->kind == DDB_EXPRESSION_UPDATE ?
								 "an update" : "a condition",
								 node->text.len, node->text.data);
		check_appended(expression, node);
	}
}

/* The result of list_append() cannot be an operand of list_append(). */
static void
check_appended(const DdbExpression *expression, const DdbNode *node)
{
	if (node->kind != DDB_NODE_LIST_APPEND)
		return;
	for (const DdbNode *child = node->first; child != NULL; child = child->next)
	{
		if (child->kind == DDB_NODE_LIST_APPEND)
			function_misused(expression, child);
	}
}

static void
function_misused(const DdbExpression *expression, const DdbNode *node)
{
	ddb_expression_error(expression,
						 "The function is not allowed to be used this way in an expression; function: %.*s",
						 node->text.len, node->text.data);
}

/* A predicate cannot be an operand, and size() cannot be a condition. */
static void
check_function_use(const DdbExpression *expression)
{
	ListCell   *lc;

	foreach(lc, expression->functions)
	{
		const DdbNode *node = lfirst(lc);
		bool		is_predicate =
			ddb_node_info[node->kind].group == DDB_GROUP_PREDICATE;

		if (is_predicate == node->is_operand)
			function_misused(expression, node);
	}
}

static void
check_reserved_words(const DdbExpression *expression)
{
	ListCell   *lc;

	foreach(lc, expression->paths)
	{
		const DdbPath *path = &((DdbNode *) lfirst(lc))->path;
		int			i;

		for (i = 0; i < path->count; i++)
		{
			DdbText		name = path->elements[i].name;

			if (name.data != NULL && ddb_expr_is_reserved_word(name))
				ddb_expression_error(expression,
									 "Attribute name is a reserved keyword; reserved keyword: %.*s",
									 name.len, name.data);
		}
	}
}

/* ---------------------------------------------------- placeholders */

static void
resolve_path(const DdbExpression *expression, DdbPath *path,
			 const DdbPlaceholders *names)
{
	int			i;

	for (i = 0; i < path->count; i++)
	{
		DdbText    *name = &path->elements[i].name;
		DdbPlaceholder *entry;

		if (name->data == NULL || name->data[0] != '#')
			continue;
		entry = ddb_placeholders_find(names, *name);
		if (entry == NULL)
			ddb_expression_error(expression,
								 "An expression attribute name used in the document path is not defined; attribute name: %.*s",
								 name->len, name->data);
		entry->used = true;
		*name = entry->name;
	}
}

static void
resolve_value(const DdbExpression *expression, DdbNode *node,
			  const DdbPlaceholders *values)
{
	DdbPlaceholder *entry = ddb_placeholders_find(values, node->text);

	if (entry == NULL)
		ddb_expression_error(expression,
							 "An expression attribute value used in expression is not defined; attribute value: %.*s",
							 node->text.len, node->text.data);
	entry->used = true;
	node->value = entry->value;
}

/* Resolves the names and values below a node, in the order of the text. */
static void
resolve_operands(const DdbExpression *expression, DdbNode *node,
				 const DdbPlaceholders *names, const DdbPlaceholders *values)
{
	DdbNode    *child;

	if (node->kind == DDB_NODE_PATH)
		resolve_path(expression, &node->path, names);
	else if (node->kind == DDB_NODE_VALUE)
		resolve_value(expression, node, values);
	for (child = node->first; child != NULL; child = child->next)
		resolve_operands(expression, child, names, values);
}

/* ------------------------------------------------- condition by condition */

static void
check_condition(const DdbExpression *expression, DdbNode *node,
				const DdbPlaceholders *names, const DdbPlaceholders *values)
{
	DdbNode    *child;

	if (ddb_node_info[node->kind].group == DDB_GROUP_LOGICAL)
	{
		for (child = node->first; child != NULL; child = child->next)
			check_condition(expression, child, names, values);
		return;
	}
	resolve_operands(expression, node, names, values);
	check_operand_counts(expression, node);
	check_distinct_operands(expression, node);
	check_operand_types(expression, node);
}

static void
check_operand_counts(const DdbExpression *expression, const DdbNode *node)
{
	const DdbNodeInfo *info = &ddb_node_info[node->kind];
	const DdbNode *child;

	for (child = node->first; child != NULL; child = child->next)
		check_operand_counts(expression, child);
	if (info->operands != 0 && info->operands != node->count)
		ddb_expression_error(expression,
							 "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d",
							 info->name, node->count);
}

/* The service refuses to compare an attribute with itself. */
static void
check_distinct_operands(const DdbExpression *expression, const DdbNode *node)
{
	const DdbNodeInfo *info = &ddb_node_info[node->kind];
	const DdbNode *left = node->first;

	if (node->count != 2 ||
		(info->group != DDB_GROUP_COMPARATOR &&
		 info->group != DDB_GROUP_PREDICATE))
		return;
	if (left->kind == DDB_NODE_PATH && left->next->kind == DDB_NODE_PATH &&
		ddb_path_equal(&left->path, &left->next->path))
		ddb_expression_error(expression,
							 "The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %s",
							 info->name, ddb_path_print(&left->path));
}

/* Sets *type and returns true if an operand's type is known without an item. */
static bool
static_type(const DdbNode *node, DdbType *type)
{
	if (node->kind == DDB_NODE_SIZE)
	{
		*type = DDB_TYPE_N;
		return true;
	}
	if (node->kind != DDB_NODE_VALUE)
		return false;
	*type = node->value->type;
	return true;
}

/* Checks inner functions first. */
static void
check_operand_types(const DdbExpression *expression, const DdbNode *node)
{
	const DdbNodeInfo *info = &ddb_node_info[node->kind];
	const DdbNode *child;
	int			types = info->first_types;

	for (child = node->first; child != NULL; child = child->next)
		check_operand_types(expression, child);

	for (child = node->first; child != NULL; child = child->next)
	{
		DdbType		type;

		if (types == DDB_TYPES_PATH && child->kind != DDB_NODE_PATH)
			ddb_expression_error(expression,
								 "Operator or function requires a document path; operator or function: %s",
								 info->name);
		if (static_type(child, &type) && (types & (1 << type)) == 0)
			ddb_expression_error(expression,
								 "Incorrect operand type for operator or function; operator or function: %s, operand type: %s",
								 info->name, ddb_type_tag(type));
		types = info->other_types;
	}

	if (node->kind == DDB_NODE_ATTRIBUTE_TYPE)
		check_attribute_type(expression, node);
	if (node->kind == DDB_NODE_BETWEEN)
		check_bounds(expression, node);
}

/* The second operand of attribute_type() must be the literal name of a type. */
static void
check_attribute_type(const DdbExpression *expression, const DdbNode *node)
{
	const DdbNode *operand = node->last;
	DdbType		type;

	if (operand->kind != DDB_NODE_VALUE)
		ddb_expression_error(expression,
							 "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
	if (!ddb_type_from_tag(operand->value->text, &type))
		ddb_expression_error(expression,
							 "Invalid attribute type name found; type: %.*s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
							 operand->value->text.len,
							 operand->value->text.data);
}

static void
check_bounds(const DdbExpression *expression, const DdbNode *node)
{
	const DdbNode *lower = node->first->next;
	const DdbNode *upper = node->last;

	if (lower->kind != DDB_NODE_VALUE || upper->kind != DDB_NODE_VALUE)
		return;
	if (lower->value->type != upper->value->type)
		ddb_expression_error(expression,
							 "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s",
							 ddb_value_print(lower->value),
							 ddb_value_print(upper->value));
	if (ddb_value_compare(lower->value, upper->value) > 0)
		ddb_expression_error(expression,
							 "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s",
							 ddb_value_print(lower->value),
							 ddb_value_print(upper->value));
}

/* ------------------------------------------------- projections, updates */

static void
check_targets(const DdbExpression *expression)
{
	List	   *targets = NIL;
	ListCell   *lc;

	foreach(lc, expression->actions)
		targets = lappend(targets, ((DdbAction *) lfirst(lc))->target);
	check_paths_apart(expression, targets);
}

typedef enum PathRelation
{
	PATHS_APART,
	PATHS_OVERLAP,				/* equal, or one begins with the other */
	PATHS_CONFLICT				/* use the same value as a map and as a list */
} PathRelation;

static PathRelation
relate_paths(const DdbPath *one, const DdbPath *two)
{
	int			i;

	for (i = 0; i < one->count && i < two->count; i++)
	{
		const DdbPathElement *left = &one->elements[i];
		const DdbPathElement *right = &two->elements[i];

		if ((left->name.data == NULL) != (right->name.data == NULL))
			return PATHS_CONFLICT;
		if (left->name.data != NULL ? !ddb_text_equal(left->name, right->name)
			: left->index != right->index)
			return PATHS_APART;
	}
	return PATHS_OVERLAP;
}

/*
 * Raises an error if two paths have the given relation.  If several pairs do,
 * the error names the pair whose later path comes first.
 */
static void
find_related_paths(const DdbExpression *expression, List *nodes,
				   PathRelation relation, const char *verb)
{
	int			later;
	int			earlier;

	for (later = 1; later < list_length(nodes); later++)
	{
		const DdbPath *two = &((DdbNode *) list_nth(nodes, later))->path;

		for (earlier = 0; earlier < later; earlier++)
		{
			const DdbPath *one = &((DdbNode *) list_nth(nodes, earlier))->path;

			if (relate_paths(one, two) == relation)
				ddb_expression_error(expression,
									 "Two document paths %s with each other; must remove or rewrite one of these paths; path one: %s, path two: %s",
									 verb, ddb_path_print(one), ddb_path_print(two));
		}
	}
}

/*
 * Returns whether no two paths overlap or conflict.  Sorting is enough: if any
 * two paths do, then two neighbors in sorted order do as well.  Only if there
 * are some does the caller compare all pairs, to find the two that the error
 * names.
 */
static bool
are_all_apart(List *nodes)
{
	int			count = list_length(nodes);
	const DdbPath **paths = palloc(count * sizeof(DdbPath *));
	bool		apart = true;
	int			i;

	for (i = 0; i < count; i++)
		paths[i] = &((DdbNode *) list_nth(nodes, i))->path;
	qsort(paths, count, sizeof(DdbPath *), ddb_path_compare);
	for (i = 1; i < count && apart; i++)
		apart = relate_paths(paths[i - 1], paths[i]) == PATHS_APART;
	pfree(paths);
	return apart;
}

static void
check_paths_apart(const DdbExpression *expression, List *paths)
{
	if (are_all_apart(paths))
		return;
	find_related_paths(expression, paths, PATHS_OVERLAP, "overlap");
	find_related_paths(expression, paths, PATHS_CONFLICT, "conflict");
}

/* Names of types in errors about ADD and DELETE.  Sets are always legal. */
static const char *const type_words[DDB_TYPE_COUNT] = {
	[DDB_TYPE_S] = "STRING",
	[DDB_TYPE_N] = "NUMBER",
	[DDB_TYPE_B] = "BINARY",
	[DDB_TYPE_BOOL] = "BOOLEAN",
	[DDB_TYPE_NULL] = "NULL",
	[DDB_TYPE_L] = "LIST",
	[DDB_TYPE_M] = "MAP",
};

/* The operand types of the actions that change a value in place. */
typedef struct OperandRule
{
	const char *action;			/* NULL: every type is allowed */
	int			types;
} OperandRule;

static const OperandRule operand_rules[DDB_ACTION_KIND_COUNT] = {
	[DDB_ACTION_ADD] = {"ADD", DDB_TYPES_NUMBER | DDB_TYPES_SET},
	[DDB_ACTION_DELETE] = {"DELETE", DDB_TYPES_SET},
};

/*
 * A report of 2022 shows ", typeSet: ALLOWED_FOR_ADD_OPERAND" at the end of
 * this error; other records do not.
 */
static void
check_add_and_delete(const DdbExpression *expression)
{
	ListCell   *lc;

	foreach(lc, expression->actions)
	{
		const DdbAction *action = lfirst(lc);
		const OperandRule *rule = &operand_rules[action->kind];
		DdbType		type;

		if (rule->action == NULL)
			continue;
		type = action->value->value->type;
		if ((rule->types & (1 << type)) == 0)
			ddb_expression_error(expression,
								 "Incorrect operand type for operator or function; operator: %s, operand type: %s",
								 rule->action, type_words[type]);
	}
}

/* Checks the functions and sums in a SET action. */
static void
check_set_value(const DdbExpression *expression, const DdbAction *action)
{
	if (action->kind != DDB_ACTION_SET)
		return;
	check_operand_counts(expression, action->value);
	check_operand_types(expression, action->value);
}
