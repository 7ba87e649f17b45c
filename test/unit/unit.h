/*
 * unit.h
 *	  Support for unit tests: results in the format of TAP, values made from
 *	  JSON, and the stand-in for the server.
 *
 * A test program runs its tests from main() and returns unit_done().
 */
#ifndef DDB_TEST_UNIT_H
#define DDB_TEST_UNIT_H

#include "postgres.h"

#include "backend_shim.h"
#include "value/value.h"

#define UNIT_TRY()			SHIM_TRY()
#define UNIT_CATCH(failure)	SHIM_CATCH(failure)
#define UNIT_END_TRY()		SHIM_END_TRY()

/* Reports one result.  The description is a format. */
extern bool unit_ok(bool passed, const char *description,...)
			pg_attribute_printf(2, 3);

/* Reports whether two values are equal, and prints a difference. */
extern bool unit_is_string(const char *actual, const char *expected,
						   const char *description,...)
			pg_attribute_printf(3, 4);
extern bool unit_is_int(int64 actual, int64 expected,
						const char *description,...)
			pg_attribute_printf(3, 4);

/* Prints the totals.  Returns the exit status. */
extern int	unit_done(void);

/* JSON from a literal, which must be valid. */
extern DdbJson *unit_json(const char *text);

/* Parses a value or an item in wire format, which must be legal. */
extern DdbValue *unit_value(const char *text);
extern DdbValue *unit_item(const char *text);

/* Writes a value or an item in stored form. */
extern const char *unit_print_value(const DdbValue *value);
extern const char *unit_print_item(const DdbValue *item);

/* A generator that gives the same numbers in every run. */
extern uint64 unit_random(void);
extern int	unit_random_below(int limit);

#endif							/* DDB_TEST_UNIT_H */
