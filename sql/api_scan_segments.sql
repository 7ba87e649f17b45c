-- Scan in segments: every item is in exactly one, for any number of segments
-- and any size of page.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab' || p, p, 'N') FROM unnest('{S,N,B}'::text[]) AS p;
SELECT test.make_table('Tab', 'S');
-- 40 partitions, of one to three items
SELECT count(test.put('TabS', jsonb_build_object('pk', jsonb_build_object('S', 'p' || i), 'sk', jsonb_build_object('N', j::text)))),
	count(test.put('TabN', jsonb_build_object('pk', jsonb_build_object('N', i::text), 'sk', jsonb_build_object('N', j::text)))),
	count(test.put('TabB', jsonb_build_object('pk', jsonb_build_object('B', encode(int4send(i), 'base64')), 'sk', jsonb_build_object('N', j::text)))),
	count(test.put('Tab', jsonb_build_object('pk', jsonb_build_object('S', i || '/' || j))))
FROM generate_series(1, 40) AS i, LATERAL generate_series(0, i % 3) AS j;

-- For each number of segments: items over all segments, different items, and
-- partitions that are in two segments.
CREATE FUNCTION pg_temp.coverage(table_name text, segments integer, page_size integer,
	OUT items bigint, OUT different bigint, OUT divided bigint)
LANGUAGE sql AS $$
	SELECT count(*), count(DISTINCT item), count(DISTINCT (item -> 'pk', segment)) - count(DISTINCT item -> 'pk')
	FROM generate_series(0, segments - 1) AS segment,
		LATERAL test.all_pages('Scan', jsonb_build_object('TableName', table_name,
			'Segment', segment, 'TotalSegments', segments), page_size) AS item
$$;
SELECT table_name, page_size, array_agg(DISTINCT c::text)
FROM unnest('{TabS,TabN,TabB,Tab}'::text[]) AS table_name, unnest('{1,2,7,100}'::integer[]) AS page_size,
	generate_series(1, 16) AS segments, LATERAL pg_temp.coverage(table_name, segments, page_size) AS c
GROUP BY table_name, page_size ORDER BY table_name, page_size;
SELECT pg_temp.coverage('Tab', 1000, 100);

-- An item stays in its segment while others come and go.
CREATE TEMP TABLE before AS
SELECT item, segment FROM generate_series(0, 4) AS segment,
	test.all_pages('Scan', jsonb_build_object('TableName', 'TabS', 'Segment', segment, 'TotalSegments', 5), 100) AS item;
DELETE FROM dynamo_data."TabS" WHERE sk = 0;
INSERT INTO dynamo_data."TabS" SELECT 'new' || i, 7, jsonb_build_object('pk', jsonb_build_object('S', 'new' || i), 'sk', '{"N": "7"}'::jsonb)
FROM generate_series(1, 100) AS i;
SELECT count(*), count(*) FILTER (WHERE a.segment = b.segment)
FROM before AS b JOIN (SELECT item, segment FROM generate_series(0, 4) AS segment,
	test.all_pages('Scan', jsonb_build_object('TableName', 'TabS', 'Segment', segment, 'TotalSegments', 5), 100) AS item) AS a
	USING (item);

-- A start key of another segment is refused, in exactly the other segments.
SELECT outcome, count(*) FROM generate_series(0, 3) AS segment,
	LATERAL (SELECT regexp_replace(test.outcome('Scan', jsonb_build_object('TableName', 'Tab',
		'Segment', segment, 'TotalSegments', 4, 'Limit', 1, 'Select', 'COUNT',
		'ExclusiveStartKey', '{"pk": {"S": "1/0"}}'::jsonb)), 'Segment: \d$|^{.*', '')) AS o(outcome)
GROUP BY outcome ORDER BY outcome;
SELECT test.outcome('Scan', jsonb_build_object('TableName', 'Tab', 'Segment', 0, 'TotalSegments', 4,
	'ExclusiveStartKey', '{"pk": {"S": "1/0"}, "sk": {"S": "1"}}'::jsonb));

SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
