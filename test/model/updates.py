"""Update expressions: their text, and the item they leave.

Every action reads the item as it was.  What goes wrong with an item is
raised as Unfit, with all messages that its actions could have given: which
of them comes first is not for us to say.
"""

import copy
from dataclasses import dataclass

import expressions
import values
from expressions import Literal, Path

NO_ATTRIBUTE = ("The provided expression refers to an attribute that does "
                "not exist in the item")
BAD_PATH = ("The document path provided in the update expression is invalid "
            "for update")
BAD_OPERAND = ("An operand in the update expression has an incorrect data "
               "type")
BAD_TYPE = "Type mismatch for attribute to update"       # AttributeUpdates
MISUSED = ("The function is not allowed to be used this way in an expression; "
           "function: list_append")
TOO_DEEP = "Nesting Levels have exceeded supported limits"
TYPE_WORDS = {"S": "STRING", "N": "NUMBER", "B": "BINARY", "BOOL": "BOOLEAN",
              "NULL": "NULL", "L": "LIST", "M": "MAP"}
ADDABLE = ("N", "SS", "NS", "BS")
DELETABLE = ("SS", "NS", "BS")


class Unfit(Exception):
    """The update cannot be applied to this item."""

    def __init__(self, *messages):
        super().__init__(*messages)
        self.messages = list(messages)


# ---------------------------------------------------------- right-hand sides

@dataclass(frozen=True)
class Sum:
    operator: str               # + or -
    left: object
    right: object

    def tokens(self, writer):
        return writer.maybe_group([*self.left.tokens(writer), self.operator,
                                   *self.right.tokens(writer)])

    def value(self, item):
        left, right = present(self.left, item), present(self.right, item)
        if left[0] != "N" or right[0] != "N":
            raise Unfit(BAD_OPERAND)
        return add_numbers(left, right, self.operator)

    def complaint(self):
        return operands_complaint(self.operator, (self.left, self.right), "N")


@dataclass(frozen=True)
class IfNotExists:
    path: Path
    default: object

    def tokens(self, writer):
        return ["if_not_exists", "(", *self.path.tokens(writer), ",",
                *self.default.tokens(writer), ")"]

    def value(self, item):
        value = self.path.value(item)
        return present(self.default, item) if value is None else value

    def static_type(self):
        return None

    def complaint(self):
        return side_complaint(self.default)


@dataclass(frozen=True)
class ListAppend:
    left: object
    right: object

    def tokens(self, writer):
        return ["list_append", "(", *self.left.tokens(writer), ",",
                *self.right.tokens(writer), ")"]

    def value(self, item):
        left, right = present(self.left, item), present(self.right, item)
        if left[0] != "L" or right[0] != "L":
            raise Unfit(BAD_OPERAND)
        return "L", left[1] + right[1]

    def static_type(self):
        return "L"

    def complaint(self):
        return operands_complaint("list_append", (self.left, self.right), "L")


def present(operand, item):
    value = operand.value(item)
    if value is None:
        raise Unfit(NO_ATTRIBUTE)
    return value


def add_numbers(left, right, operator="+"):
    """A sum of too many digits is an overflow."""
    addend = right[1] if operator == "+" else values.EXACT.minus(right[1])
    result = values.EXACT.add(left[1], addend)
    problem = values.number_problem(result)
    if problem:
        raise Unfit(values.OVERFLOW if problem == values.TOO_PRECISE
                    else problem)
    return "N", result


def side_complaint(side):
    return [] if isinstance(side, (Path, Literal)) else side.complaint()


def misuse_complaint(side):
    """The result of list_append() cannot be an operand of another list_append()."""
    if isinstance(side, IfNotExists):
        return misuse_complaint(side.default)
    if not isinstance(side, ListAppend):
        return []
    return [MISUSED for operand in (side.left, side.right)
            if isinstance(operand, ListAppend)] + [
                message for operand in (side.left, side.right)
                for message in misuse_complaint(operand)]


def size_of_literals(side):
    """Of those at any depth."""
    if isinstance(side, Literal):
        return values.size(side.content)
    parts = {Sum: ("left", "right"), ListAppend: ("left", "right"),
             IfNotExists: ("default",)}.get(type(side), ())
    return sum(size_of_literals(getattr(side, part)) for part in parts)


def paths_of(side):
    """Of the operands, at any depth."""
    if isinstance(side, Path):
        return [side]
    parts = {Sum: ("left", "right"), ListAppend: ("left", "right"),
             IfNotExists: ("path", "default")}.get(type(side), ())
    return [path for part in parts for path in paths_of(getattr(side, part))]


def operands_complaint(function, operands, wanted):
    messages = []
    for operand in operands:
        messages += side_complaint(operand)
        if (isinstance(operand, Literal)
                and operand.static_type() != wanted):
            messages.append(expressions.WRONG_TYPE.format(
                function, operand.static_type()))
    return messages


# ------------------------------------------------------------------- actions

@dataclass(frozen=True)
class Action:
    keyword: str                # SET, REMOVE, ADD or DELETE
    path: Path
    side: object = None         # of SET any, of ADD and DELETE a Literal

    def tokens(self, writer):
        tokens = self.path.tokens(writer)
        if self.keyword == "SET":
            tokens.append("=")
        if self.side is not None:
            tokens += self.side.tokens(writer)
        return tokens

    def size(self):
        """Names and values as given, and what the service adds."""
        if self.keyword == "REMOVE":
            return 2
        names = [element for element in self.path.elements
                 if isinstance(element, str)]
        return ((2 if self.keyword == "DELETE" else 19)
                + sum(map(values.text_size, names))
                + size_of_literals(self.side))

    def new_value(self, item, mismatch):
        """Returns the value at the path afterwards, None if there is none."""
        old = self.path.value(item)
        if self.keyword == "SET":
            return present(self.side, item)
        if self.keyword == "REMOVE":
            return None
        value = self.side.content
        if old is None:
            return value if self.keyword == "ADD" else None
        if old[0] != value[0]:
            raise Unfit(mismatch)
        tag = old[0]
        if tag == "N":
            return add_numbers(old, value)
        if tag == "L":          # AttributeUpdates only
            return tag, old[1] + value[1]
        if self.keyword == "ADD":
            return tag, old[1] | value[1]
        left = old[1] - value[1]
        return (tag, left) if left else None


@dataclass(frozen=True)
class Update:
    actions: tuple
    legacy: bool = False        # from AttributeUpdates

    def __post_init__(self):
        assert self.actions

    def tokens(self, writer):
        tokens = []
        keyword = None
        for action in self.actions:     # those of a section together
            tokens.append("," if action.keyword == keyword else action.keyword)
            tokens += action.tokens(writer)
            keyword = action.keyword
        return tokens

    def targets(self):
        return [action.path for action in self.actions]

    def operand_paths(self):
        return [path for action in self.actions
                for path in paths_of(action.side)]

    def only_takes_away(self):
        return all(action.keyword in ("REMOVE", "DELETE")
                   for action in self.actions)

    def size(self):
        return sum(action.size() for action in self.actions)

    def complaint(self):
        return ([message for action in self.actions
                 for message in misuse_complaint(action.side)]
                or expressions.apart_complaint(self.targets())
                or [message for action in self.actions
                    for message in operand_complaint(action)]
                or [message for action in self.actions
                    if action.keyword == "SET"
                    for message in side_complaint(action.side)])

    def apply(self, item):
        """The item afterwards, or Unfit."""
        new = copy.deepcopy(item)
        edits = self.edits(item, new)
        for container, element, value in edits:
            if isinstance(container, dict):
                container.pop(element, None)
                if value is not None:
                    container[element] = value
        for container in {id(edit[0]): edit[0] for edit in edits}.values():
            if isinstance(container, list):
                edit_list(container, {
                    element: value for other, element, value in edits
                    if other is container})
        if values.level(("M", new)) > values.MAX_LEVEL + 1:
            raise Unfit(TOO_DEEP)
        return new

    def edits(self, item, new):
        """(dict or list within new, name or index, value or None), ..."""
        edits, messages = [], []
        for action in self.actions:
            try:
                value = action.new_value(
                    item, BAD_TYPE if self.legacy else BAD_OPERAND)
            except Unfit as unfit:
                messages += unfit.messages
                value = None
            *parents, last = action.path.elements
            parent = expressions.find(("M", new), parents)
            wanted = "M" if isinstance(last, str) else "L"
            if parent is None or parent[0] != wanted:
                messages.append(BAD_PATH)
            else:
                edits.append((parent[1], last, copy.deepcopy(value)))
        if messages:
            raise Unfit(*messages)
        return edits


def edit_list(elements, edits):
    """Indexes refer to the old list.  Values beyond its end are appended in the
    order of their indexes, and removals come last."""
    length = len(elements)
    for index in sorted(edits):
        if index >= length:
            if edits[index] is not None:
                elements.append(edits[index])
        else:
            elements[index] = edits[index]
    elements[:] = [element for element in elements if element is not None]


def operand_complaint(action):
    """Of ADD and DELETE."""
    allowed = {"ADD": ADDABLE, "DELETE": DELETABLE}.get(action.keyword)
    if allowed is None or action.side.static_type() in allowed:
        return []
    word = TYPE_WORDS[action.side.static_type()]
    return ["Incorrect operand type for operator or function; operator: "
            f"{action.keyword}, operand type: {word}"]
