-- Parallel scans of indexes: every item in one segment, a partition of the
-- index in one, and a start key only where it belongs.
\pset format unaligned
\pset tuples_only on

SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}, {"AttributeName": "s", "AttributeType": "S"},
		{"AttributeName": "n", "AttributeType": "N"}, {"AttributeName": "b", "AttributeType": "B"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
	"LocalSecondaryIndexes": [
		{"IndexName": "local", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]}],
	"GlobalSecondaryIndexes": [
		{"IndexName": "by-s", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "s", "KeyType": "HASH"}]},
		{"IndexName": "by-n", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]},
		{"IndexName": "by-b-n", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "b", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]}]}')
	#>> '{TableDescription,TableStatus}';
SELECT count(test.put('Tab', jsonb_build_object('pk', jsonb_build_object('S', 'p' || i % 40), 'sk', jsonb_build_object('N', i::text))
	|| CASE WHEN i % 10 = 9 THEN '{}' ELSE jsonb_build_object('s', jsonb_build_object('S', 's' || i % 30), 'n', jsonb_build_object('N', (i % 50 - 25)::text),
		'b', jsonb_build_object('B', encode(int2send((i % 20)::smallint), 'base64'))) END))
FROM generate_series(1, 200) AS i;

-- A partition's name, and the attributes it is made of.
CREATE FUNCTION pg_temp.partition(name text, item jsonb) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT CASE name WHEN 'local' THEN item -> 'pk' WHEN 'by-s' THEN item -> 's' WHEN 'by-n' THEN item -> 'n' ELSE jsonb_build_array(item -> 'b', item -> 'n') END
$$;
SELECT index_name, total, count(*), count(DISTINCT item -> 'sk') AS distinct, count(DISTINCT pg_temp.partition(index_name, item)) AS partitions,
	count(DISTINCT (pg_temp.partition(index_name, item), segment)) AS in_segments, count(DISTINCT segment) > total / 3 AS spread
FROM dynamo.indexes, unnest('{1,2,3,7,16}'::integer[]) AS total, generate_series(0, total - 1) AS segment,
	LATERAL test.all_pages('Scan', jsonb_build_object('TableName', 'Tab', 'IndexName', index_name, 'Segment', segment, 'TotalSegments', total), 3) AS item
GROUP BY index_name, total ORDER BY index_name, total;

-- The segments one after the other are the scan.
SELECT index_name, (SELECT jsonb_agg(item ORDER BY segment, i) FROM generate_series(0, 4) AS segment,
	LATERAL jsonb_array_elements(dynamo.scan(jsonb_build_object('TableName', 'Tab', 'IndexName', index_name, 'Segment', segment, 'TotalSegments', 5)) -> 'Items') WITH ORDINALITY AS s(item, i))
	= dynamo.scan(jsonb_build_object('TableName', 'Tab', 'IndexName', index_name)) -> 'Items' AS same
FROM dynamo.indexes ORDER BY index_name;

-- Each item as a start key in every segment: all but one refuse it.
SELECT index_name, count(*) AS items, count(*) FILTER (WHERE accepted = 1) AS in_one
FROM dynamo.indexes, LATERAL (SELECT item, (SELECT count(*) FROM generate_series(0, 6) AS segment
		WHERE test.outcome('Scan', jsonb_build_object('TableName', 'Tab', 'IndexName', index_name, 'Segment', segment, 'TotalSegments', 7, 'Limit', 1, 'Select', 'COUNT',
			'ExclusiveStartKey', CASE index_name WHEN 'by-b-n' THEN item WHEN 'local' THEN item WHEN 'by-s' THEN item ELSE item - 's' - 'b' END)) NOT LIKE '%correct Segment. TotalSegments: 7 Segment: ' || segment) AS accepted
	FROM jsonb_array_elements(dynamo.scan(jsonb_build_object('TableName', 'Tab', 'IndexName', index_name)) -> 'Items') AS item) AS a
GROUP BY index_name ORDER BY index_name;

SELECT test.drop_table('Tab');
