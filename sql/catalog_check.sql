-- dynamo.check_catalog() finds catalog rows whose relation is missing, and rows
-- and relations that belong to no table.  No foreign key prevents them.
\pset format unaligned
\pset tuples_only on

SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "Tags": [{"Key": "team", "Value": "a"}],
	"GlobalSecondaryIndexes": [{"IndexName": "ByG", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}]}')
	-> 'TableDescription' -> 'TableStatus';
SELECT test.make_table('Other', 'S');
INSERT INTO dynamo_catalog.jobs VALUES ('Tab', 'BUILD INDEX', 'ByG', 1, now());
SELECT * FROM dynamo.check_catalog();
SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'dynamo_catalog'::regnamespace;

-- Orphans
BEGIN;
DELETE FROM dynamo_catalog.tables WHERE table_name = 'Tab';
SELECT * FROM dynamo.check_catalog();
ROLLBACK;

-- Relations that are not there
BEGIN;
DROP INDEX dynamo_data."Tab:i:ByG";
SELECT * FROM dynamo.check_catalog();
ROLLBACK;
BEGIN;
ALTER TABLE dynamo_data."Tab" DROP CONSTRAINT "Tab:pkey";
SELECT * FROM dynamo.check_catalog();
ROLLBACK;
BEGIN;
ALTER EVENT TRIGGER dynamo_sql_drop DISABLE;
DROP TABLE dynamo_data."Tab";
SELECT * FROM dynamo.check_catalog();
ROLLBACK;
BEGIN;
ALTER TABLE dynamo_data."Tab" RENAME TO "Away";
SELECT * FROM dynamo.check_catalog();
ROLLBACK;

-- Everything that belongs to a table is deleted with it, by SQL too.
CREATE FUNCTION pg_temp.rows() RETURNS TABLE (tables bigint, indexes bigint, tags bigint, jobs bigint)
LANGUAGE sql AS $$
	SELECT (SELECT count(*) FROM dynamo_catalog.tables), (SELECT count(*) FROM dynamo_catalog.indexes),
		(SELECT count(*) FROM dynamo_catalog.tags), (SELECT count(*) FROM dynamo_catalog.jobs)
$$;
SELECT pg_temp.rows();
BEGIN;
SELECT test.drop_table('Tab');
SELECT pg_temp.rows();
SELECT * FROM dynamo.check_catalog();
ROLLBACK;
DROP TABLE dynamo_data."Tab";
SELECT pg_temp.rows();
SELECT * FROM dynamo.check_catalog();
SELECT test.drop_table('Other');
