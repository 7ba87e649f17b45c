/*
 * process_run.c
 *	  What the processes that work on the database in the background share.
 */
#include "postgres.h"

#include "access/xact.h"
#include "bgworker/process_run.h"
#include "bgworker/server.h"
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

/* Statistics are reported before a wait of at least this time. */
#define REPORT_MILLISECONDS 1000

void
ddb_process_start(DdbProcess process)
{
	/* What ALTER DATABASE ... SET may say must not change what is done. */
	static const DdbPin pins[] = {
		{"lock_timeout", "0"},
		{"default_tablespace", ""},
	};

	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(ddb_setting_database, NULL, 0);
	ddb_settings_pin_common();
	ddb_settings_pin(pins, lengthof(pins));
	ddb_server_announce(process, 0);
}

void
ddb_process_begin_turn(void)
{
	ResetLatch(MyLatch);
	ddb_process_check();
}

void
ddb_process_check(void)
{
	/* A cancel that arrives between steps is ignored. */
	QueryCancelPending = false;
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
}

void
ddb_process_wait(long milliseconds)
{
	/* Otherwise they might stay unreported during the whole wait. */
	(void) pgstat_report_stat(milliseconds >= REPORT_MILLISECONDS);
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 milliseconds, PG_WAIT_EXTENSION);
}

void
ddb_process_try(void (*what) (void *arg), void *arg)
{
	MemoryContext old = CurrentMemoryContext;

	PG_TRY();
	{
		what(arg);
	}
	PG_CATCH();
	{
		EmitErrorReport();
		FlushErrorState();
		AbortOutOfAnyTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old);
}

bool
ddb_process_begin(void)
{
	/* A statement at top level may have failed while another role was set. */
	SetUserIdAndSecContext(GetSessionUserId(), 0);
	ddb_process_begin_transaction();
	if (!ddb_meta_is_installed())
	{
		ddb_process_end_transaction();
		return false;
	}
	SetUserIdAndSecContext(ddb_meta_owner(), SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_RESTRICTED_OPERATION);
	ddb_process_begin_statements();
	return true;
}

void
ddb_process_end(void)
{
	ddb_process_end_statements();
	ddb_process_end_transaction();
	SetUserIdAndSecContext(GetSessionUserId(), 0);
}

void
ddb_process_begin_transaction(void)
{
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	BeginTransactionBlock();
	CommitTransactionCommand();
	StartTransactionCommand();
}

void
ddb_process_begin_statements(void)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	ddb_meta_begin_operation();
	SPI_connect();
}

void
ddb_process_end_statements(void)
{
	SPI_finish();
	ddb_meta_end_operation();
	PopActiveSnapshot();
}

void
ddb_process_end_transaction(void)
{
	EndTransactionBlock(false);
	CommitTransactionCommand();
}
