/*
 * budget.h
 *	  How much one step of a request may do before others are served.
 */
#ifndef DDB_CORE_BUDGET_H
#define DDB_CORE_BUDGET_H

#include "postgres.h"

typedef struct DdbBudget
{
	int64		bytes;			/* of items read or written */
	int64		deadline;		/* monotonic microseconds; 0: none */

	/*
	 * Called when the budget is spent.  Returns true after enlarging it, which
	 * it does if nobody else waits to be served.  May be NULL.
	 */
	bool		(*renew) (struct DdbBudget *budget, int64 bytes);
} DdbBudget;

/* No limit, as for SQL callers. */
#define DDB_BUDGET_UNLIMITED ((DdbBudget) {PG_INT64_MAX, 0, NULL})

/* Returns whether a step that has done so many bytes must end. */
extern bool ddb_budget_spent(DdbBudget *budget, int64 bytes);

#endif							/* DDB_CORE_BUDGET_H */
