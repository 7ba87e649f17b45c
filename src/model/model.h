/*
 * model.h
 *	  The model of the service: operations, the shapes of their requests, and
 *	  the one validator that walks them.
 */
#ifndef DDB_MODEL_MODEL_H
#define DDB_MODEL_MODEL_H

#include "postgres.h"
#include "value/json.h"

typedef enum DdbOperationId
{
#define DDB_OPERATION(suffix, function, name, api, mode, resource) \
	DDB_OPERATION_##suffix,
#include "model/operation.def"
#undef DDB_OPERATION
	DDB_OPERATION_COUNT
} DdbOperationId;

/* The APIs of the service, by the prefix of their targets. */
#define DDB_API_DYNAMODB "DynamoDB"
#define DDB_API_STREAMS "DynamoDBStreams"

/* The right that a caller needs on a table as a whole. */
typedef enum DdbTableRight
{
	DDB_RIGHT_NONE,
	DDB_RIGHT_DESCRIBE,			/* have any privilege on it */
	DDB_RIGHT_CHANGE			/* own it */
} DdbTableRight;

/* How an operation, or one request, is carried out; see mode.def. */
typedef struct DdbMode
{
	bool		writes;
	bool		transaction_block;
	bool		durable;
	bool		needs_primary;
	bool		long_answer;
	DdbTableRight right;
} DdbMode;

/* What an operation is about. */
typedef enum DdbResourceKind
{
	DDB_RESOURCE_NONE,			/* the account as a whole */
	DDB_RESOURCE_TABLE,			/* TableName, perhaps with an index of it */
	DDB_RESOURCE_TABLES,		/* several; the handler names them */
	DDB_RESOURCE_ARN			/* an ARN, which the handler reads */
} DdbResourceKind;

struct DdbShape;

typedef struct DdbOperation
{
	const char *name;			/* "PutItem" */
	const char *function;		/* "put_item" */
	const char *api;			/* DDB_API_ */
	const struct DdbShape *input;
	const DdbMode *mode;
	DdbOperationId id;
	DdbResourceKind resource;
} DdbOperation;

/* By enum, by the name on the wire (case-sensitive); NULL if there is none. */
extern const DdbOperation *ddb_operation_get(DdbOperationId id);
extern const DdbOperation *ddb_operation_find(const char *name);

/*
 * Returns whether the service has an operation that is not served here.  The
 * format of its error, which takes the name, is DDB_OPERATION_UNSERVED.
 */
#define DDB_OPERATION_UNSERVED "%s is not served by this version of dynamo"
extern bool ddb_operation_is_unserved(const char *api, const char *name);

/*
 * The two passes over a request: JSON types against the model
 * (SerializationException, the first mismatch in the order of the model),
 * then constraints (ValidationException, collected in the service's way).
 * A request that is not a JSON object is a bare SerializationException.
 */
extern void ddb_model_validate(const DdbOperation *operation,
							   const DdbJson *request);

/*
 * Members of a validated request.  Each returns the fallback when the member
 * is absent.  Strings are in stored form.
 */
extern const char *ddb_request_string(const DdbJson *request, const char *name,
									  const char *fallback);
extern bool ddb_request_bool(const DdbJson *request, const char *name,
							 bool fallback);
extern int64 ddb_request_int(const DdbJson *request, const char *name,
							 int64 fallback);

/* How the model reads one value that is known to be of the type. */
extern bool ddb_json_as_bool(const DdbJson *json);
extern int64 ddb_json_as_int(const DdbJson *json);

#endif							/* DDB_MODEL_MODEL_H */
