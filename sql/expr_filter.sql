-- Conditions over stored items: each operator and function on each type, and
-- paths that lead nowhere.
\pset format unaligned
\pset tuples_only on

SELECT test.make_table('Tab', 'S');
SELECT count(test.put('Tab', item)) FROM jsonb_array_elements('[
	{"pk": {"S": "string"}, "v": {"S": "banana"}},
	{"pk": {"S": "umlaut"}, "v": {"S": "ä😀"}},
	{"pk": {"S": "empty"}, "v": {"S": ""}},
	{"pk": {"S": "number"}, "v": {"N": "10"}},
	{"pk": {"S": "fraction"}, "v": {"N": "9.5"}},
	{"pk": {"S": "binary"}, "v": {"B": "YmFu"}},
	{"pk": {"S": "true"}, "v": {"BOOL": true}},
	{"pk": {"S": "null"}, "v": {"NULL": true}},
	{"pk": {"S": "strings"}, "v": {"SS": ["b", "ban", "a"]}},
	{"pk": {"S": "numbers"}, "v": {"NS": ["10", "9.5"]}},
	{"pk": {"S": "binaries"}, "v": {"BS": ["YmFu", ""]}},
	{"pk": {"S": "list"}, "v": {"L": [{"S": "ban"}, {"N": "10"}, {"L": [{"N": "1"}]}, {"M": {"x": {"N": "10"}}}]}},
	{"pk": {"S": "map"}, "v": {"M": {"x": {"N": "10"}, "ban": {"S": "x"}, "a.b": {"SS": ["y"]}}}, "w": {"M": {"ban": {"S": "x"}, "a.b": {"SS": ["y"]}, "x": {"N": "10"}}}},
	{"pk": {"S": "nothing"}}]') AS item;

-- The items that fulfil a condition; operands of the names given.
CREATE FUNCTION pg_temp.fulfil(condition text) RETURNS text
LANGUAGE sql AS $$
	SELECT coalesce((SELECT string_agg(item #>> '{pk,S}', ' ' ORDER BY item #>> '{pk,S}' COLLATE "C")
		FROM jsonb_array_elements(dynamo.scan(jsonb_strip_nulls(jsonb_build_object('TableName', 'Tab', 'FilterExpression', condition,
			'ExpressionAttributeNames', CASE WHEN condition ~ '#d' THEN '{"#d": "a.b"}'::jsonb END,
			'ExpressionAttributeValues', (SELECT jsonb_object_agg(name, value) FROM jsonb_each('{":ban": {"S": "ban"}, ":e": {"S": ""},
				":ten": {"N": "1E1"}, ":nine": {"N": "9.50"}, ":bin": {"B": "YmFu"}, ":true": {"BOOL": true}, ":false": {"BOOL": false}, ":null": {"NULL": true},
				":ss": {"SS": ["a", "b", "ban"]}, ":ns": {"NS": ["9.5", "1E1"]}, ":bs": {"BS": ["", "YmFu"]}, ":one": {"N": "1"}, ":three": {"N": "3"},
				":l": {"L": [{"N": "1.0"}]}, ":m": {"M": {"x": {"N": "1e1"}, "ban": {"S": "x"}, "a.b": {"SS": ["y"]}}},
				":S": {"S": "S"}, ":N": {"S": "N"}, ":L": {"S": "L"}, ":NULL": {"S": "NULL"}}') AS v(name, value) WHERE condition ~ (name || '\M'))))) -> 'Items') AS item), '-')
$$;
SELECT condition, pg_temp.fulfil(condition) FROM unnest('{
	"v = :ban", "v = :e", "v = :ten", "v = :nine", "v = :bin", "v = :true", "v = :false", "v = :null", "v = :ss", "v = :ns", "v = :bs", "v = :m", "v = w",
	"v <> :ten", "NOT v = :ten", "v < :ban", "v >= :ban", "v > :nine", "v <= :nine", "v <= :bin", "v BETWEEN :nine AND :ten", "v BETWEEN :e AND :ban",
	"v IN (:ten, :ban, :bin)", "v IN (:null, :ss)",
	"attribute_exists(v)", "attribute_not_exists(v)", "attribute_exists(v.x)", "attribute_exists(v[3].x)", "attribute_exists(v[9])", "attribute_exists(v.#d)", "attribute_exists(#d)",
	"attribute_type(v, :S)", "attribute_type(v, :N)", "attribute_type(v, :L)", "attribute_type(v, :NULL)", "attribute_type(v[0], :S)",
	"begins_with(v, :ban)", "begins_with(v, :e)", "begins_with(v, :bin)",
	"contains(v, :ban)", "contains(v, :e)", "contains(v, :ten)", "contains(v, :nine)", "contains(v, :bin)", "contains(v, :l)", "contains(v, v.x)", "contains(v, v[1])",
	"size(v) = :three", "size(v) > :three", "size(v) < :one", "size(v) <> :three", "size(v[2]) = :one", "size(v.x) = :one",
	"v.x = :ten", "v[1] = :ten", "v[2][0] = :one", "v[2] = :l", "v[3].x = v[1]", "v.#d = w.#d", "v.ban = w.ban",
	"v.x > v[0]", "v = :ten OR v = :nine AND attribute_exists(w)", "(v = :ten OR v = :nine) AND attribute_exists(w)", "NOT (v = :ten OR attribute_not_exists(v)) AND size(v) = :three"
	}'::text[]) AS condition;

SELECT test.drop_table('Tab');
