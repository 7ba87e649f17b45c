/*
 * call.h
 *	  One operation being carried out.
 *
 * Both entrances, HTTP and SQL, make a call, prepare it and run its steps until
 * it is complete:
 *
 *	   ddb_call_make -> ddb_call_prepare -> ddb_call_step ... -> writer has
 *	   the response
 *
 * Preparing needs no transaction.  Each step needs one; in a worker every step
 * has its own, and between steps other requests are served.  A step that ends
 * with an error leaves the call as it was before the step, so that it can be
 * tried again in a new transaction.
 */
#ifndef DDB_API_CALL_H
#define DDB_API_CALL_H

#include "postgres.h"
#include "auth/caller.h"
#include "core/error.h"
#include "model/model.h"
#include "query/query.h"

typedef struct DdbCall
{
	const DdbOperation *operation;
	DdbMode		mode;			/* the operation's, or less (ddb_call_relax) */
	DdbCaller	caller;
	const DdbJson *request;
	MemoryContext context;		/* holds all that outlasts a step */
	DdbJsonWriter writer;		/* the response */

	DdbBudget	budget;			/* of the step under way */

	/*
	 * Set by a worker when the request has waited for a lock as long as it
	 * may and the handler can leave out what is locked; cleared by the
	 * handler.
	 */
	bool		skip_locked;

	void	   *state;			/* the handler's, of its state_size */
} DdbCall;

/* What a call is about, as far as rights are concerned. */
typedef struct DdbResource
{
	const char *table_name;		/* a table of ours, or NULL */
	const char *arn;			/* as messages name it; NULL: the table's */
	bool		foreign;		/* of another account, or another service */
} DdbResource;

/* How an operation is carried out: one of these per row of operation.def. */
typedef struct DdbHandler
{
	size_t		state_size;

	/*
	 * Check all of the request that can be checked without the database, and
	 * fill call->state.  May be NULL.
	 */
	void		(*prepare) (DdbCall *call);

	/*
	 * Do as much as the budget allows.  Returns whether the response is
	 * complete.  What changes between steps is in call->state itself.
	 */
	bool		(*step) (DdbCall *call);

	/*
	 * What a prepared call is about, as DdbResource * in the current context.
	 * NULL unless the operation's resource is DDB_RESOURCE_TABLES or _ARN.
	 */
	List	   *(*resources) (const DdbCall *call);

	/* Can it leave out what is locked (call->skip_locked)? */
	bool		can_skip_locked;

	/*
	 * What a client is told when the last step met a lock and may not be
	 * tried again; NULL: TransactionConflictException.  Raises nothing.
	 */
	DdbFailure	(*conflict) (const DdbCall *call);
} DdbHandler;

/*
 * A call that lives in context, which is the current one while it is worked
 * on.  A response to a caller from SQL has strings in stored form.
 */
extern DdbCall *ddb_call_make(MemoryContext context,
							  const DdbOperation *operation,
							  const DdbJson *request, DdbCallerSource source);

/* Validate the request.  Raises the service's errors. */
extern void ddb_call_prepare(DdbCall *call);

/*
 * While it is prepared: an eventually consistent read is enough, which a
 * standby can answer, and whose answer need not wait until what it saw is
 * durable.
 */
extern void ddb_call_relax(DdbCall *call);

/*
 * Run one step, in a transaction, as the current user, who is call->caller.role.
 * Returns whether the response is complete.  Raises AccessDeniedException.
 */
extern bool ddb_call_step(DdbCall *call, DdbBudget budget);

/* Does the operation's handler know how to leave out what is locked? */
extern bool ddb_call_can_skip_locked(const DdbCall *call);

/*
 * What the client of a call that has met a lock once too often is told, if the
 * operation has its own way to say it.
 */
extern bool ddb_call_conflict(const DdbCall *call, DdbFailure *failure);

#endif							/* DDB_API_CALL_H */
