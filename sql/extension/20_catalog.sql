-- The catalog.  See src/store/README.md for what the columns hold.
--
-- No foreign keys between these: an archive knows no order between the data of
-- tables that an extension made, and pg_restore -j would load a table's indexes
-- before the table.  Whoever deletes a row of tables deletes what belongs to it;
-- dynamo.check_catalog() looks for what does not belong to anything.

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
	owner_role text COLLATE "C",
	CHECK ((sort_key IS NULL) = (sort_key_type IS NULL)),
	CHECK ((shown_status IS NULL) = (shown_until IS NULL)),
	CHECK ((ttl_attribute IS NULL) = (ttl_status = 'DISABLED'))
);
COMMENT ON TABLE dynamo_catalog.tables IS 'one row per DynamoDB table';

CREATE TABLE dynamo_catalog.indexes (
	table_name text COLLATE "C" NOT NULL,
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
	table_name text COLLATE "C" NOT NULL,
	tag_key text COLLATE "C" NOT NULL,
	tag_value text COLLATE "C" NOT NULL,
	PRIMARY KEY (table_name, tag_key)
);
COMMENT ON TABLE dynamo_catalog.tags IS 'one row per tag of a table';

-- What the background is doing and what went wrong; begun anew after a restore.
CREATE TABLE dynamo_catalog.jobs (
	table_name text COLLATE "C" NOT NULL,
	task text NOT NULL,
	object_name text COLLATE "C" NOT NULL,
	attempts integer NOT NULL,
	started_at timestamptz NOT NULL,
	retry_at timestamptz,
	error_code text,
	error text,
	job_id bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
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
CREATE INDEX request_tokens_completed_at ON dynamo_catalog.request_tokens (completed_at);
COMMENT ON TABLE dynamo_catalog.request_tokens IS 'requests that are not done again under the same token';

-- The tables' descriptions belong into a dump, with the tables themselves.
SELECT pg_catalog.pg_extension_config_dump('dynamo_catalog.tables', '');
SELECT pg_catalog.pg_extension_config_dump('dynamo_catalog.indexes', '');
SELECT pg_catalog.pg_extension_config_dump('dynamo_catalog.tags', '');

-- What the catalog says and is not there, and what is there in part.
CREATE FUNCTION dynamo.check_catalog(OUT table_name text, OUT problem text)
RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
	WITH relations AS (
		SELECT c.relname, c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = 'dynamo_data'
	)
	SELECT i.table_name, format('the catalog has index %s, but not the table', i.index_name)
	FROM dynamo_catalog.indexes AS i
	WHERE NOT EXISTS (SELECT FROM dynamo_catalog.tables AS t WHERE t.table_name = i.table_name)
	UNION ALL
	SELECT g.table_name, format('the catalog has tag %s, but not the table', g.tag_key)
	FROM dynamo_catalog.tags AS g
	WHERE NOT EXISTS (SELECT FROM dynamo_catalog.tables AS t WHERE t.table_name = g.table_name)
	UNION ALL
	SELECT j.table_name, format('the catalog has job %s of %s, but not the table', j.task, j.object_name)
	FROM dynamo_catalog.jobs AS j
	WHERE NOT EXISTS (SELECT FROM dynamo_catalog.tables AS t WHERE t.table_name = j.table_name)
	UNION ALL
	SELECT t.table_name, format('there is no relation dynamo_data.%I', t.heap_name)
	FROM dynamo_catalog.tables AS t LEFT JOIN relations AS r ON r.relname = t.heap_name
	WHERE r.oid IS NULL
	UNION ALL
	SELECT t.table_name, format('dynamo_data.%I has no primary key', t.heap_name)
	FROM dynamo_catalog.tables AS t JOIN relations AS r ON r.relname = t.heap_name
	WHERE NOT EXISTS (SELECT FROM pg_index AS x WHERE x.indrelid = r.oid AND x.indisprimary AND x.indisvalid)
	UNION ALL
	SELECT i.table_name, format('index %s has no valid relation dynamo_data.%I', i.index_name, i.relation_name)
	FROM dynamo_catalog.indexes AS i
	JOIN dynamo_catalog.tables AS t ON t.table_name = i.table_name
	JOIN relations AS heap ON heap.relname = t.heap_name
	WHERE i.status IN ('ACTIVE', 'UPDATING')
		AND NOT EXISTS (SELECT FROM relations AS r JOIN pg_index AS x ON x.indexrelid = r.oid
			WHERE r.relname = i.relation_name AND x.indrelid = heap.oid AND x.indisvalid)
	UNION ALL
	SELECT h.relname, format('dynamo_data.%I is in no catalog', h.relname)
	FROM relations AS h JOIN pg_class AS c ON c.oid = h.oid
	WHERE c.relkind = 'r' AND NOT EXISTS (SELECT FROM dynamo_catalog.tables AS t WHERE t.heap_name = h.relname)
	ORDER BY 1, 2
$$;
REVOKE ALL ON FUNCTION dynamo.check_catalog() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.check_catalog() TO dynamo_admin;
COMMENT ON FUNCTION dynamo.check_catalog() IS 'where catalog and relations do not agree';

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

-- What views show is what the caller may be told: see src/meta/meta_rights.c.
CREATE FUNCTION dynamo_catalog.may_describe(heap oid, owner_role text) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'dynamo_catalog_may_describe';

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
	t.ttl_attribute,
	t.owner_role
FROM dynamo_catalog.tables AS t
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'dynamo_data'
LEFT JOIN pg_catalog.pg_class AS c
	ON c.relnamespace = n.oid AND c.relname = t.heap_name
WHERE dynamo_catalog.may_describe(c.oid, t.owner_role);
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
JOIN dynamo_catalog.tables AS t USING (table_name)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'dynamo_data'
LEFT JOIN pg_catalog.pg_class AS h
	ON h.relnamespace = n.oid AND h.relname = t.heap_name
LEFT JOIN pg_catalog.pg_class AS c
	ON c.relnamespace = n.oid AND c.relname = i.relation_name
WHERE dynamo_catalog.may_describe(h.oid, t.owner_role);
COMMENT ON VIEW dynamo.indexes IS 'secondary indexes, the relations that hold them, and their sizes';
GRANT SELECT ON dynamo.indexes TO PUBLIC;

-- What processes of the server are at right now; nothing where there is no server.
CREATE FUNCTION dynamo_catalog.job_activity(OUT job_id bigint, OUT phase text,
	OUT done bigint, OUT total bigint, OUT waits_for text)
RETURNS SETOF record
LANGUAGE c STABLE
AS 'MODULE_PATHNAME', 'dynamo_catalog_job_activity';

CREATE FUNCTION dynamo_catalog.process_activity(OUT process text, OUT wanted integer,
	OUT running integer, OUT missing integer)
RETURNS SETOF record
LANGUAGE c STABLE
AS 'MODULE_PATHNAME', 'dynamo_catalog_process_activity';

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
	coalesce(p.phase, a.phase) AS phase,
	CASE WHEN p.blocks_total > 0 THEN
		pg_catalog.round(100.0 * p.blocks_done / p.blocks_total, 1)
		WHEN a.total > 0 THEN
		pg_catalog.round(100.0 * a.done / a.total, 1) END AS percent,
	j.job_id,
	CASE WHEN p.blocks_total > 0 THEN p.blocks_done ELSE a.done END AS done,
	CASE WHEN p.blocks_total > 0 THEN p.blocks_total ELSE a.total END AS total,
	CASE WHEN p.current_locker_pid > 0 THEN
		pg_catalog.format('the transaction of process %s', p.current_locker_pid)
		ELSE a.waits_for END AS waits_for
FROM dynamo_catalog.jobs AS j
JOIN dynamo_catalog.tables AS t USING (table_name)
LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = 'dynamo_data'
LEFT JOIN pg_catalog.pg_class AS c
	ON c.relnamespace = n.oid AND c.relname = t.heap_name
LEFT JOIN dynamo_catalog.job_activity() AS a ON a.job_id = j.job_id
LEFT JOIN pg_catalog.pg_stat_progress_create_index AS p
	ON p.relid = c.oid AND a.job_id IS NOT NULL
WHERE dynamo_catalog.may_describe(c.oid, t.owner_role);
COMMENT ON VIEW dynamo.jobs IS 'work in the background that is under way or failed, and why';
GRANT SELECT ON dynamo.jobs TO PUBLIC;

CREATE FUNCTION dynamo.cancel_job(job_id bigint) RETURNS boolean
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'dynamo_cancel_job';
COMMENT ON FUNCTION dynamo.cancel_job(bigint) IS 'end the present attempt at a job of dynamo.jobs, which is tried again after five minutes; false if there was none';

-- What PostgreSQL has no place for waits for it.
CREATE VIEW dynamo.processes AS
SELECT p.process, p.wanted, p.running,
	CASE WHEN p.missing > 0 THEN 'a place among max_worker_processes' END AS waits_for
FROM dynamo_catalog.process_activity() AS p;
COMMENT ON VIEW dynamo.processes IS 'processes of the server: how many are wanted, and how many there are';
GRANT SELECT ON dynamo.processes TO PUBLIC;
