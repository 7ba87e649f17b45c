-- GetItem: whole items, parts of them, missing ones, and mistakes.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S', 'N');
SELECT test.put('Tab', '{"pk": {"S": "a"}, "sk": {"N": "1"}, "name": {"S": "x"}, "a.b": {"S": "dotted"},
	"m": {"M": {"x": {"N": "1"}, "y": {"L": [{"N": "10"}, {"N": "20"}, {"M": {"z": {"N": "30"}}}]}}}}');

SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}, "sk": {"N": "1.0"}}}');
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}, "sk": {"N": "2"}}}');
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "A"}, "sk": {"N": "1"}}, "ConsistentRead": true}');

-- Parts of the item: each is added to a request for it.
WITH whole AS (SELECT '{"TableName": "Tab", "Key": {"pk": {"S": "a"}, "sk": {"N": "1"}}}'::jsonb AS request)
SELECT part, test.outcome('GetItem', request || part)
FROM whole, jsonb_array_elements('[
	{"ProjectionExpression": "pk, m.x"},
	{"ProjectionExpression": "m.y[2], m.y[0]"},
	{"ProjectionExpression": "m.y[2].z"},
	{"ProjectionExpression": "m.y[7]"},
	{"ProjectionExpression": "nothing, m.nothing"},
	{"ProjectionExpression": "m.x.deeper"},
	{"ProjectionExpression": "#n", "ExpressionAttributeNames": {"#n": "name"}},
	{"ProjectionExpression": "#n", "ExpressionAttributeNames": {"#n": "a.b"}},
	{"AttributesToGet": ["name", "nothing"]},
	{"ProjectionExpression": "name"},
	{"ProjectionExpression": "m.x, m"},
	{"ProjectionExpression": "m.x, m[0]"},
	{"ProjectionExpression": ""},
	{"ProjectionExpression": "m..x"},
	{"ProjectionExpression": "#a"},
	{"ProjectionExpression": "m", "ExpressionAttributeNames": {"#a": "x"}},
	{"ProjectionExpression": "pk.x"},
	{"ExpressionAttributeNames": {"#a": "x"}},
	{"AttributesToGet": ["m", "m"]},
	{"AttributesToGet": []},
	{"AttributesToGet": ["m"], "ProjectionExpression": "m"},
	{"ReturnConsumedCapacity": "ALL"},
	{"ConsistentRead": "perhaps"}]') AS part;

-- Keys that do not fit.
SELECT test.outcome('GetItem', jsonb_strip_nulls(jsonb_build_object('TableName', 'Tab', 'Key', key)))
FROM jsonb_array_elements('[null, {}, {"pk": {"S": "a"}},
	{"pk": {"S": "a"}, "sk": {"S": "1"}},
	{"pk": {"S": "a"}, "sx": {"N": "1"}},
	{"pk": {"S": "a"}, "sk": {"N": "1"}, "m": {"N": "1"}},
	{"pk": {"S": "a"}, "sk": {"N": "x"}},
	{"pk": {"S": "a"}, "sk": {}},
	{"pk": {"S": ""}, "sk": {"N": "1"}},
	{"pk": {"S": ""}, "sk": {"N": "1"}, "m": {"N": "1"}}]') AS key;
SELECT test.outcome('GetItem', '{"TableName": "Nowhere", "Key": {"pk": {"S": "a"}}}'::jsonb || change)
FROM jsonb_array_elements('[{}, {"AttributesToGet": ["m", "m"]}]') AS change;

SELECT test.drop_table('Tab');
