-- Query: pages; those of any size, either way, make up the whole.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S', 'N');
SELECT count(test.put('Tab', jsonb_build_object('pk', '{"S": "p"}'::jsonb,
	'sk', jsonb_build_object('N', i::text), 'five', jsonb_build_object('BOOL', i = 5))))
FROM generate_series(1, 5) AS i;
SELECT count(test.put('Tab', jsonb_build_object('pk', '{"S": "long"}'::jsonb,
	'sk', jsonb_build_object('N', (i / 8.0)::numeric(9,3)::text)))) FROM generate_series(-40, 40) AS i;

-- Sort keys, Count, ScannedCount and LastEvaluatedKey of one page.
SELECT change, jsonb_path_query_array(r, '$.Items[*].sk.N'), r -> 'Count', r -> 'ScannedCount', r #>> '{LastEvaluatedKey,sk,N}'
FROM jsonb_array_elements('[
	{"Limit": 2},
	{"Limit": 2, "ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "2"}}},
	{"Limit": 2, "ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "4"}}},
	{"Limit": 5},
	{"Limit": 5, "ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "5"}}},
	{"Limit": 6},
	{"Limit": 2, "FilterExpression": "five = :t", "ExpressionAttributeValues": {":s": {"S": "p"}, ":t": {"BOOL": true}}},
	{"FilterExpression": "five = :t", "ExpressionAttributeValues": {":s": {"S": "p"}, ":t": {"BOOL": true}}},
	{"Limit": 2, "ScanIndexForward": false},
	{"ScanIndexForward": false, "ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "4"}}},
	{"ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "2.5"}}},
	{"Limit": 2, "Select": "COUNT"},
	{"Limit": 2, "KeyConditionExpression": "pk = :s AND sk > :n", "ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "3"}},
		"ExpressionAttributeValues": {":s": {"S": "p"}, ":n": {"N": "1"}}},
	{"KeyConditionExpression": "pk = :s AND sk < :n", "ScanIndexForward": false, "ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "3"}},
		"ExpressionAttributeValues": {":s": {"S": "p"}, ":n": {"N": "4"}}},
	{"KeyConditionExpression": "pk = :s AND sk = :n", "ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "3"}},
		"ExpressionAttributeValues": {":s": {"S": "p"}, ":n": {"N": "3"}}}]') AS change,
	LATERAL (SELECT dynamo.query('{"TableName": "Tab", "KeyConditionExpression": "pk = :s",
		"ExpressionAttributeValues": {":s": {"S": "p"}}}'::jsonb || change)) AS q(r);

-- Start keys that do not belong to the query.
SELECT test.outcome('Query', '{"TableName": "Tab", "KeyConditionExpression": "pk = :s AND sk > :n",
	"ExpressionAttributeValues": {":s": {"S": "p"}, ":n": {"N": "2"}}}'::jsonb || change)
FROM jsonb_array_elements('[
	{"ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "1"}}},
	{"ExclusiveStartKey": {"pk": {"S": "q"}, "sk": {"N": "3"}}},
	{"KeyConditionExpression": "pk = :s", "ExpressionAttributeValues": {":s": {"S": "q"}}, "ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "2"}}},
	{"ExclusiveStartKey": {"pk": {"S": "p"}}},
	{"ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "3"}, "x": {"N": "3"}}},
	{"ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"S": "3"}}},
	{"ExclusiveStartKey": {"pk": {"S": ""}, "sk": {"N": "3"}}},
	{"ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "x"}}},
	{"ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {}}},
	{"ExclusiveStartKey": {"pk": {"S": "p"}, "sk": {"N": "3"}}, "TableName": "Nowhere"}]') AS change;

WITH whole AS (
	SELECT forward, '{"TableName": "Tab", "KeyConditionExpression": "pk = :s AND sk BETWEEN :a AND :b",
		"ExpressionAttributeValues": {":s": {"S": "long"}, ":a": {"N": "-4.5"}, ":b": {"N": "4.875"}}}'::jsonb
		|| jsonb_build_object('ScanIndexForward', forward) AS request
	FROM (VALUES (true), (false)) AS f(forward))
SELECT forward, size, count(*), jsonb_agg(item ORDER BY i) = jsonb_agg(item ORDER BY (item #>> '{sk,N}')::numeric * CASE WHEN forward THEN 1 ELSE -1 END) AS ordered,
	jsonb_agg(item ORDER BY i) = dynamo.query(request) -> 'Items' AS same
FROM whole, unnest('{1,2,3,7,76,77,1000}'::integer[]) AS size,
	LATERAL test.all_pages('Query', request, size) WITH ORDINALITY AS p(item, i)
GROUP BY forward, size, request ORDER BY forward, size;

-- A page ends with the row that brings it to 1 MiB, whatever the filter lets
-- through.
INSERT INTO dynamo_data."Tab"
SELECT 'big', i, jsonb_build_object('pk', '{"S": "big"}'::jsonb, 'sk', jsonb_build_object('N', i::text),
	'v', jsonb_build_object('S', repeat('x', 400000)))
FROM generate_series(1, 4) AS i;
SELECT r -> 'Count', r -> 'ScannedCount', r #> '{LastEvaluatedKey,sk}'
FROM (VALUES ('{}'::jsonb), ('{"FilterExpression": "attribute_not_exists(v)"}'),
	('{"ExclusiveStartKey": {"pk": {"S": "big"}, "sk": {"N": "3"}}}')) AS v(change),
	LATERAL (SELECT dynamo.query('{"TableName": "Tab", "KeyConditionExpression": "pk = :s",
		"ExpressionAttributeValues": {":s": {"S": "big"}}}'::jsonb || change)) AS q(r);

SELECT test.drop_table('Tab');
