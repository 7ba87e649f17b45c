-- Functions of items and keys.

-- The token of a partition key.  Indexes are built on dynamo.token() and
-- dynamo.index_key(), so their results never change.  They raise no error that
-- shows a value, so they are leakproof.  If they were not, a range scan of an index
-- would read the whole index under row level security.
CREATE FUNCTION dynamo.token(text) RETURNS integer
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_token_text';

CREATE FUNCTION dynamo.token(numeric) RETURNS integer
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_token_numeric';

CREATE FUNCTION dynamo.token(bytea) RETURNS integer
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_token_bytea';

COMMENT ON FUNCTION dynamo.token(text) IS 'returns the token of a partition key, which decides the segment of a parallel scan that reads the item';
COMMENT ON FUNCTION dynamo.token(numeric) IS 'returns the token of a partition key, which decides the segment of a parallel scan that reads the item';
COMMENT ON FUNCTION dynamo.token(bytea) IS 'returns the token of a partition key, which decides the segment of a parallel scan that reads the item';

-- The key of an item in a secondary index.
CREATE FUNCTION dynamo.index_key(item jsonb, spec text) RETURNS bytea
LANGUAGE c IMMUTABLE STRICT LEAKPROOF PARALLEL SAFE COST 10
AS 'MODULE_PATHNAME', 'dynamo_index_key';
COMMENT ON FUNCTION dynamo.index_key(jsonb, text) IS 'returns the key of an item in a secondary index; null if the item does not belong in the index, or if the description of the index is malformed';

-- When an item expires.  Indexes are built on it, so its results never change.
CREATE FUNCTION dynamo.expiry(item jsonb, attribute text) RETURNS bigint
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE COST 1
AS 'MODULE_PATHNAME', 'dynamo_expiry';
COMMENT ON FUNCTION dynamo.expiry(jsonb, text) IS 'returns a number attribute of an item in whole seconds, as time to live uses it; null if the attribute is not a number';

CREATE FUNCTION dynamo.plain(item jsonb) RETURNS jsonb
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'dynamo_plain';
COMMENT ON FUNCTION dynamo.plain(jsonb) IS 'returns an item as plain JSON, without the type tags of its attributes';

CREATE FUNCTION dynamo.is_item(item jsonb) RETURNS boolean
LANGUAGE c IMMUTABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'dynamo_is_item';
COMMENT ON FUNCTION dynamo.is_item(jsonb) IS 'returns whether a value is a well-formed DynamoDB item';

CREATE FUNCTION dynamo.check(table_name text, OUT key text, OUT problem text)
RETURNS SETOF record
LANGUAGE c VOLATILE STRICT
AS 'MODULE_PATHNAME', 'dynamo_check';
COMMENT ON FUNCTION dynamo.check(text) IS 'returns the rows of a table that are not well-formed items or whose key columns are wrong, each with its problem';
