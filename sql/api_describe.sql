-- DescribeLimits and DescribeEndpoints; DescribeTable of what is not there.
\pset format unaligned
\pset tuples_only on

SELECT dynamo.describe_limits();
SELECT endpoint ->> 'Address' = current_setting('dynamo.listen_addresses') || ':' || current_setting('dynamo.port'), endpoint -> 'CachePeriodInMinutes'
FROM jsonb_array_elements(dynamo.describe_endpoints() -> 'Endpoints') AS endpoint;
SELECT test.outcome('DescribeTable', request)
FROM jsonb_array_elements('[{}, {"TableName": "ab"}, {"TableName": "a;b"}, {"TableName": "Nowhere"},
	{"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/Nowhere"}]') AS request;
SELECT test.make_table('Tab', 'S');
SELECT dynamo.describe_table('{"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/Tab"}') #> '{Table,TableName}';

-- Counts are those of the last ANALYZE.
ALTER TABLE dynamo_data."Tab" SET (autovacuum_enabled = off);
SELECT count(test.put('Tab', jsonb_build_object('pk', jsonb_build_object('S', i::text)))) FROM generate_series(1, 100) AS i;
SELECT described -> 'ItemCount', described -> 'TableSizeBytes' FROM (SELECT dynamo.describe_table('{"TableName": "Tab"}') -> 'Table') AS t(described);
ANALYZE dynamo_data."Tab";
SELECT described -> 'ItemCount', (described ->> 'TableSizeBytes')::integer > 100 FROM (SELECT dynamo.describe_table('{"TableName": "Tab"}') -> 'Table') AS t(described);
-- The size is that of the items, not of their pages.  Large items, which are stored out of line, count too.
UPDATE dynamo_data."Tab" SET item = item || jsonb_build_object('v', jsonb_build_object('S', repeat('v', 1000)));
ANALYZE dynamo_data."Tab";
SELECT (described ->> 'TableSizeBytes')::integer BETWEEN 100000 AND 110000 FROM (SELECT dynamo.describe_table('{"TableName": "Tab"}') -> 'Table') AS t(described);
UPDATE dynamo_data."Tab" SET item = item || jsonb_build_object('v', jsonb_build_object('S', (SELECT string_agg(md5(pk || i), '') FROM generate_series(1, 500) AS i)));
VACUUM ANALYZE dynamo_data."Tab";
SELECT (described ->> 'TableSizeBytes')::integer BETWEEN 1600000 AND 2000000 FROM (SELECT dynamo.describe_table('{"TableName": "Tab"}') -> 'Table') AS t(described);
SELECT table_name, heap_table, status, partition_key, partition_key_type, sort_key, estimated_items, table_bytes > 0, index_bytes > 0
FROM dynamo.tables;
SELECT test.drop_table('Tab');

-- Of an index, only the items that have its key.
SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}],
	"GlobalSecondaryIndexes": [{"IndexName": "all", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]},
		{"IndexName": "keys", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}]}') IS NOT NULL;
ALTER TABLE dynamo_data."Tab" SET (autovacuum_enabled = off);
SELECT count(test.put('Tab', jsonb_build_object('pk', jsonb_build_object('S', i::text), CASE WHEN i <= 20 THEN 'g' ELSE 'x' END, jsonb_build_object('S', i::text),
	'v', jsonb_build_object('S', repeat('v', 1000))))) FROM generate_series(1, 100) AS i;
VACUUM ANALYZE dynamo_data."Tab";
SELECT index -> 'IndexName', index -> 'ItemCount', CASE index ->> 'IndexName' WHEN 'all' THEN (index ->> 'IndexSizeBytes')::integer BETWEEN 20000 AND 25000
	ELSE (index ->> 'IndexSizeBytes')::integer BETWEEN 1 AND 20000 END
FROM jsonb_array_elements(dynamo.describe_table('{"TableName": "Tab"}') #> '{Table,GlobalSecondaryIndexes}') AS index;
SELECT test.drop_table('Tab');
