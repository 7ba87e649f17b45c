-- Every object of the extension has a comment, and so has every column of its
-- views.
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.objects_without_comment() RETURNS SETOF text
LANGUAGE sql AS $$
	WITH members AS (
		SELECT d.classid, d.objid
		FROM pg_depend AS d JOIN pg_extension AS e ON e.oid = d.refobjid
		WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND e.extname = 'dynamo'
	)
	SELECT pg_describe_object(classid, objid, 0) FROM members
	WHERE obj_description(objid, classid::regclass::text) IS NULL
	UNION ALL
	SELECT pg_describe_object(classid, objid, a.attnum)
	FROM members JOIN pg_class AS c ON classid = 'pg_class'::regclass AND c.oid = objid
	JOIN pg_attribute AS a ON a.attrelid = c.oid
	WHERE c.relkind = 'v' AND a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL
	ORDER BY 1
$$;

SELECT pg_temp.objects_without_comment();

-- An object of each kind that loses its comment is found.
BEGIN;
COMMENT ON SCHEMA dynamo IS NULL;
COMMENT ON TABLE dynamo_catalog.tags IS NULL;
COMMENT ON VIEW dynamo.jobs IS NULL;
COMMENT ON COLUMN dynamo.jobs.task IS NULL;
COMMENT ON FUNCTION dynamo.get_item IS NULL;
COMMENT ON EVENT TRIGGER dynamo_sql_drop IS NULL;
SELECT pg_temp.objects_without_comment();
ROLLBACK;
