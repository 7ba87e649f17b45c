-- DROP EXTENSION keeps the items.  The library notices that the extension is gone,
-- and that it has been created again.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
SELECT test.put('Tab', '{"pk": {"S": "a"}}');
SELECT test.make_table('Other', 'S');
CREATE FUNCTION pg_temp.get_item(request jsonb) RETURNS jsonb
LANGUAGE c AS '$libdir/dynamo', 'dynamo_get_item';

DROP EXTENSION dynamo;
SET client_min_messages = warning;
DROP EXTENSION dynamo CASCADE;
SELECT pk, item FROM dynamo_data."Tab";
SELECT pg_temp.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}}}');
DROP TABLE dynamo_data."Other";
SELECT count(*) FROM pg_event_trigger WHERE evtname LIKE 'dynamo%';
SELECT count(*) FROM pg_namespace WHERE nspname IN ('dynamo', 'dynamo_catalog', 'dynamo_data');

CREATE EXTENSION dynamo;
RESET client_min_messages;
SELECT dynamo.list_tables();
SELECT pg_temp.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}}}');
-- Nothing overwrites what is there.
SELECT test.outcome('CreateTable', '{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}');
ALTER TABLE dynamo_data."Tab" RENAME TO old;
ALTER INDEX dynamo_data."Tab:pkey" RENAME TO "old:pkey";
SELECT test.make_table('Tab', 'S');
INSERT INTO dynamo_data."Tab" SELECT * FROM dynamo_data.old;
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}}}');
DROP TABLE dynamo_data.old;

-- The schema of the data is not a member of the extension, so pg_dump dumps it.
SELECT count(*) FROM pg_depend WHERE deptype = 'e' AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'dynamo')
	AND (classid, objid) IN (SELECT 'pg_namespace'::regclass, oid FROM pg_namespace WHERE nspname = 'dynamo_data'
		UNION ALL SELECT 'pg_class'::regclass, oid FROM pg_class WHERE relnamespace = 'dynamo_data'::regnamespace);
SELECT extconfig::regclass[], extrelocatable, extversion = (SELECT default_version FROM pg_available_extensions WHERE name = 'dynamo')
FROM pg_extension WHERE extname = 'dynamo';

DROP FUNCTION pg_temp.get_item;
SELECT test.drop_table('Tab');

-- Strings are UTF-8: other databases are refused.
SELECT current_database() AS database \gset
CREATE DATABASE regress_dynamo_ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
\c regress_dynamo_ascii
-- what stands around the error is another in each version of PostgreSQL
\set SHOW_CONTEXT never
CREATE EXTENSION dynamo;
\c :database
DROP DATABASE regress_dynamo_ascii;
