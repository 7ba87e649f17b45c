-- Sets come back in order however a row holds them: SS and BS by bytes, NS by
-- value.  Plain SQL and version 0.1 may have written them in another order.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
CREATE FUNCTION pg_temp.row_of(ss text, ns text, bs text) RETURNS jsonb
LANGUAGE sql AS $$
	SELECT format('{"pk": {"S": "a"}, "ss": {"SS": %1$s}, "deep": {"L": [{"M": {"ns": {"NS": %2$s}, "bs": {"BS": %3$s}}}]}}', ss, ns, bs)::jsonb
$$;
INSERT INTO dynamo_data."Tab"
SELECT 'a', pg_temp.row_of('["b", "B", "", "é", "a\"", "a"]', '["10", "9", "-1", "-2.5", "0"]', '["/w==", "YQ==", "", "MA==", "++8="]');
SELECT count(*) FROM dynamo.check('Tab');

-- Every way to read it.
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}}}') -> 'Item' = pg_temp.row_of(
	'["", "B", "a", "a\"", "b", "é"]', '["-2.5", "-1", "0", "9", "10"]', '["", "MA==", "YQ==", "++8=", "/w=="]');
SELECT dynamo.get_item('{"TableName": "Tab", "Key": {"pk": {"S": "a"}}, "ProjectionExpression": "ss, deep[0].bs"}');
SELECT dynamo.scan('{"TableName": "Tab", "FilterExpression": "ss = :s AND contains(ss, :e) AND contains(deep, :m)",
	"ExpressionAttributeValues": {":s": {"SS": ["é", "", "b", "a\"", "a", "B"]}, ":e": {"S": ""},
		":m": {"M": {"ns": {"NS": ["0", "9", "-1", "10", "-2.5"]}, "bs": {"BS": ["", "++8=", "MA==", "YQ==", "/w=="]}}}}}') -> 'Items' -> 0 -> 'ss';
SELECT dynamo.plain(item) FROM dynamo_data."Tab";

-- A set is stored in order.  Putting it in another order is not a change.
SELECT dynamo.create_table('{"TableName": "Indexed", "BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "GlobalSecondaryIndexes": [{"IndexName": "index", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
		"Projection": {"ProjectionType": "ALL"}}]}') IS NOT NULL;
INSERT INTO dynamo_data."Indexed" SELECT pk, item FROM dynamo_data."Tab";
SELECT dynamo.put_item(jsonb_build_object('TableName', 'Indexed', 'ReturnConsumedCapacity', 'INDEXES', 'Item', item)) #> '{ConsumedCapacity}' FROM dynamo_data."Tab";
SELECT item -> 'ss', item #> '{deep,L,0,M}' FROM dynamo_data."Indexed";

SELECT test.drop_table('Indexed');
SELECT test.drop_table('Tab');
