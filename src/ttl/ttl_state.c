/*
 * ttl_state.c
 *	  The states of a table's time to live.
 *
 * The status in our catalog says what is wanted.  PostgreSQL's catalog says
 * whether the index exists.  The next action follows from these two alone, so
 * a transition can be resumed after an interruption at any point.  An
 * interrupted build leaves an invalid index, which is dropped and built again.
 */
#include "postgres.h"

#include "core/background.h"
#include "core/clock.h"
#include "core/lock.h"
#include "core/progress.h"
#include "store/store.h"
#include "ttl/ttl_int.h"

typedef enum Action
{
	ACTION_NONE,
	ACTION_CREATE_INDEX,
	ACTION_DROP_INDEX,
	ACTION_ADVANCE				/* to the final status of the transition */
} Action;

static bool may_finish_now(const char *table_name);
static Action next_action(const DdbTable *table);
static void advance(const DdbTable *table);

void
ddb_ttl_enable(const char *table_name, const char *attribute)
{
	DdbTtl		ttl = {
		.status = DDB_TTL_ENABLING,
		.attribute = unconstify(char *, attribute),
		.changed_at = ddb_clock_now(),
	};

	ddb_meta_set_ttl(table_name, &ttl);
	if (!ddb_background_takes() || may_finish_now(table_name))
		ttl_finish(table_name);
}

/*
 * Returns whether a worker may create the index itself, because that takes
 * only a moment.  A transaction in SQL may not: it would lock out writers
 * until it ends, which may be much later.
 */
static bool
may_finish_now(const char *table_name)
{
	const DdbTable *table = ddb_meta_look_up(table_name);

	return ddb_lock_policy != DDB_LOCK_WAIT && table != NULL &&
		next_action(table) == ACTION_CREATE_INDEX &&
		ddb_store_try_lock_small_table(table);
}

void
ddb_ttl_disable(const DdbTable *table)
{
	DdbTtl		ttl = {
		.status = DDB_TTL_DISABLING,
		.attribute = table->ttl.attribute,
		.changed_at = ddb_clock_now(),
	};

	ddb_meta_set_ttl(table->name, &ttl);
	if (!ddb_background_takes())
		ttl_finish(table->name);
}

char *
ddb_ttl_next_statement(const char *table_name)
{
	for (;;)
	{
		const DdbTable *table = ddb_meta_look_up(table_name);

		switch (table != NULL ? next_action(table) : ACTION_NONE)
		{
			case ACTION_NONE:
				return NULL;
			case ACTION_CREATE_INDEX:
				ddb_progress("building", 0, 0);
				return ddb_store_index_creation(ddb_store_expiry_index(table));
			case ACTION_DROP_INDEX:
				ddb_progress("dropping", 0, 0);
				return ddb_store_index_removal(ddb_store_expiry_index(table));
			case ACTION_ADVANCE:
				advance(table);
				break;
		}
	}
}

void
ttl_finish(const char *table_name)
{
	for (;;)
	{
		const DdbTable *table = ddb_meta_look_up(table_name);

		switch (table != NULL ? next_action(table) : ACTION_NONE)
		{
			case ACTION_NONE:
				return;
			case ACTION_CREATE_INDEX:
				ddb_store_create_index(ddb_store_expiry_index(table));
				break;
			case ACTION_DROP_INDEX:
				(void) ddb_store_drop_index(ddb_store_expiry_index(table), true);
				break;
			case ACTION_ADVANCE:
				advance(table);
				break;
		}
	}
}

/*
 * A restore first inserts the row with the status, then the items, and then
 * creates its own indexes, beginning with the primary key.  Nothing may
 * interfere with that.  So there is no action in status ENABLED, even if the
 * index does not exist.
 */
static Action
next_action(const DdbTable *table)
{
	if (!OidIsValid(table->primary_index) || table->status == DDB_TABLE_DELETING)
		return ACTION_NONE;
	switch (table->ttl.status)
	{
		case DDB_TTL_DISABLED:
		case DDB_TTL_ENABLED:
			break;
		case DDB_TTL_ENABLING:
			switch (ddb_store_index_state(ddb_store_expiry_index(table)))
			{
				case DDB_INDEX_ABSENT:
					return ACTION_CREATE_INDEX;
				case DDB_INDEX_INVALID:
					return ACTION_DROP_INDEX;
				case DDB_INDEX_VALID:
					return ACTION_ADVANCE;
			}
			break;
		case DDB_TTL_DISABLING:
			if (ddb_store_index_state(ddb_store_expiry_index(table)) == DDB_INDEX_ABSENT)
				return ACTION_ADVANCE;
			return ACTION_DROP_INDEX;
	}
	return ACTION_NONE;
}

static void
advance(const DdbTable *table)
{
	ddb_meta_advance_ttl(table, table->ttl.status == DDB_TTL_ENABLING ?
						 DDB_TTL_ENABLED : DDB_TTL_DISABLED);
}
