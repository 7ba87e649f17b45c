-- CreateTable: the mistakes that can be made with secondary indexes.
\pset format unaligned
\pset tuples_only on

-- What is wrong with the request below, changed.
CREATE FUNCTION pg_temp.wrong(change jsonb) RETURNS text
LANGUAGE sql AS $$
	SELECT test.outcome('CreateTable', jsonb_strip_nulls('{"TableName": "Bad", "BillingMode": "PAY_PER_REQUEST",
		"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}],
		"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}]}'::jsonb || change))
$$;
-- The same with indexes that are good but for their changes.
CREATE FUNCTION pg_temp.wrong_index(kind text, changes jsonb, change jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
	SELECT pg_temp.wrong(change || jsonb_build_object(kind, jsonb_agg('{"IndexName": "index", "Projection": {"ProjectionType": "ALL"},
		"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}]}'::jsonb || c)))
	FROM jsonb_array_elements(changes) AS c
$$;

-- Of both kinds.
SELECT change, l.message, CASE WHEN g.message = replace(l.message, 'localS', 'globalS') THEN '=' ELSE g.message END
FROM jsonb_array_elements($$[
	{"IndexName": "i"},
	{"KeySchema": []},
	{"KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}]},
	{"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "RANGE"}]},
	{"KeySchema": [{"AttributeName": "a", "KeyType": "RANGE"}, {"AttributeName": "b", "KeyType": "HASH"}]},
	{"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "HASHED"}]},
	{"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]},
	{"KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "RANGE"}]},
	{"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "HASH"}]},
	{"Projection": {}},
	{"Projection": {"ProjectionType": "SOME"}},
	{"Projection": {"ProjectionType": "ALL", "NonKeyAttributes": ["x"]}},
	{"Projection": {"ProjectionType": "KEYS_ONLY", "NonKeyAttributes": ["x"]}},
	{"Projection": {"ProjectionType": "INCLUDE"}},
	{"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": []}},
	{"Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x", "y", "x"]}}
]$$) AS change,
	LATERAL (SELECT pg_temp.wrong_index('LocalSecondaryIndexes', jsonb_build_array(change))) AS l(message),
	LATERAL (SELECT CASE WHEN message LIKE '{%' THEN 'good' ELSE message END
		FROM pg_temp.wrong_index('GlobalSecondaryIndexes', jsonb_build_array(change)) AS message) AS g(message),
	LATERAL (SELECT CASE WHEN g.message = 'good' THEN test.drop_table('Bad') END) AS dropped;

SELECT pg_temp.wrong('{"LocalSecondaryIndexes": []}');
SELECT pg_temp.wrong('{"GlobalSecondaryIndexes": []}');
SELECT pg_temp.wrong_index('LocalSecondaryIndexes', '[{}]', '{"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}');
SELECT pg_temp.wrong_index('LocalSecondaryIndexes', '[{}, {}]');
SELECT pg_temp.wrong_index('LocalSecondaryIndexes', jsonb_agg(jsonb_build_object('IndexName', 'index' || i))) FROM generate_series(1, 6) AS i;
SELECT pg_temp.wrong_index('GlobalSecondaryIndexes', jsonb_agg(jsonb_build_object('IndexName', 'index' || i))) FROM generate_series(1, 21) AS i;
-- Local and global indexes share their names.
SELECT pg_temp.wrong_index('GlobalSecondaryIndexes', '[{}]', '{"LocalSecondaryIndexes": [{"IndexName": "index", "Projection": {"ProjectionType": "ALL"},
	"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}]}]}');

-- Definitions that no key uses.
SELECT pg_temp.wrong_index(kind, '[{}]', '{"AttributeDefinitions": [{"AttributeName": "c", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}, {"AttributeName": "a", "AttributeType": "S"}]}')
FROM unnest('{LocalSecondaryIndexes,GlobalSecondaryIndexes}'::text[]) AS kind;
-- A hundred projected attributes are allowed.
SELECT count, substring(pg_temp.wrong_index('GlobalSecondaryIndexes', changes) FROM '^(?:[^{].*|..TableDescription)')
FROM (VALUES (100), (101)) AS c(count), LATERAL (SELECT jsonb_agg(jsonb_build_object('IndexName', 'index' || i, 'Projection',
		CASE WHEN i * 20 <= count THEN jsonb_build_object('ProjectionType', 'INCLUDE', 'NonKeyAttributes', (SELECT jsonb_agg('x' || j) FROM generate_series(1, 20) AS j))
		WHEN count > 100 THEN '{"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x1"]}' ELSE '{"ProjectionType": "KEYS_ONLY"}' END)) FROM generate_series(1, 6) AS i) AS t(changes);
SELECT test.drop_table('Bad');

-- Keys of many attributes.
SELECT description, pg_temp.wrong_index('GlobalSecondaryIndexes', jsonb_build_array(jsonb_build_object('KeySchema', (SELECT jsonb_agg(jsonb_build_object(
		'AttributeName', split_part(part, ' ', 1), 'KeyType', split_part(part, ' ', 2))) FROM unnest(parts) AS part))),
	jsonb_build_object('AttributeDefinitions', (SELECT jsonb_agg(jsonb_build_object('AttributeName', name, 'AttributeType', 'S')) FROM unnest('{a,b,c,d,e,f,g,h,i}'::text[]) AS name)))
FROM (VALUES ('order', '{a HASH,b RANGE,c HASH}'::text[]),
	('five HASH', '{a HASH,b HASH,c HASH,d HASH,e HASH}'),
	('five RANGE', '{a HASH,b RANGE,c RANGE,d RANGE,e RANGE,f RANGE}'),
	('nine', '{a HASH,b HASH,c HASH,d HASH,e RANGE,f RANGE,g RANGE,h RANGE,i RANGE}'),
	('twice', '{a HASH,b RANGE,b RANGE}'),
	('twice HASH', '{a HASH,a HASH}'),
	('no role', '{a HASH,b RANGE,c RANGED}'),
	('first', '{a RANGE,b HASH,c RANGE}'),
	('not used', '{a HASH,b HASH,c RANGE}')) AS v(description, parts);

-- Throughput of global indexes.
SELECT change, pg_temp.wrong_index('GlobalSecondaryIndexes', jsonb_build_array(change), billing)
FROM jsonb_array_elements($$[
	{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
	{"ProvisionedThroughput": {"ReadCapacityUnits": 0}},
	{"OnDemandThroughput": {"MaxReadRequestUnits": 0}},
	{"OnDemandThroughput": {"MaxWriteRequestUnits": -2}},
	{"WarmThroughput": {"ReadUnitsPerSecond": 11999}}
]$$) AS change, (SELECT '{}'::jsonb) AS b(billing);
SELECT change, pg_temp.wrong_index('GlobalSecondaryIndexes', jsonb_build_array(change),
	'{"BillingMode": null, "ProvisionedThroughput": {"ReadCapacityUnits": 9, "WriteCapacityUnits": 9}}')
FROM jsonb_array_elements($$[
	{},
	{"ProvisionedThroughput": {"ReadCapacityUnits": 1000000000001, "WriteCapacityUnits": 1}},
	{"ProvisionedThroughput": {"ReadCapacityUnits": 40001, "WriteCapacityUnits": 1}},
	{"ProvisionedThroughput": {"ReadCapacityUnits": 4, "WriteCapacityUnits": 6}, "WarmThroughput": {"ReadUnitsPerSecond": 4, "WriteUnitsPerSecond": 5}},
	{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}, "OnDemandThroughput": {"MaxWriteRequestUnits": 1}}
]$$) AS change;

-- Which mistake comes first.
SELECT pg_temp.wrong_index('GlobalSecondaryIndexes', '[{"Projection": {}}]', '{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}');
SELECT pg_temp.wrong_index('LocalSecondaryIndexes', '[{"Projection": {}}]', '{"GlobalSecondaryIndexes": [], "StreamSpecification": {"StreamEnabled": true}}');
SELECT pg_temp.wrong_index('GlobalSecondaryIndexes', '[{"Projection": {}}, {"KeySchema": [{"AttributeName": "x", "KeyType": "HASH"}]}]');
SELECT pg_temp.wrong_index('GlobalSecondaryIndexes', '[{}, {"Projection": {}}, {}]');
SELECT pg_temp.wrong('{"LocalSecondaryIndexes": [null], "AttributeDefinitions": [null]}');
SELECT count(*) FROM dynamo.tables;
