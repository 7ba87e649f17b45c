/*
 * table_index_change.c
 *	  GlobalSecondaryIndexUpdates of UpdateTable: creating, changing and deleting
 *	  an index.
 *
 * An index is built in the background while writes continue.  Until it is ready its
 * status is CREATING.  If no server serves the database, it is built here.
 */
#include "postgres.h"

#include "core/background.h"
#include "core/guc.h"
#include "core/lock.h"
#include "meta/names.h"
#include "table/table_int.h"

/* One element of the list. */
typedef struct Update
{
	DdbTableStatus kind;		/* CREATING, UPDATING or DELETING */
	const DdbJson *action;
	const char *name;			/* of the index */
	const DdbIndex *index;		/* the existing index, or NULL */
} Update;

static const struct
{
	const char *member;
	DdbTableStatus kind;
}			actions[] = {
	{"Update", DDB_TABLE_UPDATING},
	{"Create", DDB_TABLE_CREATING},
	{"Delete", DDB_TABLE_DELETING},
};

static const DdbJson *updates_of(const DdbJson *request);
static Update read_update(const DdbJson *element, const DdbTable *table);
static void check_one_action(const DdbJson *element);
static void check_same_index(const DdbJson *list);
static void check_one_at_a_time(const TableChange *change);
static bool is_under_way(const DdbIndex *index);
static void check_existing(const TableChange *change, const Update *update);
static void check_index_state(const DdbTable *table, const Update *update);
static const DdbJson *throughput_for(const TableChange *change,
									 const char *name);
static TableIndexChange *plan_index(TableChange *change, const char *name,
									DdbTableStatus status);
static void plan_update(TableChange *change, const Update *update);
static void plan_create(TableChange *change, const Update *update);
static void check_create(const TableChange *change, const Update *update);
static void check_redefinitions(const TableChange *change,
								const Update *update,
								const TableDefinitions *definitions);
static void check_redefinition(const TableDefinitions *definitions,
							   const DdbJson *schema, TableKeySchema existing);
static void check_limits(const TableChange *change, const Update *update);
static void plan_delete(TableChange *change, const Update *update);
static void plan_switches(TableChange *change);
static bool is_planned(const TableChange *change, const char *name);
static void create_index(const TableChange *change,
						 const TableIndexChange *index);
static void delete_index(const TableChange *change,
						 const TableIndexChange *index);

/* -------------------------------------------------- without the table */

void
table_check_index_updates(const DdbJson *request)
{
	const DdbJson *list = updates_of(request);

	if (list == NULL)
		return;
	if (table_first(list) == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "List of GlobalSecondaryIndexUpdates is empty");
	ddb_json_foreach(element, list)
	{
		Update		update = read_update(element, NULL);

		if (update.action != NULL)
			table_check_units(ddb_json_get(update.action, "ProvisionedThroughput"),
							  update.name);
	}
	ddb_json_foreach(element, list)
		check_one_action(element);
	check_same_index(list);
}

bool
table_remakes_index(const DdbJson *request)
{
	ddb_json_foreach(element, updates_of(request))
	{
		if (read_update(element, NULL).kind != DDB_TABLE_UPDATING)
			return true;
	}
	return false;
}

static const DdbJson *
updates_of(const DdbJson *request)
{
	return ddb_json_get(request, "GlobalSecondaryIndexUpdates");
}

/* The action is NULL if there is none.  table may be NULL. */
static Update
read_update(const DdbJson *element, const DdbTable *table)
{
	Update		update = {.kind = DDB_TABLE_UPDATING, .name = ""};
	int			i;

	for (i = 0; i < lengthof(actions) && update.action == NULL; i++)
	{
		update.action = ddb_json_get(element, actions[i].member);
		if (update.action != NULL)
			update.kind = actions[i].kind;
	}
	if (update.action != NULL)
		update.name = ddb_request_string(update.action, "IndexName", "");
	if (table != NULL)
		update.index = ddb_meta_find_index(table, update.name);
	return update;
}

static void
check_one_action(const DdbJson *element)
{
	int			count = 0;
	int			i;

	for (i = 0; i < lengthof(actions); i++)
	{
		if (ddb_json_get(element, actions[i].member) != NULL)
			count++;
	}
	if (count == 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "One of GlobalSecondaryIndexUpdate.Update, "
				  "GlobalSecondaryIndexUpdate.Create, "
				  "GlobalSecondaryIndexUpdate.Delete must not be null");
	if (count > 1)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Only one global secondary index action is allowed per "
				  "GlobalSecondaryIndexUpdate object");
}

static void
check_same_index(const DdbJson *list)
{
	DdbLookup	names;
	const DdbPlace *repeated;

	ddb_lookup_init(&names, list->count);
	ddb_json_foreach(element, list)
		ddb_lookup_add(&names, ddb_text_from_cstring(read_update(element, NULL).name));
	ddb_lookup_sort(&names);
	repeated = ddb_lookup_repeated(&names);
	if (repeated != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "Only one global secondary index update per "
				  "index is allowed simultaneously. Index: %s", repeated->text.data);
}

/* -------------------------------------------------- the indexes there are */

void
table_check_index_targets(const TableChange *change)
{
	check_one_at_a_time(change);
	ddb_json_foreach(element, updates_of(change->request))
	{
		Update		update = read_update(element, change->table);

		if (update.kind == DDB_TABLE_UPDATING)
			check_existing(change, &update);
	}
}

/* Checks indexes that are created or deleted. */
static void
check_one_at_a_time(const TableChange *change)
{
	const DdbTable *table = change->table;
	int			count = 0;
	int			i;

	if (!table_remakes_index(change->request))
		return;
	for (i = 0; i < table->index_count; i++)
	{
		if (is_under_way(&table->indexes[i]))
			count++;
	}
	ddb_json_foreach(element, updates_of(change->request))
	{
		Update		update = read_update(element, table);

		/* Deleting an index that is being created does not count again. */
		if (update.kind != DDB_TABLE_UPDATING &&
			(update.index == NULL || !is_under_way(update.index)))
			count++;
	}
	if (count > 1)
		ddb_error(DDB_ERROR_LIMIT_EXCEEDED,
				  "Subscriber limit exceeded: Only 1 online index can be created or "
				  "deleted simultaneously per table");
}

static bool
is_under_way(const DdbIndex *index)
{
	return index->status == DDB_TABLE_CREATING ||
		index->status == DDB_TABLE_DELETING;
}

static void
check_existing(const TableChange *change, const Update *update)
{
	if (update->index == NULL)
		ddb_error(DDB_ERROR_RESOURCE_NOT_FOUND,
				  "Requested resource not found: Index %s for table %s",
				  update->name, change->table->name);
	if (!update->index->is_global)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Cannot %s an index that is not a GlobalSecondaryIndex: %s",
				  update->kind == DDB_TABLE_DELETING ? "delete" : "update",
				  update->name);
	check_index_state(change->table, update);
}

static void
check_index_state(const DdbTable *table, const Update *update)
{
	switch (update->index->status)
	{
		case DDB_TABLE_ACTIVE:
			return;
		case DDB_TABLE_CREATING:
			/* An index can be changed and deleted while it is backfilling. */
			if (table->status == DDB_TABLE_ACTIVE)
				return;
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  TABLE_IN_USE "Index is being created but is not backfilling yet.  "
					  "Table: %s Index: %s", table->name, update->name);
		case DDB_TABLE_UPDATING:
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  TABLE_IN_USE "Index is being updated.  Table: %s Index: %s",
					  table->name, update->name);
		case DDB_TABLE_DELETING:
			ddb_error(DDB_ERROR_RESOURCE_IN_USE,
					  TABLE_IN_USE "Index is being deleted.  Table: %s Index: %s",
					  table->name, update->name);
	}
}

/* Checks a change to provisioned capacity. */
void
table_check_every_index_has_throughput(const TableChange *change)
{
	StringInfoData missing;
	int			i;

	initStringInfo(&missing);
	for (i = 0; i < change->table->index_count; i++)
	{
		const DdbIndex *index = &change->table->indexes[i];

		if (index->is_global &&
			throughput_for(change, index->name.data) == NULL)
			appendStringInfo(&missing, "%s%s", missing.len > 0 ? "," : "",
							 index->name.data);
	}
	if (missing.len > 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "ProvisionedThroughput must be specified for index: %s",
				  missing.data);
}

/* Returns the request's throughput for an existing index, or NULL. */
static const DdbJson *
throughput_for(const TableChange *change, const char *name)
{
	ddb_json_foreach(element, updates_of(change->request))
	{
		Update		update = read_update(element, NULL);

		if (update.kind == DDB_TABLE_UPDATING && strcmp(update.name, name) == 0)
			return ddb_json_get(update.action, "ProvisionedThroughput");
	}
	return NULL;
}

/* ------------------------------------------------------------ the plan */

void
table_plan_index_updates(TableChange *change)
{
	ddb_json_foreach(element, updates_of(change->request))
	{
		Update		update = read_update(element, change->table);

		if (update.kind == DDB_TABLE_UPDATING && update.index == NULL)
			elog(ERROR, "index \"%s\" was not looked for", update.name);
		switch (update.kind)
		{
			case DDB_TABLE_CREATING:
				plan_create(change, &update);
				break;
			case DDB_TABLE_UPDATING:
				plan_update(change, &update);
				break;
			case DDB_TABLE_DELETING:
				plan_delete(change, &update);
				break;
			case DDB_TABLE_ACTIVE:
				break;
		}
	}
	if (change->on_demand != change->was_on_demand)
		plan_switches(change);
}

static TableIndexChange *
plan_index(TableChange *change, const char *name, DdbTableStatus status)
{
	TableIndexChange *index = palloc0(sizeof(TableIndexChange));

	index->name = name;
	index->status = status;
	change->indexes = lappend(change->indexes, index);
	return index;
}

static void
plan_update(TableChange *change, const Update *update)
{
	const DdbJson *definition = update->index->definition;
	const DdbJson *throughput = ddb_json_get(update->action, "ProvisionedThroughput");
	const DdbJson *maxima = ddb_json_get(update->action, "OnDemandThroughput");
	const DdbJson *warm = ddb_json_get(update->action, "WarmThroughput");
	bool		switches = change->on_demand != change->was_on_demand;
	TableWarmth	now = table_warmth(definition, change->was_on_demand);
	TableMembers	members = {0};
	DdbTableStatus status = DDB_TABLE_ACTIVE;

	if (change->on_demand && throughput != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "ProvisionedThroughput should not be specified for "
				  "index: %s when BillingMode is PAY_PER_REQUEST", update->name);
	if (throughput != NULL && !switches)
		table_check_throughput_differs(definition, update->name, throughput);
	table_check_quota(throughput);
	if (throughput != NULL || switches)
	{
		table_change_throughput(&members, change, definition, throughput);
		status = DDB_TABLE_UPDATING;
	}
	if (!change->on_demand)
		table_check_no_maxima(maxima, "the table BillingMode is PROVISIONED");
	table_check_maxima(maxima, update->name, false);
	if (maxima != NULL)
	{
		const DdbJson *old = ddb_json_get(definition, "OnDemandThroughput");

		table_set_member(&members, "OnDemandThroughput",
						 table_maxima_json(switches ? NULL : old, maxima));
		change->show_new |= throughput == NULL;
	}
	if (warm != NULL)
	{
		table_check_warmer(warm, update->name, now);
		table_set_member(&members, "WarmThroughput",
						 table_warmth_json(table_warmth_asked(warm, now)));
		status = DDB_TABLE_UPDATING;
	}
	if (members.count > 0)
		plan_index(change, update->name, status)->definition =
			table_definition(definition, &members);
}

static void
plan_create(TableChange *change, const Update *update)
{
	const DdbTable *table = change->table;
	const DdbJson *definitions = ddb_json_get(change->request,
											  "AttributeDefinitions");

	if (update->index != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Attempting to create an index which already exists");
	check_create(change, update);
	check_limits(change, update);

	table_set_member(&change->members, "AttributeDefinitions",
					 table_more_attributes_json(ddb_json_get(table->definition,
															 "AttributeDefinitions"),
												definitions,
												ddb_json_get(update->action,
															 "KeySchema")));
	plan_index(change, update->name, DDB_TABLE_CREATING)->definition =
		table_index_definition(update->action);
	change->updating = true;
	change->show_new = true;
}

/* Raises the errors that CreateTable would raise. */
static void
check_create(const TableChange *change, const Update *update)
{
	const DdbJson *list = ddb_json_get(change->request, "AttributeDefinitions");
	const DdbJson *maxima = ddb_json_get(update->action, "OnDemandThroughput");
	const DdbJson *throughput = ddb_json_get(update->action,
											 "ProvisionedThroughput");
	TableDefinitions definitions;

	if (list == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "AttributeDefinitions is not specified for index: %s",
				  update->name);
	if (ddb_json_get(update->action, "KeySchema")->count > list->count)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Invalid KeySchema: Some index key attribute have no definition");
	definitions = table_read_definitions(list);
	table_check_global_index(update->action, &definitions, change->on_demand);
	check_redefinitions(change, update, &definitions);
	if (!change->on_demand)
		table_check_no_maxima(maxima, "the table BillingMode is PROVISIONED");
	table_check_maxima(maxima, update->name, true);
	table_check_warm(ddb_json_get(update->action, "WarmThroughput"), update->name,
					 throughput);
	table_check_quota(throughput);
}

/*
 * An attribute has one type in all keys of a table.  Older records say that a
 * second type is ignored; in 2026 the service refuses it.
 */
static void
check_redefinitions(const TableChange *change, const Update *update,
					const TableDefinitions *definitions)
{
	const DdbTable *table = change->table;
	const DdbJson *schema = ddb_json_get(update->action, "KeySchema");
	int			i;

	check_redefinition(definitions, schema, (TableKeySchema)
					   {
						   table->keys, table->key_count, 1
					   });
	for (i = 0; i < table->index_count; i++)
	{
		const DdbIndex *index = &table->indexes[i];

		check_redefinition(definitions, schema, (TableKeySchema)
						   {
							   index->keys, index->key_count, index->hash_count
						   });
	}
}

static void
check_redefinition(const TableDefinitions *definitions, const DdbJson *schema,
				   TableKeySchema existing)
{
	int			i;

	for (i = 0; i < existing.count; i++)
	{
		const DdbKeyAttribute *key = &existing.keys[i];

		if (table_schema_names(schema, key->name.data) &&
			table_defined_type(definitions, key->name.data) != key->type)
			ddb_error(DDB_ERROR_VALIDATION,
					  TABLE_INVALID "Attributes cannot be redefined. Please check that "
					  "your attribute has the same type as previously defined. "
					  "Existing schema: %s New schema: %s",
					  table_print_keys(existing),
					  table_print_schema(schema, definitions));
	}
}

static void
check_limits(const TableChange *change, const Update *update)
{
	const DdbTable *table = change->table;
	int			projected = table_projected_count(update->action);
	int			count = 1;
	int			i;

	for (i = 0; i < table->index_count; i++)
	{
		projected += table_projected_count(table->indexes[i].definition);
		if (table->indexes[i].is_global)
			count++;
	}
	table_check_projected_count(projected);
	if (count > DDB_TABLE_MAX_GLOBAL_INDEXES)
		ddb_error(DDB_ERROR_LIMIT_EXCEEDED,
				  "Subscriber limit exceeded: Number of global secondary indexes "
				  "exceeds per-table limit of %d", DDB_TABLE_MAX_GLOBAL_INDEXES);
}

static void
plan_delete(TableChange *change, const Update *update)
{
	check_existing(change, update);
	(void) plan_index(change, update->name, DDB_TABLE_DELETING);
	change->updating = true;
}

/* A change of the billing mode applies to all indexes. */
static void
plan_switches(TableChange *change)
{
	int			i;

	for (i = 0; i < change->table->index_count; i++)
	{
		const DdbIndex *index = &change->table->indexes[i];
		TableMembers	members = {0};

		if (!index->is_global || is_planned(change, index->name.data))
			continue;
		table_change_throughput(&members, change, index->definition, NULL);
		plan_index(change, index->name.data, DDB_TABLE_UPDATING)->definition =
			table_definition(index->definition, &members);
	}
}

static bool
is_planned(const TableChange *change, const char *name)
{
	ListCell   *cell;

	foreach(cell, change->indexes)
	{
		if (strcmp(((const TableIndexChange *) lfirst(cell))->name, name) == 0)
			return true;
	}
	return false;
}

/* ------------------------------------------------------ the changes made */

void
table_apply_index_changes(const TableChange *change)
{
	ListCell   *cell;

	foreach(cell, change->indexes)
	{
		const TableIndexChange *index = lfirst(cell);

		if (index->status == DDB_TABLE_CREATING)
			create_index(change, index);
		else if (index->status == DDB_TABLE_DELETING)
			delete_index(change, index);
		else
			ddb_meta_set_index_definition(change->table->name, index->name,
										  index->definition);
		if (index->status != DDB_TABLE_ACTIVE)
			table_show_status(change->table->name, index->name, index->status);
	}
}

static void
create_index(const TableChange *change, const TableIndexChange *index)
{
	const DdbTable *table = change->table;
	bool		later = ddb_background_serves();
	DdbIndexRow row = {
		.table_name = table->name,
		.name = index->name,
		.is_global = true,
		.relation_name = ddb_name_of_secondary_index(table->heap_name, index->name),
		.status = later ? DDB_TABLE_CREATING : DDB_TABLE_ACTIVE,
		.backfilling = later,
		.definition = index->definition,
	};

	ddb_meta_insert_index(&row);
	if (later)
		ddb_background_wake();
	else
	{
		const DdbIndex *made;

		table = ddb_meta_look_up(table->name);
		made = table != NULL ? ddb_meta_find_index(table, index->name) : NULL;
		if (made == NULL)
			elog(ERROR, "index \"%s\" is not there after it was created", index->name);
		ddb_store_create_index(ddb_store_secondary_index(table, made));
		ddb_store_analyze(table);
	}
}

/*
 * As with tables: the index is dropped now, or has the status DELETING until it is
 * dropped in the background.  An index that is being built is in use by the builder.
 */
static void
delete_index(const TableChange *change, const TableIndexChange *index)
{
	const DdbTable *table = change->table;
	const DdbIndex *old = ddb_meta_find_index(table, index->name);
	bool		later = ddb_background_serves() &&
		(ddb_setting_control_plane_delay > 0 || old->backfilling);

	if (!later && ddb_store_drop_index(ddb_store_secondary_index(table, old),
									   ddb_lock_policy == DDB_LOCK_WAIT))
	{
		ddb_meta_delete_index(table->name, index->name);
		return;
	}
	ddb_meta_set_index_status(table->name, index->name, DDB_TABLE_DELETING, false);
	ddb_background_wake();
}
