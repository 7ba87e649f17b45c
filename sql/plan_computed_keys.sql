-- Reading an index in its order computes no key of the items it finds.
\pset format unaligned
\pset tuples_only on

SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
	"GlobalSecondaryIndexes": [{"IndexName": "ByG", "Projection": {"ProjectionType": "ALL"},
		"KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]}]}') IS NOT NULL;
INSERT INTO dynamo_data."Tab"
SELECT i::text, jsonb_build_object('pk', jsonb_build_object('S', i::text), 'g', '{"S": "a"}'::jsonb, 'n', jsonb_build_object('N', (100 - i)::text))
FROM generate_series(1, 50) AS i;

-- How often an expression of an index was evaluated while the operation ran.
CREATE FUNCTION pg_temp.computed(operation text, request jsonb, OUT count text, OUT first text, OUT index_keys bigint, OUT tokens bigint)
LANGUAGE plpgsql SET track_functions = 'all' AS $$
DECLARE
	keys regprocedure := 'dynamo.index_key(jsonb, text)';
	token regprocedure := 'dynamo.token(text)';
	response jsonb;
BEGIN
	index_keys := coalesce(pg_stat_get_xact_function_calls(keys), 0);
	tokens := coalesce(pg_stat_get_xact_function_calls(token), 0);
	response := dynamo.execute(operation, request || '{"TableName": "Tab"}');
	count := response ->> 'Count';
	first := response #>> '{Items,0,pk,S}';
	index_keys := coalesce(pg_stat_get_xact_function_calls(keys), 0) - index_keys;
	tokens := coalesce(pg_stat_get_xact_function_calls(token), 0) - tokens;
END
$$;
SELECT 'written', index_keys, tokens FROM pg_temp.computed('PutItem', '{"Item": {"pk": {"S": "x"}, "g": {"S": "b"}, "n": {"N": "1"}}}');
SELECT 'ascending', * FROM pg_temp.computed('Query', '{"IndexName": "ByG", "KeyConditionExpression": "g = :a", "ExpressionAttributeValues": {":a": {"S": "a"}}}');
SELECT 'descending', * FROM pg_temp.computed('Query', '{"IndexName": "ByG", "ScanIndexForward": false, "Limit": 20, "KeyConditionExpression": "g = :a AND n < :n", "ExpressionAttributeValues": {":a": {"S": "a"}, ":n": {"N": "90"}}}');
SELECT 'segment of an index', count, index_keys, tokens FROM pg_temp.computed('Scan', '{"IndexName": "ByG", "Segment": 0, "TotalSegments": 1}');
SELECT 'segments of the table', sum(count::integer), sum(index_keys), sum(tokens)
FROM generate_series(0, 1) AS segment, pg_temp.computed('Scan', jsonb_build_object('Segment', segment, 'TotalSegments', 2));
SELECT test.drop_table('Tab');
