-- ReturnConsumedCapacity: what is reported, and how it is counted.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
-- Returns an item of exactly that many bytes.  Four of them are pk, a and v.
CREATE FUNCTION pg_temp.item(bytes integer) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT jsonb_build_object('pk', '{"S": "a"}'::jsonb, 'v', jsonb_build_object('S', repeat('x', bytes - 4)))
$$;
CREATE FUNCTION pg_temp.units(operation text, request jsonb) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT dynamo.execute(operation, '{"TableName": "Tab", "ReturnConsumedCapacity": "TOTAL"}'::jsonb || request)
		#> '{ConsumedCapacity,CapacityUnits}'
$$;

-- What each level shows.
SELECT dynamo.put_item(jsonb_build_object('TableName', 'Tab', 'Item', pg_temp.item(10), 'ReturnConsumedCapacity', level))
FROM unnest('{NONE,TOTAL,INDEXES}'::text[]) AS level;

-- Writes: the larger of old and new, in units of 1 KB.
SELECT old, new, pg_temp.units('PutItem', jsonb_build_object('Item', pg_temp.item(new)))
FROM (VALUES (0, 10), (10, 1023), (1023, 1024), (1024, 1025), (1025, 10), (10, 3000), (3000, 200)) AS v(old, new);
SELECT pg_temp.units('PutItem', jsonb_build_object('Item', pg_temp.item(3000)));
SELECT pg_temp.units('UpdateItem', '{"Key": {"pk": {"S": "a"}}, "UpdateExpression": "REMOVE v"}');
SELECT pg_temp.units('UpdateItem', '{"Key": {"pk": {"S": "new"}}, "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": {"N": "1"}}}');
SELECT pg_temp.units('PutItem', jsonb_build_object('Item', pg_temp.item(3000)));
SELECT pg_temp.units('DeleteItem', '{"Key": {"pk": {"S": "a"}}}'), pg_temp.units('DeleteItem', '{"Key": {"pk": {"S": "a"}}}');

-- Reads: in units of 4 KB, half price unless consistent; projections and
-- filters do not help.
SELECT count(test.put('Tab', pg_temp.item(bytes) || jsonb_build_object('pk', jsonb_build_object('S', chr(96 + i::integer)))))
FROM unnest('{4096,4097,100}'::integer[]) WITH ORDINALITY AS v(bytes, i);
SELECT key, consistent, pg_temp.units('GetItem', jsonb_build_object('ConsistentRead', consistent, 'ProjectionExpression', 'pk',
	'Key', jsonb_build_object('pk', jsonb_build_object('S', key))))
FROM unnest('{a,b,c,missing}'::text[]) AS key, unnest('{f,t}'::boolean[]) AS consistent;
SELECT change, pg_temp.units('Scan', change)
FROM jsonb_array_elements('[{}, {"ConsistentRead": true}, {"Select": "COUNT"}, {"Limit": 1}, {"Limit": 2},
	{"FilterExpression": "attribute_not_exists(pk)"}]') AS change;
SELECT change, pg_temp.units('Query', '{"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "b"}}}'::jsonb || change)
FROM jsonb_array_elements('[{}, {"ConsistentRead": true}, {"ExpressionAttributeValues": {":p": {"S": "nobody"}}}]') AS change;

-- Batches: one entry for each table; each item is rounded by itself.
SELECT test.make_table('Other', 'S');
SELECT dynamo.batch_write_item(jsonb_build_object('ReturnConsumedCapacity', 'INDEXES', 'RequestItems', jsonb_build_object(
	'Tab', '[{"DeleteRequest": {"Key": {"pk": {"S": "b"}}}}, {"DeleteRequest": {"Key": {"pk": {"S": "nobody"}}}}]'::jsonb,
	'Other', jsonb_build_array(jsonb_build_object('PutRequest', jsonb_build_object('Item', pg_temp.item(1025)))))))
	-> 'ConsumedCapacity';
SELECT dynamo.batch_get_item('{"ReturnConsumedCapacity": "TOTAL", "RequestItems": {
	"Tab": {"Keys": [{"pk": {"S": "a"}}, {"pk": {"S": "c"}}, {"pk": {"S": "nobody"}}]},
	"Other": {"Keys": [{"pk": {"S": "a"}}], "ConsistentRead": true}}}') -> 'ConsumedCapacity';

SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
