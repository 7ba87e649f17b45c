/*
 * api_int.h
 *	  What the handlers share.
 */
#ifndef DDB_API_API_INT_H
#define DDB_API_API_INT_H

#include "api/call.h"
#include "core/error.h"
#include "expr/expr.h"
#include "item/item.h"
#include "meta/meta.h"
#include "model/model.h"
#include "model/validation.h"
#include "query/query.h"
#include "table/table.h"

/* Every handler, from the list. */
#define DDB_OPERATION(suffix, function, ...) \
	extern const DdbHandler ddb_op_##function;
#include "model/operation.def"
#undef DDB_OPERATION

/* ------------------------------------------------------------- requests */

/* Returns the table's name from TableName, a name or an ARN that was checked. */
extern const char *api_request_table(const DdbJson *request);

/* Returns TableName unchanged, as ConsumedCapacity repeats it. */
extern const char *api_request_table_as_given(const DdbJson *request);

/* Write begin and end of an answer that describes a table. */
extern void api_write_description(DdbCall *call, const char *member,
								  const DdbTable *table,
								  DdbTableDescription description);

/* ------------------------------------------------------------- rights */

/*
 * Raises AccessDeniedException unless the caller may execute the operation and has
 * the right to its resources that the operation's mode requires.
 */
extern void api_authorize(DdbCall *call);

/* Returns the call's resources, DdbResource *; NIL: the account as a whole. */
extern List *api_resources(const DdbCall *call);

/* Returns a table as a resource. */
extern DdbResource *api_resource_of_table(const char *table_name);

/* --------------------------------------------------------------- writes */

/* PutItem, DeleteItem or UpdateItem. */
typedef struct ApiWrite
{
	DdbItemAction action;
	const char *return_values;	/* "NONE", ... */
	DdbCapacityReport report;
} ApiWrite;

/* Raises an error if ReturnValues is neither NONE nor ALL_OLD. */
extern void api_check_return_old_only(const DdbCall *call);

/*
 * Fills all members but the item, its size, and an update from AttributeUpdates.
 * Checks Expected and the expressions.
 */
extern void api_prepare_write(const DdbCall *call, DdbItemActionKind kind,
							  ApiWrite *write);

extern bool api_returns(const ApiWrite *write, const char *return_values);

/* Returns whether the error of a failed condition should show the item. */
extern bool api_shows_item(const DdbJson *request);

/* Writes a stored item as "Attributes". */
extern void api_write_attributes(DdbCall *call, const DdbKey *key,
								 const Jsonb *item);

/* Writes the answer of a put or delete: the old item if it is asked for. */
extern void api_write_old_item(DdbCall *call, const ApiWrite *write,
							   const DdbItemWrite *done);

/* Writes ConsumedCapacity and ItemCollectionMetrics of a write, if wanted. */
extern void api_write_consumption(DdbCall *call, const ApiWrite *write,
								  const DdbItemWrite *done);

/* Returns whether the request asks for ItemCollectionMetrics. */
extern bool api_wants_metrics(const DdbJson *request);

#endif							/* DDB_API_API_INT_H */
