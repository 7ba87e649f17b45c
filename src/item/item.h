/*
 * item.h
 *	  Items of tables: how they are read and written, one, several, or several
 *	  as one transaction, and page by page.
 *
 * Nothing here knows a request.  Who calls, be it a handler of an operation, a
 * statement or a copy of a table, fills a struct with what is wanted; errors are
 * the service's.  The structs outlast a step, what says otherwise is of the step
 * under way.  Everything needs a transaction and an SPI connection.
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
 * Open a table for reading or writing items; ResourceNotFoundException when
 * it is not there or not ready.
 */
extern DdbTable *ddb_item_open_table(const char *name, LOCKMODE lockmode);

/* ---------------------------------------------------------------- keys */

/* The key that "key" is, all of it; the service's errors when it is none. */
extern DdbKey ddb_item_key(DdbTable *table, const DdbValue *key);

/* How a put complains about the key in its item. */
typedef enum DdbItemKeyErrors
{
	DDB_ITEM_KEY_ERRORS_NAMED,	/* PutItem: which attribute, what type */
	DDB_ITEM_KEY_ERRORS_PLAIN	/* batches: does not match the schema */
} DdbItemKeyErrors;

extern DdbKey ddb_item_key_within(DdbTable *table, const DdbValue *item,
								  DdbItemKeyErrors errors);

/*
 * A path that goes into a key attribute, of an index too, is an error.  The
 * projection and the condition may be NULL.
 */
extern void ddb_item_check_projection(const DdbTable *table,
									  const DdbProjection *projection);
extern void ddb_item_check_condition(const DdbTable *table,
									 const DdbCondition *condition);

/* -------------------------------------------------------- one item read */

/*
 * Write an item, or as much of it as the projection shows (NULL: all).  Returns
 * the size of the whole item.
 */
extern int64 ddb_item_show(DdbJsonWriter *writer, const DdbKey *key,
						   const Jsonb *item, const DdbProjection *projection);

/* What a projection shows of an item. */
extern DdbValue *ddb_item_project(const DdbKey *key, const Jsonb *item,
								  const DdbProjection *projection);

/* ----------------------------------------------------- one item written */

typedef enum DdbItemActionKind
{
	DDB_ITEM_CHECK,				/* the condition alone, in transactions */
	DDB_ITEM_PUT,
	DDB_ITEM_DELETE,
	DDB_ITEM_UPDATE
} DdbItemActionKind;

/* What is to be done with one item. */
typedef struct DdbItemAction
{
	DdbItemActionKind kind;
	const DdbOperation *operation;	/* whose errors an update raises */
	const char *table_name;
	DdbValue   *item;			/* of a put; of others its key */
	int64		size;			/* of item; needed in transactions */
	int64		values_size;	/* of the values of expressions; likewise */
	const DdbCondition *condition;	/* or NULL */
	const DdbUpdate *update;	/* or NULL: nothing but the key */
	bool		show_item;		/* in a condition's failure */
	bool		wants_images;	/* whoever asks needs what was there, and what is */
} DdbItemAction;

/* Raise the error of an item that is too large to be put. */
extern void ddb_item_check_size(int64 size);

/* An action being done, in one attempt. */
typedef struct DdbItemWrite
{
	const DdbItemAction *action;
	DdbKey		key;
	Jsonb	   *put;			/* action->item as it is stored; or NULL */
	Jsonb	   *old;			/* what was there; NULL: nothing */
	Jsonb	   *new;			/* what is there now; NULL: nothing */
	int64		new_bytes;		/* of new, where it was put or updated */
	bool		insert_lost;	/* item_store()'s */
} DdbItemWrite;

/*
 * Put, delete or update: open the table, check the action against its schema,
 * lock the key, read, test the condition and write.  Raises
 * ConditionalCheckFailedException.  old and new are set only if they had to be
 * looked at or are wanted.
 */
extern void ddb_item_execute(const DdbItemAction *action, DdbItemWrite *write);

/* ---------------------------------------------------- item collections */

/*
 * One element of ItemCollectionMetrics as JSON, in the current context; NULL
 * when the table has no item collections.
 */
extern const char *ddb_item_collection_metrics(const DdbKey *key,
											   bool stored_form);

/*
 * "ItemCollectionMetrics" of several writes, if there is any: a list to which
 * the elements (or NULL) of the writes were added, by the table's name.  A
 * collection that several writes went to is told of once.
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

/* Of every action, while it is tried. */
typedef struct DdbItemTransactionPart DdbItemTransactionPart;

/* Several actions, all or none. */
typedef struct DdbItemTransaction
{
	int			count;
	DdbItemAction *actions;		/* the caller's to fill */
	DdbRequestToken *token;		/* or NULL */
	StringInfo	digest_source;	/* what token is given for (item_digest.h) */
	bool		wants_capacity;

	/* Results, of the last attempt. */
	bool		done_before;	/* under the token: nothing was done */
	List	   *capacities;		/* DdbItemTableCapacity; in that case, of reading */
	DdbItemWrite *writes;		/* by action, unless it was */

	/* item_transaction.c's */
	MemoryContext attempt;		/* what the attempt under way needs */
	DdbItemTransactionPart *parts;
	DdbItemReason *reasons;
	int			current;		/* the action that may meet a lock; -1: none */
} DdbItemTransaction;

/* In the current memory context. */
extern DdbItemTransaction *ddb_item_make_transaction(int count);

/*
 * Try it.  Raises TransactionCanceledException with a reason for each action.
 * After an error that says so (ddb_lock_may_retry) it can be tried again.
 * Makes transaction->attempt, where the results are, the current context.
 */
extern void ddb_item_write_transaction(DdbItemTransaction *transaction);

/*
 * The end of one that met a lock and is not tried again: what its client is
 * told.  Raises nothing.
 */
extern DdbFailure ddb_item_give_up_transaction(DdbItemTransaction *transaction);

/* One item of several that are read as of one moment. */
typedef struct DdbItemGet
{
	const char *table_name;
	DdbValue   *key_value;
	const DdbProjection *projection;	/* or NULL */

	/* of the step under way */
	DdbTable   *table;
	bool		has_key;
	DdbKey		key;
	Jsonb	   *item;			/* the result, or NULL */
	int64		bytes;			/* its size */
} DdbItemGet;

typedef struct DdbItemReading
{
	int			count;
	DdbItemGet *gets;			/* the caller's to fill */
	DdbItemReason *reasons;
	int			current;		/* the get that may meet a lock */
} DdbItemReading;

extern DdbItemReading *ddb_item_make_reading(int count);
extern void ddb_item_read_at_once(DdbItemReading *reading);
extern DdbFailure ddb_item_give_up_reading(const DdbItemReading *reading);

/*
 * Units of items in one of several tables; in the order in which tables come
 * first.
 */
typedef struct DdbItemTableCapacity
{
	const char *table_name;
	DdbCapacity capacity;
} DdbItemTableCapacity;

extern void ddb_item_add_capacity(List **tables, const char *table_name,
								  const DdbCapacity *capacity);

/* "ConsumedCapacity" of all tables, if the report asks for it. */
extern void ddb_item_write_capacities(DdbJsonWriter *writer,
									  DdbCapacityReport report,
									  const List *tables);

/* ------------------------------------------------------------- batches */

#define DDB_ITEM_MAX_BATCH 25

/* One put or delete of a batch. */
typedef struct DdbItemBatchWrite
{
	const char *request_name;	/* of the table, as the request has it: all */
	const char *table_name;		/* writes to a table share this pointer */
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

/* Copied and put back as a whole when a step fails. */
typedef struct DdbItemBatch
{
	int			count;
	DdbItemBatchWrite writes[DDB_ITEM_MAX_BATCH];
	bool		wants_capacity;
	bool		wants_metrics;
	bool		stored_form;	/* of the metrics */
	MemoryContext context;		/* where results are */

	/* item_batch.c's */
	bool		checked;
	int			next;			/* where writing goes on */
} DdbItemBatch;

/*
 * Write as many as the budget allows; true when all are written.  The order of
 * writes changes.  *skip_locked: leave out the one that is locked; cleared when
 * that is done.
 */
extern bool ddb_item_write_batch(DdbItemBatch *batch, DdbBudget *budget,
								 bool *skip_locked);

/* --------------------------------------------------------------- pages */

/* A page of what a Query or a Scan reads. */
typedef struct DdbItemPage
{
	const char *table_name;
	const char *index_name;		/* NULL: the table */
	bool		is_query;		/* else a scan */
	bool		select_all;		/* ALL_ATTRIBUTES was asked for */
	const char *filter_name;	/* what messages call the filter */
	DdbQueryTerms query;		/* or */
	DdbScanTerms scan;
	DdbPage		page;			/* terms and context are the caller's to fill */

	/* item_page.c's: what the first step has read */
	pg_uuid_t	table_id;
	const char *index_spec;		/* "" for the table itself */
	bool		started;
} DdbItemPage;

#define DDB_ITEM_TOO_MANY_CONDITIONS "Conditions can be of length 1 or 2 only"

/*
 * Read on, and write items as elements of an array, until the page is complete
 * (true) or the budget is spent (false).  The first step checks what is asked
 * for against the schema.
 */
extern bool ddb_item_read_page(DdbItemPage *page, DdbJsonWriter *writer,
							   DdbBudget budget);

/* What a complete page has consumed. */
extern DdbCapacity ddb_item_page_capacity(const DdbItemPage *page);

#endif							/* DDB_ITEM_ITEM_H */
