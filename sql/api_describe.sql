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
SELECT table_name, heap_table, status, partition_key, partition_key_type, sort_key, estimated_items, table_bytes > 0, index_bytes > 0
FROM dynamo.tables;
SELECT test.drop_table('Tab');
