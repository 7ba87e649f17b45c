-- BatchWriteItem: puts and deletes over several tables, all or nothing at the
-- checks.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('One', 'S');
SELECT test.make_table('Two', 'S', 'N');
SELECT test.put('One', '{"pk": {"S": "b"}, "n": {"N": "1"}}');

SELECT dynamo.batch_write_item('{"ReturnConsumedCapacity": "TOTAL", "RequestItems": {
	"One": [{"PutRequest": {"Item": {"pk": {"S": "a"}}}}, {"DeleteRequest": {"Key": {"pk": {"S": "b"}}}},
		{"DeleteRequest": {"Key": {"pk": {"S": "missing"}}}}],
	"Two": [{"PutRequest": {"Item": {"pk": {"S": "a"}, "sk": {"N": "1"}}}},
		{"PutRequest": {"Item": {"pk": {"S": "a"}, "sk": {"N": "2"}}}}]}}');
SELECT dynamo.batch_write_item('{"RequestItems": {"One": [{"PutRequest": {"Item": {"pk": {"S": "a"}, "v": {"N": "2"}}}}]}}');
SELECT 'One', item FROM dynamo_data."One" UNION ALL SELECT 'Two', item FROM dynamo_data."Two" ORDER BY 1, 2;

-- In each, the put of "bad" is fine by itself.
SELECT test.outcome('BatchWriteItem', jsonb_build_object('RequestItems', jsonb_build_object('One',
	'[{"PutRequest": {"Item": {"pk": {"S": "bad"}}}}]'::jsonb || (items -> 'One')) || (items - 'One')))
FROM jsonb_array_elements('[
	{"One": [{"PutRequest": {"Item": {"pk": {"S": "bad"}, "x": {"S": "2"}}}}]},
	{"One": [{"DeleteRequest": {"Key": {"pk": {"S": "bad"}}}}]},
	{"One": [{"PutRequest": {"Item": {"x": {"S": "a"}}}}]},
	{"One": [{"PutRequest": {"Item": {"pk": {"N": "1"}}}}]},
	{"One": [{"PutRequest": {"Item": {"pk": {"S": ""}}}}]},
	{"One": [{"DeleteRequest": {"Key": {"pk": {"S": "a"}, "sk": {"N": "1"}}}}]},
	{"One": [{"PutRequest": {"Item": {"pk": {"S": "a"}, "x": {"SS": []}}}}]},
	{"One": [{}]},
	{"One": [{"PutRequest": {"Item": {"pk": {"S": "a"}}}, "DeleteRequest": {"Key": {"pk": {"S": "c"}}}}]},
	{"One": [{"PutRequest": {}}]},
	{"One": [], "Two": [{"PutRequest": {"Item": {"pk": {"S": "a"}}}}]},
	{"One": [], "Nowhere": [{"PutRequest": {"Item": {"pk": {"S": "a"}}}}]}]') AS items;
SELECT test.outcome('BatchWriteItem', request)
FROM jsonb_array_elements('[{}, {"RequestItems": {}}, {"RequestItems": {"One": {}}}]') AS request;
SELECT substring(test.outcome('BatchWriteItem', '{"RequestItems": {"One": []}}') from 'failed to.*');
SELECT count(*) FROM dynamo_data."One" WHERE pk = 'bad';

-- The same key in two tables is two items; 25 writes are the limit, over all
-- tables, and in one.
SELECT substring(test.outcome('BatchWriteItem', jsonb_build_object('RequestItems', jsonb_build_object(
	'One', (SELECT jsonb_agg(jsonb_build_object('PutRequest', jsonb_build_object('Item',
		jsonb_build_object('pk', jsonb_build_object('S', 'many' || i))))) FROM generate_series(1, one) AS i),
	'Two', (SELECT jsonb_agg(jsonb_build_object('PutRequest', jsonb_build_object('Item',
		jsonb_build_object('pk', jsonb_build_object('S', 'many' || i), 'sk', '{"N": "1"}'::jsonb))))
		FROM generate_series(1, two) AS i)))) from '(^.{0,80}$|failed to.*)')
FROM (VALUES (10, 15), (13, 13), (26, 1)) AS v(one, two);
SELECT (SELECT count(*) FROM dynamo_data."One" WHERE pk LIKE 'many%'),
	(SELECT count(*) FROM dynamo_data."Two" WHERE pk LIKE 'many%');

SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
