/*
 * digest.c
 *	  SHA-256, by PostgreSQL's own code.
 */
#include "postgres.h"

#include "common/cryptohash.h"
#include "core/digest.h"

void
ddb_sha256(const void *data, size_t len, uint8 digest[PG_SHA256_DIGEST_LENGTH])
{
	pg_cryptohash_ctx *context = pg_cryptohash_create(PG_SHA256);

	if (pg_cryptohash_init(context) < 0 ||
		pg_cryptohash_update(context, (const uint8 *) data, len) < 0 ||
		pg_cryptohash_final(context, digest, PG_SHA256_DIGEST_LENGTH) < 0)
		elog(ERROR, "could not compute a SHA-256 digest");
	pg_cryptohash_free(context);
}

void
ddb_sha256_hex(const void *data, size_t len,
			   char hex[PG_SHA256_DIGEST_STRING_LENGTH])
{
	static const char digits[] = "0123456789abcdef";
	uint8		digest[PG_SHA256_DIGEST_LENGTH];
	size_t		i;

	ddb_sha256(data, len, digest);
	for (i = 0; i < PG_SHA256_DIGEST_LENGTH; i++)
	{
		hex[2 * i] = digits[digest[i] >> 4];
		hex[2 * i + 1] = digits[digest[i] & 0x0f];
	}
	hex[2 * i] = '\0';
}
