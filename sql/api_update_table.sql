-- UpdateTable: throughput, billing mode and the other settings of a table.
-- The answer shows the table as it was and UPDATING; then it is ACTIVE.
\pset format unaligned
\pset tuples_only on

-- Members of the answer, and of the description afterwards; times become "...".
CREATE FUNCTION pg_temp.picked(description jsonb, members text[]) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT regexp_replace(jsonb_object_agg(member, description -> member)::text, '\d{10}\.\d{3}', '"..."', 'g')::jsonb
	FROM unnest('{TableStatus}' || members) AS member
$$;
CREATE FUNCTION pg_temp.updated(name text, change jsonb, VARIADIC members text[]) RETURNS SETOF jsonb
LANGUAGE plpgsql AS $$
BEGIN
	RETURN NEXT pg_temp.picked(dynamo.update_table(change || jsonb_build_object('TableName', name)) -> 'TableDescription', members);
	RETURN NEXT pg_temp.picked(dynamo.describe_table(jsonb_build_object('TableName', name)) -> 'Table', members);
END
$$;
CREATE FUNCTION pg_temp.units(reads int, writes int) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT jsonb_build_object('ProvisionedThroughput', jsonb_build_object('ReadCapacityUnits', reads, 'WriteCapacityUnits', writes))
$$;

SELECT dynamo.create_table('{"TableName": "Tab", "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}'::jsonb || pg_temp.units(5, 5)) #>> '{TableDescription,TableStatus}';

-- Throughput goes up, down, and both ways at once.  Warm throughput does not go down.
SELECT pg_temp.updated('Tab', pg_temp.units(5, 9), 'ProvisionedThroughput', 'WarmThroughput');
SELECT pg_temp.updated('Tab', pg_temp.units(4, 9), 'ProvisionedThroughput', 'WarmThroughput');
SELECT pg_temp.updated('Tab', pg_temp.units(6, 8), 'ProvisionedThroughput', 'WarmThroughput');
SELECT test.outcome('UpdateTable', '{"TableName": "Tab"}'::jsonb || pg_temp.units(6, 8));

-- Decreases are counted by the day (UTC).
UPDATE dynamo_catalog.tables SET definition = jsonb_set(definition, '{ProvisionedThroughput,LastDecreaseDateTime}',
	to_jsonb(extract(epoch FROM date_trunc('day', now() AT TIME ZONE 'UTC') - interval '1 ms')::numeric(20, 3)));
SELECT pg_temp.updated('Tab', pg_temp.units(7, 8), 'ProvisionedThroughput');
SELECT pg_temp.updated('Tab', pg_temp.units(6, 8), 'ProvisionedThroughput');
-- ... and can be limited: four are free, then there is an hour in between.
SET dynamo.limit_decreases = on;
SELECT count(dynamo.update_table('{"TableName": "Tab"}'::jsonb || pg_temp.units(6, i))) FROM generate_series(7, 5, -1) AS i;
SELECT regexp_replace(test.outcome('UpdateTable', '{"TableName": "Tab"}'::jsonb || pg_temp.units(5, 5)),
	'(Last decrease|made) at \w+day, \w+ \d+, \d{4} \d+:\d\d:\d\d [AP]M UTC', '\1 at ...', 'g');
SELECT count(dynamo.update_table('{"TableName": "Tab"}'::jsonb || pg_temp.units(6, 9)));
UPDATE dynamo_catalog.tables SET definition = jsonb_set(definition, '{ProvisionedThroughput}', definition -> 'ProvisionedThroughput' || jsonb_build_object(
	'NumberOfDecreasesToday', 4, 'LastDecreaseDateTime', (extract(epoch FROM now()) - 3601)::numeric(20, 3)));
SELECT count(dynamo.update_table('{"TableName": "Tab"}'::jsonb || pg_temp.units(6, 8)));
RESET dynamo.limit_decreases;
-- The hour before may have been yesterday's.
UPDATE dynamo_catalog.tables SET definition = jsonb_set(definition, '{ProvisionedThroughput,NumberOfDecreasesToday}', '5');

-- Billing mode.  A table that was once paid per request still says so.
SELECT pg_temp.updated('Tab', '{"BillingMode": "PAY_PER_REQUEST"}', 'BillingModeSummary', 'WarmThroughput');
SELECT pg_temp.picked(dynamo.describe_table('{"TableName": "Tab"}') -> 'Table', '{ProvisionedThroughput}') #- '{ProvisionedThroughput,NumberOfDecreasesToday}';
SELECT pg_temp.updated('Tab', '{"BillingMode": "PAY_PER_REQUEST"}', 'BillingModeSummary');
SELECT pg_temp.updated('Tab', '{"OnDemandThroughput": {"MaxReadRequestUnits": 10, "MaxWriteRequestUnits": 20}}', 'OnDemandThroughput');
SELECT pg_temp.updated('Tab', '{"OnDemandThroughput": {"MaxReadRequestUnits": -1}}', 'OnDemandThroughput');
SELECT pg_temp.updated('Tab', '{"OnDemandThroughput": {}}', 'OnDemandThroughput');
SELECT pg_temp.updated('Tab', '{"BillingMode": "PROVISIONED"}'::jsonb || pg_temp.units(2, 3), 'BillingModeSummary', 'ProvisionedThroughput', 'WarmThroughput', 'OnDemandThroughput');
SELECT pg_temp.updated('Tab', '{"BillingMode": "PAY_PER_REQUEST", "OnDemandThroughput": {"MaxWriteRequestUnits": 30}}', 'OnDemandThroughput');
SELECT pg_temp.updated('Tab', '{"OnDemandThroughput": {"MaxWriteRequestUnits": -1}}', 'OnDemandThroughput');

-- Warm throughput goes up only.
SELECT pg_temp.updated('Tab', '{"WarmThroughput": {"ReadUnitsPerSecond": 13000}}', 'WarmThroughput');
SELECT test.outcome('UpdateTable', change || '{"TableName": "Tab"}') FROM jsonb_array_elements('[
	{"WarmThroughput": {"ReadUnitsPerSecond": 12999}}, {"WarmThroughput": {"ReadUnitsPerSecond": 14000, "WriteUnitsPerSecond": 3999}}]') AS change;
SELECT pg_temp.updated('Tab', '{"WarmThroughput": {"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 4000}}', 'WarmThroughput');

-- Table class: the class that a table has anyway is no change.
SELECT pg_temp.updated('Tab', '{"TableClass": "STANDARD"}', 'TableClassSummary');
SELECT pg_temp.updated('Tab', '{"TableClass": "STANDARD_INFREQUENT_ACCESS"}', 'TableClassSummary');
SELECT pg_temp.updated('Tab', '{"TableClass": "STANDARD"}', 'TableClassSummary');

-- Deletion protection takes no time.
SELECT pg_temp.updated('Tab', '{"DeletionProtectionEnabled": true}', 'DeletionProtectionEnabled');
SELECT pg_temp.updated('Tab', '{"DeletionProtectionEnabled": true}', 'DeletionProtectionEnabled');
SELECT test.outcome('DeleteTable', '{"TableName": "Tab"}');
SELECT pg_temp.updated('Tab', '{"DeletionProtectionEnabled": false}', 'DeletionProtectionEnabled');

-- Encryption with the service's key, which is always the same, with other keys, and by default.
SELECT pg_temp.updated('Tab', '{"SSESpecification": {"Enabled": true}}', 'SSEDescription');
SELECT test.outcome('UpdateTable', '{"TableName": "Tab", "SSESpecification": {"SSEType": "KMS", "KMSMasterKeyId": "alias/aws/dynamodb"}}');
SELECT pg_temp.updated('Tab', '{"SSESpecification": {"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": "1234abcd-12ab-34cd-56ef-1234567890ab"}}', 'SSEDescription');
SELECT test.outcome('UpdateTable', '{"TableName": "Tab", "SSESpecification": {"SSEType": "KMS", "KMSMasterKeyId": "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}');
SELECT pg_temp.updated('Tab', '{"SSESpecification": {"Enabled": false}}', 'SSEDescription');
SELECT test.outcome('UpdateTable', '{"TableName": "Tab", "SSESpecification": {"Enabled": false}}');

-- Undone, nothing has changed.  A table may be named by its ARN.
BEGIN;
SELECT pg_temp.updated('Tab', '{"DeletionProtectionEnabled": true}', 'DeletionProtectionEnabled');
ROLLBACK;
SELECT pg_temp.picked(dynamo.describe_table('{"TableName": "arn:aws:dynamodb:us-east-1:000000000000:table/Tab"}') -> 'Table', '{DeletionProtectionEnabled,BillingModeSummary}');
SELECT test.drop_table('Tab');
