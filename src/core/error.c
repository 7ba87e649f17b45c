/*
 * error.c
 *	  Raising the service's errors, and turning a caught error into the
 *	  failure that is reported to a client.
 *
 * Our errors are ordinary PostgreSQL errors.  The SQLSTATE (class ND) gives
 * the type, the message is "Type: text", and the detail holds structured
 * extras as JSON.  So a SQL caller sees the same facts as an HTTP client, and
 * the HTTP side recovers them from the SQLSTATE and the texts alone.
 */
#include "postgres.h"

#include "core/error.h"
#include "core/format.h"
#include "utils/elog.h"

/* Prefixes of __type; the column in error_types.def names one of them. */
#define PREFIX_VALIDATE "com.amazon.coral.validate#"
#define PREFIX_SERVICE "com.amazon.coral.service#"
#define PREFIX_AVAILABILITY "com.amazon.coral.availability#"
#define PREFIX_DYNAMODB "com.amazonaws.dynamodb.v20120810#"

typedef struct ErrorType
{
	const char *name;
	const char *prefix;
	int			status;
	const char *member;
	const char *sqlstate;
} ErrorType;

static const ErrorType error_types[] = {
#define DDB_ERROR_TYPE(suffix, type_name, type_prefix, http, message_member, state) \
	[DDB_ERROR_##suffix] = { \
		.name = type_name, .prefix = PREFIX_##type_prefix, .status = http, \
		.member = message_member, .sqlstate = state \
	},
#include "core/error_types.def"
#undef DDB_ERROR_TYPE
};

StaticAssertDecl(lengthof(error_types) == DDB_ERROR_COUNT,
				 "every error type has its row");

/* How PostgreSQL's own errors are reported; any other becomes INTERNAL. */
typedef struct ForeignError
{
	const char *sqlstate;
	DdbErrorType type;
	const char *message;		/* NULL: PostgreSQL's own message */
} ForeignError;

static const ForeignError foreign_errors[] = {
	/* a constraint or trigger that users put on their table */
	{"23514", DDB_ERROR_VALIDATION, NULL},
	{"23503", DDB_ERROR_VALIDATION, NULL},
	{"23505", DDB_ERROR_VALIDATION, NULL},
	{"23502", DDB_ERROR_VALIDATION, NULL},
	{"P0001", DDB_ERROR_VALIDATION, NULL},
	/* the table went away between look-up and use */
	{"42P01", DDB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found"},
	/* an object that users made, such as a view, depends on it */
	{"2BP01", DDB_ERROR_RESOURCE_IN_USE, NULL},
	{"55P03", DDB_ERROR_TRANSACTION_CONFLICT, "Transaction is ongoing for the item"},
	{"42501", DDB_ERROR_ACCESS_DENIED, NULL},
	{"25006", DDB_ERROR_SERVICE_UNAVAILABLE,
	"This server is a standby: it answers eventually consistent reads only."},
};

static int
sqlstate_code(const char *sqlstate)
{
	return MAKE_SQLSTATE(sqlstate[0], sqlstate[1], sqlstate[2], sqlstate[3],
						 sqlstate[4]);
}

static void
raise(DdbErrorType type, const char *extras, char *message)
{
	const ErrorType *row = &error_types[type];

	if (message != NULL)
		message[ddb_clip(message, strlen(message), DDB_MESSAGE_MAX)] = '\0';
	ereport(ERROR,
			(errcode(sqlstate_code(row->sqlstate)),
			 message != NULL ?
			 errmsg_internal("%s: %s", row->name, message) :
			 errmsg_internal("%s", row->name),
			 extras != NULL ? errdetail_internal("%s", extras) : 0));
}

void
ddb_error(DdbErrorType type, const char *format,...)
{
	va_list		args;
	char	   *message;

	va_start(args, format);
	message = ddb_format(format, args);
	va_end(args);
	raise(type, NULL, message);
	pg_unreachable();
}

void
ddb_error_bare(DdbErrorType type)
{
	raise(type, NULL, NULL);
	pg_unreachable();
}

void
ddb_error_extras(DdbErrorType type, const char *extras, const char *format,...)
{
	va_list		args;
	char	   *message;

	va_start(args, format);
	message = ddb_format(format, args);
	va_end(args);
	raise(type, extras, message);
	pg_unreachable();
}

const char *
ddb_error_name(DdbErrorType type)
{
	return error_types[type].name;
}

const char *
ddb_error_prefix(DdbErrorType type)
{
	return error_types[type].prefix;
}

const char *
ddb_error_member(DdbErrorType type)
{
	return error_types[type].member;
}

int
ddb_error_status(DdbErrorType type)
{
	return error_types[type].status;
}

DdbFailure
ddb_error_classify(const ErrorData *edata, bool *internal)
{
	DdbFailure	failure = {.type = DDB_ERROR_INTERNAL};
	int			i;

	*internal = false;
	for (i = 0; i < DDB_ERROR_COUNT; i++)
	{
		const ErrorType *row = &error_types[i];
		size_t		length = strlen(row->name);

		if (edata->sqlerrcode != sqlstate_code(row->sqlstate))
			continue;
		failure.type = (DdbErrorType) i;
		if (edata->message != NULL &&
			strncmp(edata->message, row->name, length) == 0 &&
			strncmp(edata->message + length, ": ", 2) == 0)
			failure.message = pstrdup(edata->message + length + 2);
		if (edata->detail != NULL)
			failure.extras = pstrdup(edata->detail);
		return failure;
	}

	for (i = 0; i < lengthof(foreign_errors); i++)
	{
		const ForeignError *row = &foreign_errors[i];

		if (edata->sqlerrcode != sqlstate_code(row->sqlstate))
			continue;
		failure.type = row->type;
		failure.message = row->message != NULL ? row->message :
			pstrdup(edata->message ? edata->message : "");
		return failure;
	}

	*internal = true;
	failure.message = "Internal server error";
	return failure;
}
