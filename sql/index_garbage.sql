-- dynamo.index_key() takes any jsonb without an error: it is evaluated for
-- rows that anybody writes.
\pset format unaligned
\pset tuples_only on

-- Random jsonb, some of it nearly an item.
CREATE FUNCTION pg_temp.garbage(depth integer) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	strings text[] := ARRAY['', 'a', 'S', 'N', 'AA==', '-0', '1', '1e5', '1.50', '-1.5', '.5', '1' || repeat('0', 400), '0.' || repeat('0', 200) || '1', e'\x01', e'\x01\x01', e'\x01\x02', repeat('ä', 3000), repeat('9', 39)];
BEGIN
	CASE floor(random() * CASE WHEN depth > 0 THEN 12 ELSE 5 END)
	WHEN 0 THEN RETURN 'null';
	WHEN 1 THEN RETURN to_jsonb(random() < 0.5);
	WHEN 2 THEN RETURN to_jsonb(floor(random() * 1e9)::numeric);
	WHEN 3, 4 THEN RETURN to_jsonb(strings[1 + floor(random() * array_length(strings, 1))::integer]);
	WHEN 5 THEN RETURN (SELECT coalesce(jsonb_agg(pg_temp.garbage(depth - 1)), '[]') FROM generate_series(1, floor(random() * 4)::integer));
	WHEN 6, 7, 8 THEN RETURN jsonb_build_object((ARRAY['S', 'N', 'B', 'M', 'L', 'SS', 'NULL', 's'])[1 + floor(random() * 8)::integer], pg_temp.garbage(0));
	ELSE RETURN (SELECT coalesce(jsonb_object_agg((ARRAY['pk', 'g', 'n', 'b', 'S', 'N'])[1 + floor(random() * 6)::integer], pg_temp.garbage(depth - 1)), '{}') FROM generate_series(1, floor(random() * 6)::integer));
	END CASE;
END
$$;
SELECT setseed(0.375);
CREATE TABLE items AS SELECT pg_temp.garbage(3) AS item FROM generate_series(1, 5000);
SELECT count(*) FILTER (WHERE jsonb_typeof(item) = 'object') > 500 AS objects, count(*) FILTER (WHERE jsonb_typeof(item) <> 'object') > 500 AS others FROM items;
SELECT spec, count(dynamo.index_key(item, spec)) < 1000 AS few_have_keys
FROM items, unnest('{hS1:g,hN1:n,hB1:b,hS1:S rN1:n,hN1:N kS2:pk}'::text[]) AS spec GROUP BY spec ORDER BY spec COLLATE "C";
-- With garbage in one key attribute only, some items have a key, as they should.
SELECT count(dynamo.index_key(jsonb_build_object('g', item, 'n', '{"N": "1"}'::jsonb), 'hS1:g rN1:n')) > 50 AS some,
	bool_and(dynamo.index_key(jsonb_build_object('g', item, 'n', '{"N": "1"}'::jsonb), 'hS1:g rN1:n') IS NULL
		OR item ->> 'S' <> '' AND octet_length(item ->> 'S') <= 2048) AS those_that_fit
FROM items;

-- The key of null is null.  Items with equal key attributes have equal keys,
-- whatever their other attributes are.
SELECT dynamo.index_key(NULL, 'hS1:g') IS NULL, dynamo.index_key('{"g": {"S": "x"}}', NULL) IS NULL,
	dynamo.index_key('{"g": {"S": "x"}}', 'hS1:g') = dynamo.index_key('{"g": {"S": "x"}, "z": [1]}', 'hS1:g'),
	dynamo.index_key('{"g": {"S": "x"}}', 'hS1:g') = dynamo.index_key('{"g": {"B": "eA=="}}', 'hB1:g');
-- The bytes of the key after its token.  See src/store/README.md.
SELECT encode(substr(dynamo.index_key('{"pk": {"S": "p"}, "g": {"S": "x\u0001\u0001"}, "n": {"N": "-12.5"}, "b": {"B": "AAH/"}}', 'hS1:g rN1:n rB1:b kS2:pk'), 5), 'hex');

-- With a malformed description every item has a null key, and no error is raised.
SELECT spec, dynamo.index_key('{"": {"S": "x"}, "g": {"S": "x"}, "gg": {"S": "x"}, "n": {"N": "1"}, "a b": {"S": "x"}}', spec) IS NULL FROM unnest(ARRAY['', ' ', 'h', 'hS', 'hS1', 'hS1:', 'hS2:g', 'hS1:gg', 'hS1:g ', ' hS1:g', 'hS1:g  rN1:n', 'xS1:g', 'hX1:g', 'hM1:g', 'hSS1:g', 'rS1:g', 'kS1:g', 'hS:g', 'hS-1:g', 'hS+1:g', 'hS99999999999999999999:g',
	'hS1:g' || repeat(' rS1:g', 10), 'hS0:', 'hS1:g', 'hS01:g', 'hS3:a b rN1:n', 'hS1:g' || repeat(' rS1:g', 9)]) AS spec;

DROP TABLE items;
