/*
 * expr_node.c
 *	  The nodes of expression trees, and the properties of each kind of node.
 */
#include "postgres.h"

#include <limits.h>

#include "expr/expr_int.h"

const DdbNodeInfo ddb_node_info[DDB_NODE_KIND_COUNT] = {
#define DDB_NODE_KIND(suffix, name, group, operands, first, others) \
	[DDB_NODE_##suffix] = \
	{name, DDB_GROUP_##group, operands, DDB_TYPES_##first, DDB_TYPES_##others},
#include "expr/node_kinds.def"
#undef DDB_NODE_KIND
};

/*
 * EQ and NE accept every type.  NULL and NOT_CONTAINS have no direct
 * equivalent in expressions.  NULL tests for absence, not for the type NULL.
 */
const DdbComparisonInfo ddb_comparison_info[DDB_COMPARISON_COUNT] = {
	[DDB_COMPARISON_EQ] = {"EQ", DDB_NODE_EQ, 1, 1, DDB_TYPES_ANY},
	[DDB_COMPARISON_NE] = {"NE", DDB_NODE_NE, 1, 1, DDB_TYPES_ANY},
	[DDB_COMPARISON_LT] = {"LT", DDB_NODE_LT, 1, 1, DDB_TYPES_ORDERED},
	[DDB_COMPARISON_LE] = {"LE", DDB_NODE_LE, 1, 1, DDB_TYPES_ORDERED},
	[DDB_COMPARISON_GT] = {"GT", DDB_NODE_GT, 1, 1, DDB_TYPES_ORDERED},
	[DDB_COMPARISON_GE] = {"GE", DDB_NODE_GE, 1, 1, DDB_TYPES_ORDERED},
	[DDB_COMPARISON_BETWEEN] = {"BETWEEN", DDB_NODE_BETWEEN, 2, 2, DDB_TYPES_ORDERED},
	[DDB_COMPARISON_BEGINS_WITH] = {"BEGINS_WITH", DDB_NODE_BEGINS_WITH, 1, 1, DDB_TYPES_STRING_OR_BINARY},
	[DDB_COMPARISON_IN] = {"IN", DDB_NODE_IN, 1, INT_MAX, DDB_TYPES_ORDERED},
	[DDB_COMPARISON_CONTAINS] = {"CONTAINS", DDB_NODE_CONTAINS, 1, 1, DDB_TYPES_ORDERED},
	[DDB_COMPARISON_NOT_CONTAINS] = {"NOT_CONTAINS", DDB_NODE_CONTAINS, 1, 1, DDB_TYPES_ORDERED},
	[DDB_COMPARISON_NULL] = {"NULL", DDB_NODE_ATTRIBUTE_NOT_EXISTS, 0, 0, DDB_TYPES_ANY},
	[DDB_COMPARISON_NOT_NULL] = {"NOT_NULL", DDB_NODE_ATTRIBUTE_EXISTS, 0, 0, DDB_TYPES_ANY},
};

const char *
ddb_comparison_name(DdbComparison comparison)
{
	return ddb_comparison_info[comparison].name;
}

DdbNode *
ddb_node_make(DdbNodeKind kind)
{
	DdbNode    *node = palloc0(sizeof(DdbNode));

	node->kind = kind;
	return node;
}

/* Makes a path that consists of one top-level attribute. */
DdbNode *
ddb_node_make_attribute(DdbText name)
{
	DdbNode    *node = ddb_node_make(DDB_NODE_PATH);

	node->path.count = 1;
	node->path.elements = palloc0(sizeof(DdbPathElement));
	node->path.elements[0].name = name;
	return node;
}

DdbNode *
ddb_node_make_value(DdbValue *value)
{
	DdbNode    *node = ddb_node_make(DDB_NODE_VALUE);

	node->value = value;
	return node;
}

/* The child must not have a sibling yet. */
void
ddb_node_append(DdbNode *parent, DdbNode *child)
{
	Assert(child->next == NULL);
	if (parent->last == NULL)
		parent->first = child;
	else
		parent->last->next = child;
	parent->last = child;
	parent->count++;
}

List *
ddb_nodes_to_paths(List *nodes)
{
	List	   *paths = NIL;
	ListCell   *lc;

	foreach(lc, nodes)
	{
		DdbNode    *node = lfirst(lc);

		paths = lappend(paths, &node->path);
	}
	return paths;
}
