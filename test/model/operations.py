"""What all operations share.

An operation knows its request, and what it does to the model's database: it
returns the body of the answer or raises a Refusal.  Where more than one
answer is right, it gives them all.
"""

import copy
from dataclasses import dataclass, field

import values
from tables import Table
from writing import Writer

FRAME = "1 validation error detected: "
NO_TABLE = "Requested resource not found"


class Refusal(Exception):
    """An error as an answer; any of the messages will do."""

    def __init__(self, type_, messages, item=None):
        super().__init__(type_, messages)
        self.type = type_
        self.messages = list(messages)
        self.item = item        # of a failed condition, or reasons

    def __repr__(self):
        return f"{self.type}: {' | '.join(self.messages)} {self.item or ''}"


def invalid(*messages):
    return Refusal("ValidationException", messages)


def refuse_first(*groups):
    """Raise the first of the groups of messages that is not empty."""
    for group in groups:
        if group:
            raise invalid(*group)


def framed(messages):
    return [FRAME + message for message in messages]


def in_expression(parameter, node):
    """The complaints of an expression, as its parameter's."""
    return [f"Invalid {parameter}: {message}"
            for message in (node.complaint() if node else [])]


@dataclass
class Database:
    tables: dict = field(default_factory=dict)

    def table(self, name):
        if name not in self.tables:
            raise Refusal("ResourceNotFoundException", [NO_TABLE])
        return self.tables[name]

    def create(self, schema):
        self.tables[schema.table] = Table(schema)


class Operation:
    style = 0                   # how expressions are written

    @property
    def name(self):
        return type(self).__name__

    def writer(self):
        return Writer(self.style)

    def _repr_pretty_(self, printer, cycle):
        printer.text(self.name)         # hypothesis prints it for nobody

    def learn(self, call, database):
        """What only the server can know, such as the order of a scan."""
        return None

    def answers(self, database, learned):
        """Do it; all answers that are right, bodies and Refusals."""
        try:
            return [self.run(database)]
        except Refusal as refusal:
            return [refusal]

    def next(self, body):
        """The operation that goes on where this answer ended, or None."""
        return None


def write_expressions(request, writer, **nodes):
    """Put expressions, and the maps they need, into a request."""
    for parameter, node in nodes.items():
        if node is not None:
            request[parameter] = writer.text(node)
    request.update(writer.parameters())


def without_none(request):
    return {name: value for name, value in request.items()
            if value is not None}


def stored(item):
    """A copy of what the request had, to be kept."""
    return copy.deepcopy(item)


def shown(item):
    return values.item_to_wire(item)
