-- PutItem: creates and replaces, ReturnValues, and what it refuses.
\pset format unaligned
\pset tuples_only on

SELECT count(test.make_table(name, 'S')) FROM unnest('{Hash,Other}'::text[]) AS name;
SELECT test.make_table('Range', 'S', 'N');

SELECT dynamo.put_item('{"TableName": "Hash", "ReturnValues": "ALL_OLD",
	"Item": {"pk": {"S": "a"}, "n": {"N": "1.50"}, "gone": {"BOOL": true}}}');
SELECT dynamo.put_item('{"TableName": "Hash", "ReturnValues": "ALL_OLD",
	"Item": {"pk": {"S": "a"}, "s": {"S": ""}}}');
SELECT dynamo.put_item('{"TableName": "Hash", "ReturnValues": "NONE",
	"Item": {"pk": {"S": "a"}, "s": {"S": "again"}}}');
SELECT dynamo.get_item('{"TableName": "Hash", "Key": {"pk": {"S": "a"}}}');

-- Keys are what makes items the same, whole and canonical.
SELECT count(test.put('Range', item)) FROM jsonb_array_elements('[
	{"pk": {"S": "a"}, "sk": {"N": "1"}, "v": {"S": "first"}},
	{"pk": {"S": "a"}, "sk": {"N": "1.0"}, "v": {"S": "second"}},
	{"pk": {"S": "a"}, "sk": {"N": "10e-1"}, "v": {"S": "third"}},
	{"pk": {"S": "A"}, "sk": {"N": "1"}, "v": {"S": "fourth"}}]') AS item;
SELECT pk, sk, item FROM dynamo_data."Range" ORDER BY pk, sk;

-- By ARN.
SELECT dynamo.put_item('{"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/Other",
	"Item": {"pk": {"S": "arn"}}}');
SELECT item FROM dynamo_data."Other";

-- Mistakes: each is the request below, changed.
WITH good AS (SELECT '{"TableName": "Range",
	"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}}}'::jsonb AS request)
SELECT test.outcome('PutItem', jsonb_strip_nulls(request || change))
FROM good, jsonb_array_elements($$[
	{"TableName": null},
	{"TableName": 5},
	{"TableName": "a;b", "ReturnValues": "x"},
	{"TableName": "Nowhere"},
	{"TableName": "no"},
	{"Item": null},
	{"Item": null, "ReturnConsumedCapacity": "x", "ReturnValues": "y"},
	{"Item": []},
	{"ReturnValues": "ALL_NEW"},
	{"ReturnValues": "ALL_NEW", "TableName": "Nowhere"},
	{"Item": {}},
	{"Item": {}, "TableName": "Nowhere"},
	{"Item": {"sk": {"N": "1"}}},
	{"Item": {"pk": {"S": "bad"}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"S": "1"}}},
	{"Item": {"pk": {"L": []}, "sk": {"S": "1"}}},
	{"Item": {"pk": {"S": ""}, "sk": {"N": "1"}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"X": "1"}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"S": "1", "N": "1"}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"S": "1", "N": "x"}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"N": 5}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"NULL": false}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"SS": []}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"NS": []}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"BS": []}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"SS": ["a", "b", "a"]}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"NS": ["1", "1.0"]}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"B": "a"}}},
	{"Item": {"pk": {"S": "bad"}, "sk": {"N": "1"}, "v": {"L": [{"M": {"x": {"N": "abc"}}}]}}}
]$$) AS change;
SELECT count(*) FROM dynamo_data."Range" WHERE pk = 'bad';

SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
