/*
 * backend_shim.c
 *	  What value/, model/, expr/ and the keys of indexes call in the server, made
 *	  of the C library.
 *
 * Only what they use is here: a linker error names what to add.
 */
#include "postgres.h"

#include "backend_shim.h"
#include "common/cryptohash.h"
#include "core/format.h"
#include "core/guc.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/memutils.h"
#include "value/value.h"

/* Every block is in a ring, to be freed with the others or alone. */
typedef struct Block
{
	struct Block *previous;
	struct Block *next;
	Size		size;
	Size		padding;		/* keeps what follows aligned */
} Block;

sigjmp_buf *shim_handler;
DdbFailure	shim_failure;

MemoryContext CurrentMemoryContext;

static Block blocks = {.previous = &blocks, .next = &blocks};

static void raise_failure(DdbErrorType type, const char *extras,
						  const char *message) pg_attribute_noreturn();
static List *make_list(NodeTag type, int length);
static List *append_cell(List *list, NodeTag type, ListCell cell);

/* ------------------------------------------------------------ settings */

static char region[] = "us-east-1";
char	   *ddb_setting_region = region;

const char *
ddb_settings_partition(void)
{
	return "aws";
}

/* -------------------------------------------------------------- memory */

void *
palloc(Size size)
{
	Block	   *block = malloc(sizeof(Block) + size);

	if (block == NULL)
		abort();
	block->size = size;
	block->previous = &blocks;
	block->next = blocks.next;
	block->next->previous = block;
	blocks.next = block;
	return block + 1;
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

void *
palloc_extended(Size size, int flags)
{
	return (flags & MCXT_ALLOC_ZERO) ? palloc0(size) : palloc(size);
}

void *
repalloc(void *pointer, Size size)
{
	Block	   *block = (Block *) pointer - 1;
	void	   *moved = palloc(size);

	memcpy(moved, pointer, Min(size, block->size));
	pfree(pointer);
	return moved;
}

void
pfree(void *pointer)
{
	Block	   *block = (Block *) pointer - 1;

	/* PostgreSQL 18 frees what it has not allocated, too, as in jsonapi.c. */
	if (pointer == NULL)
		return;
	block->previous->next = block->next;
	block->next->previous = block->previous;
	free(block);
}

char *
pstrdup(const char *in)
{
	return pnstrdup(in, strlen(in));
}

char *
pnstrdup(const char *in, Size len)
{
	Size		length = strnlen(in, len);
	char	   *copy = palloc(length + 1);

	memcpy(copy, in, length);
	copy[length] = '\0';
	return copy;
}

/* What the macros of palloc.h and makeNode() come down to. */
void *
MemoryContextAlloc(MemoryContext context, Size size)
{
	return palloc(size);
}

void *
MemoryContextAllocZero(MemoryContext context, Size size)
{
	return palloc0(size);
}

void *
MemoryContextAllocZeroAligned(MemoryContext context, Size size)
{
	return palloc0(size);
}

void
shim_reset_memory(void)
{
	Block	   *block = blocks.next;

	while (block != &blocks)
	{
		Block	   *next = block->next;

		free(block);
		block = next;
	}
	blocks.previous = blocks.next = &blocks;
}

/* -------------------------------------------------------------- errors */

void
ddb_error(DdbErrorType type, const char *format,...)
{
	va_list		arguments;
	char	   *message;

	va_start(arguments, format);
	message = ddb_format(format, arguments);
	va_end(arguments);
	raise_failure(type, NULL, message);
}

void
ddb_error_bare(DdbErrorType type)
{
	raise_failure(type, NULL, NULL);
}

void
ddb_error_extras(DdbErrorType type, const char *extras, const char *format,...)
{
	va_list		arguments;
	char	   *message;

	va_start(arguments, format);
	message = ddb_format(format, arguments);
	va_end(arguments);
	raise_failure(type, pstrdup(extras), message);
}

static void
raise_failure(DdbErrorType type, const char *extras, const char *message)
{
	shim_failure = (DdbFailure)
	{
		.type = type, .message = message, .extras = extras
	};
	if (shim_handler == NULL)
	{
		fprintf(stderr, "error outside of SHIM_TRY: %s\n",
				message == NULL ? "(bare)" : message);
		abort();
	}
	siglongjmp(*shim_handler, 1);
}

/* The parameters changed with PostgreSQL 16. */
#if PG_VERSION_NUM >= 160000
void
ExceptionalCondition(const char *condition, const char *file, int line)
#else
void
ExceptionalCondition(const char *condition, const char *type,
					 const char *file, int line)
#endif
{
	fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
	abort();
}

void
check_stack_depth(void)
{
}

/* Nobody interrupts a test. */
volatile sig_atomic_t InterruptPending = false;

void
ProcessInterrupts(void)
{
}

/* --------------------------------------------------------------- lists */

List *
lappend(List *list, void *datum)
{
	return append_cell(list, T_List, (ListCell) {.ptr_value = datum});
}

List *
lappend_int(List *list, int datum)
{
	return append_cell(list, T_IntList, (ListCell) {.int_value = datum});
}

List *
list_make1_impl(NodeTag t, ListCell datum1)
{
	return append_cell(NIL, t, datum1);
}

List *
list_make2_impl(NodeTag t, ListCell datum1, ListCell datum2)
{
	return append_cell(list_make1_impl(t, datum1), t, datum2);
}

List *
list_copy(const List *list)
{
	List	   *copy;

	if (list == NIL)
		return NIL;
	copy = make_list(list->type, list->length);
	memcpy(copy->elements, list->elements, sizeof(ListCell) * list->length);
	return copy;
}

List *
list_concat(List *list1, const List *list2)
{
	if (list1 == NIL)
		return list_copy(list2);
	for (int i = 0; i < list_length(list2); i++)
		append_cell(list1, list1->type, list2->elements[i]);
	return list1;
}

static List *
make_list(NodeTag type, int length)
{
	List	   *list = palloc(offsetof(List, initial_elements));

	list->type = type;
	list->length = length;
	list->max_length = length;
	list->elements = palloc(sizeof(ListCell) * length);
	return list;
}

static List *
append_cell(List *list, NodeTag type, ListCell cell)
{
	if (list == NIL)
	{
		list = make_list(type, 1);
		list->elements[0] = cell;
		return list;
	}
	if (list->length == list->max_length)
	{
		list->max_length *= 2;
		list->elements = repalloc(list->elements,
								  sizeof(ListCell) * list->max_length);
	}
	list->elements[list->length++] = cell;
	return list;
}

/* Nobody here calls a function as SQL does. */
struct varlena *
pg_detoast_datum(struct varlena *datum)
{
	abort();
}

struct varlena *
pg_detoast_datum_packed(struct varlena *datum)
{
	abort();
}

/* -------------------------------------- errors that are not the client's */

/* They go where the others go, if somebody waits for one. */

bool
errstart_cold(int elevel, const char *domain)
{
	return true;
}

int
errmsg_internal(const char *fmt,...)
{
	va_list		arguments;

	va_start(arguments, fmt);
	vfprintf(stderr, fmt, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	return 0;
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	if (shim_handler != NULL)
		raise_failure(DDB_ERROR_INTERNAL, NULL, "internal error");
	abort();
}

/* ------------------------------------------------------------- digests */

/* Four sums instead of a SHA-256: what differs has another. */
struct pg_cryptohash_ctx
{
	uint64		sums[4];
};

pg_cryptohash_ctx *
pg_cryptohash_create(pg_cryptohash_type type)
{
	return palloc0(sizeof(pg_cryptohash_ctx));
}

int
pg_cryptohash_init(pg_cryptohash_ctx *ctx)
{
	for (int i = 0; i < 4; i++)
		ctx->sums[i] = UINT64CONST(0xcbf29ce484222325) + i;
	return 0;
}

int
pg_cryptohash_update(pg_cryptohash_ctx *ctx, const uint8 *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
	{
		for (int j = 0; j < 4; j++)
			ctx->sums[j] = (ctx->sums[j] ^ data[i]) * UINT64CONST(0x100000001b3);
	}
	return 0;
}

int
pg_cryptohash_final(pg_cryptohash_ctx *ctx, uint8 *dest, size_t len)
{
	memcpy(dest, ctx->sums, Min(len, sizeof(ctx->sums)));
	return 0;
}

void
pg_cryptohash_free(pg_cryptohash_ctx *ctx)
{
	pfree(ctx);
}
