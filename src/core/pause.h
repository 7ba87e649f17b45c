/*
 * pause.h
 *	  Points at which long work on a request lets other requests run.
 *
 * A worker serves many clients, and reading a large request takes it a long
 * time.  So loops over the contents of a request call DDB_PAUSE_POINT() where
 * they would call CHECK_FOR_INTERRUPTS(), which the macro includes.  When a
 * pause is due, the worker serves other clients and then returns to the loop.
 * No pause happens in SQL functions or while a request has a transaction.
 *
 * Another request may have changed static variables during a pause.
 */
#ifndef DDB_CORE_PAUSE_H
#define DDB_CORE_PAUSE_H

#include "postgres.h"

#include <signal.h>

#include "miscadmin.h"

/* Called in a pause; NULL: there are no pauses. */
extern void (*ddb_pause_hook) (void);

/* A pause is due; set by a signal handler. */
extern volatile sig_atomic_t ddb_pause_due;

/* May raise an error, as CHECK_FOR_INTERRUPTS() may. */
#define DDB_PAUSE_POINT() \
	do \
	{ \
		CHECK_FOR_INTERRUPTS(); \
		if (unlikely(ddb_pause_due)) \
			ddb_pause(); \
	} while (0)

/* Loops over long texts have a pause point after this many bytes. */
#define DDB_PAUSE_BYTES 65536

extern void ddb_pause(void);

#endif							/* DDB_CORE_PAUSE_H */
