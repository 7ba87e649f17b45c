-- Names in this script refer to PostgreSQL's own objects.  Otherwise a role that may
-- create objects in the database could make the script use its own.
SET LOCAL search_path = pg_catalog, pg_temp;

-- Requirements of the database, and a warning if the server is not running.

DO $$
BEGIN
	IF pg_catalog.getdatabaseencoding() <> 'UTF8' THEN
		RAISE EXCEPTION 'dynamo needs a database with encoding UTF8'
			USING HINT = 'Create one with CREATE DATABASE ... ENCODING ''UTF8'' TEMPLATE template0.';
	END IF;
	IF pg_catalog.current_setting('shared_preload_libraries') !~ '(^|[,/"[:space:]])dynamo([".,[:space:]]|$)' THEN
		-- CREATE EXTENSION does not show messages below the level of a warning.
		RAISE WARNING 'the SQL functions are installed; the HTTP server is not running'
			USING HINT = 'Add dynamo to shared_preload_libraries and restart PostgreSQL to serve over HTTP.';
	END IF;
END
$$;
