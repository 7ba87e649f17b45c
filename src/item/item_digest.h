/*
 * item_digest.h
 *	  The digest by which a request is known again under its token.
 *
 * It is made of what the request says, not of how: numbers in canonical form,
 * attributes and elements of sets in one order.  Clients in some languages
 * write maps in another order each time.
 */
#ifndef DDB_API_API_REQUEST_DIGEST_H
#define DDB_API_API_REQUEST_DIGEST_H

#include "api/api_int.h"
#include "meta/token.h"

/* Collected without a transaction; in the current memory context. */
extern StringInfo api_digest_begin(void);
extern void api_digest_string(StringInfo source, const char *string);
extern void api_digest_value(StringInfo source, const DdbValue *value);

/* An action's expressions, with the names and values they use. */
extern void api_digest_expressions(StringInfo source,
								   const DdbOperation *operation,
								   const DdbJson *action);

/* The digest; needs a transaction, frees the source. */
extern void api_digest_end(StringInfo source, uint8 digest[DDB_REQUEST_DIGEST]);

#endif							/* DDB_API_API_REQUEST_DIGEST_H */
