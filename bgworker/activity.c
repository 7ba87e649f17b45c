/*
 * activity.c
 *	  What processes are doing, how it is cancelled, and the functions of the
 *	  views dynamo.jobs and dynamo.processes.
 *
 * The place of a process in shared memory holds what it is doing, protected by
 * the lock.  When a process has exited, another process may reuse its PGPROC and
 * the pid in it.  But a process leaves its place before it exits, and needs the
 * lock for that.
 */
#include "postgres.h"

#include <signal.h>

#include "bgworker/server.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

static void set_progress(const DdbProgress *progress);
static void interrupt(const DdbProcessPlace *place);
static int	running(DdbProcess process);

PG_FUNCTION_INFO_V1(dynamo_catalog_job_activity);
PG_FUNCTION_INFO_V1(dynamo_catalog_process_activity);

/* Before that, reports of progress are ignored. */
void
ddb_server_begin_job(int64 job)
{
	DdbProcessPlace *place = ddb_server_my_place();

	ddb_progress_set_report(set_progress);
	if (place->job == job)
		return;
	LWLockAcquire(ddb_server->lock, LW_EXCLUSIVE);
	place->job = job;
	place->cancelled_by = InvalidOid;
	LWLockRelease(ddb_server->lock);
	ddb_progress_end();
}

static void
set_progress(const DdbProgress *progress)
{
	LWLockAcquire(ddb_server->lock, LW_EXCLUSIVE);
	ddb_server_my_place()->progress = *progress;
	LWLockRelease(ddb_server->lock);
}

void
ddb_server_set_heap(Oid heap)
{
	LWLockAcquire(ddb_server->lock, LW_EXCLUSIVE);
	ddb_server_my_place()->heap = heap;
	LWLockRelease(ddb_server->lock);
}

Oid
ddb_server_cancelled_by(void)
{
	Oid			role;

	LWLockAcquire(ddb_server->lock, LW_SHARED);
	role = ddb_server_my_place()->cancelled_by;
	LWLockRelease(ddb_server->lock);
	return role;
}

void
ddb_server_interrupt(Oid heap)
{
	int			i;

	LWLockAcquire(ddb_server->lock, LW_SHARED);
	for (i = 0; i < DDB_PLACE_COUNT; i++)
	{
		if (OidIsValid(heap) && ddb_server->places[i].heap == heap)
			interrupt(&ddb_server->places[i]);
	}
	LWLockRelease(ddb_server->lock);
}

bool
ddb_server_cancel(int64 job, Oid role)
{
	bool		found = false;
	int			i;

	if (ddb_server == NULL)
		return false;
	LWLockAcquire(ddb_server->lock, LW_EXCLUSIVE);
	for (i = 0; i < DDB_PLACE_COUNT; i++)
	{
		DdbProcessPlace *place = &ddb_server->places[i];

		if (place->job != job)
			continue;
		place->cancelled_by = role;
		interrupt(place);
		found = true;
	}
	LWLockRelease(ddb_server->lock);
	return found;
}

static void
interrupt(const DdbProcessPlace *place)
{
	uint32		proc = pg_atomic_read_u32(&unconstify(DdbProcessPlace *, place)->proc);

	if (proc != 0)
		(void) kill(ProcGlobal->allProcs[proc - 1].pid, SIGINT);
}

/* dynamo_catalog.job_activity(): the jobs that processes work on now */
Datum
dynamo_catalog_job_activity(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; ddb_server != NULL && i < DDB_PLACE_COUNT; i++)
	{
		DdbProcessPlace place;
		const DdbProgress *progress = &place.progress;
		Datum		values[5];
		bool		nulls[5] = {false};

		LWLockAcquire(ddb_server->lock, LW_SHARED);
		place = ddb_server->places[i];
		LWLockRelease(ddb_server->lock);
		if (place.job == 0)
			continue;
		values[0] = Int64GetDatum(place.job);
		values[1] = CStringGetTextDatum(progress->phase);
		nulls[1] = progress->phase[0] == '\0';
		values[2] = Int64GetDatum(progress->done);
		values[3] = Int64GetDatum(progress->total);
		nulls[2] = nulls[3] = progress->total == 0;
		values[4] = CStringGetTextDatum(progress->waits_for);
		nulls[4] = progress->waits_for[0] == '\0';
		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * dynamo_catalog.process_activity(): how many processes of each kind are
 * required, run, and could not be started.
 */
Datum
dynamo_catalog_process_activity(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int			i;

	InitMaterializedSRF(fcinfo, 0);
	for (i = 0; ddb_server != NULL && i < DDB_PROCESS_COUNT; i++)
	{
		Datum		values[] = {
			CStringGetTextDatum(ddb_process_info[i].name),
			Int32GetDatum(ddb_process_wanted(i, true)),
			Int32GetDatum(running(i)),
			Int32GetDatum(pg_atomic_read_u32(&ddb_server->processes[i].missing)),
		};
		bool		nulls[lengthof(values)] = {false};

		tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	}
	return (Datum) 0;
}

static int
running(DdbProcess process)
{
	int			count = 0;
	int			i;

	for (i = 0; i < ddb_process_info[process].most; i++)
	{
		if (ddb_server_proc(process, i) != NULL)
			count++;
	}
	return count;
}
