-- Operations in SQL are part of the caller's transaction.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
CREATE TABLE ordinary (n integer);

-- Operations and plain SQL are rolled back together and committed together.
BEGIN;
INSERT INTO ordinary VALUES (1);
SELECT test.put('Tab', '{"pk": {"S": "a"}}');
ROLLBACK;
SELECT (SELECT count(*) FROM ordinary), dynamo.scan('{"TableName": "Tab"}') -> 'Count';
BEGIN;
INSERT INTO ordinary VALUES (1);
SELECT test.put('Tab', '{"pk": {"S": "a"}}');
COMMIT;
SELECT (SELECT count(*) FROM ordinary), dynamo.scan('{"TableName": "Tab"}') -> 'Count';

-- Savepoints.
BEGIN;
SELECT test.put('Tab', '{"pk": {"S": "b"}}');
SAVEPOINT s;
SELECT test.put('Tab', '{"pk": {"S": "c"}}');
SELECT dynamo.delete_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}}}');
SELECT dynamo.scan('{"TableName": "Tab"}') #> '{Items}';
ROLLBACK TO s;
SELECT test.put('Tab', '{"pk": {"S": "d"}}');
COMMIT;
SELECT dynamo.scan('{"TableName": "Tab"}') -> 'Items';

-- Each operation sees what came before it, even in one statement.
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "e"}, "n": {"N": "1"}}}'),
	dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "e"}}}'),
	dynamo.update_item('{"TableName": "Tab", "Key": {"pk": {"S": "e"}}, "UpdateExpression": "ADD n :n",
		"ExpressionAttributeValues": {":n": {"N": "1"}}, "ReturnValues": "UPDATED_NEW"}'),
	dynamo.query('{"TableName": "Tab", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "e"}}}'),
	dynamo.delete_item('{"TableName": "Tab", "Key": {"pk": {"S": "e"}}, "ReturnValues": "ALL_OLD"}'),
	dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "e"}}}');
SELECT i, dynamo.update_item('{"TableName": "Tab", "Key": {"pk": {"S": "f"}}, "UpdateExpression": "ADD n :n",
	"ExpressionAttributeValues": {":n": {"N": "1"}}, "ReturnValues": "UPDATED_NEW"}') #> '{Attributes,n}'
FROM generate_series(1, 3) AS i;

-- A table made, used and dropped in one transaction; an error in between.
BEGIN;
SELECT test.make_table('Brief', 'N', 'S');
SELECT test.put('Brief', '{"pk": {"N": "1"}, "sk": {"S": "x"}}');
SELECT test.outcome('PutItem', '{"TableName": "Brief", "Item": {"pk": {"N": "1"}}}');
SELECT dynamo.query('{"TableName": "Brief", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"N": "1"}}}');
SELECT test.drop_table('Brief');
SELECT test.make_table('Brief', 'S');
SELECT dynamo.scan('{"TableName": "Brief"}');
ROLLBACK;
SELECT dynamo.list_tables();

-- Any isolation level.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM ordinary;
SELECT test.put('Tab', '{"pk": {"S": "r"}, "n": {"N": "1"}}');
SELECT test.make_table('Repeatable', 'S');
SELECT test.put('Repeatable', '{"pk": {"S": "r"}}');
SELECT dynamo.update_item('{"TableName": "Tab", "Key": {"pk": {"S": "r"}}, "UpdateExpression": "SET n = n + n", "ReturnValues": "ALL_NEW"}');
SELECT dynamo.scan('{"TableName": "Repeatable"}');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT dynamo.batch_write_item('{"RequestItems": {"Tab": [{"PutRequest": {"Item": {"pk": {"S": "s"}}}}], "Repeatable": [{"DeleteRequest": {"Key": {"pk": {"S": "r"}}}}]}}');
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "s"}}}');
COMMIT;

-- A read-only transaction reads; it does not write.
BEGIN READ ONLY;
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "s"}}}');
SELECT test.put('Tab', '{"pk": {"S": "readonly"}}');
ROLLBACK;

-- Functions, DO blocks and cursors.
DO $$
BEGIN
	FOR i IN 1 .. 3 LOOP
		PERFORM test.put('Tab', jsonb_build_object('pk', jsonb_build_object('S', 'do' || i)));
		IF i % 2 = 1 THEN COMMIT; ELSE ROLLBACK; END IF;
	END LOOP;
END
$$;
SELECT pk FROM dynamo_data."Tab" WHERE pk LIKE 'do%' ORDER BY pk;
BEGIN;
DECLARE c CURSOR FOR SELECT i, dynamo.get_item(jsonb_build_object('TableName', 'Tab', 'Key', jsonb_build_object('pk', jsonb_build_object('S', 'do' || i))))
	FROM generate_series(1, 3) AS i;
FETCH 2 FROM c;
SELECT test.drop_table('Tab');
FETCH 2 FROM c;
ROLLBACK;
PREPARE get(text) AS SELECT dynamo.get_item(jsonb_build_object('TableName', 'Tab', 'Key', jsonb_build_object('pk', jsonb_build_object('S', $1))));
EXECUTE get('do1');
EXECUTE get('do2');

DROP TABLE ordinary;
SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
