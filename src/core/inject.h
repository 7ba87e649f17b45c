/*
 * inject.h
 *	  Named faults, to prove that the tests detect them.
 *
 * In a build with DDB_FAULTS (make FAULTS=1) the setting dynamo.fault names
 * the active fault, for which ddb_fault("name") is true.  In any other build
 * ddb_fault() is the constant false and costs nothing.
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
