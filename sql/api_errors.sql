-- Errors as SQL sees them: SQLSTATE, message, and DETAIL with structured extras.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
SELECT test.put('Tab', '{"pk": {"S": "a"}, "v": {"S": "\u0001\u0001 quoted \" \\ ü"}}');

CREATE FUNCTION pg_temp.caught(operation text, request jsonb, OUT state text, OUT message text, OUT detail text)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM dynamo.execute(operation, request);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
END
$$;
SELECT (pg_temp.caught(operation, '{"TableName": "Tab"}'::jsonb || request::jsonb)).*
FROM (VALUES
	('PutItem', '{"Item": {}}'),
	('PutItem', '{"Item": 5}'),
	('Fly', '{}'),
	('PutItem', '{"TableName": "Nowhere", "Item": {"pk": {"S": "a"}}}'),
	('CreateTable', '{"BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
		"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}'),
	('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)"}'),
	('DeleteItem', '{"Key": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}')
	) AS v(operation, request);
-- The detail is JSON.
SELECT detail::jsonb #>> '{Item,v,S}' = e'\x01\x01 quoted " \\ ü'
FROM pg_temp.caught('DeleteItem', '{"TableName": "Tab", "Key": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)",
	"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}');

-- An error leaves the session and what it did before as they were.
BEGIN;
SELECT test.put('Tab', '{"pk": {"S": "b"}}');
SAVEPOINT s;
SELECT dynamo.put_item('{"TableName": "Tab", "Item": {"pk": {"S": "b"}}, "ConditionExpression": "attribute_not_exists(pk)"}');
ROLLBACK TO s;
SELECT test.outcome('PutItem', '{"TableName": "Tab", "Item": {"pk": {"S": "b"}}, "ConditionExpression": "attribute_not_exists(pk)"}');
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "b"}}}');
COMMIT;

-- Requests that are no objects.
SELECT request, test.outcome('GetItem', request) FROM unnest('{"[]","5","null","\"x\"","{}"}'::jsonb[]) AS request;
-- A request that is NULL is no request.
SELECT dynamo.get_item(NULL) IS NULL;

SELECT test.drop_table('Tab');
