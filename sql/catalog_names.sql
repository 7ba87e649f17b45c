-- Names of tables: any that the service allows, also where SQL has keywords,
-- other rules for letters, and 63 bytes.
\pset format unaligned
\pset tuples_only on

CREATE TEMP TABLE names (name text);
INSERT INTO names VALUES ('select'), ('table'), ('user'), ('pg_class'), ('Music'), ('music'), ('MUSIC'), ('a.b'), ('a-b'), ('a_b'), ('...'), ('-.-'),
	('1.5'), ('Tab_pkey'), ('Tab'), ('dynamo_data.Tab'), (repeat('x', 58)), (repeat('x', 62)), (repeat('x', 63)), (repeat('x', 64)), (repeat('x', 63) || 'y'),
	(repeat('x', 63) || 'z'), (repeat('x', 255)), (repeat('x', 254) || 'y');
SELECT count(test.make_table(name, 'S')) FROM names;
SELECT count(test.put(name, jsonb_build_object('pk', jsonb_build_object('S', name)))) FROM names;
SELECT count(*) = (SELECT count(*) FROM names), bool_and(dynamo.scan(jsonb_build_object('TableName', name)) -> 'Items'
		= jsonb_build_array(jsonb_build_object('pk', jsonb_build_object('S', name)))),
	bool_and(dynamo.scan(jsonb_build_object('TableName', name, 'Segment', s, 'TotalSegments', 1)) -> 'Count' = '1')
FROM names, generate_series(0, 0) AS s;
SELECT count(*) FROM jsonb_array_elements_text(dynamo.list_tables() -> 'TableNames') JOIN names ON name = value;

-- The relations of each: heap, and indexes that share its name as far as
-- there is room.
SELECT regexp_replace(n.name, 'x{10,}', 'x' || length(n.name)), regexp_replace(t.heap_table, 'x{10,}', 'x...x'),
	string_agg(regexp_replace(c.relname, 'x{10,}', 'x...x'), ' ' ORDER BY c.relname)
FROM names AS n JOIN dynamo.tables AS t ON t.table_name = n.name
JOIN pg_index AS i ON i.indrelid = t.heap_table::regclass JOIN pg_class AS c ON c.oid = i.indexrelid
GROUP BY n.name, t.heap_table ORDER BY n.name COLLATE "C";
SELECT max(length(relname)), count(DISTINCT relname) = count(*) FROM pg_class WHERE relnamespace = 'dynamo_data'::regnamespace;

-- Attribute names are no names of SQL.
SELECT dynamo.create_table(jsonb_build_object('TableName', 'Attributes', 'BillingMode', 'PAY_PER_REQUEST',
	'AttributeDefinitions', jsonb_build_array(jsonb_build_object('AttributeName', name, 'AttributeType', 'S')),
	'KeySchema', jsonb_build_array(jsonb_build_object('AttributeName', name, 'KeyType', 'HASH')))) IS NOT NULL,
	dynamo.put_item(jsonb_build_object('TableName', 'Attributes', 'Item', jsonb_build_object(name, '{"S": "a"}'::jsonb))),
	dynamo.query(jsonb_build_object('TableName', 'Attributes', 'KeyConditionExpression', '#n = :v',
		'ExpressionAttributeNames', jsonb_build_object('#n', name), 'ExpressionAttributeValues', '{":v": {"S": "a"}}'::jsonb)) -> 'Count',
	dynamo.delete_table('{"TableName": "Attributes"}') IS NOT NULL
FROM (VALUES ('item'), ('sk'), ('"; DROP TABLE x; --'), ('ключ'), (repeat('n', 255))) AS v(name);

SELECT count(test.drop_table(name)) FROM names;
SELECT count(*) FROM pg_class WHERE relnamespace = 'dynamo_data'::regnamespace;
DROP TABLE names;
