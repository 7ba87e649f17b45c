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

/* request's TableName, which may be an ARN that the model has checked. */
extern const char *api_request_table(const DdbJson *request);

/* The same as it is: ConsumedCapacity repeats it, be it a name or an ARN. */
extern const char *api_request_table_as_given(const DdbJson *request);

/* Begin and end of an answer that describes a table. */
extern void api_write_description(DdbCall *call, const char *member,
								  const DdbTable *table,
								  DdbTableDescription description);

/* ------------------------------------------------------------- rights */

/*
 * AccessDeniedException unless the caller may execute the operation and has
 * the right to its resources that its mode asks for.
 */
extern void api_authorize(DdbCall *call);

/* What the call is about, as DdbResource *; NIL: the account as a whole. */
extern List *api_resources(const DdbCall *call);

/* One of those: a table */
extern DdbResource *api_resource_of_table(const char *table_name);

/* --------------------------------------------------------------- writes */

/* PutItem, DeleteItem or UpdateItem. */
typedef struct ApiWrite
{
	DdbItemAction action;
	const char *return_values;	/* "NONE", ... */
	DdbCapacityReport report;
} ApiWrite;

/* ReturnValues other than NONE and ALL_OLD are an error. */
extern void api_check_return_old_only(const DdbCall *call);

/*
 * Fill all but the item and its size, and an update of AttributeUpdates:
 * Expected and the expressions are checked here.
 */
extern void api_prepare_write(const DdbCall *call, DdbItemActionKind kind,
							  ApiWrite *write);

extern bool api_returns(const ApiWrite *write, const char *return_values);

/* Does the request, or an action in it, want the item in a condition's failure? */
extern bool api_shows_item(const DdbJson *request);

/* "Attributes": a stored item */
extern void api_write_attributes(DdbCall *call, const DdbKey *key,
								 const Jsonb *item);

/* The old item, if it is asked for: the answer of a put or delete. */
extern void api_write_old_item(DdbCall *call, const ApiWrite *write,
							   const DdbItemWrite *done);

/* "ConsumedCapacity" and "ItemCollectionMetrics" of a write, if they are. */
extern void api_write_consumption(DdbCall *call, const ApiWrite *write,
								  const DdbItemWrite *done);

/* Is ItemCollectionMetrics asked for? */
extern bool api_wants_metrics(const DdbJson *request);

#endif							/* DDB_API_API_INT_H */
