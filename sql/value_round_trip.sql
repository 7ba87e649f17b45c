-- Every type of attribute: put, read back, and as the row holds it.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
CREATE FUNCTION pg_temp.returned(value jsonb) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	answer jsonb;
	stored jsonb;
BEGIN
	PERFORM test.put('Tab', jsonb_build_object('pk', '{"S": "a"}'::jsonb, 'v', value));
	answer := dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}}}') #> '{Item,v}';
	SELECT item -> 'v' INTO stored FROM dynamo_data."Tab";
	RETURN CASE WHEN answer <> stored THEN format('stored %s, answered %s', stored, answer)
		WHEN answer = value THEN 'same' ELSE answer::text END;
EXCEPTION WHEN OTHERS THEN
	RETURN sqlerrm;
END
$$;

SELECT value, pg_temp.returned(value) FROM jsonb_array_elements('[
	{"S": ""}, {"S": "héllo wörld 日本 😀"}, {"S": "quotes \" \\ / \b\f\n\r\t \u007f"},
	{"B": ""}, {"B": "AP8="}, {"B": "AAECAw=="},
	{"BOOL": true}, {"BOOL": false}, {"NULL": true},
	{"SS": ["b", "a", ""]}, {"NS": ["10", "9", "-1"]}, {"BS": ["Yg==", "", "YQ=="]},
	{"L": []}, {"L": [{"S": "a"}, {"N": "1"}, {"L": [{"NULL": true}]}, {"S": "a"}]},
	{"M": {}}, {"M": {"x": {"M": {"y.z": {"BOOL": true}}}, "S": {"S": "tag as name"}}},
	{"NS": ["1.50", "1e2"]}, {"L": [{"N": "007"}]},
	{"B": "AP8"}, {"B": "AP9="}, {"B": "A P8="}, {"B": "-_-_"}, {"BS": ["YQ==", "YQ=="]},
	{"s": "x"}, {"S": null}, {"BOOL": "true"}, {"BOOL": 1}, {"NULL": "true"}, {"L": {}}, {"M": []}, {"SS": "a"}]') AS value;

-- U+0000 and U+0001 in stored form, which is what jsonb can hold; they count
-- for one byte each.
SELECT pg_temp.returned(e'{"S": "nul \\u0001\\u0001, one \\u0001\\u0002"}'::jsonb);
SELECT pg_temp.returned(value) FROM unnest(ARRAY[e'{"S": "\\u0001"}', e'{"S": "\\u0001x"}', e'{"S": "\\u0001\\u0001\\u0001"}',
	e'{"SS": ["\\u0001"]}', e'{"M": {"\\u0001": {"S": ""}}}']::jsonb[]) AS value;
SELECT dynamo.put_item(jsonb_build_object('TableName', 'Tab', 'ReturnConsumedCapacity', 'TOTAL', 'Item',
	jsonb_build_object('pk', '{"S": "b"}'::jsonb, 'v', jsonb_build_object('S', repeat(e'\x01\x01', 1020))))) #> '{ConsumedCapacity,CapacityUnits}',
	dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "b"}}}') #>> '{Item,v,S}' = repeat(e'\x01\x01', 1020);
SELECT dynamo.scan(e'{"TableName": "Tab", "FilterExpression": "size(v) = :n AND contains(v, :s)",
	"ExpressionAttributeValues": {":n": {"N": "1020"}, ":s": {"S": "\\u0001\\u0001"}}, "Select": "COUNT"}');

-- dynamo.plain: an item without tags; dynamo.is_item.
SELECT dynamo.plain('{"s": {"S": "x"}, "n": {"N": "1.50"}}');
SELECT dynamo.plain('{"s": {"S": "x"}, "n": {"N": "1.5"}, "b": {"B": "YQ=="}, "t": {"BOOL": true}, "z": {"NULL": true},
	"ss": {"SS": ["b", "a"]}, "ns": {"NS": ["2", "1"]}, "l": {"L": [{"S": "y"}, {"M": {"deep": {"N": "7"}}}]}}');
SELECT dynamo.plain('{}'), dynamo.plain(NULL) IS NULL;
SELECT value, dynamo.is_item(value) FROM unnest('{"{}", "{\"a\": {\"S\": \"x\"}}", "{\"a\": {\"S\": 5}}", "{\"a\": {}}", "{\"a\": 5}",
	"{\"a\": {\"N\": \"1.0\"}}", "{\"a\": {\"S\": \"\", \"N\": \"1\"}}", "[]", "5", "null", "\"x\""}'::jsonb[]) AS value;

SELECT test.drop_table('Tab');
