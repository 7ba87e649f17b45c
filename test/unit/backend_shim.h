/*
 * backend_shim.h
 *	  A stand-in for the server, so that pure C can be tested without one.
 *
 * Each block of memory comes from malloc(), so that a sanitizer sees every
 * access out of bounds.  All blocks are freed at once.  An error raised by
 * ddb_error() and similar functions jumps to the innermost SHIM_TRY().
 */
#ifndef DDB_TEST_BACKEND_SHIM_H
#define DDB_TEST_BACKEND_SHIM_H

#include "postgres.h"

#include <setjmp.h>

#include "core/error.h"

/* The place to which an error jumps, and the error. */
extern sigjmp_buf *shim_handler;
extern DdbFailure shim_failure;

/* Frees everything that has been allocated, also the texts of shim_failure. */
extern void shim_reset_memory(void);

/*
 * SHIM_TRY()
 * {
 *		what may raise an error
 * }
 * SHIM_CATCH(failure)
 * {
 *		what to do then; the variable holds the DdbFailure
 * }
 * SHIM_END_TRY();
 */
#define SHIM_TRY() \
	do \
	{ \
		sigjmp_buf *saved_handler_ = shim_handler; \
		sigjmp_buf	handler_; \
		if (sigsetjmp(handler_, 0) == 0) \
		{ \
			shim_handler = &handler_;

#define SHIM_CATCH(failure) \
			shim_handler = saved_handler_; \
		} \
		else \
		{ \
			shim_handler = saved_handler_; \
			(failure) = shim_failure;

#define SHIM_END_TRY() \
		} \
	} while (0)

#endif							/* DDB_TEST_BACKEND_SHIM_H */
