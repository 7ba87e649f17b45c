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
#include "core/inject.h"
#include "core/session.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "meta/names.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/proc.h"
#include "store/store_int.h"
#include "utils/builtins.h"
#include "utils/numeric.h"

/* A longer partition key is stored as a prefix and a digest. */
#define LONG_PARTITION_KEY 512

/*
 * The class of our advisory locks: field 4 of the lock tag, where SQL's
 * pg_advisory_lock() functions use 1 and 2.
 */
#define KEY_LOCK_CLASS 0xDD

/*
 * Keys locked one by one in a transaction; after that, tables are locked.  Fewer
 * where the lock table of the server is small: a transaction may have a tenth.
 */
#define MAX_KEY_LOCKS 1000
#define LOCK_TABLE_SHARE 10

static Datum make_varlena(const char *data, int len, const char *suffix);
static int	cut_prefix(const DdbTable *table, DdbText text);
static LOCKTAG key_lock_tag(const DdbKey *key);
static bool count_key_lock(void);

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

const char *
ddb_key_value_problem(const DdbKeyAttribute *attribute, DdbKeyPart part,
					  const DdbValue *value)
{
	if (value->type != DDB_TYPE_N && value->text.len == 0)
		return psprintf("One or more parameter values are not valid. "
						"The AttributeValue for a key attribute cannot contain an "
						"empty %s value. Key: %s",
						value->type == DDB_TYPE_S ? "string" : "binary",
						attribute->name.data);
	return ddb_key_size_problem(part, ddb_value_size(value));
}

const char *
ddb_key_size_problem(DdbKeyPart part, int64 size)
{
	if (part == DDB_KEY_HASH && size > DDB_KEY_MAX_HASH_BYTES)
		return "One or more parameter values were invalid: Size of hashkey has "
			"exceeded the maximum size limit of2048 bytes";
	if (part == DDB_KEY_RANGE && size > DDB_KEY_MAX_RANGE_BYTES)
		return "One or more parameter values were invalid: Aggregated size of all "
			"range keys has exceeded the size limit of 1024 bytes";
	return NULL;
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
	LOCKTAG		tag = key_lock_tag(key);

	if (ddb_fault("no_key_lock"))
		return;

	/*
	 * A SQL transaction that writes a million items must not fill the lock
	 * table.  Writers hold RowExclusiveLock on the heap anyway, and this mode
	 * conflicts with that and with itself.
	 */
	if (!ddb_session_is_worker && !count_key_lock())
	{
		LockRelationOid(key->table->relid, ShareRowExclusiveLock);
		return;
	}
	ddb_session_lock_tag(&tag, ExclusiveLock);
}

bool
ddb_store_try_lock_key(const DdbKey *key)
{
	LOCKTAG		tag = key_lock_tag(key);

	if (ddb_fault("no_key_lock"))
		return true;
	if (!ddb_session_is_worker && !count_key_lock())
		return ConditionalLockRelationOid(key->table->relid, ShareRowExclusiveLock);
	return LockAcquire(&tag, ExclusiveLock, false, true) != LOCKACQUIRE_NOT_AVAIL;
}

static LOCKTAG
key_lock_tag(const DdbKey *key)
{
	uint64		hash = ddb_key_hash(key);
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) (hash >> 32), (uint32) hash,
						 KEY_LOCK_CLASS);
	return tag;
}

/*
 * Count one more key locked by this transaction; false when there are too
 * many.  Counts of rolled back subtransactions stay: that only locks tables
 * sooner.
 */
static bool
count_key_lock(void)
{
	static LocalTransactionId transaction = InvalidLocalTransactionId;
	static int	count = 0;

	if (transaction != DDB_MY_LXID)
	{
		transaction = DDB_MY_LXID;
		count = 0;
	}
	return ++count <= Min(MAX_KEY_LOCKS,
						  max_locks_per_xact * MaxBackends / LOCK_TABLE_SHARE);
}

uint64
ddb_key_hash(const DdbKey *key)
{
	uint64		hash = key->table->relid;
	int			i;

	/* Canonical values: equal keys have equal text. */
	for (i = 0; i < key->table->key_count; i++)
		hash = DatumGetUInt64(hash_any_extended((const unsigned char *) key->values[i]->text.data,
												key->values[i]->text.len, hash));
	return hash;
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
