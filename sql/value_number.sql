-- Numbers: canonical form and limits, as attributes, as keys, and in sums.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'N', 'N');
CREATE FUNCTION pg_temp.stored(number text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	outcome text := test.outcome('PutItem', jsonb_build_object('TableName', 'Tab', 'ReturnValues', 'NONE', 'Item',
		jsonb_build_object('pk', '{"N": "0"}'::jsonb, 'sk', jsonb_build_object('N', number), 'v', jsonb_build_object('N', number))));
BEGIN
	-- the key column and both attributes say the same
	RETURN CASE WHEN outcome = '{}' THEN
		(SELECT CASE WHEN item #>> '{sk,N}' = item #>> '{v,N}' AND sk = (item #>> '{v,N}')::numeric THEN item #>> '{v,N}' END
		FROM dynamo_data."Tab" WHERE sk = number::numeric) ELSE outcome END;
END
$$;
SELECT CASE WHEN length(number) > 60 THEN left(number, 20) || '... ' || length(number) ELSE number END,
	regexp_replace(pg_temp.stored(number), '0{80,}', '(zeros)')
FROM unnest(ARRAY['00042', '+42', '42.0', '4.2e1', '420E-1', '-0', '0.000', '0E9', '0e-130', '0e-500', '0.0e126', '0e126', '1.5E2', '.5', '0.50', '5.', '+.5', '1e+2',
	'1E125', '1e-130', '-1e-3', '-1E125', repeat('9', 38), '-' || repeat('9', 38), '0.' || repeat('9', 38),
	'9.9999999999999999999999999999999999999E+125', '1' || repeat('0', 40), '0.' || repeat('0', 129) || '1',
	repeat('0', 500) || '1.' || repeat('0', 500), '1' || repeat('0', 37) || '1', repeat('9', 39),
	'1E126', '-1E126', '10E125', '1' || repeat('0', 126), '1E99999999999999999999', '1E-131', '-1E-131', '0.1E-130', '1e-99999999999999999999',
	'', 'abc', '1e', '1_000', ' 1', '1 ', '0x10', 'NaN', 'Infinity', '-inf', '1,5', '--1', '.', '1.2.3', '１']) AS number;
SELECT count(*) FROM dynamo_data."Tab";

-- Equal numbers are equal keys, set members and operands.
SELECT test.outcome('PutItem', jsonb_build_object('TableName', 'Tab', 'Item',
	jsonb_build_object('pk', jsonb_build_object('N', number), 'sk', '{"N": "100"}'::jsonb, 'v', '{"S": "equal"}'::jsonb)))
FROM unnest('{7,7.0,70e-1,0.7E1}'::text[]) AS number;
SELECT dynamo.query(jsonb_build_object('TableName', 'Tab', 'KeyConditionExpression', 'pk = :p AND sk = :s',
	'ExpressionAttributeValues', '{":p": {"N": "+7.00"}, ":s": {"N": "1E2"}}'::jsonb));
SELECT dynamo.scan('{"TableName": "Tab", "FilterExpression": "pk IN (:a) AND contains(:s, :a)", "Select": "COUNT",
	"ExpressionAttributeValues": {":a": {"N": "7.000"}, ":s": {"NS": ["7", "8.0"]}}}') -> 'Count';

-- Sums are exact.
CREATE FUNCTION pg_temp.sum(a text, operator text, b text) RETURNS text
LANGUAGE sql AS $$
	SELECT coalesce(substring(outcome from '"N": "([^"]*)'), outcome)
	FROM test.outcome('UpdateItem', jsonb_build_object('TableName', 'Tab', 'Key', '{"pk": {"N": "1"}, "sk": {"N": "1"}}'::jsonb,
		'UpdateExpression', 'SET v = :a ' || operator || ' :b', 'ReturnValues', 'UPDATED_NEW', 'ExpressionAttributeValues',
		jsonb_build_object(':a', jsonb_build_object('N', a), ':b', jsonb_build_object('N', b)))) AS outcome
$$;
SELECT a, operator, b, regexp_replace(pg_temp.sum(a, operator, b), '0{80,}', '(zeros)')
FROM (VALUES ('0.1', '+', '0.2'), ('1', '-', '1.0'), ('-5', '+', '3'), ('99999999999999999999999999999999999999', '+', '1'),
	('99999999999999999999999999999999999999', '-', '0.1'), ('1E100', '+', '1'), ('5E125', '+', '5E125'), ('-5E125', '-', '5E125'),
	('1E125', '-', '1E125'), ('1E-130', '+', '1E-130'), ('1.5E-130', '-', '1E-130'), ('1E-100', '-', '1.1E-100')) AS v(a, operator, b);

SELECT test.drop_table('Tab');
