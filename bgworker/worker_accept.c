/*
 * worker_accept.c
 *	  Which worker takes a new connection.
 *
 * A new connection wakes all workers that wait.  A worker leaves it to workers
 * with fewer connections, so that the connections spread evenly.  It does so only
 * for a moment, because the others may be busy.
 */
#include "postgres.h"

#include "bgworker/server.h"
#include "bgworker/worker_int.h"
#include "core/clock.h"

/*
 * How long a worker leaves a new connection to workers with fewer connections.
 * If none of them takes it, the worker takes one connection, the next time two,
 * and so on up to the maximum.
 */
#define LEAVE_MICROSECONDS 2000
#define MAX_ACCEPTS 16

static int64 left_until = 0;	/* leave new ones to others until then; 0: do not */
static int	accepts = 0;		/* to be taken if no other worker takes them */

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
