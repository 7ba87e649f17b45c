-- Query: every key condition, for every type of sort key; and mistakes.
\pset format unaligned
\pset tuples_only on

SELECT count(test.make_table('Sort' || type, 'S', type)) FROM unnest('{S,N,B}'::text[]) AS type;
SELECT count(test.put('SortS', jsonb_build_object('pk', '{"S": "p"}'::jsonb, 'sk', jsonb_build_object('S', sk))))
FROM unnest('{a,ab,abc,b,B,ä,日,😀,😀x}'::text[]) AS sk;
SELECT count(test.put('SortN', jsonb_build_object('pk', '{"S": "p"}'::jsonb, 'sk', jsonb_build_object('N', sk))))
FROM unnest('{-10,-9,-0.5,0,1E-130,0.5,9,10,1E+125}'::text[]) AS sk;
SELECT count(test.put('SortB', jsonb_build_object('pk', '{"S": "p"}'::jsonb, 'sk', jsonb_build_object('B', encode(sk, 'base64')))))
FROM unnest('{"\\x00","\\x01","\\x0100","\\xfe","\\xfeff","\\xfeff00","\\xff","\\xff00","\\xffff"}'::bytea[]) AS sk;
SELECT test.put('SortS', '{"pk": {"S": "other"}, "sk": {"S": "ab"}}');

-- The sort keys found, :a and :b being the operands given.
CREATE FUNCTION pg_temp.found(type text, condition text, a text, b text, forward boolean DEFAULT true) RETURNS text
LANGUAGE sql AS $$
	SELECT coalesce((SELECT string_agg(CASE type WHEN 'B' THEN substr(decode(sk, 'base64')::text, 3)
			ELSE regexp_replace(sk, '0{50,}', '...') END, ' ' ORDER BY i)
		FROM jsonb_path_query_array(response::jsonb, '$.Items[*].sk.*') AS found,
			jsonb_array_elements_text(found) WITH ORDINALITY AS e(sk, i)), '-')
	FROM (SELECT dynamo.query(jsonb_build_object('TableName', 'Sort' || type,
		'KeyConditionExpression', 'pk = :p AND ' || condition, 'ScanIndexForward', forward,
		'ExpressionAttributeValues', jsonb_strip_nulls(jsonb_build_object(':p', '{"S": "p"}'::jsonb,
			':a', jsonb_build_object(type, CASE type WHEN 'B' THEN encode(a::bytea, 'base64') ELSE a END),
			':b', CASE WHEN b IS NOT NULL THEN
				jsonb_build_object(type, CASE type WHEN 'B' THEN encode(b::bytea, 'base64') ELSE b END) END))))
		) AS r(response)
$$;

SELECT type, condition, a, b, pg_temp.found(type, condition, a, b)
FROM (VALUES ('S', 'ab', 'b', 'zz'), ('N', '0', '9.0', '7'), ('B', '\xfe', '\xff', '\x02')) AS operands(type, low, high, absent),
	LATERAL (VALUES ('sk = :a', low, NULL), ('sk = :a', absent, NULL), ('sk < :a', low, NULL), ('sk <= :a', low, NULL),
		('sk > :a', low, NULL), (':a < sk', high, NULL), ('sk >= :a', low, NULL),
		('sk BETWEEN :a AND :b', low, high), ('sk BETWEEN :a AND :b', low, low)) AS v(condition, a, b);
SELECT type, pg_temp.found(type, 'begins_with(sk, :a)', prefix, NULL) AS prefix
FROM (VALUES ('S', 'a'), ('S', 'ab'), ('S', 'é'), ('S', '😀'), ('S', 'abcd'), ('S', ''),
	('B', '\x01'), ('B', '\xfe'), ('B', '\xfeff'), ('B', '\xff'), ('B', '\xffff'), ('B', '\xffffff')) AS v(type, prefix)
WHERE prefix <> '';

-- The whole partition, both ways.
SELECT type, forward, pg_temp.found(type, 'sk >= :a', lowest, NULL, forward)
FROM (VALUES ('S', 'A'), ('N', '-1E+125'), ('B', '\x00')) AS v(type, lowest), (VALUES (true), (false)) AS f(forward);

-- Mistakes in key conditions, with :s and :t strings, :n and :m numbers.
CREATE FUNCTION pg_temp.refused(table_name text, condition text, change jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
	SELECT test.outcome('Query', jsonb_strip_nulls(jsonb_build_object('TableName', table_name, 'KeyConditionExpression', condition,
		'ExpressionAttributeValues', (SELECT jsonb_object_agg(name, value)
			FROM jsonb_each('{":s": {"S": "p"}, ":t": {"S": "q"}, ":n": {"N": "5"}, ":m": {"N": "1"}, ":e": {"S": ""}}') AS v(name, value)
			WHERE condition ~ (name || '\M')))) || change)
$$;
SELECT condition, pg_temp.refused('SortN', condition)
FROM unnest('{
	"sk BETWEEN :n AND :n AND pk = :s", "(pk = :s) AND (sk = :n)", ":s = pk AND :n = sk",
	"pk = :s OR pk = :t", "NOT pk = :s", "pk IN (:s)", "pk <> :s", "attribute_exists(pk)", "contains(pk, :s)",
	"pk = :s AND size(sk) = :n", "pk.x = :s", "pk = sk", ":s = :t", ":n BETWEEN sk AND :m AND pk = :s",
	"pk = :s AND sk > :n AND sk < :m", "pk = :s AND sk = :n AND z = :n", "pk = :s AND z = :n", "sk = :n", "z = :n",
	"pk > :s", "begins_with(pk, :s)", "pk = :n", "pk = :s AND begins_with(sk, :n)", "pk = :s AND begins_with(sk, :t)",
	"pk = :s AND sk BETWEEN :n AND :m", "pk = :e", "((pk = :s))", "", "pk = :s AND", NULL}'::text[]) AS condition;

SELECT test.outcome('Query', '{"TableName": "SortN", "KeyConditionExpression": "pk = :s",
	"ExpressionAttributeValues": {":s": {"S": "p"}}}'::jsonb || change)
FROM jsonb_array_elements('[
	{"TableName": "Nowhere"}, {"IndexName": "none"}, {"IndexName": "none", "ConsistentRead": true},
	{"Limit": 0}, {"Select": "ALL"}, {"Select": "SPECIFIC_ATTRIBUTES"}, {"Select": "ALL_PROJECTED_ATTRIBUTES"},
	{"Select": "COUNT", "ProjectionExpression": "sk"}, {"Select": "ALL_ATTRIBUTES", "ProjectionExpression": "sk"},
	{"FilterExpression": "sk > :s"}, {"FilterExpression": "attribute_exists(x.y.pk)", "Limit": 1, "Select": "COUNT"},
	{"ProjectionExpression": "pk.x"}, {"FilterExpression": ""}, {"QueryFilter": {"x": {"ComparisonOperator": "NULL"}}}]') AS change;

SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
