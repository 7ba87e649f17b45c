/*
 * progress.h
 *	  How background work tells what it is doing.
 *
 * Whatever takes long, in whatever module, may be part of a job in dynamo.jobs:
 * it says so here, and need not know of whom.  In other sessions it says so to
 * nobody.  Whoever cancels a job interrupts the process, so that
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
	int64		done;			/* of total, in whatever the phase counts */
	int64		total;			/* 0: unknown */
	char		waits_for[DDB_PROGRESS_TEXT];	/* empty: for nothing */
} DdbProgress;

/* The server says where it is told. */
extern void ddb_progress_set_report(void (*report) (const DdbProgress *progress));

/* A phase begins, or so much of it is done. */
extern void ddb_progress(const char *phase, int64 done, int64 total);

/* It waits, for whom or what in a few words; NULL: no longer. */
extern void ddb_progress_waits_for(const char *what);

/* What is done next has nothing to do with it. */
extern void ddb_progress_end(void);

#endif							/* DDB_CORE_PROGRESS_H */
