/*
 * item_int.h
 *	  What the files of item/ share.
 */
#ifndef DDB_ITEM_ITEM_INT_H
#define DDB_ITEM_ITEM_INT_H

#include "item/item.h"

#define ITEM_CONDITION_FAILED "The conditional request failed"

/* ------------------------------------------------------------- checks */

/* Like ddb_item_check_condition(), and raises an error if a key is updated. */
extern void item_check_update_paths(const DdbTable *table,
									const DdbUpdate *update);
extern void item_check_update_targets(const DdbTable *table,
									  const DdbUpdate *update);

/*
 * Raise the errors of values that cannot be keys of secondary indexes: in an item
 * to be put; in the request of an update, as far as it shows them; and in the item
 * after the update.
 */
extern void item_check_index_keys_of_put(const DdbTable *table,
										 const DdbValue *item);
extern void item_check_index_keys_of_update(const DdbTable *table,
											const DdbUpdate *update);
extern void item_check_index_keys_updated(const DdbTable *table,
										  const DdbUpdate *update,
										  const DdbValue *item,
										  bool is_new_item);

/* Raises only the errors of empty values.  item and update may be NULL. */
extern void item_check_index_keys_not_empty(const DdbTable *table,
											const DdbValue *item,
											const DdbUpdate *update);

/* --------------------------------------------------- writing an item */

/* Begins a write: sets its key, and the stored form of an item to put. */
extern void item_begin_write(DdbItemWrite *write, const DdbItemAction *action,
							 DdbTable *table);

/*
 * Locks the key, reads the item, tests the condition, computes the new item and
 * writes it.  Raises ConditionalCheckFailedException.
 */
extern void item_lock_and_write(DdbItemWrite *write);

/*
 * The parts of item_write().  The key must be locked and old be read for update.
 * They return whether the condition holds for old; compute new; and write new.
 * Writing returns false if another transaction has inserted the row meanwhile.  Then
 * the caller starts over with that row as the old item.
 */
extern bool item_condition_holds(const DdbItemWrite *write);
extern Jsonb *item_compute(DdbItemWrite *write);
extern bool item_store(DdbItemWrite *write);

/* -------------------------------------------------- item collections */

/* Returns whether a write must check the size of its item collection. */
extern bool item_collections_are_limited(const DdbTable *table);

/*
 * Raises ItemCollectionSizeLimitExceededException if replacing old with new would
 * make the collection too large.  Both may be NULL.
 */
extern void item_check_collection(const DdbKey *key, const Jsonb *old,
								  const Jsonb *new);

/* ------------------------------------------------------- transactions */

#define ITEM_TRANSACTION_MAX_BYTES (INT64CONST(4) * 1024 * 1024)

/*
 * Runs code(arg, i) for every i below count.  An error that is a reason for the
 * client becomes reasons[i], and the next call follows.  Other errors are raised
 * again.  The code must not lock or write, because it runs in a subtransaction that
 * is rolled back.
 */
extern void item_collect_reasons(void (*code) (void *arg, int i), void *arg,
								 int count, DdbItemReason *reasons);

/*
 * Gets the reason for a caught error.  Returns false if the error is not a reason.
 * The current memory context must not be ErrorContext.
 */
extern bool item_reason_of_error(const ErrorData *error, DdbItemReason *reason);

/* Raises TransactionCanceledException if there is any reason. */
extern void item_check_reasons(const DdbItemReason *reasons, int count);

/* The same, but keeps only the first reason. */
extern void item_check_first_reason(DdbItemReason *reasons, int count);

/*
 * Returns the failure of a transaction that has met a lock at item number "item".
 * If the number is negative, the item is unknown.
 */
extern DdbFailure item_transaction_conflict(int count, int item);

/* Raises an error if a key occurs twice.  Keys that are NULL are left out. */
extern void item_check_distinct(const DdbKey *const *keys, int count);

/* Raises the error of items of more than 4 MB. */
extern void item_check_transaction_size(int64 bytes);

/* Compares hashes of keys.  All writes lock keys in this order. */
extern int	item_compare_lock_order(uint64 left, uint64 right);

#endif							/* DDB_ITEM_ITEM_INT_H */
