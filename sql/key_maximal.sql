-- The longest legal keys, of what compresses least and of what doubles in
-- stored form, for every combination of types.
\pset format unaligned
\pset tuples_only on

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
SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
