/*
 * expr_evaluate.c
 *	  Evaluation of a condition for an item.
 *
 * This runs for every item that a filter examines, so it allocates nothing:
 * operands are pointers into the item or the expression, and the result of
 * size() is stored in the caller's frame.  There are two exceptions:
 * converting an attribute of a stored row allocates, and so does decoding a
 * string that contains U+0000.
 *
 * An absent operand is NULL.  Every comparison with an absent operand is
 * false, except "<>", which is the negation of "=".
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE				/* for memmem(), which takes linear time */
#endif

#include "postgres.h"

#include "core/pause.h"
#include "expr/expr_int.h"

/* Space for the result of size(). */
typedef struct Scratch
{
	DdbValue	value;
	char		digits[16];
} Scratch;

static bool evaluate(const DdbNode *node, DdbDocument *document);
static bool evaluate_pair(const DdbNode *node, DdbDocument *document);
static bool evaluate_between(const DdbNode *node, DdbDocument *document);
static bool evaluate_in(const DdbNode *node, DdbDocument *document);
static bool evaluate_type(const DdbNode *node, DdbDocument *document);
static const DdbValue *evaluate_operand(const DdbNode *node,
										DdbDocument *document,
										Scratch *scratch);
static const DdbValue *evaluate_size(const DdbValue *value, Scratch *scratch);
static int	utf16_length(DdbText stored);
static bool is_equal(const DdbValue *left, const DdbValue *right);
static bool is_not_equal(const DdbValue *left, const DdbValue *right);
static bool is_less(const DdbValue *left, const DdbValue *right);
static bool is_less_or_equal(const DdbValue *left, const DdbValue *right);
static bool is_greater(const DdbValue *left, const DdbValue *right);
static bool is_greater_or_equal(const DdbValue *left, const DdbValue *right);
static bool begins_with(const DdbValue *value, const DdbValue *prefix);
static bool contains(const DdbValue *value, const DdbValue *part);
static bool list_contains(const DdbValue *list, const DdbValue *element);
static bool contains_bytes(DdbText haystack, DdbText needle);

/* A function that compares two operands.  Either may be NULL (absent). */
typedef bool (*PairRule) (const DdbValue *left, const DdbValue *right);

static const PairRule pair_rules[DDB_NODE_KIND_COUNT] = {
	[DDB_NODE_EQ] = is_equal,
	[DDB_NODE_NE] = is_not_equal,
	[DDB_NODE_LT] = is_less,
	[DDB_NODE_LE] = is_less_or_equal,
	[DDB_NODE_GT] = is_greater,
	[DDB_NODE_GE] = is_greater_or_equal,
	[DDB_NODE_BEGINS_WITH] = begins_with,
	[DDB_NODE_CONTAINS] = contains,
};

bool
ddb_condition_evaluate(const DdbCondition *condition, DdbDocument *document)
{
	return condition == NULL || evaluate(condition->root, document);
}

List *
ddb_condition_paths(const DdbCondition *condition)
{
	return condition == NULL ? NIL : condition->paths;
}

static bool
evaluate(const DdbNode *node, DdbDocument *document)
{
	const DdbNode *child = node->first;
	Scratch		scratch;

	DDB_PAUSE_POINT();
	switch (node->kind)
	{
		case DDB_NODE_AND:
			while (child != NULL && evaluate(child, document))
				child = child->next;
			return child == NULL;
		case DDB_NODE_OR:
			while (child != NULL && !evaluate(child, document))
				child = child->next;
			return child != NULL;
		case DDB_NODE_NOT:
			return !evaluate(child, document);
		case DDB_NODE_EQ:
		case DDB_NODE_NE:
		case DDB_NODE_LT:
		case DDB_NODE_LE:
		case DDB_NODE_GT:
		case DDB_NODE_GE:
		case DDB_NODE_BEGINS_WITH:
		case DDB_NODE_CONTAINS:
			return evaluate_pair(node, document);
		case DDB_NODE_BETWEEN:
			return evaluate_between(node, document);
		case DDB_NODE_IN:
			return evaluate_in(node, document);
		case DDB_NODE_ATTRIBUTE_EXISTS:
			return evaluate_operand(child, document, &scratch) != NULL;
		case DDB_NODE_ATTRIBUTE_NOT_EXISTS:
			return evaluate_operand(child, document, &scratch) == NULL;
		case DDB_NODE_ATTRIBUTE_TYPE:
			return evaluate_type(node, document);
		case DDB_NODE_PATH:
		case DDB_NODE_VALUE:
		case DDB_NODE_SIZE:
		case DDB_NODE_IF_NOT_EXISTS:
		case DDB_NODE_LIST_APPEND:
		case DDB_NODE_PLUS:
		case DDB_NODE_MINUS:
		case DDB_NODE_UNKNOWN_FUNCTION:
		case DDB_NODE_KIND_COUNT:
			break;				/* the checks do not let these through */
	}
	Assert(false);
	return false;
}

static bool
evaluate_pair(const DdbNode *node, DdbDocument *document)
{
	Scratch		scratch[2];
	const DdbValue *left = evaluate_operand(node->first, document, &scratch[0]);
	const DdbValue *right = evaluate_operand(node->last, document, &scratch[1]);

	return ddb_node_kind_holds(node->kind, left, right);
}

static bool
evaluate_between(const DdbNode *node, DdbDocument *document)
{
	Scratch		scratch[2];
	const DdbValue *value = evaluate_operand(node->first, document, &scratch[0]);

	return ddb_node_kind_holds(DDB_NODE_GE, value,
							   evaluate_operand(node->first->next, document,
												&scratch[1])) &&
		ddb_node_kind_holds(DDB_NODE_LE, value,
							evaluate_operand(node->last, document, &scratch[1]));
}

static bool
evaluate_in(const DdbNode *node, DdbDocument *document)
{
	Scratch		scratch[2];
	const DdbValue *value = evaluate_operand(node->first, document, &scratch[0]);
	const DdbNode *child;

	for (child = node->first->next; child != NULL; child = child->next)
	{
		if (is_equal(value, evaluate_operand(child, document, &scratch[1])))
			return true;
	}
	return false;
}

static bool
evaluate_type(const DdbNode *node, DdbDocument *document)
{
	Scratch		scratch;
	const DdbValue *value = evaluate_operand(node->first, document, &scratch);
	DdbType		type;

	return value != NULL &&
		ddb_type_from_tag(node->last->value->text, &type) &&
		value->type == type;
}

/* Returns NULL if the operand is absent. */
static const DdbValue *
evaluate_operand(const DdbNode *node, DdbDocument *document, Scratch *scratch)
{
	if (node->kind == DDB_NODE_VALUE)
		return node->value;
	if (node->kind == DDB_NODE_PATH)
		return ddb_document_resolve(document, &node->path);
	Assert(node->kind == DDB_NODE_SIZE);
	return evaluate_size(evaluate_operand(node->first, document, scratch),
						 scratch);
}

static const DdbValue *
evaluate_size(const DdbValue *value, Scratch *scratch)
{
	int			size = 0;
	char	   *digit = scratch->digits + sizeof(scratch->digits);

	if (value == NULL)
		return NULL;
	switch (value->type)
	{
		case DDB_TYPE_S:
			size = utf16_length(value->text);
			break;
		case DDB_TYPE_B:
			size = value->text.len;
			break;
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
		case DDB_TYPE_L:
		case DDB_TYPE_M:
			size = value->count;
			break;
		case DDB_TYPE_N:
		case DDB_TYPE_BOOL:
		case DDB_TYPE_NULL:
			return NULL;
	}

	*--digit = '\0';
	do
	{
		*--digit = '0' + size % 10;
		size /= 10;
	} while (size > 0);
	memset(&scratch->value, 0, sizeof(scratch->value));
	scratch->value.type = DDB_TYPE_N;
	scratch->value.text = ddb_text_from_cstring(digit);
	return &scratch->value;
}

/*
 * Returns the number of UTF-16 code units that the stored form represents.  A
 * character counts one, or two outside the basic plane.  The pair of bytes
 * that represents U+0000 or U+0001 counts one.
 */
static int
utf16_length(DdbText stored)
{
	int			units = 0;
	int			i;

	for (i = 0; i < stored.len; i++)
	{
		unsigned char c = stored.data[i];

		if (c == 0x01)
			i++;
		if ((c & 0xC0) != 0x80)
			units += c >= 0xF0 ? 2 : 1;
	}
	return units;
}

/* ----------------------------------------------------------- comparisons */

bool
ddb_node_kind_holds(DdbNodeKind kind, const DdbValue *left,
					const DdbValue *right)
{
	Assert(pair_rules[kind] != NULL);
	return pair_rules[kind] (left, right);
}

/* Two absent operands are not equal.  No record says otherwise. */
static bool
is_equal(const DdbValue *left, const DdbValue *right)
{
	return left != NULL && right != NULL && ddb_value_equal(left, right);
}

static bool
is_not_equal(const DdbValue *left, const DdbValue *right)
{
	return !is_equal(left, right);
}

/* Returns whether the two values can be ordered. */
static bool
is_ordered(const DdbValue *left, const DdbValue *right)
{
	return left != NULL && right != NULL && left->type == right->type &&
		ddb_type_is_scalar_key(left->type);
}

static bool
is_less(const DdbValue *left, const DdbValue *right)
{
	return is_ordered(left, right) && ddb_value_compare(left, right) < 0;
}

static bool
is_less_or_equal(const DdbValue *left, const DdbValue *right)
{
	return is_ordered(left, right) && ddb_value_compare(left, right) <= 0;
}

static bool
is_greater(const DdbValue *left, const DdbValue *right)
{
	return is_less(right, left);
}

static bool
is_greater_or_equal(const DdbValue *left, const DdbValue *right)
{
	return is_less_or_equal(right, left);
}

static inline bool
is_string_or_binary(const DdbValue *value)
{
	return value->type == DDB_TYPE_S || value->type == DDB_TYPE_B;
}

/* The stored form preserves prefixes, so comparing it is enough. */
static bool
begins_with(const DdbValue *value, const DdbValue *prefix)
{
	return value != NULL && prefix != NULL && value->type == prefix->type &&
		is_string_or_binary(value) &&
		value->text.len >= prefix->text.len &&
		memcmp(value->text.data, prefix->text.data, prefix->text.len) == 0;
}

static bool
contains(const DdbValue *value, const DdbValue *part)
{
	if (value == NULL || part == NULL)
		return false;
	if (value->type == DDB_TYPE_L)
		return list_contains(value, part);
	if (ddb_type_is_set(value->type))
		return ddb_type_of_element(value->type) == part->type &&
			ddb_value_set_contains(value, part);
	if (!is_string_or_binary(value) || value->type != part->type)
		return false;

	/* decode first: half of a stored pair could match by mistake */
	if (value->type == DDB_TYPE_S)
		return contains_bytes(ddb_text_decode(value->text),
							  ddb_text_decode(part->text));
	return contains_bytes(value->text, part->text);
}

static bool
list_contains(const DdbValue *list, const DdbValue *element)
{
	int			i;

	for (i = 0; i < list->count; i++)
	{
		if (ddb_value_equal(list->values[i], element))
			return true;
	}
	return false;
}

static bool
contains_bytes(DdbText haystack, DdbText needle)
{
	return needle.len == 0 ||
		memmem(haystack.data, haystack.len, needle.data, needle.len) != NULL;
}
