-- UpdateTable: global indexes made, changed and deleted.
\pset format unaligned
\pset tuples_only on

-- The status of the table and of its global indexes in a description.
CREATE FUNCTION pg_temp.states(description jsonb) RETURNS text
LANGUAGE sql AS $$
	SELECT concat_ws(', ', description ->> 'TableStatus', string_agg(concat_ws(' ', index ->> 'IndexName', index ->> 'IndexStatus',
		'backfilling ' || (index ->> 'Backfilling'), nullif(index #>> '{ProvisionedThroughput,ReadCapacityUnits}', '0') || ' units'), ', '))
	FROM jsonb_array_elements(description -> 'GlobalSecondaryIndexes') AS index
$$;
CREATE FUNCTION pg_temp.updated(name text, change jsonb, OUT answered text, OUT described text)
LANGUAGE plpgsql AS $$
BEGIN
	answered := pg_temp.states(dynamo.update_table(change || jsonb_build_object('TableName', name)) -> 'TableDescription');
	described := pg_temp.states(dynamo.describe_table(jsonb_build_object('TableName', name)) -> 'Table');
END
$$;
CREATE FUNCTION pg_temp.definitions(name text) RETURNS text
LANGUAGE sql AS $$
	SELECT string_agg((definition ->> 'AttributeName') || ' ' || (definition ->> 'AttributeType'), ', ')
	FROM jsonb_array_elements(dynamo.describe_table(jsonb_build_object('TableName', name)) #> '{Table,AttributeDefinitions}') AS definition
$$;
-- A request that creates an index on these keys ("a HASH"), with AttributeDefinitions ("a S").
CREATE FUNCTION pg_temp.creating(name text, keys text[], definitions text[], more jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE sql AS $$
	SELECT jsonb_build_object(
		'AttributeDefinitions', (SELECT jsonb_agg(jsonb_build_object('AttributeName', split_part(d, ' ', 1), 'AttributeType', split_part(d, ' ', 2))) FROM unnest(definitions) AS d),
		'GlobalSecondaryIndexUpdates', jsonb_build_array(jsonb_build_object('Create', jsonb_build_object('IndexName', name, 'Projection', '{"ProjectionType": "ALL"}'::jsonb,
			'KeySchema', (SELECT jsonb_agg(jsonb_build_object('AttributeName', split_part(k, ' ', 1), 'KeyType', split_part(k, ' ', 2))) FROM unnest(keys) AS k)) || more)))
$$;

SELECT test.make_table('Tab', 'S', 'N');
SELECT test.put('Tab', '{"pk": {"S": "a"}, "sk": {"N": "1"}, "g": {"S": "x"}}');

-- Made; the definitions of its keys come with it, others do not.
SELECT pg_temp.updated('Tab', pg_temp.creating('ByG', '{g HASH,sk RANGE}', '{g S,sk N,other S,pk N}'));
SELECT pg_temp.definitions('Tab');
SELECT pg_temp.updated('Tab', pg_temp.creating('ByH', '{h HASH,g HASH,k RANGE}', '{g S,h N,k B}', '{"OnDemandThroughput": {"MaxReadRequestUnits": 5}}'));
SELECT pg_temp.definitions('Tab');
SELECT relation::regclass, key_schema FROM dynamo.indexes ORDER BY index_name;

-- Changed.
SELECT pg_temp.updated('Tab', '{"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "ByH", "WarmThroughput": {"ReadUnitsPerSecond": 12500}}},
	{"Update": {"IndexName": "ByG", "OnDemandThroughput": {"MaxWriteRequestUnits": 9}}}]}');
SELECT index -> 'IndexName', index -> 'OnDemandThroughput', index -> 'WarmThroughput'
FROM jsonb_array_elements(dynamo.describe_table('{"TableName": "Tab"}') #> '{Table,GlobalSecondaryIndexes}') AS index;

-- A change of the billing mode changes every index, and gives the provisioned throughput of each.
SELECT pg_temp.updated('Tab', '{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
	"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "ByH", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}},
	{"Update": {"IndexName": "ByG", "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 2}}}]}');
SELECT pg_temp.updated('Tab', '{"GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "ByH", "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 1}}}]}');
SELECT regexp_replace((index - 'IndexSizeBytes')::text, '\d{10}\.\d{3}', '...', 'g')
FROM jsonb_array_elements(dynamo.describe_table('{"TableName": "Tab"}') #> '{Table,GlobalSecondaryIndexes}') AS index;
SELECT pg_temp.updated('Tab', '{"BillingMode": "PAY_PER_REQUEST"}');

-- Deleted, with the definitions that nothing needs any more.
SELECT pg_temp.updated('Tab', '{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "ByH"}}]}');
SELECT pg_temp.definitions('Tab');
SELECT pg_temp.updated('Tab', pg_temp.creating('ByH', '{h HASH}', '{h S}'));
SELECT pg_temp.definitions('Tab');
-- A new index is the last in the list, also after a deletion.
SELECT pg_temp.updated('Tab', '{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "ByG"}}]}');
SELECT pg_temp.updated('Tab', pg_temp.creating('ByG', '{pk HASH}', '{pk S}'));
SELECT relname FROM pg_class WHERE relnamespace = 'dynamo_data'::regnamespace AND relname LIKE 'Tab:i:%' ORDER BY 1;

-- Undone.
BEGIN;
SELECT pg_temp.updated('Tab', '{"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "ByG"}}]}');
SELECT pg_temp.updated('Tab', pg_temp.creating('ByG', '{new HASH}', '{new S}'));
ROLLBACK;
SELECT pg_temp.definitions('Tab'), pg_temp.states(dynamo.describe_table('{"TableName": "Tab"}') -> 'Table');
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}, "sk": {"N": "1"}}}');
SELECT test.drop_table('Tab');

-- Items that do not fit an index that is created later are not counted in it.
SELECT test.make_table('Counted', 'S');
SELECT count(test.put('Counted', jsonb_build_object('pk', jsonb_build_object('S', key)) || more)) FROM (VALUES
	('a', '{"g": {"S": "x"}, "r": {"N": "1"}}'::jsonb), ('b', '{"g": {"S": "x"}, "r": {"N": "2"}}'), ('c', '{}'), ('d', '{"g": {"S": "x"}}'),
	('e', '{"g": {"N": "1"}, "r": {"N": "1"}}'), ('f', '{"g": {"S": "x"}, "r": {"S": "1"}}'), ('g', '{"g": {"S": ""}, "r": {"N": "1"}}'),
	('h', '{"g": {"NULL": true}, "r": {"N": "1"}}')) AS v(key, more);
SELECT dynamo.update_table(pg_temp.creating('Fits', '{g HASH,r RANGE}', '{g S,r N}') || '{"TableName": "Counted"}') IS NOT NULL;
SELECT dynamo.update_table(pg_temp.creating('None', '{o HASH}', '{o S}') || '{"TableName": "Counted"}') IS NOT NULL;
SELECT index -> 'IndexName', index -> 'ItemCount', (index ->> 'IndexSizeBytes')::integer > 0
FROM jsonb_array_elements(dynamo.describe_table('{"TableName": "Counted"}') #> '{Table,GlobalSecondaryIndexes}') AS index;
SELECT test.drop_table('Counted');
