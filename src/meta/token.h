/*
 * token.h
 *	  Tokens of requests: what was done once under a token is not done again.
 */
#ifndef DDB_META_TOKEN_H
#define DDB_META_TOKEN_H

#include "postgres.h"
#include "utils/jsonb.h"

/* Bytes of a request's digest. */
#define DDB_REQUEST_DIGEST 32

typedef struct DdbToken
{
	const char *operation;
	const char *token;			/* the client's */
	uint8		request[DDB_REQUEST_DIGEST];	/* of what was asked for */
} DdbToken;

/*
 * Take the token for this transaction.  Returns whether the same request has
 * been done under it in the last ten minutes; then *outcome is what was
 * remembered of it.  Raises TransactionInProgressException and
 * IdempotentParameterMismatchException.
 */
extern bool ddb_token_take(const DdbToken *token, Jsonb **outcome);

/* Remember that the request was done; for a token taken by this transaction. */
extern void ddb_token_remember(const DdbToken *token, const Jsonb *outcome);

/* Forget the tokens that are too old to matter. */
extern void ddb_token_sweep(void);

#endif							/* DDB_META_TOKEN_H */
