-- UpdateTable: mistakes in GlobalSecondaryIndexUpdates.
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.wrong(name text, updates jsonb, change jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
	SELECT left(test.outcome('UpdateTable', jsonb_build_object('TableName', name, 'GlobalSecondaryIndexUpdates', updates) || change), 450)
$$;
-- An index to be created that is good but for the change, and what is needed for it.
CREATE FUNCTION pg_temp.wrong_create(name text, change jsonb, of_request jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
	SELECT pg_temp.wrong(name, jsonb_build_array(jsonb_build_object('Create', '{"IndexName": "new", "Projection": {"ProjectionType": "ALL"},
		"KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}]}'::jsonb || change)),
		jsonb_strip_nulls('{"AttributeDefinitions": [{"AttributeName": "n", "AttributeType": "S"}]}'::jsonb || of_request))
$$;

SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
	"LocalSecondaryIndexes": [{"IndexName": "local", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]}],
	"GlobalSecondaryIndexes": [{"IndexName": "one", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}]},
		{"IndexName": "two", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "sk", "KeyType": "HASH"}]}]}') IS NOT NULL;
SELECT dynamo.create_table('{"TableName": "Provisioned", "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
	"GlobalSecondaryIndexes": [{"IndexName": "one", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
		"ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}]}') IS NOT NULL;

-- The list.
SELECT updates, pg_temp.wrong('Nowhere', updates) FROM jsonb_array_elements($$[
	[],
	[{}],
	[null],
	[{"Update": {}}, {"Create": {}}, {"Delete": {}}],
	[{"Update": {"IndexName": "one", "ProvisionedThroughput": {"ReadCapacityUnits": 0}}}],
	[{"Update": {"IndexName": "one", "ProvisionedThroughput": {"ReadCapacityUnits": 1000000000001, "WriteCapacityUnits": 1}}}, {}],
	[{"Update": {"IndexName": "one"}, "Delete": {"IndexName": "two"}}],
	[{"Update": {"IndexName": "one"}}, {"Delete": {"IndexName": "one"}}],
	[{"Delete": {"IndexName": "one"}}, {"Delete": {"IndexName": "two"}}]
]$$) AS updates;

-- The indexes there are.
SELECT updates, pg_temp.wrong('Tab', updates) FROM jsonb_array_elements($$[
	[{"Delete": {"IndexName": "one"}}, {"Delete": {"IndexName": "two"}}],
	[{"Update": {"IndexName": "new"}}],
	[{"Delete": {"IndexName": "new"}}],
	[{"Update": {"IndexName": "local"}}],
	[{"Delete": {"IndexName": "local"}}],
	[{"Update": {"IndexName": "one", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}}],
	[{"Update": {"IndexName": "one", "OnDemandThroughput": {"MaxReadRequestUnits": 0}}}],
	[{"Update": {"IndexName": "one", "WarmThroughput": {"WriteUnitsPerSecond": 3000}}}]
]$$) AS updates;
SELECT updates, pg_temp.wrong('Provisioned', updates) FROM jsonb_array_elements($$[
	[{"Update": {"IndexName": "one", "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}}}],
	[{"Update": {"IndexName": "one", "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 40001}}}],
	[{"Update": {"IndexName": "one", "OnDemandThroughput": {"MaxReadRequestUnits": 3}}}]
]$$) AS updates;
SELECT pg_temp.wrong('Tab', '[{"Update": {"IndexName": "two", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}}]', change)
FROM jsonb_array_elements('[{"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}]') AS change;
SELECT test.outcome('UpdateTable', '{"TableName": "Tab", "BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}');

-- A new one.
SELECT change, pg_temp.wrong_create('Tab', change) FROM jsonb_array_elements($$[
	{"IndexName": "one"},
	{"IndexName": "local"},
	{"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]},
	{"KeySchema": [{"AttributeName": "n", "KeyType": "RANGE"}]},
	{"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]},
	{"Projection": {}},
	{"Projection": {"ProjectionType": "INCLUDE"}},
	{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}},
	{"OnDemandThroughput": {"MaxReadRequestUnits": 0}},
	{"WarmThroughput": {"ReadUnitsPerSecond": 100}}
]$$) AS change;
SELECT pg_temp.wrong_create('Tab', '{}', '{"AttributeDefinitions": null}');
SELECT pg_temp.wrong_create('Tab', '{"IndexName": "one"}', '{"AttributeDefinitions": null}');
SELECT pg_temp.wrong_create('Tab', '{}', '{"AttributeDefinitions": []}');
SELECT change, pg_temp.wrong_create('Provisioned', change) FROM jsonb_array_elements($$[
	{},
	{"ProvisionedThroughput": {"ReadCapacityUnits": 40001, "WriteCapacityUnits": 1}},
	{"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}, "OnDemandThroughput": {"MaxReadRequestUnits": 1}}
]$$) AS change;

-- Limits: one at a time, twenty, a hundred projected attributes.
UPDATE dynamo_catalog.indexes SET status = 'CREATING', backfilling = true WHERE index_name = 'two';
SELECT pg_temp.wrong_create('Tab', '{}'), pg_temp.wrong('Tab', '[{"Delete": {"IndexName": "one"}}]'), test.outcome('DeleteTable', '{"TableName": "Tab"}');
SELECT index -> 'IndexName', index -> 'IndexStatus' FROM jsonb_array_elements(dynamo.update_table('{"TableName": "Tab",
	"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "two"}}]}') #> '{TableDescription,GlobalSecondaryIndexes}') AS index;
UPDATE dynamo_catalog.indexes SET status = 'DELETING' WHERE index_name = 'one';
SELECT pg_temp.wrong_create('Tab', '{}'), pg_temp.wrong('Tab', '[{"Delete": {"IndexName": "one"}}]'), pg_temp.wrong('Tab', '[{"Update": {"IndexName": "one"}}]'), test.outcome('DeleteTable', '{"TableName": "Tab"}');
UPDATE dynamo_catalog.indexes SET status = 'UPDATING' WHERE index_name = 'one';
SELECT pg_temp.wrong('Tab', '[{"Delete": {"IndexName": "one"}}]'), pg_temp.wrong('Tab', '[{"Update": {"IndexName": "one"}}]');
UPDATE dynamo_catalog.indexes SET status = 'ACTIVE';
SELECT count(pg_temp.wrong_create('Tab', jsonb_build_object('IndexName', 'index' || i))) FROM generate_series(2, 20) AS i;
SELECT pg_temp.wrong_create('Tab', '{}');
SELECT test.drop_table('Tab');
UPDATE dynamo_catalog.indexes SET definition = jsonb_set(definition, '{Projection}', jsonb_build_object('ProjectionType', 'INCLUDE',
	'NonKeyAttributes', (SELECT jsonb_agg('a' || i) FROM generate_series(1, 99) AS i)));
SELECT pg_temp.wrong_create('Provisioned', jsonb_build_object('ProvisionedThroughput', '{"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}'::jsonb,
	'Projection', jsonb_build_object('ProjectionType', 'INCLUDE', 'NonKeyAttributes', '["x", "y"]'::jsonb)));
SELECT test.drop_table('Provisioned');
