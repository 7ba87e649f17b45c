-- What a team adds to its tables also applies to transactions.  A violated
-- constraint or a trigger becomes a cancellation reason; row level security and
-- missing privileges are errors.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Customers', 'S');
SELECT test.make_table('Orders', 'S');
SELECT test.put('Customers', '{"pk": {"S": "alice"}}');
CREATE FUNCTION pg_temp.write(items text, more jsonb DEFAULT '{}') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
BEGIN
	RETURN dynamo.transact_write_items(jsonb_build_object('TransactItems', items::jsonb) || more);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN SQLSTATE || ' ' || message || e'\n' || detail;
END
$$;
CREATE VIEW pg_temp.orders AS SELECT string_agg(pk, ' ' ORDER BY pk) FROM dynamo_data."Orders";

-- CHECK constraints.
ALTER TABLE dynamo_data."Orders" ADD CONSTRAINT "Amount is positive" CHECK ((item #>> '{amount,N}')::numeric > 0);
SELECT pg_temp.write('[{"Put": {"TableName": "Orders", "Item": {"pk": {"S": "1"}, "amount": {"N": "5"}}}},
	{"Put": {"TableName": "Orders", "Item": {"pk": {"S": "2"}, "amount": {"N": "-5"}}}},
	{"Put": {"TableName": "Orders", "Item": {"pk": {"S": "3"}, "amount": {"N": "-5"}}}}]');
SELECT pg_temp.write('[{"Put": {"TableName": "Orders", "Item": {"pk": {"S": "1"}, "amount": {"N": "5"}}}}]');
SELECT pg_temp.write('[{"Delete": {"TableName": "Orders", "Key": {"pk": {"S": "9"}}}},
	{"Update": {"TableName": "Orders", "Key": {"pk": {"S": "1"}}, "UpdateExpression": "SET amount = :n", "ExpressionAttributeValues": {":n": {"N": "0"}}}}]');
SELECT * FROM pg_temp.orders;

-- Unique indexes that a team has added.
CREATE UNIQUE INDEX number ON dynamo_data."Orders" ((item #>> '{number,N}'));
SELECT pg_temp.write('[{"Put": {"TableName": "Orders", "Item": {"pk": {"S": "4"}, "number": {"N": "1"}}}}, {"Put": {"TableName": "Orders", "Item": {"pk": {"S": "5"}, "number": {"N": "1"}}}}]');
SELECT * FROM pg_temp.orders;

-- Foreign keys: actions are carried out in the order of the request.
ALTER TABLE dynamo_data."Orders" ADD COLUMN customer text GENERATED ALWAYS AS (item #>> '{customer,S}') STORED,
	ADD CONSTRAINT customer FOREIGN KEY (customer) REFERENCES dynamo_data."Customers" (pk);
SELECT pg_temp.write('[{"Put": {"TableName": "Orders", "Item": {"pk": {"S": "6"}, "customer": {"S": "bob"}}}}, {"Put": {"TableName": "Customers", "Item": {"pk": {"S": "bob"}}}}]');
SELECT pg_temp.write('[{"Put": {"TableName": "Customers", "Item": {"pk": {"S": "bob"}}}}, {"Put": {"TableName": "Orders", "Item": {"pk": {"S": "6"}, "customer": {"S": "bob"}}}}]');
SELECT pg_temp.write('[{"Delete": {"TableName": "Customers", "Key": {"pk": {"S": "bob"}}}}, {"Delete": {"TableName": "Orders", "Key": {"pk": {"S": "6"}}}}]');
SELECT pg_temp.write('[{"Delete": {"TableName": "Orders", "Key": {"pk": {"S": "6"}}}}, {"Delete": {"TableName": "Customers", "Key": {"pk": {"S": "bob"}}}}]');
-- A deferred constraint is checked at the end.
ALTER TABLE dynamo_data."Orders" ALTER CONSTRAINT customer DEFERRABLE INITIALLY DEFERRED;
SELECT pg_temp.write('[{"Put": {"TableName": "Orders", "Item": {"pk": {"S": "6"}, "customer": {"S": "bob"}}}}, {"Put": {"TableName": "Customers", "Item": {"pk": {"S": "bob"}}}}]');
SELECT * FROM pg_temp.orders;

-- Triggers: one raises an error, one changes the row, one suppresses the write.
CREATE FUNCTION pg_temp.watch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF new.item ? 'refused' THEN
		RAISE 'not this one';
	ELSIF new.item ? 'ignored' THEN
		RETURN NULL;
	END IF;
	new.item := new.item || '{"stamped": {"BOOL": true}}';
	RETURN new;
END
$$;
CREATE TRIGGER watch BEFORE INSERT OR UPDATE ON dynamo_data."Customers" FOR EACH ROW EXECUTE FUNCTION pg_temp.watch();
SELECT pg_temp.write('[{"Put": {"TableName": "Customers", "Item": {"pk": {"S": "carol"}}}}, {"Put": {"TableName": "Customers", "Item": {"pk": {"S": "dave"}, "refused": {"BOOL": true}}}}]');
SELECT pg_temp.write('[{"Put": {"TableName": "Customers", "Item": {"pk": {"S": "carol"}}}}, {"Put": {"TableName": "Customers", "Item": {"pk": {"S": "dave"}, "ignored": {"BOOL": true}}}}]');
SELECT item FROM dynamo_data."Customers" ORDER BY pk;
DROP TRIGGER watch ON dynamo_data."Customers";

-- Row level security and privileges.
CREATE ROLE regress_dynamo_user;
GRANT USAGE ON SCHEMA dynamo, dynamo_data TO regress_dynamo_user;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA dynamo TO regress_dynamo_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON dynamo_data."Customers" TO regress_dynamo_user;
ALTER TABLE dynamo_data."Customers" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON dynamo_data."Customers" TO regress_dynamo_user USING (pk LIKE 'a%');
CREATE VIEW pg_temp.tries AS SELECT pg_temp.write(items) FROM (VALUES
	('[{"Update": {"TableName": "Customers", "Key": {"pk": {"S": "alice"}}, "UpdateExpression": "SET seen = :t", "ExpressionAttributeValues": {":t": {"BOOL": true}}}},
		{"ConditionCheck": {"TableName": "Customers", "Key": {"pk": {"S": "bob"}}, "ConditionExpression": "attribute_not_exists(pk)"}}]'),
	('[{"Put": {"TableName": "Customers", "Item": {"pk": {"S": "anne"}}}}, {"Put": {"TableName": "Customers", "Item": {"pk": {"S": "bob"}}}}]'),
	('[{"Put": {"TableName": "Customers", "Item": {"pk": {"S": "anne"}}}}, {"Put": {"TableName": "Customers", "Item": {"pk": {"S": "new"}}}}]'),
	('[{"Put": {"TableName": "Customers", "Item": {"pk": {"S": "anne"}}}}, {"Delete": {"TableName": "Orders", "Key": {"pk": {"S": "1"}}}}]')) AS v(items);
GRANT SELECT ON pg_temp.tries TO regress_dynamo_user;
SET ROLE regress_dynamo_user;
SELECT * FROM pg_temp.tries;
RESET ROLE;
SELECT item FROM dynamo_data."Customers" ORDER BY pk;

DROP VIEW pg_temp.tries, pg_temp.orders;
DROP OWNED BY regress_dynamo_user;
DROP ROLE regress_dynamo_user;
SELECT test.drop_table('Orders'), test.drop_table('Customers');
