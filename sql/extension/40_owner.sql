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
COMMENT ON FUNCTION dynamo.take_ownership() IS 'gives the tables of items to dynamo_owner after a restore without owners; returns how many had another owner';

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
