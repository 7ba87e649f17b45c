/*
 * store_key.c
 *	  Keys as the columns pk and sk hold them, tokens, and locks on keys.
 *
 * Encoding and token are formats: see README.md.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "core/compat.h"
#include "core/digest.h"
#include "core/inject.h"
#include "core/lock.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "store/store_int.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

/* A longer partition key is stored as a prefix and a digest. */
#define LONG_PARTITION_KEY 512

/*
 * The lock table has room for max_locks_per_transaction locks of every session.
 * Half of them may be keys, locked one by one.  A transaction that locks more
 * locks slots instead, of which a table has as many as fill the other half, but
 * no more than 2^MAX_SLOT_BITS.
 */
#define MAX_SLOT_BITS 6

/* A key's hash begins with the table, then comes the slot. */
#define TABLE_BITS 26

/* Locks on keys that the SQL transaction at hand has taken. */
typedef struct KeyLocks
{
	LocalTransactionId transaction;
	int			count;
	bool		too_many;		/* slots are locked from now on */
} KeyLocks;

static KeyLocks key_locks;

static Datum make_varlena(const char *data, int len, const char *suffix);
static int	cut_prefix(const DdbTable *table, DdbText text);
static bool lock_tag(const LOCKTAG *tag, LOCKMODE mode, bool wait);
static bool lock_key(const DdbKey *key, bool wait);
static int	max_key_locks(void);
static bool holds_too_many(int more);
static LOCKTAG slot_tag(uint64 hash);

PG_FUNCTION_INFO_V1(dynamo_token_text);
PG_FUNCTION_INFO_V1(dynamo_token_numeric);
PG_FUNCTION_INFO_V1(dynamo_token_bytea);

Datum
ddb_key_encode(const DdbTable *table, int i, const DdbValue *value)
{
	char		hex[65];
	DdbText		decoded;

	Assert(value->type == table->keys[i].type);
	if (value->type == DDB_TYPE_N)
		return DirectFunctionCall3(numeric_in, CStringGetDatum(value->text.data),
								   ObjectIdGetDatum(InvalidOid),
								   Int32GetDatum(-1));
	if (i > 0 || value->text.len <= LONG_PARTITION_KEY)
		return make_varlena(value->text.data, value->text.len, "");

	decoded = value->type == DDB_TYPE_S ? ddb_text_decode(value->text) : value->text;
	ddb_sha256_hex(decoded.data, decoded.len, hex);
	return make_varlena(value->text.data, cut_prefix(table, value->text), hex);
}

DdbKey
ddb_key_make(DdbTable *table, DdbValue *partition, DdbValue *sort)
{
	DdbKey		key = {.table = table, .values = {partition, sort}};
	int			i;

	for (i = 0; i < table->key_count; i++)
		key.datums[i] = ddb_key_encode(table, i, key.values[i]);
	return key;
}

DdbValue *
ddb_key_as_item(const DdbKey *key)
{
	int			count = key->table->key_count;
	DdbAttribute *attributes = palloc(count * sizeof(DdbAttribute));
	int			i;

	for (i = 0; i < count; i++)
		attributes[i] = (DdbAttribute) {key->table->keys[i].name, key->values[i]};
	return ddb_value_make_map(count, attributes);
}

bool
ddb_key_part_fits(DdbKeyPart part, int64 size)
{
	switch (part)
	{
		case DDB_KEY_HASH:
			return size <= DDB_KEY_MAX_HASH_BYTES;
		case DDB_KEY_RANGE:
			return size <= DDB_KEY_MAX_RANGE_BYTES;
	}
	return false;
}

bool
ddb_key_prefix_end(const DdbTable *table, int i, const DdbValue *prefix,
				   Datum *end)
{
	DdbText		text = prefix->text;
	struct varlena *result;

	/* No byte of UTF-8 is 0xFF, so for S the last byte can be incremented. */
	while (text.len > 0 && (unsigned char) text.data[text.len - 1] == 0xFF)
		text.len--;
	if (text.len == 0)
		return false;
	*end = make_varlena(text.data, text.len, "");
	result = (struct varlena *) DatumGetPointer(*end);
	VARDATA(result)[text.len - 1]++;
	return true;
}

int32
ddb_key_token(const DdbTable *table, Datum partition)
{
	switch (table->keys[0].type)
	{
		case DDB_TYPE_N:
			return DatumGetInt32(DirectFunctionCall1(hash_numeric, partition));
		default:
			return DatumGetInt32(DirectFunctionCall1(dynamo_token_bytea, partition));
	}
}

/* dynamo.token(text): the same as hashtext() under collation "C" */
Datum
dynamo_token_text(PG_FUNCTION_ARGS)
{
	return dynamo_token_bytea(fcinfo);
}

/* dynamo.token(numeric) */
Datum
dynamo_token_numeric(PG_FUNCTION_ARGS)
{
	return hash_numeric(fcinfo);
}

/* dynamo.token(bytea) */
Datum
dynamo_token_bytea(PG_FUNCTION_ARGS)
{
	struct varlena *value = PG_GETARG_VARLENA_PP(0);
	Datum		result;

	result = hash_any((unsigned char *) VARDATA_ANY(value),
					  VARSIZE_ANY_EXHDR(value));
	PG_FREE_IF_COPY(value, 0);
	return result;
}

void
ddb_store_lock_key(const DdbKey *key)
{
	(void) lock_key(key, true);
}

bool
ddb_store_try_lock_key(const DdbKey *key)
{
	return lock_key(key, false);
}

void
ddb_store_expect_keys(int count)
{
	if (ddb_lock_policy == DDB_LOCK_WAIT)
		(void) holds_too_many(count);
}

/*
 * Every writer has the slot of its key, together with others, and then the key
 * for itself.  A SQL transaction that writes a million items must not fill the
 * lock table: after the first of them it has the slots for itself, and need not
 * lock their keys.  A worker's transaction is short, and a request has no more
 * than a hundred keys.
 */
static bool
lock_key(const DdbKey *key, bool wait)
{
	uint64		hash = ddb_key_hash(key);
	LOCKTAG		slot = slot_tag(hash);
	LOCKTAG		tag = ddb_lock_make_tag(DDB_LOCK_CLASS_KEY, hash);

	if (ddb_fault("no_key_lock"))
		return true;
	if (ddb_lock_policy == DDB_LOCK_WAIT)
	{
		if (ddb_compat_lock_is_held(&tag, ExclusiveLock) ||
			ddb_compat_lock_is_held(&slot, ExclusiveLock))
			return true;
		if (holds_too_many(1))
			return lock_tag(&slot, ExclusiveLock, wait);
	}
	if (!ddb_fault("no_slot_lock") && !lock_tag(&slot, ShareLock, wait))
		return false;
	key_locks.count++;
	return lock_tag(&tag, ExclusiveLock, wait);
}

static bool
lock_tag(const LOCKTAG *tag, LOCKMODE mode, bool wait)
{
	if (!wait)
		return ddb_lock_try(tag, mode);
	ddb_lock_acquire(tag, mode);
	return true;
}

/*
 * Returns whether this number of further keys would be too many for the transaction.
 * If so, the rest of the transaction locks slots.  A statement must lock all its keys
 * in one way and in order, or two statements could wait for each other.
 *
 * Keys of rolled back subtransactions still count.  That only means that slots are
 * locked earlier.
 */
static bool
holds_too_many(int more)
{
	if (key_locks.transaction != DDB_MY_LXID)
		key_locks = (KeyLocks) {.transaction = DDB_MY_LXID};
	key_locks.too_many |= key_locks.count + more > max_key_locks();
	return key_locks.too_many;
}

static int
max_key_locks(void)
{
	return max_locks_per_xact / 2;
}

/* A slot is the beginning of its keys' hashes, so their order is its, too. */
static LOCKTAG
slot_tag(uint64 hash)
{
	int			bits = MAX_SLOT_BITS;

	while (bits > 0 && (1 << bits) > max_key_locks())
		bits--;
	return ddb_lock_make_tag(DDB_LOCK_CLASS_SLOT,
						hash & ~(~UINT64CONST(0) >> (TABLE_BITS + bits)));
}

uint64
ddb_key_hash(const DdbKey *key)
{
	uint64		table = (uint64) murmurhash32(key->table->relid);
	uint64		hash = key->table->relid;
	int			i;

	/* Canonical values: equal keys have equal text. */
	for (i = 0; i < key->table->key_count; i++)
		hash = DatumGetUInt64(hash_any_extended((const unsigned char *) key->values[i]->text.data,
												key->values[i]->text.len, hash));
	return table << (64 - TABLE_BITS) | hash >> TABLE_BITS;
}

static Datum
make_varlena(const char *data, int len, const char *suffix)
{
	int			suffix_len = strlen(suffix);
	struct varlena *result = palloc(VARHDRSZ + len + suffix_len);

	SET_VARSIZE(result, VARHDRSZ + len + suffix_len);
	memcpy(VARDATA(result), data, len);
	memcpy(VARDATA(result) + len, suffix, suffix_len);
	return PointerGetDatum(result);
}

/* Where to cut: no character and no pair of the stored form is divided. */
static int
cut_prefix(const DdbTable *table, DdbText text)
{
	int			len = LONG_PARTITION_KEY;
	int			escapes = 0;

	if (table->keys[0].type == DDB_TYPE_B)
		return len;
	len = pg_encoding_mbcliplen(PG_UTF8, text.data, text.len, len);
	while (escapes < len && text.data[len - 1 - escapes] == 0x01)
		escapes++;

	/*
	 * A run of U+0001 at the end: whole pairs of 01 01, unless the first of a
	 * pair is left over.
	 */
	return escapes % 2 == 1 ? len - 1 : len;
}
