-- A transaction that writes many items holds a bounded number of locks, and
-- they are gone at its end.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
SELECT test.make_table('Other', 'S');
CREATE VIEW pg_temp.held AS
SELECT locktype, mode, count(*) FROM pg_locks
WHERE pid = pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
	AND (objsubid = 221 OR relation = 'dynamo_data."Tab"'::regclass)
GROUP BY locktype, mode ORDER BY locktype, mode;

-- Every write locks its key, also of an item that is not there; reads do not.
BEGIN;
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}}}');
SELECT * FROM pg_temp.held;
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "a"}}}');
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "a"}, "n": {"N": "1"}}}');
SELECT dynamo.delete_item('{"TableName": "Tab", "Key": {"pk": {"S": "nobody"}}}');
SELECT test.outcome('UpdateItem', '{"TableName": "Tab", "Key": {"pk": {"S": "b"}}, "ConditionExpression": "attribute_exists(pk)"}');
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "b"}}}');
SELECT * FROM pg_temp.held;
COMMIT;
SELECT * FROM pg_temp.held;

-- Five thousand items.
BEGIN;
SELECT count(dynamo.put_item(jsonb_build_object('TableName', 'Tab', 'Item', jsonb_build_object('pk', jsonb_build_object('S', i::text)))))
FROM generate_series(1, 5000) AS i;
SELECT locktype, mode, count <= current_setting('max_locks_per_transaction')::integer / 2 FROM pg_temp.held;
SELECT objsubid, mode, count(*) <= current_setting('max_locks_per_transaction')::integer / 2
FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'advisory' AND objsubid <> 221 GROUP BY 1, 2 ORDER BY 1, 2;
COMMIT;
SELECT * FROM pg_temp.held;
SELECT dynamo.scan('{"TableName": "Tab", "Select": "COUNT"}') -> 'Count';

-- Writing the same few items again takes no more locks.
BEGIN;
SELECT count(dynamo.put_item(jsonb_build_object('TableName', 'Tab', 'Item', jsonb_build_object('pk', jsonb_build_object('S', (i % 10)::text)))))
FROM generate_series(1, 5000) AS i;
SELECT * FROM pg_temp.held;
SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND objsubid = 223;
COMMIT;

-- A statement that writes more keys than may be locked one by one locks only slots.
BEGIN;
SELECT dynamo.transact_write_items(jsonb_build_object('TransactItems', jsonb_agg(
	jsonb_build_object('Put', jsonb_build_object('TableName', 'Tab', 'Item', jsonb_build_object('pk', jsonb_build_object('S', i::text)))))))
FROM generate_series(1, 100) AS i;
SELECT * FROM pg_temp.held;
SELECT DISTINCT mode FROM pg_locks WHERE pid = pg_backend_pid() AND objsubid = 223;
ROLLBACK;

-- The next transaction counts from zero.
BEGIN;
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "a"}}}');
SELECT * FROM pg_temp.held;
ROLLBACK;

DROP VIEW pg_temp.held;
SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
