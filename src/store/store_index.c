/*
 * store_index.c
 *	  Secondary indexes: one key of bytes for each item, and ranges of them.
 *
 * An index is a btree on dynamo.index_key(item, spec).  The key's bytes sort
 * as the index does:
 *
 *	   token | partition | sort key parts | the item's own key
 *
 * so a partition, a range of its sort keys, a segment of a parallel scan and
 * "strictly after this item" all are ranges of one column, between two keys
 * that need not exist.  README.md says what each part looks like.  Parts that
 * have to be compared end in a zero byte and contain none.
 *
 * dynamo.index_key() is evaluated for every row that anybody writes, by
 * CREATE INDEX too: it never raises an error because of an item.  One that
 * does not fit has no key, and so no entry that a range could find.  Nor does
 * it tell of a description that is none: it is leakproof, and is asked about
 * rows before policies of row level security are.
 *
 * All this is a format on disk: a change needs a function of another name.
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "common/hashfn.h"
#include "common/sha2.h"
#include "fmgr.h"
#include "port/pg_bswap.h"
#include "store/store_int.h"

/* A longer partition is stored as its digest. */
#define LONG_PARTITION 256

/* A longer key of the item itself is stored as the beginning of its digest. */
#define LONG_ITEM_KEY 32
#define ITEM_DIGEST_LENGTH 16

/* What the partition and the item's own key begin with. */
#define MARK_WHOLE 0x01
#define MARK_DIGEST 0x02

typedef enum SpecRole
{
	SPEC_HASH,
	SPEC_RANGE,
	SPEC_ITEM
} SpecRole;

static const char spec_letters[] = {
	[SPEC_HASH] = 'h', [SPEC_RANGE] = 'r', [SPEC_ITEM] = 'k'
};

/* What the second argument of dynamo.index_key() says. */
typedef struct Spec
{
	int			count;
	struct
	{
		SpecRole	role;
		DdbKeyAttribute attribute;
	}			parts[2 * DDB_INDEX_PART_MAX + DDB_KEY_MAX];
} Spec;

static bool parse_spec(const char *text, int len, Spec *spec);
static bool parse_part(const char **next, const char *end, Spec *spec);
static Spec spec_of_index(const DdbTable *table, const DdbIndex *index);
static void add_part(Spec *spec, SpecRole role, DdbKeyAttribute attribute);
static bool append_key(StringInfo buf, const Spec *spec,
					   const DdbDocument *document);
static bool append_parts(StringInfo buf, const Spec *spec, SpecRole role,
						 const DdbDocument *document, int limit);
static void append_partition(StringInfo buf, const char *data, int len);
static void append_item_key(StringInfo buf, const char *data, int len);
static void append_scalar(StringInfo buf, DdbType type, DdbText text);
static void append_escaped(StringInfo buf, DdbText bytes);
static void append_digest(StringInfo buf, const char *data, int len, int keep);
static void append_token(StringInfo buf, uint32 position);
static Datum make_bytea(const StringInfoData *buf);
static void increment(StringInfo buf);

PG_FUNCTION_INFO_V1(dynamo_index_key);

/* dynamo.index_key(item jsonb, spec text) */
Datum
dynamo_index_key(PG_FUNCTION_ARGS)
{
	Jsonb	   *item = PG_GETARG_JSONB_P(0);
	text	   *spec_text = PG_GETARG_TEXT_PP(1);
	DdbDocument document = {.jsonb = item};
	StringInfoData buf;
	Spec		spec;

	initStringInfo(&buf);
	if (!parse_spec(VARDATA_ANY(spec_text), VARSIZE_ANY_EXHDR(spec_text), &spec) ||
		!append_key(&buf, &spec, &document))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(make_bytea(&buf));
}

char *
ddb_index_spec(const DdbTable *table, const DdbIndex *index)
{
	Spec		spec = spec_of_index(table, index);
	StringInfoData buf;
	int			i;

	initStringInfo(&buf);
	for (i = 0; i < spec.count; i++)
		appendStringInfo(&buf, "%s%c%s%d:%s", i > 0 ? " " : "",
						 spec_letters[spec.parts[i].role],
						 ddb_type_tag(spec.parts[i].attribute.type),
						 spec.parts[i].attribute.name.len,
						 spec.parts[i].attribute.name.data);
	return buf.data;
}

bool
ddb_index_key(const DdbTable *table, const DdbIndex *index,
			  const DdbDocument *document, Datum *key)
{
	Spec		spec = spec_of_index(table, index);
	StringInfoData buf;

	initStringInfo(&buf);
	if (!append_key(&buf, &spec, document))
		return false;
	*key = make_bytea(&buf);
	return true;
}

void
ddb_index_partition_begin(DdbIndexBound *bound, const DdbIndex *index,
						  DdbValue *const *hash)
{
	StringInfoData partition;
	int			i;

	initStringInfo(&partition);
	for (i = 0; i < index->hash_count; i++)
		append_scalar(&partition, hash[i]->type, hash[i]->text);
	initStringInfo(&bound->bytes);
	append_partition(&bound->bytes, partition.data, partition.len);
}

void
ddb_index_bound_append(DdbIndexBound *bound, const DdbValue *value)
{
	append_scalar(&bound->bytes, value->type, value->text);
}

void
ddb_index_bound_append_prefix(DdbIndexBound *bound, const DdbValue *prefix)
{
	if (prefix->type == DDB_TYPE_S)
		appendBinaryStringInfo(&bound->bytes, prefix->text.data, prefix->text.len);
	else
		append_escaped(&bound->bytes, prefix->text);
}

DdbIndexBound
ddb_index_bound_copy(const DdbIndexBound *bound)
{
	DdbIndexBound copy;

	initStringInfo(&copy.bytes);
	appendBinaryStringInfo(&copy.bytes, bound->bytes.data, bound->bytes.len);
	return copy;
}

Datum
ddb_index_bound_before(const DdbIndexBound *bound)
{
	return make_bytea(&bound->bytes);
}

Datum
ddb_index_bound_after(const DdbIndexBound *bound)
{
	DdbIndexBound copy = ddb_index_bound_copy(bound);

	increment(&copy.bytes);
	return make_bytea(&copy.bytes);
}

/* The sign is turned, so that bytes sort as tokens do. */
static uint32
position_of_token(int32 token)
{
	return (uint32) token ^ UINT32_C(0x80000000);
}

int32
ddb_index_key_token(Datum key)
{
	uint32		position;

	memcpy(&position, VARDATA_ANY(DatumGetPointer(key)), sizeof(position));
	return (int32) position_of_token((int32) pg_ntoh32(position));
}

void
ddb_index_segment(int32 token_low, int32 token_high, Datum *lower, Datum *upper)
{
	StringInfoData buf;

	initStringInfo(&buf);
	append_token(&buf, position_of_token(token_low));
	*lower = make_bytea(&buf);
	resetStringInfo(&buf);
	append_token(&buf, position_of_token(token_high));

	/* Behind the last token there is no other: more bytes than it has. */
	if (token_high == PG_INT32_MAX)
		appendStringInfoChar(&buf, (char) 0xff);
	else
		increment(&buf);
	*upper = make_bytea(&buf);
}

static bool
parse_spec(const char *text, int len, Spec *spec)
{
	const char *end = text + len;

	spec->count = 0;
	while (text < end)
	{
		if (spec->count > 0 && *text++ != ' ')
			return false;
		if (!parse_part(&text, end, spec))
			return false;
	}
	return spec->count > 0 && spec->parts[0].role == SPEC_HASH;
}

/* hS5:Genre */
static bool
parse_part(const char **next, const char *end, Spec *spec)
{
	const char *text = *next;
	DdbKeyAttribute attribute = {.name.len = 0};
	SpecRole	role = SPEC_HASH;

	if (spec->count == lengthof(spec->parts) || end - text < 4)
		return false;
	while (role <= SPEC_ITEM && spec_letters[role] != *text)
		role++;
	if (role > SPEC_ITEM ||
		!ddb_type_from_tag((DdbText) {text + 1, 1}, &attribute.type) ||
		!ddb_type_is_scalar_key(attribute.type))
		return false;

	for (text += 2; text < end && *text >= '0' && *text <= '9'; text++)
	{
		attribute.name.len = attribute.name.len * 10 + (*text - '0');
		if (attribute.name.len > end - text)
			return false;
	}
	if (text == end || *text++ != ':' || attribute.name.len > end - text)
		return false;
	attribute.name.data = text;
	*next = text + attribute.name.len;
	add_part(spec, role, attribute);
	return true;
}

static Spec
spec_of_index(const DdbTable *table, const DdbIndex *index)
{
	Spec		spec = {.count = 0};
	int			i;

	for (i = 0; i < index->key_count; i++)
		add_part(&spec, i < index->hash_count ? SPEC_HASH : SPEC_RANGE,
				 index->keys[i]);
	for (i = 0; i < table->key_count; i++)
		add_part(&spec, SPEC_ITEM, table->keys[i]);
	return spec;
}

static void
add_part(Spec *spec, SpecRole role, DdbKeyAttribute attribute)
{
	spec->parts[spec->count].role = role;
	spec->parts[spec->count].attribute = attribute;
	spec->count++;
}

/* False when the item has no key in the index. */
static bool
append_key(StringInfo buf, const Spec *spec, const DdbDocument *document)
{
	StringInfoData part;
	bool		complete;

	initStringInfo(&part);
	complete = append_parts(&part, spec, SPEC_HASH, document, DDB_KEY_MAX_HASH_BYTES);
	if (complete)
	{
		append_partition(buf, part.data, part.len);
		complete = append_parts(buf, spec, SPEC_RANGE, document,
								DDB_KEY_MAX_RANGE_BYTES);
	}
	if (complete)
	{
		resetStringInfo(&part);
		complete = append_parts(&part, spec, SPEC_ITEM, document, 0);
	}
	if (complete)
		append_item_key(buf, part.data, part.len);
	pfree(part.data);
	return complete;
}

/*
 * The attributes of one role.  False when one is absent, of another type,
 * empty, or when they are longer than limit (0: none) together.
 */
static bool
append_parts(StringInfo buf, const Spec *spec, SpecRole role,
			 const DdbDocument *document, int limit)
{
	int64		total = 0;
	int			i;

	for (i = 0; i < spec->count; i++)
	{
		DdbKeyAttribute attribute = spec->parts[i].attribute;
		DdbText		text;

		if (spec->parts[i].role != role)
			continue;
		if (!ddb_document_scalar(document, attribute.name, attribute.type, &text) ||
			text.len == 0)
			return false;
		total += ddb_scalar_size(attribute.type, text);
		if (limit > 0 && total > limit)
			return false;
		append_scalar(buf, attribute.type, text);
	}
	return true;
}

/* The token and the partition; a long one is only ever asked for equality. */
static void
append_partition(StringInfo buf, const char *data, int len)
{
	Datum		hash = hash_any((const unsigned char *) data, len);

	append_token(buf, position_of_token(DatumGetInt32(hash)));
	if (len <= LONG_PARTITION)
	{
		appendStringInfoChar(buf, MARK_WHOLE);
		appendBinaryStringInfo(buf, data, len);
	}
	else
	{
		appendStringInfoChar(buf, MARK_DIGEST);
		append_digest(buf, data, len, PG_SHA256_DIGEST_LENGTH);
	}
}

/* Tells items with equal index keys apart, and puts them in an order. */
static void
append_item_key(StringInfo buf, const char *data, int len)
{
	if (len <= LONG_ITEM_KEY)
	{
		appendStringInfoChar(buf, MARK_WHOLE);
		appendBinaryStringInfo(buf, data, len);
	}
	else
	{
		appendStringInfoChar(buf, MARK_DIGEST);
		append_digest(buf, data, len, ITEM_DIGEST_LENGTH);
	}
}

static void
append_scalar(StringInfo buf, DdbType type, DdbText text)
{
	unsigned char number[DDB_NUMBER_SORTABLE_MAX];

	if (type == DDB_TYPE_N)
		appendBinaryStringInfo(buf, (char *) number,
							   ddb_number_sortable(text, number));
	else if (type == DDB_TYPE_S)
		appendBinaryStringInfo(buf, text.data, text.len);
	else
		append_escaped(buf, text);
	appendStringInfoChar(buf, '\0');
}

/*
 * Bytes without a zero, in the same order.  Strings are escaped already: it is
 * the same escape that their stored form has.
 */
static void
append_escaped(StringInfo buf, DdbText bytes)
{
	int			i;

	for (i = 0; i < bytes.len; i++)
	{
		char		c = bytes.data[i];

		if (c == 0 || c == 1)
		{
			appendStringInfoChar(buf, 1);
			c++;
		}
		appendStringInfoChar(buf, c);
	}
}

static void
append_digest(StringInfo buf, const char *data, int len, int keep)
{
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);

	if (pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) data, len) < 0 ||
		pg_cryptohash_final(context, digest, sizeof(digest)) < 0)
		elog(ERROR, "could not compute a SHA-256 digest");
	pg_cryptohash_free(context);
	appendBinaryStringInfo(buf, (char *) digest, keep);
}

static void
append_token(StringInfo buf, uint32 position)
{
	position = pg_hton32(position);
	appendBinaryStringInfo(buf, (char *) &position, sizeof(position));
}

static Datum
make_bytea(const StringInfoData *buf)
{
	bytea	   *result = palloc(VARHDRSZ + buf->len);

	SET_VARSIZE(result, VARHDRSZ + buf->len);
	memcpy(VARDATA(result), buf->data, buf->len);
	return PointerGetDatum(result);
}

/* The smallest bytes behind everything that begins with these. */
static void
increment(StringInfo buf)
{
	while (buf->len > 0 && (unsigned char) buf->data[buf->len - 1] == 0xff)
		buf->len--;
	if (buf->len == 0)
		elog(ERROR, "no index key is behind this one");
	buf->data[buf->len - 1]++;
}
