/*
 * lock_class.h
 *	  The classes of advisory locks.
 *
 * A lock tag of type LOCKTAG_ADVISORY has the database, two fields of 32 bits
 * and a class.  SQL's pg_advisory_lock() functions use the classes 1 and 2, so
 * they never meet locks of dynamo.  Locks of different classes do not conflict.
 * All are held until the end of the transaction.
 */
#ifndef DDB_CORE_LOCK_CLASS_H
#define DDB_CORE_LOCK_CLASS_H

#include "postgres.h"
#include "miscadmin.h"
#include "storage/lock.h"

typedef enum DdbLockClass
{
	/*
	 * A key of a table, whether there is such an item or not.  The fields are
	 * the hash of table and key.  Every write takes it in ExclusiveLock.
	 */
	DDB_LOCK_KEY = 0xDD,

	/*
	 * A request token (ClientRequestToken).  The fields are the hash of
	 * operation and token.  Transactions with the token take it in
	 * ExclusiveLock.
	 */
	DDB_LOCK_TOKEN = 0xDE,

	/*
	 * A slot of a table, which stands for all keys whose hashes begin alike.
	 * The fields are that beginning.  Who locks a key takes its slot in
	 * ShareLock first; who locks many keys takes slots in ExclusiveLock
	 * instead.
	 */
	DDB_LOCK_SLOT = 0xDF,

	/*
	 * The schema dynamo_data, while it is created or its privileges are
	 * changed, in ExclusiveLock.  The fields are 0.
	 */
	DDB_LOCK_SCHEMA = 0xE0
} DdbLockClass;

/* The tag of a lock whose fields are the two halves of a hash. */
static inline LOCKTAG
ddb_lock_tag(DdbLockClass lock_class, uint64 hash)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) (hash >> 32), (uint32) hash,
						 lock_class);
	return tag;
}

#endif							/* DDB_CORE_LOCK_CLASS_H */
