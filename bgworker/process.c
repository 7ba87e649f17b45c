/*
 * process.c
 *	  The list of processes: how they are registered with the postmaster, how
 *	  many of them are needed, and how they find each other.
 */
#include "postgres.h"

#include "bgworker/server.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/latch.h"

#define RESTART_SECONDS 1

const DdbProcessInfo ddb_process_info[DDB_PROCESS_COUNT] = {
#define DDB_PROCESS(id, its_name, its_main, its_runs, start, its_most, tasks, wakes) \
	[DDB_PROCESS_##id] = { \
		.name = "dynamo " its_name, .main = "ddb_main_" #its_main, \
		.runs = DDB_RUNS_##its_runs, .starts = DDB_STARTS_##start, \
		.most = its_most, .task_class = DDB_CLASS_##tasks, \
		.first_place = DDB_PLACE_##id, \
	},
#include "bgworker/process.def"
#undef DDB_PROCESS
};

/* The place of this process; NULL in processes that are not the server's. */
static DdbProcessPlace *my_place = NULL;

static DdbProcessPlace *place_of(DdbProcess process, int number);
static void leave_place(int code, Datum arg);

BackgroundWorker
ddb_process_describe(DdbProcess process, int number, int flags)
{
	const DdbProcessInfo *info = &ddb_process_info[process];
	bool		consistent = info->starts == DDB_STARTS_CONSISTENT;
	BackgroundWorker description = {
		.bgw_flags = BGWORKER_SHMEM_ACCESS |
		(consistent ? BGWORKER_BACKEND_DATABASE_CONNECTION : 0),
		.bgw_start_time = consistent ? BgWorkerStart_ConsistentState :
		BgWorkerStart_PostmasterStart,
		.bgw_restart_time = info->runs == DDB_RUNS_ALWAYS ?
		RESTART_SECONDS : BGW_NEVER_RESTART,
		.bgw_main_arg = Int32GetDatum(process << 20 | flags | number),
	};

	if (info->runs == DDB_RUNS_ALWAYS)
		strlcpy(description.bgw_name, info->name, BGW_MAXLEN);
	else
		snprintf(description.bgw_name, BGW_MAXLEN, "%s %d", info->name, number + 1);
	strlcpy(description.bgw_type, info->name, BGW_MAXLEN);
	strlcpy(description.bgw_library_name, "dynamo", BGW_MAXLEN);
	strlcpy(description.bgw_function_name, info->main, BGW_MAXLEN);
	return description;
}

int
ddb_process_wanted(DdbProcess process, bool database)
{
	bool		serving = ddb_setting_workers != 0 && database;

	switch (ddb_process_info[process].runs)
	{
		case DDB_RUNS_ALWAYS:
			return 1;
		case DDB_RUNS_LISTENING:
			/* No socket: the postmaster's log says why. */
			return ddb_server_socket == PGINVALID_SOCKET ? 0 :
				ddb_settings_worker_count();
		case DDB_RUNS_SERVING:
			return serving ? 1 : 0;
		case DDB_RUNS_DEMANDED:
			return serving && ddb_server_is_demanded(process) ? 1 : 0;
	}
	return 0;
}

/*
 * Other extensions and parallel queries use background workers, too.  So there
 * may be too few although this does not warn.
 */
void
ddb_process_count(void)
{
	int			count = 0;
	int			i;

	for (i = 0; i < DDB_PROCESS_COUNT; i++)
		count += ddb_process_info[i].runs == DDB_RUNS_DEMANDED ?
			(ddb_setting_workers != 0 ? 1 : 0) : ddb_process_wanted(i, true);
	if (count > max_worker_processes)
		ereport(WARNING,
				(errcode(ERRCODE_CONFIGURATION_LIMIT_EXCEEDED),
				 errmsg("dynamo may need %d background workers, but \"max_worker_processes\" is %d",
						count, max_worker_processes),
				 errhint("Increase max_worker_processes to %d or more, or decrease dynamo.workers.",
						 count)));
}

void
ddb_server_announce(DdbProcess process, int number)
{
	my_place = place_of(process, number);
	LWLockAcquire(ddb_server->lock, LW_EXCLUSIVE);
	pg_atomic_write_u32(&my_place->proc, (uint32) (MyProc - ProcGlobal->allProcs) + 1);
	LWLockRelease(ddb_server->lock);
	before_shmem_exit(leave_place, (Datum) 0);
}

static DdbProcessPlace *
place_of(DdbProcess process, int number)
{
	Assert(number < ddb_process_info[process].most);
	return &ddb_server->places[ddb_process_info[process].first_place + number];
}

DdbProcessPlace *
ddb_server_my_place(void)
{
	return my_place;
}

static void
leave_place(int code, Datum arg)
{
	LWLockAcquire(ddb_server->lock, LW_EXCLUSIVE);
	pg_atomic_write_u32(&my_place->proc, 0);
	my_place->heap = InvalidOid;
	my_place->job = 0;
	LWLockRelease(ddb_server->lock);
}

void
ddb_server_wake(DdbProcess process, int number)
{
	PGPROC	   *proc = ddb_server_proc(process, number);

	/* A stale number wakes an unrelated process, which does no harm. */
	if (proc != NULL)
		SetLatch(&proc->procLatch);
}

PGPROC *
ddb_server_proc(DdbProcess process, int number)
{
	uint32		proc = ddb_server == NULL ? 0 :
		pg_atomic_read_u32(&place_of(process, number)->proc);

	return proc == 0 ? NULL : &ProcGlobal->allProcs[proc - 1];
}

bool
ddb_server_demand(DdbProcess process, bool demanded)
{
	uint32		before = pg_atomic_exchange_u32(&ddb_server->processes[process].demanded,
												demanded ? 1 : 0);

	if ((before != 0) == demanded)
		return false;
	ddb_server_wake(DDB_PROCESS_LAUNCHER, 0);
	return true;
}

bool
ddb_server_is_demanded(DdbProcess process)
{
	return pg_atomic_read_u32(&ddb_server->processes[process].demanded) != 0;
}
