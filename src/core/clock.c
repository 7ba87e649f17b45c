/*
 * clock.c
 *	  The only "now".
 */
#include "postgres.h"

#include <time.h>

#include "core/clock.h"
#include "datatype/timestamp.h"

TimestampTz
ddb_clock_now(void)
{
	return GetCurrentTimestamp();
}

int64
ddb_clock_unix_microseconds(TimestampTz timestamp)
{
	return timestamp +
		(int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
}

int64
ddb_clock_monotonic(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		elog(ERROR, "could not read the monotonic clock: %m");
	return (int64) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}
