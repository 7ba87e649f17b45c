/*
 * table_change.c
 *	  Changing a table.
 *
 * First a plan is made from the request and the present state of the table.  Then
 * everything is changed at once.  The service takes time for a change, and answers
 * with the state before it.  So our answer shows the table UPDATING, while all other
 * requests see it ACTIVE and changed after the commit.  Only an index that must be
 * built takes time here, too (table_index_change.c).
 */
#include "postgres.h"

#include "core/clock.h"
#include "table/table_int.h"

/* The members that can change a table, and which of them must be alone. */
typedef struct Change
{
	const char *member;
	const char *alone;			/* the error if it is not alone, or NULL */
} Change;

/* Errors are raised in this order. */
static const Change changes[] = {
	{"SSESpecification", "Server-Side Encryption modification"},
	{"TableClass", "TableClass modification"},
	{"DeletionProtectionEnabled", "DeletionProtection modification"},
	{"ReplicaUpdates", "Replica modification"},
	{"WarmThroughput", "WarmThroughput"},
	{"ProvisionedThroughput", NULL},
	{"BillingMode", NULL},
	{"StreamSpecification", NULL},
	{"GlobalSecondaryIndexUpdates", NULL},
	{"OnDemandThroughput", NULL},
	{"MultiRegionConsistency", NULL},
	{"GlobalTableWitnessUpdates", NULL},
	{"GlobalTableSettingsReplicationMode", NULL},
	{"DisassociationProtectionEnabled", NULL},
	{"VectorIndexUpdates", NULL},
};

static const char *const refused[] = {
	"ReplicaUpdates", "MultiRegionConsistency", "GlobalTableWitnessUpdates",
	"GlobalTableSettingsReplicationMode", "DisassociationProtectionEnabled",
	"VectorIndexUpdates", NULL
};

static void check_combination(const DdbJson *request);
static void check_billing(const DdbJson *request);
static void check_stream(const DdbJson *request);
static void check_state(const TableChange *change);
static bool can_change_while_updating(const DdbJson *request);
static void check_allocation(const TableChange *change);
static void plan_throughput(TableChange *change);
static void plan_switch(TableChange *change, const DdbJson *throughput);
static void plan_maxima(TableChange *change);
static void plan_warm(TableChange *change);
static void plan_stream(const TableChange *change);
static void plan_encryption(TableChange *change);
static void plan_class(TableChange *change);
static void plan_protection(TableChange *change);
static void apply(const TableChange *change);
static void announce(DdbTable *shown, const DdbTable *after);
static DdbTable *show(const TableChange *change);

/* -------------------------------------------------- without the table */

void
ddb_table_check_change(const DdbJson *request)
{
	check_combination(request);
	check_billing(request);
	table_check_index_updates(request);
	check_stream(request);
	table_check_encryption(ddb_json_get(request, "SSESpecification"));
	table_check_maxima(ddb_json_get(request, "OnDemandThroughput"), NULL, false);
	table_refuse_members(request, refused);
}

static void
check_combination(const DdbJson *request)
{
	bool		throughput = ddb_json_get(request, "ProvisionedThroughput") != NULL;
	bool		stream = ddb_json_get(request, "StreamSpecification") != NULL;
	int			count = 0;
	int			i;

	for (i = 0; i < lengthof(changes); i++)
	{
		if (ddb_json_get(request, changes[i].member) != NULL)
			count++;
	}
	if (count == 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "At least one of ProvisionedThroughput, BillingMode, "
				  "UpdateStreamEnabled, GlobalSecondaryIndexUpdates, SSESpecification, "
				  "ReplicaUpdates, MultiAccountReplicaReady, ReplicaTransitRoleArn, "
				  "MultiRegionConsistency, DeletionProtectionEnabled, "
				  "OnDemandThroughput, WarmThroughput or TableClass is required");
	for (i = 0; i < lengthof(changes); i++)
	{
		if (changes[i].alone != NULL && count > 1 &&
			ddb_json_get(request, changes[i].member) != NULL)
			ddb_error(DDB_ERROR_VALIDATION,
					  TABLE_INVALID "%s must be the only operation in the request",
					  changes[i].alone);
	}
	if (ddb_json_get(request, "OnDemandThroughput") != NULL &&
		count > (ddb_json_get(request, "BillingMode") != NULL ? 2 : 1))
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "OnDemandThroughput can only be combined with "
				  "BillingMode in an UpdateTable request");
	if (stream && throughput)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "You cannot modify stream status while updating table "
				  "IOPS");
	if (throughput && table_remakes_index(request))
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "You cannot create or delete index while updating table "
				  "IOPS");
	if (stream && table_remakes_index(request))
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "You cannot create or delete index while changing stream "
				  "status");
}

static void
check_billing(const DdbJson *request)
{
	const DdbJson *throughput = ddb_json_get(request, "ProvisionedThroughput");
	bool		given = ddb_json_get(request, "BillingMode") != NULL;

	if (given && table_is_on_demand(request) && throughput != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be "
				  "specified when BillingMode is PAY_PER_REQUEST");
	if (given && !table_is_on_demand(request) && throughput == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "ProvisionedThroughput must be specified when BillingMode "
				  "is PROVISIONED");
	table_check_units(throughput, NULL);
}

static void
check_stream(const DdbJson *request)
{
	const DdbJson *stream = ddb_json_get(request, "StreamSpecification");
	bool		typed;

	if (stream == NULL)
		return;
	typed = ddb_json_get(stream, "StreamViewType") != NULL;
	if (ddb_request_bool(stream, "StreamEnabled", false) && !typed)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "If stream is being enabled then UpdateViewType is "
				  "required");
	if (!ddb_request_bool(stream, "StreamEnabled", false) && typed)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "If stream is being disabled, then UpdateViewType must "
				  "not be specified");
}

/* ----------------------------------------------------- with the table */

DdbTable *
ddb_table_change(const DdbJson *request, const char *name,
				 DdbTableDescription *description)
{
	TableChange change = {.request = request};

	ddb_meta_lock(name);
	change.table = ddb_meta_look_up(name);
	if (change.table == NULL || !OidIsValid(change.table->relid))
		ddb_table_not_found(name);
	change.was_on_demand = table_is_on_demand(change.table->definition);
	change.on_demand = ddb_json_get(request, "BillingMode") != NULL ?
		table_is_on_demand(request) : change.was_on_demand;

	check_state(&change);
	plan_throughput(&change);
	table_plan_index_updates(&change);
	plan_maxima(&change);
	plan_warm(&change);
	plan_stream(&change);
	plan_encryption(&change);
	plan_class(&change);
	plan_protection(&change);

	apply(&change);
	*description = change.description;
	return show(&change);
}

static void
check_state(const TableChange *change)
{
	const DdbTable *table = change->table;

	switch (table->status)
	{
		case DDB_TABLE_ACTIVE:
			return;
		case DDB_TABLE_CREATING:
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  TABLE_IN_USE "Table is being created: %s", table->name);
		case DDB_TABLE_DELETING:
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  TABLE_IN_USE "Table is being deleted: %s", table->name);
		case DDB_TABLE_UPDATING:
			break;
	}
	if (can_change_while_updating(change->request))
		return;
	check_allocation(change);
	ddb_error(DDB_ERROR_RESOURCE_IN_USE,
			  TABLE_IN_USE "Table is being updated: %s", table->name);
}

static bool
can_change_while_updating(const DdbJson *request)
{
	return ddb_json_get(request, "DeletionProtectionEnabled") != NULL ||
		ddb_json_get(request, "SSESpecification") != NULL ||
		ddb_json_get(request, "WarmThroughput") != NULL;
}

/* Returns whether an index that is allocating resources prevents the change. */
static void
check_allocation(const TableChange *change)
{
	const DdbTable *table = change->table;
	int			i;

	for (i = 0; i < table->index_count; i++)
	{
		const DdbIndex *index = &table->indexes[i];

		if (index->status != DDB_TABLE_CREATING)
			continue;
		if (ddb_json_get(change->request, "ProvisionedThroughput") != NULL ||
			ddb_json_get(change->request, "BillingMode") != NULL)
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  TABLE_IN_USE "Can't change table IOPS when an index is being "
					  "created. Table: %s Indexes: [%s]", table->name, index->name.data);
		ddb_json_foreach(update, ddb_json_get(change->request,
										   "GlobalSecondaryIndexUpdates"))
		{
			const DdbJson *delete = ddb_json_get(update, "Delete");

			if (delete != NULL &&
				strcmp(ddb_request_string(delete, "IndexName", ""),
					   index->name.data) == 0)
				ddb_error(DDB_ERROR_RESOURCE_IN_USE,
						  TABLE_IN_USE "Index creation is in resource allocation phase. "
						  "Retry deletion during backfilling phase or when the index "
						  "is active. Table: %s Index: %s", table->name,
						  index->name.data);
		}
	}
}

static void
plan_throughput(TableChange *change)
{
	const DdbJson *throughput = ddb_json_get(change->request,
											 "ProvisionedThroughput");

	if (change->on_demand && throughput != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Neither ReadCapacityUnits nor WriteCapacityUnits can be "
				  "specified when BillingMode is PAY_PER_REQUEST");
	table_check_index_targets(change);
	if (change->on_demand != change->was_on_demand)
		plan_switch(change, throughput);
	else if (throughput != NULL)
		table_check_throughput_differs(change->table->definition, NULL, throughput);
	else
		return;
	table_check_quota(throughput);
	table_change_throughput(&change->members, change, change->table->definition,
							throughput);
	change->updating = true;
}

static void
plan_switch(TableChange *change, const DdbJson *throughput)
{
	if (change->on_demand && table_remakes_index(change->request))
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "You cannot create or delete index while updating table "
				  "IOPS");
	if (change->on_demand)
	{
		table_set_member(&change->members, "BillingMode", "\"PAY_PER_REQUEST\"");
		table_set_member(&change->members, "LastUpdateToPayPerRequestDateTime",
						 table_time_json(ddb_clock_now()));
	}
	else
	{
		table_check_every_index_has_throughput(change);
		table_set_member(&change->members, "BillingMode", "\"PROVISIONED\"");
	}
	change->show_new = true;
	change->description.billing = true;
}

static void
plan_maxima(TableChange *change)
{
	const DdbJson *maxima = ddb_json_get(change->request, "OnDemandThroughput");
	const DdbJson *old = ddb_json_get(change->table->definition,
									  "OnDemandThroughput");

	if (maxima == NULL)
		return;
	if (!change->on_demand)
		table_check_no_maxima(maxima, "the table BillingMode is PROVISIONED");
	table_set_member(&change->members, "OnDemandThroughput",
					 table_maxima_json(change->was_on_demand ? old : NULL, maxima));
	change->show_new = true;
}

static void
plan_warm(TableChange *change)
{
	const DdbJson *warm = ddb_json_get(change->request, "WarmThroughput");
	TableWarmth	now = table_warmth(change->table->definition, change->was_on_demand);

	if (warm == NULL)
		return;
	table_check_warmer(warm, NULL, now);
	table_set_member(&change->members, "WarmThroughput",
					 table_warmth_json(table_warmth_asked(warm, now)));
	change->description.warming = true;
}

static void
plan_stream(const TableChange *change)
{
	const DdbJson *stream = ddb_json_get(change->request, "StreamSpecification");

	if (stream == NULL)
		return;
	if (!ddb_request_bool(stream, "StreamEnabled", false))
		ddb_error(DDB_ERROR_VALIDATION,
				  "Table has no stream to disable: TableName: %s",
				  change->table->name);
	table_refuse_member("StreamSpecification");
}

static void
plan_encryption(TableChange *change)
{
	const DdbJson *encryption = ddb_json_get(change->request, "SSESpecification");
	const char *old = table_encryption_key(ddb_json_get(change->table->definition,
														"SSESpecification"));
	const char *new = table_encryption_key(encryption);

	if (encryption == NULL)
		return;
	if (old == NULL && new == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Table is already encrypted by default");
	if (old != NULL && new != NULL && strcmp(old, new) == 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Table is already encrypted with given KMSMasterKeyId. "
				  "Use KMSMasterKeyId parameter if you want to change Master Key");
	table_set_member(&change->members, "SSESpecification",
					 table_encryption_json(encryption));
	change->show_new = new != NULL;
	change->description.encrypting = true;
}

/* A table without a stored class has the first one. */
static void
plan_class(TableChange *change)
{
	const char *class = ddb_request_string(change->request, "TableClass", NULL);

	if (class == NULL ||
		strcmp(class, ddb_request_string(change->table->definition, "TableClass",
										 "STANDARD")) == 0)
		return;
	table_set_member(&change->members, "TableClass", table_string_json(class));
	table_set_member(&change->members, "LastUpdateTableClassDateTime",
					 table_time_json(ddb_clock_now()));
	change->updating = true;
}

static void
plan_protection(TableChange *change)
{
	if (ddb_json_get(change->request, "DeletionProtectionEnabled") == NULL)
		return;
	table_set_member(&change->members, "DeletionProtectionEnabled",
					 ddb_request_bool(change->request, "DeletionProtectionEnabled",
									  false) ? "true" : NULL);
	change->show_new = true;
}

/* ------------------------------------------------------- the change made */

static void
apply(const TableChange *change)
{
	const DdbTable *table = change->table;

	if (change->members.count > 0)
		ddb_meta_set_definition(table->name,
								table_definition(table->definition, &change->members));
	if (change->updating)
		table_show_status(table->name, NULL, DDB_TABLE_UPDATING);
	table_apply_index_changes(change);
}

/* Sets the dates that descriptions show at once after a change. */
static void
announce(DdbTable *shown, const DdbTable *after)
{
	int			i;

	shown->definition = table_announce_throughput(shown->definition,
												  after->definition);
	for (i = 0; i < shown->index_count; i++)
	{
		DdbIndex   *index = &shown->indexes[i];
		const DdbIndex *new = ddb_meta_find_index(after, index->name.data);

		if (new != NULL)
			index->definition = table_announce_throughput(index->definition,
														  new->definition);
	}
}

/* Returns the table as the answer shows it. */
static DdbTable *
show(const TableChange *change)
{
	const DdbTable *after = ddb_meta_look_up(change->table->name);
	DdbTable   *shown;
	ListCell   *cell;
	int			i;

	if (after == NULL)
		elog(ERROR, "table \"%s\" is not there after it was changed",
			 change->table->name);
	shown = ddb_table_copy(change->show_new ? after : change->table);
	if (!change->show_new)
		announce(shown, after);
	shown->status = change->updating ? DDB_TABLE_UPDATING : change->table->status;
	foreach(cell, change->indexes)
	{
		const TableIndexChange *index = lfirst(cell);

		for (i = 0; i < shown->index_count; i++)
		{
			if (strcmp(shown->indexes[i].name.data, index->name) == 0)
				shown->indexes[i].status = index->status;
		}
	}
	return shown;
}
