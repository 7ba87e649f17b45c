-- CreateTable with secondary indexes: what it answers and makes.
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.indexes(description jsonb) RETURNS SETOF text
LANGUAGE sql AS $$
	SELECT kind || ' ' || (index - 'IndexArn')::text
	FROM unnest('{LocalSecondaryIndexes,GlobalSecondaryIndexes}'::text[]) AS kind,
		jsonb_array_elements(description -> kind) AS index
$$;

-- NonKeyAttributes come back sorted, indexes in the order of the request.
SELECT pg_temp.indexes(dynamo.create_table('{"TableName": "Music", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "Artist", "AttributeType": "S"}, {"AttributeName": "Song", "AttributeType": "S"},
		{"AttributeName": "Year", "AttributeType": "N"}, {"AttributeName": "Genre", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "Song", "KeyType": "RANGE"}],
	"LocalSecondaryIndexes": [{"IndexName": "ByYear", "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["z", "B", "a"]},
		"KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}, {"AttributeName": "Year", "KeyType": "RANGE"}]}],
	"GlobalSecondaryIndexes": [{"IndexName": "ByGenre", "Projection": {"ProjectionType": "ALL"}, "OnDemandThroughput": {"MaxReadRequestUnits": 7},
		"KeySchema": [{"AttributeName": "Genre", "KeyType": "HASH"}, {"AttributeName": "Year", "KeyType": "RANGE"}]},
		{"IndexName": "ByArtist", "Projection": {"ProjectionType": "KEYS_ONLY"}, "WarmThroughput": {"ReadUnitsPerSecond": 13000},
		"KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}]}]}') -> 'TableDescription');
SELECT pg_temp.indexes(described), described -> 'AttributeDefinitions', described #>> '{GlobalSecondaryIndexes,1,IndexArn}'
FROM (SELECT dynamo.describe_table('{"TableName": "Music"}') -> 'Table') AS t(described);
SELECT index_name, kind, status, backfilling, relation, key_schema, projection, relation::regclass IS NOT NULL
FROM dynamo.indexes ORDER BY index_name;

-- Provisioned: each global index has its own throughput, a local one has the table's.
SELECT pg_temp.indexes(dynamo.create_table('{"TableName": "Provisioned", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 7},
	"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "B"}],
	"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}],
	"LocalSecondaryIndexes": [{"IndexName": "local", "Projection": {"ProjectionType": "ALL"},
		"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}]}],
	"GlobalSecondaryIndexes": [{"IndexName": "global", "Projection": {"ProjectionType": "ALL"}, "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3},
		"KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}]}]}') -> 'TableDescription');
SELECT pg_temp.indexes(dynamo.describe_table('{"TableName": "Provisioned"}') -> 'Table');

-- A global index may have four attributes in either part of its key.
SELECT pg_temp.indexes(dynamo.create_table(jsonb_build_object('TableName', 'Parts', 'BillingMode', 'PAY_PER_REQUEST',
	'AttributeDefinitions', jsonb_agg(jsonb_build_object('AttributeName', name, 'AttributeType', substr('SNB', i % 3 + 1, 1))),
	'KeySchema', '[{"AttributeName": "a1", "KeyType": "HASH"}]'::jsonb,
	'GlobalSecondaryIndexes', jsonb_build_array(jsonb_build_object('IndexName', 'parts', 'Projection', '{"ProjectionType": "ALL"}'::jsonb,
		'KeySchema', jsonb_agg(jsonb_build_object('AttributeName', name, 'KeyType', CASE WHEN i <= 4 THEN 'HASH' ELSE 'RANGE' END) ORDER BY i)))))
	-> 'TableDescription')
FROM generate_series(1, 8) AS i, LATERAL (SELECT 'a' || i) AS n(name);

-- As many indexes as there can be; names of relations are shortened.
SELECT jsonb_array_length(made -> 'LocalSecondaryIndexes'), jsonb_array_length(made -> 'GlobalSecondaryIndexes')
FROM (SELECT dynamo.create_table(jsonb_build_object('TableName', repeat('t', 255), 'BillingMode', 'PAY_PER_REQUEST',
	'AttributeDefinitions', '[{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}]'::jsonb,
	'KeySchema', '[{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}]'::jsonb,
	'LocalSecondaryIndexes', (SELECT jsonb_agg(index || jsonb_build_object('IndexName', repeat('i', 254) || i)) FROM generate_series(1, 5) AS i),
	'GlobalSecondaryIndexes', (SELECT jsonb_agg(index || jsonb_build_object('IndexName', repeat('g', 253) || i)) FROM generate_series(10, 29) AS i)))
	-> 'TableDescription'
	FROM (SELECT '{"Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}]}'::jsonb) AS t(index)) AS t(made);
SELECT count(*), count(DISTINCT relation), bool_and(relation::regclass IS NOT NULL) FROM dynamo.indexes WHERE table_name LIKE 'ttt%';

-- The relations go with the table; rolled back, nothing was made.
SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
SELECT count(*) FROM dynamo.indexes;
BEGIN;
SELECT dynamo.create_table('{"TableName": "Undone", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}], "GlobalSecondaryIndexes": [{"IndexName": "one", "Projection": {"ProjectionType": "ALL"},
	"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}]}') #>> '{TableDescription,TableStatus}';
ROLLBACK;
SELECT count(*) FROM dynamo.indexes;
SELECT count(*) FROM pg_class WHERE relnamespace = 'dynamo_data'::regnamespace;
