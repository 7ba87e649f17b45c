/*
 * digest.h
 *	  SHA-256, by PostgreSQL's own code.
 */
#ifndef DDB_CORE_DIGEST_H
#define DDB_CORE_DIGEST_H

#include "postgres.h"
#include "common/sha2.h"

/* The SHA-256 of len bytes. */
extern void ddb_sha256(const void *data, size_t len,
					   uint8 digest[PG_SHA256_DIGEST_LENGTH]);

/* The same in lowercase hex, 64 digits and a NUL. */
extern void ddb_sha256_hex(const void *data, size_t len,
						   char hex[PG_SHA256_DIGEST_STRING_LENGTH]);

#endif							/* DDB_CORE_DIGEST_H */
