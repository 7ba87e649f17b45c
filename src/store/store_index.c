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
 * dynamo.index_key() is evaluated for every row that is written, also by plain SQL
 * and CREATE INDEX.  So it never raises an error because of an item.  An item that
 * does not fit has a null key, so that no range finds it.  It raises no error for a
 * malformed description either: it is leakproof, and may be evaluated before
 * policies of row level security are checked.
 *
 * All this is a format on disk.  A change needs a function with another name.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "core/digest.h"
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

#define SPEC_MAX (2 * DDB_INDEX_PART_MAX + DDB_KEY_MAX)

/* What the second argument of dynamo.index_key() says. */
typedef struct Spec
{
	int			count;
	struct
	{
		SpecRole	role;
		DdbKeyAttribute attribute;
	}			parts[SPEC_MAX];
} Spec;

/* Values as in the key, where each is followed by a zero byte. */
typedef struct Values
{
	int			count;
	int			len;			/* of all of them, with those bytes */
	DdbText		bytes[SPEC_MAX];
} Values;

/* Values joined, in the buffer where there is room. */
typedef struct Joined
{
	const char *data;
	int			len;
	char		buffer[LONG_PARTITION];
} Joined;

static bool parse_spec(const char *text, int len, Spec *spec);
static bool parse_part(const char **next, const char *end, Spec *spec);
static bool parse_type(char letter, DdbType *type);
static Spec spec_of_index(const DdbTable *table, const DdbIndex *index);
static void add_part(Spec *spec, SpecRole role, DdbKeyAttribute attribute);
static bool make_key(const Spec *spec, const DdbDocument *document, Datum *key);
static bool collect(Values *values, const Spec *spec, SpecRole role,
					const DdbDocument *document, int limit);
static void add_value(Values *values, DdbType type, DdbText text);
static DdbText escape(DdbText bytes);
static char *put_values(char *to, const Values *values);
static void join(Joined *joined, const Values *values);
static int	partition_size(int len);
static char *put_partition(char *to, const Values *values);
static int	item_key_size(int len);
static char *put_item_key(char *to, const Values *values);
static char *put_digest(char *to, const Joined *joined, int keep);
static char *put_bytes(char *to, const char *data, int len);
static char *put_token(char *to, uint32 position);
static void append_values(StringInfo buf, const Values *values);
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
	Datum		key;
	Spec		spec;

	if (!parse_spec(VARDATA_ANY(spec_text), VARSIZE_ANY_EXHDR(spec_text), &spec) ||
		!make_key(&spec, &document, &key))
		PG_RETURN_NULL();
	PG_RETURN_DATUM(key);
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

	return make_key(&spec, document, key);
}

void
ddb_index_partition_begin(DdbIndexBound *bound, const DdbIndex *index,
						  DdbValue *const *hash)
{
	StringInfo	buf = &bound->bytes;
	Values		values = {.count = 0};
	int			i;

	for (i = 0; i < index->hash_count; i++)
		add_value(&values, hash[i]->type, hash[i]->text);
	initStringInfo(buf);
	enlargeStringInfo(buf, partition_size(values.len));
	buf->len = put_partition(buf->data, &values) - buf->data;
	buf->data[buf->len] = '\0';
}

void
ddb_index_bound_append(DdbIndexBound *bound, const DdbValue *value)
{
	Values		values = {.count = 0};

	add_value(&values, value->type, value->text);
	append_values(&bound->bytes, &values);
}

void
ddb_index_bound_append_prefix(DdbIndexBound *bound, const DdbValue *prefix)
{
	DdbText		bytes = prefix->type == DDB_TYPE_B ? escape(prefix->text) : prefix->text;

	appendBinaryStringInfo(&bound->bytes, bytes.data, bytes.len);
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
	buf.len = put_token(buf.data, position_of_token(token_low)) - buf.data;
	*lower = make_bytea(&buf);
	buf.len = put_token(buf.data, position_of_token(token_high)) - buf.data;

	/* There is no token after the last one, so longer bytes are used. */
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
		!parse_type(text[1], &attribute.type))
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

static bool
parse_type(char letter, DdbType *type)
{
	for (*type = 0; *type < DDB_TYPE_COUNT; (*type)++)
	{
		if (ddb_type_is_scalar_key(*type) && *ddb_type_tag(*type) == letter)
			return true;
	}
	return false;
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
make_key(const Spec *spec, const DdbDocument *document, Datum *key)
{
	Values		hash;
	Values		range;
	Values		item;
	bytea	   *result;
	int			size;
	char	   *to;

	if (!collect(&hash, spec, SPEC_HASH, document, DDB_KEY_MAX_HASH_BYTES) ||
		!collect(&range, spec, SPEC_RANGE, document, DDB_KEY_MAX_RANGE_BYTES) ||
		!collect(&item, spec, SPEC_ITEM, document, 0))
		return false;

	size = VARHDRSZ + partition_size(hash.len) + range.len + item_key_size(item.len);
	result = palloc(size);
	SET_VARSIZE(result, size);
	to = put_partition(VARDATA(result), &hash);
	to = put_values(to, &range);
	to = put_item_key(to, &item);
	Assert(to == (char *) result + size);
	(void) to;
	*key = PointerGetDatum(result);
	return true;
}

/*
 * The attributes of one role.  False when one is absent, of another type,
 * empty, or when they are longer than limit (0: none) together.
 */
static bool
collect(Values *values, const Spec *spec, SpecRole role,
		const DdbDocument *document, int limit)
{
	int64		total = 0;
	int			i;

	values->count = 0;
	values->len = 0;
	for (i = 0; i < spec->count; i++)
	{
		const DdbKeyAttribute *attribute = &spec->parts[i].attribute;
		DdbText		text;

		if (spec->parts[i].role != role)
			continue;
		if (!ddb_document_scalar(document, attribute->name, attribute->type, &text) ||
			text.len == 0)
			return false;
		if (limit > 0)
			total += ddb_scalar_size(attribute->type, text);
		if (total > limit)
			return false;
		add_value(values, attribute->type, text);
	}
	return true;
}

/* Strings stay where they are. */
static void
add_value(Values *values, DdbType type, DdbText text)
{
	if (type == DDB_TYPE_N)
	{
		unsigned char *number = palloc(DDB_NUMBER_SORTABLE_MAX);

		text.len = ddb_number_sortable(text, number);
		text.data = (char *) number;
	}
	else if (type == DDB_TYPE_B)
		text = escape(text);
	values->bytes[values->count++] = text;
	values->len += text.len + 1;
}

/*
 * Bytes without a zero, in the same order.  Strings are escaped already: it is
 * the same escape that their stored form has.
 */
static DdbText
escape(DdbText bytes)
{
	char	   *escaped = palloc((Size) 2 * bytes.len);
	int			len = 0;
	int			i;

	for (i = 0; i < bytes.len; i++)
	{
		char		c = bytes.data[i];

		if (c == 0 || c == 1)
		{
			escaped[len++] = 1;
			c++;
		}
		escaped[len++] = c;
	}
	return (DdbText) {.data = escaped, .len = len};
}

/* These return where what they have written ends. */
static char *
put_values(char *to, const Values *values)
{
	int			i;

	for (i = 0; i < values->count; i++)
	{
		to = put_bytes(to, values->bytes[i].data, values->bytes[i].len);
		*to++ = '\0';
	}
	return to;
}

static void
join(Joined *joined, const Values *values)
{
	char	   *data = values->len <= sizeof(joined->buffer) ? joined->buffer :
		palloc(values->len);

	(void) put_values(data, values);
	joined->data = data;
	joined->len = values->len;
}

static int
partition_size(int len)
{
	return sizeof(uint32) + 1 +
		(len <= LONG_PARTITION ? len : PG_SHA256_DIGEST_LENGTH);
}

/* The token and the partition; a long one is only ever asked for equality. */
static char *
put_partition(char *to, const Values *values)
{
	Joined		joined;
	Datum		hash;

	join(&joined, values);
	hash = hash_any((const unsigned char *) joined.data, joined.len);
	to = put_token(to, position_of_token(DatumGetInt32(hash)));
	if (joined.len > LONG_PARTITION)
		return put_digest(to, &joined, PG_SHA256_DIGEST_LENGTH);
	*to++ = MARK_WHOLE;
	return put_bytes(to, joined.data, joined.len);
}

static int
item_key_size(int len)
{
	return 1 + (len <= LONG_ITEM_KEY ? len : ITEM_DIGEST_LENGTH);
}

/* Tells items with equal index keys apart, and puts them in an order. */
static char *
put_item_key(char *to, const Values *values)
{
	Joined		joined;

	if (values->len <= LONG_ITEM_KEY)
	{
		*to++ = MARK_WHOLE;
		return put_values(to, values);
	}
	join(&joined, values);
	return put_digest(to, &joined, ITEM_DIGEST_LENGTH);
}

static char *
put_digest(char *to, const Joined *joined, int keep)
{
	uint8		digest[PG_SHA256_DIGEST_LENGTH];

	ddb_sha256(joined->data, joined->len, digest);
	*to++ = MARK_DIGEST;
	return put_bytes(to, (char *) digest, keep);
}

static char *
put_bytes(char *to, const char *data, int len)
{
	memcpy(to, data, len);
	return to + len;
}

static char *
put_token(char *to, uint32 position)
{
	position = pg_hton32(position);
	return put_bytes(to, (char *) &position, sizeof(position));
}

static void
append_values(StringInfo buf, const Values *values)
{
	enlargeStringInfo(buf, values->len);
	buf->len = put_values(buf->data + buf->len, values) - buf->data;
	buf->data[buf->len] = '\0';
}

static Datum
make_bytea(const StringInfoData *buf)
{
	bytea	   *result = palloc(VARHDRSZ + buf->len);

	SET_VARSIZE(result, VARHDRSZ + buf->len);
	memcpy(VARDATA(result), buf->data, buf->len);
	return PointerGetDatum(result);
}

/* Returns the smallest bytes that sort after everything with this prefix. */
static void
increment(StringInfo buf)
{
	while (buf->len > 0 && (unsigned char) buf->data[buf->len - 1] == 0xff)
		buf->len--;
	if (buf->len == 0)
		elog(ERROR, "no index key is behind this one");
	buf->data[buf->len - 1]++;
}
