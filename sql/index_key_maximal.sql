-- Keys of indexes as long as they may be, of what compresses least and of what
-- doubles in stored form: every entry fits, and is found again.
\pset format unaligned
\pset tuples_only on

SELECT setseed(0.5);
CREATE TABLE items AS
SELECT i, flavour, jsonb_strip_nulls(jsonb_build_object('pk', test.random_key(p, 2048, flavour), 'sk', test.random_key(s, 1024, flavour),
	'hs', test.random_key('S', 2048, flavour), 'rs', test.random_key('S', 1024, flavour), 'hb', test.random_key('B', 2048, flavour), 'rb', test.random_key('B', 1024, flavour),
	'n', test.random_key('N', 0, flavour), 'h1', test.random_key('S', 1000, flavour), 'h2', test.random_key('B', 1000, flavour), 'h3', test.random_key('N', 0, flavour), 'h4', '{"S": "a"}'::jsonb,
	'r1', test.random_key('S', 500, flavour), 'r2', test.random_key('B', 480, flavour), 'r3', test.random_key('N', 0, flavour), 'r4', '{"B": "AA=="}'::jsonb)) AS item,
	p || s || '-keys' AS table_name, p, s
FROM unnest('{S,B}'::text[]) AS p, unnest('{S,B}'::text[]) AS s, unnest('{ascii,nul,multibyte,mixed}'::text[]) AS flavour, generate_series(1, 2) AS i;
-- All zero bytes, and all U+0000.
INSERT INTO items
SELECT 3, 'zero', jsonb_build_object('pk', '{"S": "zero"}'::jsonb, 'sk', '{"B": "AA=="}'::jsonb) || jsonb_object_agg(name, CASE WHEN name ~ 's|1' THEN jsonb_build_object('S', repeat(e'\x01\x01', size))
	ELSE jsonb_build_object('B', replace(encode(decode(repeat('00', size), 'hex'), 'base64'), e'\n', '')) END), 'SB-keys', 'S', 'B'
FROM (VALUES ('hs', 2048), ('rs', 1024), ('hb', 2048), ('rb', 1024)) AS v(name, size);

SELECT count(dynamo.create_table(jsonb_build_object('TableName', table_name, 'BillingMode', 'PAY_PER_REQUEST',
	'AttributeDefinitions', jsonb_build_array(jsonb_build_object('AttributeName', 'pk', 'AttributeType', p), jsonb_build_object('AttributeName', 'sk', 'AttributeType', s))
		|| (SELECT jsonb_agg(jsonb_build_object('AttributeName', split_part(d, ' ', 1), 'AttributeType', split_part(d, ' ', 2)))
			FROM unnest('{hs S,rs S,hb B,rb B,n N,h1 S,h2 B,h3 N,h4 S,r1 S,r2 B,r3 N,r4 B}'::text[]) AS d),
	'KeySchema', '[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]'::jsonb,
	'LocalSecondaryIndexes', jsonb_build_array(jsonb_build_object('IndexName', 'pk-rs', 'Projection', '{"ProjectionType": "KEYS_ONLY"}'::jsonb,
		'KeySchema', '[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "rs", "KeyType": "RANGE"}]'::jsonb)),
	'GlobalSecondaryIndexes', (SELECT jsonb_agg(jsonb_build_object('IndexName', 'of-' || keys, 'Projection', '{"ProjectionType": "KEYS_ONLY"}'::jsonb,
		'KeySchema', (SELECT jsonb_agg(jsonb_build_object('AttributeName', name, 'KeyType', CASE WHEN name ~ '^h' OR i = 1 THEN 'HASH' ELSE 'RANGE' END) ORDER BY i)
			FROM unnest(string_to_array(keys, '-')) WITH ORDINALITY AS k(name, i))))
		FROM unnest('{hs-rs,hs-rb,hb-rs,hb-rb,n-rs,hs-n,h1-h2-h3-h4-r1-r2-r3-r4}'::text[]) AS keys))))
FROM (SELECT DISTINCT table_name, p, s FROM items) AS t;
SELECT count(test.put(table_name, item)) FROM items;

-- Found by all of its key, and by pages of a scan; numbers come back in
-- another form, so items are told by their own keys.
SELECT index_name, count(*) AS items, count(*) FILTER (WHERE dynamo.query(jsonb_build_object('TableName', i.table_name, 'IndexName', index_name, 'KeyConditions',
	(SELECT jsonb_object_agg(key ->> 'AttributeName', jsonb_build_object('ComparisonOperator', 'EQ', 'AttributeValueList', jsonb_build_array(item -> (key ->> 'AttributeName'))))
		FROM jsonb_array_elements(key_schema) AS key))) #> '{Items,0,pk}' = item -> 'pk') AS found
FROM items AS i JOIN dynamo.indexes AS x USING (table_name) WHERE (SELECT bool_and(item ? (key ->> 'AttributeName')) FROM jsonb_array_elements(key_schema) AS key)
GROUP BY index_name ORDER BY index_name;
SELECT index_name, page_size, sum(read) AS read, sum(read_once) AS once
FROM dynamo.indexes, unnest('{1,3}'::integer[]) AS page_size,
	LATERAL (SELECT count(*) AS read, count(DISTINCT item -> 'pk') AS read_once FROM test.all_pages('Scan', jsonb_build_object('TableName', table_name, 'IndexName', index_name), page_size) AS item) AS s
GROUP BY index_name, page_size ORDER BY index_name, page_size;
-- By the beginning of the sort key.
SELECT count(*) FILTER (WHERE dynamo.query(jsonb_build_object('TableName', table_name, 'IndexName', 'of-hs-rs', 'KeyConditionExpression', 'hs = :h AND begins_with(rs, :r)', 'ExpressionAttributeValues',
	jsonb_build_object(':h', item -> 'hs', ':r', jsonb_build_object('S', substring(left(item #>> '{rs,S}', 400) FROM e'^(?:[^\x01]|\x01[\x01\x02])*'))))) #> '{Items,0,pk}' = item -> 'pk') = count(*) AS all
FROM items;
SELECT index_name ~ 'of-h1' AS many, max(length(dynamo.index_key(stored, substring(pg_get_indexdef(relation::regclass) FROM '''(h[^'']*)''::text')))) BETWEEN 1500 AND 4 + 257 + 2053 + 33 AS fits
FROM items JOIN dynamo.indexes USING (table_name),
	LATERAL (SELECT dynamo.get_item(jsonb_build_object('TableName', table_name, 'Key', jsonb_build_object('pk', item -> 'pk', 'sk', item -> 'sk'))) -> 'Item') AS g(stored)
GROUP BY 1 ORDER BY 1;

-- A byte more is refused, wherever it is.
SELECT name, test.outcome('PutItem', jsonb_build_object('TableName', 'SS-keys', 'Item', jsonb_build_object('pk', '{"S": "p"}'::jsonb, 'sk', '{"S": "s"}'::jsonb, name, test.random_key(type, size, 'mixed'))))
FROM (VALUES ('hs', 'S', 2048), ('hs', 'S', 2049), ('hb', 'B', 2048), ('hb', 'B', 2049), ('rs', 'S', 1024), ('rs', 'S', 1025), ('rb', 'B', 1024), ('rb', 'B', 1025)) AS v(name, type, size);

SELECT count(test.drop_table(table_name)) FROM (SELECT DISTINCT table_name FROM items) AS t;
DROP TABLE items;
