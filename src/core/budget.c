/*
 * budget.c
 *	  How much one step of a request may do before others are served.
 */
#include "postgres.h"

#include "core/budget.h"
#include "core/clock.h"

bool
ddb_budget_spent(DdbBudget *budget, int64 bytes)
{
	if (bytes < budget->bytes &&
		(budget->deadline == 0 || ddb_clock_monotonic() < budget->deadline))
		return false;
	return budget->renew == NULL || !budget->renew(budget, bytes);
}
