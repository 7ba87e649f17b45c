/*
 * call.h
 *	  One operation being carried out.
 *
 * HTTP and SQL both make a call, prepare it and run its steps until it is
 * complete:
 *
 *	   ddb_call_make -> ddb_call_prepare -> ddb_call_step ... -> writer has
 *	   the response
 *
 * Preparing needs no transaction.  Each step needs one.  In a worker every step has
 * a transaction of its own, and other requests are served between steps.  A step
 * that ends with an error leaves the call as it was before the step, so that the
 * step can be tried again in a new transaction.
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
	DdbMode		mode;			/* of the operation, perhaps relaxed */
	DdbCaller	caller;
	const DdbJson *request;
	MemoryContext context;		/* for everything that outlasts a step */
	DdbJsonWriter writer;		/* the response */

	DdbBudget	budget;			/* of the present step */

	/*
	 * Set by a worker when the request has waited for a lock as long as allowed
	 * and the handler can leave out what is locked.  Cleared by the handler.
	 */
	bool		skip_locked;

	void	   *state;			/* the handler's, of its state_size */
} DdbCall;

/* A resource of a call, to which the caller needs rights. */
typedef struct DdbResource
{
	const char *table_name;		/* a table of ours, or NULL */
	const char *arn;			/* for messages; NULL: the table's ARN */
	bool		foreign;		/* of another account, or another service */
} DdbResource;

/* How an operation is carried out.  Each row of operation.def has one. */
typedef struct DdbHandler
{
	size_t		state_size;

	/*
	 * Checks everything that can be checked without the database, and fills
	 * call->state.  May be NULL.
	 */
	void		(*prepare) (DdbCall *call);

	/*
	 * Does as much as the budget allows.  Returns whether the response is
	 * complete.  What changes between steps must be in call->state itself.
	 */
	bool		(*step) (DdbCall *call);

	/*
	 * Returns the resources of a prepared call, DdbResource *, in the current
	 * context.  NULL unless the operation's resource is DDB_RESOURCE_TABLES or
	 * DDB_RESOURCE_ARN.
	 */
	List	   *(*resources) (const DdbCall *call);

	/* Can the handler leave out what is locked (call->skip_locked)? */
	bool		can_skip_locked;

	/*
	 * Returns the error for the client when the last step has met a lock and is
	 * not tried again.  Raises no error.  NULL: TransactionConflictException.
	 */
	DdbFailure	(*conflict) (const DdbCall *call);
} DdbHandler;

/*
 * Makes a call in context, which is the current memory context while functions of
 * the handler run.  If source is SQL, strings in the response are in stored form.
 */
extern DdbCall *ddb_call_make(MemoryContext context,
							  const DdbOperation *operation,
							  const DdbJson *request, DdbCallerSource source);

/* Validates the request.  Raises the service's errors. */
extern void ddb_call_prepare(DdbCall *call);

/*
 * Called while the call is prepared, if an eventually consistent read is enough.
 * Then a standby can answer it, and the answer need not wait until what the read saw
 * is durable.
 */
extern void ddb_call_relax(DdbCall *call);

/*
 * Runs one step, in a transaction.  The current user must be call->caller.role.
 * Returns whether the response is complete.  Raises AccessDeniedException.
 */
extern bool ddb_call_step(DdbCall *call, DdbBudget budget);

/* Returns whether the handler can leave out what is locked. */
extern bool ddb_call_can_skip_locked(const DdbCall *call);

/*
 * Gets the error for the client of a call that is not tried again after a lock.
 * Returns false if the operation has no error of its own for that.
 */
extern bool ddb_call_conflict(const DdbCall *call, DdbFailure *failure);

#endif							/* DDB_API_CALL_H */
