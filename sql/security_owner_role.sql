-- A table belongs to the role that made it: others may not change, delete or
-- describe it, though they may execute the operations.
\pset format unaligned
\pset tuples_only on

CREATE ROLE regress_dynamo_owner;
CREATE ROLE regress_dynamo_team;
CREATE ROLE regress_dynamo_other;
CREATE ROLE regress_dynamo_reader;
CREATE ROLE regress_dynamo_administrator IN ROLE dynamo_admin;
GRANT regress_dynamo_owner TO regress_dynamo_team;
GRANT USAGE ON SCHEMA test TO PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dynamo
TO regress_dynamo_owner, regress_dynamo_other, regress_dynamo_reader, regress_dynamo_administrator;
REVOKE EXECUTE ON FUNCTION dynamo.take_ownership()
FROM regress_dynamo_owner, regress_dynamo_other, regress_dynamo_reader, regress_dynamo_administrator;

SET ROLE regress_dynamo_owner;
SELECT test.make_table('Owned', 'S');
RESET ROLE;
GRANT SELECT ON dynamo_data."Owned" TO regress_dynamo_reader;
SELECT table_name, owner_role FROM dynamo.tables;

CREATE FUNCTION test.outcomes(role regrole) RETURNS TABLE (operation text, outcome text)
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('SET LOCAL ROLE %s', role);
	RETURN QUERY SELECT v.operation, left(test.outcome(v.operation, v.request::jsonb), 250)
	FROM (VALUES
		('UpdateTable', '{"TableName": "Owned", "DeletionProtectionEnabled": false}'),
		('UpdateTimeToLive', '{"TableName": "Owned", "TimeToLiveSpecification": {"Enabled": false, "AttributeName": "a"}}'),
		('TagResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Owned", "Tags": [{"Key": "a", "Value": "b"}]}'),
		('UntagResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Owned", "TagKeys": ["a"]}'),
		('DescribeTimeToLive', '{"TableName": "Owned"}'),
		('ListTagsOfResource', '{"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/Owned"}'))
		AS v(operation, request);
	RETURN QUERY SELECT 'DescribeTable', left(test.outcome('DescribeTable', '{"TableName": "Owned"}'), 20);
	RETURN QUERY SELECT 'dynamo.tables', string_agg(table_name, ',') FROM dynamo.tables;
	RESET ROLE;
END
$$;
SELECT * FROM test.outcomes('regress_dynamo_other');
SELECT * FROM test.outcomes('regress_dynamo_reader') WHERE outcome NOT LIKE '%not authorized%';
SELECT role, operation FROM unnest('{regress_dynamo_owner,regress_dynamo_team,regress_dynamo_administrator,dynamo_service}'::regrole[]) AS role,
	test.outcomes(role) WHERE outcome LIKE '%not authorized%';

-- Deleting, by an outsider and by a role that was dropped and made again.
SET ROLE regress_dynamo_other;
SELECT test.outcome('DeleteTable', '{"TableName": "Owned"}');
RESET ROLE;
DROP OWNED BY regress_dynamo_owner;
DROP ROLE regress_dynamo_owner;
CREATE ROLE regress_dynamo_owner;
GRANT EXECUTE ON FUNCTION dynamo.execute(text, jsonb), dynamo.delete_table(jsonb) TO regress_dynamo_owner;
SET ROLE regress_dynamo_owner;
SELECT test.outcome('DeleteTable', '{"TableName": "Owned"}');
RESET ROLE;
SET ROLE regress_dynamo_administrator;
SELECT test.drop_table('Owned');
RESET ROLE;

-- Only a superuser can give tables to dynamo_owner.
SET ROLE dynamo_service;
SELECT dynamo.take_ownership();
RESET ROLE;
SELECT test.make_table('Restored', 'S');
ALTER TABLE dynamo_data."Restored" OWNER TO CURRENT_USER;
SELECT dynamo.take_ownership(), dynamo.take_ownership();
SELECT test.drop_table('Restored');

DROP FUNCTION test.outcomes;
REVOKE USAGE ON SCHEMA test FROM PUBLIC;
DROP OWNED BY regress_dynamo_owner, regress_dynamo_team, regress_dynamo_other, regress_dynamo_reader, regress_dynamo_administrator;
DROP ROLE regress_dynamo_owner, regress_dynamo_team, regress_dynamo_other, regress_dynamo_reader, regress_dynamo_administrator;
