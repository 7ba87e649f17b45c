/*
 * validation.h
 *	  ValidationException with or without the "1 validation error detected: "
 *	  that the service puts before some semantic errors of some operations.
 *
 * Only captures show which errors carry the prefix, and that changes.  So every
 * such error is raised here, by class, and one table decides.  Other rules that
 * depend on the class of an error and the operation are also here.
 */
#ifndef DDB_MODEL_VALIDATION_H
#define DDB_MODEL_VALIDATION_H

#include "core/compat.h"
#include "model/model.h"
#include "value/value.h"

/*
 * The maximum length of an attribute name, in a request or as the value of a
 * #name.  The text is live (2026); older records show a map key constraint.
 */
#define DDB_ATTRIBUTE_NAME_MAX 65535
#define DDB_TEXT_ATTRIBUTE_NAME \
	"1 validation error detected: Attribute name is too large, must be less than 65536 bytes"

typedef enum DdbValidationClass
{
	DDB_VALIDATION_NULL_VALUE,	/* NULL: false */
	DDB_VALIDATION_SET,			/* empty set, duplicates */
	DDB_VALIDATION_NUMBER,
	DDB_VALIDATION_NESTING,
	DDB_VALIDATION_TAGS,		/* no or several type tags */
	DDB_VALIDATION_MIX,			/* expression and non-expression parameters */
	DDB_VALIDATION_NAMES_WITHOUT_EXPRESSION,
	DDB_VALIDATION_VALUES_WITHOUT_EXPRESSION,
	DDB_VALIDATION_NAMES_MAP,	/* empty map, invalid keys */
	DDB_VALIDATION_VALUES_MAP_EMPTY,
	DDB_VALIDATION_VALUES_MAP,	/* invalid keys */
	DDB_VALIDATION_EXPRESSION,	/* found while parsing an expression */
	DDB_VALIDATION_UNUSED,		/* unused names and values */
	DDB_VALIDATION_RETURN_VALUES,
	DDB_VALIDATION_LEGACY,
	DDB_VALIDATION_SELECT,
	DDB_VALIDATION_OTHER		/* never prefixed */
} DdbValidationClass;

extern void ddb_validation_error(const DdbOperation *operation,
								 DdbValidationClass class,
								 const char *format,...)
			pg_attribute_noreturn() pg_attribute_printf(3, 4);

/* Whether an error in ExpressionAttributeValues names the value it is in. */
extern bool ddb_validation_tells_value(const DdbOperation *operation,
									   DdbValidationClass class);

/* The class of an error found in an attribute value. */
extern DdbValidationClass ddb_validation_class_of(DdbValueErrorClass class);

/* Raise an error found in an attribute value. */
extern void ddb_validation_value_error(const DdbOperation *operation,
									   const DdbValueError *error)
			pg_attribute_noreturn();

/*
 * Attribute values in a request, or the service's error for the first one
 * that is wrong: an Item or Key, and a single value.
 */
extern DdbValue *ddb_validate_item(const DdbOperation *operation,
								   const DdbJson *json);
extern DdbValue *ddb_validate_value(const DdbOperation *operation,
									const DdbJson *json);

#endif							/* DDB_MODEL_VALIDATION_H */
