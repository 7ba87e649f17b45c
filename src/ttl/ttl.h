/*
 * ttl.h
 *	  Time to live: its states, and the deletion of expired items.
 *
 * Everything here needs a transaction, an SPI connection and an operation
 * under way (ddb_meta_begin_operation).
 */
#ifndef DDB_TTL_TTL_H
#define DDB_TTL_TTL_H

#include "meta/job.h"

/* -------------------------------------------------------------- states */

/*
 *	 DISABLED -> ENABLING -> ENABLED -> DISABLING -> DISABLED
 *
 * These functions begin a transition.  The processes of the server create or
 * drop the index and complete the transition.  If no server process takes the
 * work, the calling transaction does it.  A worker also does the work itself
 * when it enables a small table that nobody writes to.  The caller must hold a
 * lock on the table's row of the catalog.  The status must be the one from
 * which the transition starts.
 */
extern void ddb_ttl_enable(const char *table_name, const char *attribute);
extern void ddb_ttl_disable(const DdbTable *table);

/*
 * Performs the next part of a table's transition.  Returns a statement to
 * execute at top level before the next call, or NULL if the transition is
 * complete.
 */
extern char *ddb_ttl_next_statement(const char *table_name);

/* ------------------------------------------------------------ deletion */

/*
 * One pass over the items of a table that were expired when the pass began.  A
 * pass may take many transactions, each of which handles some of the items.
 */
typedef struct DdbTtlSweep DdbTtlSweep;

/* Begins a pass, in a new memory context below parent. */
extern DdbTtlSweep *ddb_ttl_sweep_begin(MemoryContext parent,
										const char *table_name);
extern void ddb_ttl_sweep_end(DdbTtlSweep *sweep);

/*
 * Takes at most "limit" further items, and deletes those that are still
 * expired and not locked.  A call implies that the transaction of the previous
 * step was committed.  Returns false if there was nothing to do.
 */
extern bool ddb_ttl_sweep_step(DdbTtlSweep *sweep, int limit);

/*
 * Must be called instead if the transaction of the previous step failed.  The
 * cause may be a single item, for example if a trigger or constraint prevents
 * its deletion.  Returns whether to continue.
 */
extern bool ddb_ttl_sweep_failed(DdbTtlSweep *sweep);

/* Returns the number of items deleted so far. */
extern int64 ddb_ttl_sweep_deleted(DdbTtlSweep *sweep);

/* -------------------------------------------------------------- tasks */

/* Steps of task.def: for the index of a transition; for a pass. */
extern DdbStep ddb_ttl_index_step(DdbJob *job);
extern DdbStep ddb_ttl_sweep_job_step(DdbJob *job);

#endif							/* DDB_TTL_TTL_H */
