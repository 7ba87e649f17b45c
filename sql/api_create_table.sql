-- CreateTable: what it answers and makes, and the mistakes it refuses.
\pset format unaligned
\pset tuples_only on

SELECT jsonb_pretty((dynamo.create_table('{"TableName": "Music",
	"BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "Year", "AttributeType": "N"},
		{"AttributeName": "Artist", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"},
		{"AttributeName": "Year", "KeyType": "RANGE"}]}')
	-> 'TableDescription') - '{TableId,CreationDateTime}'::text[]);

-- It is ACTIVE as soon as anybody can see it.
SELECT described ->> 'TableStatus', described ? 'CreationDateTime',
	(described ->> 'TableId')::uuid IS NOT NULL
FROM (SELECT dynamo.describe_table('{"TableName": "Music"}') -> 'Table') AS t(described);

SELECT dynamo.create_table('{"TableName": "Provisioned",
	"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 7},
	"TableClass": "STANDARD_INFREQUENT_ACCESS",
	"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "B"}],
	"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}')
	IS NOT NULL;
SELECT described -> 'ProvisionedThroughput', described -> 'BillingModeSummary',
	described -> 'TableClassSummary', described -> 'WarmThroughput'
FROM (SELECT dynamo.describe_table('{"TableName": "Provisioned"}') -> 'Table') AS t(described);

-- Each combination of key types is a table of its own columns.
SELECT test.make_table(format('Keys-%s%s', p, s), p, s)
FROM unnest('{S,N,B}'::text[]) AS p, unnest('{S,N,B,NULL}'::text[]) AS s;
SELECT table_name, string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
	|| coalesce(' ' || c.collname, ''), ', ' ORDER BY a.attnum)
FROM dynamo.tables AS t
JOIN pg_attribute AS a ON a.attrelid = t.heap_table::regclass AND a.attnum > 0
LEFT JOIN pg_collation AS c ON c.oid = a.attcollation AND c.collname <> 'default'
WHERE table_name LIKE 'Keys-%'
GROUP BY table_name ORDER BY table_name;
SELECT indexdef FROM pg_indexes
WHERE schemaname = 'dynamo_data' AND tablename = 'Keys-SN' ORDER BY 1;

-- Mistakes: each is the request below, changed.
WITH good AS (SELECT '{"TableName": "Bad", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"},
		{"AttributeName": "b", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"},
		{"AttributeName": "b", "KeyType": "RANGE"}]}'::jsonb AS request)
SELECT change, test.outcome('CreateTable', jsonb_strip_nulls(request || change))
FROM good, jsonb_array_elements($$[
	{"TableName": null},
	{"TableName": ""},
	{"TableName": "a;b"},
	{"TableName": "ab"},
	{"BillingMode": "FREE"},
	{"BillingMode": null},
	{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
	{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1000000000001, "WriteCapacityUnits": 1000000000001}},
	{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}},
	{"KeySchema": null, "AttributeDefinitions": null},
	{"KeySchema": []},
	{"AttributeDefinitions": []},
	{"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}]},
	{"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "c", "AttributeType": "S"}]},
	{"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "BOOL"}]},
	{"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}, {"AttributeName": "c", "AttributeType": "S"}]},
	{"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "S"}, {"AttributeName": "b", "AttributeType": "N"}]},
	{"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "a", "KeyType": "RANGE"}]},
	{"KeySchema": [{"AttributeName": "a", "KeyType": "RANGE"}, {"AttributeName": "b", "KeyType": "HASH"}]},
	{"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "HASH"}]},
	{"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}, {"AttributeName": "b", "KeyType": "RANGE"}, {"AttributeName": "c", "KeyType": "RANGE"}]},
	{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 40001, "WriteCapacityUnits": 1}},
	{"BillingMode": null, "TableThroughputMode": "PROVISIONED"},
	{"TableThroughputMode": "FREE"},
	{"StreamSpecification": {"StreamEnabled": false, "StreamViewType": "NEW_IMAGE"}},
	{"StreamSpecification": {"StreamEnabled": true}},
	{"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}},
	{"ResourcePolicy": "{}"},
	{"VectorIndexes": [{"IndexName": "vectors"}]},
	{"SSESpecification": {"Enabled": false, "SSEType": "KMS"}},
	{"SSESpecification": {"Enabled": true, "SSEType": "AES256"}},
	{"SSESpecification": {"Enabled": true, "KMSMasterKeyId": "alias/mine"}},
	{"SSESpecification": {"Enabled": false, "KMSMasterKeyId": "alias/mine"}},
	{"WarmThroughput": {"ReadUnitsPerSecond": 11999}},
	{"WarmThroughput": {"WriteUnitsPerSecond": 3999}},
	{"TableClass": "CHEAP"},
	{"OnDemandThroughput": {"MaxReadRequestUnits": 0}},
	{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}, "OnDemandThroughput": {"MaxReadRequestUnits": 5}}
]$$) AS change;
SELECT count(*) FROM dynamo.tables WHERE table_name = 'Bad';

-- A name that is taken; and the definition is checked before the name.
SELECT test.outcome('CreateTable', '{"TableName": "Music", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}');
SELECT test.outcome('CreateTable', '{"TableName": "Music", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "b", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]}');

SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
