-- dynamo.item_collection_limit: an item collection, with what its items take in
-- local indexes, does not grow beyond it, whichever operation writes; it may shrink.
\pset format unaligned
\pset tuples_only on

SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}, {"AttributeName": "x", "AttributeType": "N"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
	"LocalSecondaryIndexes": [{"IndexName": "local", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "x", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "ALL"}}]}') IS NOT NULL;

-- Puts an item of about that many kilobytes, in the index or not.
CREATE FUNCTION pg_temp.item(pk text, sk integer, kilobytes integer, indexed boolean DEFAULT false) RETURNS jsonb
LANGUAGE sql AS $$
SELECT jsonb_build_object('pk', jsonb_build_object('S', pk), 'sk', jsonb_build_object('N', sk::text), 'a', jsonb_build_object('S', repeat('a', kilobytes * 1024)))
	|| CASE WHEN indexed THEN '{"x": {"N": "1"}}' ELSE '{}' END::jsonb
$$;
CREATE FUNCTION pg_temp.try(operation text, request jsonb) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM dynamo.execute(operation, request);
	RETURN 'done';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END
$$;
CREATE FUNCTION pg_temp.put(item jsonb) RETURNS text
LANGUAGE sql AS $$ SELECT pg_temp.try('PutItem', jsonb_build_object('TableName', 'Tab', 'Item', item)) $$;

SET dynamo.item_collection_limit = 1;
SELECT pg_temp.put(pg_temp.item('p', i, 300)) FROM generate_series(1, 4) AS i;
SELECT pg_temp.put(pg_temp.item('q', 1, 300));
-- Twice, where it is in the index.
SELECT pg_temp.put(pg_temp.item('p', 3, 300, true)), pg_temp.put(pg_temp.item('p', 3, 100, true));
SELECT pg_temp.put(pg_temp.item('p', 3, 300));

SELECT pg_temp.try('UpdateItem', '{"TableName": "Tab", "Key": {"pk": {"S": "p"}, "sk": {"N": "1"}}, "UpdateExpression": "SET x = sk"}');
SELECT pg_temp.try('UpdateItem', '{"TableName": "Tab", "Key": {"pk": {"S": "p"}, "sk": {"N": "1"}}, "UpdateExpression": "SET a = sk"}');
SELECT pg_temp.try('BatchWriteItem', jsonb_build_object('RequestItems', jsonb_build_object('Tab', jsonb_build_array(jsonb_build_object('PutRequest', jsonb_build_object('Item', pg_temp.item('p', 4, 390))),
	jsonb_build_object('PutRequest', jsonb_build_object('Item', pg_temp.item('p', 5, 390)))))));
SELECT pg_temp.try('TransactWriteItems', jsonb_build_object('TransactItems', jsonb_build_array(
	jsonb_build_object('Put', jsonb_build_object('TableName', 'Tab', 'Item', pg_temp.item('q', 2, 390))),
	jsonb_build_object('Put', jsonb_build_object('TableName', 'Tab', 'Item', pg_temp.item('q', 3, 390))))));
SELECT pk, sk, pg_column_size(item #>> '{a,S}') > 300 AS large FROM dynamo_data."Tab" ORDER BY 1, 2;

-- Without local indexes there are no item collections.
SELECT test.make_table('Other', 'S', 'N');
SELECT pg_temp.try('PutItem', jsonb_build_object('TableName', 'Other', 'Item', pg_temp.item('p', i, 390))) FROM generate_series(1, 4) AS i;
RESET dynamo.item_collection_limit;
SELECT pg_temp.put(pg_temp.item('p', 9, 390));

SELECT test.drop_table(name) FROM unnest('{Tab,Other}'::text[]) AS name;
