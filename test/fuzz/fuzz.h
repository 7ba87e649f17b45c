/*
 * fuzz.h
 *	  What fuzz targets share.
 *
 * A target calls shim_reset_memory() at the end of each run; the memory of a
 * run that is not freed counts as a leak.
 */
#ifndef DDB_TEST_FUZZ_H
#define DDB_TEST_FUZZ_H

#include "postgres.h"

#include "backend_shim.h"

/* What libFuzzer calls. */
extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

/* Something that must hold whatever the input is. */
#define FUZZ_CHECK(condition) \
	do \
	{ \
		if (!(condition)) \
		{ \
			fprintf(stderr, "%s:%d: not true: %s\n", \
					__FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

#endif							/* DDB_TEST_FUZZ_H */
