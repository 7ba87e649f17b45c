/*
 * worker_accept.c
 *	  Which worker takes a new connection.
 *
 * All workers that wait are woken by a new connection; those that have fewer
 * connections shall take it, so that a few do not share one worker while another
 * has nothing to do.  It is left to them for a moment only: they may be busy.
 */
#include "postgres.h"

#include "bgworker/server.h"
#include "bgworker/worker_int.h"
#include "core/clock.h"

/*
 * A worker with more connections than another leaves a new one to it for so
 * long; and when that was in vain takes one, the next time two, at most so many.
 */
#define LEAVE_MICROSECONDS 2000
#define MAX_ACCEPTS 16

static int64 left_until = 0;	/* new ones are left to others; 0: they are not */
static int	accepts = 0;		/* to be taken if that is in vain */

static bool somebody_has_fewer(void);

bool
worker_may_accept(void)
{
	return !http_server_is_full(&worker.http) &&
		(left_until == 0 || ddb_clock_monotonic() >= left_until);
}

long
worker_accept_timeout(long timeout)
{
	int64		left;

	if (left_until == 0)
		return timeout;
	left = left_until - ddb_clock_monotonic();
	return left > 0 ? Min(timeout, (long) (left / 1000 + 1)) : 0;
}

void
worker_accept(void)
{
	bool		was_left = left_until != 0;
	int			limit = was_left ? accepts : MAX_ACCEPTS;
	int			i;

	if (!worker.accepting)
		return;
	left_until = 0;
	if (!worker.knocked)
	{
		if (was_left)
			accepts = 0;
		return;
	}
	for (i = 0; i < limit && !http_server_is_full(&worker.http); i++)
	{
		if (!was_left && somebody_has_fewer())
		{
			left_until = ddb_clock_monotonic() + LEAVE_MICROSECONDS;
			accepts = Min(Max(1, accepts * 2), MAX_ACCEPTS);
			return;
		}
		if (!http_server_accept(&worker.http))
			return;
		if (!was_left)
			accepts = 0;
		pg_atomic_write_u32(&ddb_server->workers[worker.slot].connections,
							worker.http.connection_count);
	}
}

static bool
somebody_has_fewer(void)
{
	int			i;

	for (i = 0; i < DDB_MAX_WORKERS; i++)
	{
		DdbWorkerSlot *other = &ddb_server->workers[i];

		if (ddb_server_proc(DDB_PROCESS_WORKER, i) != NULL &&
			pg_atomic_read_u32(&other->connections) <
			(uint32) worker.http.connection_count)
			return true;
	}
	return false;
}
