/*
 * pause.h
 *	  Points at which long work on a request lets others go first.
 *
 * A worker serves many clients, and reading a large request takes it long.  So
 * loops over what a request holds have such a point in place of a check for
 * interrupts, which it is as well: when it is time, the worker serves others
 * from there and returns.  Nothing of this happens elsewhere, in SQL functions
 * or while a request has a transaction.
 *
 * What stands in static variables may be another's after such a point.
 */
#ifndef DDB_CORE_PAUSE_H
#define DDB_CORE_PAUSE_H

#include "postgres.h"

#include <signal.h>

#include "miscadmin.h"

/* What is done in a pause; NULL: nothing. */
extern void (*ddb_pause_hook) (void);

/* It is time for one; set by a signal handler. */
extern volatile sig_atomic_t ddb_pause_due;

/* May raise an error, as a check for interrupts may. */
#define DDB_PAUSE_POINT() \
	do \
	{ \
		CHECK_FOR_INTERRUPTS(); \
		if (unlikely(ddb_pause_due)) \
			ddb_pause(); \
	} while (0)

/* Bytes after which loops over long texts come to such a point. */
#define DDB_PAUSE_BYTES 65536

extern void ddb_pause(void);

#endif							/* DDB_CORE_PAUSE_H */
