/*
 * table_encryption.c
 *	  SSESpecification.
 *
 * Keys are only stored and shown.  Items are encrypted if the storage of the
 * database is.
 */
#include "postgres.h"

#include "core/digest.h"
#include "table/table_int.h"
#include "core/guc.h"

#define DEFAULT_KEY "alias/aws/dynamodb"

static bool asks_for_key(const DdbJson *encryption);
static const char *id_of_alias(const char *alias);

void
table_check_encryption(const DdbJson *encryption)
{
	const char *type;
	const char *key;
	bool		enabled;

	if (encryption == NULL)
		return;
	type = ddb_request_string(encryption, "SSEType", NULL);
	key = ddb_request_string(encryption, "KMSMasterKeyId", NULL);
	/* SSEType alone enables encryption. */
	enabled = ddb_request_bool(encryption, "Enabled", type != NULL);
	if (!enabled && type != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "SSEType can not be specified if Enabled is false");
	if (!enabled && key != NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "KMSMasterKeyId can not be specified if Enabled is false");
	if (type != NULL && strcmp(type, "AES256") == 0)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "SSEType AES256 is not supported");
	if (key != NULL && type == NULL)
		ddb_error(DDB_ERROR_VALIDATION,
				  TABLE_INVALID "SSEType KMS is required if KMSMasterKeyId is specified");
}

char *
table_encryption_key(const DdbJson *encryption)
{
	const char *key;
	const char *alias;

	if (!asks_for_key(encryption))
		return NULL;
	key = ddb_request_string(encryption, "KMSMasterKeyId", DEFAULT_KEY);
	alias = strncmp(key, "arn:", 4) == 0 ? strstr(key, ":alias/") : NULL;
	if (alias != NULL)
		key = alias + 1;
	if (strncmp(key, "arn:", 4) == 0)
		return pstrdup(key);
	if (strncmp(key, "alias/", 6) == 0)
		key = id_of_alias(key);
	return psprintf("arn:%s:kms:%s:%s:key/%s", ddb_settings_partition(),
					ddb_setting_region, ddb_setting_account_id, key);
}

char *
table_encryption_json(const DdbJson *encryption)
{
	const char *key;
	DdbJsonWriter writer;

	if (!asks_for_key(encryption))
		return NULL;
	key = ddb_request_string(encryption, "KMSMasterKeyId", NULL);
	ddb_json_writer_init(&writer, true);
	ddb_json_begin_object(&writer);
	ddb_json_bool_member(&writer, "Enabled", true);
	if (key != NULL)
		ddb_json_string_member(&writer, "KMSMasterKeyId", key);
	ddb_json_end_object(&writer);
	return writer.buf.data;
}

/* Returns whether the key is another than the one the service owns. */
static bool
asks_for_key(const DdbJson *encryption)
{
	return encryption != NULL &&
		ddb_request_bool(encryption, "Enabled",
						 ddb_json_get(encryption, "SSEType") != NULL);
}

/*
 * The service shows the key that an alias stands for.  dynamo does not manage keys,
 * so the ARN is derived from the alias.
 */
static const char *
id_of_alias(const char *alias)
{
	char		hex[65];
	const char *seed = psprintf("%s:%s:%s", ddb_setting_region,
								ddb_setting_account_id, alias);

	ddb_sha256_hex(seed, strlen(seed), hex);
	return psprintf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
					hex + 20);
}
