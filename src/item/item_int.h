/*
 * item_int.h
 *	  What the files of item/ share.
 */
#ifndef DDB_ITEM_ITEM_INT_H
#define DDB_ITEM_ITEM_INT_H

#include "item/item.h"

#define ITEM_CONDITION_FAILED "The conditional request failed"

/* ------------------------------------------------------------- checks */

/* Of update's paths as ddb_item_check_condition(); and keys cannot be updated. */
extern void item_check_update_paths(const DdbTable *table,
									const DdbUpdate *update);
extern void item_check_update_targets(const DdbTable *table,
									  const DdbUpdate *update);

/*
 * The errors of values that secondary indexes cannot have as keys: in an item
 * to be put; in an update's request, as far as it tells; and in the item after
 * the update.
 */
extern void item_check_index_keys_of_put(const DdbTable *table,
										 const DdbValue *item);
extern void item_check_index_keys_of_update(const DdbTable *table,
											const DdbUpdate *update);
extern void item_check_index_keys_updated(const DdbTable *table,
										  const DdbUpdate *update,
										  const DdbValue *item,
										  bool is_new_item);

/* Of those, the errors of empty values alone; item and update may be NULL. */
extern void item_check_index_keys_not_empty(const DdbTable *table,
											const DdbValue *item,
											const DdbUpdate *update);

/* --------------------------------------------------- writing an item */

/* Begin a write: its key, and the item to put as it is stored. */
extern void item_begin_write(DdbItemWrite *write, const DdbItemAction *action,
							 DdbTable *table);

/*
 * Lock the key, look at the item, test the condition, compute and write.
 * Raises ConditionalCheckFailedException.
 */
extern void item_lock_and_write(DdbItemWrite *write);

/*
 * With the key locked and old read for update: does the condition hold for
 * old; what shall be there, which becomes new; and write new, which is false
 * when a row appeared under our hands: then everything is done again with that
 * row as the old item.
 */
extern bool item_condition_holds(const DdbItemWrite *write);
extern Jsonb *item_compute(DdbItemWrite *write);
extern bool item_store(DdbItemWrite *write);

/* -------------------------------------------------- item collections */

/* Does a write have to look at the size of its item collection? */
extern bool item_collections_are_limited(const DdbTable *table);

/*
 * ItemCollectionSizeLimitExceededException when replacing old by new (either
 * may be NULL) would make the collection too large.
 */
extern void item_check_collection(const DdbKey *key, const Jsonb *old,
								  const Jsonb *new);

/* ------------------------------------------------------- transactions */

#define ITEM_TRANSACTION_MAX_BYTES (INT64CONST(4) * 1024 * 1024)

/*
 * Run code(arg, i) for every i below count.  What it raises and a client is to
 * be told as a reason becomes reasons[i], and the next one is run; anything
 * else goes on its way.  The code must not lock or write: it runs in a
 * subtransaction, which is rolled back.
 */
extern void item_collect_reasons(void (*code) (void *arg, int i), void *arg,
								 int count, DdbItemReason *reasons);

/*
 * The reason that an error caught stands for; false when it is none.  The
 * current memory context must not be ErrorContext.
 */
extern bool item_reason_of_error(const ErrorData *error, DdbItemReason *reason);

/* Raise TransactionCanceledException if there is any reason to. */
extern void item_check_reasons(const DdbItemReason *reasons, int count);

/* The same, for the first reason alone: the others become none. */
extern void item_check_first_reason(DdbItemReason *reasons, int count);

/*
 * The failure of a transaction that met a lock: at the item number "item", or,
 * when that is not known (below zero), at any of them.
 */
extern DdbFailure item_transaction_conflict(int count, int item);

/* The same item twice is an error; keys that are NULL are left out. */
extern void item_check_distinct(const DdbKey *const *keys, int count);

/* Raise the error of items of more than 4 MB. */
extern void item_check_transaction_size(int64 bytes);

/* Order by DdbKey's hash, in which all writes of ours lock keys. */
extern int	item_compare_lock_order(uint64 left, uint64 right);

#endif							/* DDB_ITEM_ITEM_INT_H */
