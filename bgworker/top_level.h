/*
 * top_level.h
 *	  Statements that start transactions of their own, such as CREATE INDEX
 *	  CONCURRENTLY.
 */
#ifndef DDB_BGWORKER_TOP_LEVEL_H
#define DDB_BGWORKER_TOP_LEVEL_H

/*
 * Executes one statement as if a client had sent it: outside of a transaction, as
 * the user of this process.  Returns when everything is committed.  After an error
 * the caller must call AbortOutOfAnyTransaction(), which also releases locks that
 * the statement held over several transactions.  What it had committed remains,
 * for instance an invalid index.
 */
extern void ddb_execute_top_level(const char *sql);

#endif							/* DDB_BGWORKER_TOP_LEVEL_H */
