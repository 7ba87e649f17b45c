/*
 * lock.c
 *	  Locks, as a SQL session waits for them and as a worker tries them.
 */
#include "postgres.h"

#include "core/compat.h"
#include "core/lock.h"
#include "storage/lmgr.h"
#include "storage/procarray.h"
#include "storage/sinvaladt.h"

DdbLockPolicy ddb_lock_policy = DDB_LOCK_WAIT;
bool		ddb_lock_is_brief = false;

static bool (*is_worker) (const PGPROC *proc) = NULL;

static bool held_by_workers(const LOCKTAG *tag, LOCKMODE mode);

void
ddb_lock_relation(Oid relid, LOCKMODE mode)
{
	if (ddb_lock_policy == DDB_LOCK_WAIT)
		LockRelationOid(relid, mode);
	else if (!ConditionalLockRelationOid(relid, mode))
		ddb_lock_unavailable();
}

void
ddb_lock_acquire(const LOCKTAG *tag, LOCKMODE mode)
{
	if (ddb_lock_policy == DDB_LOCK_WAIT)
	{
		(void) LockAcquire(tag, mode, false, false);
		return;
	}
	if (ddb_lock_try(tag, mode))
		return;

	/*
	 * A worker's first attempt waits, but only for lock_timeout, which is a
	 * millisecond there: the usual holder is another worker in the middle of a
	 * transaction that takes a fraction of that.
	 */
	ddb_lock_is_brief = held_by_workers(tag, mode);
	if (ddb_lock_policy == DDB_LOCK_TRY)
		ddb_lock_unavailable();
	(void) LockAcquire(tag, mode, false, false);
	ddb_lock_is_brief = false;
}

bool
ddb_lock_try(const LOCKTAG *tag, LOCKMODE mode)
{
	return LockAcquire(tag, mode, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

void
ddb_lock_set_workers(bool (*new_is_worker) (const PGPROC *proc))
{
	is_worker = new_is_worker;
}

static bool
held_by_workers(const LOCKTAG *tag, LOCKMODE mode)
{
	VirtualTransactionId *holders = GetLockConflicts(tag, mode, NULL);
	bool		all = true;

	for (; all && VirtualTransactionIdIsValid(*holders); holders++)
	{
		const PGPROC *proc = ddb_compat_proc_of_vxid(*holders);

		all = proc != NULL && is_worker != NULL && is_worker(proc);
	}
	return all;
}

bool
ddb_lock_may_retry(int sqlerrcode)
{
	return sqlerrcode == ERRCODE_LOCK_NOT_AVAILABLE ||
		sqlerrcode == ERRCODE_T_R_SERIALIZATION_FAILURE ||
		sqlerrcode == ERRCODE_T_R_DEADLOCK_DETECTED;
}

void
ddb_lock_unavailable(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("could not obtain a lock on an item or its table")));
}
