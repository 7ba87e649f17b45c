-- ListTables: byte order, pages, and a start that need not exist.
\pset format unaligned
\pset tuples_only on

SELECT dynamo.list_tables();
SELECT count(test.make_table(name, 'S'))
FROM unnest('{zoo,Zoo,a.b,a-b,a_b,aab,2nd,ZOO}'::text[]) AS name;

SELECT dynamo.list_tables();
SELECT dynamo.list_tables('{"Limit": 3}');
SELECT dynamo.list_tables('{"Limit": 3, "ExclusiveStartTableName": "a-b"}');
SELECT dynamo.list_tables('{"Limit": 8}');
SELECT dynamo.list_tables('{"Limit": 7}');
SELECT dynamo.list_tables('{"ExclusiveStartTableName": "a-bb"}');
SELECT dynamo.list_tables('{"ExclusiveStartTableName": "zoo"}');

SELECT test.outcome('ListTables', request)
FROM jsonb_array_elements('[{"Limit": 0}, {"Limit": 101}, {"Limit": "3"},
	{"ExclusiveStartTableName": "a"}, {"ExclusiveStartTableName": "a;b"}]') AS request;

-- More than a hundred tables are two pages.
BEGIN;
SELECT count(test.make_table('many-' || i, 'N')) FROM generate_series(1, 100) AS i;
SELECT jsonb_array_length(page -> 'TableNames'), page -> 'LastEvaluatedTableName'
FROM (SELECT dynamo.list_tables()) AS p(page);
ROLLBACK;

SELECT count(test.drop_table(table_name)) FROM dynamo.tables;
