/*
 * inject.h
 *	  Named faults, to prove that the tests would notice.
 *
 * In a build with DDB_FAULTS (make FAULTS=1) the setting dynamo.fault names
 * the fault that is on, and ddb_fault("name") is true there.  In any other
 * build it is the constant false and costs nothing.
 */
#ifndef DDB_CORE_INJECT_H
#define DDB_CORE_INJECT_H

#include "postgres.h"

#ifdef DDB_FAULTS
extern char *ddb_fault_name;	/* dynamo.fault */
#define ddb_fault(name) \
	(ddb_fault_name != NULL && strcmp(ddb_fault_name, (name)) == 0)
#else
#define ddb_fault(name) (false)
#endif

#endif							/* DDB_CORE_INJECT_H */
