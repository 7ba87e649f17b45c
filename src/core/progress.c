/*
 * progress.c
 *	  How background work reports what it is doing.
 */
#include "postgres.h"

#include "core/progress.h"

static void (*report) (const DdbProgress *progress) = NULL;
static DdbProgress current;

static void tell(void);

void
ddb_progress_set_report(void (*new_report) (const DdbProgress *progress))
{
	report = new_report;
}

void
ddb_progress(const char *phase, int64 done, int64 total)
{
	strlcpy(current.phase, phase, sizeof(current.phase));
	current.done = done;
	current.total = total;
	tell();
}

void
ddb_progress_waits_for(const char *what)
{
	strlcpy(current.waits_for, what != NULL ? what : "", sizeof(current.waits_for));
	tell();
}

void
ddb_progress_end(void)
{
	current = (DdbProgress) {.total = 0};
	tell();
}

static void
tell(void)
{
	if (report != NULL)
		report(&current);
}
