-- Tags of a table: TagResource, UntagResource, ListTagsOfResource, CreateTable.
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.tags(operation text, members jsonb DEFAULT '{}', table_name text DEFAULT 'Tab') RETURNS text
RETURN test.outcome(operation, jsonb_build_object('ResourceArn', 'arn:aws:dynamodb:us-east-1:000000000000:table/' || table_name) || members);
CREATE FUNCTION pg_temp.numbered(first integer, last integer) RETURNS jsonb
RETURN (SELECT jsonb_build_object('Tags', jsonb_agg(jsonb_build_object('Key', 'k' || i, 'Value', i::text))) FROM generate_series(first, last) AS i);

SELECT test.make_table('Tab', 'S');
SELECT pg_temp.tags('ListTagsOfResource');

-- Set, overwritten, taken away; the answer to a change is empty.
SELECT pg_temp.tags('TagResource', '{"Tags": [{"Key": "Owner", "Value": "Blue Team"}, {"Key": "owner", "Value": ""}]}');
SELECT pg_temp.tags('TagResource', '{"Tags": [{"Key": "Owner", "Value": "Red Team"}, {"Key": "a/b", "Value": "c"}]}');
SELECT pg_temp.tags('ListTagsOfResource');
SELECT pg_temp.tags('UntagResource', '{"TagKeys": ["owner", "absent", "a/b"]}');
SELECT pg_temp.tags('ListTagsOfResource');
SELECT dynamo.describe_table('{"TableName": "Tab"}') -> 'Table' ? 'Tags';

-- A call that fails changes nothing.
SELECT pg_temp.tags('TagResource', '{"Tags": [{"Key": "new", "Value": "1"}, {"Key": "aws:new", "Value": "2"}]}');
SELECT pg_temp.tags('TagResource', pg_temp.numbered(1, 50));
SELECT pg_temp.tags('ListTagsOfResource');

-- A table may have fifty tags, whether CreateTable or TagResource sets them.
SELECT pg_temp.tags('TagResource', pg_temp.numbered(1, 49));
SELECT pg_temp.tags('TagResource', '{"Tags": [{"Key": "one more", "Value": ""}]}');
SELECT pg_temp.tags('TagResource', '{"Tags": [{"Key": "k7", "Value": "seven"}]}');

-- All at once; a token means nothing.
CREATE FUNCTION pg_temp.listed(members jsonb) RETURNS SETOF jsonb
BEGIN ATOMIC
	SELECT jsonb_array_elements(pg_temp.tags('ListTagsOfResource', members)::jsonb -> 'Tags');
END;
SELECT count(*), count(DISTINCT tag ->> 'Key'), count(*) FILTER (WHERE tag = '{"Key": "k7", "Value": "seven"}'),
	min(tag ->> 'Key' COLLATE "C"), max(tag ->> 'Key' COLLATE "C") FROM pg_temp.listed('{}') AS tag;
SELECT count(*) FROM pg_temp.listed('{"NextToken": "dGFncy1hZnRlcjprMDk="}');

-- For a resource of another account, rights are checked before anything else.
SELECT replace(test.outcome('TagResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:123456789012:table/Tab", "Tags": []}'), 'user/' || current_user, 'user/me');
SELECT replace(test.outcome('ListTagsOfResource', '{"ResourceArn": "arn:aws:s3:::bucket"}'), 'user/' || current_user, 'user/me');

-- They are the table's, and go with it.
SELECT test.drop_table('Tab');
SELECT pg_temp.tags('ListTagsOfResource');
SELECT pg_temp.tags('TagResource', '{"Tags": [{"Key": "a", "Value": "b"}]}');
SELECT pg_temp.tags('UntagResource', '{"TagKeys": ["a"]}');
SELECT count(*) FROM dynamo_catalog.tags;

-- CreateTable takes them by the same rules, and makes nothing if one is bad.
CREATE FUNCTION pg_temp.make(tags jsonb) RETURNS text
RETURN test.outcome('CreateTable', jsonb_build_object('TableName', 'Tab', 'BillingMode', 'PAY_PER_REQUEST', 'Tags', tags) ||
	'{"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}');
SELECT pg_temp.make('[{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}]');
SELECT pg_temp.make(pg_temp.numbered(1, 51) -> 'Tags');
SELECT dynamo.list_tables();
SELECT pg_temp.make('[{"Key": "a", "Value": "b"}, {"Key": "b", "Value": "c"}]')::jsonb #> '{TableDescription,TableStatus}';
SELECT pg_temp.tags('ListTagsOfResource');
SELECT test.drop_table('Tab');
