-- dynamo.control_plane_delay: states that clients wait for, shown for a while.
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.states(description jsonb) RETURNS text
LANGUAGE sql AS $$
	SELECT concat_ws(', ', description ->> 'TableStatus', description #>> '{BillingModeSummary,LastUpdateToPayPerRequestDateTime}' IS NOT NULL,
		(SELECT string_agg(concat_ws(' ', index ->> 'IndexName', index ->> 'IndexStatus', index ->> 'Backfilling'), ', ')
		FROM jsonb_array_elements(description -> 'GlobalSecondaryIndexes') AS index))
$$;
CREATE FUNCTION pg_temp.described() RETURNS text
LANGUAGE sql AS $$ SELECT pg_temp.states(dynamo.describe_table('{"TableName": "Tab"}') -> 'Table') $$;
CREATE FUNCTION pg_temp.updated(change jsonb) RETURNS text
LANGUAGE sql AS $$ SELECT pg_temp.states(dynamo.update_table(change || '{"TableName": "Tab"}') -> 'TableDescription') $$;
-- Time passes.
CREATE FUNCTION pg_temp.later() RETURNS void
LANGUAGE sql AS $$
	UPDATE dynamo_catalog.tables SET shown_until = clock_timestamp() WHERE shown_until IS NOT NULL;
	UPDATE dynamo_catalog.indexes SET shown_until = clock_timestamp() WHERE shown_until IS NOT NULL;
$$;

SET dynamo.control_plane_delay = '1h';
SELECT pg_temp.states(dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
	"GlobalSecondaryIndexes": [{"IndexName": "one", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}]}]}') -> 'TableDescription');
SELECT pg_temp.described();
SELECT table_name, status FROM dynamo.tables;
SELECT dynamo.list_tables();
SELECT operation, test.outcome(operation, '{"TableName": "Tab", "Item": {"pk": {"S": "a"}}, "Key": {"pk": {"S": "a"}}, "TableClass": "STANDARD", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}'::jsonb - left_out)
FROM (VALUES ('PutItem', ''), ('GetItem', ''), ('Scan', ''), ('UpdateTable', 'BillingMode'), ('DeleteTable', ''), ('CreateTable', '')) AS v(operation, left_out);
SELECT pg_temp.later();
SELECT pg_temp.described();
SELECT test.put('Tab', '{"pk": {"S": "a"}}');

-- Items are there while the table is being updated.
SELECT pg_temp.updated('{"TableClass": "STANDARD_INFREQUENT_ACCESS"}');
SELECT pg_temp.described();
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}}}');
SELECT test.outcome('UpdateTable', '{"TableName": "Tab", "TableClass": "STANDARD"}'), test.outcome('DeleteTable', '{"TableName": "Tab"}');
SELECT pg_temp.updated('{"DeletionProtectionEnabled": false}');
SELECT pg_temp.later();
SELECT pg_temp.described();

-- Indexes: while resources are allocated nothing else can be done.
SELECT pg_temp.updated('{"AttributeDefinitions": [{"AttributeName": "h", "AttributeType": "S"}], "GlobalSecondaryIndexUpdates": [{"Create":
	{"IndexName": "two", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "h", "KeyType": "HASH"}]}}]}');
SELECT pg_temp.described();
SELECT index_name, status FROM dynamo.indexes ORDER BY index_name;
SELECT test.outcome('UpdateTable', change || '{"TableName": "Tab"}') FROM jsonb_array_elements('[
	{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
	{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "two"}}]}, {"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "one"}}]}]') AS change;
-- Then it is filled, and may be deleted.
UPDATE dynamo_catalog.tables SET shown_until = clock_timestamp();
SELECT pg_temp.described();
SELECT test.outcome('DeleteTable', '{"TableName": "Tab"}');
SELECT pg_temp.updated('{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "two"}}]}');
SELECT pg_temp.later();
SELECT pg_temp.updated('{"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "one", "WarmThroughput": {"ReadUnitsPerSecond": 13000}}}]}');
SELECT pg_temp.described();
SELECT test.outcome('UpdateTable', '{"TableName": "Tab", "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "one", "WarmThroughput": {"ReadUnitsPerSecond": 14000}}}]}');
SELECT pg_temp.later();
SELECT pg_temp.described();

-- It ends by itself, at once for every session.
SET dynamo.control_plane_delay = '1s';
SELECT pg_temp.updated('{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
	"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "one", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}}]}');
SELECT pg_temp.described();
SELECT pg_sleep(1.01);
SELECT pg_temp.described();
-- Without a server no process would delete a table later, so it is deleted at once.
SELECT dynamo.delete_table('{"TableName": "Tab"}') #>> '{TableDescription,TableStatus}';
SELECT dynamo.list_tables();
