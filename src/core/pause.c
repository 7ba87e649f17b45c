/*
 * pause.c
 *	  Points at which long work on a request lets other requests run.
 */
#include "postgres.h"

#include "core/pause.h"

void		(*ddb_pause_hook) (void) = NULL;
volatile sig_atomic_t ddb_pause_due = false;

void
ddb_pause(void)
{
	ddb_pause_due = false;
	if (ddb_pause_hook != NULL)
		ddb_pause_hook();
}
