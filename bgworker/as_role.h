/*
 * as_role.h
 *	  Runs a step of a request as the role of the request.
 *
 * The requests of all clients share the session of a worker.  A step may run code
 * of users: triggers, policies, constraints.  The role, and settings that such
 * code changes, must end with the step:
 *
 *		DdbAsRole saved = ddb_as_role_begin(role);
 *		... the step ...
 *		ddb_as_role_finish(&saved);			still in the transaction
 *		... commit ...
 *		ddb_as_role_end(&saved);
 *
 * After an error nothing has to be called, because aborting the transaction
 * restores both.
 */
#ifndef DDB_BGWORKER_AS_ROLE_H
#define DDB_BGWORKER_AS_ROLE_H

#include "postgres.h"

typedef struct DdbAsRole
{
	Oid			userid;			/* the user before the step, */
	int			security_context;
	int			settings;		/* nest level of the step's settings */
} DdbAsRole;

/*
 * Returns the role of requests, dynamo.default_role.  Raises
 * ServiceUnavailableException if there is no such role, or if grants and policies
 * would not restrict it, because it is a superuser or the owner of the tables.
 */
extern Oid	ddb_as_role_of_requests(void);

/* Must be called in a transaction.  Raises an error if a role is set already. */
extern DdbAsRole ddb_as_role_begin(Oid role);

/*
 * Called when the step has done its work.  Runs what was deferred until the
 * commit (triggers and constraints), then restores the settings.  The role stays
 * set, because the commit belongs to the step.
 */
extern void ddb_as_role_finish(const DdbAsRole *saved);

/* Restores the role, inside or outside of a transaction. */
extern void ddb_as_role_end(const DdbAsRole *saved);

#endif							/* DDB_BGWORKER_AS_ROLE_H */
