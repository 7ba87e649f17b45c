-- Secondary indexes on attributes with the longest names, as many as there can
-- be: what PostgreSQL keeps of an index must fit on a page.
\pset format unaligned
\pset tuples_only on

SELECT setseed(0.75);
CREATE TABLE names AS
SELECT flavour, i, i || test.random_string(254, flavour) AS name
FROM unnest('{ascii,nul,mixed,multibyte,short}'::text[]) AS flavour, generate_series(0, 9) AS i;
UPDATE names SET name = 'a' || i WHERE flavour = 'short';

-- Numbers 0 and 1 are the table's key, the others the index's.
CREATE FUNCTION pg_temp.make(names jsonb, table_name text) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT dynamo.create_table(jsonb_build_object('TableName', table_name, 'BillingMode', 'PAY_PER_REQUEST',
		'AttributeDefinitions', (SELECT jsonb_agg(jsonb_build_object('AttributeName', name, 'AttributeType', 'S')) FROM jsonb_array_elements(names) AS name),
		'KeySchema', jsonb_build_array(jsonb_build_object('AttributeName', names -> 0, 'KeyType', 'HASH'), jsonb_build_object('AttributeName', names -> 1, 'KeyType', 'RANGE')),
		'GlobalSecondaryIndexes', jsonb_build_array(jsonb_build_object('IndexName', 'all', 'Projection', '{"ProjectionType": "KEYS_ONLY"}'::jsonb,
			'KeySchema', (SELECT jsonb_agg(jsonb_build_object('AttributeName', name, 'KeyType', CASE WHEN i <= 6 THEN 'HASH' ELSE 'RANGE' END) ORDER BY i)
				FROM jsonb_array_elements(names) WITH ORDINALITY AS n(name, i) WHERE i > 2)))))
$$;
SELECT flavour, pg_temp.make(names, flavour) #>> '{TableDescription,TableStatus}'
FROM (SELECT flavour, jsonb_agg(name ORDER BY i) AS names FROM names GROUP BY flavour) AS n ORDER BY flavour;
SELECT flavour, i, test.outcome('PutItem', jsonb_build_object('TableName', flavour, 'Item',
	(SELECT jsonb_object_agg(name, jsonb_build_object('S', CASE WHEN n.i = 0 THEN lacks.i::text ELSE 'v' END)) FROM names AS n WHERE n.flavour = f.flavour AND n.i <> lacks.i)))
FROM (SELECT DISTINCT flavour FROM names) AS f, unnest('{2,5,9,10}'::integer[]) AS lacks(i) ORDER BY 1, 2;
SELECT flavour, r -> 'Count', r #>> ARRAY['Items', '0', name, 'S'], (SELECT count(*) FROM jsonb_object_keys(r #> '{Items,0}'))
FROM names, LATERAL (SELECT dynamo.scan(jsonb_build_object('TableName', flavour, 'IndexName', 'all'))) AS s(r)
WHERE i = 0 ORDER BY flavour;
SELECT flavour, dynamo.query(jsonb_build_object('TableName', flavour, 'IndexName', 'all', 'Select', 'COUNT', 'KeyConditions',
	(SELECT jsonb_object_agg(name, '{"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "v"}]}'::jsonb) FROM names AS n WHERE n.flavour = f.flavour AND i BETWEEN 2 AND 7)))
FROM (SELECT DISTINCT flavour FROM names) AS f ORDER BY flavour;

-- Names of usual length are all asked for.
SELECT pg_get_indexdef('dynamo_data."short:i:all"'::regclass);
SELECT c.relname, length(pg_get_expr(indpred, indrelid)) > 0 FROM pg_index JOIN pg_class AS c ON c.oid = indexrelid WHERE relname LIKE '%:i:all' ORDER BY 1;

SELECT count(test.drop_table(flavour)) FROM (SELECT DISTINCT flavour FROM names) AS f;
DROP TABLE names;
