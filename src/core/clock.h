/*
 * clock.h
 *	  The only "now".
 *
 * All code that depends on the time of day calls ddb_clock_now(), so that a
 * test can change the time without waiting.
 */
#ifndef DDB_CORE_CLOCK_H
#define DDB_CORE_CLOCK_H

#include "postgres.h"
#include "portability/instr_time.h"
#include "utils/timestamp.h"

/* Time of day. */
extern TimestampTz ddb_clock_now(void);

/* Converts a timestamp to microseconds since 1970. */
extern int64 ddb_clock_unix_microseconds(TimestampTz timestamp);

/* Microseconds of a monotonic clock, for measuring durations. */
extern int64 ddb_clock_monotonic(void);

#endif							/* DDB_CORE_CLOCK_H */
