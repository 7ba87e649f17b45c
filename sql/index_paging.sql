-- Paging through indexes: pages of every size, either way, make up the whole,
-- whatever the types of the keys and however many items have equal ones.
\pset format unaligned
\pset tuples_only on

SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "B"}, {"AttributeName": "s", "AttributeType": "S"},
		{"AttributeName": "n", "AttributeType": "N"}, {"AttributeName": "b", "AttributeType": "B"}, {"AttributeName": "same", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
	"LocalSecondaryIndexes": [
		{"IndexName": "local-s", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]},
		{"IndexName": "local-n", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]},
		{"IndexName": "local-b", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["v"]}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}]}],
	"GlobalSecondaryIndexes": [
		{"IndexName": "same", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "same", "KeyType": "HASH"}]},
		{"IndexName": "same-s", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "same", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]},
		{"IndexName": "same-n", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "same", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]},
		{"IndexName": "same-b", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["v"]}, "KeySchema": [{"AttributeName": "same", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}]},
		{"IndexName": "same-pk", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "same", "KeyType": "HASH"}, {"AttributeName": "pk", "KeyType": "RANGE"}]},
		{"IndexName": "three", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "same", "KeyType": "HASH"},
			{"AttributeName": "n", "KeyType": "RANGE"}, {"AttributeName": "sk", "KeyType": "RANGE"}, {"AttributeName": "b", "KeyType": "RANGE"}]}]}') #>> '{TableDescription,TableStatus}';

-- 23 items with three to five values of each key, and some that are in no index.
SELECT count(test.put('Tab', jsonb_build_object('pk', '{"S": "p"}'::jsonb, 'sk', jsonb_build_object('B', encode(decode(lpad(to_hex(i), 2, '0'), 'hex'), 'base64')),
	'v', jsonb_build_object('N', i::text))
	|| CASE WHEN i % 5 = 4 THEN '{}' ELSE jsonb_build_object('same', '{"S": "x"}'::jsonb, 's', jsonb_build_object('S', repeat('a', 1 + i % 4)),
		'n', jsonb_build_object('N', ((i % 3 - 1) * 10 ^ (i % 2))::text), 'b', jsonb_build_object('B', encode(decode(repeat('00', 1 + i % 5), 'hex'), 'base64'))) END))
FROM generate_series(0, 28) AS i;

-- The items of a Query on an index; which of its items are out of order; and
-- how pages of each size differ from the whole.
CREATE FUNCTION pg_temp.query(name text, forward boolean) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT jsonb_build_object('TableName', 'Tab', 'IndexName', name, 'ScanIndexForward', forward, 'KeyConditionExpression', CASE WHEN name LIKE 'local%' THEN 'pk = :p' ELSE 'same = :x' END,
		'ExpressionAttributeValues', CASE WHEN name LIKE 'local%' THEN '{":p": {"S": "p"}}' ELSE '{":x": {"S": "x"}}' END::jsonb)
$$;
CREATE FUNCTION pg_temp.pages(operation text, request jsonb, page_size integer) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT jsonb_agg(item ORDER BY i) FROM test.all_pages(operation, request, page_size) WITH ORDINALITY AS p(item, i)
$$;
SELECT index_name, forward, jsonb_array_length(whole), (SELECT count(DISTINCT item -> 'sk') FROM jsonb_array_elements(whole) AS item) AS distinct,
	(SELECT array_agg(page_size) FROM generate_series(1, 24) AS page_size WHERE pg_temp.pages('Query', request, page_size) IS DISTINCT FROM whole) AS wrong
FROM dynamo.indexes, unnest('{t,f}'::boolean[]) AS forward, LATERAL (SELECT pg_temp.query(index_name, forward)) AS r(request), LATERAL (SELECT dynamo.query(request) -> 'Items') AS q(whole)
ORDER BY index_name, forward;
SELECT index_name, jsonb_array_length(whole), (SELECT count(DISTINCT item -> 'sk') FROM jsonb_array_elements(whole) AS item) AS distinct,
	(SELECT array_agg(page_size) FROM generate_series(1, 24) AS page_size WHERE pg_temp.pages('Scan', request, page_size) IS DISTINCT FROM whole) AS wrong
FROM dynamo.indexes, LATERAL (SELECT jsonb_build_object('TableName', 'Tab', 'IndexName', index_name)) AS r(request), LATERAL (SELECT dynamo.scan(request) -> 'Items') AS q(whole)
ORDER BY index_name;

-- Backwards is forwards reversed, items with equal keys too.
SELECT index_name, (SELECT jsonb_agg(item ORDER BY i DESC) FROM jsonb_array_elements(dynamo.query(pg_temp.query(index_name, true)) -> 'Items') WITH ORDINALITY AS f(item, i))
	= dynamo.query(pg_temp.query(index_name, false)) -> 'Items' AS reversed
FROM dynamo.indexes ORDER BY index_name;

-- Within ranges of the sort key, either way.
SELECT condition, forward, jsonb_array_length(whole), (SELECT array_agg(page_size) FROM generate_series(1, 24) AS page_size WHERE pg_temp.pages('Query', request, page_size) IS DISTINCT FROM whole) AS wrong
FROM unnest(ARRAY['n = :a', 'n < :a', 'n <= :a', 'n > :a', 'n >= :a', 'n BETWEEN :a AND :a']) AS condition, unnest('{t,f}'::boolean[]) AS forward,
	LATERAL (SELECT jsonb_build_object('TableName', 'Tab', 'IndexName', 'same-n', 'ScanIndexForward', forward, 'KeyConditionExpression', 'same = :x AND ' || condition,
		'ExpressionAttributeValues', '{":x": {"S": "x"}, ":a": {"N": "-1"}}'::jsonb)) AS r(request),
	LATERAL (SELECT dynamo.query(request) -> 'Items') AS q(whole)
ORDER BY condition COLLATE "C", forward;

-- Thousands of items with one key.
INSERT INTO dynamo_data."Tab"
SELECT 'many', int4send(i), jsonb_build_object('pk', '{"S": "many"}'::jsonb, 'sk', jsonb_build_object('B', encode(int4send(i), 'base64')),
	'same', '{"S": "y"}'::jsonb, 'n', '{"N": "1"}'::jsonb, 'b', '{"B": "AA=="}'::jsonb, 's', '{"S": "s"}'::jsonb)
FROM generate_series(1, 2000) AS i;
SELECT index_name, forward, page_size, count(*), count(DISTINCT item -> 'sk')
FROM unnest('{same,three,local-b}'::text[]) AS index_name, unnest('{t,f}'::boolean[]) AS forward, unnest('{13,700,1000}'::integer[]) AS page_size,
	LATERAL test.all_pages('Query', pg_temp.query(index_name, forward) || '{"ExpressionAttributeValues": {":p": {"S": "many"}}}'::jsonb
		|| CASE WHEN index_name LIKE 'local%' THEN '{}' ELSE '{"ExpressionAttributeValues": {":x": {"S": "y"}}}' END::jsonb, page_size) AS item
GROUP BY index_name, forward, page_size ORDER BY index_name, forward, page_size;

SELECT test.drop_table('Tab');
