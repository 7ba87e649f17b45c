/*
 * table_description.c
 *	  TableDescription, in the answers of operations on tables.
 *
 * Which members are left out, and when, follows the service.  Clients depend on it.
 */
#include "postgres.h"

#include "table/table_int.h"
#include "core/clock.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

static void write_whole(DdbJsonWriter *writer, const DdbTable *table,
						DdbTableDescription description);
static void write_common(DdbJsonWriter *writer, const DdbTable *table,
						 bool billing);
static void write_key_schema(DdbJsonWriter *writer, const DdbTable *table);
static void write_billing_mode(DdbJsonWriter *writer, const DdbTable *table,
							   bool changing);
static void write_table_class(DdbJsonWriter *writer, const DdbTable *table);
static void write_encryption(DdbJsonWriter *writer, const DdbTable *table,
							 bool encrypting);
static void write_warm_throughput(DdbJsonWriter *writer, const DdbTable *table,
								  bool warming);

void
ddb_table_describe(DdbJsonWriter *writer, const DdbTable *table,
				   DdbTableDescription description)
{
	ddb_json_begin_object(writer);
	write_common(writer, table, description.billing);
	if (!description.brief)
		write_whole(writer, table, description);
	ddb_json_end_object(writer);
}

/* Writes the members that even a table in status DELETING shows. */
static void
write_common(DdbJsonWriter *writer, const DdbTable *table, bool billing)
{
	pg_uuid_t	id = table->id;
	int64		items;
	int64		bytes;

	ddb_store_statistics(table, &items, &bytes);
	ddb_json_string_member(writer, "TableName", table->name);
	ddb_json_string_member(writer, "TableStatus",
						   ddb_table_status_name(table->status));
	ddb_json_string_member(writer, "TableArn", ddb_table_arn(table->name));
	ddb_json_string_member(writer, "TableId",
						   DatumGetCString(DirectFunctionCall1(uuid_out,
										   UUIDPGetDatum(&id))));
	ddb_json_int_member(writer, "TableSizeBytes", bytes);
	ddb_json_int_member(writer, "ItemCount", items);
	table_write_throughput(writer, table->definition,
						   table_is_on_demand(table->definition));
	write_billing_mode(writer, table, billing);
	ddb_json_bool_member(writer, "DeletionProtectionEnabled",
						 ddb_request_bool(table->definition, "DeletionProtectionEnabled",
										  false));
}

static void
write_whole(DdbJsonWriter *writer, const DdbTable *table,
			DdbTableDescription description)
{
	const DdbJson *attributes = ddb_json_get(table->definition,
											 "AttributeDefinitions");

	if (attributes != NULL)
		ddb_json_tree_member(writer, "AttributeDefinitions", attributes);
	write_key_schema(writer, table);
	ddb_json_epoch_member(writer, "CreationDateTime",
						  ddb_clock_unix_microseconds(table->created_at));
	table_write_indexes(writer, table);
	write_encryption(writer, table, description.encrypting);
	write_table_class(writer, table);
	table_write_maxima(writer, table->definition);
	write_warm_throughput(writer, table, description.warming);
}

static void
write_key_schema(DdbJsonWriter *writer, const DdbTable *table)
{
	int			i;

	ddb_json_name(writer, "KeySchema");
	ddb_json_begin_array(writer);
	for (i = 0; i < table->key_count; i++)
	{
		ddb_json_begin_object(writer);
		ddb_json_text_member(writer, "AttributeName", table->keys[i].name);
		ddb_json_string_member(writer, "KeyType", i == 0 ? "HASH" : "RANGE");
		ddb_json_end_object(writer);
	}
	ddb_json_end_array(writer);
}

/* Shown for a table that has, or once had, on-demand billing. */
static void
write_billing_mode(DdbJsonWriter *writer, const DdbTable *table, bool changing)
{
	bool		on_demand = table_is_on_demand(table->definition);
	const DdbJson *changed = ddb_json_get(table->definition,
										  "LastUpdateToPayPerRequestDateTime");

	if (!on_demand && changed == NULL)
		return;
	ddb_json_name(writer, "BillingModeSummary");
	ddb_json_begin_object(writer);
	ddb_json_string_member(writer, "BillingMode",
						   on_demand ? "PAY_PER_REQUEST" : "PROVISIONED");
	/* Not shown for a table being created, or while the mode is changed. */
	if (changed != NULL && !(on_demand && changing) &&
		table->status != DDB_TABLE_CREATING)
	{
		ddb_json_tree_member(writer, "LastUpdateToPayPerRequestDateTime", changed);
	}
	ddb_json_end_object(writer);
}

static void
write_table_class(DdbJsonWriter *writer, const DdbTable *table)
{
	const char *class = ddb_request_string(table->definition, "TableClass", NULL);
	const DdbJson *changed = ddb_json_get(table->definition,
										  "LastUpdateTableClassDateTime");

	if (class == NULL)
		return;
	ddb_json_name(writer, "TableClassSummary");
	ddb_json_begin_object(writer);
	ddb_json_string_member(writer, "TableClass", class);
	if (changed != NULL)
		ddb_json_tree_member(writer, "LastUpdateDateTime", changed);
	ddb_json_end_object(writer);
}

/* Shown only if the customer manages the key. */
static void
write_encryption(DdbJsonWriter *writer, const DdbTable *table, bool encrypting)
{
	const char *key = table_encryption_key(ddb_json_get(table->definition,
														"SSESpecification"));

	if (key == NULL)
		return;
	ddb_json_name(writer, "SSEDescription");
	ddb_json_begin_object(writer);
	ddb_json_string_member(writer, "Status", encrypting ? "UPDATING" : "ENABLED");
	ddb_json_string_member(writer, "SSEType", "KMS");
	ddb_json_string_member(writer, "KMSMasterKeyArn", key);
	ddb_json_end_object(writer);
}

static void
write_warm_throughput(DdbJsonWriter *writer, const DdbTable *table, bool warming)
{
	bool		on_demand = table_is_on_demand(table->definition);
	DdbTableStatus status = warming ? DDB_TABLE_UPDATING : DDB_TABLE_ACTIVE;

	if (table->status == DDB_TABLE_CREATING)
	{
		/* Shows only what was requested. */
		if (ddb_json_get(table->definition, "WarmThroughput") == NULL)
			return;
		status = table_warmth_status_of_new(table->definition, on_demand);
	}
	table_write_warmth(writer, table_warmth(table->definition, on_demand),
					   ddb_table_status_name(status));
}

DdbTable *
ddb_table_copy(const DdbTable *table)
{
	DdbTable   *copy = palloc(sizeof(DdbTable));

	*copy = *table;
	copy->indexes = palloc(Max(table->index_count, 1) * sizeof(DdbIndex));
	memcpy(copy->indexes, table->indexes, table->index_count * sizeof(DdbIndex));
	return copy;
}
