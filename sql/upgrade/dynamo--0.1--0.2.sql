-- Version 0.1 to 0.2.

\echo Use "ALTER EXTENSION dynamo UPDATE" to load this file. \quit

-- Names in this script mean PostgreSQL's own objects.  Whoever may create objects
-- in the database could put others in the way.
SET LOCAL search_path = pg_catalog, pg_temp;

-- Roles belong to the cluster.  One that is there already was made by this script
-- in another database, or by somebody who would then share in what it owns or may
-- do: a role that can log in, that has powers of its own or members is refused.
-- (dynamo_service has been in use, with its members.)
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


-- Tables are made in schema dynamo_data by dynamo_owner.  A restore brings the
-- schema before the extension; one that somebody else owns would let its owner
-- replace the tables.
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

-- Who made a table, and so may change and delete it.
ALTER TABLE dynamo_catalog.tables ADD COLUMN owner_role text COLLATE "C";

-- What views show is what the caller may be told: see src/meta/meta_rights.c.
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

-- A job has a number.
ALTER TABLE dynamo_catalog.jobs ADD COLUMN job_id bigint GENERATED ALWAYS AS IDENTITY UNIQUE;

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
COMMENT ON FUNCTION dynamo.cancel_job(bigint) IS 'end the present attempt at a job of dynamo.jobs, which is tried again after five minutes; false if there was none';

-- What PostgreSQL has no place for waits for it.
CREATE VIEW dynamo.processes AS
SELECT p.process, p.wanted, p.running,
	CASE WHEN p.missing > 0 THEN 'a place among max_worker_processes' END AS waits_for
FROM dynamo_catalog.process_activity() AS p;
COMMENT ON VIEW dynamo.processes IS 'processes of the server: how many are wanted, and how many there are';
GRANT SELECT ON dynamo.processes TO PUBLIC;

-- An archive knows no order between the data of these tables.
ALTER TABLE dynamo_catalog.indexes DROP CONSTRAINT indexes_table_name_fkey;
ALTER TABLE dynamo_catalog.tags DROP CONSTRAINT tags_table_name_fkey;
ALTER TABLE dynamo_catalog.jobs DROP CONSTRAINT jobs_table_name_fkey;

CREATE INDEX request_tokens_completed_at ON dynamo_catalog.request_tokens (completed_at);

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

-- After a restore without owners (pg_restore --no-owner), or of a dump of version
-- 0.1, the tables belong to whoever restored them.
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
COMMENT ON FUNCTION dynamo.take_ownership() IS 'give the tables of items to dynamo_owner, as a superuser after a restore; returns how many did not belong to it';

-- The catalog belongs to dynamo_owner, not to the superuser who runs this: views,
-- and what runs with their owner's rights, have no more than they need.
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

-- The caches of sessions and workers learn of the new version from this, and so
-- end all upgrade scripts.
UPDATE dynamo_catalog.tables SET status = status WHERE false;
