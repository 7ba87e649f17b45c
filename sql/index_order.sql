-- The order of an index's sort keys is DynamoDB's: numbers by value, strings
-- and binaries by their bytes, a prefix before what it begins.
\pset format unaligned
\pset tuples_only on

-- Values of a type that are near each other.
CREATE FUNCTION pg_temp.value(type text) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
	result text := '';
	bytes bytea := '';
BEGIN
	CASE type
	WHEN 'S' THEN
		FOR i IN 1 .. 1 + floor(random() * 4)::integer LOOP
			result := result || (ARRAY['a', 'b', '~', e'\x01\x01', e'\x01\x02', e'\x02', chr(127), chr(128), 'ä', chr(2047), chr(2048), chr(65535), chr(65536), chr(1114111)])[1 + floor(random() * 14)::integer];
		END LOOP;
	WHEN 'N' THEN
		result := CASE WHEN random() < 0.5 THEN '-' ELSE '' END || floor(random() * 20)
			|| CASE WHEN random() < 0.5 THEN '' ELSE '.' || lpad(floor(random() * 1000)::text, 1 + floor(random() * 35)::integer, (ARRAY['0', '5', '9'])[1 + floor(random() * 3)::integer]) END
			|| CASE floor(random() * 3) WHEN 0 THEN '' WHEN 1 THEN 'E' || floor(random() * 5 - 2) ELSE 'E' || floor(random() * 200 - 90) END;
	ELSE
		FOR i IN 1 .. 1 + floor(random() * 4)::integer LOOP
			bytes := bytes || (ARRAY['\x00', '\x01', '\x02', '\x7f', '\x80', '\xfe', '\xff']::bytea[])[1 + floor(random() * 7)::integer];
		END LOOP;
		result := encode(bytes, 'base64');
	END CASE;
	RETURN jsonb_build_object(type, result);
END
$$;
SELECT setseed(0.125);
SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "i", "AttributeType": "N"}, {"AttributeName": "S", "AttributeType": "S"},
		{"AttributeName": "N", "AttributeType": "N"}, {"AttributeName": "B", "AttributeType": "B"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "i", "KeyType": "RANGE"}],
	"LocalSecondaryIndexes": [
		{"IndexName": "by-S", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "S", "KeyType": "RANGE"}]},
		{"IndexName": "by-N", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "N", "KeyType": "RANGE"}]},
		{"IndexName": "by-B", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "B", "KeyType": "RANGE"}]}],
	"GlobalSecondaryIndexes": [
		{"IndexName": "by-BNS", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
			{"AttributeName": "B", "KeyType": "RANGE"}, {"AttributeName": "N", "KeyType": "RANGE"}, {"AttributeName": "S", "KeyType": "RANGE"}]}]}')
	#>> '{TableDescription,TableStatus}';
SELECT count(test.put('Tab', jsonb_build_object('pk', '{"S": "p"}'::jsonb, 'i', jsonb_build_object('N', i::text),
	'S', pg_temp.value('S'), 'N', pg_temp.value('N'), 'B', pg_temp.value('B')))) FROM generate_series(1, 1000) AS i;

-- What PostgreSQL compares in the same way.  In stored form U+0000 and U+0001
-- are two characters, which changes nothing about the order.
CREATE FUNCTION pg_temp.bytes(item jsonb) RETURNS bytea LANGUAGE sql AS $$ SELECT convert_to(item #>> '{S,S}', 'UTF8') $$;
CREATE FUNCTION pg_temp.number(item jsonb) RETURNS numeric LANGUAGE sql AS $$ SELECT (item #>> '{N,N}')::numeric $$;
CREATE FUNCTION pg_temp.binary(item jsonb) RETURNS bytea LANGUAGE sql AS $$ SELECT decode(item #>> '{B,B}', 'base64') $$;
CREATE TABLE read AS
SELECT index_name, i, item, pg_temp.bytes(item) AS s, pg_temp.number(item) AS n, pg_temp.binary(item) AS b
FROM dynamo.indexes, LATERAL jsonb_array_elements(dynamo.query(jsonb_build_object('TableName', 'Tab', 'IndexName', index_name, 'KeyConditionExpression', 'pk = :p',
	'ExpressionAttributeValues', '{":p": {"S": "p"}}'::jsonb)) -> 'Items') WITH ORDINALITY AS q(item, i);
SELECT index_name, count(*), count(DISTINCT s) > 100 AS strings, count(DISTINCT n) > 100 AS numbers, count(DISTINCT b) > 100 AS binaries FROM read GROUP BY index_name ORDER BY index_name;
SELECT index_name, count(*) FILTER (WHERE CASE index_name WHEN 'by-S' THEN s < s_before WHEN 'by-N' THEN n < n_before WHEN 'by-B' THEN b < b_before
	ELSE (b, n, s) < (b_before, n_before, s_before) END) AS wrong
FROM (SELECT *, lag(s) OVER w AS s_before, lag(n) OVER w AS n_before, lag(b) OVER w AS b_before FROM read WINDOW w AS (PARTITION BY index_name ORDER BY i)) AS r
GROUP BY index_name ORDER BY index_name;

-- Conditions divide the items where values do.
SELECT index_name, operator, count(*) AS asked, count(*) FILTER (WHERE r -> 'Count' <> to_jsonb((SELECT count(*) FROM read AS o WHERE o.index_name = asked.index_name
	AND CASE operator WHEN '<' THEN CASE index_name WHEN 'by-S' THEN o.s < asked.s WHEN 'by-N' THEN o.n < asked.n ELSE o.b < asked.b END
	WHEN '=' THEN CASE index_name WHEN 'by-S' THEN o.s = asked.s WHEN 'by-N' THEN o.n = asked.n ELSE o.b = asked.b END
	ELSE CASE index_name WHEN 'by-S' THEN o.s >= asked.s WHEN 'by-N' THEN o.n >= asked.n ELSE o.b >= asked.b END END))) AS wrong
FROM read AS asked, unnest('{<,=,>=}'::text[]) AS operator,
	LATERAL (SELECT dynamo.query(jsonb_build_object('TableName', 'Tab', 'IndexName', index_name, 'Select', 'COUNT', 'KeyConditionExpression', 'pk = :p AND #k ' || operator || ' :v',
		'ExpressionAttributeNames', jsonb_build_object('#k', right(index_name, 1)), 'ExpressionAttributeValues', jsonb_build_object(':p', '{"S": "p"}'::jsonb, ':v', item -> right(index_name, 1))))) AS q(r)
WHERE index_name <> 'by-BNS' AND i % 20 = 0 GROUP BY index_name, operator ORDER BY index_name, operator COLLATE "C";
SELECT index_name, count(*) AS asked, count(*) FILTER (WHERE r -> 'Count' <> to_jsonb((SELECT count(*) FROM read AS o WHERE o.index_name = asked.index_name
	AND CASE index_name WHEN 'by-S' THEN position(asked.s IN o.s) = 1 ELSE position(asked.b IN o.b) = 1 END))) AS wrong
FROM read AS asked, LATERAL (SELECT dynamo.query(jsonb_build_object('TableName', 'Tab', 'IndexName', index_name, 'Select', 'COUNT', 'KeyConditionExpression', 'pk = :p AND begins_with(#k, :v)',
		'ExpressionAttributeNames', jsonb_build_object('#k', right(index_name, 1)), 'ExpressionAttributeValues', jsonb_build_object(':p', '{"S": "p"}'::jsonb, ':v', item -> right(index_name, 1))))) AS q(r)
WHERE index_name IN ('by-S', 'by-B') AND i % 5 = 0 GROUP BY index_name ORDER BY index_name;

DROP TABLE read;
SELECT test.drop_table('Tab');
