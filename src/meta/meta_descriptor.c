/*
 * meta_descriptor.c
 *	  Descriptors: how they are built from rows of the catalog, and compared.
 *
 * Everything that a descriptor points to lives in the descriptor's own memory
 * context and is freed with it.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "core/clock.h"
#include "meta/meta.h"
#include "meta/meta_int.h"
#include "meta/names.h"
#include "model/model.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

static DdbTableStatus read_status(const MetaRows *rows, TimestampTz *shown_until);
static void note_stale(DdbTable *table, TimestampTz shown_until);
static DdbJson *read_json(const MetaRows *rows, const char *column);
static bool read_key(DdbKeyAttribute *key, const char *name, const char *type);
static void read_ttl(DdbTable *table, const MetaRows *rows);
static void read_index(const DdbTable *table, DdbIndex *index,
					   const MetaRows *rows);
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
meta_make_table(const char *name, const MetaRows *rows, MemoryContext parent)
{
	MemoryContext context = AllocSetContextCreate(parent, "dynamo table",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	DdbTable   *table = palloc0(sizeof(DdbTable));

	table->context = context;
	MemoryContextSetIdentifier(context, table->name);
	strlcpy(table->name, name, sizeof(table->name));
	table->id = *DatumGetUUIDP(meta_required(rows, "table_id"));
	table->heap_name = meta_required_text(rows, "heap_name");
	table->status = read_status(rows, &table->shown_until);
	note_stale(table, table->shown_until);
	table->created_at = DatumGetTimestampTz(meta_required(rows, "created_at"));
	if (!read_key(&table->keys[0], meta_text(rows, "partition_key"),
				  meta_text(rows, "partition_key_type")))
		elog(ERROR, "table \"%s\" has no partition key in dynamo_catalog.tables", name);
	table->key_count = read_key(&table->keys[1], meta_text(rows, "sort_key"),
								meta_text(rows, "sort_key_type")) ? 2 : 1;
	table->definition = read_json(rows, "definition");
	read_ttl(table, rows);
	table->owner_role = meta_text(rows, "owner_role");

	table->relid = relation_in_data_schema(table->heap_name);
	table->primary_index =
		relation_in_data_schema(ddb_name_of_index(table->heap_name, "pkey"));
	table->token_index =
		relation_in_data_schema(ddb_name_of_index(table->heap_name, "token"));
	MemoryContextSwitchTo(old);
	return table;
}

void
meta_add_indexes(DdbTable *table, MetaRows *rows)
{
	MemoryContext old = MemoryContextSwitchTo(table->context);

	table->indexes = palloc0(Max(rows->count, 1) * sizeof(DdbIndex));
	while (meta_next(rows))
	{
		DdbIndex   *index = &table->indexes[table->index_count++];

		read_index(table, index, rows);
		note_stale(table, index->shown_until);
	}
	meta_end(rows);
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

/* Returns the status in the row, or the pretended status while it is shown. */
static DdbTableStatus
read_status(const MetaRows *rows, TimestampTz *shown_until)
{
	TimestampTz until = meta_timestamp(rows, "shown_until");
	bool		shown = until > ddb_clock_now();

	*shown_until = shown ? until : 0;
	return meta_parse_status(meta_required_text(rows, shown ? "shown_status" : "status"));
}

static void
note_stale(DdbTable *table, TimestampTz shown_until)
{
	if (shown_until != 0 &&
		(table->stale_at == 0 || shown_until < table->stale_at))
		table->stale_at = shown_until;
}

static DdbJson *
read_json(const MetaRows *rows, const char *column)
{
	Datum		datum = meta_required(rows, column);

	return ddb_json_from_jsonb((Jsonb *) PG_DETOAST_DATUM_COPY(datum));
}

/* Sets a key attribute from two columns; returns false if either is NULL. */
static bool
read_key(DdbKeyAttribute *key, const char *name, const char *type)
{
	if (name == NULL || type == NULL)
		return false;
	key->name = ddb_text_from_cstring(name);
	if (!ddb_type_from_tag(ddb_text_from_cstring(type), &key->type) ||
		!ddb_type_is_scalar_key(key->type))
		elog(ERROR, "unknown key type \"%s\" in dynamo_catalog.tables", type);
	return true;
}

static void
read_ttl(DdbTable *table, const MetaRows *rows)
{
	table->ttl.status =
		meta_parse_ttl_status(meta_required_text(rows, "ttl_status"));
	table->ttl.attribute = meta_text(rows, "ttl_attribute");
	table->ttl.changed_at = meta_timestamp(rows, "ttl_changed_at");
	table->ttl.index =
		relation_in_data_schema(ddb_name_of_index(table->heap_name, "ttl"));
}

static void
read_index(const DdbTable *table, DdbIndex *index, const MetaRows *rows)
{
	index->name = ddb_text_from_cstring(meta_required_text(rows, "index_name"));
	index->is_global = strcmp(meta_required_text(rows, "kind"), "GLOBAL") == 0;
	index->relation_name = meta_required_text(rows, "relation_name");
	index->status = read_status(rows, &index->shown_until);
	index->backfilling = DatumGetBool(meta_required(rows, "backfilling"));
	index->definition = read_json(rows, "definition");
	index->relid = relation_in_data_schema(index->relation_name);
	read_key_schema(table, index);
	read_projection(table, index);
}

/* CreateTable and UpdateTable check this, but rows can be changed by hand. */
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

/* Either argument may be NULL. */
static bool
same_text(const char *left, const char *right)
{
	if (left == NULL || right == NULL)
		return left == right;
	return strcmp(left, right) == 0;
}

/* Types of key attributes follow from the table's definition. */
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
