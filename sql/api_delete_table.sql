-- DeleteTable: the heap goes with the table, unless something forbids it.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Music', 'S');
SELECT test.put('Music', '{"pk": {"S": "a"}}');
SELECT jsonb_path_query(dynamo.delete_table('{"TableName": "Music"}'),
	'$.TableDescription.keyvalue() ? (@.key like_regex "^Table(Name|Status|Arn)$").value');
SELECT count(*) FROM pg_class WHERE relname ~ '^Music';
SELECT test.outcome(operation, '{"TableName": "Music", "Key": {"pk": {"S": "a"}}}')
FROM unnest('{DeleteTable,DescribeTable,GetItem}'::text[]) AS operation;

-- A table that is created again is a new table, and empty.
SELECT test.make_table('Music', 'S');
SELECT dynamo.scan('{"TableName": "Music"}');

-- Rolled back, nothing has happened.
SELECT test.put('Music', '{"pk": {"S": "b"}}');
BEGIN;
SELECT test.drop_table('Music');
SELECT test.outcome('GetItem', '{"TableName": "Music", "Key": {"pk": {"S": "b"}}}');
ROLLBACK;
SELECT dynamo.get_item('{"TableName": "Music", "Key": {"pk": {"S": "b"}}}');
BEGIN;
SAVEPOINT s;
SELECT test.drop_table('Music');
SELECT test.make_table('Music', 'N');
SELECT test.put('Music', '{"pk": {"N": "1"}}');
ROLLBACK TO s;
SELECT dynamo.scan('{"TableName": "Music"}');
COMMIT;
SELECT test.drop_table('Music');

SELECT dynamo.create_table('{"TableName": "Protected", "BillingMode": "PAY_PER_REQUEST",
	"DeletionProtectionEnabled": true,
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}')
	#> '{TableDescription,DeletionProtectionEnabled}';
SELECT dynamo.delete_table('{"TableName": "Protected"}');
SELECT test.outcome('DeleteTable', request)
FROM jsonb_array_elements('[{}, {"TableName": "ab"}, {"TableName": "a;b"}]') AS request;

-- The protection is DynamoDB's: SQL is not held back.
DROP TABLE dynamo_data."Protected";
SELECT dynamo.list_tables();
