/*
 * background.c
 *	  What sessions leave to the server's processes.
 */
#include "postgres.h"

#include "access/xact.h"
#include "core/background.h"

static const DdbBackground *background = NULL;
static bool wake_at_commit = false;

static void on_transaction_end(XactEvent event, void *arg);

void
ddb_background_set(const DdbBackground *new_background)
{
	background = new_background;
	RegisterXactCallback(on_transaction_end, NULL);
}

/* Must not raise an error, because the transaction is over. */
static void
on_transaction_end(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_COMMIT && wake_at_commit)
		background->wake();
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT ||
		event == XACT_EVENT_PREPARE)
		wake_at_commit = false;
}

bool
ddb_background_serves(void)
{
	return background != NULL && background->serves_database();
}

void
ddb_background_wake(void)
{
	wake_at_commit = background != NULL;
}

bool
ddb_background_takes(void)
{
	if (!ddb_background_serves())
		return false;
	ddb_background_wake();
	return true;
}

void
ddb_background_interrupt(Oid heap)
{
	if (background != NULL)
		background->interrupt(heap);
}

bool
ddb_background_cancel(int64 job, Oid role)
{
	return background != NULL && background->cancel(job, role);
}
