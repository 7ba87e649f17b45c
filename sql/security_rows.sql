-- Row level security, CHECK constraints, foreign keys and triggers that a team
-- puts on a table hold for the operations.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S', 'N');
SELECT count(test.put('Tab', jsonb_build_object('pk', jsonb_build_object('S', p), 'sk', jsonb_build_object('N', i::text))))
FROM unnest('{alice,bob}'::text[]) AS p, generate_series(1, 3) AS i;
CREATE ROLE regress_dynamo_user;
GRANT USAGE ON SCHEMA test, dynamo_data TO regress_dynamo_user;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dynamo TO regress_dynamo_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON dynamo_data."Tab" TO regress_dynamo_user;

ALTER TABLE dynamo_data."Tab" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON dynamo_data."Tab" TO regress_dynamo_user
	USING (pk = 'alice') WITH CHECK (pk = 'alice' AND sk < 100);
CREATE FUNCTION pg_temp.try(operation text, request text) RETURNS text
LANGUAGE sql AS $$ SELECT test.outcome(operation, '{"TableName": "Tab"}'::jsonb || request::jsonb) $$;
CREATE VIEW pg_temp.tries AS SELECT operation, pg_temp.try(operation, request) FROM (VALUES
	('GetItem', '{"Key": {"pk": {"S": "alice"}, "sk": {"N": "1"}}}'),
	('GetItem', '{"Key": {"pk": {"S": "bob"}, "sk": {"N": "1"}}}'),
	('Query', '{"KeyConditionExpression": "pk = :p", "Select": "COUNT", "ExpressionAttributeValues": {":p": {"S": "alice"}}}'),
	('Query', '{"KeyConditionExpression": "pk = :p", "Select": "COUNT", "ExpressionAttributeValues": {":p": {"S": "bob"}}}'),
	('Scan', '{"Select": "COUNT"}'),
	('Scan', '{"Select": "COUNT", "Segment": 0, "TotalSegments": 2}'),
	('Scan', '{"Select": "COUNT", "Segment": 1, "TotalSegments": 2}'),
	('PutItem', '{"Item": {"pk": {"S": "alice"}, "sk": {"N": "4"}}}'),
	('PutItem', '{"Item": {"pk": {"S": "alice"}, "sk": {"N": "100"}}}'),
	('PutItem', '{"Item": {"pk": {"S": "bob"}, "sk": {"N": "1"}, "v": {"S": "mine now"}}}'),
	('PutItem', '{"Item": {"pk": {"S": "bob"}, "sk": {"N": "1"}}, "ConditionExpression": "attribute_not_exists(pk)"}'),
	('DeleteItem', '{"Key": {"pk": {"S": "bob"}, "sk": {"N": "1"}}, "ReturnValues": "ALL_OLD"}'),
	('DeleteItem', '{"Key": {"pk": {"S": "alice"}, "sk": {"N": "4"}}, "ReturnValues": "ALL_OLD"}')) AS v(operation, request);
GRANT SELECT ON pg_temp.tries TO regress_dynamo_user;
-- The session has plans of all these already when the role changes.
SELECT count(*) FROM pg_temp.tries;
SELECT test.put('Tab', '{"pk": {"S": "bob"}, "sk": {"N": "1"}}');
SET ROLE regress_dynamo_user;
SELECT * FROM pg_temp.tries;
RESET ROLE;
SELECT pg_temp.try('Scan', '{"Select": "COUNT"}');
-- row_security = off does not show hidden rows: it is an error.
SET row_security = off;
SET ROLE regress_dynamo_user;
SELECT pg_temp.try('GetItem', '{"Key": {"pk": {"S": "bob"}, "sk": {"N": "1"}}}');
RESET ROLE;
RESET row_security;
DROP VIEW pg_temp.tries;
ALTER TABLE dynamo_data."Tab" DISABLE ROW LEVEL SECURITY;

-- Constraints: a refused write is a mistake of the client.
ALTER TABLE dynamo_data."Tab" ADD CONSTRAINT positive CHECK (sk > 0);
CREATE TABLE people (name text PRIMARY KEY);
INSERT INTO people VALUES ('alice'), ('bob');
ALTER TABLE dynamo_data."Tab" ADD CONSTRAINT known FOREIGN KEY (pk) REFERENCES people;
SELECT pg_temp.try('PutItem', '{"Item": {"pk": {"S": "alice"}, "sk": {"N": "-1"}}}');
SELECT pg_temp.try('PutItem', '{"Item": {"pk": {"S": "carol"}, "sk": {"N": "1"}}}');
SELECT pg_temp.try('PutItem', '{"Item": {"pk": {"S": "bob"}, "sk": {"N": "9"}}}');

-- Triggers: see writes, change them, refuse them.
CREATE TABLE log (entry text);
CREATE FUNCTION pg_temp.watch() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO log VALUES (concat_ws(' ', tg_op, old.pk, old.sk, new.pk, new.sk));
	IF new.item #>> '{v,S}' = 'refused' THEN
		RAISE 'not this one';
	ELSIF new.item #>> '{v,S}' = 'ignored' THEN
		RETURN NULL;
	ELSIF new.item ? 'v' THEN
		new.item := new.item || '{"stamped": {"BOOL": true}}';
	END IF;
	RETURN coalesce(new, old);
END
$$;
CREATE TRIGGER watch BEFORE INSERT OR UPDATE OR DELETE ON dynamo_data."Tab" FOR EACH ROW EXECUTE FUNCTION pg_temp.watch();
SELECT pg_temp.try('PutItem', '{"Item": {"pk": {"S": "alice"}, "sk": {"N": "50"}, "v": {"S": "x"}}}');
SELECT pg_temp.try('UpdateItem', '{"Key": {"pk": {"S": "alice"}, "sk": {"N": "1"}}, "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": {"S": "y"}}}');
SELECT pg_temp.try('UpdateItem', '{"Key": {"pk": {"S": "alice"}, "sk": {"N": "1"}}, "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": {"S": "refused"}}}');
SELECT pg_temp.try('DeleteItem', '{"Key": {"pk": {"S": "bob"}, "sk": {"N": "9"}}}');
-- As in PostgreSQL, a write that a trigger suppresses raises no error.
SELECT pg_temp.try('PutItem', '{"Item": {"pk": {"S": "bob"}, "sk": {"N": "10"}, "v": {"S": "ignored"}}}');
SELECT pg_temp.try('PutItem', '{"Item": {"pk": {"S": "bob"}, "sk": {"N": "10"}, "v": {"S": "ignored"}}, "ConditionExpression": "attribute_not_exists(pk)"}');
SELECT pg_temp.try('UpdateItem', '{"Key": {"pk": {"S": "bob"}, "sk": {"N": "10"}}, "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {":v": {"S": "ignored"}}}');
SELECT pg_temp.try('GetItem', '{"Key": {"pk": {"S": "bob"}, "sk": {"N": "10"}}}');
SELECT item FROM dynamo_data."Tab" WHERE item ? 'stamped' ORDER BY sk;
SELECT DISTINCT * FROM log ORDER BY entry;

DROP TABLE log;
SELECT test.drop_table('Tab');
DROP TABLE people;
DROP OWNED BY regress_dynamo_user;
DROP ROLE regress_dynamo_user;
