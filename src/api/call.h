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
#include "model/model.h"
#include "query/query.h"

typedef struct DdbCall
{
	const DdbOperation *operation;
	const DdbJson *request;
	MemoryContext context;		/* holds all that outlasts a step */
	DdbJsonWriter writer;		/* the response */

	DdbBudget	budget;			/* of the step under way */

	/*
	 * Must the answer wait until what it saw is durable?  Everything but an
	 * eventually consistent read must.
	 */
	bool		durable;

	/*
	 * Set by a worker when the request has waited for a lock as long as it
	 * may and the handler can leave out what is locked; cleared by the
	 * handler.
	 */
	bool		skip_locked;

	void	   *state;			/* the handler's, of its state_size */
} DdbCall;

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

	/* Can it leave out what is locked (call->skip_locked)? */
	bool		can_skip_locked;
} DdbHandler;

/*
 * A call that lives in context, which is the current one while it is worked
 * on.  The request loses what is null in it.  stored_form: the response is for
 * SQL.
 */
extern DdbCall *ddb_call_make(MemoryContext context,
							  const DdbOperation *operation,
							  DdbJson *request, bool stored_form);

/* Validate the request.  Raises the service's errors. */
extern void ddb_call_prepare(DdbCall *call);

/*
 * Run one step, in a transaction.  Returns whether the response is complete.
 */
extern bool ddb_call_step(DdbCall *call, DdbBudget budget);

/* Does the operation's handler know how to leave out what is locked? */
extern bool ddb_call_can_skip_locked(const DdbCall *call);

/*
 * May the current user run the operation?  It may if it may execute the SQL
 * function.  Raises AccessDeniedException.
 */
extern void ddb_call_authorize(const DdbOperation *operation);

#endif							/* DDB_API_CALL_H */
