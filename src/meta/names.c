/*
 * names.c
 *	  Names of relations in schema dynamo_data.
 *
 * The names are stored in the catalogs of existing databases.  If the rules
 * here change, those tables are lost.
 */
#include "postgres.h"

#include "core/digest.h"
#include "meta/names.h"

#define DIGEST_DIGITS 16

static char *shorten(const char *name, int room);

char *
ddb_name_of_heap(const char *table_name)
{
	return shorten(table_name, NAMEDATALEN - 1);
}

char *
ddb_name_of_index(const char *heap_name, const char *role)
{
	char	   *base = shorten(heap_name, NAMEDATALEN - 1 - strlen(role) - 1);

	return psprintf("%s:%s", base, role);
}

char *
ddb_name_of_secondary_index(const char *heap_name, const char *index_name)
{
	return shorten(psprintf("%s:i:%s", heap_name, index_name), NAMEDATALEN - 1);
}

/* Names of tables and indexes are ASCII, so no character is cut in half. */
static char *
shorten(const char *name, int room)
{
	char		hex[PG_SHA256_DIGEST_STRING_LENGTH];

	if (strlen(name) <= room)
		return pstrdup(name);
	ddb_sha256_hex(name, strlen(name), hex);
	return psprintf("%.*s:%.*s", room - DIGEST_DIGITS - 1, name,
					DIGEST_DIGITS, hex);
}
