/*
 * progress.h
 *	  How background work reports what it is doing.
 *
 * Long work in any module may be part of a job in dynamo.jobs.  It reports its
 * progress here and need not know which job it belongs to.  In other sessions
 * the reports are ignored.  Cancelling a job interrupts its process, so that
 * CHECK_FOR_INTERRUPTS() ends the work.
 */
#ifndef DDB_CORE_PROGRESS_H
#define DDB_CORE_PROGRESS_H

#include "postgres.h"

/* Longest text that is kept. */
#define DDB_PROGRESS_TEXT 64

typedef struct DdbProgress
{
	char		phase[DDB_PROGRESS_TEXT];
	int64		done;			/* of total, in units of the phase */
	int64		total;			/* 0: unknown */
	char		waits_for[DDB_PROGRESS_TEXT];	/* empty: for nothing */
} DdbProgress;

/* The server sets the function that receives the reports. */
extern void ddb_progress_set_report(void (*report) (const DdbProgress *progress));

/* Reports that a phase begins, or how much of it is done. */
extern void ddb_progress(const char *phase, int64 done, int64 total);

/* Reports what the work waits for, in a few words; NULL: no longer waits. */
extern void ddb_progress_waits_for(const char *what);

/* Reports that the work has ended. */
extern void ddb_progress_end(void);

#endif							/* DDB_CORE_PROGRESS_H */
