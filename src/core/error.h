/*
 * error.h
 *	  The errors that a client can receive: how they are raised, and how a
 *	  caught error becomes {type, status, message, extras}.
 */
#ifndef DDB_CORE_ERROR_H
#define DDB_CORE_ERROR_H

#include "postgres.h"
#include "core/compat.h"

typedef enum DdbErrorType
{
#define DDB_ERROR_TYPE(suffix, name, prefix, status, member, sqlstate) \
	DDB_ERROR_##suffix,
#include "core/error_types.def"
#undef DDB_ERROR_TYPE
	DDB_ERROR_COUNT
} DdbErrorType;

/* What is reported to a client. */
typedef struct DdbFailure
{
	DdbErrorType type;
	const char *message;		/* NULL: the error body has no message member */
	const char *extras;			/* JSON members in braces, e.g. {"Item":{...}};
								 * NULL if there are none */
} DdbFailure;

/*
 * Raise an error of the service with its exact text.  The text is in stored
 * form (see value/text.h); nothing is translated.
 */
extern void ddb_error(DdbErrorType type, const char *format,...)
			pg_attribute_noreturn() pg_attribute_printf(2, 3);

/* Like ddb_error() but without a message, for the bare errors of the wire protocol. */
extern void ddb_error_bare(DdbErrorType type) pg_attribute_noreturn();

/*
 * Like ddb_error() but with structured extras: the members that stand between __type and
 * the message, as one JSON object in stored form.
 */
extern void ddb_error_extras(DdbErrorType type, const char *extras,
							 const char *format,...)
			pg_attribute_noreturn() pg_attribute_printf(3, 4);

/* "ValidationException" */
extern const char *ddb_error_name(DdbErrorType type);

/* "com.amazon.coral.validate#" */
extern const char *ddb_error_prefix(DdbErrorType type);

/* "message" or "Message" */
extern const char *ddb_error_member(DdbErrorType type);

/* 400, 500 or 503 */
extern int	ddb_error_status(DdbErrorType type);

/*
 * Returns the failure to report for a caught error.  Strings are allocated in
 * the current memory context, which must not be ErrorContext.  PostgreSQL's
 * own errors are mapped by SQLSTATE.  *internal is set when the real message
 * must not reach the client and belongs in the server log instead.
 */
extern DdbFailure ddb_error_classify(const ErrorData *edata, bool *internal);

#endif							/* DDB_CORE_ERROR_H */
