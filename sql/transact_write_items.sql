-- TransactWriteItems: all actions or none, and a reason for each that fails.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
SELECT test.make_table('Other', 'N', 'S');
SELECT test.put('Tab', '{"pk": {"S": "a"}, "n": {"N": "1"}}');
SELECT test.put('Tab', '{"pk": {"S": "b"}, "n": {"N": "2"}}');
CREATE FUNCTION pg_temp.write(items text, more jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$ SELECT test.outcome('TransactWriteItems', jsonb_build_object('TransactItems', items::jsonb) || more) $$;
CREATE FUNCTION pg_temp.caught(items jsonb, OUT state text, OUT message text, OUT detail jsonb)
LANGUAGE plpgsql AS $$
DECLARE
	extras text;
BEGIN
	PERFORM dynamo.transact_write_items(jsonb_build_object('TransactItems', items));
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, extras = PG_EXCEPTION_DETAIL;
	detail := nullif(extras, '');
END
$$;
CREATE VIEW pg_temp.everything AS
SELECT 'Tab', pk AS key, item FROM dynamo_data."Tab" UNION ALL SELECT 'Other', pk || ' ' || sk, item FROM dynamo_data."Other" ORDER BY 1, 2;

-- Every action, two tables.
SELECT pg_temp.write('[{"Put": {"TableName": "Tab", "Item": {"pk": {"S": "c"}}, "ConditionExpression": "attribute_not_exists(pk)"}},
	{"Update": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}, "UpdateExpression": "ADD n :o", "ExpressionAttributeValues": {":o": {"N": "1"}}}},
	{"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "b"}}}},
	{"ConditionCheck": {"TableName": "Tab", "Key": {"pk": {"S": "d"}}, "ConditionExpression": "attribute_not_exists(pk)"}},
	{"Put": {"TableName": "Other", "Item": {"pk": {"N": "1.0"}, "sk": {"S": "x"}}}}]', '{"ReturnConsumedCapacity": "INDEXES"}');
SELECT * FROM pg_temp.everything;

-- A reason for every action; nothing is written.
SELECT state, message, jsonb_pretty(detail) FROM pg_temp.caught('[
	{"Put": {"TableName": "Tab", "Item": {"pk": {"S": "e"}}}},
	{"Put": {"TableName": "Tab", "Item": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
	{"Update": {"TableName": "Tab", "Key": {"pk": {"S": "c"}}, "UpdateExpression": "SET n = n + n"}},
	{"ConditionCheck": {"TableName": "Tab", "Key": {"pk": {"S": "d"}}, "ConditionExpression": "attribute_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}]');
SELECT * FROM pg_temp.everything;

-- An action that no item could make valid is found before any condition is evaluated.  Only the first such action gets a reason.
SELECT state, message, detail FROM pg_temp.caught('[
	{"Put": {"TableName": "Tab", "Item": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)"}},
	{"Delete": {"TableName": "Other", "Key": {"pk": {"S": "1"}}}},
	{"Put": {"TableName": "Other", "Item": {"pk": {"N": "1"}}}}]');
SELECT * FROM pg_temp.everything;

-- Errors of the request as a whole, with a type of their own.
SELECT (pg_temp.caught(items)).* FROM (VALUES
	('[{"Put": {"TableName": "Nowhere", "Item": {"pk": {"S": "a"}}}}, {"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}, "ConditionExpression": "attribute_not_exists(pk)"}}]'::jsonb),
	('[{"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}}}, {"Put": {"TableName": "Tab", "Item": {"pk": {"S": "a"}}}}]'),
	('[{"Delete": {"TableName": "Tab", "Key": {"pk": {"S": ""}}}}]'),
	('[{"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "a"}}, "ConditionExpression": "pk"}}]'),
	('[{"Check": {}}]'), ('[]'), ('{}')) AS v(items);
SELECT * FROM pg_temp.everything;

-- U+0000 and U+0001, in keys, items and reasons.
SELECT pg_temp.write('[{"Put": {"TableName": "Tab", "Item": {"pk": {"S": "\u0001\u0001"}, "v": {"S": "x\u0001\u0002"}}}}]');
SELECT detail #>> '{CancellationReasons,0,Item,pk,S}' = e'\x01\x01', detail #>> '{CancellationReasons,0,Item,v,S}' = e'x\x01\x02'
FROM pg_temp.caught('[{"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "\u0001\u0001"}}, "ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}]');
SELECT pg_temp.write('[{"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "\u0001\u0001"}}}}]');

-- A hundred actions on items that are there, and that are not.
SELECT dynamo.transact_write_items(jsonb_build_object('TransactItems', jsonb_agg(jsonb_build_object('Update', jsonb_build_object(
	'TableName', 'Tab', 'Key', jsonb_build_object('pk', jsonb_build_object('S', 'k' || i)), 'UpdateExpression', 'ADD n :o',
	'ExpressionAttributeValues', '{":o": {"N": "1"}}'::jsonb)))))
FROM generate_series(1, 100) AS i, generate_series(1, 2) AS times GROUP BY times;
SELECT item #>> '{n,N}', count(*) FROM dynamo_data."Tab" WHERE pk LIKE 'k%' GROUP BY 1;

-- The limit of 4 MB applies to the request, not to the existing items: 11 of 400 kB.
SELECT count(test.put('Tab', jsonb_build_object('pk', jsonb_build_object('S', 'big' || i), 'v', jsonb_build_object('S', repeat('x', 400000))))) FROM generate_series(1, 11) AS i;
SELECT n, test.outcome('TransactWriteItems', jsonb_build_object('TransactItems', (SELECT jsonb_agg(jsonb_build_object('Update', jsonb_build_object(
	'TableName', 'Tab', 'Key', jsonb_build_object('pk', jsonb_build_object('S', 'big' || i)), 'UpdateExpression', 'ADD n :o',
	'ExpressionAttributeValues', '{":o": {"N": "1"}}'::jsonb))) FROM generate_series(1, n) AS i)))
FROM unnest('{10,11}'::integer[]) AS n;
SELECT count(*) FROM dynamo_data."Tab" WHERE pk LIKE 'big%' AND item ? 'n';

-- A row that is not an item is an error, not a reason.
INSERT INTO dynamo_data."Tab" VALUES ('bad', '{"pk": {"S": "bad"}, "v": {"X": 1}}');
SELECT pg_temp.write('[{"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "bad"}}, "ConditionExpression": "attribute_exists(v)"}}]');
SELECT pg_temp.write('[{"Update": {"TableName": "Tab", "Key": {"pk": {"S": "bad"}}, "UpdateExpression": "REMOVE v"}}]');

DROP VIEW pg_temp.everything;
SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
