-- Row level security: an index shows the rows that policies let through, and
-- its ranges are ranges all the same.
\pset format unaligned
\pset tuples_only on

SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
	"GlobalSecondaryIndexes": [{"IndexName": "by-g", "Projection": {"ProjectionType": "ALL"}, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]}]}')
	#>> '{TableDescription,TableStatus}';
INSERT INTO dynamo_data."Tab" SELECT i::text, jsonb_build_object('pk', jsonb_build_object('S', i::text), 'g', jsonb_build_object('S', 'g' || i % 10), 'n', jsonb_build_object('N', i::text))
FROM generate_series(1, 1000) AS i;
CREATE ROLE regress_dynamo_user;
GRANT USAGE ON SCHEMA test, dynamo_data TO regress_dynamo_user;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dynamo TO regress_dynamo_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON dynamo_data."Tab" TO regress_dynamo_user;
ALTER TABLE dynamo_data."Tab" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON dynamo_data."Tab" TO regress_dynamo_user USING (item #>> '{g,S}' <> 'g3' AND pk NOT LIKE '%77');

CREATE VIEW pg_temp.tries AS SELECT operation, request::jsonb - 'ExpressionAttributeValues', test.reads(operation, '{"TableName": "Tab", "IndexName": "by-g", "Limit": 3}'::jsonb || request::jsonb)
FROM (VALUES ('Query', '{"KeyConditionExpression": "g = :g", "ExpressionAttributeValues": {":g": {"S": "g3"}}}'),
	('Query', '{"KeyConditionExpression": "g = :g", "ExpressionAttributeValues": {":g": {"S": "g7"}}}'),
	('Query', '{"KeyConditionExpression": "g = :g AND n > :n", "ExpressionAttributeValues": {":g": {"S": "g7"}, ":n": {"N": "66"}}}'),
	('Query', '{"KeyConditionExpression": "g = :g", "ScanIndexForward": false, "ExpressionAttributeValues": {":g": {"S": "g7"}}}'),
	('Scan', '{}'), ('Scan', '{"Segment": 1, "TotalSegments": 2}'),
	('Scan', '{"IndexName": null, "Segment": 1, "TotalSegments": 2}')) AS v(operation, request);
GRANT SELECT ON pg_temp.tries TO regress_dynamo_user;
SELECT * FROM pg_temp.tries;
SET ROLE regress_dynamo_user;
SELECT * FROM pg_temp.tries;
SELECT dynamo.scan('{"TableName": "Tab", "IndexName": "by-g", "Select": "COUNT"}');
RESET ROLE;
DROP VIEW pg_temp.tries;

SELECT test.drop_table('Tab');
DROP OWNED BY regress_dynamo_user;
DROP ROLE regress_dynamo_user;
