/*
 * api_transact.h
 *	  What the operations on several items at once, all or nothing, share.
 */
#ifndef DDB_API_API_TRANSACT_H
#define DDB_API_API_TRANSACT_H

#include "api/api_int.h"

#define API_TRANSACTION_MAX_BYTES (INT64CONST(4) * 1024 * 1024)

/* One of CancellationReasons; all zero: "None". */
typedef struct ApiReason
{
	const char *code;			/* NULL: "None" */
	const char *message;
	const Jsonb *item;			/* or NULL */
} ApiReason;

/*
 * Run code(arg, i) for every i below count.  What it raises and a client is to
 * be told as a reason becomes reasons[i], and the next one is run; anything
 * else goes on its way.  The code must not lock or write: it runs in a
 * subtransaction, which is rolled back.
 */
extern void api_collect_reasons(void (*code) (void *arg, int i), void *arg,
								int count, ApiReason *reasons);

/*
 * The reason that an error caught stands for; false when it is none.  The
 * current memory context must not be ErrorContext.
 */
extern bool api_reason_of_error(const ErrorData *error, ApiReason *reason);

/* Raise TransactionCanceledException if there is any reason to. */
extern void api_check_reasons(const ApiReason *reasons, int count);

/* The same, for the first reason alone: the others become none. */
extern void api_check_first_reason(ApiReason *reasons, int count);

/*
 * The failure of a transaction that met a lock: at the item number "item", or,
 * when that is not known (below zero), at any of them.
 */
extern DdbFailure api_transaction_conflict(int count, int item);

/* The same item twice is an error; keys that are NULL are left out. */
extern void api_check_distinct(const DdbKey *const *keys, int count);

/* Raise the error of items of more than 4 MB. */
extern void api_check_transaction_size(int64 bytes);

/*
 * Units of one item in one of several tables, added to the entry of its table;
 * in the order in which tables come first.
 */
typedef struct ApiTableCapacity
{
	const char *table_name;
	DdbCapacity capacity;
} ApiTableCapacity;

extern void api_add_table_capacity(List **tables, const char *table_name,
								   const DdbCapacity *capacity);

/* "ConsumedCapacity" of all tables, if the report asks for it. */
extern void api_write_table_capacities(DdbJsonWriter *writer,
									   DdbCapacityReport report,
									   const List *tables);

#endif							/* DDB_API_API_TRANSACT_H */
