/*
 * item.h
 *	  Reading and writing items: single ones, batches, transactions, and pages.
 *
 * Nothing here knows requests.  The caller, for instance the handler of an
 * operation, fills a struct with what is wanted.  Errors are the service's.  The
 * structs outlast a step, apart from members that belong to the present step.  All
 * functions need a transaction and an SPI connection.
 */
#ifndef DDB_ITEM_ITEM_H
#define DDB_ITEM_ITEM_H

#include "core/error.h"
#include "expr/expr.h"
#include "meta/meta.h"
#include "meta/token.h"
#include "model/model.h"
#include "query/query.h"
#include "store/store.h"

/*
 * Opens a table for reading or writing items, and locks its heap in the given
 * mode.  Raises ResourceNotFoundException if it does not exist or is not ready.
 */
extern DdbTable *ddb_item_open_table(const char *name, LOCKMODE lockmode);

/* ---------------------------------------------------------------- keys */

/* Returns the key that "key" consists of.  Raises an error if it is invalid. */
extern DdbKey ddb_item_key(DdbTable *table, const DdbValue *key);

/* Which errors a put raises for the key in its item. */
typedef enum DdbItemKeyErrors
{
	DDB_ITEM_KEY_ERRORS_NAMED,	/* PutItem: which attribute, what type */
	DDB_ITEM_KEY_ERRORS_PLAIN	/* batches: does not match the schema */
} DdbItemKeyErrors;

extern DdbKey ddb_item_key_within(DdbTable *table, const DdbValue *item,
								  DdbItemKeyErrors errors);

/*
 * Raise an error if a path leads into a key attribute of the table or of an index.
 * The projection and the condition may be NULL.
 */
extern void ddb_item_check_projection(const DdbTable *table,
									  const DdbProjection *projection);
extern void ddb_item_check_condition(const DdbTable *table,
									 const DdbCondition *condition);

/* -------------------------------------------------------- one item read */

/*
 * Writes an item, or the part of it that the projection shows (NULL: all).  Returns
 * the size of the whole item.
 */
extern int64 ddb_item_show(DdbJsonWriter *writer, const DdbKey *key,
						   const Jsonb *item, const DdbProjection *projection);

/* Returns the part of an item that a projection shows. */
extern DdbValue *ddb_item_project(const DdbKey *key, const Jsonb *item,
								  const DdbProjection *projection);

/* ----------------------------------------------------- one item written */

typedef enum DdbItemActionKind
{
	DDB_ITEM_CHECK,				/* only the condition; in transactions */
	DDB_ITEM_PUT,
	DDB_ITEM_DELETE,
	DDB_ITEM_UPDATE
} DdbItemActionKind;

/* What to do with one item.  Filled by the caller. */
typedef struct DdbItemAction
{
	DdbItemActionKind kind;
	const DdbOperation *operation;	/* determines the errors of an update */
	const char *table_name;
	DdbValue   *item;			/* of a put; the key for other kinds */
	int64		size;			/* of item; required in transactions */
	int64		values_size;	/* of values in expressions; required too */
	const DdbCondition *condition;	/* or NULL */
	const DdbUpdate *update;	/* or NULL: nothing but the key */
	bool		show_item;		/* in the error of a failed condition */
	bool		wants_images;	/* the caller needs old and new */
} DdbItemAction;

/* Raises an error if an item of this size is too large to be put. */
extern void ddb_item_check_size(int64 size);

/* One attempt at an action. */
typedef struct DdbItemWrite
{
	const DdbItemAction *action;
	DdbKey		key;
	Jsonb	   *put;			/* action->item as it is stored; or NULL */
	Jsonb	   *old;			/* the item before; NULL: there was none */
	Jsonb	   *new;			/* the item now; NULL: there is none */
	int64		new_bytes;		/* of new, where it was put or updated */
	bool		insert_lost;	/* item_store()'s */
} DdbItemWrite;

/*
 * Carries out a put, delete or update: opens the table, checks the action against
 * its schema, locks the key until the end of the transaction, reads the item, tests
 * the condition and writes.  Raises ConditionalCheckFailedException.  old and new
 * are set only if they had to be read or are wanted.
 */
extern void ddb_item_execute(const DdbItemAction *action, DdbItemWrite *write);

/* ---------------------------------------------------- item collections */

/*
 * Returns an element of ItemCollectionMetrics as JSON, in the current context, or
 * NULL if the table has no item collections.
 */
extern const char *ddb_item_collection_metrics(const DdbKey *key,
											   bool stored_form);

/*
 * The first function adds an element (or NULL) to a list by the table's name.  The
 * second writes "ItemCollectionMetrics" if the list is not empty.  A collection
 * that several writes concern appears once.
 */
extern void ddb_item_add_collection(List **collections, const char *table_name,
									const char *metrics);
extern void ddb_item_write_collections(DdbJsonWriter *writer,
									   List *collections);

/* -------------------------------------------------------- transactions */

/* One of CancellationReasons; all zero: "None". */
typedef struct DdbItemReason
{
	const char *code;			/* NULL: "None" */
	const char *message;
	const Jsonb *item;			/* or NULL */
} DdbItemReason;

/* The state of an action during an attempt. */
typedef struct DdbItemTransactionPart DdbItemTransactionPart;

/* Several actions, of which all or none are carried out. */
typedef struct DdbItemTransaction
{
	int			count;
	DdbItemAction *actions;		/* filled by the caller */
	DdbRequestToken *token;		/* or NULL */
	StringInfo	digest_source;	/* what the token stands for (item_digest.h) */
	bool		wants_capacity;

	/* Results, of the last attempt. */
	bool		done_before;	/* under the token; nothing was done now */
	List	   *capacities;		/* DdbItemTableCapacity; of reads if done before */
	DdbItemWrite *writes;		/* by action; not if done before */

	/* item_transaction.c's */
	MemoryContext attempt;		/* memory of the present attempt */
	DdbItemTransactionPart *parts;
	DdbItemReason *reasons;
	int			current;		/* the action that may meet a lock; -1: none */
} DdbItemTransaction;

/* Allocates a transaction of count actions in the current memory context. */
extern DdbItemTransaction *ddb_item_make_transaction(int count);

/*
 * Attempts the transaction.  Raises TransactionCanceledException with a reason for
 * each action.
 * After an error that says so (ddb_lock_may_retry) it can be tried again.
 * Switches to transaction->attempt, the memory context of the results.
 */
extern void ddb_item_write_transaction(DdbItemTransaction *transaction);

/*
 * Returns the error for the client when a transaction has met a lock and is not
 * attempted again.  Raises no error.
 */
extern DdbFailure ddb_item_give_up_transaction(DdbItemTransaction *transaction);

/* One of several items that are read in one snapshot. */
typedef struct DdbItemGet
{
	const char *table_name;
	DdbValue   *key_value;
	const DdbProjection *projection;	/* or NULL */

	/* of the present step */
	DdbTable   *table;
	bool		has_key;
	DdbKey		key;
	Jsonb	   *item;			/* the result, or NULL */
	int64		bytes;			/* its size */
} DdbItemGet;

typedef struct DdbItemReading
{
	int			count;
	DdbItemGet *gets;			/* filled by the caller */
	DdbItemReason *reasons;
	int			current;		/* the get that may meet a lock */
} DdbItemReading;

extern DdbItemReading *ddb_item_make_reading(int count);
extern void ddb_item_read_at_once(DdbItemReading *reading);
extern DdbFailure ddb_item_give_up_reading(const DdbItemReading *reading);

/*
 * The capacity consumed in one of several tables, which are in the order of their
 * first use.
 */
typedef struct DdbItemTableCapacity
{
	const char *table_name;
	DdbCapacity capacity;
} DdbItemTableCapacity;

extern void ddb_item_add_capacity(List **tables, const char *table_name,
								  const DdbCapacity *capacity);

/* Writes "ConsumedCapacity" of all tables if the report asks for it. */
extern void ddb_item_write_capacities(DdbJsonWriter *writer,
									  DdbCapacityReport report,
									  const List *tables);

/* ------------------------------------------------------------- batches */

#define DDB_ITEM_MAX_BATCH 25

/* One put or delete of a batch. */
typedef struct DdbItemBatchWrite
{
	const char *request_name;	/* the table as the request names it; all */
	const char *table_name;		/* writes to one table share this pointer */
	const void *request;		/* the caller's */
	DdbValue   *item;			/* of a put; or */
	DdbValue   *key;			/* of a delete */
	int64		size;			/* of the item; 1 for a delete */

	/* Results */
	bool		unprocessed;
	DdbCapacity *capacity;		/* NULL unless wanted */
	const char *metrics;		/* ItemCollectionMetrics as JSON, if wanted */

	/* item_batch.c's */
	uint64		lock_order;
	DdbKey		target;			/* found again in every step */
	bool		done;			/* write_blindly()'s */
} DdbItemBatchWrite;

/* Saved before a step, and restored as a whole if the step fails. */
typedef struct DdbItemBatch
{
	int			count;
	DdbItemBatchWrite writes[DDB_ITEM_MAX_BATCH];
	bool		wants_capacity;
	bool		wants_metrics;
	bool		stored_form;	/* of the metrics */
	MemoryContext context;		/* for the results */

	/* item_batch.c's */
	bool		checked;
	int			next;			/* the next write */
} DdbItemBatch;

/*
 * Writes as many items as the budget allows.  Returns true when all are written.
 * Changes the order of the writes.  If *skip_locked is set, leaves out the item that
 * is locked, and clears it.
 */
extern bool ddb_item_write_batch(DdbItemBatch *batch, DdbBudget *budget,
								 bool *skip_locked);

/* --------------------------------------------------------------- pages */

/* A page of a Query or Scan. */
typedef struct DdbItemPage
{
	const char *table_name;
	const char *index_name;		/* NULL: the table */
	bool		is_query;		/* else a scan */
	bool		select_all;		/* ALL_ATTRIBUTES was asked for */
	const char *filter_name;	/* the name of the filter in messages */
	DdbQueryTerms query;		/* or */
	DdbScanTerms scan;
	DdbPage		page;			/* the caller fills terms and context */

	/* item_page.c's: found by the first step */
	pg_uuid_t	table_id;
	const char *index_spec;		/* "" for the table itself */
	bool		started;
} DdbItemPage;

#define DDB_ITEM_TOO_MANY_CONDITIONS "Conditions can be of length 1 or 2 only"

/*
 * Continues to read, and writes items as elements of an array, until the page is
 * complete (returns true) or the budget is spent (returns false).  The first step
 * checks the page against the schema.
 */
extern bool ddb_item_read_page(DdbItemPage *page, DdbJsonWriter *writer,
							   DdbBudget budget);

/* The capacity that a complete page has consumed. */
extern DdbCapacity ddb_item_page_capacity(const DdbItemPage *page);

#endif							/* DDB_ITEM_ITEM_H */
