-- Every operation has a function.  PUBLIC may not execute these functions, and
-- dynamo.execute calls them by name.
\pset format unaligned
\pset tuples_only on

-- name, default of the request, volatility, parallel safety, may PUBLIC call it
SELECT proname, pg_get_expr(proargdefaults, 0), provolatile, proparallel,
	has_function_privilege('public', oid, 'EXECUTE')
FROM pg_proc WHERE pronamespace = 'dynamo'::regnamespace AND prorettype = 'jsonb'::regtype AND proname NOT IN ('plain')
ORDER BY proname;
SELECT oid::regprocedure, provolatile, proisstrict, has_function_privilege('public', oid, 'EXECUTE')
FROM pg_proc WHERE pronamespace = 'dynamo'::regnamespace AND (prorettype <> 'jsonb'::regtype OR proname = 'plain')
ORDER BY oid::regprocedure::text COLLATE "C";
-- the internal ones
SELECT oid::regprocedure, prosecdef, has_function_privilege('public', oid, 'EXECUTE'), proconfig
FROM pg_proc WHERE pronamespace = 'dynamo_catalog'::regnamespace ORDER BY proname;

-- Operations have the service's names.
SELECT dynamo.execute('DescribeLimits', '{}') = dynamo.describe_limits();
SELECT test.outcome(name, '{}') FROM unnest('{CreateBackup, ListStreams, "", Fly, getitem, get_item, " GetItem", DynamoDB_20120810.GetItem}'::text[]) AS name;
SELECT dynamo.execute(NULL, '{}') IS NULL, dynamo.execute('ListTables', NULL) IS NULL;

-- dynamo.execute needs EXECUTE on itself and on the operation's function.
SELECT test.make_table('Tab', 'S');
CREATE ROLE regress_dynamo_user;
GRANT USAGE ON SCHEMA test TO regress_dynamo_user;
SET ROLE regress_dynamo_user;
SELECT dynamo.execute('ListTables', '{}');
SELECT dynamo.list_tables();
RESET ROLE;
GRANT EXECUTE ON FUNCTION dynamo.execute TO regress_dynamo_user;
SET ROLE regress_dynamo_user;
SELECT test.outcome(name, '{"TableName": "Other"}') FROM unnest('{ListTables,DeleteTable}'::text[]) AS name;
RESET ROLE;
GRANT EXECUTE ON FUNCTION dynamo.list_tables TO regress_dynamo_user;
SET ROLE regress_dynamo_user;
SELECT test.outcome(name, '{"TableName": "Other"}') FROM unnest('{ListTables,DeleteTable}'::text[]) AS name;
SELECT dynamo.list_tables();
RESET ROLE;
REVOKE EXECUTE ON FUNCTION dynamo.execute FROM regress_dynamo_user;
SET ROLE regress_dynamo_user;
SELECT dynamo.execute('ListTables', '{}');
RESET ROLE;

DROP OWNED BY regress_dynamo_user;
DROP ROLE regress_dynamo_user;
SELECT test.drop_table('Tab');
