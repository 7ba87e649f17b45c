/*
 * caller.h
 *	  On whose behalf an operation is carried out.
 */
#ifndef DDB_AUTH_CALLER_H
#define DDB_AUTH_CALLER_H

#include "postgres.h"

typedef enum DdbCallerSource
{
	DDB_CALLER_SQL,				/* a function called in a session */
	DDB_CALLER_HTTP				/* a request to a worker */
} DdbCallerSource;

typedef struct DdbCaller
{
	DdbCallerSource source;
	Oid			role;			/* its privileges are judged; InvalidOid: not
								 * known before the first step */
	const char *principal;		/* see ddb_caller_principal() */
} DdbCaller;

/*
 * The ARN of the user, as messages about rights name it.  It is made when it is
 * first asked for, in the current context, which must live as long as the
 * caller.  Needs a transaction.
 */
extern const char *ddb_caller_principal(DdbCaller *caller);

#endif							/* DDB_AUTH_CALLER_H */
