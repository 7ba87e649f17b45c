/*
 * unit.c
 *	  Reports the results of unit tests, and makes values for them.
 */
#include "unit.h"

static int	passed_count;
static int	failed_count;

static void report(bool passed, const char *description, va_list arguments)
			pg_attribute_printf(2, 0);

bool
unit_ok(bool passed, const char *description,...)
{
	va_list		arguments;

	va_start(arguments, description);
	report(passed, description, arguments);
	va_end(arguments);
	return passed;
}

bool
unit_is_string(const char *actual, const char *expected,
			   const char *description,...)
{
	bool		same = actual == NULL || expected == NULL ?
		actual == expected : strcmp(actual, expected) == 0;
	va_list		arguments;

	va_start(arguments, description);
	report(same, description, arguments);
	va_end(arguments);
	if (!same)
		printf("#   expected: %s\n#        got: %s\n",
			   expected == NULL ? "(null)" : expected,
			   actual == NULL ? "(null)" : actual);
	return same;
}

bool
unit_is_int(int64 actual, int64 expected, const char *description,...)
{
	va_list		arguments;

	va_start(arguments, description);
	report(actual == expected, description, arguments);
	va_end(arguments);
	if (actual != expected)
		printf("#   expected: " INT64_FORMAT "\n#        got: " INT64_FORMAT "\n",
			   expected, actual);
	return actual == expected;
}

int
unit_done(void)
{
	shim_reset_memory();
	printf("%d passed, %d failed\n", passed_count, failed_count);
	return failed_count == 0 ? 0 : 1;
}

DdbJson *
unit_json(const char *text)
{
	DdbJson    *json = ddb_json_parse(pstrdup(text), (int) strlen(text));

	if (json == NULL)
	{
		printf("# the test is wrong, this is not JSON: %s\n", text);
		abort();
	}
	return json;
}

DdbValue *
unit_value(const char *text)
{
	DdbValueError error;
	DdbValue   *value = ddb_value_from_json(unit_json(text), &error);

	if (value == NULL)
	{
		printf("# the test is wrong: %s: %s\n", error.message, text);
		abort();
	}
	return value;
}

DdbValue *
unit_item(const char *text)
{
	DdbValueError error;
	DdbValue   *item = ddb_item_from_json(unit_json(text), &error);

	if (item == NULL)
	{
		printf("# the test is wrong: %s: %s\n", error.message, text);
		abort();
	}
	return item;
}

const char *
unit_print_value(const DdbValue *value)
{
	DdbJsonWriter writer;

	if (value == NULL)
		return NULL;
	ddb_json_writer_init(&writer, true);
	ddb_value_write(&writer, value);
	return writer.buf.data;
}

const char *
unit_print_item(const DdbValue *item)
{
	DdbJsonWriter writer;

	ddb_json_writer_init(&writer, true);
	ddb_item_write(&writer, item);
	return writer.buf.data;
}

/* xorshift64* */
uint64
unit_random(void)
{
	static uint64 state = UINT64CONST(88172645463325252);

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * UINT64CONST(2685821657736338717);
}

int
unit_random_below(int limit)
{
	return (int) (unit_random() % (uint64) limit);
}

static void
report(bool passed, const char *description, va_list arguments)
{
	printf(passed ? "ok " : "not ok ");
	vprintf(description, arguments);
	printf("\n");
	if (passed)
		passed_count++;
	else
		failed_count++;
}
