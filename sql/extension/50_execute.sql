-- Running an operation by its name, and functions that are not operations.

CREATE FUNCTION dynamo.execute(operation text, request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_execute';
REVOKE ALL ON FUNCTION dynamo.execute(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.execute(text, jsonb) TO dynamo_service;
COMMENT ON FUNCTION dynamo.execute(text, jsonb) IS 'runs the DynamoDB operation with the given name: takes its request, returns its response';

CREATE FUNCTION dynamo.ttl_sweep(table_name text DEFAULT NULL) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_ttl_sweep';
REVOKE ALL ON FUNCTION dynamo.ttl_sweep(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.ttl_sweep(text) TO dynamo_service;
COMMENT ON FUNCTION dynamo.ttl_sweep(text) IS 'deletes the expired items of a table, or of all tables; returns their number';
