/*
 * op_tag.c
 *	  TagResource, UntagResource and ListTagsOfResource.
 *
 * Tables have tags.  The service also accepts ARNs of streams; here there are no
 * streams, so such a resource is not found.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "core/guc.h"

#define INVALID "One or more parameter values were invalid: "

/* The beginning of a table's resource in an ARN. */
#define TABLE_RESOURCE "table/"

/* The parts of an ARN. */
enum
{
	ARN, PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE, PARTS
};

typedef struct TagState
{
	const char *arn;
	const char *table_name;		/* NULL: the ARN is not of a table */
	bool		foreign;		/* of another service or account */
} TagState;

static void tag_resource_prepare(DdbCall *call);
static void untag_resource_prepare(DdbCall *call);
static void list_tags_prepare(DdbCall *call);
static bool tag_resource_step(DdbCall *call);
static bool untag_resource_step(DdbCall *call);
static bool list_tags_step(DdbCall *call);
static void read_resource(DdbCall *call);
static bool is_foreign(const DdbCall *call);
static List *tag_resources(const DdbCall *call);
static void split_arn(const char *arn, const char **parts);
static const char *read_table(const char *arn, const char *resource);
static void not_a_resource(const char *arn) pg_attribute_noreturn();
static void lock_resource(const DdbCall *call);
static void no_such_resource(const TagState *state) pg_attribute_noreturn();

const DdbHandler ddb_op_tag_resource = {
	.state_size = sizeof(TagState), .prepare = tag_resource_prepare,
	.step = tag_resource_step, .resources = tag_resources
};
const DdbHandler ddb_op_untag_resource = {
	.state_size = sizeof(TagState), .prepare = untag_resource_prepare,
	.step = untag_resource_step, .resources = tag_resources
};
const DdbHandler ddb_op_list_tags_of_resource = {
	.state_size = sizeof(TagState), .prepare = list_tags_prepare,
	.step = list_tags_step, .resources = tag_resources
};

static void
tag_resource_prepare(DdbCall *call)
{
	const DdbJson *tags = ddb_json_get(call->request, "Tags");

	read_resource(call);
	if (is_foreign(call))
		return;
	if (tags->count == 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Atleast one Tag needs to be provided as Input.");
	ddb_table_check_tags(tags);
}

static void
untag_resource_prepare(DdbCall *call)
{
	const DdbJson *keys = ddb_json_get(call->request, "TagKeys");

	read_resource(call);
	if (is_foreign(call))
		return;
	if (keys->count == 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Atleast one Tag Key needs to be provided as Input.");
	ddb_table_check_tag_keys(keys);
}

static void
list_tags_prepare(DdbCall *call)
{
	read_resource(call);
}

/* The answer to a change has no body. */
static bool
tag_resource_step(DdbCall *call)
{
	const TagState *state = call->state;

	lock_resource(call);
	ddb_table_put_tags(state->table_name, ddb_json_get(call->request, "Tags"));
	return true;
}

static bool
untag_resource_step(DdbCall *call)
{
	const TagState *state = call->state;

	lock_resource(call);
	ddb_table_remove_tags(state->table_name, ddb_json_get(call->request, "TagKeys"));
	return true;
}

/*
 * Lists all tags, at most fifty, without NextToken.  Older records show pages of
 * ten, records since 2024 do not.  A token in the request is ignored.
 */
static bool
list_tags_step(DdbCall *call)
{
	const TagState *state = call->state;
	const DdbTable *table = state->table_name == NULL ? NULL :
		ddb_meta_look_up(state->table_name);
	ListCell   *cell;

	if (table == NULL || table->status == DDB_TABLE_DELETING)
		no_such_resource(state);

	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "Tags");
	ddb_json_begin_array(&call->writer);
	foreach(cell, ddb_meta_list_tags(table->name))
	{
		const DdbTag *tag = lfirst(cell);

		ddb_json_begin_object(&call->writer);
		ddb_json_string_member(&call->writer, "Key", tag->key);
		ddb_json_string_member(&call->writer, "Value", tag->value);
		ddb_json_end_object(&call->writer);
	}
	ddb_json_end_array(&call->writer);
	ddb_json_end_object(&call->writer);
	return true;
}

/* ------------------------------------------------------------------- ARNs */

/*
 * Checks ResourceArn, from left to right.  If it belongs to another service or
 * account, the request gets AccessDeniedException and no other error.  That error
 * names the user, so it is raised in the step.
 */
static void
read_resource(DdbCall *call)
{
	TagState   *state = call->state;
	const char *parts[PARTS] = {NULL};

	state->arn = ddb_request_string(call->request, "ResourceArn", "");
	split_arn(state->arn, parts);
	if (strcmp(parts[SERVICE], "dynamodb") != 0 ||
		strcmp(parts[ACCOUNT], ddb_setting_account_id) != 0)
	{
		state->foreign = true;
		return;
	}
	if (strcmp(parts[PARTITION], ddb_settings_partition()) != 0 ||
		strcmp(parts[REGION], ddb_setting_region) != 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Invalid TableArn: Invalid ResourceArn provided as input %s",
				  state->arn);
	state->table_name = read_table(state->arn, parts[RESOURCE]);
}

static bool
is_foreign(const DdbCall *call)
{
	return ((const TagState *) call->state)->foreign;
}

static List *
tag_resources(const DdbCall *call)
{
	const TagState *state = call->state;
	DdbResource *resource = api_resource_of_table(state->table_name);

	resource->arn = state->arn;
	resource->foreign = state->foreign;
	return list_make1(resource);
}

/* Splits an ARN into its six parts.  The last part may have colons. */
static void
split_arn(const char *arn, const char **parts)
{
	const char *rest = arn;
	int			i;

	if (strncmp(rest, "arn:", 4) != 0)
		ddb_error(DDB_ERROR_VALIDATION, INVALID "ARNs must start with 'arn:': %s",
				  arn);
	for (i = ARN; i < RESOURCE; i++)
	{
		const char *colon = strchr(rest, ':');

		if (colon == NULL)
			not_a_resource(arn);
		parts[i] = pnstrdup(rest, colon - rest);
		rest = colon + 1;
	}
	parts[RESOURCE] = rest;
}

/* Returns the table's name, NULL if the resource is a stream. */
static const char *
read_table(const char *arn, const char *resource)
{
	const char *name = resource + strlen(TABLE_RESOURCE);
	const char *slash;

	if (strncmp(resource, TABLE_RESOURCE, strlen(TABLE_RESOURCE)) != 0 ||
		name[0] == '\0')
		not_a_resource(arn);
	slash = strchr(name, '/');
	if (slash != NULL && strncmp(slash, "/stream/", 8) != 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "Invalid resource arn provided, only table or stream is "
				  "accepted. Provided resource arn: %s", arn);
	return slash == NULL ? name : NULL;
}

static void
not_a_resource(const char *arn)
{
	ddb_error(DDB_ERROR_VALIDATION,
			  INVALID "Provided Arn is not a DynamoDB resource arn: %s", arn);
}

/* Locks the table, because two changes at once could add too many tags. */
static void
lock_resource(const DdbCall *call)
{
	const TagState *state = call->state;
	const DdbTable *table;

	if (state->table_name == NULL || !ddb_meta_lock(state->table_name))
		no_such_resource(state);
	table = ddb_meta_look_up(state->table_name);
	if (table == NULL)
		no_such_resource(state);
	if (table->status == DDB_TABLE_CREATING || table->status == DDB_TABLE_DELETING)
		ddb_error(DDB_ERROR_RESOURCE_IN_USE,
				  "Attempt to change a resource which is still in use: "
				  "Table is being %s: %s",
				  table->status == DDB_TABLE_CREATING ? "created" : "deleted",
				  table->name);
}

static void
no_such_resource(const TagState *state)
{
	ddb_error(DDB_ERROR_RESOURCE_NOT_FOUND,
			  "Requested resource not found: ResourceArn: %s not found", state->arn);
}
