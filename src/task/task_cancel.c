/*
 * task_cancel.c
 *	  dynamo.cancel_job().
 *
 * The current attempt ends, and the job is tried again later, because the
 * catalog still requires its work.  To avoid the work for good, delete the
 * index or disable time to live.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "core/background.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "meta/job.h"
#include "miscadmin.h"
#include "tcop/utility.h"

static void check_may_cancel(int64 id);

PG_FUNCTION_INFO_V1(dynamo_cancel_job);

/*
 * dynamo.cancel_job(job_id bigint): returns whether there was an attempt to
 * end, or a retry to put off.
 */
Datum
dynamo_cancel_job(PG_FUNCTION_ARGS)
{
	int64		id = PG_GETARG_INT64(0);
	bool		cancelled;

	PreventCommandIfReadOnly("dynamo.cancel_job()");
	PreventCommandDuringRecovery("dynamo.cancel_job()");
	ddb_meta_require_extension();
	SPI_connect();
	ddb_meta_begin_operation();
	check_may_cancel(id);
	cancelled = ddb_background_cancel(id, GetUserId()) || ddb_meta_postpone_job(id);
	ddb_meta_end_operation();
	SPI_finish();
	PG_RETURN_BOOL(cancelled);
}

/* A user who may not describe a table must not learn of its jobs. */
static void
check_may_cancel(int64 id)
{
	const char *table_name = ddb_meta_table_of_job(id);
	const DdbTable *table = table_name == NULL ? NULL : ddb_meta_look_up(table_name);

	if (table == NULL || !ddb_meta_may_describe(table))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("job %lld does not exist", (long long) id),
				 errhint("See the view dynamo.jobs for the existing jobs.")));
	if (!ddb_meta_may_change(table))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table \"%s\" to cancel its jobs",
						table->name)));
}
