-- Scan: whole tables, filters, projections, pages, and mistakes.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S', 'N');
SELECT dynamo.scan('{"TableName": "Tab"}');
SELECT count(test.put('Tab', jsonb_build_object('pk', jsonb_build_object('S', p),
	'sk', jsonb_build_object('N', i::text), 'n', jsonb_build_object('N', (i % 3)::text),
	'big', jsonb_build_object('M', jsonb_build_object('x', jsonb_build_object('S', p))))))
FROM unnest('{a,b,A,ä}'::text[]) AS p, generate_series(1, 5) AS i;

SELECT change, r -> 'Count', r -> 'ScannedCount', r -> 'LastEvaluatedKey', jsonb_array_length(r -> 'Items'), r #> '{Items,0}'
FROM jsonb_array_elements('[
	{},
	{"Limit": 7},
	{"Limit": 20},
	{"Limit": 21},
	{"Limit": 7, "ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "4"}}},
	{"ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "4.5"}}, "Limit": 1},
	{"ExclusiveStartKey": {"pk": {"S": "zz"}, "sk": {"N": "1"}}},
	{"Select": "COUNT"},
	{"FilterExpression": "n = :n AND sk > :n", "ExpressionAttributeValues": {":n": {"N": "1"}}},
	{"FilterExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "b"}}, "Limit": 12},
	{"ProjectionExpression": "big.x", "Limit": 1},
	{"ProjectionExpression": "nothing", "Limit": 1},
	{"AttributesToGet": ["n", "sk"], "Limit": 1},
	{"Select": "SPECIFIC_ATTRIBUTES", "AttributesToGet": ["n"], "Limit": 1},
	{"Segment": 0, "TotalSegments": 1}]') AS change,
	LATERAL (SELECT dynamo.scan('{"TableName": "Tab"}'::jsonb || change)) AS s(r);

-- Pages of any size make up the whole; items of a partition stay together.
SELECT size, count(*), jsonb_agg(item ORDER BY i) = dynamo.scan('{"TableName": "Tab"}') -> 'Items'
FROM unnest('{1,2,3,7,19,20,21}'::integer[]) AS size,
	LATERAL test.all_pages('Scan', '{"TableName": "Tab"}', size) WITH ORDINALITY AS p(item, i)
GROUP BY size ORDER BY size;

SELECT test.outcome('Scan', '{"TableName": "Tab"}'::jsonb || change)
FROM jsonb_array_elements('[
	{"TableName": "Nowhere"},
	{"IndexName": "none"},
	{"Limit": 0},
	{"Segment": 0},
	{"TotalSegments": 4},
	{"Segment": 4, "TotalSegments": 4},
	{"Segment": 4, "TotalSegments": 4, "TableName": "Nowhere"},
	{"Segment": 4, "TotalSegments": 4, "FilterExpression": "("},
	{"Segment": -1, "TotalSegments": 4},
	{"Segment": 0, "TotalSegments": 0},
	{"Segment": 1000000, "TotalSegments": 1000001},
	{"Select": "SPECIFIC_ATTRIBUTES"},
	{"Select": "ALL_PROJECTED_ATTRIBUTES"},
	{"Select": "COUNT", "AttributesToGet": ["n"]},
	{"FilterExpression": "pk.x = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}},
	{"FilterExpression": "n = :v"},
	{"ExpressionAttributeValues": {":v": {"S": "x"}}},
	{"ScanFilter": {"n": {"ComparisonOperator": "EQ", "AttributeValueList": []}}},
	{"ExclusiveStartKey": {"pk": {"S": "a"}}},
	{"ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"S": "1"}}},
	{"ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {"N": "x"}}},
	{"ExclusiveStartKey": {"pk": {"S": "a"}, "sk": {}}}]') AS change;

SELECT test.drop_table('Tab');
