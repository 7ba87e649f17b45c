/*
 * job.c
 *	  What the processes that work on the database in the background share.
 */
#include "postgres.h"

#include "access/xact.h"
#include "bgworker/job.h"
#include "bgworker/server.h"
#include "core/compat.h"
#include "executor/spi.h"
#include "meta/meta.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

/* Statistics are reported before a wait as long as this. */
#define REPORT_MILLISECONDS 1000

void
ddb_job_start(pg_atomic_uint32 *proc)
{
	/* What ALTER DATABASE ... SET may say must not change what is done. */
	static const struct
	{
		const char *name;
		const char *value;
	}			pins[] = {
		{"role", "none"},
		{"search_path", "pg_catalog, pg_temp"},
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_deferrable", "off"},
		{"lock_timeout", "0"},
		{"statement_timeout", "0"},
		{"session_replication_role", "origin"},
		{"default_tablespace", ""},
		{"idle_in_transaction_session_timeout", "0"},
		DDB_COMPAT_TIMEOUT_PINS
		{"jit", "off"},
		{"plan_cache_mode", "auto"},
		{"default_table_access_method", "heap"},
	};
	int			i;

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(ddb_setting_database, NULL, 0);
	for (i = 0; i < lengthof(pins); i++)
		SetConfigOption(pins[i].name, pins[i].value, PGC_SUSET, PGC_S_OVERRIDE);
	ddb_server_announce(proc);
}

void
ddb_job_begin_turn(void)
{
	ResetLatch(MyLatch);
	/* A cancel that comes between jobs is for none of them. */
	QueryCancelPending = false;
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
}

void
ddb_job_exit_unless_wanted(uint32 process)
{
	if (!ddb_server_is_wanted(process))
		proc_exit(0);
}

void
ddb_job_wait(long milliseconds)
{
	/* What is not reported now may not be for as long as this waits. */
	(void) pgstat_report_stat(milliseconds >= REPORT_MILLISECONDS);
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 milliseconds, PG_WAIT_EXTENSION);
}

bool
ddb_job_run(bool (*job) (void))
{
	MemoryContext old = CurrentMemoryContext;
	volatile bool done = true;

	PG_TRY();
	{
		done = job();
	}
	PG_CATCH();
	{
		EmitErrorReport();
		FlushErrorState();
		AbortOutOfAnyTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
	return done;
}

bool
ddb_job_begin(void)
{
	/* A statement at top level may have been broken off as somebody else. */
	SetUserIdAndSecContext(GetSessionUserId(), 0);
	ddb_job_begin_transaction();
	if (!ddb_meta_is_installed())
	{
		ddb_job_end_transaction();
		return false;
	}
	SetUserIdAndSecContext(ddb_meta_owner(), SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	ddb_job_begin_statements();
	return true;
}

void
ddb_job_end(void)
{
	ddb_job_end_statements();
	ddb_job_end_transaction();
	SetUserIdAndSecContext(GetSessionUserId(), 0);
}

void
ddb_job_begin_transaction(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	BeginTransactionBlock();
	CommitTransactionCommand();
	StartTransactionCommand();
}

void
ddb_job_begin_statements(void)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	ddb_meta_begin_operation();
	SPI_connect();
}

void
ddb_job_end_statements(void)
{
	SPI_finish();
	ddb_meta_end_operation();
	PopActiveSnapshot();
}

void
ddb_job_end_transaction(void)
{
	EndTransactionBlock(false);
	CommitTransactionCommand();
}
