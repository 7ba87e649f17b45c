/*
 * item_digest.h
 *	  The digest by which a request is known again under its token.
 *
 * It is made of what the request says, not of how: numbers in canonical form,
 * attributes and elements of sets in one order.  Clients in some languages
 * write maps in another order each time.
 */
#ifndef DDB_ITEM_ITEM_DIGEST_H
#define DDB_ITEM_ITEM_DIGEST_H

#include "meta/token.h"
#include "model/model.h"
#include "value/value.h"

/* Collected without a transaction; in the current memory context. */
extern StringInfo ddb_item_digest_begin(void);
extern void ddb_item_digest_string(StringInfo source, const char *string);
extern void ddb_item_digest_value(StringInfo source, const DdbValue *value);

/* An action's expressions, with the names and values they use. */
extern void ddb_item_digest_expressions(StringInfo source,
										const DdbOperation *operation,
										const DdbJson *action);

/* The digest; needs a transaction, frees the source. */
extern void ddb_item_digest_end(StringInfo source, uint8 digest[DDB_REQUEST_DIGEST]);

#endif							/* DDB_ITEM_ITEM_DIGEST_H */
