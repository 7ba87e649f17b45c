/*
 * clock.h
 *	  The only "now".
 *
 * Everything that depends on the time of day asks here, so that a test can
 * move it without waiting.
 */
#ifndef DDB_CORE_CLOCK_H
#define DDB_CORE_CLOCK_H

#include "postgres.h"
#include "portability/instr_time.h"
#include "utils/timestamp.h"

/* Time of day. */
extern TimestampTz ddb_clock_now(void);

/* Microseconds since 1970 of a timestamp. */
extern int64 ddb_clock_unix_microseconds(TimestampTz timestamp);

/* Microseconds of a clock that only goes forward; for measuring durations. */
extern int64 ddb_clock_monotonic(void);

#endif							/* DDB_CORE_CLOCK_H */
