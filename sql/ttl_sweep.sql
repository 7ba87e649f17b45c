-- Which items expire, and what becomes of them.
\pset format unaligned
\pset tuples_only on

CREATE FUNCTION pg_temp.ttl(enabled boolean, table_name text DEFAULT 'Tab') RETURNS text
RETURN test.outcome('UpdateTimeToLive', jsonb_build_object('TableName', table_name,
	'TimeToLiveSpecification', jsonb_build_object('Enabled', enabled, 'AttributeName', 'expires')));
CREATE FUNCTION pg_temp.seconds(shift interval) RETURNS bigint
RETURN floor(extract(epoch FROM clock_timestamp() + shift));
CREATE FUNCTION pg_temp.put(name text, expires jsonb, table_name text DEFAULT 'Tab') RETURNS void
BEGIN ATOMIC
	SELECT test.put(table_name, jsonb_build_object('pk', jsonb_build_object('S', name), 'sk', '{"B": "AAE="}'::jsonb)
		|| CASE WHEN expires IS NULL THEN '{}' ELSE jsonb_build_object('expires', expires) END);
END;
CREATE FUNCTION pg_temp.number(value numeric) RETURNS jsonb
RETURN jsonb_build_object('N', value::text);

SELECT test.make_table('Tab', 'S', 'B');
SELECT pg_temp.put('a second ago', pg_temp.number(pg_temp.seconds('-1s'))),
	pg_temp.put('a fraction ago', pg_temp.number(pg_temp.seconds('-2s') + 0.25)),
	pg_temp.put('almost five years ago', pg_temp.number(pg_temp.seconds('-1824 days'))),
	pg_temp.put('more than five years ago', pg_temp.number(pg_temp.seconds('-1826 days'))),
	pg_temp.put('in a minute', pg_temp.number(pg_temp.seconds('1min'))),
	pg_temp.put('in milliseconds', pg_temp.number(pg_temp.seconds('-1s') * 1000)),
	pg_temp.put('beyond all time', '{"N": "99999999999999999999"}'),
	pg_temp.put('zero', '{"N": "0"}'),
	pg_temp.put('negative', '{"N": "-1"}'),
	pg_temp.put('string', jsonb_build_object('S', pg_temp.seconds('-1s')::text)),
	pg_temp.put('set', jsonb_build_object('NS', jsonb_build_array(pg_temp.seconds('-1s')::text))),
	pg_temp.put('map', jsonb_build_object('M', jsonb_build_object('expires', pg_temp.number(pg_temp.seconds('-1s'))))),
	pg_temp.put('never', NULL);
SELECT dynamo.ttl_sweep();
SELECT pg_temp.ttl(true);
SELECT dynamo.ttl_sweep();
SELECT jsonb_path_query(dynamo.scan('{"TableName": "Tab"}'), '$.Items[*].pk.S');
SELECT dynamo.ttl_sweep();

-- An item is deleted only if it is expired when the sweep reaches it.
BEGIN;
SELECT pg_temp.put('moved', pg_temp.number(pg_temp.seconds('-1s')));
SELECT dynamo.update_item('{"TableName": "Tab", "Key": {"pk": {"S": "moved"}, "sk": {"B": "AAE="}}, "UpdateExpression": "REMOVE expires"}');
SELECT dynamo.ttl_sweep('Tab');
ROLLBACK;

-- More items than are locked one by one.
SELECT count(pg_temp.put('item ' || i, pg_temp.number(pg_temp.seconds('-1s') - i % 7))) FROM generate_series(1, 2500) AS i;
BEGIN;
SELECT dynamo.ttl_sweep();
SELECT count(*) FROM dynamo_data."Tab";
ROLLBACK;
SELECT dynamo.ttl_sweep();
SELECT count(*) FROM dynamo_data."Tab";

-- A row whose item has another key than its key columns is not deleted, and does
-- not stop the sweep.  Neither does a row whose deletion a trigger suppresses.
INSERT INTO dynamo_data."Tab" SELECT 'malformed ' || i, '', jsonb_build_object('pk', '{"S": "x"}'::jsonb, 'expires', pg_temp.number(pg_temp.seconds('-1d'))) FROM generate_series(1, 10) AS i;
CREATE FUNCTION pg_temp.keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN CASE WHEN old.pk <> 'kept' THEN old END; END $$;
CREATE TRIGGER keep BEFORE DELETE ON dynamo_data."Tab" FOR EACH ROW EXECUTE FUNCTION pg_temp.keep();
SELECT pg_temp.put('kept', pg_temp.number(pg_temp.seconds('-1h'))), pg_temp.put('not kept', pg_temp.number(pg_temp.seconds('-1s')));
SELECT dynamo.ttl_sweep();
SELECT count(*) FILTER (WHERE pk LIKE 'malformed%'), count(*) FILTER (WHERE pk = 'kept'), count(*) FILTER (WHERE pk = 'not kept') FROM dynamo_data."Tab";
DROP TRIGGER keep ON dynamo_data."Tab";
DELETE FROM dynamo_data."Tab" WHERE pk LIKE 'malformed%' OR pk = 'kept';

-- The sweep reads the index, which has the items with a number in the attribute.
SELECT count(pg_temp.put('item ' || i, pg_temp.number(pg_temp.seconds('1h') - 7200 * (i / 998)))) FROM generate_series(1, 1000) AS i;
BEGIN;
CREATE VIEW pg_temp.read AS
SELECT pg_stat_get_xact_tuples_returned('dynamo_data."Tab"'::regclass) AS heap, pg_stat_get_xact_tuples_returned('dynamo_data."Tab:ttl"'::regclass) AS index;
SELECT * FROM pg_temp.read \gset before_
SELECT dynamo.ttl_sweep();
SELECT heap - :before_heap, index - :before_index < 100 FROM pg_temp.read;
ROLLBACK;

-- One table, all tables, and a table that is not swept.
SELECT test.make_table('Other', 'S', 'B');
SELECT pg_temp.put('old', pg_temp.number(pg_temp.seconds('-1s')), 'Other');
SELECT dynamo.ttl_sweep('Other'), dynamo.ttl_sweep('Tab');
SELECT pg_temp.ttl(true, 'Other');
SELECT dynamo.ttl_sweep('Tab'), dynamo.ttl_sweep();
SELECT dynamo.ttl_sweep('Nowhere');

-- Without the index nothing is swept.  Changing time to live creates it again.
DROP INDEX dynamo_data."Other:ttl";
SELECT pg_temp.put('old', pg_temp.number(pg_temp.seconds('-1s')), 'Other');
SELECT dynamo.ttl_sweep();
SELECT pg_temp.ttl(false, 'Other'), pg_temp.ttl(true, 'Other');
SELECT dynamo.ttl_sweep();

-- A transition that a server has left unfinished is ended where there is no server.
UPDATE dynamo_catalog.tables SET ttl_status = 'ENABLING' WHERE table_name = 'Other';
DROP INDEX dynamo_data."Other:ttl";
SELECT pg_temp.put('old', pg_temp.number(pg_temp.seconds('-1s')), 'Other');
SELECT dynamo.ttl_sweep();
SELECT ttl_status FROM dynamo.tables WHERE table_name = 'Other';
UPDATE dynamo_catalog.tables SET ttl_status = 'DISABLING' WHERE table_name = 'Other';
SELECT dynamo.ttl_sweep();
SELECT ttl_status, to_regclass('dynamo_data."Other:ttl"') FROM dynamo.tables WHERE table_name = 'Other';
SELECT pg_temp.ttl(true, 'Other');

-- PUBLIC may not execute dynamo.ttl_sweep, and the caller needs privileges on the
-- table.
CREATE ROLE regress_dynamo_ttl;
SET ROLE regress_dynamo_ttl;
SELECT dynamo.ttl_sweep();
RESET ROLE;
GRANT EXECUTE ON FUNCTION dynamo.ttl_sweep TO regress_dynamo_ttl;
SELECT pg_temp.put('old', pg_temp.number(pg_temp.seconds('-1s')), 'Other');
SET ROLE regress_dynamo_ttl;
SELECT dynamo.ttl_sweep('Other');
RESET ROLE;
GRANT USAGE ON SCHEMA dynamo_data TO regress_dynamo_ttl;
GRANT SELECT, UPDATE, DELETE ON dynamo_data."Other" TO regress_dynamo_ttl;
SET ROLE regress_dynamo_ttl;
SELECT dynamo.ttl_sweep('Other');
RESET ROLE;
BEGIN READ ONLY;
SELECT dynamo.ttl_sweep();
ROLLBACK;

DROP OWNED BY regress_dynamo_ttl;
DROP ROLE regress_dynamo_ttl;
SELECT test.drop_table('Tab'), test.drop_table('Other');
