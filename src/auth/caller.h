/*
 * caller.h
 *	  The caller on whose behalf an operation is executed.
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
	Oid			role;			/* whose privileges are checked; InvalidOid
								 * before the first step */
	const char *principal;		/* see ddb_caller_principal() */
} DdbCaller;

/*
 * Returns the ARN of the user, as messages about rights show it.  The first
 * call allocates it in the current memory context, which must live as long as
 * the caller.  Needs a transaction.
 */
extern const char *ddb_caller_principal(DdbCaller *caller);

#endif							/* DDB_AUTH_CALLER_H */
