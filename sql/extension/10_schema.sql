-- Schemas, and the role that HTTP requests are executed as.

CREATE SCHEMA dynamo;
COMMENT ON SCHEMA dynamo IS 'DynamoDB operations as functions';
GRANT USAGE ON SCHEMA dynamo TO PUBLIC;

CREATE SCHEMA dynamo_catalog;
COMMENT ON SCHEMA dynamo_catalog IS 'what dynamo knows about its tables';

-- Roles belong to the cluster: it may be there from another database, and stays
-- when the extension goes.
DO $$
BEGIN
	CREATE ROLE dynamo_service NOLOGIN;
	COMMENT ON ROLE dynamo_service IS 'executes the HTTP requests of dynamo';
EXCEPTION WHEN duplicate_object THEN
	NULL;
END
$$;
