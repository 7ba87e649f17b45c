/*
 * token.h
 *	  Tokens of requests: work done once under a token is not repeated.
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
	const char *token;			/* the client's token */
	uint8		request[DDB_REQUEST_DIGEST];	/* digest of the request */

	/* private to token.c; in a worker, held between attempts, too */
	bool		held;
	dlist_node	node;
	MemoryContextCallback callback;
} DdbRequestToken;

/* Makes a token that is given back when the current memory context is reset. */
extern DdbRequestToken *ddb_token_make(const char *operation, const char *token);

/*
 * Takes the token for this transaction.  In a worker, the token is held until
 * it is given back, because a request that waits for a lock has no transaction
 * at that time.  Returns whether the same request was done under this token in
 * the last ten minutes.  If so, sets *outcome to the remembered outcome.
 * Raises TransactionInProgressException and
 * IdempotentParameterMismatchException.
 */
extern bool ddb_token_take(DdbRequestToken *token, Jsonb **outcome);

/* Records that the request was done.  This transaction must hold the token. */
extern void ddb_token_remember(const DdbRequestToken *token, const Jsonb *outcome);

/*
 * Gives the token back after the request has succeeded or failed.  The
 * transaction that took the token still holds it until the transaction ends.
 */
extern void ddb_token_give_back(DdbRequestToken *token);

/* Deletes the tokens that are too old to count.  A step of task.def. */
extern DdbStep ddb_token_sweep_step(DdbJob *job);

#endif							/* DDB_META_TOKEN_H */
