/*
 * expr_key_condition.c
 *	  Conversion of a KeyConditionExpression into conditions on one attribute
 *	  each.
 *
 * An index can only answer such conditions.  Anything else that a condition
 * may contain is an error here.  Errors are raised in the order in which a
 * walk from the root meets them.
 */
#include "postgres.h"

#include "expr/expr_int.h"

typedef struct Conversion
{
	const DdbOperation *operation;
	List	   *conditions;		/* DdbKeyCondition * */
} Conversion;

/* The beginning of some errors here; others lack it (live answers, 2026). */
#define KIND "Invalid KeyConditionExpression: "

/*
 * The comparison for each kind of node that compares, as written and with its
 * operands exchanged.
 */
typedef struct KeyComparison
{
	DdbNodeKind kind;
	DdbComparison comparison;
	DdbComparison flipped;
} KeyComparison;

static void convert(Conversion *conversion, const DdbNode *node);
static void check_allowed(const Conversion *conversion, const DdbNode *node);
static const DdbNode *find_key(const Conversion *conversion,
							   const DdbNode *node);
static void add_condition(Conversion *conversion, const DdbNode *node,
						  const DdbNode *key);

static const KeyComparison key_comparisons[] = {
	{DDB_NODE_EQ, DDB_COMPARISON_EQ, DDB_COMPARISON_EQ},
	{DDB_NODE_LT, DDB_COMPARISON_LT, DDB_COMPARISON_GT},
	{DDB_NODE_LE, DDB_COMPARISON_LE, DDB_COMPARISON_GE},
	{DDB_NODE_GT, DDB_COMPARISON_GT, DDB_COMPARISON_LT},
	{DDB_NODE_GE, DDB_COMPARISON_GE, DDB_COMPARISON_LE},
	{DDB_NODE_BETWEEN, DDB_COMPARISON_BETWEEN, DDB_COMPARISON_BETWEEN},
	{DDB_NODE_BEGINS_WITH, DDB_COMPARISON_BEGINS_WITH, DDB_COMPARISON_BEGINS_WITH},
};

List *
ddb_expr_key_conditions(const DdbOperation *operation,
						const DdbCondition *key_condition)
{
	Conversion	conversion = {.operation = operation};

	if (key_condition == NULL)
		return NIL;
	convert(&conversion, key_condition->root);
	return conversion.conditions;
}

static const KeyComparison *
find_comparison(DdbNodeKind kind)
{
	int			i;

	for (i = 0; i < (int) lengthof(key_comparisons); i++)
	{
		if (key_comparisons[i].kind == kind)
			return &key_comparisons[i];
	}
	return NULL;
}

static void
convert(Conversion *conversion, const DdbNode *node)
{
	const DdbNode *child;

	check_allowed(conversion, node);
	if (node->kind != DDB_NODE_AND)
	{
		add_condition(conversion, node, find_key(conversion, node));
		return;
	}
	for (child = node->first; child != NULL; child = child->next)
		convert(conversion, child);
}

static void
check_allowed(const Conversion *conversion, const DdbNode *node)
{
	const char *name = ddb_node_info[node->kind].name;

	if (node->kind == DDB_NODE_SIZE)
		ddb_validation_error(conversion->operation, DDB_VALIDATION_OTHER,
							 KIND "KeyConditionExpressions cannot contain nested operations");
	if (node->kind != DDB_NODE_AND && find_comparison(node->kind) == NULL)
		ddb_validation_error(conversion->operation, DDB_VALIDATION_OTHER,
							 "Invalid operator used in KeyConditionExpression: %s",
							 name);
	if ((node->kind == DDB_NODE_BETWEEN || node->kind == DDB_NODE_BEGINS_WITH) &&
		node->first->kind != DDB_NODE_PATH)
		ddb_validation_error(conversion->operation, DDB_VALIDATION_OTHER,
							 "Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its first operand",
							 name);
}

/* Returns the one operand that is a path.  The others must be values. */
static const DdbNode *
find_key(const Conversion *conversion, const DdbNode *node)
{
	const DdbNode *key = NULL;
	const DdbNode *child;

	for (child = node->first; child != NULL; child = child->next)
	{
		if (child->kind == DDB_NODE_VALUE)
			continue;
		if (child->kind != DDB_NODE_PATH)
		{
			check_allowed(conversion, child);
			continue;
		}
		if (key != NULL)
			ddb_validation_error(conversion->operation, DDB_VALIDATION_OTHER,
								 "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition");
		if (child->path.count > 1)
			ddb_validation_error(conversion->operation, DDB_VALIDATION_OTHER,
								 KIND "KeyConditionExpressions cannot have conditions on nested attributes");
		key = child;
	}
	if (key == NULL)
		ddb_validation_error(conversion->operation, DDB_VALIDATION_OTHER,
							 "Invalid condition in KeyConditionExpression: No key attribute specified");
	return key;
}

static void
add_condition(Conversion *conversion, const DdbNode *node, const DdbNode *key)
{
	const KeyComparison *comparison = find_comparison(node->kind);
	DdbKeyCondition *condition = palloc0(sizeof(DdbKeyCondition));
	const DdbNode *child;
	ListCell   *lc;

	condition->attribute = key->path.elements[0].name;
	condition->comparison = key == node->first ? comparison->comparison :
		comparison->flipped;
	condition->operands = palloc(node->count * sizeof(DdbValue *));
	for (child = node->first; child != NULL; child = child->next)
	{
		if (child != key)
			condition->operands[condition->count++] = child->value;
	}

	foreach(lc, conversion->conditions)
	{
		const DdbKeyCondition *other = lfirst(lc);

		if (ddb_text_equal(other->attribute, condition->attribute))
			ddb_validation_error(conversion->operation, DDB_VALIDATION_OTHER,
								 KIND "KeyConditionExpressions must only contain one condition per key");
	}
	conversion->conditions = lappend(conversion->conditions, condition);
}

bool
ddb_key_condition_evaluate(const DdbKeyCondition *condition,
						   const DdbValue *value)
{
	DdbNodeKind kind = ddb_comparison_info[condition->comparison].kind;
	DdbValue  **operands = condition->operands;
	int			i;

	switch (condition->comparison)
	{
		case DDB_COMPARISON_NULL:
			return value == NULL;
		case DDB_COMPARISON_NOT_NULL:
			return value != NULL;
		case DDB_COMPARISON_BETWEEN:
			return ddb_node_kind_holds(DDB_NODE_GE, value, operands[0]) &&
				ddb_node_kind_holds(DDB_NODE_LE, value, operands[1]);
		case DDB_COMPARISON_IN:
			for (i = 0; i < condition->count; i++)
			{
				if (ddb_node_kind_holds(DDB_NODE_EQ, value, operands[i]))
					return true;
			}
			return false;
		case DDB_COMPARISON_NOT_CONTAINS:
			return value != NULL &&
				!ddb_node_kind_holds(kind, value, operands[0]);
		case DDB_COMPARISON_EQ:
		case DDB_COMPARISON_NE:
		case DDB_COMPARISON_LT:
		case DDB_COMPARISON_LE:
		case DDB_COMPARISON_GT:
		case DDB_COMPARISON_GE:
		case DDB_COMPARISON_BEGINS_WITH:
		case DDB_COMPARISON_CONTAINS:
			return ddb_node_kind_holds(kind, value, operands[0]);
	}
	return false;
}
