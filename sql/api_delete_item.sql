-- DeleteItem: removes, or finds nothing to remove; ReturnValues, conditions.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
SELECT count(test.put('Tab', item)) FROM jsonb_array_elements('[
	{"pk": {"S": "a"}, "n": {"N": "1"}}, {"pk": {"S": "b"}, "n": {"N": "2"}},
	{"pk": {"S": "c"}, "n": {"N": "3"}}]') AS item;

WITH base AS (SELECT '{"TableName": "Tab", "ReturnValues": "ALL_OLD"}'::jsonb AS request)
SELECT part, test.outcome('DeleteItem', request || part)
FROM base, jsonb_array_elements('[
	{"Key": {"pk": {"S": "a"}}},
	{"Key": {"pk": {"S": "a"}}},
	{"Key": {"pk": {"S": "a"}}, "ConditionExpression": "n <> :one", "ExpressionAttributeValues": {":one": {"N": "1"}}},
	{"Key": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"},
	{"Key": {"pk": {"S": "b"}}, "ConditionExpression": "n = :one", "ExpressionAttributeValues": {":one": {"N": "1"}}},
	{"Key": {"pk": {"S": "b"}}, "Expected": {"n": {"Value": {"N": "3"}}}},
	{"Key": {"pk": {"S": "b"}}, "Expected": {"n": {"Value": {"N": "2"}}}, "ReturnValues": "NONE"},
	{"Key": {"pk": {"S": "c"}}, "ReturnValues": "ALL_NEW"},
	{"Key": {"pk": {"S": "c"}, "x": {"S": "c"}}},
	{"Key": {"pk": {"N": "1"}}},
	{"Key": {"pk": {"S": ""}}},
	{"Key": {"pk": {"S": "c"}}, "TableName": "Nowhere"},
	{"TableName": null},
	{"Key": {"pk": {"S": "c"}}, "ConditionExpression": "attribute_exists(pk.x)"},
	{"Key": {"pk": {"S": "c"}}, "ConditionExpression": "attribute_exists(pk)", "ExpressionAttributeNames": {"#x": "x"}}]') AS part;
SELECT item FROM dynamo_data."Tab";

-- The old item of a failed condition.
SELECT dynamo.delete_item('{"TableName": "Tab", "Key": {"pk": {"S": "c"}},
	"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}');

SELECT test.drop_table('Tab');
