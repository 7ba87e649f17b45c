-- UpdateItem: the attributes that each value of ReturnValues returns.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');

-- The item before each update is a: {n: 1, m: {x: 1, y: 2}, l: [10, 20]}.
CREATE FUNCTION pg_temp.returned(key text, update text, return_values text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	request jsonb := jsonb_build_object('TableName', 'Tab', 'ReturnValues', return_values,
		'Key', jsonb_build_object('pk', jsonb_build_object('S', key)));
BEGIN
	DELETE FROM dynamo_data."Tab";
	PERFORM test.put('Tab', '{"pk": {"S": "a"}, "n": {"N": "1"},
		"m": {"M": {"x": {"N": "1"}, "y": {"N": "2"}}}, "l": {"L": [{"N": "10"}, {"N": "20"}]}}');
	IF update <> '' THEN
		request := request || jsonb_build_object('UpdateExpression', update,
			'ExpressionAttributeValues', jsonb_object_agg(m[1], jsonb_build_object('N', right(m[1], 1))))
			FROM regexp_matches(update, ':\d', 'g') AS m;
		request := CASE WHEN request ->> 'ExpressionAttributeValues' IS NULL
			THEN request - 'ExpressionAttributeValues' || jsonb_build_object('UpdateExpression', update)
			ELSE request END;
	END IF;
	RETURN dynamo.plain(dynamo.update_item(request) -> 'Attributes');
END
$$;

SELECT key, update, mode, pg_temp.returned(key, update, mode)
FROM (VALUES
	('a', 'SET n = :2'),
	('a', 'SET z = :1'),
	('a', 'SET m.x = :9'),
	('a', 'SET m.x = :9, m.y = :8'),
	('a', 'SET l[1] = :9'),
	('a', 'SET l[5] = :9'),
	('a', 'REMOVE n'),
	('a', 'REMOVE l[0]'),
	('a', 'ADD n :4'),
	('a', 'SET n = :1'),
	('a', ''),
	('new', 'SET n = :1'),
	('new', '')) AS updates(key, update),
	unnest('{UPDATED_NEW,UPDATED_OLD,ALL_NEW,ALL_OLD,NONE}'::text[]) AS mode
WHERE mode LIKE 'UPDATED%' OR key = 'new' OR update IN ('REMOVE n', '');

SELECT test.drop_table('Tab');
