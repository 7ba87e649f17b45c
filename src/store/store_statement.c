/*
 * store_statement.c
 *	  The SQL of every statement on a table's rows.
 *
 * Operators and types are qualified, so that nobody's search_path changes what
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

static void append_item_statement(StringInfo buf, const DdbTable *table,
								  Statement statement);
static void append_put_many_statement(StringInfo buf, StatementText *result,
									  const DdbTable *table);
static void append_expired_statement(StringInfo buf, StatementText *result,
									 const DdbTable *table);
static void append_get_expired_statement(StringInfo buf, StatementText *result,
										 const DdbTable *table);
static void append_partition_statement(StringInfo buf, StatementText *result,
									   const DdbTable *table, int shape);
static void append_table_statement(StringInfo buf, StatementText *result,
								   const DdbTable *table, bool resume);
static void append_segment_statement(StringInfo buf, StatementText *result,
									 const DdbTable *table, bool resume);
static void append_index_statement(StringInfo buf, StatementText *result,
								   const DdbTable *table, int shape);

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

Statement
statement_of_range(const DdbRange *range)
{
	switch (range->path)
	{
		case DDB_ACCESS_PARTITION:
			return STATEMENT_PARTITION + (range->descending ? 9 : 0) +
				3 * range->lower.kind + range->upper.kind;
		case DDB_ACCESS_TABLE:
			return range->resume ? STATEMENT_TABLE_RESUME : STATEMENT_TABLE;
		case DDB_ACCESS_SEGMENT:
			return range->resume ? STATEMENT_SEGMENT_RESUME : STATEMENT_SEGMENT;
		case DDB_ACCESS_INDEX:
			return STATEMENT_INDEX + 2 * range->index + range->descending;
	}
	elog(ERROR, "unknown access path %d", range->path);
}

StatementText
statement_text(const DdbTable *table, Statement statement)
{
	StatementText result = {.index = table->primary_index};
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	for (i = 0; i < table->key_count; i++)
		result.parameters[i] = key_column_type(table, i);
	result.parameter_count = table->key_count;

	switch (statement)
	{
		case STATEMENT_PUT:
		case STATEMENT_INSERT:
		case STATEMENT_UPDATE:
			result.parameters[result.parameter_count++] = JSONBOID;
			append_item_statement(&buf, table, statement);
			break;
		case STATEMENT_GET:
		case STATEMENT_GET_FOR_UPDATE:
		case STATEMENT_GET_FOR_UPDATE_NOWAIT:
		case STATEMENT_DELETE:
			append_item_statement(&buf, table, statement);
			break;
		case STATEMENT_PUT_MANY:
			append_put_many_statement(&buf, &result, table);
			break;
		case STATEMENT_EXPIRED:
			append_expired_statement(&buf, &result, table);
			break;
		case STATEMENT_GET_EXPIRED:
			append_get_expired_statement(&buf, &result, table);
			break;
		case STATEMENT_TABLE:
		case STATEMENT_TABLE_RESUME:
			append_table_statement(&buf, &result, table,
								   statement == STATEMENT_TABLE_RESUME);
			break;
		case STATEMENT_SEGMENT:
		case STATEMENT_SEGMENT_RESUME:
			append_segment_statement(&buf, &result, table,
									 statement == STATEMENT_SEGMENT_RESUME);
			break;
		case STATEMENT_PARTITION:
		case STATEMENT_INDEX:
		default:
			if (statement >= STATEMENT_INDEX)
				append_index_statement(&buf, &result, table,
									   statement - STATEMENT_INDEX);
			else
				append_partition_statement(&buf, &result, table,
										   statement - STATEMENT_PARTITION);
			break;
	}
	result.text = buf.data;
	return result;
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

static void
append_item_statement(StringInfo buf, const DdbTable *table, Statement statement)
{
	const char *heap = quoted_heap(table);
	const char *where = table->key_count > 1 ?
		" WHERE pk" EQ "$1 AND sk" EQ "$2" : " WHERE pk" EQ "$1";
	const char *values = table->key_count > 1 ? "$1, $2, $3" : "$1, $2";
	const char *item = table->key_count > 1 ? "$3" : "$2";

	switch (statement)
	{
		case STATEMENT_GET:
			appendStringInfo(buf, "SELECT item FROM %s%s", heap, where);
			break;
		case STATEMENT_GET_FOR_UPDATE:
			appendStringInfo(buf, "SELECT item FROM %s%s FOR NO KEY UPDATE",
							 heap, where);
			break;
		case STATEMENT_GET_FOR_UPDATE_NOWAIT:
			appendStringInfo(buf, "SELECT item FROM %s%s FOR NO KEY UPDATE NOWAIT",
							 heap, where);
			break;
		case STATEMENT_PUT:
			appendStringInfo(buf, "INSERT INTO %s (%s, item) VALUES (%s)"
							 " ON CONFLICT (%s) DO UPDATE SET item = EXCLUDED.item",
							 heap, key_columns(table), values, key_columns(table));
			break;
		case STATEMENT_INSERT:
			appendStringInfo(buf, "INSERT INTO %s (%s, item) VALUES (%s)"
							 " ON CONFLICT (%s) DO NOTHING",
							 heap, key_columns(table), values, key_columns(table));
			break;
		case STATEMENT_UPDATE:
			appendStringInfo(buf, "UPDATE %s SET item = %s%s", heap, item, where);
			break;
		case STATEMENT_DELETE:
			appendStringInfo(buf, "DELETE FROM %s%s", heap, where);
			break;
		default:
			elog(ERROR, "statement %d is not on one item", statement);
	}
}

/* Parameters: an array for each column. */
static void
append_put_many_statement(StringInfo buf, StatementText *result,
						  const DdbTable *table)
{
	int			i;

	result->parameters[result->parameter_count++] = JSONBOID;
	appendStringInfo(buf, "INSERT INTO %s (%s, item) SELECT * FROM ROWS FROM (",
					 quoted_heap(table), key_columns(table));
	for (i = 0; i < result->parameter_count; i++)
	{
		result->parameters[i] = get_array_type(result->parameters[i]);
		appendStringInfo(buf, "%spg_catalog.unnest($%d)", i > 0 ? ", " : "", i + 1);
	}
	appendStringInfo(buf, ") ON CONFLICT (%s) DO UPDATE SET item = EXCLUDED.item",
					 key_columns(table));
}

/* Parameters: the second to begin with, and the first one too late. */
static void
append_expired_statement(StringInfo buf, StatementText *result,
						 const DdbTable *table)
{
	const char *expiry = expiry_expression(table);

	result->index = table->ttl.index;
	result->parameters[0] = INT8OID;
	result->parameters[1] = INT8OID;
	result->parameter_count = 2;
	appendStringInfo(buf, "SELECT %s, item FROM %s WHERE %s" GE "$1 AND %s" LT "$2"
					 " ORDER BY %s",
					 key_columns(table), quoted_heap(table), expiry, expiry, expiry);
}

/*
 * Parameters: the key, then as above.  A row that was changed since it was
 * found is looked at as it is now; one that is locked is left alone.
 */
static void
append_get_expired_statement(StringInfo buf, StatementText *result,
							 const DdbTable *table)
{
	const char *expiry = expiry_expression(table);
	int			keys = result->parameter_count;

	result->parameters[result->parameter_count++] = INT8OID;
	result->parameters[result->parameter_count++] = INT8OID;
	appendStringInfo(buf, "SELECT item FROM %s WHERE pk" EQ "$1%s"
					 " AND %s" GE "$%d AND %s" LT "$%d FOR UPDATE SKIP LOCKED",
					 quoted_heap(table), keys > 1 ? " AND sk" EQ "$2" : "",
					 expiry, keys + 1, expiry, keys + 2);
}

/* Parameters: the partition key, then the bounds there are. */
static void
append_partition_statement(StringInfo buf, StatementText *result,
						   const DdbTable *table, int shape)
{
	static const char *const lower[] = {"", " AND sk" GE "$%d", " AND sk" GT "$%d"};
	static const char *const upper[] = {"", " AND sk" LE "$%d", " AND sk" LT "$%d"};
	bool		descending = shape >= 9;
	int			lower_kind = shape % 9 / 3;
	int			upper_kind = shape % 3;
	Oid			sort_type = table->key_count > 1 ? key_column_type(table, 1) : InvalidOid;

	result->parameter_count = 1;
	appendStringInfo(buf, "SELECT %s, item FROM %s WHERE pk" EQ "$1",
					 key_columns(table), quoted_heap(table));
	if (lower_kind != DDB_BOUND_NONE)
	{
		result->parameters[result->parameter_count++] = sort_type;
		appendStringInfo(buf, lower[lower_kind], result->parameter_count);
	}
	if (upper_kind != DDB_BOUND_NONE)
	{
		result->parameters[result->parameter_count++] = sort_type;
		appendStringInfo(buf, upper[upper_kind], result->parameter_count);
	}
	if (table->key_count > 1)
		appendStringInfo(buf, " ORDER BY sk%s", descending ? " DESC" : "");
}

/* Parameters: the key to go on after, if any. */
static void
append_table_statement(StringInfo buf, StatementText *result,
					   const DdbTable *table, bool resume)
{
	appendStringInfo(buf, "SELECT %s, item FROM %s", key_columns(table),
					 quoted_heap(table));
	if (!resume)
		result->parameter_count = 0;
	else if (table->key_count > 1)
		appendStringInfoString(buf, " WHERE ROW(pk, sk)" GT "ROW($1, $2)");
	else
		appendStringInfoString(buf, " WHERE pk" GT "$1");
	appendStringInfo(buf, " ORDER BY %s", key_columns(table));
}

/*
 * Parameters: the highest token and the lowest; or, to go on, the highest
 * token and the token and key to go on after.
 */
static void
append_segment_statement(StringInfo buf, StatementText *result,
						 const DdbTable *table, bool resume)
{
	int			i;

	result->index = table->token_index;
	result->parameters[0] = INT4OID;
	result->parameters[1] = INT4OID;
	result->parameter_count = 2;
	appendStringInfo(buf, "SELECT %s, item FROM %s"
					 " WHERE dynamo.token(pk)" LE "$1 AND ",
					 key_columns(table), quoted_heap(table));
	if (!resume)
		appendStringInfoString(buf, "dynamo.token(pk)" GE "$2");
	else
	{
		for (i = 0; i < table->key_count; i++)
			result->parameters[result->parameter_count++] =
				key_column_type(table, i);
		appendStringInfo(buf, "ROW(dynamo.token(pk), %s)" GT "ROW($2, $3%s)",
						 key_columns(table), table->key_count > 1 ? ", $4" : "");
	}
	appendStringInfo(buf, " ORDER BY dynamo.token(pk), %s", key_columns(table));
}

/*
 * Parameters: the keys between which to read, neither included.  The predicate
 * is said again, or the planner would not see that the index will do.
 */
static void
append_index_statement(StringInfo buf, StatementText *result,
					   const DdbTable *table, int shape)
{
	const DdbIndex *index = &table->indexes[shape / 2];
	const char *key = index_expression(table, index);
	const char *predicate = index_predicate(table, index);

	result->index = index->relid;
	result->parameters[0] = result->parameters[1] = BYTEAOID;
	result->parameter_count = 2;
	appendStringInfo(buf, "SELECT %s, item FROM %s WHERE %s" GT "$1 AND %s" LT "$2"
					 "%s%s ORDER BY %s%s",
					 key_columns(table), quoted_heap(table), key, key,
					 predicate != NULL ? " AND " : "",
					 predicate != NULL ? predicate : "",
					 key, shape % 2 != 0 ? " DESC" : "");
}
