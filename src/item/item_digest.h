/*
 * item_digest.h
 *	  The digest that recognizes a repeated request with the same token.
 *
 * It depends on the meaning of the request, not on its spelling: numbers are in
 * canonical form, attributes and elements of sets in a fixed order.  Clients in
 * some languages write maps in a different order each time.
 */
#ifndef DDB_ITEM_ITEM_DIGEST_H
#define DDB_ITEM_ITEM_DIGEST_H

#include "meta/token.h"
#include "model/model.h"
#include "value/value.h"

/* Starts to collect, in the current memory context.  Needs no transaction. */
extern StringInfo ddb_item_digest_begin(void);
extern void ddb_item_digest_string(StringInfo source, const char *string);
extern void ddb_item_digest_value(StringInfo source, const DdbValue *value);

/* Adds the expressions of an action, with their names and values. */
extern void ddb_item_digest_expressions(StringInfo source,
										const DdbOperation *operation,
										const DdbJson *action);

/* Computes the digest and frees the source.  Needs a transaction. */
extern void ddb_item_digest_end(StringInfo source, uint8 digest[DDB_REQUEST_DIGEST]);

#endif							/* DDB_ITEM_ITEM_DIGEST_H */
