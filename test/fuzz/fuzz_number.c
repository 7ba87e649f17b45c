/*
 * fuzz_number.c
 *	  Two numbers, one on each line.
 *
 * An accepted number has one canonical text.  The order and the sum of two numbers
 * must agree with each other.
 */
#include "fuzz.h"

#include "value/number.h"

static bool parse(DdbText input, DdbText *number);
static void check_pair(DdbText left, DdbText right);
static int	sign_of(DdbText number);
static int	order_of(int order);

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const char *newline = size == 0 ? NULL : memchr(data, '\n', size);
	DdbText		first = {.data = (const char *) data, .len = (int) size};
	DdbText		second = {.data = NULL};
	DdbText		left;
	DdbText		right;

	if (newline != NULL)
	{
		first.len = (int) (newline - first.data);
		second.data = newline + 1;
		second.len = (int) (size - first.len - 1);
	}

	/* Copies of the exact size, so that the sanitizer sees reads beyond the end. */
	if (parse(ddb_text_copy(first), &left) &&
		parse(ddb_text_copy(second), &right))
	{
		check_pair(left, right);
		check_pair(right, left);
		check_pair(left, left);
	}
	shim_reset_memory();
	return 0;
}

static bool
parse(DdbText input, DdbText *number)
{
	DdbNumberStatus status = ddb_number_parse(input, number);
	DdbText		again;

	if (status != DDB_NUMBER_OK)
	{
		FUZZ_CHECK(!ddb_number_is_canonical(input));
		FUZZ_CHECK(ddb_number_message(status, input)[0] != '\0');
		return false;
	}
	FUZZ_CHECK(number->len > 0 && number->len < DDB_NUMBER_MAX_TEXT);
	FUZZ_CHECK(ddb_number_is_canonical(*number));
	FUZZ_CHECK(ddb_number_is_canonical(input) == ddb_text_equal(input, *number));
	FUZZ_CHECK(ddb_number_parse(*number, &again) == DDB_NUMBER_OK);
	FUZZ_CHECK(ddb_text_equal(again, *number));
	FUZZ_CHECK(ddb_number_size(*number) >= 1 && ddb_number_size(*number) <= 22);
	return true;
}

static void
check_pair(DdbText left, DdbText right)
{
	int			order = order_of(ddb_number_compare(left, right));
	DdbText		result;
	DdbText		again;

	FUZZ_CHECK(order == -order_of(ddb_number_compare(right, left)));
	FUZZ_CHECK((order == 0) == ddb_text_equal(left, right));

	if (ddb_number_subtract(left, right, &result) == DDB_NUMBER_OK)
	{
		FUZZ_CHECK(ddb_number_is_canonical(result));
		FUZZ_CHECK(sign_of(result) == order);
		FUZZ_CHECK(ddb_number_add(result, right, &again) == DDB_NUMBER_OK);
		FUZZ_CHECK(ddb_text_equal(again, left));
	}
	if (ddb_number_add(left, right, &result) == DDB_NUMBER_OK)
	{
		FUZZ_CHECK(ddb_number_add(right, left, &again) == DDB_NUMBER_OK);
		FUZZ_CHECK(ddb_text_equal(again, result));
		FUZZ_CHECK(order_of(ddb_number_compare(result, left)) == sign_of(right));
	}
}

static int
sign_of(DdbText number)
{
	return order_of(ddb_number_compare(number, DDB_TEXT_LITERAL("0")));
}

static int
order_of(int order)
{
	return (order > 0) - (order < 0);
}
