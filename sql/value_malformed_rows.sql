-- Rows that SQL has written are not trusted.  Every read either works or reports
-- which row is malformed, and dynamo.check lists exactly the malformed rows.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S', 'N');

-- The partition key of each row names what is wrong with it.
INSERT INTO dynamo_data."Tab" VALUES
	('fine', 1, '{"pk": {"S": "fine"}, "sk": {"N": "1"}, "v": {"L": []}}'),
	('scalar', 1, '5'),
	('array', 1, '[]'),
	('null', 1, 'null'),
	('empty', 1, '{}'),
	('no type', 1, '{"pk": {"S": "no type"}, "sk": {"N": "1"}, "v": "x"}'),
	('two types', 1, '{"pk": {"S": "two types"}, "sk": {"N": "1"}, "v": {"S": "x", "N": "1"}}'),
	('unknown type', 1, '{"pk": {"S": "unknown type"}, "sk": {"N": "1"}, "v": {"X": "x"}}'),
	('number as number', 1, '{"pk": {"S": "number as number"}, "sk": {"N": 1}}'),
	('not canonical', 1, '{"pk": {"S": "not canonical"}, "sk": {"N": "1"}, "v": {"N": "1.0"}}'),
	('bad base64', 1, '{"pk": {"S": "bad base64"}, "sk": {"N": "1"}, "v": {"B": "x"}}'),
	('empty set', 1, '{"pk": {"S": "empty set"}, "sk": {"N": "1"}, "v": {"SS": []}}'),
	('set of numbers', 1, '{"pk": {"S": "set of numbers"}, "sk": {"N": "1"}, "v": {"NS": [1, 2]}}'),
	('NULL false', 1, '{"pk": {"S": "NULL false"}, "sk": {"N": "1"}, "v": {"NULL": false}}'),
	('deep inside', 1, '{"pk": {"S": "deep inside"}, "sk": {"N": "1"}, "v": {"M": {"x": {"L": [{"S": "y"}, {"S": 5}]}}}}'),
	('U+0001 alone', 1, e'{"pk": {"S": "U+0001 alone"}, "sk": {"N": "1"}, "v": {"S": "\\u0001"}}'),
	('no sort key', 1, '{"pk": {"S": "no sort key"}}'),
	('other key', 1, '{"pk": {"S": "another key"}, "sk": {"N": "1"}}'),
	('other sort key', 1, '{"pk": {"S": "other sort key"}, "sk": {"N": "2"}}'),
	('other key type', 1, '{"pk": {"B": "YQ=="}, "sk": {"N": "1"}}');
SELECT * FROM dynamo.check('Tab');

-- Returns the outcome of each way to read a row.
CREATE FUNCTION pg_temp.reads(key text) RETURNS text[]
LANGUAGE sql AS $$
	SELECT array_agg(regexp_replace(test.outcome(operation, '{"TableName": "Tab"}'::jsonb || replace(request, '?', key)::jsonb),
		'^InternalServerError: The row of table Tab with key (.*) does not hold a well-formed item; .*', 'error: \1') ORDER BY i)
	FROM (VALUES
		(1, 'GetItem', '{"Key": {"pk": {"S": "?"}, "sk": {"N": "1"}}}'),
		(2, 'Query', '{"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "?"}}}'),
		(3, 'Query', '{"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "?"}}, "Limit": 1, "Select": "COUNT"}')
		) AS v(i, operation, request)
$$;
SELECT pk, pg_temp.reads(pk) FROM dynamo_data."Tab" ORDER BY pk;

-- A scan stops at a malformed row, and does not run in circles.
SELECT dynamo.scan('{"TableName": "Tab"}');
SELECT count(*) FROM test.all_pages('Scan', '{"TableName": "Tab"}', 1);

-- Writes that need the old item fail.  A plain put repairs the row.
SELECT test.outcome('UpdateItem', '{"TableName": "Tab", "Key": {"pk": {"S": "no type"}, "sk": {"N": "1"}}, "UpdateExpression": "REMOVE v"}');
SELECT test.outcome('PutItem', '{"TableName": "Tab", "Item": {"pk": {"S": "no type"}, "sk": {"N": "1"}}, "ReturnValues": "ALL_OLD"}');
SELECT test.outcome('PutItem', '{"TableName": "Tab", "Item": {"pk": {"S": "no type"}, "sk": {"N": "1"}}}');
SELECT test.outcome('DeleteItem', '{"TableName": "Tab", "Key": {"pk": {"S": "two types"}, "sk": {"N": "1"}}}');
SELECT count(*) FROM dynamo.check('Tab');
SELECT * FROM dynamo.check('Nowhere');
SELECT test.drop_table('Tab');

-- 2,000 rows of random jsonb that are nearly items: dynamo.check lists exactly the
-- rows that cannot be read.
SELECT test.make_table('Tab', 'S');
CREATE FUNCTION pg_temp.random_element(VARIADIC elements text[]) RETURNS text
LANGUAGE sql VOLATILE AS $$ SELECT elements[1 + floor(random() * array_length(elements, 1))] $$;
CREATE FUNCTION pg_temp.random_value(depth integer) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	one text := CASE WHEN depth > 0 THEN pg_temp.random_value(depth - 1) ELSE '{"S": ""}' END;
	two text := CASE WHEN depth > 0 THEN pg_temp.random_value(depth - 1) ELSE '{"NULL": true}' END;
BEGIN
	IF random() < 0.02 THEN
		RETURN pg_temp.random_element('5', 'null', '"x"', '[]', '{}', '{"S": "x", "N": "1"}', '{"Q": 1}', '[{"S": "x"}]');
	END IF;
	RETURN pg_temp.random_element('{"S": "x"}', '{"S": "日本"}', '{"N": "-1.5"}', '{"B": "YQ=="}', '{"BOOL": false}', '{"NULL": true}',
		'{"SS": ["a", "b"]}', '{"NS": ["1", "2"]}', '{"BS": ["YQ=="]}', '{"L": [' || one || ', ' || two || ']}',
		'{"M": {"x": ' || one || ', "": ' || two || '}}', '{"L": []}', '{"M": {}}',
		CASE WHEN random() < 0.8 THEN one ELSE pg_temp.random_element('{"S": 1}', '{"N": "01"}', '{"N": 1}', '{"B": "YQ"}', '{"BOOL": "true"}',
			'{"NULL": false}', '{"SS": ["a", "a"]}', '{"NS": ["1", 2]}', '{"BS": []}', '{"L": {}}', '{"M": []}', '{"L": [5]}', '{"M": {"x": 5}}') END);
END
$$;
SELECT setseed(0.5);
INSERT INTO dynamo_data."Tab"
SELECT i, ('{"pk": {"S": "' || i || '"}, "v": ' || pg_temp.random_value(3) || ', "w": ' || pg_temp.random_value(2) || '}')::jsonb
FROM generate_series(1, 2000) AS i;
SELECT count(*) BETWEEN 100 AND 1000 AS enough FROM dynamo.check('Tab');
WITH rows AS (SELECT pk, item,
		dynamo.is_item(item) AS well_formed,
		test.outcome('GetItem', request) AS got,
		test.outcome('GetItem', request || '{"ProjectionExpression": "pk, v.x[1], w"}') AS projected,
		test.outcome('Scan', '{"TableName": "Tab", "Limit": 1, "FilterExpression": "contains(v, w) OR size(v) > size(w)"}'::jsonb
			|| jsonb_build_object('ExclusiveStartKey', jsonb_build_object('pk', jsonb_build_object('S', before)))) AS filtered
	FROM (SELECT pk, item, lag(pk, 1, ' ') OVER (ORDER BY pk) AS before,
		jsonb_build_object('TableName', 'Tab', 'Key', jsonb_build_object('pk', jsonb_build_object('S', pk))) AS request
		FROM dynamo_data."Tab") AS r)
SELECT count(*) FILTER (WHERE well_formed = (c.key IS NULL)) AS checked,
	count(*) FILTER (WHERE well_formed = (got = '{"Item": ' || item::text || '}')) AS got,
	count(*) FILTER (WHERE got NOT LIKE '{%' AND got NOT LIKE 'InternalServerError: The row of table Tab with key (' || pk || ') does not%') AS got_unclear,
	count(*) FILTER (WHERE well_formed AND projected NOT LIKE '{%') AS projected,
	count(*) FILTER (WHERE well_formed = (filtered LIKE '{%')) AS filtered
FROM rows LEFT JOIN dynamo.check('Tab') AS c ON c.key = '(' || pk || ')';
SELECT test.drop_table('Tab');
