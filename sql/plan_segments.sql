-- Segments are ranges of an index: together they read about what one scan of
-- that index reads, however many there are.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
INSERT INTO dynamo_data."Tab"
SELECT 'p' || i, jsonb_build_object('pk', jsonb_build_object('S', 'p' || i), 'v', jsonb_build_object('S', repeat('x', 50)))
FROM generate_series(1, 4000) AS i;
VACUUM ANALYZE dynamo_data."Tab";

-- Buffers that all segments of a scan touch.
CREATE FUNCTION pg_temp.buffers(segments integer, OUT buffers bigint, OUT items bigint)
LANGUAGE plpgsql AS $$
DECLARE
	request jsonb;
	plan jsonb;
BEGIN
	buffers := 0;
	items := 0;
	FOR segment IN 0 .. segments - 1 LOOP
		request := jsonb_build_object('TableName', 'Tab', 'Select', 'COUNT', 'Segment', segment, 'TotalSegments', segments);
		items := items + (dynamo.scan(request) ->> 'Count')::integer;
		EXECUTE format('EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT dynamo.scan(%L)', request) INTO plan;
		buffers := buffers + (plan #>> '{0,Plan,Shared Hit Blocks}')::integer + (plan #>> '{0,Plan,Shared Read Blocks}')::integer;
	END LOOP;
END
$$;
CREATE TEMP TABLE measured AS SELECT segments, b.* FROM unnest('{2,8,64,500}'::integer[]) AS segments, LATERAL pg_temp.buffers(segments) AS b;
-- Each segment may add a descent of the index and a page at either end.
SELECT segments, items, buffers < whole * 1.05 + segments * 8 AS reads_once
FROM measured, (SELECT buffers FROM measured WHERE segments = 2) AS m(whole) ORDER BY segments;
SELECT test.reads('Scan', '{"TableName": "Tab", "Select": "COUNT", "Segment": 3, "TotalSegments": 500}') ~ '^:token (\d+); \1 rows$';
DROP TABLE measured;
SELECT test.drop_table('Tab');
