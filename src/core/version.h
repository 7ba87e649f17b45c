/*
 * version.h
 *	  The version of the library and of the SQL objects that it works with:
 *	  default_version in dynamo.control.
 */
#ifndef DDB_CORE_VERSION_H
#define DDB_CORE_VERSION_H

#define DDB_VERSION "0.2"

#endif							/* DDB_CORE_VERSION_H */
