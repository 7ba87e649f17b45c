/*
 * meta_cache.c
 *	  The cache of table descriptors, one per backend.
 *
 * Requests change the catalog, and so do restores and people with SQL.  A
 * trigger on its tables invalidates the relcache entry of
 * dynamo_catalog.tables, the sentinel, and that reaches every backend when the
 * change commits.  The callback here only marks descriptors: all of them for the
 * sentinel, one of them for its heap or one of its indexes.  A marked descriptor
 * is compared with the catalog when it is next asked for, and is replaced only
 * if something did change.  So creating one table does not cost the others
 * their plans.
 *
 * meta_catalog.c reads the catalog and meta_descriptor.c builds descriptors;
 * nothing here knows a column.
 *
 * What must stay true: a descriptor handed out is neither changed nor freed
 * until the outermost operation ends.  One that is replaced during an operation
 * waits in the list "retired".
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
	DdbTable   *table;			/* set before anything can look at it */
	bool		verified;		/* agrees with the catalog, as far as told */
	dlist_node	recency;		/* in cache.recency, most recent first */
} CacheEntry;

static struct
{
	MemoryContext context;		/* NULL until first used */
	HTAB	   *entries;
	dlist_head	recency;
	List	   *retired;		/* DdbTable *, freed when nothing is under way */
	Oid			sentinel;		/* OID of dynamo_catalog.tables, once known */
	int			operations;		/* nesting depth */
	uint64		invalidations;	/* how many have come in */
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
		 * Taking the lock receives invalidations.  If one marks the
		 * descriptor the table may have been dropped, or dropped and made
		 * again, before we had the lock: look again.
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
	/* Nothing else need be locked: receive invalidations all the same. */
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
 * Make the cache agree with the catalog about one name.  Returns whether there
 * is such a table.
 */
static bool
cache_verify(const char *name)
{
	CacheEntry *entry = cache_find(name);
	DdbTable   *fresh = NULL;
	uint64		invalidations;
	bool		found;

	/* One whose relations are not all there is looked up every time. */
	if (entry != NULL && entry->verified && !is_stale(entry->table) &&
		OidIsValid(entry->table->relid) &&
		OidIsValid(entry->table->primary_index))
		return true;
	if (strlen(name) > DDB_TABLE_NAME_MAX)
		return false;

	/* Read again until nothing was invalidated meanwhile. */
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

/* Has a status been shown as long as it was to be? */
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

/* Only while nothing is under way. */
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

/* May be called at any time: marks, and does nothing else. */
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

/* REINDEX CONCURRENTLY puts another index in the place of one. */
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
	/* An error may have jumped over ddb_meta_end_operation(). */
	if (event == XACT_EVENT_ABORT || event == XACT_EVENT_COMMIT ||
		event == XACT_EVENT_PREPARE)
		cache.operations = 0;
}
