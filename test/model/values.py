"""Attribute values.

A value is a pair: its type's tag and its content.

    S       str                     SS      frozenset of str
    N       decimal.Decimal         NS      frozenset of Decimal
    B       bytes                   BS      frozenset of bytes
    BOOL    bool                    L       list of values
    NULL    True                    M       dict of values by name

So Python's == of two values is the service's: types first, numbers by
value, sets without order.  An item is the dict of an M.  Values are never
changed in place, except by an update in its own copy.
"""

import base64
import decimal
import zlib

TAGS = ("S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M")
SCALARS = ("S", "N", "B")
SETS = {"SS": "S", "NS": "N", "BS": "B"}        # and their elements' types
MAX_LEVEL = 32
MAX_ITEM_SIZE = 409600
MAX_HASH_SIZE = 2048
MAX_RANGE_SIZE = 1024

# Wide enough for every sum of two numbers to be exact
EXACT = decimal.Context(prec=600, Emin=-9999, Emax=9999,
                        traps=[decimal.Inexact, decimal.InvalidOperation])

OVERFLOW = ("Number overflow. Attempting to store a number with magnitude "
            "larger than supported range")
UNDERFLOW = ("Number underflow. Attempting to store a number with magnitude "
             "smaller than supported range")
TOO_PRECISE = ("Attempting to store more than 38 significant digits in a "
               "Number")


# ------------------------------------------------------------------ numbers

def digits_of(number):
    """(significant digits, exponent of the last of them)"""
    _, digits, exponent = EXACT.normalize(number).as_tuple()
    return digits, exponent


def number_text(number):
    """As the service writes it."""
    if number == 0:
        return "0"
    return format(EXACT.normalize(number), "f")


def number_problem(number):
    """Returns the message for an invalid number, or None."""
    if number == 0:
        return None
    if number.adjusted() > 125:
        return OVERFLOW
    if number.adjusted() < -130:
        return UNDERFLOW
    if len(digits_of(number)[0]) > 38:
        return TOO_PRECISE
    return None


# -------------------------------------------------------------- wire format

def to_wire(value, spell=number_text, arrange=sorted):
    """Returns the value as in the service's JSON, except that bytes stay bytes.
    Python orders strings like their UTF-8, because both compare code points."""
    tag, content = value
    if tag == "N":
        content = spell(content)
    elif tag in ("SS", "BS"):
        content = arrange(content)
    elif tag == "NS":
        content = [spell(number) for number in arrange(content)]
    elif tag == "L":
        content = [to_wire(element, spell, arrange) for element in content]
    elif tag == "M":
        content = item_to_wire(content, spell, arrange)
    return {tag: content}


def item_to_wire(item, spell=number_text, arrange=sorted):
    return {name: to_wire(value, spell, arrange)
            for name, value in item.items()}


def to_request(value):
    """Numbers as they are spelled: 1.0 is not 1 here; sets in any order."""
    return to_wire(value, str, shuffled)


def item_to_request(item):
    return item_to_wire(item, str, shuffled)


def shuffled(elements):
    """The same each time."""
    return sorted(elements, key=lambda element: zlib.crc32(
        repr(element).encode()))


def from_wire(wire):
    (tag, content), = wire.items()
    if tag == "N":
        content = decimal.Decimal(content)
    elif tag in ("SS", "BS"):
        content = frozenset(content)
    elif tag == "NS":
        content = frozenset(map(decimal.Decimal, content))
    elif tag == "L":
        content = [from_wire(element) for element in content]
    elif tag == "M":
        content = item_from_wire(content)
    return tag, content


def item_from_wire(wire):
    return {name: from_wire(value) for name, value in wire.items()}


def printed(value):
    """As error messages show it."""
    (tag, content), = to_wire(value).items()
    if tag == "B":
        content = base64.b64encode(content).decode()
    return "{%s:%s}" % (tag, content)


# ------------------------------------------------------------ order and size

def order_key(value):
    """What S, N or B is sorted by."""
    tag, content = value
    return content.encode() if tag == "S" else content


def text_size(text):
    return len(text.encode())


def number_size(number):
    if number == 0:
        return 1
    digits, exponent = digits_of(number)
    before = min(max(len(digits) + exponent, 0), len(digits))
    after = len(digits) - before
    return (1 + (before + 1) // 2 + (after + 1) // 2
            + (1 if number < 0 else 0))


def size(value):
    tag, content = value
    if tag == "S":
        return text_size(content)
    if tag == "N":
        return number_size(content)
    if tag == "B":
        return len(content)
    if tag in ("BOOL", "NULL"):
        return 1
    if tag in SETS:
        return sum(size((SETS[tag], element)) for element in content)
    if tag == "L":
        return 3 + sum(1 + size(element) for element in content)
    return 3 + sum(text_size(name) + 1 + size(element)
                   for name, element in content.items())


def item_size(item):
    return sum(text_size(name) + size(value) for name, value in item.items())


def level(value):
    """Returns the depth: 1 for a value that holds no other value."""
    tag, content = value
    if tag == "L":
        return 1 + max(map(level, content), default=0)
    if tag == "M":
        return 1 + max(map(level, content.values()), default=0)
    return 1


# -------------------------------------------------------------- comparisons
#
# None is the value of what is not there.

def is_less(left, right):
    return (left is not None and right is not None and left[0] == right[0]
            and left[0] in SCALARS and order_key(left) < order_key(right))


def is_equal(left, right):
    return left is not None and right is not None and left == right


def is_ordered_equal(left, right):
    return is_equal(left, right) and left[0] in SCALARS


COMPARISONS = {
    "=": is_equal,
    "<>": lambda left, right: not is_equal(left, right),
    "<": is_less,
    "<=": lambda left, right: (is_less(left, right)
                               or is_ordered_equal(left, right)),
    ">": lambda left, right: is_less(right, left),
    ">=": lambda left, right: (is_less(right, left)
                               or is_ordered_equal(left, right)),
}


def compare(operator, left, right):
    return COMPARISONS[operator](left, right)


def is_between(value, low, high):
    return compare(">=", value, low) and compare("<=", value, high)


def begins_with(value, prefix):
    return (value is not None and prefix is not None
            and value[0] == prefix[0] and value[0] in ("S", "B")
            and value[1].startswith(prefix[1]))


def contains(value, part):
    if value is None or part is None:
        return False
    tag, content = value
    if tag in ("S", "B"):
        return part[0] == tag and part[1] in content
    if tag in SETS:
        return part[0] == SETS[tag] and part[1] in content
    return tag == "L" and part in content


def length(value):
    """Returns the result of size(), or None if there is none.  Only one record shows
    whether a string's UTF-16 units or its bytes are counted."""
    if value is None:
        return None
    tag, content = value
    if tag == "S":
        units = len(content.encode("utf-16-le")) // 2
    elif tag in ("N", "BOOL", "NULL"):
        return None
    else:
        units = len(content)
    return "N", decimal.Decimal(units)
