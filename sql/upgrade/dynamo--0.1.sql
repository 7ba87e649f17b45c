\echo Use "CREATE EXTENSION dynamo" to load this file. \quit
-- What a database must be like, and what to know where the server is absent.

DO $$
BEGIN
	IF pg_catalog.getdatabaseencoding() <> 'UTF8' THEN
		RAISE EXCEPTION 'dynamo needs a database with encoding UTF8'
			USING HINT = 'Create one with CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0.';
	END IF;
	IF pg_catalog.current_setting('shared_preload_libraries') !~ '(^|[,/"[:space:]])dynamo([".,[:space:]]|$)' THEN
		-- CREATE EXTENSION keeps anything less than a warning to itself.
		RAISE WARNING 'the SQL functions are installed; the HTTP server is not running'
			USING HINT = 'Add dynamo to shared_preload_libraries and restart PostgreSQL to serve over HTTP.';
	END IF;
END
$$;
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
-- The catalog.  See src/store/README.md for what the columns hold.

CREATE TABLE dynamo_catalog.tables (
	table_name text COLLATE "C" PRIMARY KEY,
	table_id uuid NOT NULL UNIQUE,
	heap_name text COLLATE "C" NOT NULL UNIQUE,
	status text NOT NULL
		CHECK (status IN ('CREATING', 'ACTIVE', 'UPDATING', 'DELETING')),
	created_at timestamptz NOT NULL,
	partition_key text COLLATE "C" NOT NULL,
	partition_key_type text NOT NULL CHECK (partition_key_type IN ('S', 'N', 'B')),
	sort_key text COLLATE "C",
	sort_key_type text CHECK (sort_key_type IN ('S', 'N', 'B')),
	definition jsonb NOT NULL,
	shown_status text
		CHECK (shown_status IN ('CREATING', 'ACTIVE', 'UPDATING', 'DELETING')),
	shown_until timestamptz,
	ttl_status text NOT NULL DEFAULT 'DISABLED'
		CHECK (ttl_status IN ('DISABLED', 'ENABLING', 'ENABLED', 'DISABLING')),
	ttl_attribute text COLLATE "C",
	ttl_changed_at timestamptz,
	CHECK ((sort_key IS NULL) = (sort_key_type IS NULL)),
	CHECK ((shown_status IS NULL) = (shown_until IS NULL)),
	CHECK ((ttl_attribute IS NULL) = (ttl_status = 'DISABLED'))
);
COMMENT ON TABLE dynamo_catalog.tables IS 'one row per DynamoDB table';

CREATE TABLE dynamo_catalog.indexes (
	table_name text COLLATE "C" NOT NULL
		REFERENCES dynamo_catalog.tables ON DELETE CASCADE,
	index_name text COLLATE "C" NOT NULL,
	kind text NOT NULL CHECK (kind IN ('LOCAL', 'GLOBAL')),
	position integer NOT NULL,
	relation_name text COLLATE "C" NOT NULL UNIQUE,
	status text NOT NULL
		CHECK (status IN ('CREATING', 'ACTIVE', 'UPDATING', 'DELETING')),
	backfilling boolean NOT NULL,
	definition jsonb NOT NULL,
	shown_status text
		CHECK (shown_status IN ('CREATING', 'ACTIVE', 'UPDATING', 'DELETING')),
	shown_until timestamptz,
	PRIMARY KEY (table_name, index_name),
	CHECK ((shown_status IS NULL) = (shown_until IS NULL))
);
COMMENT ON TABLE dynamo_catalog.indexes IS 'one row per secondary index';

CREATE TABLE dynamo_catalog.tags (
	table_name text COLLATE "C" NOT NULL
		REFERENCES dynamo_catalog.tables ON DELETE CASCADE,
	tag_key text COLLATE "C" NOT NULL,
	tag_value text COLLATE "C" NOT NULL,
	PRIMARY KEY (table_name, tag_key)
);
COMMENT ON TABLE dynamo_catalog.tags IS 'one row per tag of a table';

-- What the background is doing and what went wrong; begun anew after a restore.
CREATE TABLE dynamo_catalog.jobs (
	table_name text COLLATE "C" NOT NULL
		REFERENCES dynamo_catalog.tables ON DELETE CASCADE,
	task text NOT NULL,
	object_name text COLLATE "C" NOT NULL,
	attempts integer NOT NULL,
	started_at timestamptz NOT NULL,
	retry_at timestamptz,
	error_code text,
	error text,
	PRIMARY KEY (table_name, task, object_name)
);
COMMENT ON TABLE dynamo_catalog.jobs IS 'work in the background that is not done';

-- What requests with a ClientRequestToken did, for ten minutes.  A dump has no
-- use for it.
CREATE TABLE dynamo_catalog.request_tokens (
	token text COLLATE "C" NOT NULL,
	operation text COLLATE "C" NOT NULL,
	completed_at timestamptz NOT NULL,
	request bytea NOT NULL,
	outcome jsonb NOT NULL,
	PRIMARY KEY (token, operation)
);
COMMENT ON TABLE dynamo_catalog.request_tokens IS 'requests that are not done again under the same token';

-- The tables' descriptions belong into a dump, with the tables themselves.
SELECT pg_catalog.pg_extension_config_dump('dynamo_catalog.tables', '');
SELECT pg_catalog.pg_extension_config_dump('dynamo_catalog.indexes', '');
SELECT pg_catalog.pg_extension_config_dump('dynamo_catalog.tags', '');

CREATE FUNCTION dynamo_catalog.changed() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'dynamo_catalog_changed';

CREATE TRIGGER changed
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON dynamo_catalog.tables
FOR EACH STATEMENT EXECUTE FUNCTION dynamo_catalog.changed();

CREATE TRIGGER changed
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON dynamo_catalog.indexes
FOR EACH STATEMENT EXECUTE FUNCTION dynamo_catalog.changed();

-- A restore with session_replication_role = replica must reach the caches, too.
ALTER TABLE dynamo_catalog.tables ENABLE ALWAYS TRIGGER changed;
ALTER TABLE dynamo_catalog.indexes ENABLE ALWAYS TRIGGER changed;

-- SECURITY DEFINER: whoever may drop the heap may make us forget it.
CREATE FUNCTION dynamo_catalog.sql_drop() RETURNS event_trigger
LANGUAGE c SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'dynamo_catalog_sql_drop';
REVOKE ALL ON FUNCTION dynamo_catalog.sql_drop() FROM PUBLIC;

CREATE EVENT TRIGGER dynamo_sql_drop ON sql_drop
WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED')
EXECUTE FUNCTION dynamo_catalog.sql_drop();

CREATE VIEW dynamo.tables AS
SELECT t.table_name,
	pg_catalog.format('%I.%I', 'dynamo_data', t.heap_name) AS heap_table,
	CASE WHEN t.shown_until > pg_catalog.clock_timestamp()
		THEN t.shown_status ELSE t.status END AS status,
	t.partition_key,
	t.partition_key_type,
	t.sort_key,
	t.sort_key_type,
	greatest(c.reltuples, 0)::bigint AS estimated_items,
	pg_catalog.pg_table_size(c.oid) AS table_bytes,
	pg_catalog.pg_indexes_size(c.oid) AS index_bytes,
	t.created_at,
	t.table_id,
	t.ttl_status,
	t.ttl_attribute
FROM dynamo_catalog.tables AS t
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'dynamo_data'
LEFT JOIN pg_catalog.pg_class AS c
	ON c.relnamespace = n.oid AND c.relname = t.heap_name;
COMMENT ON VIEW dynamo.tables IS 'DynamoDB tables, the relations that hold them, and their sizes';
GRANT SELECT ON dynamo.tables TO PUBLIC;

CREATE VIEW dynamo.indexes AS
SELECT i.table_name,
	i.index_name,
	i.kind,
	CASE WHEN i.shown_until > pg_catalog.clock_timestamp()
		THEN i.shown_status ELSE i.status END AS status,
	i.backfilling,
	pg_catalog.format('%I.%I', 'dynamo_data', i.relation_name) AS relation,
	i.definition -> 'KeySchema' AS key_schema,
	i.definition -> 'Projection' AS projection,
	greatest(c.reltuples, 0)::bigint AS estimated_items,
	pg_catalog.pg_relation_size(c.oid) AS index_bytes
FROM dynamo_catalog.indexes AS i
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'dynamo_data'
LEFT JOIN pg_catalog.pg_class AS c
	ON c.relnamespace = n.oid AND c.relname = i.relation_name;
COMMENT ON VIEW dynamo.indexes IS 'secondary indexes, the relations that hold them, and their sizes';
GRANT SELECT ON dynamo.indexes TO PUBLIC;

CREATE VIEW dynamo.jobs AS
SELECT j.table_name,
	j.task,
	j.object_name,
	CASE WHEN j.retry_at IS NULL THEN 'RUNNING' ELSE 'RETRYING' END AS state,
	j.attempts,
	j.started_at,
	j.retry_at,
	j.error_code,
	j.error,
	p.phase,
	CASE WHEN p.blocks_total > 0 THEN
		pg_catalog.round(100.0 * p.blocks_done / p.blocks_total, 1) END AS percent
FROM dynamo_catalog.jobs AS j
JOIN dynamo_catalog.tables AS t USING (table_name)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'dynamo_data'
LEFT JOIN pg_catalog.pg_class AS c
	ON c.relnamespace = n.oid AND c.relname = t.heap_name
LEFT JOIN pg_catalog.pg_stat_progress_create_index AS p
	ON p.relid = c.oid AND j.retry_at IS NULL;
COMMENT ON VIEW dynamo.jobs IS 'work in the background that is under way or failed, and why';
GRANT SELECT ON dynamo.jobs TO PUBLIC;
-- Functions of items and keys.

-- The token of a partition key; an index is built on it, so it never changes.
-- Neither this nor the next raises an error that tells of a value, so that they
-- are leakproof: with row level security a range of an index would be looked for
-- by reading all of it otherwise.
CREATE FUNCTION dynamo.token(text) RETURNS integer
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_token_text';

CREATE FUNCTION dynamo.token(numeric) RETURNS integer
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_token_numeric';

CREATE FUNCTION dynamo.token(bytea) RETURNS integer
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_token_bytea';

COMMENT ON FUNCTION dynamo.token(text) IS 'position of a partition key among the segments of a parallel scan';
COMMENT ON FUNCTION dynamo.token(numeric) IS 'position of a partition key among the segments of a parallel scan';
COMMENT ON FUNCTION dynamo.token(bytea) IS 'position of a partition key among the segments of a parallel scan';

-- The key of an item in a secondary index, likewise.
CREATE FUNCTION dynamo.index_key(item jsonb, spec text) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10
AS 'MODULE_PATHNAME', 'dynamo_index_key';
COMMENT ON FUNCTION dynamo.index_key(jsonb, text) IS 'key of an item in a secondary index; null when the item does not belong there, or the description is none';

-- When an item expires; indexes are built on it, so it never changes.
CREATE FUNCTION dynamo.expiry(item jsonb, attribute text) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_expiry';
COMMENT ON FUNCTION dynamo.expiry(jsonb, text) IS 'a number attribute as whole seconds since 1970, the time of which is to live; null if it is none';

CREATE FUNCTION dynamo.plain(item jsonb) RETURNS jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'dynamo_plain';
COMMENT ON FUNCTION dynamo.plain(jsonb) IS 'an item without type tags';

CREATE FUNCTION dynamo.is_item(item jsonb) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'dynamo_is_item';
COMMENT ON FUNCTION dynamo.is_item(jsonb) IS 'is this a well-formed DynamoDB item?';

CREATE FUNCTION dynamo.check(table_name text, OUT key text, OUT problem text)
RETURNS SETOF record
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'dynamo_check';
COMMENT ON FUNCTION dynamo.check(text) IS 'rows of a table that are not well-formed items';
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
/* One function per operation; written by operations.pl. */

CREATE FUNCTION dynamo.batch_get_item(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_batch_get_item';
COMMENT ON FUNCTION dynamo.batch_get_item(jsonb) IS
'the DynamoDB operation BatchGetItem: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.batch_get_item(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.batch_get_item(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.batch_write_item(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_batch_write_item';
COMMENT ON FUNCTION dynamo.batch_write_item(jsonb) IS
'the DynamoDB operation BatchWriteItem: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.batch_write_item(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.batch_write_item(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.create_table(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_create_table';
COMMENT ON FUNCTION dynamo.create_table(jsonb) IS
'the DynamoDB operation CreateTable: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.create_table(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.create_table(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.delete_item(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_delete_item';
COMMENT ON FUNCTION dynamo.delete_item(jsonb) IS
'the DynamoDB operation DeleteItem: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.delete_item(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.delete_item(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.delete_table(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_delete_table';
COMMENT ON FUNCTION dynamo.delete_table(jsonb) IS
'the DynamoDB operation DeleteTable: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.delete_table(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.delete_table(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.describe_endpoints(request jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_describe_endpoints';
COMMENT ON FUNCTION dynamo.describe_endpoints(jsonb) IS
'the DynamoDB operation DescribeEndpoints: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.describe_endpoints(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.describe_endpoints(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.describe_limits(request jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_describe_limits';
COMMENT ON FUNCTION dynamo.describe_limits(jsonb) IS
'the DynamoDB operation DescribeLimits: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.describe_limits(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.describe_limits(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.describe_table(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_describe_table';
COMMENT ON FUNCTION dynamo.describe_table(jsonb) IS
'the DynamoDB operation DescribeTable: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.describe_table(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.describe_table(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.describe_time_to_live(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_describe_time_to_live';
COMMENT ON FUNCTION dynamo.describe_time_to_live(jsonb) IS
'the DynamoDB operation DescribeTimeToLive: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.describe_time_to_live(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.describe_time_to_live(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.get_item(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_get_item';
COMMENT ON FUNCTION dynamo.get_item(jsonb) IS
'the DynamoDB operation GetItem: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.get_item(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.get_item(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.list_tables(request jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_list_tables';
COMMENT ON FUNCTION dynamo.list_tables(jsonb) IS
'the DynamoDB operation ListTables: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.list_tables(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.list_tables(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.list_tags_of_resource(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_list_tags_of_resource';
COMMENT ON FUNCTION dynamo.list_tags_of_resource(jsonb) IS
'the DynamoDB operation ListTagsOfResource: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.list_tags_of_resource(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.list_tags_of_resource(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.put_item(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_put_item';
COMMENT ON FUNCTION dynamo.put_item(jsonb) IS
'the DynamoDB operation PutItem: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.put_item(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.put_item(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.query(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_query';
COMMENT ON FUNCTION dynamo.query(jsonb) IS
'the DynamoDB operation Query: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.query(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.query(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.scan(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_scan';
COMMENT ON FUNCTION dynamo.scan(jsonb) IS
'the DynamoDB operation Scan: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.scan(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.scan(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.tag_resource(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_tag_resource';
COMMENT ON FUNCTION dynamo.tag_resource(jsonb) IS
'the DynamoDB operation TagResource: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.tag_resource(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.tag_resource(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.transact_get_items(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_transact_get_items';
COMMENT ON FUNCTION dynamo.transact_get_items(jsonb) IS
'the DynamoDB operation TransactGetItems: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.transact_get_items(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.transact_get_items(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.transact_write_items(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_transact_write_items';
COMMENT ON FUNCTION dynamo.transact_write_items(jsonb) IS
'the DynamoDB operation TransactWriteItems: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.transact_write_items(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.transact_write_items(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.untag_resource(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_untag_resource';
COMMENT ON FUNCTION dynamo.untag_resource(jsonb) IS
'the DynamoDB operation UntagResource: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.untag_resource(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.untag_resource(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.update_item(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_update_item';
COMMENT ON FUNCTION dynamo.update_item(jsonb) IS
'the DynamoDB operation UpdateItem: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.update_item(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.update_item(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.update_table(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_update_table';
COMMENT ON FUNCTION dynamo.update_table(jsonb) IS
'the DynamoDB operation UpdateTable: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.update_table(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.update_table(jsonb) TO dynamo_service;

CREATE FUNCTION dynamo.update_time_to_live(request jsonb) RETURNS jsonb
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE
AS 'MODULE_PATHNAME', 'dynamo_update_time_to_live';
COMMENT ON FUNCTION dynamo.update_time_to_live(jsonb) IS
'the DynamoDB operation UpdateTimeToLive: its request, to its response';
REVOKE ALL ON FUNCTION dynamo.update_time_to_live(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.update_time_to_live(jsonb) TO dynamo_service;
