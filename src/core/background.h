/*
 * background.h
 *	  What sessions leave to the server's processes.
 *
 * A request can only begin some kinds of work.  If a server serves this
 * database, one of its processes finds that work in the catalog and does it.
 * The server registers the functions that reach its processes.
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

/* Returns whether a server process looks for work in this database. */
extern bool ddb_background_serves(void);

/* Wake that process once this transaction has committed. */
extern void ddb_background_wake(void);

/*
 * Returns whether long work on this database can be left to that process,
 * which is then woken when the transaction commits.  Returns false if no
 * server serves the database: the caller must do the work itself.
 */
extern bool ddb_background_takes(void);

/*
 * Interrupt the processes that work on a heap right now.  Their work can be
 * done later, and it blocks the caller.
 */
extern void ddb_background_interrupt(Oid heap);

/*
 * End the current attempt at a job, on behalf of a role.  Returns false if no
 * process is working on the job.
 */
extern bool ddb_background_cancel(int64 job, Oid role);

#endif							/* DDB_CORE_BACKGROUND_H */
