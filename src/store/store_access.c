/*
 * store_access.c
 *	  Running the statements: single rows and ranges of rows.
 *
 * A worker reads with the snapshot its step has pushed and takes no
 * transaction id for it; a SQL function takes a new snapshot for every
 * statement, so that it sees what the same transaction wrote before it.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "core/error.h"
#include "core/inject.h"
#include "core/lock.h"
#include "executor/executor.h"
#include "executor/tuptable.h"
#include "nodes/params.h"
#include "store/store_int.h"
#include "tcop/dest.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"
#include "utils/snapmgr.h"

/* Hands every row to a callback, without SPI's copy of all of them. */
typedef struct RowReceiver
{
	DestReceiver pub;
	const DdbTable *table;
	const Datum *sought;		/* the row's key; NULL: its columns come before
								 * the item */
	bool		with_nulls;		/* the callback looks for them */
	DdbRowCallback callback;
	void	   *arg;
} RowReceiver;

typedef struct ItemCopy
{
	MemoryContext context;
	Jsonb	   *item;
} ItemCopy;

static uint64 run(DdbTable *table, Statement statement, const Datum *values,
				  RowReceiver *receiver);
static uint64 run_as_of(DdbTable *table, Statement statement,
						const Datum *values, RowReceiver *receiver,
						bool read_only);
static void reject_unseen(const DdbKey *key);
static int	execute_generic(SPIPlanPtr plan, const SPIExecuteOptions *options);
static RowReceiver make_receiver(const DdbTable *table, const Datum *sought,
								 DdbRowCallback callback, void *arg);
static Datum make_array(const Datum *elements, int count, Oid type);
static Jsonb *get_item(const DdbKey *key, StatementKind kind);
static uint64 write_item(const DdbKey *key, StatementKind kind,
						 const Jsonb *item);
static bool copy_item(void *arg, const DdbRow *row);
static bool receive_row(TupleTableSlot *slot, DestReceiver *self);
static void reject_null(const RowReceiver *receiver, const DdbRow *row)
			pg_attribute_noreturn();
static void receiver_startup(DestReceiver *self, int operation, TupleDesc desc);
static void receiver_nothing(DestReceiver *self);


Jsonb *
ddb_store_get(const DdbKey *key)
{
	return get_item(key, STATEMENT_GET);
}

Jsonb *
ddb_store_get_as_of_snapshot(const DdbKey *key)
{
	ItemCopy	copy = {.context = CurrentMemoryContext};
	RowReceiver receiver = make_receiver(key->table, key->datums, copy_item, &copy);

	(void) run_as_of(key->table, (Statement) {STATEMENT_GET}, key->datums, &receiver, true);
	return copy.item;
}

Jsonb *
ddb_store_get_for_update(const DdbKey *key)
{
	Jsonb	   *item;

	item = get_item(key, ddb_lock_policy == DDB_LOCK_TRY ?
					STATEMENT_GET_FOR_UPDATE_NOWAIT : STATEMENT_GET_FOR_UPDATE);
	if (item == NULL && IsolationUsesXactSnapshot() && !ddb_fault("unseen_taken"))
		reject_unseen(key);
	return item;
}

/*
 * A repeatable read transaction finds no row, and must not act on that when
 * there is one by now: PostgreSQL notices for rows that are there, we for those
 * that are not.
 */
static void
reject_unseen(const DdbKey *key)
{
	Jsonb	   *item;

	PushActiveSnapshot(GetLatestSnapshot());
	item = ddb_store_get_as_of_snapshot(key);
	PopActiveSnapshot();
	if (item != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to concurrent update")));
}

void
ddb_store_put(const DdbKey *key, const Jsonb *item)
{
	/* ON CONFLICT has no NOWAIT: a request that met a lock before asks first. */
	if (ddb_lock_policy == DDB_LOCK_TRY)
		(void) get_item(key, STATEMENT_GET_FOR_UPDATE_NOWAIT);
	(void) write_item(key, STATEMENT_PUT, item);
}

void
ddb_store_put_many(int count, const DdbKey *const *keys, Jsonb *const *items)
{
	DdbTable   *table = keys[0]->table;
	Datum	   *column = palloc(count * sizeof(Datum));
	Datum		values[DDB_KEY_MAX + 1];
	int			i;
	int			row;

	if (count == 1 || (ddb_lock_policy == DDB_LOCK_TRY))
	{
		for (row = 0; row < count; row++)
			ddb_store_put(keys[row], items[row]);
		return;
	}
	for (i = 0; i < table->key_count; i++)
	{
		for (row = 0; row < count; row++)
			column[row] = keys[row]->datums[i];
		values[i] = make_array(column, count, key_column_type(table, i));
	}
	for (row = 0; row < count; row++)
		column[row] = JsonbPGetDatum(items[row]);
	values[i] = make_array(column, count, JSONBOID);
	(void) run(table, (Statement) {STATEMENT_PUT_MANY}, values, NULL);
}

/* Of a type of variable length, all of which are aligned alike. */
static Datum
make_array(const Datum *elements, int count, Oid type)
{
	return PointerGetDatum(construct_array(unconstify(Datum *, elements), count,
										   type, -1, false, TYPALIGN_INT));
}

bool
ddb_store_insert(const DdbKey *key, const Jsonb *item)
{
	return write_item(key, STATEMENT_INSERT, item) > 0;
}

void
ddb_store_update(const DdbKey *key, const Jsonb *item)
{
	(void) write_item(key, STATEMENT_UPDATE, item);
}

bool
ddb_store_delete(const DdbKey *key)
{
	return run(key->table, (Statement) {STATEMENT_DELETE}, key->datums, NULL) > 0;
}

void
ddb_store_remove(const DdbKey *key)
{
	/* Deleting has no NOWAIT, either, and does not notice an unseen row. */
	if ((ddb_lock_policy == DDB_LOCK_TRY) ||
		IsolationUsesXactSnapshot())
		(void) ddb_store_get_for_update(key);
	(void) ddb_store_delete(key);
}

void
ddb_store_scan(const DdbRange *range, DdbRowCallback callback, void *arg)
{
	RowReceiver receiver = make_receiver(range->table, NULL, callback, arg);
	Datum		values[STATEMENT_MAX_PARAMETERS];
	int			count = 0;
	int			i;

	receiver.with_nulls = range->with_nulls;
	switch (range->path)
	{
		case DDB_ACCESS_PARTITION:
			values[count++] = range->partition;
			if (range->lower.kind != DDB_BOUND_NONE)
				values[count++] = range->lower.value;
			if (range->upper.kind != DDB_BOUND_NONE)
				values[count++] = range->upper.value;
			break;
		case DDB_ACCESS_INDEX:
			values[count++] = range->after_key;
			values[count++] = range->before_key;
			break;
		case DDB_ACCESS_SEGMENT:
			values[count++] = Int32GetDatum(range->token_high);
			values[count++] = Int32GetDatum(range->resume ?
											ddb_key_token(range->table, range->after[0]) :
											range->token_low);
			/* FALLTHROUGH */
		case DDB_ACCESS_TABLE:
			if (range->resume)
			{
				for (i = 0; i < range->table->key_count; i++)
					values[count++] = range->after[i];
			}
			break;
	}
	(void) run(range->table, statement_of_range(range), values, &receiver);
}

void
ddb_store_scan_expired(DdbTable *table, DdbExpiryRange range,
					   DdbRowCallback callback, void *arg)
{
	RowReceiver receiver = make_receiver(table, NULL, callback, arg);
	Datum		values[] = {Int64GetDatum(range.from), Int64GetDatum(range.before)};

	(void) run(table, (Statement) {STATEMENT_EXPIRED}, values, &receiver);
}

Jsonb *
ddb_store_get_expired(const DdbKey *key, DdbExpiryRange range)
{
	ItemCopy	copy = {.context = CurrentMemoryContext};
	RowReceiver receiver = make_receiver(key->table, key->datums, copy_item, &copy);
	Datum		values[STATEMENT_MAX_PARAMETERS];
	int			count = key->table->key_count;

	memcpy(values, key->datums, count * sizeof(Datum));
	values[count++] = Int64GetDatum(range.from);
	values[count++] = Int64GetDatum(range.before);
	(void) run(key->table, (Statement) {STATEMENT_GET_EXPIRED}, values, &receiver);
	return copy.item;
}

bool
ddb_store_row_is_consistent(const DdbTable *table, const DdbRow *row)
{
	int			i;

	for (i = 0; i < table->key_count; i++)
	{
		DdbValue   *value;
		Datum		expected;
		bool		equal;

		if (!ddb_jsonb_attribute(row->item, table->keys[i].name, &value) ||
			value == NULL || value->type != table->keys[i].type)
			return false;
		expected = ddb_key_encode(table, i, value);
		if (value->type == DDB_TYPE_N)
			equal = DatumGetBool(DirectFunctionCall2(numeric_eq, expected,
													 row->keys[i]));
		else
			equal = datum_image_eq(expected, row->keys[i], false, -1);
		if (!equal)
			return false;
	}
	return true;
}

void
ddb_store_malformed(const DdbTable *table, const Datum *keys)
{
	ddb_error(DDB_ERROR_INTERNAL,
			  "The row of table %s with key %s does not hold a well-formed item; "
			  "SELECT * FROM dynamo.check('%s') lists such rows",
			  table->name, ddb_store_print_keys(table, keys, NULL), table->name);
}

static Jsonb *
get_item(const DdbKey *key, StatementKind kind)
{
	ItemCopy	copy = {.context = CurrentMemoryContext};
	RowReceiver receiver = make_receiver(key->table, key->datums, copy_item, &copy);

	(void) run(key->table, (Statement) {kind}, key->datums, &receiver);
	return copy.item;
}

static bool
copy_item(void *arg, const DdbRow *row)
{
	ItemCopy   *copy = arg;

	copy->item = MemoryContextAlloc(copy->context, VARSIZE(row->item));
	memcpy(copy->item, row->item, VARSIZE(row->item));
	return true;
}

static uint64
write_item(const DdbKey *key, StatementKind kind, const Jsonb *item)
{
	Datum		values[DDB_KEY_MAX + 1];
	int			count = key->table->key_count;

	memcpy(values, key->datums, count * sizeof(Datum));
	values[count] = JsonbPGetDatum(item);
	return run(key->table, (Statement) {kind}, values, NULL);
}

/* Execute a statement; returns the number of rows written or read. */
static uint64
run(DdbTable *table, Statement statement, const Datum *values,
	RowReceiver *receiver)
{
	return run_as_of(table, statement, values, receiver,
					 statement_reads(statement) && ddb_lock_policy != DDB_LOCK_WAIT);
}

/* read_only: with the active snapshot, not with a new one. */
static uint64
run_as_of(DdbTable *table, Statement statement, const Datum *values,
		  RowReceiver *receiver, bool read_only)
{
	const KeptPlan *kept = plan_get(table, statement);
	SPIExecuteOptions options = {
		.params = makeParamList(kept->parameter_count),
		.read_only = read_only,
		.dest = receiver != NULL ? &receiver->pub : NULL,
	};
	int			result;
	int			i;

	for (i = 0; i < kept->parameter_count; i++)
	{
		options.params->params[i] = (ParamExternData) {
			.value = values[i], .pflags = PARAM_FLAG_CONST,
			.ptype = kept->parameters[i]
		};
	}
	result = execute_generic(kept->plan, &options);
	if (result < 0)
		elog(ERROR, "could not execute statement %d of shape %d on table \"%s\": %s",
			 statement.kind, statement.shape, table->name, SPI_result_code_string(result));
	return SPI_processed;
}

/*
 * Execute the plan as it was planned.  plan_cache_mode comes before a plan's
 * own wish to be generic, so a session's force_custom_plan is overruled.
 */
static int
execute_generic(SPIPlanPtr plan, const SPIExecuteOptions *options)
{
	int			mode = plan_cache_mode;
	int			result;

	if (mode == PLAN_CACHE_MODE_AUTO)
		return SPI_execute_plan_extended(plan, options);
	plan_cache_mode = PLAN_CACHE_MODE_AUTO;
	PG_TRY();
	{
		result = SPI_execute_plan_extended(plan, options);
	}
	PG_FINALLY();
	{
		plan_cache_mode = mode;
	}
	PG_END_TRY();
	return result;
}

static RowReceiver
make_receiver(const DdbTable *table, const Datum *sought,
			  DdbRowCallback callback, void *arg)
{
	RowReceiver receiver = {
		.pub = {
			.receiveSlot = receive_row,
			.rStartup = receiver_startup,
			.rShutdown = receiver_nothing,
			.rDestroy = receiver_nothing,
			.mydest = DestNone,
		},
		.table = table,
		.sought = sought,
		.callback = callback,
		.arg = arg,
	};

	return receiver;
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;
	DdbRow		row = {0};
	int			count = receiver->sought == NULL ? receiver->table->key_count : 0;
	int			i;

	slot_getallattrs(slot);
	for (i = 0; i < count; i++)
	{
		row.key_is_null[i] = slot->tts_isnull[i];
		if (!slot->tts_isnull[i])
			row.keys[i] = PointerGetDatum(PG_DETOAST_DATUM_PACKED(slot->tts_values[i]));
	}
	if (!slot->tts_isnull[count])
		row.item = DatumGetJsonbP(slot->tts_values[count]);
	if (!receiver->with_nulls && ddb_store_row_has_null(receiver->table, &row))
		reject_null(receiver, &row);
	return receiver->callback(receiver->arg, &row);
}

bool
ddb_store_row_has_null(const DdbTable *table, const DdbRow *row)
{
	int			i;

	for (i = 0; i < table->key_count; i++)
	{
		if (row->key_is_null[i])
			return true;
	}
	return row->item == NULL;
}

/* Whoever owns the table may drop NOT NULL. */
static void
reject_null(const RowReceiver *receiver, const DdbRow *row)
{
	const DdbTable *table = receiver->table;

	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("%s of table \"%s\" is null in the row with key %s",
					row->item == NULL ? "column \"item\"" : "a key column",
					table->name,
					receiver->sought != NULL ?
					ddb_store_print_keys(table, receiver->sought, NULL) :
					ddb_store_print_keys(table, row->keys, row->key_is_null)),
			 errhint("SELECT * FROM dynamo.check(%s) lists such rows; put or delete them, "
					 "and set the columns NOT NULL.",
					 quote_literal_cstr(table->name))));
}

/*
 * What follows takes the columns for what they should be, so a type that is
 * another must not come so far.
 */
static void
receiver_startup(DestReceiver *self, int operation, TupleDesc desc)
{
	const RowReceiver *receiver = (const RowReceiver *) self;
	const DdbTable *table = receiver->table;
	int			first = receiver->sought == NULL ? 0 : table->key_count;
	int			i;

	for (i = first; i <= table->key_count; i++)
		check_column_type(table, i, TupleDescAttr(desc, i - first)->atttypid);
}

static void
receiver_nothing(DestReceiver *self)
{
}

/* "(a, 1)", for people. */
char *
ddb_store_print_keys(const DdbTable *table, const Datum *keys,
					 const bool *is_null)
{
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	for (i = 0; i < table->key_count; i++)
	{
		Oid			output;
		bool		varlena;

		getTypeOutputInfo(key_column_type(table, i), &output, &varlena);
		appendStringInfo(&buf, "%s%s", i == 0 ? "(" : ", ",
						 is_null != NULL && is_null[i] ? "null" :
						 OidOutputFunctionCall(output, keys[i]));
	}
	appendStringInfoChar(&buf, ')');
	return buf.data;
}
