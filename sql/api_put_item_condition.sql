-- PutItem with a condition: passes, fails, fails with the old item returned.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "a"}, "n": {"N": "1"}},
	"ConditionExpression": "attribute_not_exists(pk)"}');
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "a"}, "n": {"N": "2"}},
	"ConditionExpression": "attribute_not_exists(pk)"}');
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "a"}, "n": {"N": "3"}},
	"ConditionExpression": "attribute_not_exists(pk)",
	"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}');
-- Nothing to return of an item that is not there.
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "b"}},
	"ConditionExpression": "attribute_exists(pk)",
	"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}');
SELECT item FROM dynamo_data."Tab";

-- The condition is about the old item, the whole of it.
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "a"}, "n": {"N": "4"}},
	"ConditionExpression": "#n = :one AND attribute_type(#n, :t)", "ReturnValues": "ALL_OLD",
	"ExpressionAttributeNames": {"#n": "n"},
	"ExpressionAttributeValues": {":one": {"N": "1.0"}, ":t": {"S": "N"}}}');
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}}}');

-- Legacy Expected.
SELECT expected, test.outcome('PutItem', jsonb_build_object('TableName', 'Tab',
	'Item', '{"pk": {"S": "a"}, "n": {"N": "4"}}'::jsonb) || expected)
FROM jsonb_array_elements('[
	{"Expected": {"n": {"Value": {"N": "4"}}}},
	{"Expected": {"n": {"Value": {"N": "5"}}}},
	{"Expected": {"n": {"Exists": false}}},
	{"Expected": {"x": {"Exists": false}}},
	{"Expected": {"n": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "3"}]}}},
	{"Expected": {"n": {"Exists": false}, "pk": {"Value": {"S": "a"}}}, "ConditionalOperator": "OR"},
	{"Expected": {"n": {"Exists": false}, "pk": {"Value": {"S": "a"}}}},
	{"Expected": {"n": {"Exists": false, "Value": {"N": "4"}}}},
	{"Expected": {"n": {}}},
	{"Expected": {"n": {"Value": {"N": "4"}}}, "ConditionalOperator": "OR"},
	{"ConditionalOperator": "AND"},
	{"Expected": {"n": {"Exists": false}}, "ConditionExpression": "attribute_exists(pk)"}]') AS expected;

-- Mistakes in the expression are found before the table is looked for.
SELECT test.outcome('PutItem', '{"TableName": "Nowhere", "Item": {"pk": {"S": "a"}}}'::jsonb || change)
FROM jsonb_array_elements('[
	{"ConditionExpression": ""},
	{"ConditionExpression": "attribute_exists(pk"},
	{"ConditionExpression": "name = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}},
	{"ConditionExpression": "a = :v"},
	{"ConditionExpression": "#a = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}},
	{"ConditionExpression": "a = :v", "ExpressionAttributeValues": {":v": {"S": "x"}, ":w": {"S": "x"}}},
	{"ConditionExpression": "a = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}, "ExpressionAttributeNames": {"#x": "x"}},
	{"ConditionExpression": "a = :v", "ExpressionAttributeValues": {":v": {"N": "x"}}},
	{"ConditionExpression": "a = :v", "ExpressionAttributeValues": {":v": {"SS": []}}},
	{"ConditionExpression": "((a = :v))", "ExpressionAttributeValues": {":v": {"S": "x"}}},
	{"ConditionExpression": "a = a"},
	{"ConditionExpression": "a < :v", "ExpressionAttributeValues": {":v": {"BOOL": true}}},
	{"ExpressionAttributeValues": {":v": {"S": "x"}}},
	{"ExpressionAttributeNames": {"#v": "x"}},
	{"ConditionExpression": "attribute_exists(pk)"}]') AS change;

-- A path may not lead into a key; and a missing key comes before the condition.
SELECT test.outcome('PutItem', '{"TableName": "Tab", "Item": {"pk": {"S": "a"}}}'::jsonb || change)
FROM jsonb_array_elements('[
	{"ConditionExpression": "attribute_exists(pk.x)"},
	{"ConditionExpression": "attribute_not_exists(pk)", "Item": {"x": {"S": "a"}}}]') AS change;

SELECT test.drop_table('Tab');
