-- The catalog.  src/store/README.md describes the columns.
--
-- There are no foreign keys between the catalog tables.  An archive has no order
-- between the data of an extension's tables, so pg_restore -j could load the rows of
-- an index before the row of its table.  Code that deletes a row of
-- dynamo_catalog.tables also deletes the rows that belong to it, and
-- dynamo.check_catalog() finds rows that belong to no table.

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
COMMENT ON TABLE dynamo_catalog.tables IS 'one row for each DynamoDB table: keys, status, definition, time to live';

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
COMMENT ON TABLE dynamo_catalog.indexes IS 'one row for each secondary index of a table';

CREATE TABLE dynamo_catalog.tags (
	table_name text COLLATE "C" NOT NULL,
	tag_key text COLLATE "C" NOT NULL,
	tag_value text COLLATE "C" NOT NULL,
	PRIMARY KEY (table_name, tag_key)
);
COMMENT ON TABLE dynamo_catalog.tags IS 'one row for each tag of a table';

-- Background jobs and their errors.  Not dumped: after a restore jobs start again.
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
COMMENT ON TABLE dynamo_catalog.jobs IS 'one row for each background job that is not finished';
COMMENT ON SEQUENCE dynamo_catalog.jobs_job_id_seq IS 'numbers the background jobs';

-- The outcome of requests with a ClientRequestToken, for ten minutes.  Not dumped.
CREATE TABLE dynamo_catalog.request_tokens (
	token text COLLATE "C" NOT NULL,
	operation text COLLATE "C" NOT NULL,
	completed_at timestamptz NOT NULL,
	request bytea NOT NULL,
	outcome jsonb NOT NULL,
	PRIMARY KEY (token, operation)
);
CREATE INDEX request_tokens_completed_at ON dynamo_catalog.request_tokens (completed_at);
COMMENT ON TABLE dynamo_catalog.request_tokens IS 'one row for each request with a ClientRequestToken that was done in the last ten minutes';

-- A dump includes the descriptions of the tables, as it includes the tables.
SELECT pg_catalog.pg_extension_config_dump('dynamo_catalog.tables', '');
SELECT pg_catalog.pg_extension_config_dump('dynamo_catalog.indexes', '');
SELECT pg_catalog.pg_extension_config_dump('dynamo_catalog.tags', '');

-- Compares the catalog with the relations.
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
	SELECT h.relname, format('dynamo_data.%I is not in the catalog', h.relname)
	FROM relations AS h JOIN pg_class AS c ON c.oid = h.oid
	WHERE c.relkind = 'r' AND NOT EXISTS (SELECT FROM dynamo_catalog.tables AS t WHERE t.heap_name = h.relname)
	ORDER BY 1, 2
$$;
REVOKE ALL ON FUNCTION dynamo.check_catalog() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dynamo.check_catalog() TO dynamo_admin;
COMMENT ON FUNCTION dynamo.check_catalog() IS 'returns each disagreement between the catalog and the relations in schema dynamo_data';

CREATE FUNCTION dynamo_catalog.changed() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'dynamo_catalog_changed';
COMMENT ON FUNCTION dynamo_catalog.changed() IS 'trigger of the catalog tables: tells all sessions and workers that the catalog has changed';

CREATE TRIGGER changed
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON dynamo_catalog.tables
FOR EACH STATEMENT EXECUTE FUNCTION dynamo_catalog.changed();

CREATE TRIGGER changed
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON dynamo_catalog.indexes
FOR EACH STATEMENT EXECUTE FUNCTION dynamo_catalog.changed();

-- A restore with session_replication_role = replica must invalidate caches too.
ALTER TABLE dynamo_catalog.tables ENABLE ALWAYS TRIGGER changed;
ALTER TABLE dynamo_catalog.indexes ENABLE ALWAYS TRIGGER changed;

-- SECURITY DEFINER, because a role that may drop the heap table need not have
-- privileges on the catalog.
CREATE FUNCTION dynamo_catalog.sql_drop() RETURNS event_trigger
LANGUAGE c SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'dynamo_catalog_sql_drop';
REVOKE ALL ON FUNCTION dynamo_catalog.sql_drop() FROM PUBLIC;
COMMENT ON FUNCTION dynamo_catalog.sql_drop() IS 'event trigger: removes a table from the catalog when SQL drops its heap table';

CREATE EVENT TRIGGER dynamo_sql_drop ON sql_drop
WHEN TAG IN ('DROP TABLE', 'DROP SCHEMA', 'DROP OWNED')
EXECUTE FUNCTION dynamo_catalog.sql_drop();
COMMENT ON EVENT TRIGGER dynamo_sql_drop IS 'removes a table from the catalog when SQL drops its heap table';

-- The views show only tables that the caller may describe: see
-- src/meta/meta_rights.c.
CREATE FUNCTION dynamo_catalog.may_describe(heap oid, owner_role text) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'dynamo_catalog_may_describe';
COMMENT ON FUNCTION dynamo_catalog.may_describe(oid, text) IS 'returns whether the caller may see the description of a table, given its heap table and its owner';

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
COMMENT ON VIEW dynamo.tables IS 'DynamoDB tables, with the relations that hold them and their sizes';
COMMENT ON COLUMN dynamo.tables.table_name IS 'name of the DynamoDB table';
COMMENT ON COLUMN dynamo.tables.heap_table IS 'relation that holds the items, with its schema, quoted for use in SQL';
COMMENT ON COLUMN dynamo.tables.status IS 'CREATING, ACTIVE, UPDATING or DELETING, as DescribeTable reports it';
COMMENT ON COLUMN dynamo.tables.partition_key IS 'attribute that is the partition key';
COMMENT ON COLUMN dynamo.tables.partition_key_type IS 'type of the partition key: S, N or B';
COMMENT ON COLUMN dynamo.tables.sort_key IS 'attribute that is the sort key; null if the table has none';
COMMENT ON COLUMN dynamo.tables.sort_key_type IS 'type of the sort key: S, N or B';
COMMENT ON COLUMN dynamo.tables.estimated_items IS 'number of items at the last ANALYZE or VACUUM';
COMMENT ON COLUMN dynamo.tables.table_bytes IS 'size of the relation on disk, with its large values but without its indexes';
COMMENT ON COLUMN dynamo.tables.index_bytes IS 'size on disk of all indexes, the primary key included';
COMMENT ON COLUMN dynamo.tables.created_at IS 'when the table was created';
COMMENT ON COLUMN dynamo.tables.table_id IS 'TableId of the table, which a new table of the same name does not share';
COMMENT ON COLUMN dynamo.tables.ttl_status IS 'ENABLED, DISABLED, ENABLING or DISABLING';
COMMENT ON COLUMN dynamo.tables.ttl_attribute IS 'attribute that says when an item expires; null if time to live is disabled';
COMMENT ON COLUMN dynamo.tables.owner_role IS 'role that created the table and may change and delete it; null if none is recorded';
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
COMMENT ON VIEW dynamo.indexes IS 'secondary indexes, with the relations that hold them and their sizes';
COMMENT ON COLUMN dynamo.indexes.table_name IS 'name of the table that has the index';
COMMENT ON COLUMN dynamo.indexes.index_name IS 'name of the index';
COMMENT ON COLUMN dynamo.indexes.kind IS 'LOCAL or GLOBAL';
COMMENT ON COLUMN dynamo.indexes.status IS 'CREATING, ACTIVE, UPDATING or DELETING, as DescribeTable reports it';
COMMENT ON COLUMN dynamo.indexes.backfilling IS 'whether the items that were in the table before the index are being added to it';
COMMENT ON COLUMN dynamo.indexes.relation IS 'PostgreSQL index that holds the keys, with its schema, quoted for use in SQL';
COMMENT ON COLUMN dynamo.indexes.key_schema IS 'KeySchema of the index, as in the request that created it';
COMMENT ON COLUMN dynamo.indexes.projection IS 'Projection of the index, as in the request that created it';
COMMENT ON COLUMN dynamo.indexes.estimated_items IS 'number of entries at the last ANALYZE or VACUUM';
COMMENT ON COLUMN dynamo.indexes.index_bytes IS 'size of the index on disk';
GRANT SELECT ON dynamo.indexes TO PUBLIC;

-- The current work of the server's processes.  No rows if there is no server.
CREATE FUNCTION dynamo_catalog.job_activity(OUT job_id bigint, OUT phase text,
	OUT done bigint, OUT total bigint, OUT waits_for text)
RETURNS SETOF record
LANGUAGE c STABLE
AS 'MODULE_PATHNAME', 'dynamo_catalog_job_activity';
COMMENT ON FUNCTION dynamo_catalog.job_activity() IS 'returns what the processes of the server report about the jobs they are running; no row if there is no server';

CREATE FUNCTION dynamo_catalog.process_activity(OUT process text, OUT wanted integer,
	OUT running integer, OUT missing integer)
RETURNS SETOF record
LANGUAGE c STABLE
AS 'MODULE_PATHNAME', 'dynamo_catalog_process_activity';
COMMENT ON FUNCTION dynamo_catalog.process_activity() IS 'returns the number of server processes of each kind; no row if there is no server';

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
COMMENT ON VIEW dynamo.jobs IS 'background jobs that are running or waiting to be tried again, with their progress and last error';
COMMENT ON COLUMN dynamo.jobs.table_name IS 'name of the table that the job works on';
COMMENT ON COLUMN dynamo.jobs.task IS 'what the job does: BUILD INDEX or TIME TO LIVE';
COMMENT ON COLUMN dynamo.jobs.object_name IS 'index that BUILD INDEX builds, or attribute that TIME TO LIVE indexes or no longer indexes';
COMMENT ON COLUMN dynamo.jobs.state IS 'RUNNING, or RETRYING if the last attempt failed and the job is tried again later';
COMMENT ON COLUMN dynamo.jobs.attempts IS 'number of attempts so far';
COMMENT ON COLUMN dynamo.jobs.started_at IS 'when the last attempt started';
COMMENT ON COLUMN dynamo.jobs.retry_at IS 'when the job is tried again; null if it is running';
COMMENT ON COLUMN dynamo.jobs.error_code IS 'SQLSTATE of the last error';
COMMENT ON COLUMN dynamo.jobs.error IS 'message of the last error';
COMMENT ON COLUMN dynamo.jobs.phase IS 'what the job is doing now; null if no process is running it';
COMMENT ON COLUMN dynamo.jobs.percent IS 'how much of the phase is done; null if this is not known';
COMMENT ON COLUMN dynamo.jobs.job_id IS 'number of the job, for dynamo.cancel_job';
COMMENT ON COLUMN dynamo.jobs.done IS 'how much of total is done in this phase, in blocks or other units of the phase';
COMMENT ON COLUMN dynamo.jobs.total IS 'size of the phase, in the units of done';
COMMENT ON COLUMN dynamo.jobs.waits_for IS 'what the job is waiting for; null if nothing';
GRANT SELECT ON dynamo.jobs TO PUBLIC;

CREATE FUNCTION dynamo.cancel_job(job_id bigint) RETURNS boolean
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'dynamo_cancel_job';
COMMENT ON FUNCTION dynamo.cancel_job(bigint) IS 'ends the current attempt at a job, which is tried again after five minutes; returns false if the job was neither running nor waiting for its next attempt';

-- A process waits if all places of max_worker_processes are taken.
CREATE VIEW dynamo.processes AS
SELECT p.process, p.wanted, p.running,
	CASE WHEN p.missing > 0 THEN 'a place among max_worker_processes' END AS waits_for
FROM dynamo_catalog.process_activity() AS p;
COMMENT ON VIEW dynamo.processes IS 'processes of the server: how many of each kind are wanted, and how many are running';
COMMENT ON COLUMN dynamo.processes.process IS 'kind of process';
COMMENT ON COLUMN dynamo.processes.wanted IS 'number of processes that should be running';
COMMENT ON COLUMN dynamo.processes.running IS 'number of processes that are running';
COMMENT ON COLUMN dynamo.processes.waits_for IS 'what the missing processes are waiting for; null if none is missing';
GRANT SELECT ON dynamo.processes TO PUBLIC;
