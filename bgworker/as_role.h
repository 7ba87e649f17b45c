/*
 * as_role.h
 *	  Run a step of a request as the role that it belongs to.
 *
 * Requests of all clients share the session of a worker.  What a step runs may
 * be code of users: triggers, policies, constraints.  Its role and the settings
 * that such code changes must end with the step:
 *
 *		DdbAsRole saved = ddb_as_role_begin(role);
 *		... the step ...
 *		ddb_as_role_finish(&saved);			still in the transaction
 *		... commit ...
 *		ddb_as_role_end(&saved);
 *
 * After an error nothing need be called: aborting the transaction puts back
 * both.
 */
#ifndef DDB_BGWORKER_AS_ROLE_H
#define DDB_BGWORKER_AS_ROLE_H

#include "postgres.h"

typedef struct DdbAsRole
{
	Oid			userid;			/* before, */
	int			security_context;
	int			settings;		/* nest level of the step's settings */
} DdbAsRole;

/*
 * The role of requests, dynamo.default_role.  ServiceUnavailableException if
 * there is none of that name, or one that no grant and no policy would hold:
 * a superuser, or the owner of the tables.
 */
extern Oid	ddb_as_role_of_requests(void);

/* In a transaction; an error if another role is still in force. */
extern DdbAsRole ddb_as_role_begin(Oid role);

/*
 * The step has done its work: run what was put off until the commit (deferred
 * triggers and constraints), then put back the settings.  The role stays, as
 * the commit belongs to the step.
 */
extern void ddb_as_role_finish(const DdbAsRole *saved);

/* Take back the role, inside or outside of a transaction. */
extern void ddb_as_role_end(const DdbAsRole *saved);

#endif							/* DDB_BGWORKER_AS_ROLE_H */
