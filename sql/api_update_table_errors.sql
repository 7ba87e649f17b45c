-- UpdateTable: the mistakes it refuses, and which comes first.
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.wrong(name text, change jsonb) RETURNS text
LANGUAGE sql AS $$ SELECT test.outcome('UpdateTable', jsonb_build_object('TableName', name) || change) $$;

SELECT test.make_table('Tab', 'S');
SELECT dynamo.create_table('{"TableName": "Provisioned", "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}}') IS NOT NULL;

-- Without looking at the table, which is not there.
SELECT change, pg_temp.wrong('Nowhere', change) FROM jsonb_array_elements($$[
	{},
	{"TableName": null},
	{"TableName": "ab", "BillingMode": "FREE"},
	{"TableName": "a;b"},
	{"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}]},
	{"ProvisionedThroughput": {"ReadCapacityUnits": 0}},
	{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1000000000001}},
	{"BillingMode": "PROVISIONED"},
	{"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
	{"TableClass": "CHEAP"},
	{"StreamSpecification": {"StreamEnabled": true}},
	{"StreamSpecification": {"StreamEnabled": false, "StreamViewType": "NEW_IMAGE"}},
	{"SSESpecification": {"Enabled": true, "SSEType": "AES256"}},
	{"SSESpecification": {"Enabled": false, "SSEType": "KMS"}},
	{"OnDemandThroughput": {"MaxReadRequestUnits": 0}},
	{"OnDemandThroughput": {"MaxWriteRequestUnits": -2}},
	{"ReplicaUpdates": [{"Create": {"RegionName": "eu-west-1"}}]},
	{"MultiRegionConsistency": "STRONG"},
	{"VectorIndexUpdates": [{}]},
	{"DeletionProtectionEnabled": true}
]$$) AS change;

-- What cannot be changed together.
SELECT pg_temp.wrong('Nowhere', '{"SSESpecification": {"Enabled": true}, "TableClass": "STANDARD", "DeletionProtectionEnabled": true, "WarmThroughput": {}}');
SELECT pg_temp.wrong('Nowhere', '{"TableClass": "STANDARD", "DeletionProtectionEnabled": true, "WarmThroughput": {}}');
SELECT pg_temp.wrong('Nowhere', '{"DeletionProtectionEnabled": true, "WarmThroughput": {}}');
SELECT pg_temp.wrong('Nowhere', '{"ReplicaUpdates": [], "BillingMode": "PAY_PER_REQUEST"}');
SELECT pg_temp.wrong('Nowhere', '{"WarmThroughput": {}, "BillingMode": "PAY_PER_REQUEST"}');
SELECT pg_temp.wrong('Nowhere', '{"OnDemandThroughput": {}, "StreamSpecification": {"StreamEnabled": false}}');
SELECT pg_temp.wrong('Nowhere', '{"OnDemandThroughput": {}, "BillingMode": "PAY_PER_REQUEST"}');
SELECT pg_temp.wrong('Nowhere', '{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}, "StreamSpecification": {"StreamEnabled": false}}');
SELECT pg_temp.wrong('Nowhere', '{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}, "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "index"}}]}');
SELECT pg_temp.wrong('Nowhere', '{"StreamSpecification": {"StreamEnabled": false}, "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "index"}}]}');
SELECT pg_temp.wrong('Provisioned', '{"BillingMode": "PAY_PER_REQUEST", "GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "index"}}]}');

-- With the table.
SELECT change, pg_temp.wrong('Tab', change) FROM jsonb_array_elements($$[
	{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
	{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 40001}},
	{"StreamSpecification": {"StreamEnabled": false}},
	{"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"}},
	{"SSESpecification": {}}
]$$) AS change;
SELECT change, pg_temp.wrong('Provisioned', change) FROM jsonb_array_elements($$[
	{"ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}},
	{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}},
	{"OnDemandThroughput": {"MaxReadRequestUnits": 5}},
	{"OnDemandThroughput": {"MaxWriteRequestUnits": 5}},
	{"WarmThroughput": {"ReadUnitsPerSecond": 4}}
]$$) AS change;

-- A table whose relation is gone, or that is being made, changed or deleted.
UPDATE dynamo_catalog.tables SET status = state FROM (VALUES ('Tab', 'CREATING'), ('Provisioned', 'UPDATING')) AS v(name, state) WHERE table_name = name;
SELECT name, pg_temp.wrong(name, change) FROM unnest('{Tab,Provisioned}'::text[]) AS name,
	jsonb_array_elements('[{"TableClass": "STANDARD"}, {"DeletionProtectionEnabled": false}]') AS change WHERE name = 'Tab' OR change ? 'TableClass';
SELECT pg_temp.wrong('Provisioned', '{"DeletionProtectionEnabled": true}') LIKE '{%"TableStatus": "UPDATING"%"DeletionProtectionEnabled": true%';
UPDATE dynamo_catalog.tables SET status = 'DELETING' WHERE table_name = 'Tab';
SELECT pg_temp.wrong('Tab', '{"TableClass": "STANDARD"}');
SELECT test.outcome('DeleteTable', jsonb_build_object('TableName', name)) FROM unnest('{Tab,Provisioned}'::text[]) AS name;
UPDATE dynamo_catalog.tables SET status = 'ACTIVE', definition = definition - 'DeletionProtectionEnabled';
ALTER TABLE dynamo_data."Tab" RENAME TO aside;
SELECT pg_temp.wrong('Tab', '{"TableClass": "STANDARD"}');
ALTER TABLE dynamo_data.aside RENAME TO "Tab";
SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
