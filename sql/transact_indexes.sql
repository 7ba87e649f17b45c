-- Keys of secondary indexes in transactions.  A value that cannot be a key gives a
-- reason, and an empty value is an error of the request.  Capacity units of indexes
-- are not doubled.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
UPDATE dynamo_catalog.tables SET definition = jsonb_set(definition, '{AttributeDefinitions}',
	'[{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}, {"AttributeName": "h", "AttributeType": "N"}]');
INSERT INTO dynamo_catalog.indexes VALUES ('Tab', 'ByG', 'GLOBAL', 0, 'Tab:i:ByG', 'ACTIVE', false,
	'{"KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "h", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}');

CREATE FUNCTION pg_temp.write(items text, more jsonb DEFAULT '{}') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
BEGIN
	RETURN dynamo.transact_write_items(jsonb_build_object('TransactItems', items::jsonb) || more);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN message || e'\n' || detail;
END
$$;
CREATE FUNCTION pg_temp.put(item text) RETURNS text
LANGUAGE sql AS $$ SELECT pg_temp.write('[{"Put": {"TableName": "Tab", "Item": ' || item || '}}, {"Put": {"TableName": "Tab", "Item": {"pk": {"S": "z"}}}}]') $$;
CREATE FUNCTION pg_temp.update(expression text, value text) RETURNS text
LANGUAGE sql AS $$ SELECT pg_temp.write('[{"Put": {"TableName": "Tab", "Item": {"pk": {"S": "z"}}}}, {"Update": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "'
	|| expression || '", "ExpressionAttributeValues": {":v": ' || value || '}}}]') $$;

SELECT pg_temp.put('{"pk": {"S": "a"}, "g": {"S": "x"}, "h": {"N": "1"}, "n": {"N": "1"}}');
SELECT pg_temp.put('{"pk": {"S": "b"}, "g": {"N": "1"}}');
SELECT pg_temp.put('{"pk": {"S": "b"}, "h": {"NULL": true}}');
SELECT pg_temp.put('{"pk": {"S": "b"}, "g": {"S": ""}}');
SELECT left(pg_temp.put(jsonb_build_object('pk', '{"S": "b"}'::jsonb, 'g', jsonb_build_object('S', repeat('x', 2049)))::text), 300);
SELECT pg_temp.update('SET g = :v', '{"N": "1"}');
SELECT pg_temp.update('SET g = :v', '{"S": ""}');
SELECT pg_temp.update('SET g = :v', jsonb_build_object('S', repeat('x', 2049))::text);
SELECT pg_temp.update('SET g = n, x = :v', '{"N": "1"}');
SELECT pg_temp.update('REMOVE g SET x = :v', '{"N": "1"}');
-- An empty value is reported before anything that is found later.
SELECT pg_temp.write('[{"Delete": {"TableName": "Tab", "Key": {"x": {"S": "a"}}}}, {"Put": {"TableName": "Tab", "Item": {"pk": {"S": "b"}, "g": {"S": ""}}}}]');
-- The condition is not evaluated.
SELECT pg_temp.write('[{"Put": {"TableName": "Tab", "Item": {"pk": {"S": "b"}, "g": {"N": "1"}}, "ConditionExpression": "attribute_exists(pk)"}}]');

-- Capacity units.
SELECT pg_temp.write('[{"Put": {"TableName": "Tab", "Item": {"pk": {"S": "c"}, "g": {"S": "x"}, "h": {"N": "1"}}}}, {"Put": {"TableName": "Tab", "Item": {"pk": {"S": "d"}}}}]', '{"ReturnConsumedCapacity": "INDEXES"}');
SELECT pg_temp.write('[{"Update": {"TableName": "Tab", "Key": {"pk": {"S": "c"}}, "UpdateExpression": "SET g = pk"}}, {"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "d"}}}}]', '{"ReturnConsumedCapacity": "INDEXES"}');
SELECT pg_temp.write('[{"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "c"}}}}]', '{"ReturnConsumedCapacity": "TOTAL"}');
SELECT pk, item FROM dynamo_data."Tab" ORDER BY pk;

SELECT test.drop_table('Tab');
