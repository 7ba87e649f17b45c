-- An item table is an ordinary table, so its owner may alter it.  Every way to
-- read and write then raises an error that names the table and the column that
-- has changed, or the key of the row.
\pset format unaligned
\pset tuples_only on

-- Returns the answer of each way to read or write.
CREATE FUNCTION pg_temp.outcomes(key text) RETURNS SETOF text
LANGUAGE sql AS $$
	SELECT rpad(operation, 19) || ' ' ||
		regexp_replace(test.outcome(operation, replace(replace(request, 'KEY', '"pk": {"S": "?"}, "sk": {"N": "1"}'), '?', key)::jsonb),
			'"CancellationReasons".*', '')
	FROM (VALUES
		(1, 'GetItem', '{"TableName": "Tab", "Key": {KEY}}'),
		(2, 'BatchGetItem', '{"RequestItems": {"Tab": {"Keys": [{KEY}]}}}'),
		(3, 'TransactGetItems', '{"TransactItems": [{"Get": {"TableName": "Tab", "Key": {KEY}}}]}'),
		(4, 'Query', '{"TableName": "Tab", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "?"}}}'),
		(5, 'Query', '{"TableName": "Tab", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "?"}}, "Select": "COUNT", "Limit": 1}'),
		(6, 'Scan', '{"TableName": "Tab"}'),
		(7, 'Scan', '{"TableName": "Tab", "Segment": 0, "TotalSegments": 1}'),
		(8, 'UpdateItem', '{"TableName": "Tab", "Key": {KEY}, "UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}'),
		(9, 'PutItem', '{"TableName": "Tab", "Item": {KEY}, "ConditionExpression": "attribute_not_exists(pk)"}'),
		(10, 'DeleteItem', '{"TableName": "Tab", "Key": {KEY}, "ReturnValues": "ALL_OLD"}'),
		(11, 'TransactWriteItems', '{"TransactItems": [{"Update": {"TableName": "Tab", "Key": {KEY}, "UpdateExpression": "REMOVE n"}}]}')
		) AS v(i, operation, request) ORDER BY i
$$;
CREATE FUNCTION pg_temp.writes() RETURNS SETOF text
LANGUAGE sql AS $$
	SELECT rpad(operation, 19) || ' ' || test.outcome(operation, request::jsonb)
	FROM (VALUES
		(1, 'PutItem', '{"TableName": "Tab", "Item": {"pk": {"S": "new"}, "sk": {"N": "1"}}}'),
		(2, 'BatchWriteItem', '{"RequestItems": {"Tab": [{"PutRequest": {"Item": {"pk": {"S": "new"}, "sk": {"N": "1"}}}}, {"PutRequest": {"Item": {"pk": {"S": "new"}, "sk": {"N": "2"}}}}]}}'),
		(3, 'DeleteItem', '{"TableName": "Tab", "Key": {"pk": {"S": "new"}, "sk": {"N": "1"}}}'),
		(4, 'TransactWriteItems', '{"TransactItems": [{"Put": {"TableName": "Tab", "Item": {"pk": {"S": "new"}, "sk": {"N": "3"}}}}]}')
		) AS v(i, operation, request) ORDER BY i
$$;

CREATE FUNCTION pg_temp.hint(statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	hint text;
BEGIN
	EXECUTE statement;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
	RETURN hint;
END
$$;

-- A NULL instead of an item.
SELECT test.make_table('Tab', 'S', 'N');
SELECT test.put('Tab', '{"pk": {"S": "a"}, "sk": {"N": "1"}}');
SELECT count(*) FROM pg_temp.outcomes('a');
ALTER TABLE dynamo_data."Tab" ALTER COLUMN item DROP NOT NULL;
UPDATE dynamo_data."Tab" SET item = NULL;
INSERT INTO dynamo_data."Tab" VALUES ('a', 1, NULL) ON CONFLICT (pk, sk) DO UPDATE SET item = NULL;
SELECT pg_temp.outcomes('a');
SELECT * FROM dynamo.check('Tab');
SELECT pg_temp.hint($$SELECT dynamo.scan('{"TableName": "Tab"}')$$);

-- A secondary index and the deletion of expired items do not see the row.
SELECT dynamo.update_time_to_live('{"TableName": "Tab", "TimeToLiveSpecification": {"AttributeName": "e", "Enabled": true}}') -> 'TimeToLiveSpecification';
SELECT dynamo.ttl_sweep('Tab');

-- Unconditional writes repair the row.
SELECT pg_temp.writes();
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "a"}, "sk": {"N": "1"}}}');
SELECT * FROM dynamo.check('Tab');

-- A key that is NULL, where another index stands in for the primary key.
ALTER TABLE dynamo_data."Tab" DROP CONSTRAINT "Tab:pkey";
CREATE UNIQUE INDEX "Tab:pkey" ON dynamo_data."Tab" (pk, sk);
ALTER TABLE dynamo_data."Tab" ALTER COLUMN pk DROP NOT NULL, ALTER COLUMN sk DROP NOT NULL;
INSERT INTO dynamo_data."Tab" VALUES (NULL, 1, '{}'), ('a', NULL, '{}'), (NULL, NULL, NULL);
SELECT * FROM dynamo.check('Tab') ORDER BY key;
SELECT test.outcome('Scan', '{"TableName": "Tab"}');
SELECT test.outcome('Query', '{"TableName": "Tab", "KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "a"}}}');
SELECT test.drop_table('Tab');

-- Another type of the item's column.
CREATE FUNCTION pg_temp.with_item_type(type text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM test.make_table('Tab', 'S', 'N');
	PERFORM test.put('Tab', '{"pk": {"S": "a"}, "sk": {"N": "1"}}');
	PERFORM pg_temp.outcomes('a');
	PERFORM test.put('Tab', '{"pk": {"S": "a"}, "sk": {"N": "1"}}');
	EXECUTE format('ALTER TABLE dynamo_data."Tab" ALTER COLUMN item TYPE %s USING %s', type,
		CASE type WHEN 'bytea' THEN 'convert_to(item::text, ''UTF8'')' WHEN 'int4' THEN '1' ELSE 'item::' || type END);
	RETURN QUERY SELECT DISTINCT substr(o, 21) FROM (SELECT pg_temp.outcomes('a') UNION ALL SELECT pg_temp.writes()) AS t(o)
		UNION ALL SELECT test.outcome('Scan', '{"TableName": "Tab"}');
	RETURN NEXT pg_temp.hint($c$SELECT dynamo.check('Tab')$c$);
	PERFORM test.drop_table('Tab');
END
$$;
SELECT pg_temp.with_item_type('text');
SELECT pg_temp.with_item_type('bytea');
SELECT pg_temp.with_item_type('json');
SELECT pg_temp.with_item_type('int4');

-- Another type of a key column, in a table that was read before and can no longer
-- be read.
SELECT test.make_table('Tab', 'S', 'N');
SELECT test.put('Tab', '{"pk": {"S": "a"}, "sk": {"N": "1"}}');
SELECT count(*) FROM pg_temp.outcomes('a');
ALTER TABLE dynamo_data."Tab" ALTER COLUMN sk TYPE text;
SELECT DISTINCT substr(o, 21) FROM (SELECT pg_temp.outcomes('a') UNION ALL SELECT pg_temp.writes()) AS t(o);
ALTER TABLE dynamo_data."Tab" ALTER COLUMN sk TYPE bytea USING '\x00';
SELECT DISTINCT substr(o, 21) FROM (SELECT pg_temp.outcomes('a') UNION ALL SELECT pg_temp.writes()) AS t(o);
ALTER TABLE dynamo_data."Tab" RENAME COLUMN sk TO sort;
SELECT DISTINCT substr(o, 21) FROM (SELECT pg_temp.outcomes('a') UNION ALL SELECT pg_temp.writes()) AS t(o);
SELECT test.drop_table('Tab');

-- A column type that PostgreSQL treats in the same way is accepted.
CREATE DOMAIN pg_temp.checked AS jsonb CHECK (dynamo.is_item(VALUE));
SELECT test.make_table('Tab', 'S', 'N');
ALTER TABLE dynamo_data."Tab" ALTER COLUMN item TYPE pg_temp.checked, ALTER COLUMN pk TYPE varchar(100) COLLATE "C", ADD COLUMN more integer;
SELECT pg_temp.writes();
SELECT pg_temp.outcomes('new');
SELECT * FROM dynamo.check('Tab');
SELECT test.drop_table('Tab');

-- The catalog itself
SELECT test.make_table('Tab', 'S', 'N');
BEGIN;
ALTER TABLE dynamo_catalog.tables ALTER COLUMN definition DROP NOT NULL, ALTER COLUMN table_id DROP NOT NULL;
UPDATE dynamo_catalog.tables SET definition = NULL;
SELECT DISTINCT substr(o, 21) FROM (SELECT pg_temp.outcomes('a') UNION ALL SELECT pg_temp.writes()) AS t(o);
UPDATE dynamo_catalog.tables SET table_id = NULL;
SELECT test.outcome('DescribeTable', '{"TableName": "Tab"}');
ROLLBACK;
SELECT test.drop_table('Tab');
