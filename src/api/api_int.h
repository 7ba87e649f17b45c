/*
 * api_int.h
 *	  What the handlers share.
 */
#ifndef DDB_API_API_INT_H
#define DDB_API_API_INT_H

#include "api/call.h"
#include "core/error.h"
#include "expr/expr.h"
#include "meta/meta.h"
#include "model/model.h"
#include "model/validation.h"
#include "query/query.h"
#include "store/store.h"

/* Every handler, from the list. */
#define DDB_OPERATION(suffix, function, ...) \
	extern const DdbHandler ddb_op_##function;
#include "model/operation.def"
#undef DDB_OPERATION

/* ------------------------------------------------------------- tables */

/* The table's name, which may be given as an ARN that the model has checked. */
extern const char *api_table_name(const char *name_or_arn);

/* request's TableName, as above */
extern const char *api_request_table(const DdbJson *request);

/*
 * request's TableName, which ConsumedCapacity repeats as it is, be it a name or
 * an ARN.
 */
extern const char *api_request_table_as_given(const DdbJson *request);

/*
 * Open a table for reading or writing items; ResourceNotFoundException when
 * it is not there or not ready.
 */
extern DdbTable *api_open_table(const char *name, LOCKMODE lockmode);

/* Raise ResourceNotFoundException as table operations say it. */
extern void api_no_such_table(const char *name) pg_attribute_noreturn();

extern char *api_table_arn(const char *table_name);

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

/* --------------------------------------------------------------- keys */

/* The key in a Key member; the service's errors when it is none. */
extern DdbKey api_key_of_request(DdbTable *table, const DdbValue *key);

/* How a put complains about the key in its item. */
typedef enum ApiKeyErrors
{
	API_KEY_ERRORS_NAMED,		/* PutItem: which attribute, what type */
	API_KEY_ERRORS_PLAIN		/* batches: does not match the schema */
} ApiKeyErrors;

extern DdbKey api_key_of_item(DdbTable *table, const DdbValue *item,
							  ApiKeyErrors errors);

/*
 * The errors of values that secondary indexes cannot have as keys: in an item
 * to be put; in an update's request, as far as it tells; and in the item after
 * the update.
 */
extern void api_check_index_keys_of_put(const DdbTable *table,
										const DdbValue *item);
extern void api_check_index_keys_of_update(const DdbTable *table,
										   const DdbUpdate *update);
extern void api_check_index_keys_updated(const DdbTable *table,
										 const DdbUpdate *update,
										 const DdbValue *item,
										 bool is_new_item);

/* Of those, the errors of empty values alone; item and update may be NULL. */
extern void api_check_index_keys_not_empty(const DdbTable *table,
										   const DdbValue *item,
										   const DdbUpdate *update);

/* A path that goes into a key attribute, of an index too, is an error. */
extern void api_check_paths(const DdbTable *table, const DdbPath *paths,
							int count);
extern void api_check_condition_paths(const DdbTable *table,
									  const DdbCondition *condition);
extern void api_check_update_paths(const DdbTable *table,
								   const DdbUpdate *update);

/* ------------------------------------------------------ writing an item */

/* One write of one item that looks at the old item first. */
typedef struct ApiItemWrite
{
	DdbKey		key;
	const DdbCondition *condition;	/* or NULL */
	bool		show_item;		/* in a condition's failure */

	/* The new item, or NULL to delete; old is NULL where there is none. */
	Jsonb	   *(*compute) (struct ApiItemWrite *write, const Jsonb *old);
	void	   *arg;			/* compute's */

	Jsonb	   *old;			/* results */
	Jsonb	   *new;
	bool		insert_lost;	/* api_store_item's */
} ApiItemWrite;

/*
 * Lock the key, read, test the condition, compute and write.  Raises
 * ConditionalCheckFailedException.
 */
extern void api_write_item(ApiItemWrite *write);

/*
 * Parts of that for who reads and computes himself, with the key locked and
 * old read for update: does the condition hold for old; and write new, which
 * is false when a row appeared under our hands: then everything is done again
 * with that row as the old item.
 */
extern bool api_condition_holds(const ApiItemWrite *write);
extern bool api_store_item(ApiItemWrite *write);

#define API_CONDITION_FAILED "The conditional request failed"

/* Keys cannot be updated. */
extern void api_check_update_targets(const DdbTable *table,
									 const DdbUpdate *update);

/*
 * The item that an update makes of old, whose size is still to be checked; NULL
 * when there was none and the update makes none.
 */
extern DdbValue *api_apply_update(const DdbOperation *operation,
								  const DdbUpdate *update,
								  const DdbKey *key, const Jsonb *old);

/* "ConsumedCapacity" of one write, if the report asks for it. */
extern void api_write_capacity(DdbCall *call, const ApiItemWrite *write,
							   DdbCapacityReport report);

/* "Attributes": a stored item */
extern void api_write_attributes(DdbCall *call, const DdbKey *key,
								 const Jsonb *item);

/* ---------------------------------------------------- item collections */

/* Does a write have to look at the size of its item collection? */
extern bool api_collections_are_limited(const DdbTable *table);

/*
 * ItemCollectionSizeLimitExceededException when replacing old by new (either
 * may be NULL) would make the collection too large.
 */
extern void api_check_collection(const DdbKey *key, const Jsonb *old,
								 const Jsonb *new);

/* "ItemCollectionMetrics" of one write, if it is asked for. */
extern void api_write_collection_metrics(DdbCall *call, const DdbKey *key);

/*
 * One element of it as JSON, in the current context; NULL when it is not asked
 * for, or the table has no item collections.
 */
extern const char *api_collection_metrics(DdbCall *call, const DdbKey *key);

/*
 * "ItemCollectionMetrics" of several writes, if there is any: a list to which
 * the elements (or NULL) of the writes were added, by the table's name.  A
 * collection that several writes went to is told of once.
 */
extern void api_add_collection(List **collections, const char *table_name,
							   const char *metrics);
extern void api_write_collections(DdbJsonWriter *writer, List *collections);

/* The part of every write's request that is the same. */
typedef struct ApiWriteTerms
{
	const char *table_name;
	DdbExpressions expressions;
	DdbCondition *condition;	/* from ConditionExpression or Expected */
	const char *return_values;	/* "NONE", ... */
	bool		show_item;		/* ReturnValuesOnConditionCheckFailure */
	DdbCapacityReport report;
} ApiWriteTerms;

/* Fill it: Expected and the expressions are checked here. */
extern void api_write_terms(const DdbCall *call, ApiWriteTerms *terms);

/* ReturnValues other than NONE and ALL_OLD are an error. */
extern void api_check_return_old_only(const DdbCall *call);

extern bool api_returns(const ApiWriteTerms *terms, const char *return_values);

/* ---------------------------------------------------------------- tags */

/* Check a list of tags, which may be NULL. */
extern void api_check_tags(const DdbJson *tags);

/*
 * Give the tags, which have been checked, to a table that this transaction
 * has locked or made; an error when it then has too many.
 */
extern void api_put_tags(const char *table_name, const DdbJson *tags);

#endif							/* DDB_API_API_INT_H */
