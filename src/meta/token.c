/*
 * token.c
 *	  Tokens of requests: work done once under a token is not repeated.
 *
 * A token is a row of dynamo_catalog.request_tokens.  It is written by the
 * transaction that does the work of the request, so both commit or neither.
 * The transaction also holds an advisory lock for the token, so that a second
 * request with the same token is refused while the first is under way.  When a
 * request in a worker waits for a lock it has no transaction; the worker's
 * session then holds the lock of the token for it.
 *
 * A row older than ten minutes does not count, even if it is not deleted yet.
 * The table may grow from nothing to very large while the plans are kept, so
 * all statements are planned by_index.  There is an index for each statement.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/inject.h"
#include "core/lock.h"
#include "meta/meta.h"
#include "meta/meta_int.h"
#include "meta/token.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"

#define VALID_MICROSECONDS (INT64CONST(10) * 60 * 1000000)

/* Rows are deleted a little later, when no request can be reading them. */
#define SWEEP_MICROSECONDS (VALID_MICROSECONDS + INT64CONST(60) * 1000000)

static MetaStatement find_token = {
	"SELECT request, outcome FROM dynamo_catalog.request_tokens"
	" WHERE token OPERATOR(pg_catalog.=) $1"
	" AND operation OPERATOR(pg_catalog.=) $2"
	" AND completed_at OPERATOR(pg_catalog.>) $3",
	3, {TEXTOID, TEXTOID, TIMESTAMPTZOID}, .by_index = true
};

/* An existing row is too old to count, so it is overwritten. */
static MetaStatement remember_token = {
	"INSERT INTO dynamo_catalog.request_tokens"
	" (token, operation, completed_at, request, outcome)"
	" VALUES ($1, $2, $3, $4, $5)"
	" ON CONFLICT (token, operation) DO UPDATE SET"
	" completed_at = EXCLUDED.completed_at, request = EXCLUDED.request,"
	" outcome = EXCLUDED.outcome",
	5, {TEXTOID, TEXTOID, TIMESTAMPTZOID, BYTEAOID, JSONBOID}, .by_index = true
};
static MetaStatement sweep_tokens = {
	"DELETE FROM dynamo_catalog.request_tokens"
	" WHERE completed_at OPERATOR(pg_catalog.<) $1",
	1, {TIMESTAMPTZOID}, .by_index = true
};

/* Tokens that this worker's requests have, and how many there may be. */
static dlist_head held = DLIST_STATIC_INIT(held);
static int	held_count = 0;

#define MAX_HELD 100

static bool lock_token(DdbRequestToken *token);
static bool hold_token(DdbRequestToken *token, const LOCKTAG *tag);
static LOCKTAG lock_tag(const DdbRequestToken *token);
static void give_back(void *arg);
static bytea *digest_datum(const DdbRequestToken *token);

DdbRequestToken *
ddb_token_make(const char *operation, const char *token)
{
	DdbRequestToken *result = palloc0(sizeof(DdbRequestToken));

	result->operation = operation;
	result->token = token;
	result->callback.func = give_back;
	result->callback.arg = result;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &result->callback);
	return result;
}

bool
ddb_token_take(DdbRequestToken *token, Jsonb **outcome)
{
	Datum		values[] = {
		CStringGetTextDatum(token->token),
		CStringGetTextDatum(token->operation),
		TimestampTzGetDatum(ddb_clock_now() - VALID_MICROSECONDS),
	};
	MetaRows	rows;
	Datum		request;

	if (!lock_token(token))
		ddb_error(DDB_ERROR_TRANSACTION_IN_PROGRESS,
				  "Transaction from previous request is still in progress");
	rows = meta_run(&find_token, true, values, NULL, 0);
	if (!meta_next(&rows))
	{
		meta_end(&rows);
		return false;
	}
	request = meta_required(&rows, "request");
	if (!DatumGetBool(DirectFunctionCall2(byteaeq, request,
										  PointerGetDatum(digest_datum(token)))))
		ddb_error(DDB_ERROR_IDEMPOTENT_PARAMETER_MISMATCH,
				  "DynamoDB rejected the request because you retried a request "
				  "with a different payload but with an idempotent token that was "
				  "already used.");
	*outcome = DatumGetJsonbPCopy(meta_required(&rows, "outcome"));
	meta_end(&rows);
	return true;
}

void
ddb_token_remember(const DdbRequestToken *token, const Jsonb *outcome)
{
	Datum		values[] = {
		CStringGetTextDatum(token->token),
		CStringGetTextDatum(token->operation),
		TimestampTzGetDatum(ddb_clock_now()),
		PointerGetDatum(digest_datum(token)),
		JsonbPGetDatum(outcome),
	};

	if (!ddb_fault("token_forgotten"))
		meta_run(&remember_token, true, values, NULL, 0);
}

DdbStep
ddb_token_sweep_step(DdbJob *job)
{
	Datum		values[] = {
		TimestampTzGetDatum(ddb_clock_now() - SWEEP_MICROSECONDS),
	};

	meta_run(&sweep_tokens, true, values, NULL, 0);
	return DDB_STEP_DONE;
}

/* Two tokens with the same hash block each other, but only for one request. */
static bool
lock_token(DdbRequestToken *token)
{
	LOCKTAG		tag = lock_tag(token);

	if (ddb_fault("no_token_lock"))
		return true;
	if (ddb_lock_policy != DDB_LOCK_WAIT && !token->held && !hold_token(token, &tag))
		return false;
	return ddb_lock_try(&tag, ExclusiveLock);
}

/*
 * PostgreSQL gives a session a lock that it has already, so the list tells
 * which locks other requests of this worker hold.  The list is short, to keep
 * the lock table from filling up: further requests hold no lock while they have
 * no transaction.
 */
static bool
hold_token(DdbRequestToken *token, const LOCKTAG *tag)
{
	dlist_iter	iter;

	dlist_foreach(iter, &held)
	{
		LOCKTAG		other = lock_tag(dlist_container(DdbRequestToken, node, iter.cur));

		if (memcmp(&other, tag, sizeof(LOCKTAG)) == 0)
			return false;
	}
	if (held_count == MAX_HELD)
		return true;
	if (LockAcquire(tag, ExclusiveLock, true, true) == LOCKACQUIRE_NOT_AVAIL)
		return false;
	dlist_push_tail(&held, &token->node);
	held_count++;
	token->held = true;
	return true;
}

void
ddb_token_give_back(DdbRequestToken *token)
{
	LOCKTAG		tag = lock_tag(token);

	if (!token->held)
		return;
	token->held = false;
	dlist_delete(&token->node);
	held_count--;
	(void) LockRelease(&tag, ExclusiveLock, true);
}

/* Called when a request is abandoned. */
static void
give_back(void *arg)
{
	ddb_token_give_back(arg);
}

static LOCKTAG
lock_tag(const DdbRequestToken *token)
{
	uint64		hash;

	hash = hash_bytes_extended((const unsigned char *) token->operation,
							   strlen(token->operation), 0);
	hash = hash_bytes_extended((const unsigned char *) token->token,
							   strlen(token->token), hash);
	return ddb_lock_make_tag(DDB_LOCK_CLASS_TOKEN, hash);
}

static bytea *
digest_datum(const DdbRequestToken *token)
{
	bytea	   *result = palloc(VARHDRSZ + DDB_REQUEST_DIGEST);

	SET_VARSIZE(result, VARHDRSZ + DDB_REQUEST_DIGEST);
	memcpy(VARDATA(result), token->request, DDB_REQUEST_DIGEST);
	return result;
}
