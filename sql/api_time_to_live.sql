-- UpdateTimeToLive and DescribeTimeToLive.  No server works on this database,
-- so transitions end in the caller's transaction.
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.ttl(enabled boolean, attribute text, table_name text DEFAULT 'Tab') RETURNS text
RETURN test.outcome('UpdateTimeToLive', jsonb_build_object('TableName', table_name,
	'TimeToLiveSpecification', jsonb_build_object('Enabled', enabled, 'AttributeName', attribute)));
CREATE FUNCTION pg_temp.described(table_name text DEFAULT 'Tab') RETURNS text
RETURN test.outcome('DescribeTimeToLive', jsonb_build_object('TableName', table_name));
CREATE VIEW pg_temp.index AS SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index WHERE indexrelid::regclass::text LIKE '%:ttl%';

SELECT test.make_table('Tab', 'S', 'N');
SELECT pg_temp.described();
SELECT pg_temp.ttl(false, 'expires');
SELECT pg_temp.ttl(true, 'expires');
SELECT pg_temp.described();
SELECT * FROM pg_temp.index;
SELECT table_name, ttl_status, ttl_attribute FROM dynamo.tables;

-- What was asked for must be a change.
SELECT pg_temp.ttl(true, 'expires');
SELECT pg_temp.ttl(true, 'Expires');
SELECT pg_temp.ttl(false, 'Expires');
SELECT pg_temp.ttl(false, 'expires');
SELECT pg_temp.described();
SELECT * FROM pg_temp.index;
SELECT pg_temp.ttl(true, 'Expires');
SELECT pg_temp.described();

-- Changes can be made to wait; what was asked for is looked at first.
SET dynamo.ttl_change_interval = '30min';
SELECT pg_temp.ttl(false, 'Expires');
SELECT pg_temp.ttl(true, 'Expires');
SELECT pg_temp.ttl(false, 'other');
UPDATE dynamo_catalog.tables SET ttl_changed_at = now() - interval '31 minutes';
SELECT pg_temp.ttl(false, 'Expires');
RESET dynamo.ttl_change_interval;

-- It is undone with the transaction.
BEGIN;
SELECT pg_temp.ttl(true, 'expires');
SELECT pg_temp.described();
ROLLBACK;
SELECT pg_temp.described();
SELECT * FROM pg_temp.index;

-- Any attribute: that of a key, or one that has to be quoted.
SELECT pg_temp.ttl(true, 'sk');
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "a"}, "sk": {"N": "1"}}}');
SELECT pg_temp.ttl(false, 'sk');
SELECT pg_temp.ttl(true, E'it''s "\\" $1 %s \u0001\u0001 \u00e9');
SELECT pg_temp.described()::jsonb #>> '{TimeToLiveDescription,AttributeName}' = E'it''s "\\" $1 %s \u0001\u0001 \u00e9';
SELECT indisvalid FROM pg_temp.index;
SELECT pg_temp.ttl(false, E'it''s "\\" $1 %s \u0001\u0001 \u00e9');
SELECT pg_temp.ttl(true, (SELECT string_agg(chr(66000 + (i * 104729) % 40000), '') FROM generate_series(1, 255) AS i)) <> '';
SELECT indisvalid FROM pg_temp.index;

-- Names so long that the index's is shortened.
SELECT test.make_table(repeat('n', 255), 'S');
SELECT pg_temp.ttl(true, 'x', repeat('n', 255));
SELECT count(*) FROM pg_temp.index WHERE indisvalid;

-- It is the table's, and goes with it.
SELECT test.drop_table(repeat('n', 255));
SELECT test.drop_table('Tab');
SELECT pg_temp.ttl(true, 'expires');
SELECT pg_temp.described();
SELECT test.make_table('Tab', 'S');
SELECT pg_temp.described();
SELECT test.drop_table('Tab');
