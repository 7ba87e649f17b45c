/*
 * validation.c
 *	  The semantic errors of attribute values and parameters, and the
 *	  decisions which of them come in the frame of the constraint errors, and
 *	  which say where they are.
 */
#include "postgres.h"

#include "core/error.h"
#include "core/format.h"
#include "model/validation.h"

#define SINGLE_ITEM_WRITES \
	[DDB_OPERATION_PUT_ITEM] = true, \
	[DDB_OPERATION_UPDATE_ITEM] = true, \
	[DDB_OPERATION_DELETE_ITEM] = true

/*
 * Which errors of which operations begin with "1 validation error detected: ".
 * Classes and operations that are not in the table never do.  Captures
 * disagree about nesting, tags and the empty map of values; the table says
 * what most of them show, and of nesting what a live one of 2026 does.
 */
static const bool framed[DDB_VALIDATION_OTHER + 1][DDB_OPERATION_COUNT] = {
	[DDB_VALIDATION_NULL_VALUE] = {SINGLE_ITEM_WRITES},
	[DDB_VALIDATION_SET] = {SINGLE_ITEM_WRITES},
	[DDB_VALIDATION_NESTING] = {[DDB_OPERATION_UPDATE_ITEM] = true},
	[DDB_VALIDATION_MIX] = {SINGLE_ITEM_WRITES},
	[DDB_VALIDATION_VALUES_WITHOUT_EXPRESSION] = {SINGLE_ITEM_WRITES},
	[DDB_VALIDATION_VALUES_MAP_EMPTY] = {SINGLE_ITEM_WRITES},
	[DDB_VALIDATION_EXPRESSION] = {SINGLE_ITEM_WRITES},
	[DDB_VALIDATION_UNUSED] = {SINGLE_ITEM_WRITES},
	[DDB_VALIDATION_RETURN_VALUES] = {SINGLE_ITEM_WRITES},
	[DDB_VALIDATION_SELECT] = {[DDB_OPERATION_QUERY] = true}
};

/*
 * Which errors in ExpressionAttributeValues come without "contains invalid
 * value: ... for key :v": what single-item writes find in their items by the
 * same layer, and, of every operation, that a value is nested too deep.
 */
static const bool unlocated[DDB_VALIDATION_OTHER + 1][DDB_OPERATION_COUNT] = {
	[DDB_VALIDATION_NULL_VALUE] = {SINGLE_ITEM_WRITES},
	[DDB_VALIDATION_SET] = {SINGLE_ITEM_WRITES}
};

/* operation may be NULL; the error then has no frame. */
void
ddb_validation_error(const DdbOperation *operation, DdbValidationClass class,
					 const char *format,...)
{
	va_list		args;
	char	   *message;

	va_start(args, format);
	message = ddb_format(format, args);
	va_end(args);
	ddb_error(DDB_ERROR_VALIDATION, "%s%s",
			  operation != NULL && framed[class][operation->id] ?
			  "1 validation error detected: " : "",
			  message);
}

bool
ddb_validation_tells_value(const DdbOperation *operation,
						   DdbValidationClass class)
{
	return class != DDB_VALIDATION_NESTING && !unlocated[class][operation->id];
}

DdbValidationClass
ddb_validation_class_of(DdbValueErrorClass class)
{
	switch (class)
	{
		case DDB_VALUE_ERROR_NUMBER:
			return DDB_VALIDATION_NUMBER;
		case DDB_VALUE_ERROR_NULL:
			return DDB_VALIDATION_NULL_VALUE;
		case DDB_VALUE_ERROR_EMPTY_SET:
		case DDB_VALUE_ERROR_EMPTY_NUMBER_SET:
		case DDB_VALUE_ERROR_DUPLICATES:
			return DDB_VALIDATION_SET;
		case DDB_VALUE_ERROR_TAGS:
			return DDB_VALIDATION_TAGS;
		case DDB_VALUE_ERROR_NESTING:
			return DDB_VALIDATION_NESTING;
		case DDB_VALUE_ERROR_NAME:
		case DDB_VALUE_ERROR_TEXT:
			return DDB_VALIDATION_OTHER;
	}
	return DDB_VALIDATION_OTHER;
}

DdbValue *
ddb_validate_item(const DdbOperation *operation, const DdbJson *json)
{
	DdbValueError error;
	DdbValue   *item = ddb_item_from_json(json, &error);

	if (item == NULL)
		ddb_validation_value_error(operation, &error);
	return item;
}

DdbValue *
ddb_validate_value(const DdbOperation *operation, const DdbJson *json)
{
	DdbValueError error;
	DdbValue   *value = ddb_value_from_json(json, &error);

	if (value == NULL)
		ddb_validation_value_error(operation, &error);
	return value;
}

void
ddb_validation_value_error(const DdbOperation *operation,
						   const DdbValueError *error)
{
	ddb_validation_error(operation, ddb_validation_class_of(error->class),
						 "%s", error->message);
}
