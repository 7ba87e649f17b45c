/*
 * flush.h
 *	  Making commits durable for many answers at once.
 *
 * Workers commit asynchronously and go on.  An answer is held back until
 * everything its transaction wrote or could see is durable: up to the end of
 * WAL as it was after the transaction's end, which is the answer's target.
 */
#ifndef DDB_BGWORKER_FLUSH_H
#define DDB_BGWORKER_FLUSH_H

#include "postgres.h"
#include "access/xlogdefs.h"

/* The end of WAL now. */
extern XLogRecPtr ddb_flush_target(void);

/* Up to where answers may go out. */
extern XLogRecPtr ddb_flush_acked(void);

/* Ask the flusher to get there and to wake worker "slot" then. */
extern void ddb_flush_request(int slot, XLogRecPtr target);

/* Is there a flusher? */
extern bool ddb_flush_has_flusher(void);

/*
 * Flush in this process, then wait for synchronous standbys as configured, and
 * let answers up to there go out.  May block.
 */
extern void ddb_flush_now(XLogRecPtr target);

/* Must answers wait for standbys, too? */
extern bool ddb_flush_waits_for_standby(void);

#endif							/* DDB_BGWORKER_FLUSH_H */
