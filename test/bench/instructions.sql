-- Tables cost0, cost1, cost3 and cost5 of 20,000 items with so many global
-- indexes, as ddbload makes them, and function statements(), which makes calls
-- of operations on them.

CREATE FUNCTION item(i bigint, part bigint DEFAULT 100) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT jsonb_build_object('pk', jsonb_build_object('S', 'p' || to_char(i / part, 'FM00000000')),
		'sk', jsonb_build_object('S', 's' || to_char(i % part, 'FM00000000')),
		'cnt', '{"N": "0"}'::jsonb, 'name', jsonb_build_object('S', 'user ' || to_char(i, 'FM000000')), 'on', '{"BOOL": true}'::jsonb,
		'tags', '{"L": [{"S": "red"}, {"S": "blue"}]}'::jsonb, 'addr', jsonb_build_object('M', jsonb_build_object('city', '{"S": "Oslo"}'::jsonb,
		'zip', jsonb_build_object('N', (1000 + i % 9000)::text))), 'data', jsonb_build_object('S', substr(repeat(md5(i::text), 7), 1, 216)))
		|| jsonb_object_agg('g' || k, jsonb_build_object('S', 'g' || to_char(place % 200, 'FM00000000')))
		|| jsonb_object_agg('t' || k, CASE WHEN k % 2 = 0 THEN jsonb_build_object('N', (place / 200)::text)
			ELSE jsonb_build_object('S', 't' || to_char(place / 200, 'FM00000000')) END)
	FROM unnest('{1,7919,104729,1299709,15485863}'::bigint[]) WITH ORDINALITY AS p(prime, k), LATERAL (SELECT i * prime % 20000) AS j(place)
$$;

CREATE FUNCTION make_table(indexes integer) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	request jsonb := jsonb_build_object('TableName', 'cost' || indexes, 'BillingMode', 'PAY_PER_REQUEST',
		'KeySchema', '[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]'::jsonb);
	definitions jsonb := '[{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}]';
	list jsonb := '[]';
BEGIN
	FOR k IN 1 .. indexes LOOP
		definitions := definitions || jsonb_build_object('AttributeName', 'g' || k, 'AttributeType', 'S')
			|| jsonb_build_object('AttributeName', 't' || k, 'AttributeType', CASE WHEN k % 2 = 0 THEN 'N' ELSE 'S' END);
		list := list || jsonb_build_object('IndexName', 'gsi' || k, 'Projection', '{"ProjectionType": "ALL"}'::jsonb,
			'KeySchema', jsonb_build_array(jsonb_build_object('AttributeName', 'g' || k, 'KeyType', 'HASH'),
				jsonb_build_object('AttributeName', 't' || k, 'KeyType', 'RANGE')));
	END LOOP;
	PERFORM dynamo.create_table(request || jsonb_build_object('AttributeDefinitions', definitions)
		|| CASE WHEN indexes = 0 THEN '{}' ELSE jsonb_build_object('GlobalSecondaryIndexes', list) END);
	EXECUTE format('INSERT INTO dynamo_data.%I SELECT item #>> ''{pk,S}'', item #>> ''{sk,S}'', item
		FROM (SELECT item(i * 48271 %% 20000) AS item FROM generate_series(0, 19999) AS i) AS s', 'cost' || indexes);
END
$$;
SELECT make_table(indexes) FROM unnest('{0,1,3,5}'::integer[]) AS indexes;

-- So many calls of a workload, each on another item; later runs take others.
CREATE FUNCTION statements(workload text, indexes integer, run integer, number integer) RETURNS SETOF text
LANGUAGE sql AS $$
	SELECT format('SELECT dynamo.%s(%L)', operation, request || jsonb_build_object('TableName', 'cost' || indexes))
	FROM generate_series(run * 1000, run * 1000 + number - 1) AS n, LATERAL (SELECT n * 7127::bigint % 20000) AS j(i),
	LATERAL (SELECT jsonb_build_object('pk', item(i) -> 'pk', 'sk', item(i) -> 'sk')) AS k(key),
	LATERAL (VALUES ('new', 'put_item', jsonb_build_object('Item', item(20000 + n) || '{"on": {"BOOL": false}}')),
		('put', 'put_item', jsonb_build_object('Item', item(i) || '{"on": {"BOOL": false}}')),
		('update', 'update_item', jsonb_build_object('Key', key, 'UpdateExpression', 'SET cnt = cnt + :n', 'ExpressionAttributeValues', '{":n": {"N": "1"}}'::jsonb)),
		('updatekey', 'update_item', jsonb_build_object('Key', key, 'UpdateExpression', 'SET t1 = :t',
			'ExpressionAttributeValues', jsonb_build_object(':t', jsonb_build_object('S', 'u' || n)))),
		('query', 'query', jsonb_build_object('Limit', 20, 'KeyConditionExpression', 'pk = :p AND sk >= :s',
			'ExpressionAttributeValues', jsonb_build_object(':p', item(i) -> 'pk', ':s', item(i % 80) -> 'sk'))),
		('querygsi', 'query', jsonb_build_object('IndexName', 'gsi1', 'Limit', 20, 'KeyConditionExpression', 'g1 = :p AND t1 >= :s',
			'ExpressionAttributeValues', jsonb_build_object(':p', item(i) -> 'g1', ':s', jsonb_build_object('S', 't' || to_char(i % 80, 'FM00000000')))))
	) AS v(name, operation, request)
	WHERE name = workload
	ORDER BY n
$$;
VACUUM FREEZE ANALYZE;
