/*
 * flush.h
 *	  Making commits durable for many answers at once.
 *
 * Workers commit asynchronously and continue.  An answer is held back until
 * everything that its transaction wrote or could see is durable.  This is WAL up to
 * the end after the transaction, which is the target of the answer.
 */
#ifndef DDB_BGWORKER_FLUSH_H
#define DDB_BGWORKER_FLUSH_H

#include "postgres.h"
#include "access/xlogdefs.h"

/* The end of WAL now. */
extern XLogRecPtr ddb_flush_target(void);

/* Answers with a target up to here may be sent. */
extern XLogRecPtr ddb_flush_acked(void);

/* Asks the flusher to flush up to there and then wake worker "slot". */
extern void ddb_flush_request(int slot, XLogRecPtr target);

/* Is there a flusher? */
extern bool ddb_flush_has_flusher(void);

/*
 * Flushes in this process, then waits for synchronous standbys as configured, and
 * lets answers up to there be sent.  May block.
 */
extern void ddb_flush_now(XLogRecPtr target);

/* Returns whether answers must wait for standbys, too. */
extern bool ddb_flush_waits_for_standby(void);

#endif							/* DDB_BGWORKER_FLUSH_H */
