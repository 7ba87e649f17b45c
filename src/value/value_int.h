/*
 * value_int.h
 *	  What the files of this folder share.
 */
#ifndef DDB_VALUE_VALUE_INT_H
#define DDB_VALUE_VALUE_INT_H

#include "value/value.h"

/* What a list or map weighs, and each of its members on top of itself. */
#define DDB_VALUE_CONTAINER_SIZE	3
#define DDB_VALUE_MEMBER_SIZE		1

/* Well-formedness and decoded length of stored text, in one pass. */
extern bool ddb_text_measure(DdbText stored, int *decoded_length);

/* Start a value: {"S": and so on; the object has to be ended. */
extern void ddb_value_begin_write(DdbJsonWriter *writer, DdbType type);

/* ddb_document_scalar() of a stored item. */
extern bool ddb_jsonb_scalar(const Jsonb *jsonb, DdbText name, DdbType type,
							 DdbText *text);

/* Is any of these texts there twice? */
extern bool ddb_value_has_duplicates(const DdbText *texts, int count);

#endif							/* DDB_VALUE_VALUE_INT_H */
