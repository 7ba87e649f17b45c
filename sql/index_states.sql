-- An index that is not ready is not read.  Written items must fit an index that is
-- being filled, but not one that is being deleted.
\pset format unaligned
\pset tuples_only on

SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
	"GlobalSecondaryIndexes": [{"IndexName": "by-g", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}]}') #>> '{TableDescription,TableStatus}';
SELECT test.put('Tab', '{"pk": {"S": "a"}, "g": {"S": "x"}}');

CREATE FUNCTION pg_temp.outcomes(state text, filling boolean) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
	query jsonb := '{"TableName": "Tab", "IndexName": "by-g", "KeyConditionExpression": "g = :g", "ExpressionAttributeValues": {":g": {"S": "x"}}}';
BEGIN
	UPDATE dynamo_catalog.indexes SET status = state, backfilling = filling WHERE index_name = 'by-g';
	RETURN NEXT test.outcome('Query', query);
	RETURN NEXT test.outcome('Scan', '{"TableName": "Tab", "IndexName": "by-g", "Select": "COUNT"}');
	RETURN NEXT test.outcome('Query', query || '{"ConsistentRead": true}');
	RETURN NEXT test.outcome('Query', query || '{"ExpressionAttributeValues": {":g": {"N": "1"}}}');
	RETURN NEXT test.outcome('PutItem', '{"TableName": "Tab", "Item": {"pk": {"S": "b"}, "g": {"N": "1"}}}');
	RETURN NEXT test.outcome('UpdateItem', '{"TableName": "Tab", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET g = :g", "ExpressionAttributeValues": {":g": {"S": ""}}}');
	RETURN NEXT test.outcome('PutItem', '{"TableName": "Tab", "Item": {"pk": {"S": "c"}, "g": {"S": "x"}}, "ReturnConsumedCapacity": "INDEXES"}');
	RETURN NEXT test.outcome('GetItem', '{"TableName": "Tab", "Key": {"pk": {"S": "a"}}}');
	RETURN NEXT test.outcome('Scan', '{"TableName": "Tab", "Select": "COUNT"}');
	DELETE FROM dynamo_data."Tab" WHERE pk <> 'a';
	UPDATE dynamo_data."Tab" SET item = '{"pk": {"S": "a"}, "g": {"S": "x"}}';
END
$$;
SELECT pg_temp.outcomes('ACTIVE', false);
SELECT pg_temp.outcomes('UPDATING', false);
SELECT pg_temp.outcomes('CREATING', false);
SELECT pg_temp.outcomes('CREATING', true);
SELECT pg_temp.outcomes('DELETING', false);
SELECT pg_temp.outcomes('ACTIVE', false);

-- A state that is only shown counts as well.
UPDATE dynamo_catalog.indexes SET shown_status = 'CREATING', shown_until = clock_timestamp() + '1h';
SELECT test.outcome('Scan', '{"TableName": "Tab", "IndexName": "by-g"}');
UPDATE dynamo_catalog.indexes SET shown_until = clock_timestamp();
SELECT test.outcome('Scan', '{"TableName": "Tab", "IndexName": "by-g"}');

SELECT test.drop_table('Tab');
