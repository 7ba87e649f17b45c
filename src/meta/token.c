/*
 * token.c
 *	  Tokens of requests: what was done once under a token is not done again.
 *
 * A token is a row of dynamo_catalog.request_tokens, written by the transaction
 * that does what it stands for, so they are there together or not at all.
 * While that transaction is under way it holds an advisory lock for the token,
 * which whoever comes with the same one tries in vain.  A worker's request that
 * has met a lock is tried again in another transaction: in between the worker's
 * session holds the lock on its behalf.
 *
 * A row that is ten minutes old counts no more, swept or not.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "core/clock.h"
#include "core/error.h"
#include "core/inject.h"
#include "core/session.h"
#include "executor/spi.h"
#include "meta/meta.h"
#include "meta/token.h"
#include "miscadmin.h"
#include "jit/jit.h"
#include "optimizer/cost.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"

/* Field 4 of the lock tag; see KEY_LOCK_CLASS of the store. */
#define TOKEN_LOCK_CLASS 0xDE

#define VALID_MICROSECONDS (INT64CONST(10) * 60 * 1000000)

/* Swept a little later, when surely nobody looks at them. */
#define SWEEP_MICROSECONDS (VALID_MICROSECONDS + INT64CONST(60) * 1000000)

typedef enum Statement
{
	STATEMENT_FIND,
	STATEMENT_REMEMBER,
	STATEMENT_SWEEP
} Statement;

#define MAX_PARAMETERS 5

static const struct
{
	const char *text;
	int			parameter_count;
	Oid			parameters[MAX_PARAMETERS];
}			statements[] = {
	[STATEMENT_FIND] = {
		"SELECT request, outcome FROM dynamo_catalog.request_tokens"
		" WHERE token OPERATOR(pg_catalog.=) $1"
		" AND operation OPERATOR(pg_catalog.=) $2"
		" AND completed_at OPERATOR(pg_catalog.>) $3",
		3, {TEXTOID, TEXTOID, TIMESTAMPTZOID}
	},
	/* what is there is too old */
	[STATEMENT_REMEMBER] = {
		"INSERT INTO dynamo_catalog.request_tokens"
		" (token, operation, completed_at, request, outcome)"
		" VALUES ($1, $2, $3, $4, $5)"
		" ON CONFLICT (token, operation) DO UPDATE SET"
		" completed_at = EXCLUDED.completed_at, request = EXCLUDED.request,"
		" outcome = EXCLUDED.outcome",
		5, {TEXTOID, TEXTOID, TIMESTAMPTZOID, BYTEAOID, JSONBOID}
	},
	[STATEMENT_SWEEP] = {
		"DELETE FROM dynamo_catalog.request_tokens"
		" WHERE completed_at OPERATOR(pg_catalog.<) $1",
		1, {TIMESTAMPTZOID}
	},
};

static SPIPlanPtr plans[lengthof(statements)];

/* Tokens that this worker's requests have, and how many there may be. */
static dlist_head held = DLIST_STATIC_INIT(held);
static int	held_count = 0;

#define MAX_HELD 100

static bool lock_token(DdbRequestToken *token);
static bool hold_token(DdbRequestToken *token, const LOCKTAG *tag);
static LOCKTAG lock_tag(const DdbRequestToken *token);
static void give_back(void *arg);
static bytea *digest_datum(const DdbRequestToken *token);
static void run(Statement statement, Datum *values);

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
	MemoryContext context = CurrentMemoryContext;
	Datum		row[2];
	bool		null;
	bool		same;

	if (!lock_token(token))
		ddb_error(DDB_ERROR_TRANSACTION_IN_PROGRESS,
				  "Transaction from previous request is still in progress");
	run(STATEMENT_FIND, values);
	if (SPI_processed == 0)
		return false;
	row[0] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
	row[1] = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2, &null);
	same = DatumGetBool(DirectFunctionCall2(byteaeq, row[0],
											PointerGetDatum(digest_datum(token))));
	if (!same)
		ddb_error(DDB_ERROR_IDEMPOTENT_PARAMETER_MISMATCH,
				  "DynamoDB rejected the request because you retried a request "
				  "with a different payload but with an idempotent token that was "
				  "already used.");
	MemoryContextSwitchTo(context);
	*outcome = DatumGetJsonbPCopy(row[1]);
	SPI_freetuptable(SPI_tuptable);
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
		run(STATEMENT_REMEMBER, values);
}

void
ddb_token_sweep(void)
{
	Datum		values[] = {
		TimestampTzGetDatum(ddb_clock_now() - SWEEP_MICROSECONDS),
	};

	run(STATEMENT_SWEEP, values);
}

/*
 * Tokens of one hash get in each other's way for the time of a request, and no
 * more.
 */
static bool
lock_token(DdbRequestToken *token)
{
	LOCKTAG		tag = lock_tag(token);

	if (ddb_fault("no_token_lock"))
		return true;
	if (ddb_session_is_worker && !token->held && !hold_token(token, &tag))
		return false;
	return ddb_session_try_lock_tag(&tag, ExclusiveLock);
}

/*
 * A lock of the session's is not known from one of the same session for another
 * request: the list knows.  It is short: all others go without in the time when
 * they have no transaction, rather than fill the lock table.
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

/* Of a request that was abandoned. */
static void
give_back(void *arg)
{
	ddb_token_give_back(arg);
}

static LOCKTAG
lock_tag(const DdbRequestToken *token)
{
	LOCKTAG		tag;
	uint64		hash;

	hash = hash_bytes_extended((const unsigned char *) token->operation,
							   strlen(token->operation), 0);
	hash = hash_bytes_extended((const unsigned char *) token->token,
							   strlen(token->token), hash);
	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) (hash >> 32), (uint32) hash,
						 TOKEN_LOCK_CLASS);
	return tag;
}

static bytea *
digest_datum(const DdbRequestToken *token)
{
	bytea	   *result = palloc(VARHDRSZ + DDB_REQUEST_DIGEST);

	SET_VARSIZE(result, VARHDRSZ + DDB_REQUEST_DIGEST);
	memcpy(VARDATA(result), token->request, DDB_REQUEST_DIGEST);
	return result;
}

/*
 * As the owner, who alone may touch the catalog; results are in SPI's globals.
 *
 * A plan made while the table was small must not read all of it when it is
 * large, so it is planned without sequential scans: there is an index for each
 * of the statements.  Where it is missing the plan seems to cost more than
 * anything, and must not be compiled for that.
 */
static void
run(Statement statement, Datum *values)
{
	MemoryContext old = CurrentMemoryContext;
	bool		seqscan = enable_seqscan;
	bool		jit = jit_enabled;
	DdbUser		user = ddb_meta_become_owner();
	int			result;

	if (plans[statement] == NULL)
	{
		SPIPlanPtr	plan = SPI_prepare_cursor(statements[statement].text,
											  statements[statement].parameter_count,
											  (Oid *) statements[statement].parameters,
											  CURSOR_OPT_GENERIC_PLAN);

		if (plan == NULL || SPI_keepplan(plan) != 0)
			elog(ERROR, "could not prepare \"%s\": %s", statements[statement].text,
				 SPI_result_code_string(SPI_result));
		plans[statement] = plan;
	}
	enable_seqscan = jit_enabled = false;
	PG_TRY();
	{
		result = SPI_execute_plan(plans[statement], values, NULL, false, 0);
	}
	PG_FINALLY();
	{
		enable_seqscan = seqscan;
		jit_enabled = jit;
	}
	PG_END_TRY();
	if (result < 0)
		elog(ERROR, "could not run \"%s\": %s", statements[statement].text,
			 SPI_result_code_string(result));
	ddb_meta_restore_user(user);
	MemoryContextSwitchTo(old);
}
