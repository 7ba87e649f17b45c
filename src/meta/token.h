/*
 * token.h
 *	  Tokens of requests: what was done once under a token is not done again.
 */
#ifndef DDB_META_TOKEN_H
#define DDB_META_TOKEN_H

#include "postgres.h"
#include "lib/ilist.h"
#include "meta/job.h"
#include "utils/jsonb.h"

/* Bytes of a request's digest. */
#define DDB_REQUEST_DIGEST 32

typedef struct DdbRequestToken
{
	const char *operation;
	const char *token;			/* the client's */
	uint8		request[DDB_REQUEST_DIGEST];	/* of what was asked for */

	/* token.c's: a worker has it between attempts, too */
	bool		held;
	dlist_node	node;
	MemoryContextCallback callback;
} DdbRequestToken;

/* A token that takes care of itself until the current memory context goes. */
extern DdbRequestToken *ddb_token_make(const char *operation, const char *token);

/*
 * Take the token for this transaction; in a worker until it is given back, as
 * a request that waits for a lock has no transaction meanwhile.  Returns
 * whether the same request has been done under it in the last ten minutes; then
 * *outcome is what was remembered of it.  Raises TransactionInProgressException
 * and IdempotentParameterMismatchException.
 */
extern bool ddb_token_take(DdbRequestToken *token, Jsonb **outcome);

/* Remember that the request was done; for a token taken by this transaction. */
extern void ddb_token_remember(const DdbRequestToken *token, const Jsonb *outcome);

/*
 * The request has come to its end, one way or the other.  The transaction that
 * took the token has it until it ends, too.
 */
extern void ddb_token_give_back(DdbRequestToken *token);

/* Forget the tokens that are too old to matter: a step of task.def. */
extern DdbStep ddb_token_sweep_step(DdbJob *job);

#endif							/* DDB_META_TOKEN_H */
