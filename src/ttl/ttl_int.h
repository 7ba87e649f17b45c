/*
 * ttl_int.h
 *	  Declarations shared by the files of ttl/.
 */
#ifndef DDB_TTL_TTL_INT_H
#define DDB_TTL_TTL_INT_H

#include "ttl/ttl.h"

/* Completes a table's transition in this transaction; locks others out. */
extern void ttl_finish(const char *table_name);

#endif							/* DDB_TTL_TTL_INT_H */
