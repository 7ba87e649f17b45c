"""Sends requests one after the other and checks each against the model."""

import collections
import re

import values
from answers import is_right
from operations import Database, Refusal
from reads import all_rows
from transports import Failure, to_json

COMPARE_EVERY = 20


class Mismatch(AssertionError):
    """A difference between the server and the model.  The kind distinguishes it
    from others while the requests that led to it are reduced."""

    def __init__(self, session, kind, text):
        super().__init__(text)
        self.kind = kind
        self.schemas = session.schemas
        self.operations = list(session.operations)
        session.failed = True


class Counter:
    """Counts the steps by operation and by answer."""

    def __init__(self):
        self.steps = 0
        self.by_name = collections.Counter()
        self.by_answer = collections.Counter()

    def count(self, name, answer):
        self.steps += 1
        self.by_name[name] += 1
        self.by_answer[answer] += 1


class Session:
    """Begins with empty tables."""

    def __init__(self, call, schemas, counter):
        self.call = call
        self.schemas = schemas
        self.counter = counter
        self.operations = []
        self.failed = False
        self.database = Database()
        for schema in schemas:
            empty(call, schema)
            self.database.create(schema)

    def check(self, operation):
        """Sends a request and the requests that follow from it, and compares."""
        self.operations.append(operation)
        try:
            learned = operation.learn(self.call, self.database)
        except AssertionError as error:
            raise Mismatch(self, operation.name, str(error)) from None
        while operation is not None:
            operation = self.check_one(operation, learned)
        if len(self.operations) % COMPARE_EVERY == 0:
            self.compare()

    def check_one(self, operation, learned):
        """Returns what follows."""
        request = operation.request()
        expected = operation.answers(self.database, learned)
        try:
            got = self.call(operation.name, request)
        except Failure as failure:
            got = failure
        self.counter.count(operation.name, type_of(got))
        if not any(is_right(answer, got) for answer in expected):
            raise Mismatch(
                self, (operation.name, kind_of(got), kind_of(expected[0])),
                f"sent     {operation.name} {to_json(request)}\n"
                f"got      {printed(got)}\n" + "\n".join(
                    f"expected {printed(answer)}" for answer in expected))
        return None if isinstance(got, Failure) else operation.next(got)

    def compare(self):
        """The whole contents."""
        for table in self.database.tables.values():
            rows = contents(self.call, table.schema)
            if rows != table.items:
                raise Mismatch(self, "contents",
                               f"{table.schema.table} holds {rows}\n"
                               f"the model {table.items}")


def replay(call, schemas, operations, counter):
    """The mismatch that the operations lead to, or None."""
    try:
        session = Session(call, schemas, counter)
        for operation in operations:
            session.check(operation)
        session.compare()
    except Mismatch as mismatch:
        return mismatch
    return None


def type_of(answer):
    return answer.type if isinstance(answer, Exception) else "success"


def kind_of(answer):
    if isinstance(answer, Failure):
        return answer.type, answer.message[:40]
    if isinstance(answer, Refusal):
        return answer.type, answer.messages[0][:40]
    return "body"


def printed(answer):
    if isinstance(answer, (Failure, Refusal)):
        return repr(answer)
    return to_json(answer)


def story(mismatch):
    """Returns the full text of the requests, and the mismatch."""
    lines = [f"{operation.name} {to_json(operation.request())}"
             for operation in mismatch.operations]
    return abbreviated("\n".join(lines + [str(mismatch)]))


def abbreviated(text):
    """As vectors have it: ${x*300} is three hundred times an x."""
    return re.sub(r"(\\u....|/|.)\1{39,}", lambda run: "${%s*%d}" % (
        run[1], len(run[0]) // len(run[1])), text)


def contents(call, schema):
    """The items by key."""
    rows = all_rows(call, schema, {"TableName": schema.table,
                                   "ConsistentRead": True})
    return {schema.key_of(row): row for row in rows}


def empty(call, schema):
    items = list(contents(call, schema).values())
    for first in range(0, len(items), 25):
        call("BatchWriteItem", {"RequestItems": {schema.table: [
            {"DeleteRequest": {"Key": values.item_to_wire(
                schema.key_item(item))}}
            for item in items[first:first + 25]]}})
