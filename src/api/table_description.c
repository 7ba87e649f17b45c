/*
 * table_description.c
 *	  TableDescription, as CreateTable, DescribeTable and DeleteTable answer it.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "core/clock.h"
#include "core/guc.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

static void write_what_goes_first(DdbJsonWriter *writer, const DdbTable *table,
								  DdbTableStatus status);
static void write_attribute_definitions(DdbJsonWriter *writer,
										const DdbTable *table);
static void write_key_schema(DdbJsonWriter *writer, const DdbTable *table);
static void write_throughput(DdbJsonWriter *writer, const DdbTable *table);
static void write_billing_mode(DdbJsonWriter *writer, const DdbTable *table,
							   DdbTableStatus status);
static void write_on_demand_throughput(DdbJsonWriter *writer,
									   const DdbTable *table);
static void write_warm_throughput(DdbJsonWriter *writer, const DdbTable *table);
static void write_table_class(DdbJsonWriter *writer, const DdbTable *table);
static void write_encryption(DdbJsonWriter *writer, const DdbTable *table);
static void write_if_set(DdbJsonWriter *writer, const DdbTable *table,
						 const char *member);

static bool
is_on_demand(const DdbTable *table)
{
	return strcmp(ddb_request_string(table->definition, "BillingMode",
									 "PROVISIONED"), "PAY_PER_REQUEST") == 0;
}

void
api_write_table_description(DdbJsonWriter *writer, const DdbTable *table,
							DdbTableStatus status)
{
	pg_uuid_t	id = table->id;
	int64		items;
	int64		bytes;

	ddb_store_statistics(table, &items, &bytes);
	ddb_json_begin_object(writer);
	ddb_json_name(writer, "TableName");
	ddb_json_string(writer, table->name);
	ddb_json_name(writer, "TableStatus");
	ddb_json_string(writer, ddb_table_status_name(status));
	write_throughput(writer, table);
	ddb_json_name(writer, "TableSizeBytes");
	ddb_json_int(writer, bytes);
	ddb_json_name(writer, "ItemCount");
	ddb_json_int(writer, items);
	ddb_json_name(writer, "TableArn");
	ddb_json_string(writer, api_table_arn(table->name));
	ddb_json_name(writer, "TableId");
	ddb_json_string(writer, DatumGetCString(DirectFunctionCall1(uuid_out,
																UUIDPGetDatum(&id))));
	write_billing_mode(writer, table, status);
	ddb_json_name(writer, "DeletionProtectionEnabled");
	ddb_json_bool(writer, ddb_request_bool(table->definition,
										   "DeletionProtectionEnabled", false));
	if (status != DDB_TABLE_DELETING)
		write_what_goes_first(writer, table, status);
	ddb_json_end_object(writer);
}

/* What the service does not show any more of a table that is being deleted. */
static void
write_what_goes_first(DdbJsonWriter *writer, const DdbTable *table,
					  DdbTableStatus status)
{
	write_attribute_definitions(writer, table);
	write_key_schema(writer, table);
	ddb_json_name(writer, "CreationDateTime");
	ddb_json_epoch(writer, ddb_clock_unix_microseconds(table->created_at));
	write_encryption(writer, table);
	write_table_class(writer, table);
	write_on_demand_throughput(writer, table);

	/* CreateTable answers only what it was asked for. */
	if (status != DDB_TABLE_CREATING ||
		ddb_json_get(table->definition, "WarmThroughput") != NULL)
		write_warm_throughput(writer, table);
}

/* Stored sorted by name. */
static void
write_attribute_definitions(DdbJsonWriter *writer, const DdbTable *table)
{
	write_if_set(writer, table, "AttributeDefinitions");
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
		ddb_json_name(writer, "AttributeName");
		ddb_json_text(writer, table->keys[i].name);
		ddb_json_name(writer, "KeyType");
		ddb_json_string(writer, i == 0 ? "HASH" : "RANGE");
		ddb_json_end_object(writer);
	}
	ddb_json_end_array(writer);
}

static void
write_throughput(DdbJsonWriter *writer, const DdbTable *table)
{
	const DdbJson *throughput = ddb_json_get(table->definition,
											 "ProvisionedThroughput");

	ddb_json_name(writer, "ProvisionedThroughput");
	ddb_json_begin_object(writer);
	ddb_json_name(writer, "NumberOfDecreasesToday");
	ddb_json_int(writer, 0);
	ddb_json_name(writer, "ReadCapacityUnits");
	ddb_json_int(writer, throughput == NULL ? 0 :
				 ddb_request_int(throughput, "ReadCapacityUnits", 0));
	ddb_json_name(writer, "WriteCapacityUnits");
	ddb_json_int(writer, throughput == NULL ? 0 :
				 ddb_request_int(throughput, "WriteCapacityUnits", 0));
	ddb_json_end_object(writer);
}

static void
write_billing_mode(DdbJsonWriter *writer, const DdbTable *table,
				   DdbTableStatus status)
{
	if (!is_on_demand(table))
		return;
	ddb_json_name(writer, "BillingModeSummary");
	ddb_json_begin_object(writer);
	ddb_json_name(writer, "BillingMode");
	ddb_json_string(writer, "PAY_PER_REQUEST");
	if (status == DDB_TABLE_ACTIVE)
	{
		ddb_json_name(writer, "LastUpdateToPayPerRequestDateTime");
		ddb_json_epoch(writer, ddb_clock_unix_microseconds(table->created_at));
	}
	ddb_json_end_object(writer);
}

/* A maximum of -1 is none; it is not shown. */
static void
write_on_demand_throughput(DdbJsonWriter *writer, const DdbTable *table)
{
	const DdbJson *maxima = ddb_json_get(table->definition, "OnDemandThroughput");
	int64		reads;
	int64		writes;

	if (maxima == NULL)
		return;
	reads = ddb_request_int(maxima, "MaxReadRequestUnits", -1);
	writes = ddb_request_int(maxima, "MaxWriteRequestUnits", -1);
	if (reads == -1 && writes == -1)
		return;
	ddb_json_name(writer, "OnDemandThroughput");
	ddb_json_begin_object(writer);
	if (reads != -1)
	{
		ddb_json_name(writer, "MaxReadRequestUnits");
		ddb_json_int(writer, reads);
	}
	if (writes != -1)
	{
		ddb_json_name(writer, "MaxWriteRequestUnits");
		ddb_json_int(writer, writes);
	}
	ddb_json_end_object(writer);
}

static void
write_warm_throughput(DdbJsonWriter *writer, const DdbTable *table)
{
	const DdbJson *warm = ddb_json_get(table->definition, "WarmThroughput");
	const DdbJson *provisioned = ddb_json_get(table->definition,
											  "ProvisionedThroughput");
	int64		reads = API_WARM_READ_UNITS;
	int64		writes = API_WARM_WRITE_UNITS;

	if (provisioned != NULL)
	{
		reads = ddb_request_int(provisioned, "ReadCapacityUnits", reads);
		writes = ddb_request_int(provisioned, "WriteCapacityUnits", writes);
	}
	if (warm != NULL)
	{
		reads = ddb_request_int(warm, "ReadUnitsPerSecond", reads);
		writes = ddb_request_int(warm, "WriteUnitsPerSecond", writes);
	}
	ddb_json_name(writer, "WarmThroughput");
	ddb_json_begin_object(writer);
	ddb_json_name(writer, "ReadUnitsPerSecond");
	ddb_json_int(writer, reads);
	ddb_json_name(writer, "WriteUnitsPerSecond");
	ddb_json_int(writer, writes);
	ddb_json_name(writer, "Status");
	ddb_json_string(writer, "ACTIVE");
	ddb_json_end_object(writer);
}

static void
write_table_class(DdbJsonWriter *writer, const DdbTable *table)
{
	const char *class = ddb_request_string(table->definition, "TableClass", NULL);

	if (class == NULL)
		return;
	ddb_json_name(writer, "TableClassSummary");
	ddb_json_begin_object(writer);
	ddb_json_name(writer, "TableClass");
	ddb_json_string(writer, class);
	ddb_json_end_object(writer);
}

/* Shown only with a key of the customer's. */
static void
write_encryption(DdbJsonWriter *writer, const DdbTable *table)
{
	const DdbJson *sse = ddb_json_get(table->definition, "SSESpecification");
	const char *key;

	if (sse == NULL || !ddb_request_bool(sse, "Enabled", false))
		return;
	key = ddb_request_string(sse, "KMSMasterKeyId", "alias/aws/dynamodb");
	ddb_json_name(writer, "SSEDescription");
	ddb_json_begin_object(writer);
	ddb_json_name(writer, "Status");
	ddb_json_string(writer, "ENABLED");
	ddb_json_name(writer, "SSEType");
	ddb_json_string(writer, "KMS");
	ddb_json_name(writer, "KMSMasterKeyArn");
	ddb_json_string(writer, strncmp(key, "arn:", 4) == 0 ? key :
					psprintf("arn:%s:kms:%s:%s:%s%s", ddb_settings_partition(),
							 ddb_setting_region, ddb_setting_account_id,
							 strncmp(key, "alias/", 6) == 0 ? "" : "key/", key));
	ddb_json_end_object(writer);
}

static void
write_if_set(DdbJsonWriter *writer, const DdbTable *table, const char *member)
{
	const DdbJson *value = ddb_json_get(table->definition, member);

	if (value == NULL)
		return;
	ddb_json_name(writer, member);
	ddb_json_tree(writer, value);
}
