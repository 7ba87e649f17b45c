/*
 * meta_descriptor.c
 *	  Descriptors: made from rows of the catalog, and compared.
 *
 * Everything a descriptor points to lives in its own context and goes with
 * it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "core/clock.h"
#include "executor/spi.h"
#include "meta/meta.h"
#include "meta/meta_int.h"
#include "meta/names.h"
#include "model/model.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

static DdbTableStatus read_status(HeapTuple tuple, TupleDesc desc, int column,
								  int shown_column, TimestampTz *shown_until);
static void note_stale(DdbTable *table, TimestampTz shown_until);
static char *text_column(HeapTuple tuple, TupleDesc desc, int column);
static char *required_text(HeapTuple tuple, TupleDesc desc, int column);
static Datum required(HeapTuple tuple, TupleDesc desc, int column);
static DdbJson *json_column(HeapTuple tuple, TupleDesc desc, int column);
static bool read_key(DdbKeyAttribute *key, HeapTuple tuple, TupleDesc desc,
					 int column);
static void read_ttl(DdbTable *table, HeapTuple tuple, TupleDesc desc,
					 int column);
static void read_index(const DdbTable *table, DdbIndex *index, HeapTuple tuple,
					   TupleDesc desc);
static void read_key_schema(const DdbTable *table, DdbIndex *index);
static DdbType defined_type(const DdbTable *table, const char *attribute);
static void read_projection(const DdbTable *table, DdbIndex *index);
static void add_projected(DdbIndex *index, DdbText name);
static Oid	relation_in_data_schema(const char *name);
static bool same_keys(const DdbKeyAttribute *left, const DdbKeyAttribute *right,
					  int count);
static bool same_json(const DdbJson *left, const DdbJson *right);
static bool same_ttl(const DdbTtl *left, const DdbTtl *right);
static bool same_text(const char *left, const char *right);
static bool same_index(const DdbIndex *left, const DdbIndex *right);

DdbTable *
meta_make_table(const char *name, HeapTuple tuple, TupleDesc desc,
				MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "dynamo table",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	DdbTable   *table = palloc0(sizeof(DdbTable));

	table->context = context;
	MemoryContextSetIdentifier(context, table->name);
	strlcpy(table->name, name, sizeof(table->name));
	table->id = *DatumGetUUIDP(required(tuple, desc, 1));
	table->heap_name = required_text(tuple, desc, 2);
	table->status = read_status(tuple, desc, 3, 10, &table->shown_until);
	note_stale(table, table->shown_until);
	table->created_at = DatumGetTimestampTz(required(tuple, desc, 4));
	if (!read_key(&table->keys[0], tuple, desc, 5))
		elog(ERROR, "table \"%s\" has no partition key in dynamo_catalog.tables", name);
	table->key_count = read_key(&table->keys[1], tuple, desc, 7) ? 2 : 1;
	table->definition = json_column(tuple, desc, 9);
	read_ttl(table, tuple, desc, 12);
	table->owner_role = text_column(tuple, desc, 15);

	table->relid = relation_in_data_schema(table->heap_name);
	table->primary_index =
		relation_in_data_schema(ddb_name_of_index(table->heap_name, "pkey"));
	table->token_index =
		relation_in_data_schema(ddb_name_of_index(table->heap_name, "token"));
	MemoryContextSwitchTo(old);
	return table;
}

void
meta_add_indexes(DdbTable *table, HeapTuple *tuples, int count, TupleDesc desc)
{
	MemoryContext old = MemoryContextSwitchTo(table->context);
	int			i;

	table->index_count = count;
	table->indexes = palloc0(Max(count, 1) * sizeof(DdbIndex));
	for (i = 0; i < count; i++)
	{
		read_index(table, &table->indexes[i], tuples[i], desc);
		note_stale(table, table->indexes[i].shown_until);
	}
	MemoryContextSwitchTo(old);
}

bool
meta_same_table(const DdbTable *left, const DdbTable *right)
{
	int			i;

	if (memcmp(&left->id, &right->id, sizeof(pg_uuid_t)) != 0 ||
		left->status != right->status ||
		left->shown_until != right->shown_until ||
		left->created_at != right->created_at ||
		left->relid != right->relid ||
		left->primary_index != right->primary_index ||
		left->token_index != right->token_index ||
		left->key_count != right->key_count ||
		left->index_count != right->index_count ||
		!same_keys(left->keys, right->keys, left->key_count) ||
		!same_json(left->definition, right->definition) ||
		!same_ttl(&left->ttl, &right->ttl) ||
		!same_text(left->owner_role, right->owner_role))
		return false;
	for (i = 0; i < left->index_count; i++)
	{
		if (!same_index(&left->indexes[i], &right->indexes[i]))
			return false;
	}
	return true;
}

const DdbIndex *
ddb_meta_find_index(const DdbTable *table, const char *name)
{
	DdbText		wanted = ddb_text_from_cstring(name);
	int			i;

	for (i = 0; i < table->index_count; i++)
	{
		if (ddb_text_equal(table->indexes[i].name, wanted))
			return &table->indexes[i];
	}
	return NULL;
}

/*
 * What column number "column" says, unless another status is shown still:
 * which and until when stands in the two columns from shown_column on.
 */
static DdbTableStatus
read_status(HeapTuple tuple, TupleDesc desc, int column, int shown_column,
			TimestampTz *shown_until)
{
	bool		isnull;
	Datum		until = SPI_getbinval(tuple, desc, shown_column + 1, &isnull);

	*shown_until = 0;
	if (!isnull && DatumGetTimestampTz(until) > ddb_clock_now())
	{
		*shown_until = DatumGetTimestampTz(until);
		column = shown_column;
	}
	return meta_parse_status(required_text(tuple, desc, column));
}

static void
note_stale(DdbTable *table, TimestampTz shown_until)
{
	if (shown_until != 0 &&
		(table->stale_at == 0 || shown_until < table->stale_at))
		table->stale_at = shown_until;
}

/* A text column, copied; NULL where the column is null. */
static char *
text_column(HeapTuple tuple, TupleDesc desc, int column)
{
	bool		isnull;
	Datum		datum = SPI_getbinval(tuple, desc, column, &isnull);

	return isnull ? NULL : TextDatumGetCString(datum);
}

static char *
required_text(HeapTuple tuple, TupleDesc desc, int column)
{
	return TextDatumGetCString(required(tuple, desc, column));
}

/* What the catalog declares NOT NULL, and somebody may have dropped that. */
static Datum
required(HeapTuple tuple, TupleDesc desc, int column)
{
	bool		isnull;
	Datum		datum = SPI_getbinval(tuple, desc, column, &isnull);

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("column \"%s\" of a row in dynamo_catalog is null",
						NameStr(TupleDescAttr(desc, column - 1)->attname))));
	return datum;
}

static DdbJson *
json_column(HeapTuple tuple, TupleDesc desc, int column)
{
	Datum		datum = required(tuple, desc, column);

	return ddb_json_from_jsonb((Jsonb *) PG_DETOAST_DATUM_COPY(datum));
}

static bool
read_key(DdbKeyAttribute *key, HeapTuple tuple, TupleDesc desc, int column)
{
	char	   *name = text_column(tuple, desc, column);
	char	   *type = text_column(tuple, desc, column + 1);

	if (name == NULL || type == NULL)
		return false;
	key->name = ddb_text_from_cstring(name);
	if (!ddb_type_from_tag(ddb_text_from_cstring(type), &key->type) ||
		!ddb_type_is_scalar_key(key->type))
		elog(ERROR, "unknown key type \"%s\" in dynamo_catalog.tables", type);
	return true;
}

static void
read_ttl(DdbTable *table, HeapTuple tuple, TupleDesc desc, int column)
{
	bool		isnull;
	Datum		changed_at = SPI_getbinval(tuple, desc, column + 2, &isnull);

	table->ttl.status = meta_parse_ttl_status(required_text(tuple, desc, column));
	table->ttl.attribute = text_column(tuple, desc, column + 1);
	table->ttl.changed_at = isnull ? 0 : DatumGetTimestampTz(changed_at);
	table->ttl.index =
		relation_in_data_schema(ddb_name_of_index(table->heap_name, "ttl"));
}

static void
read_index(const DdbTable *table, DdbIndex *index, HeapTuple tuple,
		   TupleDesc desc)
{
	index->name = ddb_text_from_cstring(required_text(tuple, desc, 1));
	index->is_global = strcmp(required_text(tuple, desc, 2), "GLOBAL") == 0;
	index->relation_name = required_text(tuple, desc, 3);
	index->status = read_status(tuple, desc, 4, 7, &index->shown_until);
	index->backfilling = DatumGetBool(required(tuple, desc, 5));
	index->definition = json_column(tuple, desc, 6);
	index->relid = relation_in_data_schema(index->relation_name);
	read_key_schema(table, index);
	read_projection(table, index);
}

/* CreateTable and UpdateTable have checked it; rows can be changed by hand. */
static void
read_key_schema(const DdbTable *table, DdbIndex *index)
{
	const DdbJson *schema = ddb_json_get(index->definition, "KeySchema");
	const DdbJson *element;

	for (element = schema != NULL ? schema->first : NULL; element != NULL;
		 element = element->next)
	{
		const char *name = ddb_request_string(element, "AttributeName", "");
		bool		hash = strcmp(ddb_request_string(element, "KeyType", ""),
								  "HASH") == 0;

		if (index->key_count == lengthof(index->keys) ||
			(hash && index->hash_count < index->key_count))
			break;
		index->keys[index->key_count].name = ddb_text_from_cstring(name);
		index->keys[index->key_count].type = defined_type(table, name);
		index->key_count++;
		if (hash)
			index->hash_count++;
	}
	if (index->hash_count == 0 || element != NULL)
		elog(ERROR, "index \"%s\" of table \"%s\" has no legal key in dynamo_catalog.indexes",
			 index->name.data, table->name);
}

static DdbType
defined_type(const DdbTable *table, const char *attribute)
{
	const DdbJson *definitions = ddb_json_get(table->definition,
											  "AttributeDefinitions");
	const DdbJson *definition;
	DdbType		type;

	for (definition = definitions != NULL ? definitions->first : NULL;
		 definition != NULL; definition = definition->next)
	{
		const char *tag = ddb_request_string(definition, "AttributeType", "");

		if (strcmp(ddb_request_string(definition, "AttributeName", ""),
				   attribute) == 0 &&
			ddb_type_from_tag(ddb_text_from_cstring(tag), &type) &&
			ddb_type_is_scalar_key(type))
			return type;
	}
	elog(ERROR, "attribute \"%s\" of an index of table \"%s\" is not defined in dynamo_catalog.tables",
		 attribute, table->name);
}

static void
read_projection(const DdbTable *table, DdbIndex *index)
{
	const DdbJson *projection = ddb_json_get(index->definition, "Projection");
	const char *type = projection == NULL ? "ALL" :
		ddb_request_string(projection, "ProjectionType", "ALL");
	const DdbJson *others = NULL;
	int			i;

	index->projection = DDB_PROJECTION_ALL;
	if (strcmp(type, "ALL") == 0)
		return;
	index->projection = DDB_PROJECTION_KEYS_ONLY;
	if (strcmp(type, "INCLUDE") == 0)
	{
		index->projection = DDB_PROJECTION_INCLUDE;
		others = ddb_json_get(projection, "NonKeyAttributes");
	}
	index->projected = palloc0(sizeof(DdbNameList));
	index->projected->names = palloc((index->key_count + table->key_count +
									  (others != NULL ? others->count : 0)) *
									 sizeof(DdbText));
	for (i = 0; i < index->key_count; i++)
		add_projected(index, index->keys[i].name);
	for (i = 0; i < table->key_count; i++)
		add_projected(index, table->keys[i].name);
	for (others = others != NULL ? others->first : NULL; others != NULL;
		 others = others->next)
		add_projected(index, others->text);
}

static void
add_projected(DdbIndex *index, DdbText name)
{
	if (!ddb_name_list_contains(index->projected, name))
		index->projected->names[index->projected->count++] = name;
}

static Oid
relation_in_data_schema(const char *name)
{
	Oid			schema = get_namespace_oid(DDB_SCHEMA_DATA, true);

	return OidIsValid(schema) ? get_relname_relid(name, schema) : InvalidOid;
}

static bool
same_keys(const DdbKeyAttribute *left, const DdbKeyAttribute *right, int count)
{
	int			i;

	for (i = 0; i < count; i++)
	{
		if (left[i].type != right[i].type ||
			!ddb_text_equal(left[i].name, right[i].name))
			return false;
	}
	return true;
}

static bool
same_json(const DdbJson *left, const DdbJson *right)
{
	DdbJsonWriter left_writer;
	DdbJsonWriter right_writer;
	bool		same;

	ddb_json_writer_init(&left_writer, true);
	ddb_json_writer_init(&right_writer, true);
	ddb_json_tree(&left_writer, left);
	ddb_json_tree(&right_writer, right);
	same = strcmp(left_writer.buf.data, right_writer.buf.data) == 0;
	pfree(left_writer.buf.data);
	pfree(right_writer.buf.data);
	return same;
}

static bool
same_ttl(const DdbTtl *left, const DdbTtl *right)
{
	return left->status == right->status &&
		left->changed_at == right->changed_at && left->index == right->index &&
		same_text(left->attribute, right->attribute);
}

/* Either may be NULL. */
static bool
same_text(const char *left, const char *right)
{
	if (left == NULL || right == NULL)
		return left == right;
	return strcmp(left, right) == 0;
}

/* Their keys' types follow from the tables' definitions. */
static bool
same_index(const DdbIndex *left, const DdbIndex *right)
{
	return ddb_text_equal(left->name, right->name) &&
		left->is_global == right->is_global &&
		left->status == right->status &&
		left->shown_until == right->shown_until &&
		left->backfilling == right->backfilling &&
		left->relid == right->relid &&
		strcmp(left->relation_name, right->relation_name) == 0 &&
		same_json(left->definition, right->definition);
}
