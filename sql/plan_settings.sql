-- No setting of a session, database or role changes what operations read and
-- answer.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S', 'N');
SELECT test.make_table('Bin', 'B');
INSERT INTO dynamo_data."Tab" SELECT 'p' || p, i, jsonb_build_object('pk', jsonb_build_object('S', 'p' || p), 'sk', jsonb_build_object('N', i::text),
	'f', '{"N": "1.5"}'::jsonb, 's', e'{"S": "back\\\\slash \\u0001\\u0001"}'::jsonb)
FROM generate_series(1, 20) AS p, generate_series(1, 50) AS i;
-- DescribeTable would show other counts after an autovacuum.
ALTER TABLE dynamo_data."Tab" SET (autovacuum_enabled = off);
SELECT test.put('Bin', jsonb_build_object('pk', jsonb_build_object('B', encode('\xff005c27', 'base64'))));
CREATE TABLE accesses AS SELECT row_number() OVER () AS i, operation, request::jsonb FROM (VALUES
	('GetItem', '{"TableName": "Tab", "Key": {"pk": {"S": "p7"}, "sk": {"N": "20"}}}'),
	('GetItem', '{"TableName": "Bin", "Key": {"pk": {"B": "/wBcJw=="}}}'),
	('PutItem', '{"TableName": "Tab", "Item": {"pk": {"S": "p7"}, "sk": {"N": "20"}, "f": {"N": "2.5"}}, "ReturnValues": "ALL_OLD"}'),
	('PutItem', '{"TableName": "Tab", "Item": {"pk": {"S": "new"}, "sk": {"N": "20"}}}'),
	('UpdateItem', '{"TableName": "Tab", "Key": {"pk": {"S": "p7"}, "sk": {"N": "20"}}, "UpdateExpression": "ADD f :v",
		"ExpressionAttributeValues": {":v": {"N": "0.1"}}, "ReturnValues": "ALL_NEW"}'),
	('DeleteItem', '{"TableName": "Tab", "Key": {"pk": {"S": "p7"}, "sk": {"N": "20"}}, "ReturnValues": "ALL_OLD"}'),
	('Query', '{"TableName": "Tab", "KeyConditionExpression": "pk = :p AND sk > :s", "Limit": 3, "ScanIndexForward": false,
		"ExpressionAttributeValues": {":p": {"S": "p7"}, ":s": {"N": "1e1"}}}'),
	('Scan', '{"TableName": "Tab", "Limit": 3}'),
	('Scan', '{"TableName": "Tab", "Limit": 3, "Segment": 1, "TotalSegments": 3}'),
	('Scan', '{"TableName": "Bin"}'),
	('BatchGetItem', '{"TableName": "Tab", "RequestItems": {"Tab": {"Keys": [{"pk": {"S": "p9"}, "sk": {"N": "1.0"}}]}}}'),
	('DescribeTable', '{"TableName": "Tab"}'),
	('ListTables', '{"TableName": "Tab"}'),
	('DeleteTable', '{"TableName": "Bin"}'),
	('CreateTable', '{"TableName": "Bin", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "N"}], "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}'),
	('UpdateTable', '{"TableName": "Bin", "AttributeDefinitions": [{"AttributeName": "g", "AttributeType": "S"}], "GlobalSecondaryIndexUpdates": [{"Create":
		{"IndexName": "index", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}}]}'),
	('PutItem', '{"TableName": "Bin", "Item": {"pk": {"N": "0.1"}}}'),
	('UpdateTable', '{"TableName": "Bin", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "index"}}]}'),
	('DescribeTable', '{"TableName": "Bin"}'),
	('Scan', '{"TableName": "Bin"}')) AS v(operation, request);

-- Returns what the operations answer and read with these settings, in a
-- subtransaction that is rolled back.
CREATE FUNCTION pg_temp.run(settings text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	access record;
	answers text := '';
BEGIN
	BEGIN
		IF settings <> '' THEN
			EXECUTE settings;
		END IF;
		FOR access IN SELECT * FROM public.accesses ORDER BY i LOOP
			answers := answers || regexp_replace(test.outcome(access.operation, access.request),
				'"(TableId|CreationDateTime|LastUpdateToPayPerRequestDateTime)": [^,}]*', '', 'g') || E'\n';
			IF access.operation ~ '^(GetItem|Query|Scan)$' THEN
				answers := answers || test.reads(access.operation, access.request) || E'\n';
			END IF;
		END LOOP;
		RAISE 'undo';
	EXCEPTION WHEN raise_exception THEN
		NULL;
	END;
	RETURN answers;
END
$$;
CREATE TABLE ordinary AS SELECT pg_temp.run('') AS answers;
SELECT left(line, 110) FROM ordinary, string_to_table(rtrim(answers, e'\n'), e'\n') AS line;

-- Functions and operators that hide those that statements use.
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.never(anyelement, anyelement) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE 'shadowed operator'; END $$;
DO $$
DECLARE
	pair text;
BEGIN
	FOREACH pair IN ARRAY '{text,numeric,bytea,integer,jsonb,uuid}'::text[] LOOP
		EXECUTE format('CREATE FUNCTION hostile.never(%1$s, %1$s) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN RAISE ''shadowed operator''; END $f$;
			CREATE OPERATOR hostile.= (FUNCTION = hostile.never, LEFTARG = %1$s, RIGHTARG = %1$s);
			CREATE OPERATOR hostile.> (FUNCTION = hostile.never, LEFTARG = %1$s, RIGHTARG = %1$s);
			CREATE OPERATOR hostile.>= (FUNCTION = hostile.never, LEFTARG = %1$s, RIGHTARG = %1$s);
			CREATE OPERATOR hostile.< (FUNCTION = hostile.never, LEFTARG = %1$s, RIGHTARG = %1$s);
			CREATE OPERATOR hostile.<= (FUNCTION = hostile.never, LEFTARG = %1$s, RIGHTARG = %1$s)', pair);
	END LOOP;
END
$$;
CREATE TABLE hostile."Tab" (pk text, sk text, item text);
CREATE TABLE hostile.tables (table_name text);
CREATE FUNCTION hostile.max(integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RAISE 'shadowed function'; END $$;
CREATE DOMAIN hostile.jsonb AS text;
CREATE DOMAIN hostile.text AS integer;
CREATE DOMAIN hostile.numeric AS integer;
CREATE DOMAIN hostile.bytea AS integer;

SELECT settings, CASE WHEN answers = pg_temp.run(settings) THEN 'same' ELSE 'different: ' || pg_temp.run(settings) END
FROM ordinary, unnest(ARRAY[
	'SET LOCAL enable_indexscan = off',
	'SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_seqscan = on',
	'SET LOCAL enable_sort = off; SET LOCAL enable_bitmapscan = on; SET LOCAL enable_incremental_sort = on',
	'SET LOCAL plan_cache_mode = force_custom_plan',
	'SET LOCAL plan_cache_mode = force_generic_plan',
	'SET LOCAL cpu_index_tuple_cost = 1e10; SET LOCAL random_page_cost = 1e10; SET LOCAL cursor_tuple_fraction = 1',
	'SET LOCAL max_parallel_workers_per_gather = 8; SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; SET LOCAL min_parallel_index_scan_size = 0',
	'SET LOCAL jit = on; SET LOCAL jit_above_cost = 0; SET LOCAL jit_optimize_above_cost = 0',
	'SET LOCAL geqo_threshold = 2; SET LOCAL constraint_exclusion = on; SET LOCAL join_collapse_limit = 1',
	'SET LOCAL work_mem = 64',
	'SET LOCAL search_path = ''''',
	'SET LOCAL search_path = hostile, pg_catalog',
	'SET LOCAL search_path = hostile, dynamo_data, public, pg_catalog',
	'SET LOCAL standard_conforming_strings = off; SET LOCAL backslash_quote = off; SET LOCAL escape_string_warning = on',
	'SET LOCAL bytea_output = escape',
	'SET LOCAL extra_float_digits = -15; SET LOCAL DateStyle = ''SQL, DMY''; SET LOCAL TimeZone = ''Asia/Kathmandu''; SET LOCAL IntervalStyle = sql_standard',
	'SET LOCAL quote_all_identifiers = on; SET LOCAL transform_null_equals = on; SET LOCAL array_nulls = off',
	'SET LOCAL row_security = off',
	'SET LOCAL session_replication_role = replica',
	'SET LOCAL synchronous_commit = off; SET LOCAL default_transaction_isolation = serializable; SET LOCAL default_transaction_read_only = on',
	'SET LOCAL default_tablespace = ''''; SET LOCAL default_table_access_method = heap; SET LOCAL default_toast_compression = pglz',
	'SET LOCAL statement_timeout = ''10min''; SET LOCAL lock_timeout = ''10min''',
	'SET LOCAL dynamo.plan_cache = 1',
	'SET LOCAL check_function_bodies = off; SET LOCAL xmloption = document'
	]) AS settings;

SET client_min_messages = warning;
DROP SCHEMA hostile CASCADE;
RESET client_min_messages;
DROP TABLE accesses, ordinary;
SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
