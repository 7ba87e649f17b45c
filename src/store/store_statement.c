/*
 * store_statement.c
 *	  The SQL of every statement on a table's rows.
 *
 * Operators and types are qualified, so that no search_path changes what
 * they mean.  Every statement on one item compares pk with a parameter, so it
 * goes to one shard where a table is distributed.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "core/inject.h"
#include "lib/stringinfo.h"
#include "store/store_int.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#define EQ " OPERATOR(pg_catalog.=) "
#define GT " OPERATOR(pg_catalog.>) "
#define GE " OPERATOR(pg_catalog.>=) "
#define LT " OPERATOR(pg_catalog.<) "
#define LE " OPERATOR(pg_catalog.<=) "

/* Bytes of names that the predicate of an index asks for. */
#define PREDICATE_MAX_NAMES 512

/* A partition is read in 2 directions, between 3 lower and 3 upper bounds. */
#define PARTITION_SHAPES 18

/* From the beginning, or on after a key. */
#define RESUME_SHAPES 2

/* Of each secondary index: ascending and descending. */
#define INDEX_SHAPES 2

/* What is read to be written next is for writing, too. */
typedef enum StatementPurpose
{
	FOR_READING,
	FOR_WRITING
} StatementPurpose;

/* The index that a statement is bound to. */
typedef enum BoundIndex
{
	BOUND_PRIMARY,
	BOUND_TOKEN,
	BOUND_EXPIRY,
	BOUND_SECONDARY				/* each of them has statements of its own */
} BoundIndex;

/* A statement's text, while it is made. */
typedef struct Draft
{
	StringInfoData buf;
	const DdbTable *table;
	const char *clause;			/* the kind's own */
	int			shape;
	StatementText result;		/* its parameters are those of a key at first */
} Draft;

static void draft_get(Draft *draft);
static void draft_insert(Draft *draft);
static void draft_insert_many(Draft *draft);
static void draft_update(Draft *draft);
static void draft_delete(Draft *draft);
static void draft_expired(Draft *draft);
static void draft_get_expired(Draft *draft);
static void draft_partition(Draft *draft);
static void draft_table(Draft *draft);
static void draft_segment(Draft *draft);
static void draft_index(Draft *draft);

#define REPLACE "DO UPDATE SET item = EXCLUDED.item"

/* All there is to know of each kind of statement. */
static const struct
{
	StatementPurpose purpose;
	BoundIndex	index;
	int			shapes;			/* of a secondary index: for each */
	void		(*draft) (Draft *draft);
	const char *clause;
}			kinds[] = {
	[STATEMENT_GET] = {FOR_READING, BOUND_PRIMARY, 1, draft_get, ""},
	[STATEMENT_GET_FOR_UPDATE] =
	{FOR_WRITING, BOUND_PRIMARY, 1, draft_get, " FOR NO KEY UPDATE"},
	[STATEMENT_GET_FOR_UPDATE_NOWAIT] =
	{FOR_WRITING, BOUND_PRIMARY, 1, draft_get, " FOR NO KEY UPDATE NOWAIT"},
	[STATEMENT_PUT] = {FOR_WRITING, BOUND_PRIMARY, 1, draft_insert, REPLACE},
	[STATEMENT_PUT_MANY] = {FOR_WRITING, BOUND_PRIMARY, 1, draft_insert_many, REPLACE},
	[STATEMENT_INSERT] = {FOR_WRITING, BOUND_PRIMARY, 1, draft_insert, "DO NOTHING"},
	[STATEMENT_UPDATE] = {FOR_WRITING, BOUND_PRIMARY, 1, draft_update},
	[STATEMENT_DELETE] = {FOR_WRITING, BOUND_PRIMARY, 1, draft_delete},
	[STATEMENT_EXPIRED] = {FOR_WRITING, BOUND_EXPIRY, 1, draft_expired},
	[STATEMENT_GET_EXPIRED] = {FOR_WRITING, BOUND_PRIMARY, 1, draft_get_expired},
	[STATEMENT_PARTITION] =
	{FOR_READING, BOUND_PRIMARY, PARTITION_SHAPES, draft_partition},
	[STATEMENT_TABLE] = {FOR_READING, BOUND_PRIMARY, RESUME_SHAPES, draft_table},
	[STATEMENT_SEGMENT] = {FOR_READING, BOUND_TOKEN, RESUME_SHAPES, draft_segment},
	[STATEMENT_INDEX] = {FOR_READING, BOUND_SECONDARY, INDEX_SHAPES, draft_index},
};

StaticAssertDecl(lengthof(kinds) == STATEMENT_KINDS,
				 "every kind of statement is described");

static void add_parameter(Draft *draft, Oid type);
static Oid	bound_index(const DdbTable *table, Statement statement);

Oid
key_column_type(const DdbTable *table, int i)
{
	switch (table->keys[i].type)
	{
		case DDB_TYPE_S:
			return TEXTOID;
		case DDB_TYPE_N:
			return NUMERICOID;
		case DDB_TYPE_B:
			return BYTEAOID;
		case DDB_TYPE_BOOL:
		case DDB_TYPE_NULL:
		case DDB_TYPE_SS:
		case DDB_TYPE_NS:
		case DDB_TYPE_BS:
		case DDB_TYPE_L:
		case DDB_TYPE_M:
			break;
	}
	elog(ERROR, "type %s cannot be a key", ddb_type_tag(table->keys[i].type));
}

const char *
quoted_heap(const DdbTable *table)
{
	return quote_qualified_identifier(DDB_SCHEMA_DATA, table->heap_name);
}

int
statement_shapes(const DdbTable *table, StatementKind kind)
{
	if (kinds[kind].index == BOUND_SECONDARY)
		return kinds[kind].shapes * table->index_count;
	return kinds[kind].shapes;
}

bool
statement_reads(Statement statement)
{
	return kinds[statement.kind].purpose == FOR_READING;
}

Statement
statement_of_range(const DdbRange *range)
{
	switch (range->path)
	{
		case DDB_ACCESS_PARTITION:
			return (Statement) {
				STATEMENT_PARTITION,
					(range->descending ? PARTITION_SHAPES / 2 : 0) +
					3 * range->lower.kind + range->upper.kind
			};
		case DDB_ACCESS_TABLE:
			return (Statement) {STATEMENT_TABLE, range->resume};
		case DDB_ACCESS_SEGMENT:
			return (Statement) {STATEMENT_SEGMENT, range->resume};
		case DDB_ACCESS_INDEX:
			return (Statement) {
				STATEMENT_INDEX, INDEX_SHAPES * range->index + range->descending
			};
	}
	elog(ERROR, "unknown access path %d", range->path);
}

StatementText
statement_text(const DdbTable *table, Statement statement)
{
	Draft		draft = {
		.table = table,
		.clause = kinds[statement.kind].clause,
		.shape = statement.shape,
		.result.index = bound_index(table, statement),
	};
	int			i;

	initStringInfo(&draft.buf);
	for (i = 0; i < table->key_count; i++)
		add_parameter(&draft, key_column_type(table, i));
	kinds[statement.kind].draft(&draft);
	draft.result.text = draft.buf.data;
	return draft.result;
}

static Oid
bound_index(const DdbTable *table, Statement statement)
{
	switch (kinds[statement.kind].index)
	{
		case BOUND_PRIMARY:
			return table->primary_index;
		case BOUND_TOKEN:
			return table->token_index;
		case BOUND_EXPIRY:
			return table->ttl.index;
		case BOUND_SECONDARY:
			return table->indexes[statement.shape / INDEX_SHAPES].relid;
	}
	elog(ERROR, "statement %d is bound to no index", statement.kind);
}

static void
add_parameter(Draft *draft, Oid type)
{
	draft->result.parameters[draft->result.parameter_count++] = type;
}

/* "pk, sk", after a prefix if one is given: "EXCLUDED.pk, ..." */
static const char *
key_columns(const DdbTable *table)
{
	return table->key_count > 1 ? "pk, sk" : "pk";
}

const char *
index_expression(const DdbTable *table, const DdbIndex *index)
{
	return psprintf("dynamo.index_key(item, %s::pg_catalog.text)",
					quote_literal_cstr(ddb_index_spec(table, index)));
}

/*
 * Sparse: items without the key's attributes have no entry.  Attributes of
 * the item's own key are always there.
 *
 * Expression and predicate have to fit into a row of pg_index, which is never
 * stored out of line, so of long names not all are asked for: an item that
 * lacks one of the others has an entry that is null.
 */
const char *
index_predicate(const DdbTable *table, const DdbIndex *index)
{
	StringInfoData buf;
	int			length = 0;
	int			i;

	if (ddb_fault("dense_index"))
		return NULL;
	initStringInfo(&buf);
	for (i = 0; i < index->key_count; i++)
	{
		if (ddb_text_equal(index->keys[i].name, table->keys[0].name) ||
			(table->key_count > 1 &&
			 ddb_text_equal(index->keys[i].name, table->keys[1].name)))
			continue;
		length += index->keys[i].name.len;
		if (buf.len > 0 && length > PREDICATE_MAX_NAMES)
			break;
		appendStringInfo(&buf, "%sitem OPERATOR(pg_catalog.?) %s::pg_catalog.text",
						 buf.len > 0 ? " AND " : "",
						 quote_literal_cstr(index->keys[i].name.data));
	}
	return buf.len > 0 ? buf.data : NULL;
}

/* The row of the key that the first parameters are. */
static const char *
where_key(const DdbTable *table)
{
	return table->key_count > 1 ? " WHERE pk" EQ "$1 AND sk" EQ "$2" :
		" WHERE pk" EQ "$1";
}

static void
draft_get(Draft *draft)
{
	appendStringInfo(&draft->buf, "SELECT item FROM %s%s%s",
					 quoted_heap(draft->table), where_key(draft->table),
					 draft->clause);
}

/* Parameters: the key, the item. */
static void
draft_insert(Draft *draft)
{
	const char *columns = key_columns(draft->table);

	add_parameter(draft, JSONBOID);
	appendStringInfo(&draft->buf,
					 "INSERT INTO %s (%s, item) VALUES (%s) ON CONFLICT (%s) %s",
					 quoted_heap(draft->table), columns,
					 draft->table->key_count > 1 ? "$1, $2, $3" : "$1, $2",
					 columns, draft->clause);
}

/* Parameters: an array for each column. */
static void
draft_insert_many(Draft *draft)
{
	const char *columns = key_columns(draft->table);
	int			i;

	add_parameter(draft, JSONBOID);
	appendStringInfo(&draft->buf, "INSERT INTO %s (%s, item) SELECT * FROM ROWS FROM (",
					 quoted_heap(draft->table), columns);
	for (i = 0; i < draft->result.parameter_count; i++)
	{
		draft->result.parameters[i] = get_array_type(draft->result.parameters[i]);
		appendStringInfo(&draft->buf, "%spg_catalog.unnest($%d)",
						 i > 0 ? ", " : "", i + 1);
	}
	appendStringInfo(&draft->buf, ") ON CONFLICT (%s) %s", columns, draft->clause);
}

/* Parameters: the key, the item. */
static void
draft_update(Draft *draft)
{
	add_parameter(draft, JSONBOID);
	appendStringInfo(&draft->buf, "UPDATE %s SET item = $%d%s",
					 quoted_heap(draft->table), draft->result.parameter_count,
					 where_key(draft->table));
}

static void
draft_delete(Draft *draft)
{
	appendStringInfo(&draft->buf, "DELETE FROM %s%s", quoted_heap(draft->table),
					 where_key(draft->table));
}

/* Parameters: the second to begin with, and the first one too late. */
static void
draft_expired(Draft *draft)
{
	const char *expiry = expiry_expression(draft->table);

	draft->result.parameter_count = 0;
	add_parameter(draft, INT8OID);
	add_parameter(draft, INT8OID);
	appendStringInfo(&draft->buf, "SELECT %s, item FROM %s WHERE %s" GE "$1 AND %s" LT "$2"
					 " ORDER BY %s",
					 key_columns(draft->table), quoted_heap(draft->table),
					 expiry, expiry, expiry);
}

/*
 * Parameters: the key, then as above.  A row that was changed since it was
 * found is looked at as it is now; one that is locked is left alone.
 */
static void
draft_get_expired(Draft *draft)
{
	const char *expiry = expiry_expression(draft->table);
	int			keys = draft->result.parameter_count;

	add_parameter(draft, INT8OID);
	add_parameter(draft, INT8OID);
	appendStringInfo(&draft->buf, "SELECT item FROM %s%s"
					 " AND %s" GE "$%d AND %s" LT "$%d FOR UPDATE SKIP LOCKED",
					 quoted_heap(draft->table), where_key(draft->table),
					 expiry, keys + 1, expiry, keys + 2);
}

/* Parameters: the partition key, then the bounds there are. */
static void
draft_partition(Draft *draft)
{
	static const char *const lower[] = {"", " AND sk" GE "$%d", " AND sk" GT "$%d"};
	static const char *const upper[] = {"", " AND sk" LE "$%d", " AND sk" LT "$%d"};
	const DdbTable *table = draft->table;
	bool		descending = draft->shape >= PARTITION_SHAPES / 2;
	int			lower_kind = draft->shape % (PARTITION_SHAPES / 2) / 3;
	int			upper_kind = draft->shape % 3;

	draft->result.parameter_count = 1;
	appendStringInfo(&draft->buf, "SELECT %s, item FROM %s WHERE pk" EQ "$1",
					 key_columns(table), quoted_heap(table));
	if (lower_kind != DDB_BOUND_NONE)
	{
		add_parameter(draft, key_column_type(table, 1));
		appendStringInfo(&draft->buf, lower[lower_kind], draft->result.parameter_count);
	}
	if (upper_kind != DDB_BOUND_NONE)
	{
		add_parameter(draft, key_column_type(table, 1));
		appendStringInfo(&draft->buf, upper[upper_kind], draft->result.parameter_count);
	}
	if (table->key_count > 1)
		appendStringInfo(&draft->buf, " ORDER BY sk%s", descending ? " DESC" : "");
}

/* Parameters: the key to go on after, if any. */
static void
draft_table(Draft *draft)
{
	const char *columns = key_columns(draft->table);

	appendStringInfo(&draft->buf, "SELECT %s, item FROM %s", columns,
					 quoted_heap(draft->table));
	if (draft->shape == 0)
		draft->result.parameter_count = 0;
	else if (draft->table->key_count > 1)
		appendStringInfoString(&draft->buf, " WHERE ROW(pk, sk)" GT "ROW($1, $2)");
	else
		appendStringInfoString(&draft->buf, " WHERE pk" GT "$1");
	appendStringInfo(&draft->buf, " ORDER BY %s", columns);
}

/*
 * Parameters: the highest token and the lowest; or, to go on, the highest
 * token and the token and key to go on after.
 */
static void
draft_segment(Draft *draft)
{
	const DdbTable *table = draft->table;
	int			i;

	draft->result.parameter_count = 0;
	add_parameter(draft, INT4OID);
	add_parameter(draft, INT4OID);
	appendStringInfo(&draft->buf, "SELECT %s, item FROM %s"
					 " WHERE dynamo.token(pk)" LE "$1 AND ",
					 key_columns(table), quoted_heap(table));
	if (draft->shape == 0)
		appendStringInfoString(&draft->buf, "dynamo.token(pk)" GE "$2");
	else
	{
		for (i = 0; i < table->key_count; i++)
			add_parameter(draft, key_column_type(table, i));
		appendStringInfo(&draft->buf, "ROW(dynamo.token(pk), %s)" GT "ROW($2, $3%s)",
						 key_columns(table), table->key_count > 1 ? ", $4" : "");
	}
	appendStringInfo(&draft->buf, " ORDER BY dynamo.token(pk), %s", key_columns(table));
}

/*
 * Parameters: the keys between which to read, neither included.  The predicate
 * is said again, or the planner would not see that the index will do.
 */
static void
draft_index(Draft *draft)
{
	const DdbTable *table = draft->table;
	const DdbIndex *index = &table->indexes[draft->shape / INDEX_SHAPES];
	const char *key = index_expression(table, index);
	const char *predicate = index_predicate(table, index);

	draft->result.parameter_count = 0;
	add_parameter(draft, BYTEAOID);
	add_parameter(draft, BYTEAOID);
	appendStringInfo(&draft->buf, "SELECT %s, item FROM %s WHERE %s" GT "$1 AND %s" LT "$2"
					 "%s%s ORDER BY %s%s",
					 key_columns(table), quoted_heap(table), key, key,
					 predicate != NULL ? " AND " : "",
					 predicate != NULL ? predicate : "",
					 key, draft->shape % INDEX_SHAPES != 0 ? " DESC" : "");
}
