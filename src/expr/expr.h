/*
 * expr.h
 *	  Condition, filter, key condition, update and projection expressions, and
 *	  the legacy parameters, which become the same trees.
 *
 * Everything here works on the request alone; what needs the table's schema
 * (which names are keys, what is projected) is checked by the callers through
 * the paths these trees give away.  All results live in the current memory
 * context.  Errors are raised through ddb_validation_error().
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

/* What a request's expressions compile to; absent ones are NULL. */
typedef struct DdbExpressions
{
	DdbUpdate  *update;
	DdbCondition *condition;
	DdbCondition *key_condition;	/* see ddb_expr_key_conditions() */
	DdbCondition *filter;
	DdbProjection *projection;
	int64		values_size;	/* of ExpressionAttributeValues, but for their names */
} DdbExpressions;

/*
 * "request" below is the object that holds the expression parameters: the
 * whole request, one table's part of a BatchGetItem, or one action of a
 * transaction.
 */

/* EXPR-MIX: expressions with legacy parameters, names or values alone. */
extern void ddb_expr_check_mix(const DdbOperation *operation,
							   const DdbJson *request);

/* EXPR-PARSE: names, values, every expression, unused placeholders. */
extern void ddb_expr_parse(const DdbOperation *operation,
						   const DdbJson *request, DdbExpressions *result);

/*
 * A key condition expression as a list of DdbKeyCondition; NIL for NULL.
 * Names are not checked against a schema.
 */
extern List *ddb_expr_key_conditions(const DdbOperation *operation,
									 const DdbCondition *key_condition);

/*
 * The legacy parameters, checked and lowered; NULL (or NIL) when absent.
 * Expected and filters take ConditionalOperator into account.
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

/* The errors of a ConditionalOperator that has nothing to join. */
extern void ddb_legacy_check_conditional_operator(const DdbOperation *operation,
												  const DdbJson *request);

/* Every path a condition looks at, as DdbPath *, in order of appearance. */
extern List *ddb_condition_paths(const DdbCondition *condition);

/* Is it true for the item?  A NULL condition is. */
extern bool ddb_condition_evaluate(const DdbCondition *condition,
								   DdbDocument *document);

/* Does the condition hold for one key attribute's value? */
extern bool ddb_key_condition_evaluate(const DdbKeyCondition *condition,
									   const DdbValue *value);

/* The paths an update writes or removes, in order of appearance. */
extern const DdbProjection *ddb_update_targets(const DdbUpdate *update);

/* Every path in an update expression, as DdbPath *, in order of appearance. */
extern List *ddb_update_paths(const DdbUpdate *update);

/* Is there an item after the update when there was none before? */
extern bool ddb_update_makes_item(const DdbUpdate *update);

/*
 * The value that an update gives to a top-level attribute where it is said in
 * the request (SET a = :v, ADD a :v), or the smallest of its type where that
 * much is known (SET a = b + :v); NULL where there is none or only the item
 * will tell.
 */
extern const DdbValue *ddb_update_literal(const DdbUpdate *update, DdbText name);

/* Bytes of the update itself, as the service counts them. */
extern int64 ddb_update_size(const DdbUpdate *update);

/*
 * The item after the update.  item is what is stored, or, when nothing is,
 * the key attributes alone; it stays as it is.  A NULL update changes
 * nothing.  Raises the service's run-time errors.
 */
extern DdbValue *ddb_update_apply(const DdbUpdate *update,
								  const DdbOperation *operation,
								  const DdbValue *item);

#endif							/* DDB_EXPR_EXPR_H */
