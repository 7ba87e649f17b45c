-- Tables dropped, renamed and entered by SQL: every session's next request
-- sees it.
\pset format unaligned
\pset tuples_only on

CREATE EXTENSION dblink;
SELECT dblink_connect(format('host=%s port=%s dbname=%s user=%s', split_part(current_setting('unix_socket_directories'), ',', 1),
	current_setting('port'), current_database(), current_user));
-- The same read here and in another session.
CREATE FUNCTION pg_temp.both(operation text, request jsonb) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	here text := test.outcome(operation, request);
	there text;
BEGIN
	SELECT * INTO there FROM dblink(format('SELECT test.outcome(%L, %L)', operation, request)) AS t(outcome text);
	RETURN CASE WHEN here = there THEN here ELSE here || ', but there: ' || there END;
END
$$;
CREATE FUNCTION pg_temp.both_get(table_name text) RETURNS text
LANGUAGE sql AS $$
	SELECT pg_temp.both('GetItem', jsonb_build_object('TableName', table_name, 'Key', '{"pk": {"S": "a"}}'::jsonb))
$$;

SELECT count(test.make_table(name, 'S')) FROM unnest('{Tab,Other,Third}'::text[]) AS name;
SELECT count(test.put(name, '{"pk": {"S": "a"}}')) FROM unnest('{Tab,Other,Third}'::text[]) AS name;
SELECT pg_temp.both_get(name) FROM unnest('{Tab,Other,Third,Nowhere}'::text[]) AS name;

-- DROP TABLE, also of several, makes the catalog forget them.
DROP TABLE dynamo_data."Tab", dynamo_data."Other";
SELECT pg_temp.both_get(name) FROM unnest('{Tab,Other,Third}'::text[]) AS name;
SELECT dynamo.list_tables();
-- Dropped and created again with another key: the session does not use its old plans.
SELECT test.make_table('Tab', 'N');
SELECT pg_temp.both_get('Tab');
SELECT test.put('Tab', '{"pk": {"N": "1"}}');
SELECT pg_temp.both('Scan', '{"TableName": "Tab"}');
-- Dropped and undone.
BEGIN;
DROP TABLE dynamo_data."Third";
SELECT test.outcome('Scan', '{"TableName": "Third"}');
ROLLBACK;
SELECT pg_temp.both_get('Third');

-- Renamed away, it is gone; back, it is there.
ALTER TABLE dynamo_data."Third" RENAME TO aside;
SELECT pg_temp.both_get('Third');
SELECT pg_temp.both('DescribeTable', '{"TableName": "Third"}');
ALTER TABLE dynamo_data.aside RENAME TO "Third";
SELECT pg_temp.both_get('Third');

-- Changes to a heap that leave it usable: plans are made again.
ALTER TABLE dynamo_data."Third" ADD COLUMN note text DEFAULT 'x', ADD COLUMN added timestamptz DEFAULT now();
SELECT test.put('Third', '{"pk": {"S": "b"}}');
SELECT pg_temp.both_get('Third'), pg_temp.both('Scan', '{"TableName": "Third", "Select": "COUNT"}');
ALTER TABLE dynamo_data."Third" DROP COLUMN note, DROP COLUMN added;
VACUUM FULL dynamo_data."Third";
REINDEX TABLE dynamo_data."Third";
TRUNCATE dynamo_data."Third";
SELECT pg_temp.both('Scan', '{"TableName": "Third"}');

-- The catalog edited by hand.
UPDATE dynamo_catalog.tables SET status = 'DELETING' WHERE table_name = 'Third';
SELECT pg_temp.both_get('Third'), test.outcome('DeleteTable', '{"TableName": "Third"}');
UPDATE dynamo_catalog.tables SET status = 'ACTIVE', definition = definition || '{"DeletionProtectionEnabled": true}' WHERE table_name = 'Third';
SELECT pg_temp.both_get('Third'), test.outcome('DeleteTable', '{"TableName": "Third"}');
UPDATE dynamo_catalog.tables SET table_name = 'Fourth', definition = definition - 'DeletionProtectionEnabled' WHERE table_name = 'Third';
SELECT pg_temp.both_get('Third'), pg_temp.both_get('Fourth');
SET session_replication_role = replica;
DELETE FROM dynamo_catalog.tables WHERE table_name = 'Fourth';
RESET session_replication_role;
SELECT pg_temp.both_get('Fourth');
-- A heap that is no longer in the catalog is not overwritten.
SELECT test.outcome('CreateTable', '{"TableName": "Third", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}');
DROP TABLE dynamo_data."Third";
INSERT INTO dynamo_catalog.tables SELECT 'Ghost', gen_random_uuid(), 'Ghost', 'ACTIVE', now(), 'pk', 'S', NULL, NULL, '{}';
SELECT pg_temp.both_get('Ghost'), pg_temp.both('DescribeTable', '{"TableName": "Ghost"}');
SELECT test.drop_table('Ghost');

-- The whole schema.
SELECT test.make_table('Last', 'S');
SELECT pg_temp.both_get('Last');
SET client_min_messages = warning;
DROP SCHEMA dynamo_data CASCADE;
RESET client_min_messages;
SELECT pg_temp.both_get('Last'), pg_temp.both('ListTables', '{}');
SELECT test.make_table('Last', 'S');
SELECT test.put('Last', '{"pk": {"S": "a"}}');
SELECT pg_temp.both_get('Last');
SELECT test.drop_table('Last');

SELECT dblink_disconnect();
DROP EXTENSION dblink;
