-- The longest legal keys, of what compresses least and of what doubles in
-- stored form, for every combination of types.
\pset format unaligned
\pset tuples_only on

-- A random string of so many bytes, made of these characters: nul is U+0000
-- and U+0001 in stored form, one byte each.
CREATE FUNCTION test.random_string(bytes integer, flavour text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	result text := '';
	remaining integer := bytes;
	size integer;
BEGIN
	WHILE remaining > 0 LOOP
		size := CASE flavour WHEN 'multibyte' THEN 2 + floor(random() * 3) WHEN 'mixed' THEN 1 + floor(random() * 4) ELSE 1 END;
		size := least(size, remaining);
		result := result || CASE size
			WHEN 1 THEN CASE WHEN flavour = 'nul' OR flavour = 'mixed' AND random() < 0.7
				THEN e'\x01' || chr(1 + floor(random() * 2)::integer) ELSE chr(32 + floor(random() * 95)::integer) END
			WHEN 2 THEN chr(128 + floor(random() * 1900)::integer)
			WHEN 3 THEN chr(2048 + floor(random() * 50000)::integer)
			ELSE chr(65536 + floor(random() * 900000)::integer) END;
		remaining := remaining - size;
	END LOOP;
	RETURN result;
END
$$;
-- A value of a type; of the length given but for a number.
CREATE FUNCTION test.random_key(type text, bytes integer, flavour text) RETURNS jsonb
LANGUAGE plpgsql STRICT AS $$
DECLARE
	result text := '';
BEGIN
	CASE type
	WHEN 'S' THEN
		result := test.random_string(bytes, flavour);
	WHEN 'N' THEN
		FOR i IN 1 .. 38 LOOP
			result := result || 1 + floor(random() * 9);
		END LOOP;
		result := CASE WHEN random() < 0.5 THEN '-' ELSE '' END || result || 'E' || floor(random() * 180 - 92);
	ELSE
		FOR i IN 1 .. bytes LOOP
			result := result || lpad(to_hex(floor(random() * 256)::integer), 2, '0');
		END LOOP;
		result := replace(encode(decode(result, 'hex'), 'base64'), e'\n', '');
	END CASE;
	RETURN jsonb_build_object(type, result);
END
$$;

SELECT setseed(0.25);
CREATE TABLE keys AS
SELECT p || coalesce(s, '') || '-keys' AS table_name, p, s, flavour, copy,
	test.random_key(p, 2048, flavour) AS pk, test.random_key(s, 1024, flavour) AS sk
FROM unnest('{S,N,B}'::text[]) AS p, unnest('{S,N,B,NULL}'::text[]) AS s,
	unnest('{ascii,nul,multibyte,mixed}'::text[]) AS flavour, generate_series(1, 2) AS copy;
-- Partition keys that differ in their last byte only, of 2,048 and of 512, and
-- by one more.
INSERT INTO keys
SELECT 'SS-keys', 'S', 'S', 'near', i, jsonb_build_object('S', left(common, bytes - 1) || suffix), '{"S": "x"}'
FROM (SELECT test.random_string(2048, 'ascii')) AS r(common), unnest('{511,512,513,2048}'::integer[]) WITH ORDINALITY AS b(bytes, i),
	unnest(ARRAY['a', 'b', '']) AS suffix;
INSERT INTO keys
SELECT 'BB-keys', 'B', 'B', 'near', i, jsonb_build_object('B', encode(decode(repeat('00', bytes - 1) || suffix, 'hex'), 'base64')), '{"B": "AA=="}'
FROM unnest('{511,512,513,2048}'::integer[]) WITH ORDINALITY AS b(bytes, i), unnest(ARRAY['00', 'ff']) AS suffix;
UPDATE keys SET pk = jsonb_build_object('B', replace(pk ->> 'B', e'\n', '')) WHERE p = 'B' AND flavour = 'near';
ALTER TABLE keys ADD COLUMN key jsonb;
UPDATE keys SET key = jsonb_strip_nulls(jsonb_build_object('pk', pk, 'sk', sk));

SELECT count(test.make_table(table_name, p, s)) FROM (SELECT DISTINCT table_name, p, s FROM keys) AS t;
SELECT count(test.put(table_name, key || jsonb_build_object('v', jsonb_build_object('S', md5(key::text))))) FROM keys;

-- Each is found again: by key, by Query, by the beginning of its sort key, and
-- by scans.  Numbers come back in another form, hence the digest.
SELECT p, s, count(*),
	count(*) FILTER (WHERE dynamo.get_item(jsonb_build_object('TableName', table_name, 'Key', key)) #>> '{Item,v,S}' = md5(key::text)) AS got,
	count(*) FILTER (WHERE dynamo.query(jsonb_build_object('TableName', table_name, 'KeyConditionExpression', 'pk = :p',
		'ExpressionAttributeValues', jsonb_build_object(':p', pk))) #>> '{Items,0,v,S}' = md5(key::text)) AS queried,
	count(*) FILTER (WHERE coalesce(s, '') IN ('S', 'B') AND dynamo.query(jsonb_build_object('TableName', table_name, 'KeyConditionExpression', 'pk = :p AND begins_with(sk, :s)',
		'ExpressionAttributeValues', jsonb_build_object(':p', pk, ':s', jsonb_build_object(coalesce(s, 'S'), substring(left(sk ->> s, 400) FROM e'^(?:[^\x01]|\x01[\x01\x02])*')))))
		#>> '{Items,0,v,S}' = md5(key::text)) AS by_beginning
FROM keys GROUP BY p, s ORDER BY p, s;
SELECT table_name, page_size, count(*) = (SELECT count(*) FROM keys AS k WHERE k.table_name = t.table_name) AS all,
	count(DISTINCT item #>> '{v,S}') = count(*) AS once
FROM (SELECT DISTINCT table_name FROM keys) AS t, unnest('{1,3}'::integer[]) AS page_size,
	LATERAL (SELECT * FROM test.all_pages('Scan', jsonb_build_object('TableName', table_name), page_size)) AS s(item)
GROUP BY table_name, page_size HAVING count(*) <> (SELECT count(*) FROM keys AS k WHERE k.table_name = t.table_name) OR count(DISTINCT item #>> '{v,S}') <> count(*);
SELECT table_name, count(*) FROM (SELECT DISTINCT table_name FROM keys) AS t, generate_series(0, 4) AS segment,
	LATERAL test.all_pages('Scan', jsonb_build_object('TableName', table_name, 'Segment', segment, 'TotalSegments', 5), 2) AS item
GROUP BY table_name ORDER BY table_name;
SELECT table_name, c.* FROM (SELECT DISTINCT table_name FROM keys) AS t, LATERAL dynamo.check(table_name) AS c;
-- and deleted
SELECT count(*) FILTER (WHERE dynamo.delete_item(jsonb_build_object('TableName', table_name, 'Key', key, 'ReturnValues', 'ALL_OLD')) #>> '{Attributes,v,S}' = md5(key::text))
	= count(*) FROM keys;

-- A byte more is refused.
SELECT type, place, operation, test.outcome(operation, jsonb_build_object('TableName', type || type || '-keys') || CASE operation
	WHEN 'PutItem' THEN jsonb_build_object('Item', key) WHEN 'GetItem' THEN jsonb_build_object('Key', key)
	ELSE jsonb_build_object('KeyConditionExpression', 'pk = :p AND sk = :s', 'ExpressionAttributeValues', jsonb_build_object(':p', key -> 'pk', ':s', key -> 'sk')) END)
FROM unnest('{S,B}'::text[]) AS type, unnest('{pk,sk}'::text[]) AS place, unnest('{PutItem,GetItem,Query}'::text[]) AS operation,
	LATERAL (SELECT jsonb_build_object('pk', test.random_key(type, CASE place WHEN 'pk' THEN 2049 ELSE 1 END, 'multibyte'),
		'sk', test.random_key(type, CASE place WHEN 'sk' THEN 1025 ELSE 1 END, 'mixed'))) AS k(key)
WHERE NOT (type = 'B' AND operation <> 'PutItem');
SELECT test.outcome('PutItem', jsonb_build_object('TableName', 'SS-keys', 'Item', jsonb_build_object('pk', jsonb_build_object('S', repeat(e'\x01\x01', bytes)), 'sk', '{"S": "x"}'::jsonb)))
FROM unnest('{2048,2049}'::integer[]) AS bytes;

DROP TABLE keys;
DROP FUNCTION test.random_string, test.random_key;
SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
