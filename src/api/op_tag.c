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
#include "mb/pg_wchar.h"
#include "value/base64.h"

#define INVALID "One or more parameter values were invalid: "

/* Limits of the service, in characters and in tags. */
#define MAX_KEY_LENGTH 128
#define MAX_VALUE_LENGTH 256
#define MAX_TAGS 50

/* Tags on a page of ListTagsOfResource. */
#define PAGE_SIZE 10

/* What NextToken says, in base64: that it is one, and the last key listed. */
#define TOKEN_PREFIX "tags-after:"

typedef struct TagState
{
	const char *arn;
	const char *table_name;		/* NULL: the ARN is of something else */
} TagState;

static void prepare_tag(DdbCall *call);
static void prepare_untag(DdbCall *call);
static void prepare_list(DdbCall *call);
static bool tag(DdbCall *call);
static bool untag(DdbCall *call);
static bool list(DdbCall *call);
static void read_resource(DdbCall *call);
static void check_key(const char *key);
static bool is_legal(const char *text, int min, int max);
static void check_duplicates(const DdbJson *tags);
static void lock_resource(const DdbCall *call);
static void no_such_resource(const TagState *state) pg_attribute_noreturn();
static const char *read_token(const DdbJson *request);
static const char *make_token(const char *key);

const DdbHandler ddb_op_tag_resource = {
	.state_size = sizeof(TagState), .prepare = prepare_tag, .step = tag
};
const DdbHandler ddb_op_untag_resource = {
	.state_size = sizeof(TagState), .prepare = prepare_untag, .step = untag
};
const DdbHandler ddb_op_list_tags_of_resource = {
	.state_size = sizeof(TagState), .prepare = prepare_list, .step = list
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
	for (element = tags->first; element != NULL; element = element->next)
	{
		DdbTag		new = {
			.key = ddb_request_string(element, "Key", NULL),
			.value = ddb_request_string(element, "Value", NULL),
		};

		ddb_meta_put_tag(table_name, &new);
	}
	if (ddb_meta_count_tags(table_name) > MAX_TAGS)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Number of Tags exceed the current limit for the provided "
				  "ResourceArn");
}

static void
prepare_tag(DdbCall *call)
{
	const DdbJson *tags = ddb_json_get(call->request, "Tags");

	read_resource(call);
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
	const DdbJson *key;

	lock_resource(call);
	for (key = ddb_json_get(call->request, "TagKeys")->first; key != NULL;
		 key = key->next)
		ddb_meta_delete_tag(state->table_name, key->text.data);
	return true;
}

static bool
list(DdbCall *call)
{
	const TagState *state = call->state;
	const DdbTable *table = state->table_name == NULL ? NULL :
		ddb_meta_look_up(state->table_name);
	const DdbTag *tag = NULL;
	List	   *tags;
	ListCell   *cell;

	if (table == NULL || table->status == DDB_TABLE_DELETING)
		no_such_resource(state);
	api_check_may_describe(call, table);
	tags = ddb_meta_list_tags(table->name, read_token(call->request),
							  PAGE_SIZE + 1);

	ddb_json_begin_object(&call->writer);
	ddb_json_name(&call->writer, "Tags");
	ddb_json_begin_array(&call->writer);
	foreach(cell, tags)
	{
		if (foreach_current_index(cell) == PAGE_SIZE)
			break;
		tag = lfirst(cell);
		ddb_json_begin_object(&call->writer);
		ddb_json_name(&call->writer, "Key");
		ddb_json_string(&call->writer, tag->key);
		ddb_json_name(&call->writer, "Value");
		ddb_json_string(&call->writer, tag->value);
		ddb_json_end_object(&call->writer);
	}
	ddb_json_end_array(&call->writer);
	if (list_length(tags) > PAGE_SIZE)
	{
		ddb_json_name(&call->writer, "NextToken");
		ddb_json_string(&call->writer, make_token(tag->key));
	}
	ddb_json_end_object(&call->writer);
	return true;
}

/* ------------------------------------------------------------------- ARNs */

/* Check ResourceArn, from the outside in. */
static void
read_resource(DdbCall *call)
{
	enum
	{
		ARN, PARTITION, SERVICE, REGION, ACCOUNT, RESOURCE, PARTS
	};
	TagState   *state = call->state;
	const char *rest = ddb_request_string(call->request, "ResourceArn", "");
	const char *parts[PARTS] = {NULL};
	const char *name;
	char	   *slash;
	int			i;

	state->arn = rest;
	if (strncmp(rest, "arn:", 4) != 0)
		ddb_error(DDB_ERROR_VALIDATION, INVALID "ARNs must start with 'arn:': %s",
				  rest);
	for (i = ARN; i < RESOURCE && rest != NULL; i++)
	{
		const char *colon = strchr(rest, ':');

		if (colon != NULL)
			parts[i] = pnstrdup(rest, colon - rest);
		rest = colon != NULL ? colon + 1 : NULL;
	}
	if (rest == NULL || strcmp(parts[SERVICE], "dynamodb") != 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "Provided Arn is not a DynamoDB resource arn: %s",
				  state->arn);
	if (strcmp(parts[PARTITION], "aws") != 0 ||
		strcmp(parts[REGION], ddb_setting_region) != 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  "Invalid TableArn: Invalid ResourceArn provided as input %s",
				  state->arn);
	name = strncmp(rest, "table/", 6) == 0 ? rest + 6 : NULL;
	slash = name != NULL ? strchr(name, '/') : NULL;
	if (name == NULL || name[0] == '\0' ||
		(slash != NULL && strncmp(slash, "/stream/", 8) != 0))
		ddb_error(DDB_ERROR_VALIDATION,
				  INVALID "Invalid resource arn provided, only table or stream is "
				  "accepted. Provided resource arn: %s", state->arn);
	if (slash == NULL && strcmp(parts[ACCOUNT], ddb_setting_account_id) == 0)
		state->table_name = name;
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
	api_check_may_change(call, table);
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

/* ------------------------------------------------------------------- pages */

/* The key to go on after; one that is no token of ours means the first page. */
static const char *
read_token(const DdbJson *request)
{
	const DdbJson *token = ddb_json_get(request, "NextToken");
	DdbText		text;

	if (token == NULL || ddb_base64_check(token->text) != DDB_BASE64_OK)
		return "";
	text = ddb_base64_decode(token->text);
	if (text.len < strlen(TOKEN_PREFIX) ||
		memcmp(text.data, TOKEN_PREFIX, strlen(TOKEN_PREFIX)) != 0 ||
		memchr(text.data, '\0', text.len) != NULL ||
		!pg_verify_mbstr(PG_UTF8, text.data, text.len, true))
		return "";
	return pnstrdup(text.data + strlen(TOKEN_PREFIX),
					text.len - strlen(TOKEN_PREFIX));
}

static const char *
make_token(const char *key)
{
	const char *text = psprintf(TOKEN_PREFIX "%s", key);
	DdbText		token = ddb_base64_encode(ddb_text_from_cstring(text));

	return pnstrdup(token.data, token.len);
}
