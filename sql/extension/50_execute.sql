-- Any operation by its name, and what is no operation.

CREATE FUNCTION dynamo.execute(operation text, request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_execute';
REVOKE ALL ON FUNCTION dynamo.execute(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.execute(text, jsonb) TO dynamo_service;
COMMENT ON FUNCTION dynamo.execute(text, jsonb) IS 'run a DynamoDB operation given by name';

CREATE FUNCTION dynamo.ttl_sweep(table_name text DEFAULT NULL) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_ttl_sweep';
REVOKE ALL ON FUNCTION dynamo.ttl_sweep(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.ttl_sweep(text) TO dynamo_service;
COMMENT ON FUNCTION dynamo.ttl_sweep(text) IS 'delete the expired items of a table, or of all; returns how many';
