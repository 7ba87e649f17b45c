/*
 * flusher.c
 *	  The process that flushes WAL for all workers.
 *
 * While it flushes, more commits arrive, and the next flush takes them all.  So
 * there is only one flush at a time, and an answer waits for at most two.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "access/xlog_internal.h"
#include "bgworker/flush.h"
#include "bgworker/server.h"
#include "core/inject.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "replication/walsender.h"
#include "replication/syncrep.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/procsignal.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/wait_event.h"

static bool setting_waits_for_standby(void);
static void connect_late(void);
static XLogRecPtr highest_wanted(void);
static void advance_acked(XLogRecPtr lsn);
static void wake_workers(XLogRecPtr lsn);

XLogRecPtr
ddb_flush_target(void)
{
	XLogRecPtr	end = GetXLogInsertRecPtr();
	uint64		in_segment = XLogSegmentOffset(end, wal_segment_size);

	/*
	 * The insert position is where the next record will start.  At the start of
	 * a page that is after the page's header, which has not been written yet,
	 * so that XLogFlush() would raise an error.
	 */
	if (in_segment == SizeOfXLogLongPHD)
		return end - SizeOfXLogLongPHD;
	if (end % XLOG_BLCKSZ == SizeOfXLogShortPHD)
		return end - SizeOfXLogShortPHD;
	return end;
}

XLogRecPtr
ddb_flush_acked(void)
{
	return pg_atomic_read_u64(&ddb_server->acked_lsn);
}

void
ddb_flush_request(int slot, XLogRecPtr target)
{
	pg_atomic_write_u64(&ddb_server->workers[slot].wanted_lsn, target);
	ddb_server_wake(DDB_PROCESS_FLUSHER, 0);
}

bool
ddb_flush_has_flusher(void)
{
	return ddb_server_proc(DDB_PROCESS_FLUSHER, 0) != NULL;
}

/*
 * The settings of this process are not enough to decide this.  A worker may have
 * other settings, from its database or from before a reload.
 */
bool
ddb_flush_waits_for_standby(void)
{
	return setting_waits_for_standby() ||
		pg_atomic_read_u32(&ddb_server->standby_waits) != 0;
}

static bool
setting_waits_for_standby(void)
{
	return SyncRepRequested() && SyncRepStandbyNames != NULL &&
		SyncRepStandbyNames[0] != '\0' && !ddb_fault("no_standby_wait");
}

void
ddb_flush_now(XLogRecPtr target)
{
	XLogFlush(target);
	if (setting_waits_for_standby())
	{
		HOLD_INTERRUPTS();
		SyncRepWaitForLSN(target, true);
		RESUME_INTERRUPTS();
		/* A terminated wait returns although the standbys may have nothing. */
		CHECK_FOR_INTERRUPTS();
	}
	advance_acked(target);
}

void
ddb_main_flusher(Datum arg)
{
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	/* A cancelled wait for standbys would release answers too early. */
	pqsignal(SIGINT, SIG_IGN);
	BackgroundWorkerUnblockSignals();
	ddb_recovery_answer();
	connect_late();
	ddb_server_announce(DDB_PROCESS_FLUSHER, 0);

	for (;;)
	{
		XLogRecPtr	wanted;

		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		if (ConfigReloadPending)
		{
			ConfigReloadPending = false;
			ProcessConfigFile(PGC_SIGHUP);
		}

		pg_atomic_write_u32(&ddb_server->standby_waits,
							setting_waits_for_standby() ? 1 : 0);
		wanted = highest_wanted();
		if (wanted > ddb_flush_acked())
		{
			ddb_flush_now(wanted);
			wake_workers(wanted);
			continue;
		}
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH, -1L,
						 PG_WAIT_EXTENSION);
	}
}

/*
 * Makes the process visible in pg_stat_activity and a part of what concerns all
 * backends.  PostgreSQL starts a process that asks for a connection only when the
 * database is consistent, so this process was registered without one.
 */
static void
connect_late(void)
{
	pqsignal(SIGUSR1, procsignal_sigusr1_handler);
	MyBgworkerEntry->bgw_flags |= BGWORKER_BACKEND_DATABASE_CONNECTION;
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
}

static XLogRecPtr
highest_wanted(void)
{
	XLogRecPtr	highest = InvalidXLogRecPtr;
	int			i;

	for (i = 0; i < DDB_MAX_WORKERS; i++)
		highest = Max(highest,
					  pg_atomic_read_u64(&ddb_server->workers[i].wanted_lsn));
	return highest;
}

static void
advance_acked(XLogRecPtr lsn)
{
	uint64		acked = pg_atomic_read_u64(&ddb_server->acked_lsn);

	while (acked < lsn &&
		   !pg_atomic_compare_exchange_u64(&ddb_server->acked_lsn, &acked, lsn))
		;
}

static void
wake_workers(XLogRecPtr lsn)
{
	int			i;

	for (i = 0; i < DDB_MAX_WORKERS; i++)
	{
		uint64		wanted = pg_atomic_read_u64(&ddb_server->workers[i].wanted_lsn);

		if (wanted != InvalidXLogRecPtr && wanted <= lsn)
			ddb_server_wake(DDB_PROCESS_WORKER, i);
	}
}
