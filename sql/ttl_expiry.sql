-- dynamo.expiry() returns the second that contains a number.  It raises no error,
-- whatever the row holds.
\pset format unaligned
\pset tuples_only on

SELECT number, dynamo.expiry(jsonb_build_object('t', jsonb_build_object('N', number)), 't')
FROM unnest('{0,1,-1,1700000000,1700000000.5,0.5,-0.5,-1700000000.5,1699999999.99999999999999999999,
	9223372036854775807,9223372036854775807.5,9223372036854775808,-9223372036854775808,-9223372036854775808.5,-9223372036854775809,
	99999999999999999999999999999999999999,10000000000000000000000000000000000000000000000000}'::text[]) AS number;

-- A number that is not in canonical form gives null.
SELECT text, dynamo.expiry(jsonb_build_object('t', jsonb_build_object('N', text)), 't') IS NULL
FROM unnest('{"",-,.,-0,1.,.5,01,1.0,1e3,+1," 1","1 ",x,NaN,Infinity,-Infinity,0x10}'::text[]) AS text;

-- Any other value gives null too.
SELECT item, dynamo.expiry(item::jsonb, 't') IS NULL
FROM unnest(ARRAY['{}', '[]', '"t"', '1', 'null', '["t"]', '[{"t": {"N": "1"}}]', '{"t": 1}', '{"t": "1"}', '{"t": null}', '{"t": []}', '{"t": ["N", "1"]}',
	'{"t": {}}', '{"t": {"S": "1"}}', '{"t": {"N": 1}}', '{"t": {"N": null}}', '{"t": {"N": ["1"]}}', '{"t": {"N": {"N": "1"}}}', '{"t": {"n": "1"}}',
	'{"t": {"N": "1", "S": "1"}}', '{"t": {"NS": ["1"]}}', '{"t": {"M": {"t": {"N": "1"}}}}', '{"T": {"N": "1"}}', '{"m": {"M": {"t": {"N": "1"}}}}']) AS item;
SELECT dynamo.expiry('{"t": {"N": "1"}, "": {"N": "2"}, "é": {"N": "3"}}', attribute) FROM unnest('{t,"",é,e,tt}'::text[]) AS attribute;
SELECT dynamo.expiry(NULL, 't'), dynamo.expiry('{}', NULL);
