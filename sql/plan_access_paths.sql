-- Which index each statement reads, and that it reads no more of it than it
-- needs: a partition of 100 items among 20 of them, three items a page.
\pset format unaligned
\pset tuples_only on

CREATE TABLE accesses (i integer GENERATED ALWAYS AS IDENTITY, operation text, request jsonb);
INSERT INTO accesses (operation, request)
SELECT operation, '{"TableName": "Tab"}'::jsonb || request::jsonb
FROM (VALUES
	('GetItem', '{"Key": {"pk": {"S": "p7"}, "sk": {"N": "50"}}}'),
	('GetItem', '{"Key": {"pk": {"S": "p7"}, "sk": {"N": "50.5"}}}'),
	('PutItem', '{"Item": {"pk": {"S": "p7"}, "sk": {"N": "50"}}, "ReturnValues": "ALL_OLD"}'),
	('UpdateItem', '{"Key": {"pk": {"S": "p7"}, "sk": {"N": "50"}}, "UpdateExpression": "REMOVE nothing"}'),
	('DeleteItem', '{"Key": {"pk": {"S": "p7"}, "sk": {"N": "50.5"}}}'),
	('Scan', '{"Limit": 3}'),
	('Scan', '{"Limit": 3, "ExclusiveStartKey": {"pk": {"S": "p7"}, "sk": {"N": "50"}}}'),
	('Scan', '{"Limit": 3, "Segment": 1, "TotalSegments": 4}'),
	('Scan', '{"Limit": 3, "Segment": 3, "TotalSegments": 4, "ExclusiveStartKey": {"pk": {"S": "p7"}, "sk": {"N": "50"}}}')) AS v(operation, request);
INSERT INTO accesses (operation, request)
SELECT 'Query', jsonb_build_object('TableName', 'Tab', 'Limit', 3, 'ScanIndexForward', forward,
	'KeyConditionExpression', 'pk = :p' || condition, 'ExpressionAttributeValues',
	CASE WHEN condition = '' THEN '{":p": {"S": "p7"}}'::jsonb
	WHEN condition LIKE '%BETWEEN%' THEN '{":p": {"S": "p7"}, ":a": {"N": "30"}, ":b": {"N": "60"}}'
	ELSE '{":p": {"S": "p7"}, ":a": {"N": "50"}}' END)
	|| CASE WHEN start THEN '{"ExclusiveStartKey": {"pk": {"S": "p7"}, "sk": {"N": "50"}}}' ELSE '{}' END::jsonb
FROM unnest('{t,f}'::boolean[]) AS forward, unnest('{f,t}'::boolean[]) AS start,
	unnest(ARRAY['', ' AND sk = :a', ' AND sk < :a', ' AND sk <= :a', ' AND sk > :a', ' AND sk >= :a', ' AND sk BETWEEN :a AND :b']) AS condition
WHERE NOT (start AND condition ~ '[<>] :a');

-- A table that statistics say is empty.
SELECT test.make_table('Tab', 'S', 'N');
ANALYZE dynamo_data."Tab";
SELECT test.reads(operation, request) FROM accesses WHERE operation = 'Scan' AND request ? 'Segment' LIMIT 1;
INSERT INTO dynamo_data."Tab" SELECT 'p' || p, i, jsonb_build_object('pk', jsonb_build_object('S', 'p' || p), 'sk', jsonb_build_object('N', i::text))
FROM generate_series(1, 20) AS p, generate_series(1, 100) AS i;
CREATE TABLE intended AS SELECT i, test.reads(operation, request) AS reads FROM accesses;
SELECT operation, jsonb_strip_nulls(request - 'ExpressionAttributeValues' - 'TableName' - 'Limit') AS request, reads
FROM accesses JOIN intended USING (i) ORDER BY i;

-- Returns the statements that read something else under the present conditions.
CREATE FUNCTION pg_temp.changed() RETURNS SETOF text
LANGUAGE sql AS $$
	SELECT operation || ' ' || request || ' reads ' || now.reads
	FROM accesses JOIN intended USING (i), LATERAL (SELECT test.reads(operation, request)) AS now(reads)
	WHERE now.reads IS DISTINCT FROM intended.reads
$$;

-- Other statistics: of a full table, of one that seems huge, or nothing.
ANALYZE dynamo_data."Tab";
SELECT pg_temp.changed();
BEGIN;
UPDATE pg_class SET reltuples = 1e9, relpages = 1 WHERE relname = 'Tab' AND relnamespace = 'dynamo_data'::regnamespace;
UPDATE pg_class SET reltuples = 1e9, relpages = 100000000 WHERE relname ~ '^Tab:' AND relnamespace = 'dynamo_data'::regnamespace;
SELECT pg_temp.changed();
UPDATE pg_class SET reltuples = 0, relpages = 0 WHERE relname ~ '^Tab' AND relnamespace = 'dynamo_data'::regnamespace;
SELECT pg_temp.changed();
DELETE FROM pg_statistic WHERE starelid = 'dynamo_data."Tab"'::regclass;
SELECT pg_temp.changed();
ROLLBACK;

-- Other indexes, which a planner might like better.
CREATE INDEX ON dynamo_data."Tab" (sk);
SELECT pg_temp.changed();
CREATE INDEX ON dynamo_data."Tab" (sk, pk);
CREATE INDEX ON dynamo_data."Tab" (pk);
CREATE INDEX ON dynamo_data."Tab" (pk, sk, item);
CREATE INDEX ON dynamo_data."Tab" USING hash (pk);
CREATE INDEX ON dynamo_data."Tab" (dynamo.token(pk));
CREATE INDEX ON dynamo_data."Tab" USING gin (item);
CREATE STATISTICS dynamo_data.both ON pk, sk FROM dynamo_data."Tab";
ANALYZE dynamo_data."Tab";
SELECT pg_temp.changed();

-- The plans of the session's own queries do not change.
EXPLAIN (COSTS OFF) SELECT item FROM dynamo_data."Tab" WHERE sk = 5 AND pk LIKE '%7';

DROP TABLE accesses, intended;
SELECT test.drop_table('Tab');
