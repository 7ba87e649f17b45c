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
 * These begin a transition.  The index is made or dropped by the server's
 * processes; without them, and by a worker where the table is small and nobody
 * writes to it, here and now, and the transition ends, too.  The
 * table's row of the catalog is locked, its status is the one before.
 */
extern void ddb_ttl_enable(const char *table_name, const char *attribute);
extern void ddb_ttl_disable(const DdbTable *table);

/*
 * Take a table nearer to where its transition ends.  Returns a statement to be
 * executed at top level before this is called again, or NULL at the end.
 */
extern char *ddb_ttl_next_statement(const char *table_name);

/* ------------------------------------------------------------ deletion */

/*
 * One pass over the expired items of a table: those that were expired when it
 * began.  It goes on from transaction to transaction, each of which does some.
 */
typedef struct DdbTtlSweep DdbTtlSweep;

/* In a context of its own below parent, with which it goes. */
extern DdbTtlSweep *ddb_ttl_sweep_begin(MemoryContext parent,
										const char *table_name);
extern void ddb_ttl_sweep_end(DdbTtlSweep *sweep);

/*
 * Look at the next items, so many at most, and delete those that are still
 * expired and that nobody has locked.  Calling it again says that the
 * transaction was committed.  Returns false when there was nothing to do.
 */
extern bool ddb_ttl_sweep_step(DdbTtlSweep *sweep, int limit);

/*
 * Say instead that the transaction failed, perhaps because of a single item: a
 * trigger or constraint may not let it go.  Returns whether to go on.
 */
extern bool ddb_ttl_sweep_failed(DdbTtlSweep *sweep);

/* Items deleted so far. */
extern int64 ddb_ttl_sweep_deleted(DdbTtlSweep *sweep);

/* -------------------------------------------------------------- tasks */

/* Steps of task.def: a transition's index; a pass over a table. */
extern DdbStep ddb_ttl_index_step(DdbJob *job);
extern DdbStep ddb_ttl_sweep_job_step(DdbJob *job);

#endif							/* DDB_TTL_TTL_H */
