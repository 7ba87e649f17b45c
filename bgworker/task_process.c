/*
 * task_process.c
 *	  Processes that do the due tasks of their class: see task/task.def.
 *
 * A step is a transaction, so an interrupted job leaves nothing half done.  The
 * job is found again by looking at the catalog.  A step may leave a statement to
 * be executed at top level, outside of transactions.
 *
 * "dynamo tasks" has short tasks of its own.  It also determines when the other
 * processes are needed.
 */
#include "postgres.h"

#include "access/xact.h"
#include "access/xlog.h"
#include "bgworker/as_role.h"
#include "bgworker/process_run.h"
#include "bgworker/server.h"
#include "bgworker/top_level.h"
#include "core/clock.h"
#include "core/lock.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "storage/lmgr.h"
#include "task/task.h"
#include "utils/guc.h"
#include "utils/memutils.h"

/* A step that has to wait is tried again after this time. */
#define MOMENT_MICROSECONDS INT64CONST(100000)

/* A job that this process has taken, in a memory context of its own. */
typedef struct Work
{
	DdbJob		job;
	const DdbTask *task;
	int64		retry_at;		/* when its next step may be tried */
	bool		reported;		/* has an error been logged? */
} Work;

/* The error of a step, for note_failure(). */
typedef struct Failure
{
	Work	   *work;
	const ErrorData *error;
} Failure;

static DdbProcess process;
static DdbTaskClass task_class;
static List *works = NIL;		/* Work *, in TopMemoryContext */
static int64 looked_at;			/* last search for due jobs; 0: never */

/* The heap that is locked for a statement at top level. */
static LockRelId held;

static void start(DdbProcess this_process);
static void pin_as_requests(void);
static bool is_wanted(void);
static int64 do_tasks(void);
static void report_extension(void *arg);
static bool may_look(void);
static void look(void *arg);
static bool is_at_hand(const DdbJob *job);
static void take(const DdbJob *job);
static bool run_steps(void);
static bool run_step(Work *work);
static DdbStep take_step(Work *work);
static DdbStep step_as_owner(Work *work);
static DdbStep step_as_requests(Work *work);
static bool hold_table(const DdbTable *table);
static void release_table(void);
static bool after_failure(Work *work, const ErrorData *error);
static void note_failure(void *arg);
static void report(Work *work, const ErrorData *error);
static void finish(Work *work);
static void call_processes(void *arg);
static int64 time_to_wait(bool finished);

void
ddb_main_tasks(Datum arg)
{
	start(DDB_PROCESS_OF(arg));
	for (;;)
	{
		int64		wait;

		ddb_process_begin_turn();
		if (works == NIL && !is_wanted())
			proc_exit(0);
		wait = do_tasks();
		if (wait > 0)
			pgstat_report_activity(STATE_IDLE, NULL);
		ddb_process_wait(wait);
	}
}

static void
start(DdbProcess this_process)
{
	process = this_process;
	task_class = ddb_process_info[process].task_class;
	ddb_process_start(process);
	if (ddb_task_class_info(task_class).role == DDB_TASK_ROLE_REQUESTS)
		pin_as_requests();
}

/*
 * Triggers must not run as a superuser, which is what this process is.  Commits
 * are asynchronous, because no client waits for them; after a crash the work is
 * done again.
 */
static void
pin_as_requests(void)
{
	static const DdbPin pins[] = {
		{"synchronous_commit", "off"},
		/* for locks that triggers wait for */
		{"lock_timeout", "1s"},
		{"row_security", "on"},
	};

	ddb_settings_pin(pins, lengthof(pins));
	ddb_lock_policy = DDB_LOCK_TRY;
}

static bool
is_wanted(void)
{
	return ddb_process_info[process].runs != DDB_RUNS_DEMANDED ||
		ddb_server_is_demanded(process);
}

/* Does one turn.  Returns how many milliseconds to wait before the next. */
static int64
do_tasks(void)
{
	bool		watches = process == DDB_PROCESS_TASKS;
	bool		finished;

	if (watches)
		ddb_process_try(report_extension, NULL);
	if (RecoveryInProgress())
		return ddb_task_class_info(task_class).idle;
	if (may_look())
		ddb_process_try(look, NULL);
	finished = run_steps();
	if (watches)
		ddb_process_try(call_processes, NULL);
	return time_to_wait(finished);
}

/*
 * Logs once why requests are not accepted: the library has another version, or
 * tables of the catalog are missing.
 */
static void
report_extension(void *arg)
{
	static DdbExtensionState reported = DDB_EXTENSION_READY;
	DdbExtensionState state;

	ddb_process_begin_transaction();
	state = ddb_meta_extension_state();
	if (state != reported && state != DDB_EXTENSION_READY &&
		state != DDB_EXTENSION_ABSENT)
	{
		DdbExtensionProblem problem = ddb_meta_extension_problem();

		ereport(LOG,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("dynamo does not accept requests: %s", problem.message),
				 errhint("To fix this, %s.", problem.remedy)));
	}
	reported = state;
	ddb_process_end_transaction();
}

/* The monotonic clock may start at boot, less than an idle time ago. */
static bool
may_look(void)
{
	DdbTaskClassInfo info = ddb_task_class_info(task_class);

	if (info.lane == DDB_LANE_QUEUE && works != NIL)
		return false;
	return info.looks == DDB_LOOKS_WOKEN || looked_at == 0 ||
		ddb_clock_monotonic() >= looked_at + info.idle * 1000;
}

static void
look(void *arg)
{
	bool		one = ddb_task_class_info(task_class).lane == DDB_LANE_QUEUE;
	ListCell   *cell;

	looked_at = ddb_clock_monotonic();
	if (!ddb_process_begin())
		return;
	foreach(cell, ddb_meta_find_jobs(ddb_task_finder(task_class), one ? 1 : 0))
	{
		DdbJob	   *job = lfirst(cell);

		if (is_at_hand(job))
			continue;
		if (ddb_task_of(job)->shown)
			ddb_meta_begin_job(job);
		take(job);
	}
	ddb_process_end();
}

static bool
is_at_hand(const DdbJob *job)
{
	ListCell   *cell;

	foreach(cell, works)
	{
		const DdbJob *other = &((Work *) lfirst(cell))->job;

		if (strcmp(other->task, job->task) == 0 &&
			strcmp(other->table_name, job->table_name) == 0 &&
			strcmp(other->object_name, job->object_name) == 0)
			return true;
	}
	return false;
}

static void
take(const DdbJob *job)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext, "dynamo job",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Work	   *work = palloc0(sizeof(Work));

	work->task = ddb_task_of(job);
	work->job.task = work->task->name;
	work->job.table_name = pstrdup(job->table_name);
	work->job.object_name = pstrdup(job->object_name);
	work->job.id = job->id;
	work->job.context = context;
	MemoryContextSwitchTo(TopMemoryContext);
	works = lappend(works, work);
	MemoryContextSwitchTo(old);
}

/* Runs a step of each job that may run.  Returns whether any job has ended. */
static bool
run_steps(void)
{
	bool		finished = false;
	ListCell   *cell;

	foreach(cell, works)
	{
		Work	   *work = lfirst(cell);

		ddb_process_check();
		if (work->retry_at > ddb_clock_monotonic() || run_step(work))
			continue;
		works = foreach_delete_current(works, cell);
		finish(work);
		finished = true;
	}
	return finished;
}

/* Returns whether there is more to do. */
static bool
run_step(Work *work)
{
	MemoryContext old = CurrentMemoryContext;
	volatile DdbStep next = DDB_STEP_DONE;
	ErrorData  *volatile error = NULL;

	pgstat_report_activity(STATE_RUNNING, work->task->name);
	ddb_server_begin_job(work->job.id);
	PG_TRY();
	{
		/* A cancel that arrived between two steps ends the job. */
		if (OidIsValid(ddb_server_cancelled_by()))
			ereport(ERROR,
					(errcode(ERRCODE_QUERY_CANCELED),
					 errmsg("the job was cancelled")));
		next = take_step(work);
		if (next == DDB_STEP_EXECUTE)
			ddb_execute_top_level(work->job.statement);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(work->job.context);
		error = CopyErrorData();
		FlushErrorState();
		/* This releases the locks of the session, too. */
		AbortOutOfAnyTransaction();
		held.relId = InvalidOid;
	}
	PG_END_TRY();

	release_table();
	ddb_server_set_heap(InvalidOid);
	/* A cancel that arrives late must not hit the next job. */
	QueryCancelPending = false;
	if (error != NULL)
	{
		bool		more = after_failure(work, error);

		MemoryContextSwitchTo(old);
		return more;
	}
	MemoryContextSwitchTo(old);
	work->job.error = 0;
	work->retry_at = next == DDB_STEP_WAIT ?
		ddb_clock_monotonic() + MOMENT_MICROSECONDS : 0;
	return next != DDB_STEP_DONE;
}

static DdbStep
take_step(Work *work)
{
	switch (ddb_task_class_info(task_class).role)
	{
		case DDB_TASK_ROLE_OWNER:
			return step_as_owner(work);
		case DDB_TASK_ROLE_REQUESTS:
			return step_as_requests(work);
	}
	return DDB_STEP_DONE;
}

static DdbStep
step_as_owner(Work *work)
{
	DdbJob	   *job = &work->job;
	DdbStep		next;

	if (!ddb_process_begin())
		return DDB_STEP_DONE;
	next = work->task->step(job);
	if (next == DDB_STEP_EXECUTE)
	{
		ddb_server_set_heap(job->table->relid);
		/* The table may have changed meanwhile. */
		if (!hold_table(job->table))
			next = DDB_STEP_MORE;
	}
	if (next == DDB_STEP_DONE && work->task->shown)
		ddb_meta_end_job(job);
	ddb_process_end();
	return next;
}

static DdbStep
step_as_requests(Work *work)
{
	DdbAsRole	saved;
	DdbStep		next;

	ddb_process_begin_transaction();
	if (!ddb_meta_is_installed())
	{
		ddb_process_end_transaction();
		return DDB_STEP_DONE;
	}
	saved = ddb_as_role_begin(ddb_as_role_of_requests());
	ddb_process_begin_statements();
	next = work->task->step(&work->job);
	ddb_process_end_statements();
	ddb_as_role_finish(&saved);
	ddb_process_end_transaction();
	ddb_as_role_end(&saved);
	return next;
}

/*
 * Locks the heap for the session, so that the table cannot be dropped before the
 * statement is executed.  The statement names the table, and another table could
 * get that name.  Returns false if the table had changed when it was locked.  The
 * lock is not held while the catalog is changed, because others lock rows of the
 * catalog first.
 */
static bool
hold_table(const DdbTable *table)
{
	if (!ConditionalLockRelationOid(table->relid, AccessShareLock))
	{
		ddb_progress_waits_for("a lock on the table");
		LockRelationOid(table->relid, AccessShareLock);
		ddb_progress_waits_for(NULL);
	}
	if (ddb_meta_look_up(table->name) != table)
		return false;
	held = (LockRelId) {.relId = table->relid, .dbId = MyDatabaseId};
	LockRelationIdForSession(&held, AccessShareLock);
	return true;
}

static void
release_table(void)
{
	if (OidIsValid(held.relId))
		UnlockRelationIdForSession(&held, AccessShareLock);
	held.relId = InvalidOid;
}

/*
 * Returns whether there is more to do.  If a step that handles an error fails
 * itself, the job ends.
 */
static bool
after_failure(Work *work, const ErrorData *error)
{
	Failure		failure = {.work = work, .error = error};
	bool		tell = work->task->told && work->job.error == 0;

	if (work->task->shown)
		ddb_process_try(note_failure, &failure);
	else if (!work->task->told || error->sqlerrcode != ERRCODE_LOCK_NOT_AVAILABLE)
		report(work, error);
	work->job.error = error->sqlerrcode;
	work->retry_at = 0;
	return tell;
}

/* Deleting the table or the index interrupts the build.  That is no failure. */
static void
note_failure(void *arg)
{
	const Failure *failure = arg;
	Work	   *work = failure->work;
	Oid			cancelled_by = ddb_server_cancelled_by();

	if (!ddb_process_begin())
		return;
	if (!ddb_meta_is_due(ddb_task_finder(task_class), &work->job))
		ddb_meta_end_job(&work->job);
	else if (OidIsValid(cancelled_by))
		ddb_meta_note_cancel(&work->job, cancelled_by);
	else
	{
		report(work, failure->error);
		ddb_meta_fail_job(&work->job, failure->error);
	}
	ddb_process_end();
}

/* Logs an error once for each job.  dynamo.jobs shows it, too. */
static void
report(Work *work, const ErrorData *error)
{
	const DdbJob *job = &work->job;

	if (work->reported || error->sqlerrcode == ERRCODE_QUERY_CANCELED)
		return;
	work->reported = true;
	ereport(LOG,
			(errcode(error->sqlerrcode),
			 errmsg("could not %s%s%s: %s", work->task->action,
					job->table_name[0] == '\0' ? "" :
					psprintf(" \"%s\"", job->table_name),
					job->object_name[0] == '\0' ? "" :
					psprintf(" (\"%s\")", job->object_name),
					error->message ? error->message : "no message"),
			 error->detail ? errdetail_internal("%s", error->detail) : 0,
			 error->hint ? errhint("%s", error->hint) : 0,
			 error->context ? errcontext("%s", error->context) : 0));
}

/* This process may not be needed any more. */
static void
finish(Work *work)
{
	MemoryContextDelete(work->job.context);
	ddb_server_begin_job(0);
	if (works == NIL && ddb_process_info[process].runs == DDB_RUNS_DEMANDED)
		ddb_server_wake(DDB_PROCESS_TASKS, 0);
}

static void
call_processes(void *arg)
{
	bool		installed = ddb_process_begin();
	int			i;

	for (i = 0; i < DDB_PROCESS_COUNT; i++)
	{
		const DdbProcessInfo *info = &ddb_process_info[i];

		if (info->runs == DDB_RUNS_DEMANDED &&
			ddb_server_demand(i, installed &&
							  ddb_meta_has_jobs(ddb_task_finder(info->task_class))))
			ddb_server_wake(i, 0);
	}
	if (installed)
		ddb_process_end();
}

/* Milliseconds. */
static int64
time_to_wait(bool finished)
{
	DdbTaskClassInfo info = ddb_task_class_info(task_class);
	int64		now = ddb_clock_monotonic();
	int64		until = now + info.idle * 1000;
	ListCell   *cell;

	if (info.looks == DDB_LOOKS_PACED)
		until = looked_at + info.idle * 1000;
	if (info.lane == DDB_LANE_QUEUE && finished)
		return 0;
	foreach(cell, works)
		until = Min(until, ((Work *) lfirst(cell))->retry_at);
	return until <= now ? 0 : (until - now) / 1000 + 1;
}
