/*
 * auth.c
 *	  Checks of the form of a request's signature, in the service's order.
 */
#include "postgres.h"

#include "auth/auth.h"
#include "core/error.h"
#include "lib/stringinfo.h"

static void check_header(const DdbAuthRequest *request);
static void check_query(const DdbAuthRequest *request);
static bool has_parameter(char **parts, int count, const char *name);
static int	split_parts(const char *header, char ***parts);

void
ddb_auth_check(const DdbAuthRequest *request)
{
	if (request->authorization != NULL && request->query_algorithm != NULL)
		ddb_error(DDB_ERROR_INVALID_SIGNATURE,
				  "Found both 'X-Amz-Algorithm' as a query-string param and "
				  "'Authorization' as HTTP header.");
	if (request->query_algorithm != NULL)
		check_query(request);
	else if (request->authorization != NULL &&
			 strncmp(request->authorization, "AWS4-", 5) == 0)
		check_header(request);
	else
		ddb_error(DDB_ERROR_MISSING_AUTHENTICATION_TOKEN,
				  "Request is missing Authentication Token");
}

static void
check_header(const DdbAuthRequest *request)
{
	static const char *const required[] = {
		"Credential", "Signature", "SignedHeaders"
	};
	StringInfoData missing;
	char	  **parts;
	int			count = split_parts(request->authorization, &parts);
	int			i;

	for (i = 0; i < count; i++)
	{
		if (strchr(parts[i], '=') == NULL)
			ddb_error(DDB_ERROR_INCOMPLETE_SIGNATURE,
					  "'%s' not a valid key=value pair (missing equal-sign) in "
					  "Authorization header: '%s'.", parts[i],
					  request->authorization);
	}
	initStringInfo(&missing);
	for (i = 0; i < lengthof(required); i++)
	{
		if (!has_parameter(parts, count, required[i]))
			appendStringInfo(&missing,
							 "Authorization header requires '%s' parameter. ",
							 required[i]);
	}
	if (request->date == NULL)
		appendStringInfoString(&missing,
							   "Authorization header requires existence of either a "
							   "'X-Amz-Date' or a 'Date' header. ");
	if (missing.len > 0)
		ddb_error(DDB_ERROR_INCOMPLETE_SIGNATURE, "%sAuthorization=%s",
				  missing.data, request->authorization);
}

static void
check_query(const DdbAuthRequest *request)
{
	const struct
	{
		const char *name;
		const char *value;
	}			required[] = {
		{"X-Amz-Algorithm", request->query_algorithm},
		{"X-Amz-Credential", request->query_credential},
		{"X-Amz-Signature", request->query_signature},
		{"X-Amz-SignedHeaders", request->query_signed_headers},
		{"X-Amz-Date", request->query_date},
	};
	StringInfoData missing;
	int			i;

	initStringInfo(&missing);
	for (i = 0; i < lengthof(required); i++)
	{
		if (required[i].value == NULL || required[i].value[0] == '\0')
			appendStringInfo(&missing,
							 "AWS query-string parameters must include '%s'. ",
							 required[i].name);
	}
	if (missing.len > 0)
		ddb_error(DDB_ERROR_INCOMPLETE_SIGNATURE,
				  "%sRe-examine the query-string parameters.", missing.data);
}

/* Returns whether a part begins with "name=".  The value may be empty. */
static bool
has_parameter(char **parts, int count, const char *name)
{
	size_t		length = strlen(name);
	int			i;

	for (i = 0; i < count; i++)
	{
		if (strncmp(parts[i], name, length) == 0 && parts[i][length] == '=')
			return true;
	}
	return false;
}

/* Returns the parts after the algorithm, separated by commas or blanks. */
static int
split_parts(const char *header, char ***parts)
{
	const char *blank = strchr(header, ' ');
	char	   *copy;
	char	   *part;
	char	   *rest;
	int			count = 0;

	copy = pstrdup(blank != NULL ? blank : "");
	*parts = palloc((strlen(copy) + 1) * sizeof(char *));
	for (part = strtok_r(copy, ", \t", &rest); part != NULL;
		 part = strtok_r(NULL, ", \t", &rest))
		(*parts)[count++] = part;
	return count;
}
