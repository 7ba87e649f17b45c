/*
 * background.h
 *	  What sessions leave to the server's processes.
 *
 * Work that a request can only begin is found in the catalog by a process of
 * the server, where there is one for this database.  The server says how it is
 * reached.
 */
#ifndef DDB_CORE_BACKGROUND_H
#define DDB_CORE_BACKGROUND_H

#include "postgres.h"

typedef struct DdbBackground
{
	bool		(*serves_database) (void);
	void		(*wake) (void);
	void		(*interrupt) (Oid heap);
	bool		(*cancel) (int64 job, Oid role);
} DdbBackground;

extern void ddb_background_set(const DdbBackground *background);

/* Is there a process that looks for work in this database? */
extern bool ddb_background_serves(void);

/* Wake it once this transaction has committed. */
extern void ddb_background_wake(void);

/*
 * May long work on this database be left to it?  Then it is woken when the
 * transaction commits.  False where no server serves the database: whoever
 * asks does the work itself.
 */
extern bool ddb_background_takes(void);

/*
 * Interrupt the processes that work on a heap right now: what they do can wait
 * for long, and is in the way.
 */
extern void ddb_background_interrupt(Oid heap);

/*
 * End the present attempt at a job, on behalf of a role; false when no process
 * is at it.
 */
extern bool ddb_background_cancel(int64 job, Oid role);

#endif							/* DDB_CORE_BACKGROUND_H */
