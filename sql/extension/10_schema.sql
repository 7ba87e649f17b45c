-- Roles and schemas.

-- Roles belong to the cluster.  An existing role was created by this script in
-- another database, or by another user, who could then use its objects and
-- privileges.  So a role that can log in, has attributes or has members is refused.
-- Members of dynamo_service and dynamo_admin are accepted if a superuser granted the
-- membership without ADMIN OPTION.
DO $$
DECLARE
	ours record;
	problem text;
BEGIN
	FOR ours IN SELECT * FROM (VALUES
		('dynamo_owner', 'owns the catalog and the tables of dynamo', true),
		('dynamo_service', 'executes the HTTP requests of dynamo', false),
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

CREATE SCHEMA dynamo;
COMMENT ON SCHEMA dynamo IS 'functions that run DynamoDB operations, and views of tables, indexes and jobs';
GRANT USAGE ON SCHEMA dynamo TO PUBLIC;

CREATE SCHEMA dynamo_catalog;
COMMENT ON SCHEMA dynamo_catalog IS 'the catalog of dynamo: what it knows about its tables, and internal functions';

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
