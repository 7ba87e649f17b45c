-- BatchGetItem: items of several tables, what is left out, and mistakes.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('One', 'S');
SELECT test.make_table('Two', 'S', 'N');
SELECT count(test.put('One', item)) FROM jsonb_array_elements('[
	{"pk": {"S": "a"}, "n": {"N": "1"}, "x": {"S": "1"}}, {"pk": {"S": "b"}, "n": {"N": "2"}}]') AS item;
SELECT count(test.put('Two', item)) FROM jsonb_array_elements('[
	{"pk": {"S": "a"}, "sk": {"N": "1"}}, {"pk": {"S": "a"}, "sk": {"N": "2"}}]') AS item;

SELECT dynamo.batch_get_item('{"ReturnConsumedCapacity": "TOTAL", "RequestItems": {
	"One": {"Keys": [{"pk": {"S": "a"}}, {"pk": {"S": "missing"}}, {"pk": {"S": "b"}}],
		"ProjectionExpression": "pk, #n", "ExpressionAttributeNames": {"#n": "n"}},
	"Two": {"Keys": [{"pk": {"S": "a"}, "sk": {"N": "2.0"}}], "ConsistentRead": true}}}');
SELECT dynamo.batch_get_item('{"RequestItems": {
	"One": {"Keys": [{"pk": {"S": "a"}}], "AttributesToGet": ["x"]},
	"Two": {"Keys": [{"pk": {"S": "a"}, "sk": {"N": "7"}}]}}}');

SELECT regexp_replace(test.outcome('BatchGetItem', jsonb_build_object('RequestItems', items)),
	'''\{a;b=.*\}''', '...')
FROM jsonb_array_elements('[
	{},
	{"One": {"Keys": []}},
	{"One": {}},
	{"One": {"Keys": [{"pk": {"S": "a"}}, {"pk": {"S": "a"}}]}},
	{"One": {"Keys": [{"pk": {"S": "a"}, "sk": {"N": "1"}}]}},
	{"One": {"Keys": [{"pk": {"S": ""}}]}},
	{"One": {"Keys": [{"pk": {"N": "x"}}]}},
	{"One": {"Keys": [{"pk": {"S": "a"}}]}, "Nowhere": {"Keys": [{"pk": {"S": "a"}}]}},
	{"Nowhere": {"Keys": [{"pk": {"S": "a"}}]}, "One": {"Keys": [{"pk": {"S": "a"}}, {"pk": {"S": "a"}}]}},
	{"One": {"Keys": [{"pk": {"S": "a"}}], "ProjectionExpression": "pk.x"}},
	{"One": {"Keys": [{"pk": {"S": "a"}}], "ProjectionExpression": "pk,"}},
	{"One": {"Keys": [{"pk": {"S": "a"}}], "ProjectionExpression": "pk", "AttributesToGet": ["n"]}},
	{"One": {"Keys": [{"pk": {"S": "a"}}], "AttributesToGet": ["n", "n"]}},
	{"a;b": {"Keys": [{"pk": {"S": "a"}}]}}]') AS items;

-- At most a hundred keys, in one table or in all.
SELECT left(test.outcome('BatchGetItem', jsonb_build_object('RequestItems', jsonb_build_object(
	'One', jsonb_build_object('Keys', (SELECT jsonb_agg(jsonb_build_object('pk', jsonb_build_object('S', i::text)))
		FROM generate_series(1, one) AS i)),
	'Two', jsonb_build_object('Keys', (SELECT jsonb_agg(jsonb_build_object('pk', '{"S": "a"}'::jsonb,
		'sk', jsonb_build_object('N', i::text))) FROM generate_series(1, two) AS i))))), 250)
FROM (VALUES (60, 40), (60, 41), (101, 1)) AS v(one, two);

-- An answer has at most 16 MB of items.  The other keys come back as unprocessed,
-- as they were in the request.
INSERT INTO dynamo_data."One"
SELECT 'big' || i, jsonb_build_object('pk', jsonb_build_object('S', 'big' || i),
	'v', jsonb_build_object('S', repeat('x', 400000)), 'n', '{"N": "1"}'::jsonb)
FROM generate_series(1, 50) AS i;
SELECT jsonb_array_length(response #> '{Responses,One}'), response #> '{Responses,Two}',
	jsonb_array_length(response #> '{UnprocessedKeys,One,Keys}'),
	(response #> '{UnprocessedKeys,One}') - 'Keys', response #> '{UnprocessedKeys,Two}'
FROM (SELECT dynamo.batch_get_item(jsonb_build_object('RequestItems', jsonb_build_object(
	'One', jsonb_build_object('Keys', (SELECT jsonb_agg(jsonb_build_object('pk', jsonb_build_object('S', 'big' || i)))
		FROM generate_series(1, 50) AS i), 'ProjectionExpression', 'n', 'ConsistentRead', true),
	'Two', '{"Keys": [{"pk": {"S": "a"}, "sk": {"N": "1"}}]}'::jsonb)))) AS r(response);

SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
