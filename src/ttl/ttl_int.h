/*
 * ttl_int.h
 *	  What the files of ttl/ share.
 */
#ifndef DDB_TTL_TTL_INT_H
#define DDB_TTL_TTL_INT_H

#include "ttl/ttl.h"

/* End a table's transition in this transaction, locking others out. */
extern void ttl_finish(const char *table_name);

#endif							/* DDB_TTL_TTL_INT_H */
