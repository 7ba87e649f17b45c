/*
 * fuzz.h
 *	  Declarations that fuzz targets share.
 *
 * A target calls shim_reset_memory() at the end of each run.  Memory that is not
 * freed then counts as a leak.
 */
#ifndef DDB_TEST_FUZZ_H
#define DDB_TEST_FUZZ_H

#include "postgres.h"

#include "backend_shim.h"

/* The function that libFuzzer calls. */
extern int	LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

/* A condition that must hold for every input. */
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
