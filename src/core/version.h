/*
 * version.h
 *	  The version of the library, which is that of the SQL objects it works
 *	  with: default_version in dynamo.control.
 */
#ifndef DDB_CORE_VERSION_H
#define DDB_CORE_VERSION_H

#define DDB_VERSION "0.2"

#endif							/* DDB_CORE_VERSION_H */
