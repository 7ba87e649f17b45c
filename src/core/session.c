/*
 * session.c
 *	  Locks, as a SQL session waits for them and as a worker tries them; and
 *	  what a session leaves to the jobs worker.
 */
#include "postgres.h"

#include "access/xact.h"
#include "core/session.h"
#include "storage/lmgr.h"

bool		ddb_session_is_worker = false;
bool		ddb_session_probing = false;

static const DdbJobs *jobs = NULL;
static bool wake_at_commit = false;

static void on_transaction_end(XactEvent event, void *arg);

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

void
ddb_session_set_jobs(const DdbJobs *new_jobs)
{
	jobs = new_jobs;
	RegisterXactCallback(on_transaction_end, NULL);
}

bool
ddb_session_has_jobs(void)
{
	return jobs != NULL && jobs->serve_database();
}

void
ddb_session_wake_jobs(void)
{
	wake_at_commit = jobs != NULL;
}

/* Nothing here may fail: the transaction is over. */
static void
on_transaction_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT && wake_at_commit)
		jobs->wake();
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE)
		wake_at_commit = false;
}

void
ddb_session_lock_unavailable(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("could not obtain a lock on an item or its table")));
}
