/*
 * session.h
 *	  On whose behalf this process runs operations.
 *
 * A SQL session waits for locks as PostgreSQL does and sees its own writes.
 * An HTTP worker serves many clients from one process: it may not wait, so
 * locks are tried, and whoever finds one taken raises lock_not_available,
 * upon which the worker suspends that request alone.
 */
#ifndef DDB_CORE_SESSION_H
#define DDB_CORE_SESSION_H

#include "postgres.h"
#include "core/compat.h"
#include "storage/lock.h"
#include "storage/proc.h"

/* Is this process an HTTP worker?  Set once, at its start. */
extern bool ddb_session_is_worker;

/*
 * In a worker: has the request at hand met a lock before?  Then it probes
 * with NOWAIT where the first attempt would have waited a millisecond.
 */
extern bool ddb_session_probing;

/*
 * Lock a relation until the end of the transaction: waiting in a SQL session,
 * tried in a worker (lock_not_available when another holds it).
 */
extern void ddb_session_lock_relation(Oid relid, LOCKMODE mode);

/* The same for any other lock tag. */
extern void ddb_session_lock_tag(const LOCKTAG *tag, LOCKMODE mode);

/* Tried in both; returns whether it is this transaction's now. */
extern bool ddb_session_try_lock_tag(const LOCKTAG *tag, LOCKMODE mode);

/*
 * In a worker: was the lock that the request at hand has met just now held by
 * other workers alone?  They hold locks for no longer than a step takes.  The
 * server says which processes are workers.
 */
extern bool ddb_session_lock_is_brief;
extern void ddb_session_set_workers(bool (*is_worker) (const PGPROC *proc));

/*
 * Is this SQLSTATE one of an error that a later attempt may not meet, so that a
 * worker tries the request again?
 */
extern bool ddb_session_may_retry(int sqlerrcode);

/* Raise lock_not_available. */
extern void ddb_session_lock_unavailable(void) pg_attribute_noreturn();

#endif							/* DDB_CORE_SESSION_H */
