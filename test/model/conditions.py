"""Random conditions, projections and updates."""

from decimal import Decimal

from hypothesis import strategies as st

import values
from expressions import (And, BeginsWith, Between, Comparison, Contains,
                         Exists, HasType, In, Literal, Not, Or, Path,
                         Projection, Size, relation_of)
from legacy import (OPERATORS, AttributeUpdate, ExpectedTest, ExpectedValue,
                    Test, Tests)
from pools import (ANY_VALUES, ATTRIBUTES, FLAT_VALUES, SCALARS,
                   VALUES_FOR, literals_for, mostly, paths, rarely,
                   twisted, usual_type)
from reads import AttributesToGet
from updates import Action, IfNotExists, ListAppend, Sum, Update
from writes import AttributeUpdates

SMALL = st.sampled_from([Literal(("N", Decimal(size))) for size in range(5)])
SYMBOLS = st.sampled_from(["=", "<>", "<", "<=", ">", ">="])
TAGS = st.sampled_from(values.TAGS)
LEAVES = st.sampled_from([
    "exists", "compare", "compare", "compare", "between", "in", "type",
    "begins", "contains", "contains", "size", "size", "size", "reversed",
    "paths"])
NODES = st.sampled_from(["leaf", "leaf", "and", "or", "not"])


# --------------------------------------------------------------- conditions

@st.composite
def conditions(draw, scene, depth=2):
    node = draw(NODES) if depth else "leaf"
    if node == "leaf":
        return draw(comparisons(scene))
    if node == "not":
        return Not(draw(conditions(scene, depth - 1)))
    parts = tuple(draw(st.lists(conditions(scene, depth - 1), min_size=2,
                                max_size=3)))
    return And(parts) if node == "and" else Or(parts)


@st.composite
def comparisons(draw, scene):
    path = draw(paths(scene))
    kind = draw(LEAVES)
    if kind == "exists":
        operand = draw(literals_for(path, scene)) if rarely(draw, 2) else path
        return Exists(operand, draw(st.booleans()))
    if kind == "compare":
        return Comparison(draw(SYMBOLS), path, draw(suitable(path, scene)))
    if kind == "reversed":
        return Comparison(draw(SYMBOLS), draw(suitable(path, scene)), path)
    if kind == "paths":
        return Comparison(draw(SYMBOLS), path, draw(paths(scene)))
    if kind == "between":
        return draw(betweens(path, scene, draw(st.booleans())))
    if kind == "in":
        choices = st.one_of(suitable(path, scene), paths(scene))
        return In(path, tuple(draw(st.lists(choices, min_size=1,
                                            max_size=4))))
    if kind == "type":
        return draw(types(path, scene))
    if kind == "begins":
        return BeginsWith(path, draw(beginnings(path, scene)))
    if kind == "contains":
        part = paths(scene) if rarely(draw, 10) else parts(path, scene)
        return Contains(path, draw(part))
    size = values.length(path.value(scene.item))
    if size is not None and draw(st.booleans()):
        return Comparison(draw(SYMBOLS), Size(path), Literal(size))
    return Comparison(draw(SYMBOLS), Size(path), draw(SMALL))


@st.composite
def suitable(draw, path, scene):
    """Makes a literal to compare the path with, rarely of any type."""
    if rarely(draw, 95):
        literal = draw(literals_for(path, scene))
        if (literal.static_type() in values.SCALARS or usual_type(path, scene)
                in (None, "SS", "NS", "BS", "L", "M", "BOOL", "NULL")):
            return literal
    return Literal(draw(SCALARS))


@st.composite
def betweens(draw, path, scene, ordered):
    low, high = draw(suitable(path, scene)), draw(suitable(path, scene))
    if ordered and values.is_less(high.content, low.content):
        low, high = high, low
    operand = Size(path) if rarely(draw, 10) else path
    if isinstance(operand, Size):
        low, high = draw(SMALL), draw(SMALL)
    return Between(operand, low, high)


@st.composite
def types(draw, path, scene):
    if rarely(draw, 3):
        return HasType(path, Literal(draw(FLAT_VALUES)))
    tag = usual_type(path, scene)
    if tag is None or draw(st.booleans()):
        tag = draw(TAGS)
    return HasType(path, Literal(("S", tag)))


@st.composite
def beginnings(draw, path, scene):
    value = path.value(scene.item)
    if value is not None and value[0] in ("S", "B") and draw(st.booleans()):
        end = draw(st.integers(0, min(len(value[1]), 9)))
        return Literal((value[0], value[1][:end]))
    if rarely(draw, 5):
        return Literal(draw(FLAT_VALUES))
    tag = "B" if usual_type(path, scene) == "B" else "S"
    return Literal(draw(VALUES_FOR[tag]))


@st.composite
def parts(draw, path, scene):
    """What the value of a path might contain."""
    value = path.value(scene.item)
    if value is not None and draw(st.booleans()):
        tag, content = value
        if tag in ("S", "B"):
            start = draw(st.integers(0, min(len(content), 9)))
            return Literal((tag, content[start:start + 3]))
        if tag in values.SETS:
            part = (values.SETS[tag], draw(st.sampled_from(sorted(content))))
            return Literal(twisted(part) if rarely(draw, 15) else part)
        if tag == "L" and content:
            return Literal(draw(st.sampled_from(content)))
    tag = usual_type(path, scene)
    if tag in values.SETS:
        return Literal(draw(VALUES_FOR[values.SETS[tag]]))
    if tag in ("S", "B"):
        return Literal(draw(VALUES_FOR[tag]))
    return Literal(draw(FLAT_VALUES))


# -------------------------------------------------------------- projections

@st.composite
def distinct_paths(draw, scene):
    """Makes paths that usually do not overlap."""
    careless = rarely(draw, 5)
    chosen = []
    for path in draw(st.lists(paths(scene), min_size=1, max_size=4)):
        if careless or is_apart(path, chosen):
            chosen.append(path)
    return tuple(chosen)


def is_apart(path, others):
    return all(relation_of(path.elements, other.elements) == "apart"
               for other in others)


@st.composite
def projections(draw, scene):
    if rarely(draw, 30):
        chosen = draw(st.lists(scene.names, min_size=1, max_size=4))
        if mostly(draw, 95):
            chosen = list(dict.fromkeys(chosen))
        return AttributesToGet(tuple(chosen))
    return Projection(draw(distinct_paths(scene)))


# ------------------------------------------------------------------- updates

KEYWORDS = st.lists(st.sampled_from(["SET", "REMOVE", "ADD", "DELETE"]),
                    min_size=1, max_size=3, unique=True)
REMOVALS = st.sampled_from([["REMOVE"], ["DELETE"], ["REMOVE", "DELETE"]])
SIDES = st.sampled_from(["literal", "literal", "path", "sum", "difference",
                         "default", "append", "nested"])
ADDED = st.one_of(*(VALUES_FOR[tag] for tag in ("N", "SS", "NS", "BS")))


@st.composite
def updates(draw, scene):
    careless = rarely(draw, 4)
    chosen, actions = [], []
    for keyword in draw(REMOVALS if rarely(draw, 15) else KEYWORDS):
        for path in draw(st.lists(paths(scene), min_size=1, max_size=3)):
            if careless or is_apart(path, chosen):
                chosen.append(path)
                actions.append(draw(actions_at(keyword, path, scene)))
    return Update(tuple(actions)) if actions else None


@st.composite
def actions_at(draw, keyword, path, scene):
    if keyword == "REMOVE":
        return Action(keyword, path)
    if keyword == "SET":
        return Action(keyword, path, draw(sides(path, scene)))
    tag = usual_type(path, scene)
    if tag == "N" and keyword == "ADD" or tag in values.SETS:
        return Action(keyword, path, Literal(draw(VALUES_FOR[tag])))
    return Action(keyword, path, Literal(draw(
        ANY_VALUES if rarely(draw, 3) else ADDED)))


@st.composite
def sides(draw, path, scene):
    kind = draw(SIDES)
    if kind == "literal":
        return draw(literals_for(path, scene))
    if kind == "path":
        return draw(operands(scene))
    if kind in ("sum", "difference"):
        left, right = draw(terms(path, scene)), draw(terms(path, scene))
        return Sum("+" if kind == "sum" else "-", left, right)
    if kind == "default":
        return IfNotExists(draw(st.one_of(st.just(path), paths(scene))),
                           draw(literals_for(path, scene)))
    left, right = draw(list_operands(scene)), draw(list_operands(scene))
    if kind == "nested":
        left = IfNotExists(path, Literal(("L", [])))
    return ListAppend(left, right)


@st.composite
def operands(draw, scene):
    return draw(paths(scene))


@st.composite
def terms(draw, path, scene):
    """Of a sum."""
    kind = draw(st.sampled_from(["literal", "literal", "self", "path",
                                 "default", "any"]))
    if kind == "self":
        return path
    if kind == "path":
        return Path((draw(st.sampled_from(["n", "Count", "x.y"])),))
    if kind == "default":
        return IfNotExists(path, Literal(draw(VALUES_FOR["N"])))
    if kind == "any" and rarely(draw, 30):
        return Literal(draw(FLAT_VALUES))
    return Literal(draw(VALUES_FOR["N"]))


@st.composite
def list_operands(draw, scene):
    if draw(st.booleans()):
        return Path(("l",))
    if rarely(draw, 10):
        return draw(paths(scene))
    if rarely(draw, 3):
        return ListAppend(Path(("l",)), Literal(draw(VALUES_FOR["L"])))
    return Literal(draw(VALUES_FOR["L"]))


# -------------------------------------------------------------------- legacy

OPERATOR_NAMES = st.sampled_from(list(OPERATORS))


@st.composite
def tests(draw, scene, kind=Test):
    name = draw(scene.names)
    operator = draw(OPERATOR_NAMES)
    least, most, allowed = OPERATORS[operator]
    there = scene.item.get(name)
    tag = there[0] if there else ATTRIBUTES.get(name)
    if tag not in allowed and mostly(draw, 90):
        tag = draw(st.sampled_from(sorted(allowed)))
    count = min(draw(st.integers(least, 3)), most) if least else 0
    if rarely(draw, 3):
        count = draw(st.integers(0, 2))
    arguments = tuple(
        there if there and tag == there[0] and draw(st.booleans())
        else draw(VALUES_FOR[tag]) for _ in range(count))
    if len({argument[0] for argument in arguments}) > 1 and mostly(draw, 90):
        arguments = arguments[:1] * count
    if (operator == "BETWEEN" and len(arguments) == 2 and mostly(draw, 90)
            and values.is_less(arguments[1], arguments[0])):
        arguments = arguments[::-1]
    return kind(name, operator, arguments)


@st.composite
def expected_values(draw, scene):
    name = draw(scene.names)
    if rarely(draw, 4):
        return ExpectedValue(name, draw(st.one_of(st.none(), FLAT_VALUES)),
                             draw(st.sampled_from([None, True, False])))
    if draw(st.booleans()):
        return ExpectedValue(name, None, False)
    value = draw(literals_for(Path((name,)), scene)).content
    return ExpectedValue(name, value, draw(st.sampled_from([None, True])))


@st.composite
def joined_tests(draw, strategy):
    chosen = {test.name: test
              for test in draw(st.lists(strategy, min_size=1, max_size=3))}
    joint = draw(st.sampled_from([None, "AND", "OR"]))
    if len(chosen) < 2 and mostly(draw, 95):
        joint = None
    return Tests(tuple(chosen.values()), joint)


def expected(scene):
    return joined_tests(st.one_of(tests(scene, ExpectedTest),
                                  expected_values(scene)))


def legacy_filters(scene):
    return joined_tests(tests(scene))


@st.composite
def attribute_updates(draw, scene):
    chosen = {}
    for name in draw(st.lists(scene.names, min_size=1, max_size=3)):
        action = draw(st.sampled_from([None, "PUT", "ADD", "DELETE"]))
        value = draw(literals_for(Path((name,)), scene)).content
        usable = {"ADD": (*values.SETS, "N", "L"),
                  "DELETE": (*values.SETS,)}.get(action, values.TAGS)
        if value[0] not in usable and mostly(draw, 95):
            value = draw(VALUES_FOR[draw(st.sampled_from(usable))])
            if value[0] not in usable:
                value = None if action == "DELETE" else ("N", Decimal(1))
        if action == "DELETE" and draw(st.booleans()) or rarely(draw, 1):
            value = None
        chosen[name] = AttributeUpdate(name, action, value)
    return AttributeUpdates(tuple(chosen.values()))

