/*
 * http_linger.h
 *	  Connections whose client is still sending what nobody will read.
 */
#ifndef DDB_BGWORKER_HTTP_LINGER_H
#define DDB_BGWORKER_HTTP_LINGER_H

#include "postgres.h"

/*
 * The connection with this socket is about to be closed with its request half
 * read: let its client send the rest.  Raises nothing.
 */
extern void http_linger_add(int fd);

/*
 * Drop what has come; to be called every few milliseconds while there are any.
 * The time is in microseconds.
 */
extern void http_linger_run(int64 timeout);

extern bool http_linger_is_busy(void);

#endif							/* DDB_BGWORKER_HTTP_LINGER_H */
