-- A role may do what it has been granted, in plain SQL and through the operations,
-- which run as their caller.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Mine', 'S', 'N');
SELECT test.make_table('Theirs', 'S');
SELECT test.put('Mine', '{"pk": {"S": "a"}, "sk": {"N": "1"}}');
CREATE ROLE regress_dynamo_user;
GRANT USAGE ON SCHEMA test, dynamo_data TO regress_dynamo_user;
GRANT SELECT, INSERT, UPDATE ON dynamo_data."Mine" TO regress_dynamo_user;

-- Plain SQL: keeping the indexes needs nothing more.
SET ROLE regress_dynamo_user;
INSERT INTO dynamo_data."Mine" SELECT 'b', i, jsonb_build_object('pk', '{"S": "b"}'::jsonb, 'sk', jsonb_build_object('N', i::text))
FROM generate_series(1, 3) AS i;
UPDATE dynamo_data."Mine" SET item = item || '{"v": {"S": "new"}}' WHERE pk = 'b' AND sk = 2;
SELECT pk, sk, item -> 'v' FROM dynamo_data."Mine" ORDER BY pk, sk;
SELECT count(*) FROM dynamo_data."Mine" WHERE dynamo.token(pk) = dynamo.token('b'::text);
SELECT dynamo.plain(item) FROM dynamo_data."Mine" WHERE sk = 3;
DELETE FROM dynamo_data."Mine";
SELECT * FROM dynamo_data."Theirs";
SELECT * FROM dynamo_catalog.tables;
SELECT table_name FROM dynamo.tables ORDER BY 1;

-- PUBLIC may not execute the operations.
SELECT dynamo.get_item('{"TableName": "Mine", "Key": {"pk": {"S": "a"}, "sk": {"N": "1"}}}');
RESET ROLE;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dynamo TO regress_dynamo_user;

-- A role that may execute the functions also needs privileges on the tables.
SET ROLE regress_dynamo_user;
SELECT operation, test.outcome(operation, ('{"TableName": "' || table_name || '"}')::jsonb || request::jsonb)
FROM unnest('{Mine,Theirs}'::text[]) AS table_name, (VALUES
	('GetItem', '{"Key": {"pk": {"S": "a"}, "sk": {"N": "1"}}}'),
	('Query', '{"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}'),
	('Scan', '{"Select": "COUNT"}'),
	('PutItem', '{"Item": {"pk": {"S": "c"}, "sk": {"N": "1"}}}'),
	('UpdateItem', '{"Key": {"pk": {"S": "c"}, "sk": {"N": "1"}}}'),
	('DeleteItem', '{"Key": {"pk": {"S": "c"}, "sk": {"N": "1"}}}'),
	('DescribeTable', NULL)) AS v(operation, request)
WHERE table_name = 'Mine' OR operation IN ('Scan', 'PutItem', 'DeleteItem');
SELECT test.outcome('BatchWriteItem', '{"RequestItems": {"Mine": [{"PutRequest": {"Item": {"pk": {"S": "batch"}, "sk": {"N": "1"}}}}],
	"Theirs": [{"PutRequest": {"Item": {"pk": {"S": "batch"}}}}]}}');
SELECT dynamo.check('Theirs');
SELECT dynamo.list_tables();
RESET ROLE;
SELECT count(*) FROM dynamo_data."Mine" WHERE pk = 'batch';

-- A role that makes a table may use it; it belongs to dynamo_owner.
SET ROLE regress_dynamo_user;
SELECT test.make_table('Made', 'S');
SELECT test.put('Made', '{"pk": {"S": "a"}}');
SELECT dynamo.scan('{"TableName": "Made"}');
ALTER TABLE dynamo_data."Made" ADD COLUMN x integer;
TRUNCATE dynamo_data."Made";
RESET ROLE;
SELECT relowner::regrole FROM pg_class WHERE oid = 'dynamo_data."Made"'::regclass;

-- dynamo_service, as which HTTP requests run, may do all of it to every table.
SET ROLE dynamo_service;
SELECT dynamo.put_item('{"TableName": "Theirs", "Item": {"pk": {"S": "a"}}}'),
	dynamo.delete_item('{"TableName": "Theirs", "Key": {"pk": {"S": "a"}}, "ReturnValues": "ALL_OLD"}');
SELECT dynamo.delete_table('{"TableName": "Theirs"}') #> '{TableDescription,TableStatus}';
SELECT * FROM dynamo_catalog.tables;
RESET ROLE;
SELECT rolsuper, rolcanlogin, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'dynamo_service';

DROP OWNED BY regress_dynamo_user;
DROP ROLE regress_dynamo_user;
SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
