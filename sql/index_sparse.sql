-- Items enter sparse indexes, leave them and move in them; plain SQL may write
-- what a request may not, and such rows are not in the index.
\pset format unaligned
\pset tuples_only on

SELECT dynamo.create_table('{"TableName": "Tab", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "g", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"}, {"AttributeName": "b", "AttributeType": "B"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
	"GlobalSecondaryIndexes": [
		{"IndexName": "gnb", "Projection": {"ProjectionType": "KEYS_ONLY"}, "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}, {"AttributeName": "b", "KeyType": "RANGE"}]}]}')
	#>> '{TableDescription,TableStatus}';
-- What a scan of the index shows: keys of the items.
CREATE FUNCTION pg_temp.shown() RETURNS text
LANGUAGE sql AS $$
	SELECT string_agg(concat(item #>> '{pk,S}', ' ', item #>> '{g,S}', ' ', item #>> '{n,N}', ' ', item #>> '{b,B}'), ', ' ORDER BY item #>> '{pk,S}' COLLATE "C")
	FROM jsonb_array_elements(dynamo.scan('{"TableName": "Tab", "IndexName": "gnb"}') -> 'Items') AS item
$$;

-- An item outside the index takes no room there: the index has only its meta page.
SELECT count(test.put('Tab', jsonb_build_object('pk', jsonb_build_object('S', i::text), CASE i % 3 WHEN 0 THEN 'g' ELSE 'other' END, '{"S": "x"}'::jsonb,
	CASE i % 5 WHEN 0 THEN 'n' ELSE 'another' END, '{"N": "1"}'::jsonb))) FROM generate_series(1, 100) AS i;
SELECT pg_relation_size('dynamo_data."Tab:i:gnb"') / 8192 AS pages, pg_temp.shown();
TRUNCATE dynamo_data."Tab";

-- One attribute after the other, and away again.
SELECT test.put('Tab', '{"pk": {"S": "a"}, "g": {"S": "x"}, "n": {"N": "1"}, "b": {"B": "AA=="}}');
SELECT test.put('Tab', '{"pk": {"S": "c"}}');
CREATE FUNCTION pg_temp.update(key text, expression text, value jsonb DEFAULT NULL) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM dynamo.update_item(jsonb_strip_nulls(jsonb_build_object('TableName', 'Tab', 'Key', jsonb_build_object('pk', jsonb_build_object('S', key)), 'UpdateExpression', expression,
		'ExpressionAttributeValues', CASE WHEN value IS NOT NULL THEN jsonb_build_object(':v', value) END)));
	RETURN pg_temp.shown();
END
$$;
SELECT pg_temp.update('c', 'SET g = :v', '{"S": "x"}');
SELECT pg_temp.update('c', 'SET n = :v', '{"N": "2"}');
SELECT pg_temp.update('c', 'SET b = :v', '{"B": "AQ=="}');
SELECT pg_temp.update('c', 'ADD n :v', '{"N": "-5"}');
SELECT pg_temp.update('c', 'SET v = :v', '{"N": "7"}');
SELECT pg_temp.update('a', 'REMOVE n');
SELECT pg_temp.update('a', 'REMOVE v');
SELECT pg_temp.update('c', 'SET g = :v', '{"S": "y"}');
SELECT dynamo.delete_item('{"TableName": "Tab", "Key": {"pk": {"S": "c"}}}'), pg_temp.shown();

-- Plain SQL: rows that fit are found.  Others raise no error and are not in the
-- index.
TRUNCATE dynamo_data."Tab";
INSERT INTO dynamo_data."Tab" SELECT pk, jsonb_build_object('pk', jsonb_build_object('S', pk)) || item::jsonb
FROM (VALUES ('fits', '{"g": {"S": "x"}, "n": {"N": "1"}, "b": {"B": "AA=="}}'),
	('fits too', '{"g": {"S": "x"}, "n": {"N": "-0.5"}, "b": {"B": "AA=="}, "more": {"L": []}}'),
	('absent', '{"g": {"S": "x"}, "n": {"N": "1"}}'),
	('type', '{"g": {"N": "1"}, "n": {"N": "1"}, "b": {"B": "AA=="}}'),
	('NULL', '{"g": {"S": "x"}, "n": {"NULL": true}, "b": {"B": "AA=="}}'),
	('empty', '{"g": {"S": ""}, "n": {"N": "1"}, "b": {"B": "AA=="}}'),
	('empty B', '{"g": {"S": "x"}, "n": {"N": "1"}, "b": {"B": ""}}'),
	('not canonical', '{"g": {"S": "x"}, "n": {"N": "1.0"}, "b": {"B": "AA=="}}'),
	('no number', '{"g": {"S": "x"}, "n": {"N": "x"}, "b": {"B": "AA=="}}'),
	('number not in a string', '{"g": {"S": "x"}, "n": {"N": 1}, "b": {"B": "AA=="}}'),
	('no base64', '{"g": {"S": "x"}, "n": {"N": "1"}, "b": {"B": "AA="}}'),
	('no value', '{"g": {"S": "x"}, "n": {"N": "1"}, "b": {}}'),
	('two tags', '{"g": {"S": "x", "N": "1"}, "n": {"N": "1"}, "b": {"B": "AA=="}}'),
	('unknown tag', '{"g": {"X": "x"}, "n": {"N": "1"}, "b": {"B": "AA=="}}'),
	('scalar', '{"g": "x", "n": 1, "b": true}'),
	('null', '{"g": null, "n": {"N": "1"}, "b": {"B": "AA=="}}'),
	('array', '{"g": [{"S": "x"}], "n": {"N": "1"}, "b": {"B": "AA=="}}')) AS v(pk, item);
INSERT INTO dynamo_data."Tab" SELECT pk, jsonb_build_object('pk', jsonb_build_object('S', pk), 'g', jsonb_build_object('S', g), 'n', '{"N": "1"}'::jsonb,
	'b', jsonb_build_object('B', encode(decode(repeat('00', b), 'hex'), 'base64')))
FROM (VALUES ('long', repeat('x', 2049), 1), ('long B', 'x', 1025), ('together', 'x', 1023)) AS v(pk, g, b);
INSERT INTO dynamo_data."Tab" VALUES ('no item', '{}'), ('no object', '[1]'), ('no container', '"g"'), ('has the names', '["g", "n", "b"]');
INSERT INTO dynamo_data."Tab" VALUES ('no key in the item', '{"g": {"S": "x"}, "n": {"N": "1"}, "b": {"B": "AA=="}}');
SELECT count(*), pg_temp.shown() FROM dynamo_data."Tab";
SELECT dynamo.query('{"TableName": "Tab", "IndexName": "gnb", "Select": "COUNT", "KeyConditionExpression": "g = :g", "ExpressionAttributeValues": {":g": {"S": "x"}}}');

-- The same if the index is created after the rows.
SET client_min_messages = warning;
REINDEX TABLE dynamo_data."Tab";
SELECT pg_temp.shown();
-- An update of an item that does not fit keeps its other attributes, and cannot
-- write another value that does not fit.
SELECT pg_temp.update('type', 'SET v = :v', '{"N": "1"}');
SELECT test.outcome('UpdateItem', '{"TableName": "Tab", "Key": {"pk": {"S": "type"}}, "UpdateExpression": "SET n = :v", "ExpressionAttributeValues": {":v": {"S": "x"}}}');
SELECT pg_temp.update('type', 'SET g = :v', '{"S": "mended"}');
UPDATE dynamo_data."Tab" SET item = item || '{"g": {"N": "1"}}' WHERE pk LIKE 'fits%';
SELECT pg_temp.shown();
UPDATE dynamo_data."Tab" SET item = item || '{"g": {"S": "back"}}' WHERE pk = 'fits';
SELECT pg_temp.shown();
DELETE FROM dynamo_data."Tab" WHERE pk = 'fits';
SELECT pg_temp.shown();

SELECT test.drop_table('Tab');
