-- Names in this script mean PostgreSQL's own objects.  Whoever may create objects
-- in the database could put others in the way.
SET LOCAL search_path = pg_catalog, pg_temp;

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
