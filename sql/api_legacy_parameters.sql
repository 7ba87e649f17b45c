-- The parameters from before expressions: KeyConditions, QueryFilter,
-- ScanFilter, AttributesToGet, ConditionalOperator, AttributeUpdates.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S', 'N');
SELECT count(test.put('Tab', jsonb_build_object('pk', '{"S": "p"}'::jsonb, 'sk', jsonb_build_object('N', i::text),
	's', jsonb_build_object('S', repeat('x', i)), 'ss', '{"SS": ["a", "b"]}'::jsonb)
	|| CASE WHEN i % 2 = 0 THEN '{"even": {"BOOL": true}}' ELSE '{}' END::jsonb)) FROM generate_series(1, 6) AS i;

-- Returns which of the sort keys 1 to 6 are found.
CREATE FUNCTION pg_temp.found(operation text, request jsonb) RETURNS text
LANGUAGE sql AS $$
	SELECT CASE WHEN outcome LIKE '{%' THEN jsonb_path_query_array(outcome::jsonb, '$.Items[*].sk.N')::text ELSE outcome END
	FROM test.outcome(operation, request) AS outcome
$$;
SELECT conditions, pg_temp.found('Query', jsonb_build_object('TableName', 'Tab', 'KeyConditions',
	CASE WHEN conditions ? 'pk' THEN conditions ELSE
		conditions || '{"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "p"}]}}' END))
FROM jsonb_array_elements('[
	{},
	{"sk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "3"}]}},
	{"sk": {"ComparisonOperator": "LE", "AttributeValueList": [{"N": "3"}]}},
	{"sk": {"ComparisonOperator": "LT", "AttributeValueList": [{"N": "3"}]}},
	{"sk": {"ComparisonOperator": "GE", "AttributeValueList": [{"N": "3"}]}},
	{"sk": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "3"}]}},
	{"sk": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "2"}, {"N": "4"}]}},
	{"sk": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "4"}, {"N": "2"}]}},
	{"sk": {"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"N": "2"}]}},
	{"sk": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"N": "2"}]}},
	{"sk": {"ComparisonOperator": "NE", "AttributeValueList": [{"N": "2"}]}},
	{"sk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "2"}]}},
	{"sk": {"ComparisonOperator": "ISNT"}},
	{"s": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "x"}]}},
	{"sk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "2"}]}, "s": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "x"}]}},
	{"pk": {"ComparisonOperator": "GT", "AttributeValueList": [{"S": "p"}]}},
	{"pk": {"ComparisonOperator": "EQ", "AttributeValueList": []}}]') AS conditions;

-- Filters; those of a Query may not name keys.
WITH requests AS (SELECT '{"TableName": "Tab", "KeyConditions":
	{"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "p"}]}}}'::jsonb AS query)
SELECT filter, pg_temp.found('Scan', jsonb_build_object('TableName', 'Tab', 'ScanFilter', filter)) AS scanned,
	nullif(pg_temp.found('Query', query || jsonb_build_object('QueryFilter', filter)),
		pg_temp.found('Scan', jsonb_build_object('TableName', 'Tab', 'ScanFilter', filter)))
FROM requests, jsonb_array_elements('[
	{"s": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "xx"}]}},
	{"s": {"ComparisonOperator": "NE", "AttributeValueList": [{"S": "xx"}]}},
	{"s": {"ComparisonOperator": "GT", "AttributeValueList": [{"S": "xxxx"}]}},
	{"s": {"ComparisonOperator": "IN", "AttributeValueList": [{"S": "x"}, {"S": "xxx"}]}},
	{"s": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"S": "xxxxx"}]}},
	{"s": {"ComparisonOperator": "CONTAINS", "AttributeValueList": [{"S": "xxxx"}]}},
	{"ss": {"ComparisonOperator": "CONTAINS", "AttributeValueList": [{"S": "b"}]}},
	{"ss": {"ComparisonOperator": "NOT_CONTAINS", "AttributeValueList": [{"S": "b"}]}},
	{"even": {"ComparisonOperator": "NULL"}},
	{"even": {"ComparisonOperator": "NOT_NULL"}},
	{"even": {"ComparisonOperator": "NOT_NULL"}, "s": {"ComparisonOperator": "GT", "AttributeValueList": [{"S": "xxx"}]}},
	{"sk": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "4"}]}},
	{"even": {"ComparisonOperator": "NULL", "AttributeValueList": [{"N": "4"}]}},
	{"s": {"ComparisonOperator": "LT", "AttributeValueList": [{"SS": ["a"]}]}},
	{"s": {"ComparisonOperator": "IN", "AttributeValueList": []}},
	{"s": {"ComparisonOperator": "IN", "AttributeValueList": [{"S": "x"}, {"N": "1"}]}}]') AS filter;

SELECT change, pg_temp.found('Scan', '{"TableName": "Tab", "ScanFilter": {
	"even": {"ComparisonOperator": "NOT_NULL"}, "s": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "x"}]}}}'::jsonb || change)
FROM jsonb_array_elements('[{"ConditionalOperator": "OR"}, {"ConditionalOperator": "AND"}, {"ConditionalOperator": "XOR"},
	{"ConditionalOperator": "OR", "ScanFilter": {"s": {"ComparisonOperator": "NULL"}}},
	{"ScanFilter": {}, "ConditionalOperator": "OR"},
	{"FilterExpression": "attribute_exists(s)"}]') AS change;

-- KeyConditions go with expressions for the rest.
SELECT dynamo.query('{"TableName": "Tab", "KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "p"}]},
	"sk": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "3"}]}},
	"FilterExpression": "attribute_exists(even)", "ProjectionExpression": "sk"}');
SELECT dynamo.query('{"TableName": "Tab", "KeyConditions": {"pk": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "p"}]},
	"sk": {"ComparisonOperator": "LT", "AttributeValueList": [{"N": "3"}]}}, "AttributesToGet": ["even", "ss.a"]}');

-- AttributeUpdates of the item 1.
SELECT updates, replace(test.outcome('UpdateItem', jsonb_build_object('TableName', 'Tab', 'ReturnValues', 'UPDATED_NEW',
	'Key', '{"pk": {"S": "p"}, "sk": {"N": "1"}}'::jsonb, 'AttributeUpdates', updates)), '"Attributes": ', '')
FROM jsonb_array_elements('[
	{"n": {"Value": {"N": "1"}}},
	{"n": {"Action": "ADD", "Value": {"N": "2"}}, "m": {"Action": "ADD", "Value": {"N": "2"}}},
	{"ss": {"Action": "ADD", "Value": {"SS": ["c"]}}},
	{"ss": {"Action": "DELETE", "Value": {"SS": ["a", "z"]}}},
	{"l": {"Action": "ADD", "Value": {"L": [{"S": "first"}]}}},
	{"l": {"Action": "ADD", "Value": {"L": [{"S": "second"}]}}},
	{"l": {"Action": "DELETE"}, "a.b": {"Action": "PUT", "Value": {"S": "dotted"}}},
	{"s": {"Action": "ADD", "Value": {"N": "1"}}},
	{"s": {"Action": "DELETE", "Value": {"SS": ["x"]}}},
	{"s": {"Action": "DELETE", "Value": {"S": "x"}}},
	{"s": {"Action": "ADD", "Value": {"S": "x"}}},
	{"s": {"Action": "PUT"}},
	{"s": {"Action": "APPEND", "Value": {"S": "x"}}},
	{"sk": {"Value": {"N": "2"}}}]') AS updates;
SELECT item FROM dynamo_data."Tab" WHERE sk = 1;

SELECT test.drop_table('Tab');
