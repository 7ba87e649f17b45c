"""What requests are made of: names, values, keys, paths.

Few names and values, so that requests meet in the same attributes, and
among them those that are at some edge.
"""

import functools
import operator
from decimal import Decimal

from hypothesis import strategies as st

import values
from expressions import Literal, Path, find
from tables import Schema

# Every attribute has a type that it usually has; None: any
ATTRIBUTES = {
    "n": "N", "s": "S", "m": "M", "l": "L", "a": None, "b": "B",
    "ss": "SS", "ns": "NS", "bs": "BS", "flag": "BOOL", "nil": "NULL",
    "name": "S", "Count": "N", "x.y": "N", "\u00e9\U0001d4b3\0": "M",
}
INNER_NAMES = ["x", "y", "n", "name", "a.b", "x", "y"]

SCHEMAS = [
    Schema("model_s", (("pk", "S"),)),
    Schema("model_n", (("pk", "N"),)),
    Schema("model_b", (("name", "B"),)),
    Schema("model_s_n", (("pk", "S"), ("sk", "N"))),
    Schema("model_s_s", (("pk", "S"), ("sk", "S"))),
    Schema("model_s_b", (("pk", "S"), ("sk", "B"))),
    Schema("model_n_s", (("pk", "N"), ("x.y", "S"))),
    Schema("model_n_n", (("Hash", "N"), ("range", "N"))),
    Schema("model_b_b", (("pk", "B"), ("sk", "B"))),
]
MISSING_TABLE = "model_missing"


def rarely(draw, percent):
    """True in so many cases; a failure shrinks to False."""
    return draw(PERCENT) >= 100 - percent


def mostly(draw, percent):
    return draw(PERCENT) < percent


PERCENT = st.integers(0, 99)


# ------------------------------------------------------------------- values

def decimals(*texts):
    return [Decimal(text) for text in texts]


def number(digits, adjusted):
    """Of any digits, and with its first one at any place."""
    places = len(str(abs(digits))) - 1
    return values.EXACT.scaleb(Decimal(digits), adjusted - places)


NUMBERS = st.one_of(
    st.sampled_from(decimals("0", "1", "2", "3", "5", "10", "-1", "-2", "0.5",
                             "100", "1.0", "1E+1", "-0", "2.50", "0E+5",
                             "0E+125", "-0E-130")),
    st.sampled_from(decimals(
        "1E+125", "-1E+125", "1E-130", "-1E-130", "9" * 38,
        "9." + "9" * 37 + "E+125", "-9." + "9" * 37 + "E+125",
        "0." + "1" * 38, "1" + "0" * 36 + "1", "12345678.90123", "5E-1",
        "4096", "-0.001", "1234567890123456789")),
    st.builds(number, st.integers(-10 ** 38 + 1, 10 ** 38 - 1),
              st.integers(-130, 125)))
ALPHABET = st.characters(blacklist_categories=("Cs",))
STRINGS = st.one_of(
    st.sampled_from(["", "a", "b", "ab", "abc", "A", "S", "N", "1", "\u00e9",
                     "2", "\U0001d4b3b", "b\U0001d4b3\0\U0001d4b3",
                     "\U0001d4b3", "a\0", "\0", "\1", "\1\2", "\2", "\uffff",
                     "\U00010000", " ", "\"\\/\n", "\x7f"]),
    st.text(ALPHABET, max_size=5))
BINARIES = st.one_of(
    st.sampled_from([b"", b"a", b"b", b"ab", b"\0", b"\xff", b"\xff\0",
                     b"\x80", b"abc"]),
    st.binary(max_size=5))
# Near the edges of capacity units
LONG_STRINGS = st.builds(
    operator.mul,
    st.sampled_from(["x", "\u00e9", "\U0001d4b3", "\0"]),
    st.sampled_from([200, 1000, 1010, 2040, 4050, 4100]))


# Hypothesis looks for the source of lambdas, which takes its time; of named
# functions it only takes the name.

def tagged(tag, contents):
    def with_tag(content):
        return tag, content
    return contents.map(with_tag)


def set_of(elements):
    return st.one_of(
        st.lists(elements, min_size=1, max_size=4),
        st.lists(elements, min_size=1, max_size=4),
        st.lists(elements, min_size=10, max_size=25)).map(frozenset)


def maps(contents):
    return st.lists(st.tuples(st.sampled_from(INNER_NAMES + [""]), contents),
                    max_size=3).map(dict)


def nested(value, level):
    """The value in so many lists and maps."""
    for number_ in range(level):
        value = ("M", {"x": value}) if number_ % 2 else ("L", [value])
    return value


FLAT = {
    "N": tagged("N", NUMBERS),
    "S": tagged("S", STRINGS),
    "B": tagged("B", BINARIES),
    "BOOL": tagged("BOOL", st.booleans()),
    "NULL": st.just(("NULL", True)),
    "SS": tagged("SS", set_of(STRINGS)),
    "NS": tagged("NS", set_of(NUMBERS)),
    "BS": tagged("BS", set_of(BINARIES)),
}
SCALARS = st.one_of(FLAT["N"], FLAT["S"], FLAT["B"])
FLAT_VALUES = st.one_of(*FLAT.values())
LISTS = tagged("L", st.lists(FLAT_VALUES, max_size=4))
MAPS = tagged("M", maps(FLAT_VALUES))
INNER_VALUES = st.one_of(FLAT["N"], FLAT["S"], FLAT_VALUES, LISTS, MAPS)
DEEP = st.builds(nested, FLAT_VALUES, st.sampled_from([29, 30, 31]))
VALUES = {
    **FLAT,
    "L": st.one_of(LISTS, tagged("L", st.lists(INNER_VALUES, max_size=4))),
    "M": st.one_of(MAPS, tagged("M", maps(INNER_VALUES))),
}
ANY_VALUES = st.one_of(*VALUES.values())


@st.composite
def values_for(draw, tag):
    """Usually of the type, sometimes of any."""
    if tag is None or rarely(draw, 12):
        if rarely(draw, 3):
            return draw(DEEP)
        return draw(ANY_VALUES)
    if tag == "S" and rarely(draw, 4):
        return "S", draw(LONG_STRINGS)
    return draw(VALUES[tag])


VALUES_FOR = {tag: values_for(tag) for tag in (*values.TAGS, None)}


# -------------------------------------------------------------------- paths

class Scene:
    """What an expression is about: a strategy for names at the top, and an
    item that it will probably meet."""

    def __init__(self, names, item):
        self.names = names
        self.item = item
        self.known = list(paths_in(item))


def paths_in(item, most=40):
    """To everything in an item that a path can lead to."""
    waiting = [((name,), value) for name, value in item.items()]
    for elements, (tag, content) in waiting[:most]:
        yield elements
        if tag == "M":
            waiting += [(elements + (name,), value)
                        for name, value in content.items() if name]
        elif tag == "L":
            waiting += [(elements + (number,), value)
                        for number, value in enumerate(content)]


@st.composite
def paths(draw, scene):
    """Often to where something is."""
    if scene.known and draw(st.booleans()):
        elements = list(draw(st.sampled_from(scene.known)))
        tag = find(("M", scene.item), elements)[0]
        chance = 10
    else:
        elements = [draw(scene.names)]
        tag = ATTRIBUTES.get(elements[0])
        chance = {"L": 65, "M": 65, None: 25}.get(tag, 5)
    while rarely(draw, chance):
        if tag == "L" or (tag != "M" and draw(st.booleans())):
            elements.append(draw(st.sampled_from([0, 1, 2, 0, 1, 3, 9])))
        else:
            elements.append(draw(st.sampled_from(INNER_NAMES)))
        tag, chance = None, 25
    return Path(tuple(elements))


def usual_type(path, scene):
    """Of what a path leads to; None where it is any."""
    value = path.value(scene.item)
    if value is not None:
        return value[0]
    if len(path.elements) == 1:
        return ATTRIBUTES.get(path.elements[0])
    return "N" if path.elements[-1] == "n" else None


@st.composite
def literals_for(draw, path, scene):
    """Often what is there, rarely the like of it in another type."""
    value = path.value(scene.item)
    if (value is not None and values.size(value) < 5000
            and draw(st.booleans())):
        return Literal(twisted(value) if rarely(draw, 8) else value)
    return Literal(draw(VALUES_FOR[usual_type(path, scene)]))


def twisted(value):
    """The same text in another type, where there is one."""
    tag, content = value
    if tag == "N":
        return "S", values.number_text(content)
    if tag == "S":
        return "B", content.encode()
    if tag == "B":
        return "S", content.decode("latin-1")
    if tag in ("SS", "BS"):
        other = {"SS": "BS", "BS": "SS"}[tag]
        return other, frozenset(twisted((values.SETS[tag], element))[1]
                                for element in content)
    if tag == "NS":
        return "SS", frozenset(map(values.number_text, content))
    return value


NAMES = st.sampled_from(list(ATTRIBUTES))


# --------------------------------------------------------------- keys, items

HASHES = {
    "S": ["a", "a", "a", "b", "b", "\u00e9", "a\0", "\U00010000", "k" * 513,
          "\0" * 2048],
    "N": decimals("1", "1", "1", "2", "2", "0", "-1", "1.5", "1E+125",
                  "1E-130"),
    "B": [b"a", b"a", b"a", b"b", b"b", b"\0", b"\xff", b"k" * 513,
          b"\xff" * 2048],
}
RANGES = {
    "S": ["a", "b", "aa", "ab", "B", "\u00e9", "\uffff", "\U00010000", "a\0",
          "a\1", "\0", "r" * 1024],
    "N": decimals("1", "2", "3", "1.5", "0", "-1", "-0.5", "10", "1E-130",
                  "-1E+125", "9" * 38, "2.0"),
    "B": [b"a", b"b", b"aa", b"\0", b"\0\0", b"\x7f", b"\x80", b"\xff",
          b"\xff\xff", b"a\xff", b"\xff" * 1024],
}
# Of the right type, but not what a key can be; numbers always can
BAD_CONTENTS = {"S": ["", "x" * 2049], "B": [b"", b"x" * 2049],
                "N": decimals("1", "2")}


@functools.lru_cache(None)
def key_values(schema, number):
    """Of the hash (0) or range (1) attribute."""
    tag = schema.keys[number][1]
    return tagged(tag, st.sampled_from((HASHES, RANGES)[number][tag]))


@st.composite
def keys(draw, schema):
    return {name: draw(key_values(schema, number))
            for number, name in enumerate(schema.names)}


@st.composite
def any_keys(draw, schema):
    """Rarely, one that is wrong."""
    key = draw(keys(schema))
    return draw(spoilt(schema, key)) if rarely(draw, 4) else key


@st.composite
def spoilt(draw, schema, key):
    name, tag = draw(st.sampled_from(schema.keys))
    how = draw(st.sampled_from(["type", "missing", "content", "extra"]))
    key = dict(key)
    if how == "type":
        key[name] = draw(FLAT_VALUES)
    elif how == "missing":
        del key[name]
    elif how == "content":
        key[name] = tag, draw(st.sampled_from(BAD_CONTENTS[tag]))
    else:
        key["a"] = draw(FLAT_VALUES)
    return key


@st.composite
def items(draw, schema):
    """A whole item; rarely, its key is wrong."""
    item = {}
    for name in draw(st.lists(NAMES, max_size=8)):
        item[name] = draw(VALUES_FOR[ATTRIBUTES[name]])
    key = draw(keys(schema))
    item.update(key)
    if rarely(draw, 3):
        item = draw(spoilt(schema, item))
    return item


def large_string(schema, key, size, name="s"):
    """What makes an item of the key and one string be of that size."""
    rest = values.item_size(key) + values.text_size(name)
    return {**key, name: ("S", "x" * (size - rest))}
