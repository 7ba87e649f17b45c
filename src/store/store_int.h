/*
 * store_int.h
 *	  What the files of store/ share: statements and their kept plans.
 */
#ifndef DDB_STORE_STORE_INT_H
#define DDB_STORE_STORE_INT_H

#include "executor/spi.h"
#include "store/store.h"

/* The kinds of statements on a table: store_statement.c describes each. */
typedef enum StatementKind
{
	STATEMENT_GET,
	STATEMENT_GET_FOR_UPDATE,
	STATEMENT_GET_FOR_UPDATE_NOWAIT,
	STATEMENT_PUT,
	STATEMENT_PUT_MANY,
	STATEMENT_INSERT,
	STATEMENT_UPDATE,
	STATEMENT_DELETE,
	STATEMENT_EXPIRED,
	STATEMENT_GET_EXPIRED,
	STATEMENT_PARTITION,
	STATEMENT_TABLE,
	STATEMENT_SEGMENT,
	STATEMENT_INDEX,
	STATEMENT_KINDS				/* how many there are */
} StatementKind;

/* One statement: of some kinds there are several shapes, numbered from 0. */
typedef struct Statement
{
	StatementKind kind;
	int			shape;
} Statement;

/* How many shapes there are of a kind of statements on a table. */
extern int	statement_shapes(const DdbTable *table, StatementKind kind);

/* Does it only read, so that the snapshot at hand will do? */
extern bool statement_reads(Statement statement);

#define STATEMENT_MAX_PARAMETERS 5

/* The text of a statement, the types of its parameters and its index. */
typedef struct StatementText
{
	char	   *text;
	int			parameter_count;
	Oid			parameters[STATEMENT_MAX_PARAMETERS];
	Oid			index;
} StatementText;

extern StatementText statement_text(const DdbTable *table, Statement statement);
extern Statement statement_of_range(const DdbRange *range);

/* The type of the column that holds key attribute number i. */
extern Oid	key_column_type(const DdbTable *table, int i);

/*
 * Raise an error unless the columns of a table have the types that they were
 * made with, or such as are the same to PostgreSQL, like a domain.
 */
extern void check_columns(const DdbTable *table);

/* The same for one column, by number, with the type that it has. */
extern void check_column_type(const DdbTable *table, int column, Oid type);

/* A statement prepared, with what running it needs to know. */
typedef struct KeptPlan
{
	SPIPlanPtr	plan;			/* NULL: not prepared yet */
	int			parameter_count;
	Oid			parameters[STATEMENT_MAX_PARAMETERS];
	Oid			index;			/* the one it is bound to */
} KeptPlan;

/*
 * The kept plan, planned and valid as long as no further lock is taken.
 */
extern const KeptPlan *plan_get(DdbTable *table, Statement statement);

/* What an index is on. */
typedef struct HeapIndexText
{
	const char *key;			/* an expression */
	const char *predicate;		/* of its entries; NULL: every row has one */
} HeapIndexText;

/* Runs a statement in this transaction, as the current user. */
extern void execute_ddl(const char *format,...) pg_attribute_printf(1, 2);

/* Locks the heap exclusively.  Without wait, returns false if it is in use. */
extern bool lock_heap(const DdbTable *table, bool wait);

/* dynamo.expiry(item, 'expires'), as the index on it has it. */
extern char *expiry_expression(const DdbTable *table);

/* The qualified, quoted name of the heap. */
extern const char *quoted_heap(const DdbTable *table);

/* The expression that an index is on, and the predicate of its entries, which
 * is NULL when there is none. */
extern const char *index_expression(const DdbTable *table,
									const DdbIndex *index);
extern const char *index_predicate(const DdbTable *table, const DdbIndex *index);

#endif							/* DDB_STORE_STORE_INT_H */
