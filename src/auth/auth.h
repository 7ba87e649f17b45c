/*
 * auth.h
 *	  The signature of a request, which identifies its sender.
 *
 * Requests must have a well-formed signature (Signature Version 4, in the
 * Authorization header or the query string).  With dynamo.auth_mode = any,
 * every well-formed signature is accepted.  Verification of signatures belongs
 * in ddb_auth_check(), after the checks of form.
 */
#ifndef DDB_AUTH_AUTH_H
#define DDB_AUTH_AUTH_H

#include "postgres.h"

/* What a request says about its sender.  A member is NULL if it is absent. */
typedef struct DdbAuthRequest
{
	const char *authorization;	/* header */
	const char *date;			/* header X-Amz-Date, or else Date */

	/* parameters of the query string */
	const char *query_algorithm;
	const char *query_credential;
	const char *query_signature;
	const char *query_signed_headers;
	const char *query_date;
} DdbAuthRequest;

/* Raises the service's authentication errors. */
extern void ddb_auth_check(const DdbAuthRequest *request);

#endif							/* DDB_AUTH_AUTH_H */
