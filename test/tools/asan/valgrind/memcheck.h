/*
 * memcheck.h
 *	  Valgrind's requests, as PostgreSQL's memory contexts and buffers make
 *	  them, answered by the address sanitizer.
 *
 * PostgreSQL with USE_VALGRIND says which memory may be touched: what palloc()
 * has given away, and pages while they are pinned.  The sanitizer keeps that as
 * well as valgrind does.  Whether memory is initialized it does not know.
 */
#ifndef DDB_ASAN_MEMCHECK_H
#define DDB_ASAN_MEMCHECK_H

#include <sanitizer/asan_interface.h>

#define VALGRIND_MAKE_MEM_DEFINED(addr, size) \
	__asan_unpoison_memory_region((addr), (size))
#define VALGRIND_MAKE_MEM_UNDEFINED(addr, size) \
	__asan_unpoison_memory_region((addr), (size))
#define VALGRIND_MAKE_MEM_NOACCESS(addr, size) \
	__asan_poison_memory_region((addr), (size))
#define VALGRIND_MEMPOOL_ALLOC(context, addr, size) \
	__asan_unpoison_memory_region((addr), (size))
#define VALGRIND_MEMPOOL_CHANGE(context, optr, nptr, size) \
	__asan_unpoison_memory_region((nptr), (size))

/* pfree() has wiped the memory, and so forbidden it, before. */
#define VALGRIND_MEMPOOL_FREE(context, addr)				do {} while (0)
#define VALGRIND_CREATE_MEMPOOL(context, redzones, zeroed)	do {} while (0)
#define VALGRIND_DESTROY_MEMPOOL(context)					do {} while (0)
#define VALGRIND_CHECK_MEM_IS_DEFINED(addr, size)			do {} while (0)

#endif
