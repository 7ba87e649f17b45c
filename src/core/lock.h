/*
 * lock.h
 *	  Locks: how long this process waits for them, and the classes of advisory
 *	  locks.
 *
 * A SQL session waits for locks as PostgreSQL does.  An HTTP worker serves many
 * clients from one process and cannot wait: if a lock is taken, it raises
 * lock_not_available, suspends that request alone, and tries it again later.
 */
#ifndef DDB_CORE_LOCK_H
#define DDB_CORE_LOCK_H

#include "postgres.h"
#include "core/compat.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "storage/proc.h"

/* ------------------------------------------------------------- policy */

/*
 * How long this process waits for a lock on a row or a lock tag.  Locks on
 * relations are waited for with DDB_LOCK_WAIT only.
 *
 * Processes with one of the other policies belong to the server.  Their
 * transactions last no longer than a step.
 */
typedef enum DdbLockPolicy
{
	DDB_LOCK_WAIT,				/* as PostgreSQL does: SQL sessions */
	DDB_LOCK_BRIEF,				/* for lock_timeout, a millisecond: the first
								 * attempt of a request in a worker */
	DDB_LOCK_TRY				/* not at all: later attempts, and the sweeper */
} DdbLockPolicy;

extern DdbLockPolicy ddb_lock_policy;

/*
 * Lock a relation until the end of the transaction.  Raises lock_not_available
 * if the policy is not to wait and another transaction has it locked.
 */
extern void ddb_lock_relation(Oid relid, LOCKMODE mode);

/* The same for any other lock tag. */
extern void ddb_lock_acquire(const LOCKTAG *tag, LOCKMODE mode);

/*
 * Never waits, whatever the policy.  Returns whether this transaction has the
 * lock now.
 */
extern bool ddb_lock_try(const LOCKTAG *tag, LOCKMODE mode);

/*
 * Set by ddb_lock_acquire() in a worker: was the lock that the request has just
 * failed to get held by other workers only?  They hold locks for no longer than
 * a step.  The server says which processes are workers.
 */
extern bool ddb_lock_is_brief;
extern void ddb_lock_set_workers(bool (*is_worker) (const PGPROC *proc));

/*
 * Returns whether an error with this SQLSTATE may not occur again, so that a
 * worker tries the request again.
 */
extern bool ddb_lock_may_retry(int sqlerrcode);

/* Raises lock_not_available. */
extern void ddb_lock_unavailable(void) pg_attribute_noreturn();

/* -------------------------------------------- classes of advisory locks */

/*
 * A lock tag of type LOCKTAG_ADVISORY has the database, two fields of 32 bits
 * and a class.  SQL's pg_advisory_lock() functions use the classes 1 and 2, so
 * they never meet locks of dynamo.  Locks of different classes do not conflict.
 * All are held until the end of the transaction.
 */
typedef enum DdbLockClass
{
	/*
	 * A key of a table, whether there is such an item or not.  The fields are
	 * the hash of table and key.  Every write takes it in ExclusiveLock.
	 */
	DDB_LOCK_CLASS_KEY = 0xDD,

	/*
	 * A request token (ClientRequestToken).  The fields are the hash of
	 * operation and token.  Transactions with the token take it in
	 * ExclusiveLock.
	 */
	DDB_LOCK_CLASS_TOKEN = 0xDE,

	/*
	 * A slot of a table, which stands for all keys whose hashes begin alike.
	 * The fields are that beginning.  Who locks a key takes its slot in
	 * ShareLock first; who locks many keys takes slots in ExclusiveLock
	 * instead.
	 */
	DDB_LOCK_CLASS_SLOT = 0xDF,

	/*
	 * The schema dynamo_data, while it is created or its privileges are
	 * changed, in ExclusiveLock.  The fields are 0.
	 */
	DDB_LOCK_CLASS_SCHEMA = 0xE0
} DdbLockClass;

/* The tag of a lock whose fields are the two halves of a hash. */
static inline LOCKTAG
ddb_lock_make_tag(DdbLockClass lock_class, uint64 hash)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) (hash >> 32), (uint32) hash,
						 lock_class);
	return tag;
}

#endif							/* DDB_CORE_LOCK_H */
