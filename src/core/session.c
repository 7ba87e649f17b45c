/*
 * session.c
 *	  Locks, as a SQL session waits for them and as a worker tries them.
 */
#include "postgres.h"

#include "core/session.h"
#include "storage/lmgr.h"

bool		ddb_session_is_worker = false;
bool		ddb_session_probing = false;
bool		(*ddb_session_server_hook) (void) = NULL;

void
ddb_session_lock_relation(Oid relid, LOCKMODE mode)
{
	if (!ddb_session_is_worker)
		LockRelationOid(relid, mode);
	else if (!ConditionalLockRelationOid(relid, mode))
		ddb_session_lock_unavailable();
}

void
ddb_session_lock_tag(const LOCKTAG *tag, LOCKMODE mode)
{
	/*
	 * A worker's first attempt waits, but only for lock_timeout, which is a
	 * millisecond there: the usual holder is another worker in the middle of a
	 * transaction that takes a fraction of that.
	 */
	bool		try = ddb_session_is_worker && ddb_session_probing;

	if (LockAcquire(tag, mode, false, try) == LOCKACQUIRE_NOT_AVAIL)
		ddb_session_lock_unavailable();
}

bool
ddb_session_leave_to_server(void)
{
	return ddb_session_server_hook != NULL && ddb_session_server_hook();
}

void
ddb_session_lock_unavailable(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("could not obtain a lock on an item or its table")));
}
