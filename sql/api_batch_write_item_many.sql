-- BatchWriteItem writes the puts of a table in one statement if the request does
-- not need the old items.  It stores what single puts would store.
\pset format unaligned
\pset tuples_only on

CREATE VIEW pg_temp.types AS
SELECT p, s, concat('Many-', p, s) AS name
FROM unnest('{S,N,B}'::text[]) AS p, unnest('{S,N,B,NULL}'::text[]) AS s;
SELECT count(test.make_table(name, p, s)) FROM pg_temp.types;
SELECT setseed(0.5);

-- Keys of every kind, short and maximal.  Every second item already exists.
CREATE FUNCTION pg_temp.key(type text, i integer, bytes integer) RETURNS jsonb
LANGUAGE sql AS $$
SELECT CASE type WHEN 'N' THEN jsonb_build_object('N', (i * 1000003 - 7000)::text)
	ELSE test.random_key(type, CASE WHEN i % 3 = 0 THEN bytes ELSE i + 6 END, 'ascii') END
$$;
CREATE TABLE batches AS
SELECT name, i, jsonb_strip_nulls(jsonb_build_object('pk', pg_temp.key(p, i, 2048),
	'sk', CASE WHEN s IS NOT NULL THEN pg_temp.key(s, i, 1024) END)) AS key
FROM pg_temp.types, generate_series(1, 24) AS i;
SELECT count(test.put(name, key || '{"v": {"S": "before"}}')) FROM batches WHERE i % 2 = 0;
CREATE FUNCTION pg_temp.write(wanted text, also jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
SELECT test.outcome('BatchWriteItem', also || jsonb_build_object('RequestItems', jsonb_build_object(wanted,
	jsonb_agg(CASE WHEN i % 8 = 0 THEN jsonb_build_object('DeleteRequest', jsonb_build_object('Key', key))
		ELSE jsonb_build_object('PutRequest', jsonb_build_object('Item', key || jsonb_build_object('v', jsonb_build_object('S', 'after' || i)))) END))))
FROM batches WHERE name = wanted
$$;
SELECT pg_temp.write(name), count(*) FROM pg_temp.types GROUP BY 1;
SELECT name, count(*), count(*) FILTER (WHERE dynamo.get_item(jsonb_build_object('TableName', name, 'Key', key)) #>> '{Item,v,S}' = 'after' || i) AS put
FROM batches WHERE i % 8 <> 0 GROUP BY name ORDER BY name;
SELECT count(dynamo.get_item(jsonb_build_object('TableName', name, 'Key', key)) #>> '{Item,v,S}') AS not_deleted
FROM batches WHERE i % 8 = 0;
SELECT name, count(*) FROM pg_temp.types, dynamo.check(name) GROUP BY 1;

-- There is one statement for each table, one for each item if the old items are
-- needed, and several if the items are large.
CREATE TABLE log (entry text);
CREATE FUNCTION pg_temp.watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO log VALUES (tg_table_name || ' ' || tg_op);
	RETURN NULL;
END
$$;
CREATE TRIGGER watch BEFORE INSERT OR DELETE ON dynamo_data."Many-S" FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.watch();
CREATE TRIGGER watch BEFORE INSERT OR DELETE ON dynamo_data."Many-N" FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.watch();
CREATE FUNCTION pg_temp.puts(bytes integer, also jsonb, VARIADIC names text[]) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEXT test.outcome('BatchWriteItem', also || jsonb_build_object('RequestItems', (
		SELECT jsonb_object_agg(name, (SELECT jsonb_agg(jsonb_build_object('PutRequest', jsonb_build_object('Item',
			jsonb_build_object('pk', jsonb_build_object(right(name, 1), '10' || i), 'v', jsonb_build_object('S', repeat('x', bytes))))))
			FROM generate_series(1, 6) AS i))
		FROM unnest(names) AS name)));
	RETURN QUERY SELECT concat(entry, ': ', count(*)) FROM log GROUP BY entry ORDER BY entry;
	DELETE FROM log;
END
$$;
SELECT pg_temp.puts(400, '{}', 'Many-S');
SELECT pg_temp.puts(400, '{}', 'Many-S', 'Many-N');
SELECT pg_temp.puts(400, '{"ReturnConsumedCapacity": "TOTAL"}', 'Many-S');
DELETE FROM dynamo_data."Many-S" WHERE pk LIKE '10_';
DELETE FROM log;
SELECT pg_temp.puts(400, '{"ReturnConsumedCapacity": "TOTAL"}', 'Many-S');
SELECT pg_temp.puts(30000, '{}', 'Many-S');

-- A row that is refused takes the rest of the statement with it.
ALTER TABLE dynamo_data."Many-N" ADD CONSTRAINT short CHECK (length(item #>> '{v,S}') < 500 OR pk <> 103);
SELECT pg_temp.puts(600, '{}', 'Many-N');
SELECT DISTINCT length(item #>> '{v,S}') FROM dynamo_data."Many-N" WHERE pk BETWEEN 101 AND 106;

DROP TABLE log, batches CASCADE;
SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
