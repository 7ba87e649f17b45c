-- Functions that the tests share.  This file runs before all others, because
-- their names begin with a letter.
CREATE SCHEMA test;

-- Creates a table with partition key pk and, if a type is given for it, sort key
-- sk.
CREATE FUNCTION test.make_table(table_name text, partition_type text,
	sort_type text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM dynamo.create_table(jsonb_build_object(
		'TableName', table_name,
		'BillingMode', 'PAY_PER_REQUEST',
		'AttributeDefinitions', jsonb_path_query_array(jsonb_build_array(
			jsonb_build_object('AttributeName', 'pk', 'AttributeType', partition_type),
			jsonb_build_object('AttributeName', 'sk', 'AttributeType', sort_type)),
			'$[*] ? (@.AttributeType != null)'),
		'KeySchema', jsonb_path_query_array(jsonb_build_array(
			jsonb_build_object('AttributeName', 'pk', 'KeyType', 'HASH'),
			jsonb_build_object('AttributeName', 'sk', 'KeyType', 'RANGE', 'Type', sort_type)),
			'$[*] ? (!exists(@.Type) || @.Type != null)')));
END
$$;

CREATE FUNCTION test.drop_table(table_name text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM dynamo.delete_table(jsonb_build_object('TableName', table_name));
END
$$;

CREATE FUNCTION test.put(table_name text, item jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM dynamo.put_item(jsonb_build_object('TableName', table_name, 'Item', item));
END
$$;

-- Returns the response of an operation, or the message of its error.
CREATE FUNCTION test.outcome(operation text, request jsonb) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	RETURN dynamo.execute(operation, request);
EXCEPTION WHEN OTHERS THEN
	RETURN CASE WHEN SQLSTATE LIKE 'ND%' THEN SQLERRM
		ELSE SQLSTATE || ' ' || SQLERRM END;
END
$$;

-- Returns the items of a Query or Scan that is read in pages of the given size.
CREATE FUNCTION test.all_pages(operation text, request jsonb, page_size integer)
RETURNS SETOF jsonb
LANGUAGE plpgsql AS $$
DECLARE
	response jsonb;
BEGIN
	request := request || jsonb_build_object('Limit', page_size);
	FOR page IN 1 .. 10000 LOOP
		response := dynamo.execute(operation, request);
		RETURN QUERY SELECT jsonb_array_elements(response->'Items');
		IF NOT response ? 'LastEvaluatedKey' THEN
			RETURN;
		END IF;
		IF jsonb_array_length(response->'Items') <> page_size THEN
			RAISE 'a page of % before the last: %', page_size, response;
		END IF;
		IF response->'LastEvaluatedKey' = request->'ExclusiveStartKey' THEN
			RAISE 'a page ends where it began: %', response;
		END IF;
		request := request ||
			jsonb_build_object('ExclusiveStartKey', response->'LastEvaluatedKey');
	END LOOP;
	RAISE 'pages without end: %', request;
END
$$;

-- Returns what an operation reads of a table's relations: index entries for each
-- index, rows of a sequential scan, and the number of rows in the response.  More
-- entries than rows mean that the plan is not the intended one: it has a sort, a
-- filter or a bitmap.  Only the operation itself runs with the caller's
-- search_path.
CREATE FUNCTION test.reads(operation text, request jsonb) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	path text := current_setting('search_path');
	heap regclass;
	before jsonb;
	reads text;
	response text;
BEGIN
	PERFORM set_config('search_path', 'pg_catalog', true);
	heap := format('dynamo_data.%I', request ->> 'TableName')::regclass;
	SELECT jsonb_object_agg(oid, pg_stat_get_xact_tuples_returned(oid)) INTO before
	FROM (SELECT heap::oid UNION SELECT indexrelid FROM pg_index WHERE indrelid = heap) AS r(oid);

	PERFORM set_config('search_path', path, true);
	response := test.outcome(operation, request);

	PERFORM set_config('search_path', 'pg_catalog', true);
	SELECT string_agg(CASE WHEN oid = heap THEN 'rows in sequence' ELSE substring(relname FROM ':?[^:]*$') END || ' ' || read, ', ' ORDER BY relname)
	INTO reads
	FROM (SELECT oid, relname, pg_stat_get_xact_tuples_returned(oid) - value::bigint AS read
		FROM jsonb_each_text(before) JOIN pg_class ON oid = key::oid) AS r
	WHERE read <> 0;
	IF response LIKE '{%' THEN
		response := coalesce((response::jsonb ->> 'ScannedCount') || ' rows', '');
	END IF;
	reads := concat_ws('; ', reads, nullif(response, ''));
	PERFORM set_config('search_path', path, true);
	RETURN reads;
END
$$;

-- Returns a random string of the given number of bytes.  The flavour names its
-- characters: nul is U+0000 and U+0001 in stored form, each counted as one byte.
CREATE FUNCTION test.random_string(bytes integer, flavour text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	result text := '';
	remaining integer := bytes;
	size integer;
BEGIN
	WHILE remaining > 0 LOOP
		size := CASE flavour WHEN 'multibyte' THEN 2 + floor(random() * 3) WHEN 'mixed' THEN 1 + floor(random() * 4) ELSE 1 END;
		size := least(size, remaining);
		result := result || CASE size
			WHEN 1 THEN CASE WHEN flavour = 'nul' OR flavour = 'mixed' AND random() < 0.7
				THEN e'\x01' || chr(1 + floor(random() * 2)::integer) ELSE chr(32 + floor(random() * 95)::integer) END
			WHEN 2 THEN chr(128 + floor(random() * 1900)::integer)
			WHEN 3 THEN chr(2048 + floor(random() * 50000)::integer)
			ELSE chr(65536 + floor(random() * 900000)::integer) END;
		remaining := remaining - size;
	END LOOP;
	RETURN result;
END
$$;
-- Returns a random value of a type.  The length is ignored for a number.
CREATE FUNCTION test.random_key(type text, bytes integer, flavour text) RETURNS jsonb
LANGUAGE plpgsql STRICT AS $$
DECLARE
	result text := '';
BEGIN
	CASE type
	WHEN 'S' THEN
		result := test.random_string(bytes, flavour);
	WHEN 'N' THEN
		FOR i IN 1 .. 38 LOOP
			result := result || 1 + floor(random() * 9);
		END LOOP;
		result := CASE WHEN random() < 0.5 THEN '-' ELSE '' END || result || 'E' || floor(random() * 180 - 92);
	ELSE
		FOR i IN 1 .. bytes LOOP
			result := result || lpad(to_hex(floor(random() * 256)::integer), 2, '0');
		END LOOP;
		result := replace(encode(decode(result, 'hex'), 'base64'), e'\n', '');
	END CASE;
	RETURN jsonb_build_object(type, result);
END
$$;
