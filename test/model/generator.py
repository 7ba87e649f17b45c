"""Random requests, for the two tables of a run."""

from dataclasses import replace
from decimal import Decimal

from hypothesis import strategies as st

import values
from batches import BatchGetItem, BatchWriteItem, Delete, Keys, Put
from conditions import (attribute_updates, conditions, expected,
                        legacy_filters, projections, updates)
from pools import (ATTRIBUTES, FLAT_VALUES, HASHES, MISSING_TABLE, RANGES,
                   Scene, any_keys, items, key_values, keys, large_string,
                   mostly, rarely, spoilt, tagged)
from reads import GetItem, KeyCondition, KeyTest, Page, Query, Scan
from transactions import Action, Get, TransactGetItems, TransactWriteItems
from writes import DeleteItem, PutItem, Terms, UpdateItem

CAPACITY = st.sampled_from([None, None, "TOTAL", "INDEXES", "NONE"])
METRICS = st.sampled_from([None, None, None, "SIZE", "NONE"])
ON_FAILURE = st.sampled_from([None, "ALL_OLD", "NONE"])
OLD_ONLY = st.sampled_from([None, "ALL_OLD", "NONE"])
RETURN_VALUES = st.sampled_from([None, "ALL_OLD", "ALL_NEW", "UPDATED_OLD",
                                 "UPDATED_NEW", "NONE"])
CONSISTENT = st.sampled_from([None, True, False])
STYLES = st.one_of(st.just(0), st.integers(0, 10000))


# What conditions, projections, updates and filters of a table are about: keys
# are among the names now and then, but hardly ever where they are refused.

def condition_scene(schema, item):
    return Scene(st.sampled_from(list(ATTRIBUTES) + schema.names), item)


def target_scene(schema, item):
    names = [name for name in ATTRIBUTES if name not in schema.names]
    return Scene(st.sampled_from(names * 6 + schema.names),
                 {name: value for name, value in item.items()
                  if name not in schema.names})


@st.composite
def known_items(draw, table):
    """One that is there, or none."""
    if table.items and mostly(draw, 70):
        return draw(st.sampled_from(list(table.items.values())))
    return {}


@st.composite
def table_names(draw, schema):
    return MISSING_TABLE if rarely(draw, 1) else schema.table


# -------------------------------------------------------------------- writes

@st.composite
def terms(draw, schema, item, return_values):
    scene = condition_scene(schema, item)
    condition = None
    if rarely(draw, 55):
        condition = draw(expected(scene) if rarely(draw, 25)
                         else conditions(scene))
    return Terms(condition, draw(return_values), draw(ON_FAILURE),
                 draw(CAPACITY), draw(METRICS))


@st.composite
def keys_near(draw, table, item):
    """The item's; or of anything, if it is none."""
    if item:
        return table.schema.key_item(item)
    return draw(any_keys(table.schema))


@st.composite
def put_items(draw, table):
    schema = table.schema
    known = draw(known_items(table))
    item = draw(items(schema))
    if known and draw(st.booleans()):
        item.update(schema.key_item(known))
    return_values = RETURN_VALUES if rarely(draw, 3) else OLD_ONLY
    return PutItem(draw(table_names(schema)), item,
                   draw(terms(schema, known, return_values)), draw(STYLES))


@st.composite
def large_puts(draw, table):
    """At the edge of what an item may be, and of a page."""
    schema = table.schema
    key = draw(keys(schema))
    size = draw(st.sampled_from([262144, 262143, 262145, 349525, 349526,
                                 409600, 409601, 400000]))
    return PutItem(schema.table, large_string(schema, key, size),
                   draw(terms(schema, {}, OLD_ONLY)), draw(STYLES))


@st.composite
def delete_items(draw, table):
    schema = table.schema
    item = draw(known_items(table))
    return_values = RETURN_VALUES if rarely(draw, 3) else OLD_ONLY
    return DeleteItem(draw(table_names(schema)), draw(keys_near(table, item)),
                      draw(terms(schema, item, return_values)), draw(STYLES))


@st.composite
def update_items(draw, table):
    schema = table.schema
    item = draw(known_items(table))
    key = draw(keys_near(table, item))
    scene = target_scene(schema, item)
    update = None
    legacy = rarely(draw, 20)
    if mostly(draw, 97):
        update = draw(attribute_updates(scene) if legacy else updates(scene))
    chosen = draw(terms(schema, item, RETURN_VALUES))
    # expressions and legacy parameters do not mix
    if chosen.condition is not None and update is not None and (
            legacy != bool(chosen.expected())):
        other = expected if legacy else conditions
        chosen = replace(chosen, condition=draw(
            other(condition_scene(schema, item))))
    return UpdateItem(draw(table_names(schema)), key, update, chosen,
                      draw(STYLES))


# --------------------------------------------------------------------- reads

@st.composite
def maybe_projections(draw, schema, item):
    if rarely(draw, 35):
        return draw(projections(condition_scene(schema, item)))
    return None


@st.composite
def get_items(draw, table):
    schema = table.schema
    item = draw(known_items(table))
    return GetItem(draw(table_names(schema)), draw(keys_near(table, item)),
                   draw(maybe_projections(schema, item)), draw(CONSISTENT),
                   draw(CAPACITY), draw(STYLES))


@st.composite
def pages(draw, schema, scene):
    """The legacy parameters must be all of them, or none."""
    projection = draw(maybe_projections(schema, scene.item))
    is_legacy = projection is not None and hasattr(projection, "attributes")
    filter_ = None
    if rarely(draw, 60):
        if is_legacy or (projection is None and rarely(draw, 25)):
            filter_ = draw(legacy_filters(scene))
            is_legacy = True
        else:
            filter_ = draw(conditions(scene))
    if rarely(draw, 5):
        select = draw(st.sampled_from([
            "ALL_ATTRIBUTES", "COUNT", "SPECIFIC_ATTRIBUTES",
            "ALL_PROJECTED_ATTRIBUTES"]))
    elif projection is not None:
        select = draw(st.sampled_from([None, "SPECIFIC_ATTRIBUTES"]))
    else:
        select = draw(st.sampled_from([None, None, "ALL_ATTRIBUTES",
                                       "COUNT"]))
    start = None
    if rarely(draw, 25):
        start = draw(keys(schema))
        if rarely(draw, 15):
            start = draw(spoilt(schema, start))
    return is_legacy, Page(
        filter_, projection, select,
        draw(st.sampled_from([None, 1, 2, 3, 5, 100, 2 ** 31 - 1])),
        start, draw(CONSISTENT), draw(CAPACITY), draw(st.booleans()))


@st.composite
def scans(draw, table):
    schema = table.schema
    item = draw(known_items(table))
    _, page = draw(pages(schema, condition_scene(schema, item)))
    segment = total = None
    if rarely(draw, 35):
        total = draw(st.sampled_from([1, 2, 3, 7, 1000, 1000000]))
        segment = draw(st.integers(0, min(total, 8) - 1))
        if rarely(draw, 3):
            segment = draw(st.sampled_from([None, min(total, 999999), 999999]))
        elif rarely(draw, 3):
            total = None
    return Scan(draw(table_names(schema)), page, segment, total, draw(STYLES))


RANGE_OPERATORS = st.sampled_from(["EQ", "LE", "LT", "GE", "GT", "BEGINS_WITH",
                                   "BETWEEN"])


@st.composite
def range_tests(draw, schema, item, flipped):
    """About the item's range key, or any."""
    name, tag = schema.keys[1]
    contents = key_values(schema, 1)
    if item:
        contents = st.one_of(contents, st.just(item[name]))
    operator = draw(RANGE_OPERATORS)
    if tag == "N" and operator == "BEGINS_WITH" and mostly(draw, 80):
        operator = "GT"
    arguments = [draw(contents)
                 for _ in range(2 if operator == "BETWEEN" else 1)]
    if operator == "BEGINS_WITH" and tag != "N" and draw(st.booleans()):
        end = draw(st.integers(1, len(arguments[0][1])))
        arguments = [(tag, arguments[0][1][:end])]
    if mostly(draw, 85):
        arguments.sort(key=values.order_key)
    return KeyTest(name, operator, tuple(arguments), flipped)


@st.composite
def key_conditions(draw, schema, item, legacy):
    flipped = not legacy and rarely(draw, 10)
    name = schema.names[0]
    value = item[name] if item else draw(key_values(schema, 0))
    tests = [KeyTest(name, "EQ", (value,), flipped)]
    if len(schema.keys) > 1 and rarely(draw, 65):
        tests.append(draw(range_tests(schema, item, flipped)))
    if rarely(draw, 6):
        tests = draw(spoilt_tests(schema, tests, legacy))
    if rarely(draw, 30):
        tests.reverse()
    return KeyCondition(tuple(tests), legacy)


@st.composite
def spoilt_tests(draw, schema, tests, legacy):
    """What a Query does not take."""
    tests = list(tests)
    how = draw(st.sampled_from(["type", "operator", "name", "missing",
                                "extra", "empty"]))
    place = draw(st.integers(0, len(tests) - 1))
    test = tests[place]
    if how == "type":
        tests[place] = KeyTest(test.name, "EQ",
                               (draw(FLAT_VALUES),), test.flipped)
    elif how == "operator":
        operator = draw(st.sampled_from(
            ["NE", "CONTAINS", "IN"] if legacy else ["LT", "GE"]))
        tests[place] = KeyTest(test.name, operator, test.arguments[:1],
                               test.flipped)
    elif how == "name":
        tests[place] = KeyTest("s", test.operator, test.arguments,
                               test.flipped)
    elif how == "missing" and len(tests) > 1:
        del tests[place]
    elif how == "empty" and test.arguments[0][0] != "N":
        content = "" if test.arguments[0][0] == "S" else b""
        tests[place] = KeyTest(test.name, "EQ",
                               ((test.arguments[0][0], content),),
                               test.flipped)
    else:
        tests.append(KeyTest("s", "EQ", (draw(FLAT_VALUES),)))
    return tests


@st.composite
def queries(draw, table):
    schema = table.schema
    item = draw(known_items(table))
    is_legacy, page = draw(pages(schema, target_scene(schema, item)))
    # legacy key conditions go with any filter, expressions not with legacy
    legacy = is_legacy or rarely(draw, 15)
    condition = draw(key_conditions(schema, item, legacy))
    if page.start is not None and mostly(draw, 80):
        test = condition.test_of(schema.names[0])
        if test is not None and schema.names[0] in page.start:
            page.start[schema.names[0]] = test.arguments[0]
    return Query(draw(table_names(schema)), condition, page,
                 draw(st.sampled_from([None, True, False])), draw(STYLES))


# ------------------------------------------------------------------- batches

@st.composite
def batch_tables(draw, tables):
    chosen = list(tables[:draw(st.integers(1, len(tables)))])
    return chosen[::-1] if draw(st.booleans()) else chosen


@st.composite
def batch_gets(draw, tables):
    parts = {}
    for table in draw(batch_tables(tables)):
        schema = table.schema
        item = draw(known_items(table))
        chosen = draw(st.lists(keys_near(table, draw(known_items(table))),
                               max_size=4))
        chosen.append(draw(keys_near(table, item)))
        if mostly(draw, 95):
            chosen = unique(schema, chosen)
        if rarely(draw, 5):
            chosen += respelled(schema, chosen[:1])
        parts[draw(table_names(schema))] = Keys(
            tuple(chosen), draw(maybe_projections(schema, item)),
            draw(CONSISTENT))
    return BatchGetItem(parts, draw(CAPACITY), draw(STYLES))


def unique(schema, requests, key=lambda request: request):
    """Without those whose key is there already."""
    found = {}
    for number, request in enumerate(requests):
        item = key(request)
        is_key = not schema.item_problem(item)
        found.setdefault(schema.key_of(item) if is_key else number, request)
    return list(found.values())


def respelled(schema, keys_):
    """The same keys again, where a number can be spelled differently."""
    again = [{name: (tag, content + Decimal("0.0")) if tag == "N"
              else (tag, content) for name, (tag, content) in key.items()}
             for key in keys_]
    return [key for key, old in zip(again, keys_)
            if values.item_to_request(key) != values.item_to_request(old)]


@st.composite
def batch_requests(draw, table):
    if rarely(draw, 30):
        return Delete(draw(keys_near(table, draw(known_items(table)))))
    return Put(draw(items(table.schema)))


@st.composite
def batch_writes(draw, tables, size=6):
    writes = {}
    for table in draw(batch_tables(tables)):
        schema = table.schema
        chosen = draw(st.lists(batch_requests(table), min_size=1,
                               max_size=size))
        if mostly(draw, 95):
            chosen = unique(schema, chosen, lambda request: request.key())
        writes[draw(table_names(schema))] = chosen
    return BatchWriteItem(writes, draw(CAPACITY), draw(METRICS))


# -------------------------------------------------------------- transactions

ACTIONS = st.sampled_from(["Put", "Update", "Update", "Delete",
                           "ConditionCheck"])


@st.composite
def actions(draw, table):
    schema = table.schema
    item = draw(known_items(table))
    kind = draw(ACTIONS)
    condition = update = None
    if kind == "ConditionCheck" or rarely(draw, 40):
        condition = draw(conditions(condition_scene(schema, item)))
    if kind == "Update":
        update = draw(updates(target_scene(schema, item)))
    if kind == "Put":
        subject = draw(items(schema))
        if item and draw(st.booleans()):
            subject.update(schema.key_item(item))
    else:
        subject = draw(keys_near(table, item))
    return Action(kind, draw(table_names(schema)), subject, condition, update,
                  draw(ON_FAILURE))


@st.composite
def transact_writes(draw, tables):
    chosen = []
    for table in draw(batch_tables(tables)):
        of_table = draw(st.lists(actions(table), min_size=1, max_size=4))
        if mostly(draw, 95):
            of_table = unique(table.schema, of_table,
                              lambda action: action.subject)
        chosen += of_table
    return TransactWriteItems(tuple(draw(st.permutations(chosen))),
                              draw(CAPACITY), draw(STYLES))


@st.composite
def gets(draw, table):
    item = draw(known_items(table))
    projection = draw(maybe_projections(table.schema, item))
    if hasattr(projection, "attributes"):
        projection = None
    return Get(draw(table_names(table.schema)),
               draw(keys_near(table, item)), projection)


@st.composite
def transact_gets(draw, tables):
    chosen = []
    for table in draw(batch_tables(tables)):
        of_table = draw(st.lists(gets(table), min_size=1, max_size=4))
        if mostly(draw, 95):
            of_table = unique(table.schema, of_table, lambda get: get.key)
        chosen += of_table
    return TransactGetItems(tuple(draw(st.permutations(chosen))),
                            draw(CAPACITY), draw(STYLES))


# ------------------------------------------------------------------ fillings

@st.composite
def plain_fillings(draw, table):
    """Many small items, most of them in one partition."""
    schema = table.schema
    puts = {}
    hash_, tag = schema.keys[0]
    ranges = [{}]
    if len(schema.keys) > 1:
        name, range_tag = schema.keys[1]
        ranges = [{name: (range_tag, content)}
                  for content in RANGES[range_tag]]
    for hash_content in dict.fromkeys(HASHES[tag]):
        for range_ in ranges:
            key = {hash_: (tag, hash_content), **range_}
            puts[schema.key_of(key)] = Put(key)
    chosen = draw(st.lists(st.sampled_from(list(puts.values())), min_size=1,
                           max_size=25, unique_by=id))
    number = draw(tagged("N", st.sampled_from(
        [Decimal(1), Decimal(2), Decimal(3)])))
    filled = [Put({**put.item, **{
        name: number for name in ("n", "Count") if name not in put.item}})
        for put in chosen]
    return BatchWriteItem({schema.table: filled}, draw(CAPACITY))


@st.composite
def wide_fillings(draw, table):
    """Many partitions of one item each."""
    schema = table.schema
    first = draw(st.integers(0, 10 ** 6))
    tag = schema.keys[0][1]
    writes = []
    for number in range(first, first + 25):
        content = {"S": f"k{number}", "B": b"k%d" % number,
                   "N": Decimal(number)}[tag]
        key = {schema.names[0]: (tag, content)}
        if len(schema.keys) > 1:
            range_tag = schema.keys[1][1]
            key[schema.names[1]] = range_tag, RANGES[range_tag][0]
        writes.append(Put(key))
    return BatchWriteItem({schema.table: writes}, draw(CAPACITY))


@st.composite
def large_fillings(draw, table):
    """Items of a page's quarter, more or less, in one partition."""
    schema = table.schema
    writes = {}
    for key in draw(st.lists(keys(schema), min_size=3, max_size=8)):
        key[schema.names[0]] = (schema.keys[0][1],
                                HASHES[schema.keys[0][1]][0])
        size = draw(st.sampled_from([262144, 262143, 262145, 349525, 349526,
                                     131072]))
        writes[schema.key_of(key)] = Put(large_string(schema, key, size))
    return BatchWriteItem({schema.table: list(writes.values())},
                          draw(CAPACITY))
