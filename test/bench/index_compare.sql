-- Does a scan of an index find every item that has a key in it, once, in order,
-- and nothing else?  psql -v index=NAME, of table "million"; an error when not.
SELECT set_config('bench.index', :'index', false) IS NULL AS unset \gset
SET max_parallel_workers_per_gather = 0;
SET enable_bitmapscan = off;
SET work_mem = '256MB';

DO $$
DECLARE
	index regclass;
	heap regclass;
	expression text;
	predicate text;
	query text;
	line text;
	by_index boolean := false;
	expected bigint;
	found bigint;
	missing bigint;
	strange bigint;
	disorder bigint;
BEGIN
	SELECT indexrelid::regclass, indrelid::regclass, pg_get_expr(indexprs, indrelid), pg_get_expr(indpred, indrelid)
	INTO STRICT index, heap, expression, predicate
	FROM dynamo.indexes JOIN pg_index ON indexrelid = relation::regclass
	WHERE table_name = 'million' AND index_name = current_setting('bench.index');

	PERFORM set_config('enable_indexscan', 'off', false);
	EXECUTE format('CREATE TEMP TABLE expected AS SELECT pk, sk, %s AS key FROM %s WHERE %1$s IS NOT NULL', expression, heap);
	PERFORM set_config('enable_indexscan', 'on', false), set_config('enable_seqscan', 'off', false);
	query := format('SELECT pk, sk, %s AS key FROM %s WHERE %1$s > '''' AND %3$s', expression, heap, predicate);
	FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
		by_index := by_index OR line LIKE 'Index Scan using ' || (SELECT quote_ident(relname) FROM pg_class WHERE oid = index) || ' on %';
	END LOOP;
	IF NOT by_index THEN
		RAISE 'not by the index: %', line;
	END IF;
	EXECUTE format('CREATE TEMP TABLE found AS SELECT row_number() OVER () AS place, * FROM (%s) AS f', query);

	SELECT count(*) INTO expected FROM expected;
	SELECT count(*) INTO found FROM found;
	SELECT count(*) INTO missing FROM (TABLE expected EXCEPT ALL SELECT pk, sk, key FROM found) AS m;
	SELECT count(*) INTO strange FROM (SELECT pk, sk, key FROM found EXCEPT ALL TABLE expected) AS s;
	SELECT count(*) INTO disorder FROM (SELECT key < lag(key) OVER (ORDER BY place) AS wrong FROM found) AS d WHERE wrong;
	IF missing + strange + disorder > 0 OR expected = 0 THEN
		RAISE 'of % items % are missing in the index, % are there that should not be, % are out of order', expected, missing, strange, disorder;
	END IF;
	RAISE NOTICE '% items should be in the index; % are: those, once each, in order', expected, found;
END
$$;
