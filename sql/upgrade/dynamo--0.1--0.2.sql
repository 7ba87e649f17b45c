-- Version 0.1 to 0.2.

\echo Use "ALTER EXTENSION dynamo UPDATE" to load this file. \quit

-- Names in this script refer to PostgreSQL's own objects.  Otherwise a role that may
-- create objects in the database could make the script use its own.
SET LOCAL search_path = pg_catalog, pg_temp;

-- Roles belong to the cluster.  An existing role was created by this script in
-- another database, or by another user, who could then use its objects and
-- privileges.  So a role that can log in, has attributes or has members is refused.
-- dynamo_service exists since version 0.1, and keeps its members.
DO $$
DECLARE
	ours record;
	problem text;
BEGIN
	FOR ours IN SELECT * FROM (VALUES
		('dynamo_owner', 'owns the catalog and the tables of dynamo', true),
		('dynamo_admin', 'may change and delete any table of dynamo', false)) AS v(name, purpose, alone)
	LOOP
		BEGIN
			EXECUTE format('CREATE ROLE %I NOLOGIN', ours.name);
			EXECUTE format('COMMENT ON ROLE %I IS %L', ours.name, ours.purpose);
			CONTINUE;
		EXCEPTION WHEN duplicate_object OR unique_violation THEN
			NULL;
		END;
		SELECT CASE
			WHEN r.rolsuper THEN 'it is a superuser'
			WHEN r.rolcanlogin THEN 'it can log in'
			WHEN r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls THEN 'it has attributes of its own'
			WHEN ours.alone AND EXISTS (SELECT FROM pg_auth_members AS m WHERE m.member = r.oid) THEN 'it is a member of another role'
			WHEN EXISTS (SELECT FROM pg_auth_members AS m LEFT JOIN pg_roles AS g ON g.oid = m.grantor
				WHERE m.roleid = r.oid AND (ours.alone OR m.admin_option OR NOT coalesce(g.rolsuper, false))) THEN 'it has members'
			END INTO problem
		FROM pg_roles AS r WHERE r.rolname = ours.name;
		IF problem IS NOT NULL THEN
			RAISE EXCEPTION 'role "%" exists, but %', ours.name, problem
				USING ERRCODE = 'duplicate_object',
				HINT = format('Rename or drop the role, or make it NOLOGIN without attributes and members, and try again. %s needs a role "%s" of its own.', 'dynamo', ours.name);
		END IF;
	END LOOP;
END
$$;


-- dynamo_owner creates the tables in schema dynamo_data.  A restore creates the
-- schema before the extension.  If another role owned the schema, it could replace
-- the tables.
DO $$
DECLARE
	owner text;
BEGIN
	EXECUTE format('GRANT CREATE ON DATABASE %I TO dynamo_owner', current_database());
	SELECT r.rolname INTO owner FROM pg_namespace AS n JOIN pg_roles AS r ON r.oid = n.nspowner
	WHERE n.nspname = 'dynamo_data' AND r.rolname <> 'dynamo_owner' AND NOT r.rolsuper;
	IF FOUND THEN
		RAISE EXCEPTION 'schema "dynamo_data" exists and belongs to role "%"', owner
			USING ERRCODE = 'duplicate_schema',
			HINT = 'Rename the schema, or give it to a superuser with ALTER SCHEMA dynamo_data OWNER TO if you trust what is in it.';
	END IF;
	IF EXISTS (SELECT FROM pg_namespace WHERE nspname = 'dynamo_data') THEN
		ALTER SCHEMA dynamo_data OWNER TO dynamo_owner;
	END IF;
END
$$;

-- The role that created a table, and may change and delete it.
ALTER TABLE dynamo_catalog.tables ADD COLUMN owner_role text COLLATE "C";

-- The views show only tables that the caller may describe: see
-- src/meta/meta_rights.c.
CREATE FUNCTION dynamo_catalog.may_describe(heap oid, owner_role text) RETURNS boolean
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'dynamo_catalog_may_describe';

CREATE OR REPLACE VIEW dynamo.tables AS
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

CREATE OR REPLACE VIEW dynamo.indexes AS
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

-- Jobs are numbered.
ALTER TABLE dynamo_catalog.jobs ADD COLUMN job_id bigint GENERATED ALWAYS AS IDENTITY UNIQUE;

-- The current work of the server's processes.  No rows if there is no server.
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

CREATE OR REPLACE VIEW dynamo.jobs AS
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

CREATE FUNCTION dynamo.cancel_job(job_id bigint) RETURNS boolean
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'dynamo_cancel_job';

-- A process waits if all places of max_worker_processes are taken.
CREATE VIEW dynamo.processes AS
SELECT p.process, p.wanted, p.running,
	CASE WHEN p.missing > 0 THEN 'a place among max_worker_processes' END AS waits_for
FROM dynamo_catalog.process_activity() AS p;
GRANT SELECT ON dynamo.processes TO PUBLIC;

-- An archive has no order between the data of these tables.
ALTER TABLE dynamo_catalog.indexes DROP CONSTRAINT indexes_table_name_fkey;
ALTER TABLE dynamo_catalog.tags DROP CONSTRAINT tags_table_name_fkey;
ALTER TABLE dynamo_catalog.jobs DROP CONSTRAINT jobs_table_name_fkey;

CREATE INDEX request_tokens_completed_at ON dynamo_catalog.request_tokens (completed_at);

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

-- After a restore without owners (pg_restore --no-owner), or of a dump of version
-- 0.1, the tables belong to the role that restored them.
CREATE FUNCTION dynamo.take_ownership() RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	heap record;
	taken bigint := 0;
BEGIN
	IF EXISTS (SELECT FROM pg_namespace WHERE nspname = 'dynamo_data') THEN
		ALTER SCHEMA dynamo_data OWNER TO dynamo_owner;
	END IF;
	FOR heap IN SELECT c.oid::regclass AS name
		FROM dynamo_catalog.tables AS t
		JOIN pg_namespace AS n ON n.nspname = 'dynamo_data'
		JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = t.heap_name
		JOIN pg_roles AS r ON r.rolname = 'dynamo_owner'
		WHERE c.relowner <> r.oid
		ORDER BY c.oid
	LOOP
		EXECUTE format('ALTER TABLE %s OWNER TO dynamo_owner', heap.name);
		taken := taken + 1;
	END LOOP;
	RETURN taken;
END
$$;
REVOKE ALL ON FUNCTION dynamo.take_ownership() FROM PUBLIC;

-- Comments.  The functions of operations have theirs from version 0.1.
COMMENT ON SCHEMA dynamo IS 'functions that run DynamoDB operations, and views of tables, indexes and jobs';
COMMENT ON SCHEMA dynamo_catalog IS 'the catalog of dynamo: what it knows about its tables, and internal functions';
COMMENT ON TABLE dynamo_catalog.tables IS 'one row for each DynamoDB table: keys, status, definition, time to live';
COMMENT ON TABLE dynamo_catalog.indexes IS 'one row for each secondary index of a table';
COMMENT ON TABLE dynamo_catalog.tags IS 'one row for each tag of a table';
COMMENT ON TABLE dynamo_catalog.jobs IS 'one row for each background job that is not finished';
COMMENT ON SEQUENCE dynamo_catalog.jobs_job_id_seq IS 'numbers the background jobs';
COMMENT ON TABLE dynamo_catalog.request_tokens IS 'one row for each request with a ClientRequestToken that was done in the last ten minutes';
COMMENT ON FUNCTION dynamo.check_catalog() IS 'returns each disagreement between the catalog and the relations in schema dynamo_data';
COMMENT ON FUNCTION dynamo_catalog.changed() IS 'trigger of the catalog tables: tells all sessions and workers that the catalog has changed';
COMMENT ON FUNCTION dynamo_catalog.sql_drop() IS 'event trigger: removes a table from the catalog when SQL drops its heap table';
COMMENT ON EVENT TRIGGER dynamo_sql_drop IS 'removes a table from the catalog when SQL drops its heap table';
COMMENT ON FUNCTION dynamo_catalog.may_describe(oid, text) IS 'returns whether the caller may see the description of a table, given its heap table and its owner';
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
COMMENT ON FUNCTION dynamo_catalog.job_activity() IS 'returns what the processes of the server report about the jobs they are running; no row if there is no server';
COMMENT ON FUNCTION dynamo_catalog.process_activity() IS 'returns the number of server processes of each kind; no row if there is no server';
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
COMMENT ON FUNCTION dynamo.cancel_job(bigint) IS 'ends the current attempt at a job, which is tried again after five minutes; returns false if the job was neither running nor waiting for its next attempt';
COMMENT ON VIEW dynamo.processes IS 'processes of the server: how many of each kind are wanted, and how many are running';
COMMENT ON COLUMN dynamo.processes.process IS 'kind of process';
COMMENT ON COLUMN dynamo.processes.wanted IS 'number of processes that should be running';
COMMENT ON COLUMN dynamo.processes.running IS 'number of processes that are running';
COMMENT ON COLUMN dynamo.processes.waits_for IS 'what the missing processes are waiting for; null if none is missing';
COMMENT ON FUNCTION dynamo.token(text) IS 'returns the token of a partition key, which decides the segment of a parallel scan that reads the item';
COMMENT ON FUNCTION dynamo.token(numeric) IS 'returns the token of a partition key, which decides the segment of a parallel scan that reads the item';
COMMENT ON FUNCTION dynamo.token(bytea) IS 'returns the token of a partition key, which decides the segment of a parallel scan that reads the item';
COMMENT ON FUNCTION dynamo.index_key(jsonb, text) IS 'returns the key of an item in a secondary index; null if the item does not belong in the index, or if the description of the index is malformed';
COMMENT ON FUNCTION dynamo.expiry(jsonb, text) IS 'returns a number attribute of an item in whole seconds, as time to live uses it; null if the attribute is not a number';
COMMENT ON FUNCTION dynamo.plain(jsonb) IS 'returns an item as plain JSON, without the type tags of its attributes';
COMMENT ON FUNCTION dynamo.is_item(jsonb) IS 'returns whether a value is a well-formed DynamoDB item';
COMMENT ON FUNCTION dynamo.check(text) IS 'returns the rows of a table that are not well-formed items or whose key columns are wrong, each with its problem';
COMMENT ON FUNCTION dynamo.take_ownership() IS 'gives the tables of items to dynamo_owner after a restore without owners; returns how many had another owner';
COMMENT ON FUNCTION dynamo.execute(text, jsonb) IS 'runs the DynamoDB operation with the given name: takes its request, returns its response';
COMMENT ON FUNCTION dynamo.ttl_sweep(text) IS 'deletes the expired items of a table, or of all tables; returns their number';

-- The catalog belongs to dynamo_owner, not to the superuser who runs this script.
-- So views and SECURITY DEFINER functions have no more privileges than they need.
DO $$
DECLARE
	member record;
BEGIN
	FOR member IN SELECT c.oid::regclass AS name
		FROM pg_class AS c
		JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
		JOIN pg_extension AS e ON e.oid = d.refobjid
		WHERE e.extname = 'dynamo' AND d.refclassid = 'pg_extension'::regclass
			AND d.deptype = 'e' AND c.relkind IN ('r', 'v')
		ORDER BY c.oid
	LOOP
		EXECUTE format('ALTER TABLE %s OWNER TO dynamo_owner', member.name);
	END LOOP;
END
$$;
GRANT USAGE ON SCHEMA dynamo, dynamo_catalog TO dynamo_owner;
ALTER FUNCTION dynamo_catalog.sql_drop() OWNER TO dynamo_owner;
ALTER FUNCTION dynamo.check_catalog() OWNER TO dynamo_owner;
SELECT dynamo.take_ownership();

-- This invalidates the caches of sessions and workers, so that they see the new
-- version.  Every upgrade script must end with it.
UPDATE dynamo_catalog.tables SET status = status WHERE false;
