"""Paths, conditions and projections: their text, and what they mean.

Every node can be written (tokens), conditions hold or do not (holds), and
what the service refuses without looking at an item is a complaint: a list
of messages, any of which it may give, empty when there is nothing to
complain about.
"""

from dataclasses import dataclass

import values

WRONG_TYPE = ("Incorrect operand type for operator or function; "
              "operator or function: {}, operand type: {}")
NEEDS_PATH = ("Operator or function requires a document path; "
              "operator or function: {}")
ORDERED = values.SCALARS
MEASURED = ("S", "B", "SS", "NS", "BS", "L", "M")
SEARCHED = ("S", "B", "SS", "NS", "BS", "L")
ANY = values.TAGS


# ----------------------------------------------------------------- operands

@dataclass(frozen=True)
class Path:
    """Names (str) and indexes (int); the first is a name."""
    elements: tuple

    def tokens(self, writer):
        tokens = []
        for element in self.elements:
            if isinstance(element, int):
                tokens += ["[", str(element), "]"]
            else:
                tokens += ["."] * bool(tokens) + [writer.name(element)]
        return tokens

    def value(self, item):
        return find(("M", item), self.elements)

    def static_type(self):
        return None

    def paths(self):
        return [self]

    def printed(self):
        return "[%s]" % ", ".join(
            element if isinstance(element, str) else f"[{element}]"
            for element in self.elements)


def find(value, elements):
    """What a path leads to from a value, or None."""
    for element in elements:
        tag, content = value
        if isinstance(element, str):
            if tag != "M" or element not in content:
                return None
        elif tag != "L" or element >= len(content):
            return None
        value = content[element]
    return value


@dataclass(frozen=True)
class Literal:
    content: tuple

    def tokens(self, writer):
        return [writer.value(self.content)]

    def value(self, item):
        return self.content

    def static_type(self):
        return self.content[0]

    def paths(self):
        return []


@dataclass(frozen=True)
class Size:
    operand: object

    def tokens(self, writer):
        return ["size", "(", *self.operand.tokens(writer), ")"]

    def value(self, item):
        return values.length(self.operand.value(item))

    def static_type(self):
        return "N"

    def paths(self):
        return self.operand.paths()

    def complaint(self):
        return type_complaint("size", self.operand, MEASURED)


def type_complaint(function, operand, allowed):
    complaint = operand.complaint() if isinstance(operand, Size) else []
    tag = operand.static_type()
    if tag is not None and tag not in allowed:
        complaint = complaint + [WRONG_TYPE.format(function, tag)]
    return complaint


def operand_tokens(writer, operand):
    return writer.maybe_group(operand.tokens(writer))


def list_tokens(writer, operands):
    """In parentheses, which one operand must not have of its own as well."""
    if len(operands) == 1:
        return writer.group(operands[0].tokens(writer))
    tokens = []
    for number, operand in enumerate(operands):
        tokens += [","] * (number > 0) + operand_tokens(writer, operand)
    return writer.group(tokens)


# --------------------------------------------------------------- conditions

class Condition:
    """What is true or false.  The level says what binds tighter."""
    level = 3

    def paths(self):
        return [path for operand in self.operands()
                for path in operand.paths()]

    def complaint(self):
        """Of the first comparison that is wrong, left to right."""
        return self.same_operands() or self.wrong_types()

    def same_operands(self):
        return []

    def wrong_types(self):
        return []

    def child_tokens(self, writer, child):
        tokens = child.tokens(writer)
        if child.level <= self.level and child.level < 3:
            return writer.group(tokens)
        return writer.maybe_group(tokens)


def same_operands(operator, left, right):
    if isinstance(left, Path) and left == right:
        return ["The first operand must be distinct from the remaining "
                "operands for this operator or function; operator: "
                f"{operator}, first operand: {left.printed()}"]
    return []


@dataclass(frozen=True)
class Comparison(Condition):
    operator: str
    left: object
    right: object

    def operands(self):
        return [self.left, self.right]

    def tokens(self, writer):
        return [*operand_tokens(writer, self.left), self.operator,
                *operand_tokens(writer, self.right)]

    def holds(self, item):
        return values.compare(self.operator, self.left.value(item),
                              self.right.value(item))

    def same_operands(self):
        return same_operands(self.operator, self.left, self.right)

    def wrong_types(self):
        allowed = ANY if self.operator in ("=", "<>") else ORDERED
        return [message for operand in self.operands()
                for message in type_complaint(self.operator, operand, allowed)]


@dataclass(frozen=True)
class Between(Condition):
    operand: object
    low: object
    high: object

    def operands(self):
        return [self.operand, self.low, self.high]

    def tokens(self, writer):
        return [*operand_tokens(writer, self.operand), "BETWEEN",
                *operand_tokens(writer, self.low), "AND",
                *operand_tokens(writer, self.high)]

    def holds(self, item):
        return values.is_between(self.operand.value(item),
                                 self.low.value(item), self.high.value(item))

    def wrong_types(self):
        messages = [message for operand in self.operands()
                    for message in type_complaint("BETWEEN", operand, ORDERED)]
        return messages or bounds_complaint(self.low, self.high)


def bounds_complaint(low, high):
    if not (isinstance(low, Literal) and isinstance(high, Literal)):
        return []
    bounds = ("lower bound operand: AttributeValue: "
              f"{values.printed(low.content)}, upper bound operand: "
              f"AttributeValue: {values.printed(high.content)}")
    if low.content[0] != high.content[0]:
        return ["The BETWEEN operator requires same data type for lower and "
                f"upper bounds; {bounds}"]
    if values.is_less(high.content, low.content):
        return ["The BETWEEN operator requires upper bound to be greater "
                f"than or equal to lower bound; {bounds}"]
    return []


@dataclass(frozen=True)
class In(Condition):
    operand: object
    choices: tuple

    def __post_init__(self):
        assert self.choices

    def operands(self):
        return [self.operand, *self.choices]

    def tokens(self, writer):
        return [*operand_tokens(writer, self.operand), "IN",
                *list_tokens(writer, self.choices)]

    def holds(self, item):
        value = self.operand.value(item)
        return any(values.is_equal(value, choice.value(item))
                   for choice in self.choices)

    def wrong_types(self):
        return [message for operand in self.operands()
                for message in type_complaint("IN", operand, ANY)]


class Function(Condition):
    def tokens(self, writer):
        return [self.function, *list_tokens(writer, self.operands())]


@dataclass(frozen=True)
class Exists(Function):
    operand: object
    wanted: bool = True

    @property
    def function(self):
        return "attribute_exists" if self.wanted else "attribute_not_exists"

    def operands(self):
        return [self.operand]

    def holds(self, item):
        return (self.operand.value(item) is not None) == self.wanted

    def wrong_types(self):
        if isinstance(self.operand, Path):
            return []
        return [NEEDS_PATH.format(self.function)]


@dataclass(frozen=True)
class HasType(Function):
    operand: Path
    type: Literal
    function = "attribute_type"

    def operands(self):
        return [self.operand, self.type]

    def holds(self, item):
        value = self.operand.value(item)
        return value is not None and value[0] == self.type.content[1]

    def wrong_types(self):
        tag, content = self.type.content
        if tag != "S":
            return [WRONG_TYPE.format(self.function, tag)]
        if content not in values.TAGS:
            return [f"Invalid attribute type name found; type: {content}, "
                    "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"]
        return []


@dataclass(frozen=True)
class BeginsWith(Function):
    operand: object
    prefix: object
    function = "begins_with"

    def operands(self):
        return [self.operand, self.prefix]

    def holds(self, item):
        return values.begins_with(self.operand.value(item),
                                  self.prefix.value(item))

    def same_operands(self):
        return same_operands(self.function, self.operand, self.prefix)

    def wrong_types(self):
        return [message for operand in self.operands()
                for message in type_complaint(self.function, operand,
                                              ("S", "B"))]


@dataclass(frozen=True)
class Contains(Function):
    operand: object
    part: object
    function = "contains"

    def operands(self):
        return [self.operand, self.part]

    def holds(self, item):
        return values.contains(self.operand.value(item),
                               self.part.value(item))

    def same_operands(self):
        return same_operands(self.function, self.operand, self.part)

    def wrong_types(self):
        return (type_complaint(self.function, self.operand, SEARCHED)
                + type_complaint(self.function, self.part, ANY))


class Logical(Condition):
    def complaint(self):
        for part in self.operands():
            complaint = part.complaint()
            if complaint:
                return complaint
        return []


@dataclass(frozen=True)
class Not(Logical):
    part: Condition
    level = 2

    def operands(self):
        return [self.part]

    def tokens(self, writer):
        return ["NOT", *self.child_tokens(writer, self.part)]

    def holds(self, item):
        return not self.part.holds(item)


@dataclass(frozen=True)
class And(Logical):
    parts: tuple
    level = 1

    def __post_init__(self):
        assert len(self.parts) > 1

    def operands(self):
        return self.parts

    def tokens(self, writer):
        return joined(writer, self, "AND")

    def holds(self, item):
        return all(part.holds(item) for part in self.parts)


@dataclass(frozen=True)
class Or(Logical):
    parts: tuple
    level = 0

    def __post_init__(self):
        assert len(self.parts) > 1

    def operands(self):
        return self.parts

    def tokens(self, writer):
        return joined(writer, self, "OR")

    def holds(self, item):
        return any(part.holds(item) for part in self.parts)


def joined(writer, node, word):
    tokens = []
    for number, part in enumerate(node.parts):
        tokens += [word] * (number > 0) + node.child_tokens(writer, part)
    return tokens


# -------------------------------------------------------------- projections

@dataclass(frozen=True)
class Projection:
    selected: tuple             # of Path

    def __post_init__(self):
        assert self.selected

    def tokens(self, writer):
        tokens = []
        for number, path in enumerate(self.selected):
            tokens += [","] * (number > 0) + path.tokens(writer)
        return tokens

    def paths(self):
        return list(self.selected)

    def complaint(self):
        return apart_complaint(self.selected)

    def of(self, item):
        return select(item, [path.elements for path in self.selected])


def select(item, paths):
    """The item with nothing but what the paths lead to."""
    selected = select_value(("M", item), paths)
    return {} if selected is None else selected[1]


def select_value(value, paths):
    if () in paths:
        return value
    tag, content = value
    if tag == "M":
        found = {name: select_below(content[name], name, paths)
                 for name in content if any(path[0] == name for path in paths)}
        found = {name: child for name, child in found.items()
                 if child is not None}
    elif tag == "L":
        found = [select_below(child, index, paths)
                 for index, child in enumerate(content)
                 if any(path[0] == index for path in paths)]
        found = [child for child in found if child is not None]
    else:
        return None
    return (tag, found) if found else None


def select_below(child, element, paths):
    return select_value(child, [path[1:] for path in paths
                                if path[0] == element])


def apart_complaint(paths):
    """Of paths that overlap, else of paths that conflict."""
    pairs = [(one, two) for number, two in enumerate(paths)
             for one in paths[:number]]
    for relation in ("overlap", "conflict"):
        messages = [
            f"Two document paths {relation} with each other; must remove or "
            f"rewrite one of these paths; path one: {one.printed()}, "
            f"path two: {two.printed()}"
            for one, two in pairs
            if relation_of(one.elements, two.elements) == relation]
        if messages:
            return messages
    return []


def relation_of(one, two):
    for left, right in zip(one, two):
        if isinstance(left, str) != isinstance(right, str):
            return "conflict"
        if left != right:
            return "apart"
    return "overlap"
