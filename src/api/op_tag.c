/*
 * op_tag.c
 *	  TagResource, UntagResource, ListTagsOfResource, and the tags that
 *	  CreateTable is given.
 *
 * What has tags is a table.  The service takes ARNs of streams, too; there is
 * nothing to say about one that does not exist.
 */
#include "postgres.h"

#include "api/api_int.h"
#include "core/guc.h"
#include "value/lookup.h"

#define INVALID "One or more parameter values were invalid: "

/* Limits of the service, in characters and in tags. */
#define MAX_KEY_LENGTH 128
#define MAX_VALUE_LENGTH 256
#define MAX_TAGS 50

/* How the resource of a table begins. */
#define TABLE_RESOURCE "table/"

/* The parts of an ARN. */
enum
{
	ARN, PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE, PARTS
};

typedef struct TagState
{
	const char *arn;
	const char *table_name;		/* NULL: the ARN is of something else */
	bool		foreign;		/* of another service or account */
} TagState;

static void prepare_tag(DdbCall *call);
static void prepare_untag(DdbCall *call);
static void prepare_list(DdbCall *call);
static bool tag(DdbCall *call);
static bool untag(DdbCall *call);
static bool list(DdbCall *call);
static void read_resource(DdbCall *call);
static bool is_foreign(const DdbCall *call);
static List *resources(const DdbCall *call);
static void split_arn(const char *arn, const char **parts);
static const char *read_table(const char *arn, const char *resource);
static void not_a_resource(const char *arn) pg_attribute_noreturn();
static void check_key(const char *key);
static bool is_legal(const char *text, int min, int max);
static void check_duplicates(const DdbJson *tags);
static void too_many_tags(void) pg_attribute_noreturn();
static void lock_resource(const DdbCall *call);
static void no_such_resource(const TagState *state) pg_attribute_noreturn();

const DdbHandler ddb_op_tag_resource = {
	.state_size = sizeof(TagState), .prepare = prepare_tag, .step = tag,
	.resources = resources
};
const DdbHandler ddb_op_untag_resource = {
	.state_size = sizeof(TagState), .prepare = prepare_untag, .step = untag,
	.resources = resources
};
const DdbHandler ddb_op_list_tags_of_resource = {
	.state_size = sizeof(TagState), .prepare = prepare_list, .step = list,
	.resources = resources
};

void
api_check_tags(const DdbJson *tags)
{
	const DdbJson *element;

	for (element = tags != NULL ? tags->first : NULL; element != NULL;
		 element = element->next)
	{
		const char *value = ddb_request_string(element, "Value", NULL);

		check_key(ddb_request_string(element, "Key", NULL));
		if (value == NULL || !is_legal(value, 0, MAX_VALUE_LENGTH))
			ddb_error(DDB_ERROR_VALIDATION,
					  "The Tag Value provided is invalid, Value: %s",
					  value != NULL ? value : "null");
	}
	check_duplicates(tags);
}

void
api_put_tags(const char *table_name, const DdbJson *tags)
{
	const DdbJson *element;

	if (tags == NULL)
		return;
	if (tags->count > MAX_TAGS)
		too_many_tags();		/* before each of them is a statement */
	for (element = tags->first; element != NULL; element = element->next)
	{
		DdbTag		new = {
			.key = ddb_request_string(element, "Key", NULL),
			.value = ddb_request_string(element, "Value", NULL),
		};

		ddb_meta_put_tag(table_name, &new);
	}
	if (ddb_meta_count_tags(table_name) > MAX_TAGS)
		too_many_tags();
}

static void
too_many_tags(void)
{
	ddb_error(DDB_ERROR_VALIDATION,
			  "Number of Tags exceed the current limit for the provided "
			  "ResourceArn");
}

static void
prepare_tag(DdbCall *call)
{
	const DdbJson *tags = ddb_json_get(call->request, "Tags");

	read_resource(call);
	if (is_foreign(call))
		return;
	if (tags->count == 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Atleast one Tag needs to be provided as Input.");
	api_check_tags(tags);
}

static void
prepare_untag(DdbCall *call)
{
	const DdbJson *keys = ddb_json_get(call->request, "TagKeys");
	const DdbJson *key;

	read_resource(call);
	if (is_foreign(call))
		return;
	if (keys->count == 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Atleast one Tag Key needs to be provided as Input.");
	for (key = keys->first; key != NULL; key = key->next)
		check_key(key->text.data);
}

static void
prepare_list(DdbCall *call)
{
	read_resource(call);
}

/* The answer to a change has no body at all. */
static bool
tag(DdbCall *call)
{
	const TagState *state = call->state;

	lock_resource(call);
	api_put_tags(state->table_name, ddb_json_get(call->request, "Tags"));
	return true;
}

static bool
untag(DdbCall *call)
{
	const TagState *state = call->state;
	const DdbJson *keys = ddb_json_get(call->request, "TagKeys");
	const DdbJson *key;
	DdbLookup	asked;
	ListCell   *cell;

	lock_resource(call);
	ddb_lookup_init(&asked, keys->count);
	for (key = keys->first; key != NULL; key = key->next)
		ddb_lookup_add(&asked, key->text);
	ddb_lookup_sort(&asked);

	/* However many keys there are, a table has at most fifty tags. */
	foreach(cell, ddb_meta_list_tags(state->table_name))
	{
		const DdbTag *old = lfirst(cell);

		if (ddb_lookup_find(&asked, ddb_text_from_cstring(old->key)) >= 0)
			ddb_meta_delete_tag(state->table_name, old->key);
	}
	return true;
}

/*
 * All of them, at most fifty, and no NextToken: older records show pages of
 * ten, those since 2024 do not.  A token in the request means nothing.
 */
static bool
list(DdbCall *call)
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
		ddb_json_name(&call->writer, "Key");
		ddb_json_string(&call->writer, tag->key);
		ddb_json_name(&call->writer, "Value");
		ddb_json_string(&call->writer, tag->value);
		ddb_json_end_object(&call->writer);
	}
	ddb_json_end_array(&call->writer);
	ddb_json_end_object(&call->writer);
	return true;
}

/* ------------------------------------------------------------------- ARNs */

/*
 * Check ResourceArn, from the outside in.  What belongs to another service or
 * account is a matter of rights, wherever it is: nothing else is said of such
 * a request, and that not before there is a user whom it can be said of.
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
resources(const DdbCall *call)
{
	const TagState *state = call->state;
	DdbResource *resource = api_resource_of_table(state->table_name);

	resource->arn = state->arn;
	resource->foreign = state->foreign;
	return list_make1(resource);
}

/* Its six parts; the last one may have colons. */
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

/* The name of the table; NULL when the resource is a stream of one. */
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

/* Tags are changed under a lock, or two changes could together be too many. */
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

/* ------------------------------------------------------------ keys, values */

static void
check_key(const char *key)
{
	if (key == NULL || !is_legal(key, 1, MAX_KEY_LENGTH))
		ddb_error(DDB_ERROR_VALIDATION, "The Tag Key provided is invalid, Key: %s",
				  key != NULL ? key : "null");
	if (strncmp(key, "aws:", 4) == 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Tag Key cannot be prefixed with aws:, Key: %s", key);
}

/*
 * Letters, digits, spaces and a few signs.  Beyond ASCII everything but
 * control characters passes for one of them.
 */
static bool
is_legal(const char *text, int min, int max)
{
	int			length = 0;

	for (; *text != '\0'; text++)
	{
		unsigned char c = *text;

		if (c < 0x80 && !isalnum(c) && strchr(" +-=._:/@", c) == NULL)
			return false;
		if (c == 0xC2 && (unsigned char) text[1] < 0xA0)
			return false;
		if ((c & 0xC0) != 0x80)
			length++;
	}
	return length >= min && length <= max;
}

static void
check_duplicates(const DdbJson *tags)
{
	const DdbJson *left;
	const DdbJson *right;

	if (tags == NULL || tags->count > MAX_TAGS)
		return;					/* too many, whichever they are */
	for (left = tags->first; left != NULL; left = left->next)
	{
		const char *key = ddb_request_string(left, "Key", "");

		for (right = tags->first; right != left; right = right->next)
		{
			if (strcmp(key, ddb_request_string(right, "Key", "")) == 0)
				ddb_error(DDB_ERROR_VALIDATION,
						  "Duplicate Tag Keys provided as input: "
						  "Duplicate Tag Key found %s", key);
		}
	}
}
