/*
 * http_linger.h
 *	  Connections whose client still sends a request that will not be read.
 */
#ifndef DDB_BGWORKER_HTTP_LINGER_H
#define DDB_BGWORKER_HTTP_LINGER_H

#include "postgres.h"

/*
 * Called before the connection with this socket is closed although its request
 * has not been read completely.  Lets the client send the rest.  Raises no error.
 */
extern void http_linger_add(int fd);

/*
 * Reads and discards what has arrived.  Must be called every few milliseconds
 * while http_linger_is_busy().  The time is in microseconds.
 */
extern void http_linger_run(int64 timeout);

extern bool http_linger_is_busy(void);

#endif							/* DDB_BGWORKER_HTTP_LINGER_H */
