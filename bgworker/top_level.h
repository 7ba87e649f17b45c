/*
 * top_level.h
 *	  Statements that make transactions of their own: CREATE INDEX CONCURRENTLY
 *	  and the like.
 */
#ifndef DDB_BGWORKER_TOP_LEVEL_H
#define DDB_BGWORKER_TOP_LEVEL_H

/*
 * Execute one statement as a client would send it: outside of a transaction,
 * as the user this process is connected as.  Returns when all of it is
 * committed.  After an error the caller aborts (AbortOutOfAnyTransaction),
 * which also gives back the locks that such a statement holds over its
 * transactions; what it had committed stays, an invalid index for instance.
 */
extern void ddb_execute_top_level(const char *sql);

#endif							/* DDB_BGWORKER_TOP_LEVEL_H */
