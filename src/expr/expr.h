/*
 * expr.h
 *	  Condition, filter, key condition, update and projection expressions, and
 *	  the legacy parameters, which become the same trees.
 *
 * Everything here works on the request alone.  Checks that need the table's
 * schema (which names are keys, what is projected) belong to the callers,
 * which get the paths of the trees from the functions below.  All results are
 * allocated in the current memory context.  Errors are raised through
 * ddb_validation_error().
 */
#ifndef DDB_EXPR_EXPR_H
#define DDB_EXPR_EXPR_H

#include "postgres.h"
#include "nodes/pg_list.h"
#include "model/model.h"
#include "value/value.h"

typedef struct DdbCondition DdbCondition;	/* a tree that is true or false */
typedef struct DdbUpdate DdbUpdate;

/* Paths that neither overlap nor conflict. */
typedef struct DdbProjection
{
	int			count;
	DdbPath    *paths;
} DdbProjection;

typedef enum DdbComparison
{
	DDB_COMPARISON_EQ,
	DDB_COMPARISON_NE,
	DDB_COMPARISON_LT,
	DDB_COMPARISON_LE,
	DDB_COMPARISON_GT,
	DDB_COMPARISON_GE,
	DDB_COMPARISON_BETWEEN,
	DDB_COMPARISON_BEGINS_WITH,
	DDB_COMPARISON_IN,
	DDB_COMPARISON_CONTAINS,
	DDB_COMPARISON_NOT_CONTAINS,
	DDB_COMPARISON_NULL,
	DDB_COMPARISON_NOT_NULL
} DdbComparison;

/* "EQ", "BEGINS_WITH", ... as the legacy parameters spell it */
extern const char *ddb_comparison_name(DdbComparison comparison);

/* One condition on one key attribute, with operands of any type. */
typedef struct DdbKeyCondition
{
	DdbText		attribute;
	DdbComparison comparison;
	int			count;			/* operands */
	DdbValue  **operands;
	bool		legacy;			/* from KeyConditions */
} DdbKeyCondition;

/* The compiled expressions of a request.  Absent expressions are NULL. */
typedef struct DdbExpressions
{
	DdbUpdate  *update;
	DdbCondition *condition;
	DdbCondition *key_condition;	/* see ddb_expr_key_conditions() */
	DdbCondition *filter;
	DdbProjection *projection;
	int64		values_size;	/* of ExpressionAttributeValues, but not
								 * their names */
} DdbExpressions;

/*
 * In the functions below, "request" is the object that holds the expression
 * parameters: the whole request, one table's part of a BatchGetItem, or one
 * action of a transaction.
 */

/*
 * Checks that expressions are not mixed with legacy parameters, and that there
 * are no names or values without an expression.
 */
extern void ddb_expr_check_mix(const DdbOperation *operation,
							   const DdbJson *request);

/*
 * Compiles all expressions of a request.  Checks the names, the values, each
 * expression, and last whether every placeholder was used.
 */
extern void ddb_expr_parse(const DdbOperation *operation,
						   const DdbJson *request, DdbExpressions *result);

/*
 * Returns a key condition expression as a list of DdbKeyCondition, or NIL if
 * key_condition is NULL.  The names are not checked against a schema.
 */
extern List *ddb_expr_key_conditions(const DdbOperation *operation,
									 const DdbCondition *key_condition);

/*
 * Check the legacy parameters and convert them into trees.  Return NULL (or
 * NIL) if the parameter is absent.  Expected and filters take
 * ConditionalOperator into account.
 */
extern DdbCondition *ddb_legacy_expected(const DdbOperation *operation,
										 const DdbJson *request);
extern DdbCondition *ddb_legacy_filter(const DdbOperation *operation,
									   const DdbJson *request,
									   const char *parameter);
extern List *ddb_legacy_key_conditions(const DdbOperation *operation,
									   const DdbJson *request);
extern DdbProjection *ddb_legacy_attributes_to_get(const DdbOperation *operation,
												   const DdbJson *request);
extern DdbUpdate *ddb_legacy_attribute_updates(const DdbOperation *operation,
											   const DdbJson *request);

/* Raises the errors of a ConditionalOperator with nothing to join. */
extern void ddb_legacy_check_conditional_operator(const DdbOperation *operation,
												  const DdbJson *request);

/* Returns every path in a condition, as DdbPath *, in order of appearance. */
extern List *ddb_condition_paths(const DdbCondition *condition);

/* Returns whether the condition is true for the item; true if it is NULL. */
extern bool ddb_condition_evaluate(const DdbCondition *condition,
								   DdbDocument *document);

/* Returns whether the condition is true for the value of its key attribute. */
extern bool ddb_key_condition_evaluate(const DdbKeyCondition *condition,
									   const DdbValue *value);

/* Returns the paths an update writes or removes, in order of appearance. */
extern const DdbProjection *ddb_update_targets(const DdbUpdate *update);

/* Returns all paths of an update expression (DdbPath *), in order. */
extern List *ddb_update_paths(const DdbUpdate *update);

/* Returns whether the update creates an item when none is stored. */
extern bool ddb_update_makes_item(const DdbUpdate *update);

/*
 * Returns the value that an update gives to a top-level attribute, if the
 * request contains that value (SET a = :v, ADD a :v).  If only the type is
 * known (SET a = b + :v), returns the smallest value of that type.  Returns
 * NULL if the update does not set the attribute, or if the value depends on
 * the item.
 */
extern const DdbValue *ddb_update_literal(const DdbUpdate *update, DdbText name);

/* Returns the size of the update itself in bytes, as the service counts it. */
extern int64 ddb_update_size(const DdbUpdate *update);

/*
 * Returns the item as it is after the update.  "item" is the stored item or,
 * if none is stored, the key attributes alone; it is not modified.  A NULL
 * update changes nothing.  Raises the service's run-time errors.
 */
extern DdbValue *ddb_update_apply(const DdbUpdate *update,
								  const DdbOperation *operation,
								  const DdbValue *item);

#endif							/* DDB_EXPR_EXPR_H */
