-- UpdateItem: each section, and errors at run time.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');

-- The item below, updated.
CREATE FUNCTION pg_temp.updated(change jsonb) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM test.put('Tab', '{"pk": {"S": "a"}, "n": {"N": "1"}, "s": {"S": "x"},
		"m": {"M": {"x": {"N": "1"}}}, "l": {"L": [{"N": "10"}, {"N": "20"}]},
		"ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2"]}}');
	RETURN replace(test.outcome('UpdateItem', change || '{"TableName": "Tab",
		"Key": {"pk": {"S": "a"}}, "ReturnValues": "UPDATED_NEW"}'), '"Attributes": ', '');
END
$$;

SELECT update, pg_temp.updated(jsonb_build_object('UpdateExpression', update) ||
	CASE WHEN given <> '{}' THEN jsonb_build_object('ExpressionAttributeValues', given)
	ELSE given END)
FROM (VALUES
	('SET z = :v', '{":v": {"S": "new"}}'::jsonb),
	('SET n = n + :v', '{":v": {"N": "2.5"}}'),
	('SET n = :v - n', '{":v": {"N": "1"}}'),
	('SET z = if_not_exists(z, :v), n = if_not_exists(n, :v)', '{":v": {"N": "7"}}'),
	('SET z = if_not_exists(z, :v) + :v', '{":v": {"N": "7"}}'),
	('SET l = list_append(l, :v)', '{":v": {"L": [{"S": "end"}]}}'),
	('SET l = list_append(:v, l)', '{":v": {"L": [{"S": "start"}]}}'),
	('SET l[0] = :v, l[7] = :v', '{":v": {"N": "0"}}'),
	('SET m.y = :v', '{":v": {"NULL": true}}'),
	-- operands are those of the item as it was
	('SET n = s, s = n', '{}'),
	('SET z = m.x, m.x = l[1]', '{}'),
	('SET z = n REMOVE n', '{}'),
	('REMOVE l[0], m.x, s, nothing', '{}'),
	('ADD n :v, z :v', '{":v": {"N": "-1"}}'),
	('ADD ss :v', '{":v": {"SS": ["b", "c"]}}'),
	('ADD ns :v', '{":v": {"NS": ["2.0", "3"]}}'),
	('DELETE ss :v', '{":v": {"SS": ["b", "c"]}}'),
	('DELETE ss :v', '{":v": {"SS": ["a", "b"]}}'),
	('SET z = :v REMOVE s ADD n :n DELETE ss :s',
		'{":v": {"BOOL": false}, ":n": {"N": "1"}, ":s": {"SS": ["a"]}}'),
	-- run time errors
	('SET z = nothing', '{}'),
	('SET n = s + :v', '{":v": {"N": "1"}}'),
	('SET z.y = :v', '{":v": {"N": "1"}}'),
	('SET s.y = :v', '{":v": {"N": "1"}}'),
	('SET m[0] = :v', '{":v": {"N": "1"}}'),
	('REMOVE z.y', '{}'),
	('ADD s :v', '{":v": {"N": "1"}}'),
	('ADD ss :v', '{":v": {"NS": ["1"]}}'),
	('DELETE n :v', '{":v": {"NS": ["1"]}}'),
	('SET l = list_append(l, s)', '{}'),
	('SET n = n + :v', '{":v": {"N": "9.9999999999999999999999999999999999999E+125"}}'),
	-- errors in the expression
	('', '{}'),
	('SET', '{}'),
	('SET n', '{}'),
	('SET n = :v SET s = :v', '{":v": {"N": "1"}}'),
	('SET n = :v, n = :v', '{":v": {"N": "1"}}'),
	('SET m.x = :v REMOVE m', '{":v": {"N": "1"}}'),
	('SET m.x = :v, m[0] = :v', '{":v": {"N": "1"}}'),
	('SET n = size(s)', '{}'),
	('SET n = :v', '{}'),
	('ADD s :v', '{":v": {"S": "1"}}'),
	('DELETE n :v', '{":v": {"N": "1"}}'),
	('SET n = :v + :w', '{":v": {"N": "1"}, ":w": {"S": "1"}}'),
	('SET pk = :v', '{":v": {"S": "b"}}'),
	('REMOVE pk.x', '{}')
	) AS updates(update, given);

-- The key must fit; the condition is tested before the update is tried.
SELECT test.outcome('UpdateItem', '{"TableName": "Tab"}'::jsonb || change)
FROM jsonb_array_elements('[
	{},
	{"Key": {"pk": {"N": "1"}}, "UpdateExpression": "SET pk = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}},
	{"Key": {"pk": {"N": "1"}}, "UpdateExpression": "SET"},
	{"Key": {"pk": {"S": "a"}}, "UpdateExpression": "SET n = nothing", "ConditionExpression": "attribute_not_exists(pk)"},
	{"Key": {"pk": {"S": "a"}}, "ReturnValues": "ALL"}]') AS change;

SELECT test.drop_table('Tab');
