-- Sizes at the edge of 400 KB, and nesting at the edge of 32 levels.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
-- The limit is 409,600 bytes.  Beside pk, a and v, 409,596 are left for v's string.
CREATE FUNCTION pg_temp.put(item jsonb) RETURNS text
LANGUAGE sql AS $$
	SELECT test.outcome('PutItem', jsonb_build_object('TableName', 'Tab', 'Item', '{"pk": {"S": "a"}}'::jsonb || item))
$$;
SELECT what, pg_temp.put(item)
FROM (VALUES
	('S', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409596)))),
	('S + 1', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409597)))),
	('two-byte characters', jsonb_build_object('v', jsonb_build_object('S', repeat('ä', 204798)))),
	('two-byte characters + 1', jsonb_build_object('v', jsonb_build_object('S', repeat('ä', 204799)))),
	('stored form counts once', jsonb_build_object('v', jsonb_build_object('S', repeat(e'\x01\x01', 409596)))),
	('B', jsonb_build_object('v', jsonb_build_object('B', replace(encode(decode(repeat('00', 409596), 'hex'), 'base64'), e'\n', '')))),
	('a longer name', jsonb_build_object('vv', jsonb_build_object('S', repeat('x', 409596)))),
	('an empty list is 3', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409592)), 'l', '{"L": []}'::jsonb)),
	('an empty list is 3, + 1', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409593)), 'l', '{"L": []}'::jsonb)),
	('an element is 1 more', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409590)), 'l', '{"L": [{"NULL": true}]}'::jsonb)),
	('an element is 1 more, + 1', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409591)), 'l', '{"L": [{"NULL": true}]}'::jsonb)),
	('a member is 1 more', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409589)), 'm', '{"M": {"k": {"BOOL": true}}}'::jsonb)),
	('a member is 1 more, + 1', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409590)), 'm', '{"M": {"k": {"BOOL": true}}}'::jsonb)),
	('42 is 2', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409593)), 'n', '{"N": "42"}'::jsonb)),
	('-42 is 3', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409593)), 'n', '{"N": "-42"}'::jsonb)),
	('a set is its members', jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409592)), 's', '{"SS": ["a", "bc"]}'::jsonb))
	) AS v(what, item);

-- The result of an update has the same limit, and changes nothing beyond it.
SELECT pg_temp.put(jsonb_build_object('v', jsonb_build_object('S', repeat('x', 409000))));
SELECT bytes, test.outcome('UpdateItem', jsonb_build_object('TableName', 'Tab', 'Key', '{"pk": {"S": "a"}}'::jsonb,
	'UpdateExpression', 'SET w = :w', 'ExpressionAttributeValues', jsonb_build_object(':w', jsonb_build_object('S', repeat('y', bytes)))))
FROM unnest('{400,596}'::integer[]) AS bytes;
SELECT length(item #>> '{w,S}') FROM dynamo_data."Tab";

-- A value has at most 32 levels.
CREATE FUNCTION pg_temp.nested(levels integer, tag text) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT (repeat(CASE tag WHEN 'L' THEN '{"L": [' ELSE '{"M": {"x": ' END, levels - 1) || '{"S": "deep"}'
		|| repeat(CASE tag WHEN 'L' THEN ']}' ELSE '}}' END, levels - 1))::jsonb
$$;
SELECT levels, tag, pg_temp.put(jsonb_build_object('v', pg_temp.nested(levels, tag))),
	dynamo.is_item(jsonb_build_object('v', pg_temp.nested(levels, tag)))
FROM unnest('{31,32,33,34,1000}'::integer[]) AS levels, unnest('{L,M}'::text[]) AS tag
ORDER BY levels, tag;
SELECT levels, test.outcome('UpdateItem', jsonb_build_object('TableName', 'Tab', 'Key', '{"pk": {"S": "b"}}'::jsonb,
	'UpdateExpression', 'SET v = :v', 'ExpressionAttributeValues', jsonb_build_object(':v', pg_temp.nested(levels, 'M'))))
FROM unnest('{31,32,33}'::integer[]) AS levels;
-- The result of an update has at most 32 levels too.
SELECT dynamo.update_item(jsonb_build_object('TableName', 'Tab', 'Key', '{"pk": {"S": "c"}}'::jsonb,
	'UpdateExpression', 'SET v = :v', 'ExpressionAttributeValues', jsonb_build_object(':v', pg_temp.nested(30, 'M'))));
SELECT test.outcome('UpdateItem', jsonb_build_object('TableName', 'Tab', 'Key', '{"pk": {"S": "c"}}'::jsonb,
	'UpdateExpression', 'SET v' || repeat('.x', depth) || ' = :v', 'ExpressionAttributeValues', jsonb_build_object(':v', pg_temp.nested(levels, 'M'))))
FROM (VALUES (29, 3), (29, 4)) AS v(depth, levels);

SELECT test.drop_table('Tab');
