-- Functions of items and keys.

-- The token of a partition key; an index is built on it, so it never changes.
-- Neither this nor the next raises an error that tells of a value, so that they
-- are leakproof: with row level security a range of an index would be looked for
-- by reading all of it otherwise.
CREATE FUNCTION dynamo.token(text) RETURNS integer
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_token_text';

CREATE FUNCTION dynamo.token(numeric) RETURNS integer
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_token_numeric';

CREATE FUNCTION dynamo.token(bytea) RETURNS integer
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_token_bytea';

COMMENT ON FUNCTION dynamo.token(text) IS 'position of a partition key among the segments of a parallel scan';
COMMENT ON FUNCTION dynamo.token(numeric) IS 'position of a partition key among the segments of a parallel scan';
COMMENT ON FUNCTION dynamo.token(bytea) IS 'position of a partition key among the segments of a parallel scan';

-- The key of an item in a secondary index, likewise.
CREATE FUNCTION dynamo.index_key(item jsonb, spec text) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10
AS 'MODULE_PATHNAME', 'dynamo_index_key';
COMMENT ON FUNCTION dynamo.index_key(jsonb, text) IS 'key of an item in a secondary index; null when the item does not belong there, or the description is none';

-- When an item expires; indexes are built on it, so it never changes.
CREATE FUNCTION dynamo.expiry(item jsonb, attribute text) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_expiry';
COMMENT ON FUNCTION dynamo.expiry(jsonb, text) IS 'a number attribute as whole seconds since 1970, the time of which is to live; null if it is none';

CREATE FUNCTION dynamo.plain(item jsonb) RETURNS jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'dynamo_plain';
COMMENT ON FUNCTION dynamo.plain(jsonb) IS 'an item without type tags';

CREATE FUNCTION dynamo.is_item(item jsonb) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'dynamo_is_item';
COMMENT ON FUNCTION dynamo.is_item(jsonb) IS 'is this a well-formed DynamoDB item?';

CREATE FUNCTION dynamo.check(table_name text, OUT key text, OUT problem text)
RETURNS SETOF record
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'dynamo_check';
COMMENT ON FUNCTION dynamo.check(text) IS 'rows of a table that are not well-formed items';
