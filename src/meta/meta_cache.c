/*
 * meta_cache.c
 *	  The cache of table descriptors, one per backend.
 *
 * The catalog is changed by requests, by restores and by users with SQL.  A
 * trigger on its tables invalidates the relcache entry of
 * dynamo_catalog.tables, the sentinel.  The invalidation reaches every backend
 * when the change commits.  The callback here only marks descriptors: all of
 * them if the sentinel was invalidated, or one of them if its heap or one of
 * its indexes was.  A marked descriptor is compared with the catalog at its
 * next use, and replaced only if something has changed.  So the creation of
 * one table does not invalidate the plans of the others.
 *
 * meta_catalog.c reads the catalog and meta_descriptor.c builds descriptors.
 * Nothing here depends on the columns of the catalog.
 *
 * Invariant: a descriptor in use is neither changed nor freed until the
 * outermost operation ends.  A descriptor that is replaced during an operation
 * is kept in the list "retired".
 */
#include "postgres.h"

#include "access/xact.h"
#include "core/clock.h"
#include "core/guc.h"
#include "core/inject.h"
#include "core/lock.h"
#include "lib/ilist.h"
#include "meta/meta.h"
#include "meta/meta_int.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"

typedef struct CacheEntry
{
	char		name[DDB_TABLE_NAME_MAX + 1];	/* hash key */
	DdbTable   *table;			/* never NULL outside of cache_verify() */
	bool		verified;		/* matches the catalog, unless marked since */
	dlist_node	recency;		/* in cache.recency, most recent first */
} CacheEntry;

static struct
{
	MemoryContext context;		/* NULL until first used */
	HTAB	   *entries;
	dlist_head	recency;
	List	   *retired;		/* DdbTable *, freed outside of operations */
	Oid			sentinel;		/* OID of dynamo_catalog.tables, once known */
	int			operations;		/* nesting depth of operations */
	uint64		invalidations;	/* number of invalidations received */
}			cache;

static void cache_create(void);
static CacheEntry *cache_find(const char *name);
static bool cache_verify(const char *name);
static bool is_stale(const DdbTable *table);
static void cache_forget(CacheEntry *entry);
static void cache_trim(void);
static void retire(DdbTable *table);
static void on_relcache_invalidation(Datum arg, Oid relid);
static bool is_relation_of(const DdbTable *table, Oid relid);
static void on_transaction_end(XactEvent event, void *arg);

void
ddb_meta_begin_operation(void)
{
	if (cache.context == NULL)
		cache_create();
	if (cache.operations == 0)
		cache_trim();
	cache.operations++;
}

void
ddb_meta_end_operation(void)
{
	if (cache.operations > 0)
		cache.operations--;
}

DdbTable *
ddb_meta_open(const char *name, LOCKMODE lockmode)
{
	for (;;)
	{
		CacheEntry *entry;
		DdbTable   *table;

		if (!cache_verify(name))
			return NULL;
		table = cache_find(name)->table;
		if (!OidIsValid(table->relid))
			return NULL;

		/*
		 * Taking the lock processes invalidations.  If the descriptor is
		 * marked now, the table may have been dropped, and perhaps created
		 * again, before the lock was granted.  So look it up again.
		 */
		ddb_lock_relation(table->relid, lockmode);
		entry = cache_find(name);
		if (entry != NULL && entry->table == table && entry->verified)
		{
			dlist_move_head(&cache.recency, &entry->recency);
			return table;
		}
	}
}

DdbTable *
ddb_meta_look_up(const char *name)
{
	/* no lock is taken here, so process invalidations explicitly */
	AcceptInvalidationMessages();
	return cache_verify(name) ? cache_find(name)->table : NULL;
}

static void
cache_create(void)
{
	HASHCTL		control = {
		.keysize = DDB_TABLE_NAME_MAX + 1,
		.entrysize = sizeof(CacheEntry),
	};
	static bool callbacks_registered = false;

	cache.context = AllocSetContextCreate(TopMemoryContext, "dynamo tables",
										  ALLOCSET_DEFAULT_SIZES);
	control.hcxt = cache.context;
	cache.entries = hash_create("dynamo tables", 64, &control,
								HASH_ELEM | HASH_STRINGS | HASH_CONTEXT);
	dlist_init(&cache.recency);
	if (!callbacks_registered)
	{
		CacheRegisterRelcacheCallback(on_relcache_invalidation, (Datum) 0);
		RegisterXactCallback(on_transaction_end, NULL);
		callbacks_registered = true;
	}
}

static CacheEntry *
cache_find(const char *name)
{
	if (strlen(name) > DDB_TABLE_NAME_MAX)
		return NULL;
	return hash_search(cache.entries, name, HASH_FIND, NULL);
}

/*
 * Makes the cache agree with the catalog about one table name.  Returns
 * whether the table exists.
 */
static bool
cache_verify(const char *name)
{
	CacheEntry *entry = cache_find(name);
	DdbTable   *fresh = NULL;
	uint64		invalidations;
	bool		found;

	/* a table whose relations are incomplete is read every time */
	if (entry != NULL && entry->verified && !is_stale(entry->table) &&
		OidIsValid(entry->table->relid) &&
		OidIsValid(entry->table->primary_index))
		return true;
	if (strlen(name) > DDB_TABLE_NAME_MAX)
		return false;

	/* repeat if an invalidation arrived during the read */
	do
	{
		if (fresh != NULL)
			MemoryContextDelete(fresh->context);
		invalidations = cache.invalidations;
		cache.sentinel = meta_sentinel();
		fresh = OidIsValid(cache.sentinel) ? meta_load(name, cache.context) : NULL;
	} while (invalidations != cache.invalidations);
	entry = cache_find(name);

	if (fresh == NULL)
	{
		if (entry != NULL)
			cache_forget(entry);
		return false;
	}
	if (entry != NULL && meta_same_table(entry->table, fresh))
	{
		MemoryContextDelete(fresh->context);
		entry->verified = true;
		return true;
	}

	if (entry != NULL)
		retire(entry->table);
	else
	{
		entry = hash_search(cache.entries, name, HASH_ENTER, &found);
		dlist_push_head(&cache.recency, &entry->recency);
	}
	entry->table = fresh;
	entry->verified = true;
	return true;
}

/* Returns whether a pretended status in the descriptor has expired. */
static bool
is_stale(const DdbTable *table)
{
	return table->stale_at != 0 && ddb_clock_now() >= table->stale_at;
}

static void
cache_forget(CacheEntry *entry)
{
	retire(entry->table);
	dlist_delete(&entry->recency);
	hash_search(cache.entries, entry->name, HASH_REMOVE, NULL);
}

static void
retire(DdbTable *table)
{
	MemoryContext old = MemoryContextSwitchTo(cache.context);

	cache.retired = lappend(cache.retired, table);
	MemoryContextSwitchTo(old);
}

/* Must not be called during an operation. */
static void
cache_trim(void)
{
	ListCell   *cell;

	while (hash_get_num_entries(cache.entries) > ddb_setting_plan_cache)
		cache_forget(dlist_tail_element(CacheEntry, recency, &cache.recency));
	foreach(cell, cache.retired)
		MemoryContextDelete(((DdbTable *) lfirst(cell))->context);
	list_free(cache.retired);
	cache.retired = NIL;
}

/* May be called at any time, so it only marks descriptors. */
static void
on_relcache_invalidation(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS sequence;
	CacheEntry *entry;
	bool		all = !OidIsValid(relid) || relid == cache.sentinel;

	if (cache.context == NULL || ddb_fault("stale_descriptor"))
		return;
	cache.invalidations++;
	hash_seq_init(&sequence, cache.entries);
	while ((entry = hash_seq_search(&sequence)) != NULL)
	{
		if (all || is_relation_of(entry->table, relid))
			entry->verified = false;
	}
}

/* Includes indexes, because REINDEX CONCURRENTLY replaces an index. */
static bool
is_relation_of(const DdbTable *table, Oid relid)
{
	int			i;

	if (relid == table->relid || relid == table->primary_index ||
		relid == table->token_index || relid == table->ttl.index)
		return true;
	for (i = 0; i < table->index_count; i++)
	{
		if (relid == table->indexes[i].relid)
			return true;
	}
	return false;
}

static void
on_transaction_end(XactEvent event, void *arg)
{
	/* an error may have skipped ddb_meta_end_operation() */
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT ||
		event == XACT_EVENT_PREPARE)
		cache.operations = 0;
}
