-- TransactGetItems: items of several tables in the order of the request.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
SELECT test.make_table('Other', 'N', 'S');
SELECT test.put('Tab', '{"pk": {"S": "a"}, "m": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}}');
SELECT test.put('Other', '{"pk": {"N": "1"}, "sk": {"S": "x"}}');
CREATE FUNCTION pg_temp.get(items text, more jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$ SELECT test.outcome('TransactGetItems', jsonb_build_object('TransactItems', items::jsonb) || more) $$;

SELECT pg_temp.get('[{"Get": {"TableName": "Other", "Key": {"pk": {"N": "1.0"}, "sk": {"S": "x"}}}}, {"Get": {"TableName": "Tab", "Key": {"pk": {"S": "b"}}}},
	{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}, "ProjectionExpression": "m.x"}}]', '{"ReturnConsumedCapacity": "INDEXES"}');
SELECT pg_temp.get('[{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}}}, {"Get": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}}}]');
SELECT pg_temp.get('[{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}}}, {"Get": {"TableName": "Tab", "Key": {"pk": {"N": "1"}}}}]');
SELECT pg_temp.get('[{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}}}, {"Get": {"TableName": "Nowhere", "Key": {"pk": {"S": "a"}}}}]');

-- TransactGetItems sees what the SQL transaction has done before, even in the same
-- statement.
BEGIN;
SELECT test.put('Tab', '{"pk": {"S": "b"}}');
SELECT pg_temp.get('[{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "b"}}}}]');
DELETE FROM dynamo_data."Tab" WHERE pk = 'a';
SELECT pg_temp.get('[{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}}}, {"Get": {"TableName": "Tab", "Key": {"pk": {"S": "b"}}}}]');
SELECT test.put('Tab', '{"pk": {"S": "c"}}'), pg_temp.get('[{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "c"}}}}]'),
	test.put('Tab', '{"pk": {"S": "c"}, "v": {"N": "1"}}'), pg_temp.get('[{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "c"}}}}]');
ROLLBACK;

-- It uses the snapshot of the SQL transaction if there is one, also in a read-only
-- transaction.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT test.put('Tab', '{"pk": {"S": "b"}}');
SELECT pg_temp.get('[{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "b"}}}}]');
ROLLBACK;
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY;
SELECT pg_temp.get('[{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "b"}}}}]');
COMMIT;

-- A row that is not an item.
INSERT INTO dynamo_data."Tab" VALUES ('bad', '{"pk": {"S": "bad"}, "v": {"X": 1}}');
SELECT pg_temp.get('[{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}}}, {"Get": {"TableName": "Tab", "Key": {"pk": {"S": "bad"}}}}]');
SELECT pg_temp.get('[{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "bad"}}, "ProjectionExpression": "pk"}}]');

SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
