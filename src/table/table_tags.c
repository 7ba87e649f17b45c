/*
 * table_tags.c
 *	  The tags of tables.
 */
#include "postgres.h"

#include "model/model.h"
#include "table/table_int.h"

/* Limits of the service, in characters and in tags. */
#define MAX_KEY_LENGTH 128
#define MAX_VALUE_LENGTH 256
#define MAX_TAGS 50

static void too_many_tags(void) pg_attribute_noreturn();
static void check_key(const char *key);
static bool is_legal(const char *text, int min, int max);
static void check_duplicates(const DdbJson *tags);

void
ddb_table_check_tags(const DdbJson *tags)
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
ddb_table_put_tags(const char *table_name, const DdbJson *tags)
{

	if (tags == NULL)
		return;
	if (tags->count > MAX_TAGS)
		too_many_tags();		/* before each tag takes a statement */
	ddb_json_foreach(element, tags)
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

void
ddb_table_check_tag_keys(const DdbJson *keys)
{

	ddb_json_foreach(key, keys)
		check_key(key->text.data);
}

void
ddb_table_remove_tags(const char *table_name, const DdbJson *keys)
{
	DdbLookup	asked;
	ListCell   *cell;

	ddb_lookup_init(&asked, keys->count);
	ddb_json_foreach(key, keys)
		ddb_lookup_add(&asked, key->text);
	ddb_lookup_sort(&asked);

	/* A table has at most fifty tags, however many keys the request has. */
	foreach(cell, ddb_meta_list_tags(table_name))
	{
		const DdbTag *old = lfirst(cell);

		if (ddb_lookup_find(&asked, ddb_text_from_cstring(old->key)) >= 0)
			ddb_meta_delete_tag(table_name, old->key);
	}
}

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
 * Returns whether a text consists of letters, digits, spaces and a few signs.
 * Beyond ASCII everything but control characters is allowed.
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
	const DdbJson *right;

	if (tags == NULL || tags->count > MAX_TAGS)
		return;					/* there are too many anyway */
	ddb_json_foreach(left, tags)
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
