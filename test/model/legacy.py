"""The parameters that expressions replaced: Expected, the filters,
KeyConditions and AttributeUpdates.

A complaint is a list of messages, any of which may come, as in expressions.
"""

from dataclasses import dataclass

import values
from expressions import Literal, Path
from updates import Action

INVALID = "One or more parameter values were invalid: "
ALL = frozenset(values.TAGS)
ORDERED = frozenset(values.SCALARS)

# operator: least and most arguments, types that they may have
OPERATORS = {
    "EQ": (1, 1, ALL), "NE": (1, 1, ALL),
    "LE": (1, 1, ORDERED), "LT": (1, 1, ORDERED),
    "GE": (1, 1, ORDERED), "GT": (1, 1, ORDERED),
    "NULL": (0, 0, ALL), "NOT_NULL": (0, 0, ALL),
    "CONTAINS": (1, 1, ORDERED), "NOT_CONTAINS": (1, 1, ORDERED),
    "BEGINS_WITH": (1, 1, frozenset(("S", "B"))),
    "IN": (1, 1000, ORDERED), "BETWEEN": (2, 2, ORDERED),
}
SYMBOLS = {"EQ": "=", "NE": "<>", "LE": "<=", "LT": "<", "GE": ">=",
           "GT": ">"}


def holds(operator, value, arguments):
    """Does the comparison hold for an attribute's value, or for None?"""
    if operator in SYMBOLS:
        return values.compare(SYMBOLS[operator], value, arguments[0])
    if operator == "NULL":
        return value is None
    if operator == "NOT_NULL":
        return value is not None
    if operator == "CONTAINS":
        return values.contains(value, arguments[0])
    if operator == "NOT_CONTAINS":
        return value is not None and not values.contains(value, arguments[0])
    if operator == "BEGINS_WITH":
        return values.begins_with(value, arguments[0])
    if operator == "IN":
        return any(values.is_equal(value, argument) for argument in arguments)
    return values.is_between(value, *arguments)


@dataclass(frozen=True)
class Test:
    """A comparison with one attribute."""
    name: str
    operator: str
    arguments: tuple = ()

    def request(self):
        request = {"ComparisonOperator": self.operator}
        if self.arguments:
            request["AttributeValueList"] = [values.to_request(argument)
                                             for argument in self.arguments]
        return request

    def holds(self, item):
        return holds(self.operator, item.get(self.name), self.arguments)

    def complaint(self):
        return self.count_complaint() or self.values_complaint()

    def count_complaint(self):
        least, most, _ = OPERATORS[self.operator]
        if least <= len(self.arguments) <= most:
            return []
        return [INVALID + "Invalid number of argument(s) for the "
                f"{self.operator} ComparisonOperator"]

    def values_complaint(self):
        tags = [argument[0] for argument in self.arguments]
        if len(set(tags)) > 1:
            return [INVALID + "AttributeValues inside AttributeValueList must "
                    "be of same type"]
        if tags and tags[0] not in OPERATORS[self.operator][2]:
            return [INVALID + f"ComparisonOperator {self.operator} is not "
                    f"valid for {tags[0]} AttributeValue type"]
        if (self.operator == "BETWEEN"
                and values.is_less(self.arguments[1], self.arguments[0])):
            return ["The BETWEEN condition was provided a range where the "
                    "lower bound is greater than the upper bound"]
        return []


@dataclass(frozen=True)
class ExpectedTest(Test):
    """The same in Expected, where a lack of values has its own text."""

    def complaint(self):
        if OPERATORS[self.operator][0] > 0 and not self.arguments:
            return [INVALID + "Value or AttributeValueList must be used with "
                    f"ComparisonOperator: {self.operator} for Attribute: "
                    f"{self.name}"]
        return self.count_complaint() or self.values_complaint()


@dataclass(frozen=True)
class ExpectedValue:
    """Value and Exists: equal to a value, or absent."""
    name: str
    value: tuple = None
    exists: bool = None

    def request(self):
        request = {}
        if self.value is not None:
            request["Value"] = values.to_request(self.value)
        if self.exists is not None:
            request["Exists"] = self.exists
        return request

    def holds(self, item):
        if self.exists is False:
            return self.name not in item
        return values.is_equal(item.get(self.name), self.value)

    def complaint(self):
        if self.exists is False and self.value is not None:
            return [INVALID + "Value cannot be used when Exists is false for "
                    f"Attribute: {self.name}"]
        if self.exists is not False and self.value is None:
            word = "null" if self.exists is None else "true"
            return [INVALID + f"Value must be provided when Exists is {word} "
                    f"for Attribute: {self.name}"]
        return []


@dataclass(frozen=True)
class Tests:
    """Expected, QueryFilter or ScanFilter, with ConditionalOperator."""
    tests: tuple
    joint: str = None           # AND, OR or absent

    def __post_init__(self):
        assert self.tests

    def request(self, parameter):
        request = {parameter: {test.name: test.request()
                               for test in self.tests}}
        if self.joint:
            request["ConditionalOperator"] = self.joint
        return request

    def names(self):
        return [test.name for test in self.tests]

    def holds(self, item):
        join = any if self.joint == "OR" else all
        return join(test.holds(item) for test in self.tests)

    def complaint(self):
        messages = [message for test in self.tests
                    for message in test.complaint()]
        if self.joint and len(self.tests) == 1:
            messages.append("ConditionalOperator can only be used when Filter "
                            "or Expected has two or more elements")
        return messages


# ---------------------------------------------------------- AttributeUpdates

@dataclass(frozen=True)
class AttributeUpdate:
    name: str
    action: str = None          # PUT, ADD, DELETE or absent
    value: tuple = None

    def request(self):
        request = {}
        if self.value is not None:
            request["Value"] = values.to_request(self.value)
        if self.action is not None:
            request["Action"] = self.action
        return request

    def complaint(self):
        if self.value is None:
            if self.action == "DELETE":
                return []
            return [INVALID + "Only DELETE action is allowed when no "
                    "attribute value is specified"]
        tag = self.value[0]
        if self.action == "DELETE" and tag not in values.SETS:
            return [INVALID + "DELETE action with value is not supported for "
                    f"the type {tag}"]
        if (self.action == "ADD" and tag not in values.SETS
                and tag not in ("N", "L")):
            return [INVALID + "ADD action is not supported for the type "
                    + tag]
        return []

    def as_action(self):
        path = Path((self.name,))
        if self.value is None:
            return Action("REMOVE", path)
        keyword = self.action if self.action in ("ADD", "DELETE") else "SET"
        return Action(keyword, path, Literal(self.value))
