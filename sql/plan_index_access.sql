-- Queries and scans of secondary indexes read that index, and no more of it
-- than they need, whatever statistics say and whichever other indexes there
-- are: partitions of 100 items among 20 of them, three items a page.
\pset format unaligned
\pset tuples_only on

SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}, {"AttributeName": "g", "AttributeType": "S"},
		{"AttributeName": "n", "AttributeType": "N"}, {"AttributeName": "s", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
	"LocalSecondaryIndexes": [{"IndexName": "local", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]}],
	"GlobalSecondaryIndexes": [
		{"IndexName": "by-g", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]},
		{"IndexName": "by-gn", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]},
		{"IndexName": "by-gs", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "s", "KeyType": "RANGE"}]},
		{"IndexName": "own", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}, {"AttributeName": "pk", "KeyType": "RANGE"}]},
		{"IndexName": "by-gnsp", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "HASH"},
			{"AttributeName": "s", "KeyType": "RANGE"}, {"AttributeName": "pk", "KeyType": "RANGE"}]}]}') #>> '{TableDescription,TableStatus}';

CREATE TABLE accesses (i integer GENERATED ALWAYS AS IDENTITY, operation text, request jsonb);
INSERT INTO accesses (operation, request)
SELECT 'Query', jsonb_build_object('TableName', 'Tab', 'Limit', 3, 'IndexName', index, 'ScanIndexForward', forward, 'KeyConditionExpression', condition, 'ExpressionAttributeValues',
	(SELECT jsonb_object_agg(m[1], CASE m[1] WHEN ':p' THEN '{"S": "p7"}' WHEN ':g' THEN '{"S": "g7"}' WHEN ':n' THEN '{"N": "50"}' WHEN ':m' THEN '{"N": "60"}' ELSE '{"S": "s5"}' END::jsonb)
		FROM regexp_matches(condition, ':[a-z]', 'g') AS m))
	|| CASE WHEN start THEN jsonb_build_object('ExclusiveStartKey', '{"pk": {"S": "p7"}, "sk": {"N": "50"}}'::jsonb || CASE WHEN index ~ 'g' THEN '{"g": {"S": "g7"}}' ELSE '{}' END::jsonb
		|| CASE WHEN index ~ 'gn|local' THEN '{"n": {"N": "50"}}' ELSE '{}' END::jsonb || CASE WHEN index ~ 'gs|sp' THEN '{"s": {"S": "s50"}}' ELSE '{}' END::jsonb) ELSE '{}' END
FROM (VALUES ('by-g', 'g = :g'), ('by-gn', 'g = :g'), ('by-gn', 'g = :g AND n = :n'), ('by-gn', 'g = :g AND n < :n'), ('by-gn', 'g = :g AND n <= :n'), ('by-gn', 'g = :g AND n > :n'), ('by-gn', 'g = :g AND n >= :n'),
	('by-gn', 'g = :g AND n BETWEEN :n AND :m'), ('by-gs', 'g = :g AND begins_with(s, :s)'), ('local', 'pk = :p'), ('local', 'pk = :p AND n > :n'), ('own', 'sk = :n'), ('own', 'sk = :n AND pk = :p'),
	('by-gnsp', 'g = :g AND n = :n'), ('by-gnsp', 'g = :g AND n = :n AND begins_with(s, :s)')) AS v(index, condition),
	unnest('{t,f}'::boolean[]) AS forward, unnest('{f,t}'::boolean[]) AS start
WHERE NOT (start AND condition ~ 'n [<>] :n');
INSERT INTO accesses (operation, request)
SELECT 'Scan', jsonb_build_object('TableName', 'Tab', 'Limit', 3, 'IndexName', index) || change::jsonb
FROM unnest('{by-g,by-gn,local,own,by-gnsp}'::text[]) AS index, unnest(ARRAY['{}', '{"Segment": 1, "TotalSegments": 4}', '{"Select": "COUNT"}']) AS change;
INSERT INTO accesses (operation, request) VALUES
	('Scan', '{"TableName": "Tab", "Limit": 3, "IndexName": "by-gn", "ExclusiveStartKey": {"pk": {"S": "p7"}, "sk": {"N": "50"}, "g": {"S": "g7"}, "n": {"N": "50"}}}'),
	('Scan', '{"TableName": "Tab", "Limit": 3, "IndexName": "local", "Select": "ALL_ATTRIBUTES", "ExclusiveStartKey": {"pk": {"S": "p7"}, "sk": {"N": "50"}, "n": {"N": "50"}}}'),
	('Query', '{"TableName": "Tab", "Limit": 3, "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "p7"}}}'),
	('GetItem', '{"TableName": "Tab", "Key": {"pk": {"S": "p7"}, "sk": {"N": "50"}}}'),
	('UpdateItem', '{"TableName": "Tab", "Key": {"pk": {"S": "p7"}, "sk": {"N": "50"}}, "UpdateExpression": "REMOVE nothing", "ReturnConsumedCapacity": "INDEXES"}');

-- Planned while the table is empty, and statistics say so.
ANALYZE dynamo_data."Tab";
SELECT count(test.reads(operation, request)) FROM accesses WHERE operation <> 'UpdateItem';
INSERT INTO dynamo_data."Tab" SELECT 'p' || p, i, jsonb_build_object('pk', jsonb_build_object('S', 'p' || p), 'sk', jsonb_build_object('N', i::text))
	|| CASE WHEN i % 2 = 1 THEN '{}' ELSE jsonb_build_object('g', jsonb_build_object('S', 'g' || p), 'n', jsonb_build_object('N', i::text), 's', jsonb_build_object('S', 's' || i)) END
FROM generate_series(1, 20) AS p, generate_series(1, 100) AS i;
CREATE TABLE intended AS SELECT i, test.reads(operation, request) AS reads FROM accesses;
SELECT operation, jsonb_strip_nulls(request - 'ExpressionAttributeValues' - 'TableName' - 'Limit' || CASE WHEN request ? 'ExclusiveStartKey' THEN '{"ExclusiveStartKey": "..."}' ELSE '{}' END::jsonb) AS request, reads
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
-- The intended index seems expensive, and the others seem to cost nothing.
UPDATE pg_class SET reltuples = 1, relpages = 1 WHERE relname ~ '^Tab:i:(by-g|own)$' AND relnamespace = 'dynamo_data'::regnamespace;
SELECT pg_temp.changed();
UPDATE pg_class SET reltuples = 0, relpages = 0 WHERE relname ~ '^Tab' AND relnamespace = 'dynamo_data'::regnamespace;
SELECT pg_temp.changed();
UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE relname ~ '^Tab' AND relnamespace = 'dynamo_data'::regnamespace;
DELETE FROM pg_statistic WHERE starelid IN (SELECT oid FROM pg_class WHERE relname ~ '^Tab' AND relnamespace = 'dynamo_data'::regnamespace);
SELECT pg_temp.changed();
ROLLBACK;

-- Other indexes, which a planner might like better: on the same expression,
-- with another predicate or none, and on what the rows and the items hold.
DO $$
DECLARE
	definition text := pg_get_indexdef('dynamo_data."Tab:i:by-gn"'::regclass);
BEGIN
	EXECUTE replace(definition, '"Tab:i:by-gn"', 'twin');
	EXECUTE regexp_replace(replace(definition, '"Tab:i:by-gn"', 'whole'), ' WHERE .*', '');
	EXECUTE regexp_replace(replace(definition, '"Tab:i:by-gn"', 'tiny'), ' WHERE .*', ' WHERE sk > 1000');
	EXECUTE replace(replace(definition, '"Tab:i:by-gn"', 'hashed'), 'btree', 'hash');
END
$$;
SELECT pg_temp.changed();
CREATE INDEX ON dynamo_data."Tab" ((item #>> '{g,S}'));
CREATE INDEX ON dynamo_data."Tab" ((item -> 'g'), (item -> 'n'));
CREATE INDEX ON dynamo_data."Tab" (pk) INCLUDE (item);
CREATE INDEX ON dynamo_data."Tab" (sk);
CREATE INDEX ON dynamo_data."Tab" USING gin (item);
ANALYZE dynamo_data."Tab";
SELECT pg_temp.changed();

-- The session's settings do not matter either.
SET enable_indexscan = off;
SET enable_seqscan = on;
SET plan_cache_mode = force_custom_plan;
SET random_page_cost = 1e6;
SELECT pg_temp.changed();
RESET ALL;

-- Keys are computed for rows that are written, not for rows that are read.
BEGIN;
SET LOCAL track_functions = 'all';
SELECT count(*) FROM accesses, dynamo.execute(operation, request) WHERE request ? 'IndexName';
SELECT funcname, calls FROM pg_stat_xact_user_functions WHERE funcname IN ('index_key', 'token');
COMMIT;

DROP TABLE accesses, intended;
SELECT test.drop_table('Tab');
