-- Any operation by its name.

CREATE FUNCTION dynamo.execute(operation text, request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_execute';
REVOKE ALL ON FUNCTION dynamo.execute(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.execute(text, jsonb) TO dynamo_service;
COMMENT ON FUNCTION dynamo.execute(text, jsonb) IS 'run a DynamoDB operation given by name';
