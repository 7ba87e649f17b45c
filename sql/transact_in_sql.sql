-- Transactions of the API are part of the caller's, like every operation.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
CREATE TABLE ordinary (n integer);
CREATE FUNCTION pg_temp.put_two(a text, b text, more text DEFAULT '{}') RETURNS jsonb
LANGUAGE sql AS $$
	SELECT dynamo.transact_write_items(jsonb_build_object('TransactItems', jsonb_agg(jsonb_build_object('Put',
		jsonb_build_object('TableName', 'Tab', 'Item', jsonb_build_object('pk', jsonb_build_object('S', k))) || more::jsonb))))
	FROM unnest(ARRAY[a, b]) AS k
$$;
CREATE FUNCTION pg_temp.keys() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(pk, ' ' ORDER BY pk) FROM dynamo_data."Tab" $$;

-- Operations and plain SQL are rolled back together and committed together.
BEGIN;
INSERT INTO ordinary VALUES (1);
SELECT pg_temp.put_two('a', 'b');
ROLLBACK;
SELECT (SELECT count(*) FROM ordinary), pg_temp.keys();
BEGIN;
INSERT INTO ordinary VALUES (1);
SELECT pg_temp.put_two('a', 'b');
SELECT pg_temp.put_two('c', 'd');
COMMIT;
SELECT (SELECT count(*) FROM ordinary), pg_temp.keys();

-- A failed operation undoes only itself.
BEGIN;
SELECT pg_temp.put_two('e', 'f');
SAVEPOINT s;
SELECT pg_temp.put_two('g', 'a', '{"ConditionExpression": "attribute_not_exists(pk)"}');
ROLLBACK TO s;
SELECT pg_temp.put_two('g', 'h');
COMMIT;
SELECT pg_temp.keys();
DO $$
BEGIN
	PERFORM pg_temp.put_two('i', 'j');
	BEGIN
		PERFORM pg_temp.put_two('k', 'a', '{"ConditionExpression": "attribute_not_exists(pk)"}');
	EXCEPTION WHEN SQLSTATE 'ND018' THEN
		RAISE NOTICE '%', SQLERRM;
	END;
	PERFORM pg_temp.put_two('l', 'm');
END
$$;
SELECT pg_temp.keys();

-- An operation sees what came before it in the SQL transaction.
BEGIN;
SELECT test.put('Tab', '{"pk": {"S": "n"}}');
DELETE FROM dynamo_data."Tab" WHERE pk = 'a';
SELECT pg_temp.put_two('a', 'o', '{"ConditionExpression": "attribute_not_exists(pk)"}');
SELECT test.outcome('TransactWriteItems', '{"TransactItems": [{"ConditionCheck": {"TableName": "Tab", "Key": {"pk": {"S": "n"}}, "ConditionExpression": "attribute_exists(pk)"}},
	{"ConditionCheck": {"TableName": "Tab", "Key": {"pk": {"S": "o"}}, "ConditionExpression": "attribute_not_exists(pk)"}}]}');
COMMIT;
SELECT pg_temp.put_two('p', 'q'), pg_temp.keys();
SELECT pg_temp.put_two('r', 's'), dynamo.transact_get_items('{"TransactItems": [{"Get": {"TableName": "Tab", "Key": {"pk": {"S": "s"}}}}]}');

-- Isolation levels, and a transaction that only reads.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT pg_temp.put_two('t', 'u', '{"ConditionExpression": "attribute_not_exists(pk)"}');
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT pg_temp.put_two('t', 'v');
COMMIT;
BEGIN READ ONLY;
SELECT pg_temp.put_two('w', 'x');
ROLLBACK;
SELECT pg_temp.keys();

-- Every key is locked until the end of the transaction, also the key of a check or of an absent item.  A key is locked only once.
BEGIN;
SELECT pg_temp.put_two('a', 'new');
SELECT dynamo.transact_write_items('{"TransactItems": [{"ConditionCheck": {"TableName": "Tab", "Key": {"pk": {"S": "nobody"}}, "ConditionExpression": "attribute_not_exists(pk)"}},
	{"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}}}]}');
SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND objsubid = 221;
ROLLBACK;
-- With more keys, slots are locked instead.
BEGIN;
SELECT count(pg_temp.put_two('many ' || i, 'more ' || i)) FROM generate_series(1, 600) AS i;
SELECT count(*) <= 100 FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory';
SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND objsubid = 223;
ROLLBACK;

DROP TABLE ordinary;
SELECT test.drop_table('Tab');
