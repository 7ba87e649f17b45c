/*
 * expr_int.h
 *	  Tokens, trees and the state of one expression, shared by the files of
 *	  this folder.
 *
 * The parser checks only the grammar of an expression.  Names and values are
 * looked up later, by the semantic passes, because the service reports the
 * first error of the most important class, not the first error in the text.
 */
#ifndef DDB_EXPR_EXPR_INT_H
#define DDB_EXPR_EXPR_INT_H

#include "postgres.h"
#include "expr/expr.h"
#include "model/validation.h"

/* ------------------------------------------------------------- limits */

#define DDB_EXPR_MAX_BYTES 4096
#define DDB_EXPR_MAX_OPERATORS 300
#define DDB_EXPR_MAX_IN_OPERANDS 100
#define DDB_EXPR_MAX_LIST_INDEX UINT64CONST(4294967294)
#define DDB_EXPR_MAX_PLACEHOLDER_BYTES 255
#define DDB_EXPR_MAX_MAPS_BYTES INT64CONST(2097152)

/* Limits and texts that no record of the service shows. */
#define DDB_EXPR_MAX_PATH_ELEMENTS 32
#define DDB_EXPR_PATH_TOO_DEEP \
	"The document path has too many nesting elements; nesting levels: %d"
#define DDB_EXPR_MAPS_TOO_LARGE \
	"The expression attribute names and values have exceeded the maximum " \
	"allowed size; size: " INT64_FORMAT

/* ------------------------------------------------------------- tokens */

typedef enum DdbExprTokenKind
{
	DDB_TOKEN_END,
	DDB_TOKEN_IDENTIFIER,
	DDB_TOKEN_NAME,				/* #name */
	DDB_TOKEN_VALUE,			/* :value */
	DDB_TOKEN_NUMBER,			/* a run of digits */
	DDB_TOKEN_AND,
	DDB_TOKEN_OR,
	DDB_TOKEN_NOT,
	DDB_TOKEN_BETWEEN,
	DDB_TOKEN_IN,
	DDB_TOKEN_SET,
	DDB_TOKEN_REMOVE,
	DDB_TOKEN_ADD,
	DDB_TOKEN_DELETE,
	DDB_TOKEN_EQ,
	DDB_TOKEN_NE,
	DDB_TOKEN_LT,
	DDB_TOKEN_LE,
	DDB_TOKEN_GT,
	DDB_TOKEN_GE,
	DDB_TOKEN_PLUS,
	DDB_TOKEN_MINUS,
	DDB_TOKEN_OPEN,
	DDB_TOKEN_CLOSE,
	DDB_TOKEN_COMMA,
	DDB_TOKEN_DOT,
	DDB_TOKEN_OPEN_BRACKET,
	DDB_TOKEN_CLOSE_BRACKET,
	DDB_TOKEN_OTHER				/* a character that no rule accepts */
} DdbExprTokenKind;

/* A token is a range of the source, so messages can quote text around it. */
typedef struct DdbExprToken
{
	DdbExprTokenKind kind;
	int			start;			/* offset of its first byte */
	int			end;			/* offset after its last byte */
} DdbExprToken;

/* Returns the first token at or after the given position. */
extern DdbExprToken ddb_expr_next_token(DdbText source, int position);

/* Returns whether a word is reserved.  Letter case is ignored. */
extern bool ddb_expr_is_reserved_word(DdbText word);

/* -------------------------------------------------------------- trees */

typedef enum DdbNodeKind
{
#define DDB_NODE_KIND(suffix, name, group, operands, first, others) \
	DDB_NODE_##suffix,
#include "expr/node_kinds.def"
#undef DDB_NODE_KIND
	DDB_NODE_KIND_COUNT
} DdbNodeKind;

typedef enum DdbNodeGroup
{
	DDB_GROUP_OPERAND,			/* paths and values */
	DDB_GROUP_LOGICAL,			/* AND, OR, NOT */
	DDB_GROUP_COMPARATOR,		/* =, <>, <, <=, >, >= */
	DDB_GROUP_RANGE,			/* BETWEEN, IN */
	DDB_GROUP_PREDICATE,		/* functions that are true or false */
	DDB_GROUP_MEASURE,			/* size(), an operand */
	DDB_GROUP_UPDATE_FUNCTION,
	DDB_GROUP_ARITHMETIC,
	DDB_GROUP_UNKNOWN			/* a function that does not exist */
} DdbNodeGroup;

/* Sets of types, one bit for each DdbType. */
#define DDB_TYPES(type) (1 << DDB_TYPE_##type)
#define DDB_TYPES_ANY ((1 << DDB_TYPE_COUNT) - 1)
#define DDB_TYPES_STRING DDB_TYPES(S)
#define DDB_TYPES_NUMBER DDB_TYPES(N)
#define DDB_TYPES_LIST DDB_TYPES(L)
#define DDB_TYPES_STRING_OR_BINARY (DDB_TYPES(S) | DDB_TYPES(B))
#define DDB_TYPES_ORDERED (DDB_TYPES(S) | DDB_TYPES(N) | DDB_TYPES(B))
#define DDB_TYPES_SET (DDB_TYPES(SS) | DDB_TYPES(NS) | DDB_TYPES(BS))
#define DDB_TYPES_CONTAINER (DDB_TYPES_STRING_OR_BINARY | DDB_TYPES_SET | DDB_TYPES_LIST)
#define DDB_TYPES_MEASURED (DDB_TYPES_CONTAINER | DDB_TYPES(M))
#define DDB_TYPES_PATH 0		/* no literal is allowed: a path is required */

typedef struct DdbNodeInfo
{
	const char *name;
	DdbNodeGroup group;
	int			operands;
	int			first_types;
	int			other_types;
} DdbNodeInfo;

extern const DdbNodeInfo ddb_node_info[DDB_NODE_KIND_COUNT];

/*
 * The children of a node form a list, in the order of the text.  AND and OR
 * have any number of children.  BETWEEN has the operand, the lower bound and
 * the upper bound.  IN has the operand and then the candidates.
 */
typedef struct DdbNode DdbNode;
struct DdbNode
{
	DdbNodeKind kind;
	bool		parenthesized;	/* in parentheses of its own */
	bool		is_operand;		/* of a comparison or a function */
	int			count;			/* children */
	DdbNode    *first;
	DdbNode    *last;
	DdbNode    *next;			/* sibling */
	DdbText		text;			/* functions, values: as written */
	DdbPath		path;			/* PATH; as written until resolved */
	DdbValue   *value;			/* VALUE, once resolved */
};

extern DdbNode *ddb_node_make(DdbNodeKind kind);
extern DdbNode *ddb_node_make_attribute(DdbText name);
extern DdbNode *ddb_node_make_value(DdbValue *value);
extern void ddb_node_append(DdbNode *parent, DdbNode *child);

/* Returns the paths (DdbPath *) of a list of PATH nodes. */
extern List *ddb_nodes_to_paths(List *nodes);

struct DdbCondition
{
	DdbNode    *root;
	List	   *paths;			/* DdbPath *, in order of appearance */
};

/* -------------------------------------------------------- expressions */

/* In the order in which a request's expressions are parsed. */
typedef enum DdbExpressionKind
{
	DDB_EXPRESSION_UPDATE,
	DDB_EXPRESSION_CONDITION,
	DDB_EXPRESSION_KEY_CONDITION,
	DDB_EXPRESSION_FILTER,
	DDB_EXPRESSION_PROJECTION
} DdbExpressionKind;

#define DDB_EXPRESSION_KIND_COUNT (DDB_EXPRESSION_PROJECTION + 1)

/* "UpdateExpression", ...: name of the parameter, and of the kind in errors */
extern const char *const ddb_expression_name[DDB_EXPRESSION_KIND_COUNT];

typedef enum DdbActionKind
{
	DDB_ACTION_SET,
	DDB_ACTION_REMOVE,
	DDB_ACTION_ADD,
	DDB_ACTION_DELETE
} DdbActionKind;

#define DDB_ACTION_KIND_COUNT (DDB_ACTION_DELETE + 1)

typedef struct DdbAction
{
	DdbActionKind kind;
	DdbNode    *target;			/* a PATH */
	DdbNode    *value;			/* NULL for REMOVE */
} DdbAction;

struct DdbUpdate
{
	List	   *actions;		/* DdbAction *, in order of appearance */
	DdbProjection targets;
	List	   *paths;			/* DdbPath *, of targets and operands in
								 * order of appearance; expressions only */
	bool		legacy;			/* from AttributeUpdates: ADD appends to
								 * lists, and some messages differ */
};

/*
 * One expression.  The parser fills it.  The parser also records problems that
 * it must not report yet, because a syntax error later in the text takes
 * precedence.
 */
typedef struct DdbExpression
{
	const DdbOperation *operation;
	DdbExpressionKind kind;
	DdbText		source;

	DdbNode    *root;			/* conditions */
	List	   *actions;		/* updates: DdbAction * */

	List	   *paths;			/* all PATH, VALUE and function nodes in */
	List	   *values;			/* order of appearance; a projection */
	List	   *functions;		/* consists of its paths */

	int			operators;
	int			in_operands;	/* count of the first IN with too many, or 0 */
	DdbText		bad_index;		/* first that is too large; data is NULL if
								 * none */
	int			path_elements;	/* count of the first path too deep, or 0 */
	bool		redundant_parentheses;
	const char *repeated_section;	/* NULL if none */
} DdbExpression;

/* Raises ValidationException "Invalid <kind>: ...". */
extern void ddb_expression_error(const DdbExpression *expression,
								 const char *format,...)
			pg_attribute_noreturn() pg_attribute_printf(2, 3);

/* Parses by the grammar of the expression's kind.  Raises syntax errors. */
extern void ddb_expression_parse(DdbExpression *expression);

/* ------------------------------------------------ names and values maps */

/* An entry of ExpressionAttributeNames or ExpressionAttributeValues. */
typedef struct DdbPlaceholder
{
	DdbText		key;			/* with its '#' or ':' */
	const DdbJson *json;		/* the member's value in the request */
	DdbText		name;
	DdbValue   *value;
	bool		used;
} DdbPlaceholder;

typedef struct DdbPlaceholders
{
	int			count;
	DdbPlaceholder *entries;	/* in the order of the request */
	DdbPlaceholder **sorted;	/* the same, sorted by key */
} DdbPlaceholders;

extern void ddb_placeholders_read(const DdbOperation *operation,
								  const DdbJson *request,
								  DdbPlaceholders *names,
								  DdbPlaceholders *values);
extern DdbPlaceholder *ddb_placeholders_find(const DdbPlaceholders *map,
											 DdbText key);

/* Raises an error if the expressions did not use all placeholders. */
extern void ddb_placeholders_check_used(const DdbOperation *operation,
										const DdbPlaceholders *names,
										const DdbPlaceholders *values);

/* Resolves placeholders, and raises all other errors in the service's order. */
extern void ddb_expression_check(DdbExpression *expression,
								 DdbPlaceholders *names,
								 DdbPlaceholders *values);

/* ----------------------------------------------------------- parameters */

/* The expression parameters of an operation, and their legacy counterparts. */
typedef struct DdbExpressionParameters
{
	DdbOperationId operation;

	/* Both lists are in the order in which the error about mixing has them. */
	int			kind_count;
	DdbExpressionKind kinds[DDB_EXPRESSION_KIND_COUNT];
	bool		ignores_values;
	bool		tolerates_unneeded_maps;
	const char *legacy[4];

	/* The legacy parameter that ConditionalOperator joins, or NULL. */
	const char *conditional;

	/* The end of the error about values without expressions, or NULL. */
	const char *values_without;
} DdbExpressionParameters;

extern const DdbExpressionParameters *ddb_expression_parameters(const DdbOperation *operation);

/* The comparisons of key conditions and legacy parameters. */
typedef struct DdbComparisonInfo
{
	const char *name;
	DdbNodeKind kind;			/* the equivalent kind of node */
	int			min_arguments;
	int			max_arguments;
	int			types;			/* allowed for arguments, as far as checked */
} DdbComparisonInfo;

#define DDB_COMPARISON_COUNT (DDB_COMPARISON_NOT_NULL + 1)

extern const DdbComparisonInfo ddb_comparison_info[DDB_COMPARISON_COUNT];

/* ----------------------------------------------------------- evaluation */

/* Returns whether a comparison or predicate holds.  NULL: absent operand. */
extern bool ddb_node_kind_holds(DdbNodeKind kind, const DdbValue *left,
								const DdbValue *right);

#endif							/* DDB_EXPR_EXPR_INT_H */
