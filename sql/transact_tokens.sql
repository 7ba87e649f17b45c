-- ClientRequestToken: a request that was done is not done again for ten minutes.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
SELECT test.put('Tab', '{"pk": {"S": "a"}, "n": {"N": "0"}}');
CREATE FUNCTION pg_temp.add(token text, amount integer DEFAULT 1, more jsonb DEFAULT '{}') RETURNS text
LANGUAGE sql AS $$
	SELECT test.outcome('TransactWriteItems', jsonb_build_object('ClientRequestToken', token,
		'TransactItems', jsonb_build_array(jsonb_build_object('Update', jsonb_build_object('TableName', 'Tab',
			'Key', '{"pk": {"S": "a"}}'::jsonb, 'UpdateExpression', 'ADD n :n',
			'ExpressionAttributeValues', jsonb_build_object(':n', jsonb_build_object('N', amount::text)))))) || more)
$$;
CREATE FUNCTION pg_temp.n() RETURNS text LANGUAGE sql AS $$ SELECT item #>> '{n,N}' FROM dynamo_data."Tab" WHERE pk = 'a' $$;

SELECT pg_temp.add('once'), pg_temp.add('once'), pg_temp.add('once', 1, '{"ReturnConsumedCapacity": "TOTAL"}'), pg_temp.n();
SELECT pg_temp.add('once', 2), pg_temp.n();
SELECT pg_temp.add('twice'), pg_temp.n();

-- After a rollback the request was not done, and the token is free again.
BEGIN;
SELECT pg_temp.add('rolled back'), pg_temp.n();
ROLLBACK;
SELECT pg_temp.add('rolled back', 3), pg_temp.n();
BEGIN;
SELECT pg_temp.add('savepoint'), pg_temp.n();
SAVEPOINT s;
SELECT pg_temp.add('savepoint 2'), pg_temp.n();
ROLLBACK TO s;
SELECT pg_temp.add('savepoint'), pg_temp.add('savepoint 2', 4), pg_temp.n();
COMMIT;

-- A request that is cancelled or refused does not use up its token.
SELECT test.outcome('TransactWriteItems', '{"ClientRequestToken": "cancelled", "TransactItems": [{"Update": {"TableName": "Tab", "Key": {"pk": {"S": "a"}},
	"UpdateExpression": "SET n = :n", "ConditionExpression": "attribute_not_exists(n)", "ExpressionAttributeValues": {":n": {"N": "7"}}}}]}');
SELECT test.outcome('TransactWriteItems', '{"ClientRequestToken": "cancelled", "TransactItems": [{"Delete": {"TableName": "Nowhere", "Key": {"pk": {"S": "a"}}}}]}');
SELECT pg_temp.add('cancelled'), pg_temp.n();

-- Ten minutes later.
SELECT count(*) FROM dynamo_catalog.request_tokens WHERE token = 'once';
UPDATE dynamo_catalog.request_tokens SET completed_at = completed_at - interval '9 minutes 50 seconds' WHERE token = 'once';
SELECT pg_temp.add('once'), pg_temp.n();
UPDATE dynamo_catalog.request_tokens SET completed_at = completed_at - interval '10 seconds' WHERE token = 'once';
SELECT pg_temp.add('once', 5), pg_temp.n();
SELECT pg_temp.add('once', 5), pg_temp.n();

-- A role that may execute the operation needs no privilege on the catalog, and gets
-- none.
CREATE ROLE regress_dynamo_user;
GRANT USAGE ON SCHEMA dynamo, test TO regress_dynamo_user;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dynamo TO regress_dynamo_user;
GRANT USAGE ON SCHEMA dynamo_data TO regress_dynamo_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON dynamo_data."Tab" TO regress_dynamo_user;
SET ROLE regress_dynamo_user;
SELECT test.outcome('TransactWriteItems', '{"ClientRequestToken": "other", "TransactItems": [{"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "z"}}}}]}');
SELECT test.outcome('TransactWriteItems', '{"ClientRequestToken": "other", "TransactItems": [{"Delete": {"TableName": "Tab", "Key": {"pk": {"S": "z"}}}}]}');
SELECT count(*) FROM dynamo_catalog.request_tokens;
RESET ROLE;
DROP OWNED BY regress_dynamo_user;
DROP ROLE regress_dynamo_user;

-- A token is found by the index, however many tokens there are and whatever the
-- statistics say.
ANALYZE dynamo_catalog.request_tokens;
SELECT pg_temp.add('few');
INSERT INTO dynamo_catalog.request_tokens SELECT 'many ' || i, 'TransactWriteItems', now(), '', '{}' FROM generate_series(1, 5000) AS i;
BEGIN;
SELECT pg_stat_get_xact_tuples_returned('dynamo_catalog.request_tokens'::regclass) AS before \gset
SELECT pg_temp.add('few'), pg_temp.add('found');
SELECT pg_stat_get_xact_tuples_returned('dynamo_catalog.request_tokens'::regclass) - :before AS read_in_sequence;
COMMIT;
DELETE FROM dynamo_catalog.request_tokens;

SELECT test.drop_table('Tab');
