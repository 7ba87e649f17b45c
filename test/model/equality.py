"""The same request over HTTP and in SQL, and whether the answers are equal.

In SQL it is undone, so both find the same.  What jsonb cannot carry is kept
out of the requests: members come in its order, strings are in stored form.
"""

import json
import re
from dataclasses import dataclass

import generator
import mutations
import pools
from machine import of_a_table, of_tables
from operations import Database
from session import Mismatch
from transports import to_json

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

# Members of two answers that may differ
VOLATILE = {"TableId", "CreationDateTime"}


@dataclass(frozen=True)
class Raw:
    """A request as JSON."""
    name: str
    body: object

    def request(self):
        return self.body

    def _repr_pretty_(self, printer, cycle):
        printer.text(self.name)         # which may be deep otherwise


def raw(operation):
    return Raw(operation.name, json.loads(to_json(operation.request())))


# ------------------------------------------------------------------- forms

def each_string(change, node):
    if isinstance(node, str):
        return change(node)
    if isinstance(node, list):
        return [each_string(change, element) for element in node]
    if isinstance(node, dict):
        return {change(name): each_string(change, content)
                for name, content in node.items()}
    return node


def stored(text):
    """As SQL has it."""
    return text.replace("\1", "\1\2").replace("\0", "\1\1")


def from_stored(text):
    return re.sub("\1([\1\2])", lambda pair:
                  "\0" if pair[1] == "\1" else "\1", text)


def as_jsonb(node):
    """With members in the order in which jsonb keeps them.

    Some requests are deep: a comprehension would be another frame a level.
    """
    if isinstance(node, list):
        return list(map(as_jsonb, node))
    if isinstance(node, dict):
        names = sorted(node, key=lambda name: (len(stored(name).encode()),
                                               stored(name).encode()))
        return dict(zip(names, map(as_jsonb, map(node.get, names))))
    return node


def without_volatile(node):
    if isinstance(node, list):
        return [without_volatile(element) for element in node]
    if isinstance(node, dict):
        return {name: without_volatile(content)
                for name, content in node.items() if name not in VOLATILE}
    return node


def parsed(text):
    """Parses JSON with numbers as they are written."""
    return json.loads(text, parse_int=lambda digits: ("number", digits),
                      parse_float=lambda digits: ("number", digits))


# ----------------------------------------------------------------- sessions

class Equality:
    """A run: sends requests both ways."""

    def __init__(self, http, sql, schemas, counter):
        self.http = http
        self.sql = sql
        self.schemas = schemas
        self.counter = counter
        self.operations = []
        self.failed = False
        self.database = Database()      # its tables stay empty
        for schema in schemas:
            self.empty(schema)
            self.database.create(schema)

    def empty(self, schema):
        request = {"TableName": schema.table, "ProjectionExpression": "#a, #b",
                   "ExpressionAttributeNames": {
                       "#a": schema.names[0], "#b": schema.names[-1]}}
        if len(schema.names) == 1:
            del request["ExpressionAttributeNames"]["#b"]
            request["ProjectionExpression"] = "#a"
        while True:
            status, text = self.http("Scan", request)
            assert status == 200, text
            keys = json.loads(text)["Items"]
            if not keys:
                return
            for first in range(0, len(keys), 25):
                self.http("BatchWriteItem", {"RequestItems": {schema.table: [
                    {"DeleteRequest": {"Key": key}}
                    for key in keys[first:first + 25]]}})

    def check(self, operation):
        operation = Raw(operation.name, as_jsonb(operation.body))
        if is_dangerous(operation):
            return
        self.operations.append(operation)
        in_sql = self.sql(operation.name,
                          each_string(stored, operation.body))
        if in_sql is None:
            return              # jsonb refuses it
        over_http = self.http(operation.name, operation.body)
        if operation.name == "CreateTable" and over_http[0] == 200:
            self.http("DeleteTable",
                      {"TableName": operation.body["TableName"]})
        one, other = http_answer(*over_http), sql_answer(in_sql)
        self.counter.count(operation.name, kind_of(one))
        if one != other:
            raise Mismatch(self, (operation.name, kind_of(one),
                                  kind_of(other)),
                           f"HTTP {one}\nSQL  {other}")
        if over_http[0] not in (200, 400):
            raise Mismatch(self, (operation.name, over_http[0]), f"HTTP {one}")


def is_dangerous(operation):
    """Returns whether a request could destroy a table of other users."""
    return operation.name == "DeleteTable" and "missing" not in str(
        operation.body)


def http_answer(status, text):
    answer = parsed(text)
    if status == 200:
        return without_volatile(answer)
    type_ = answer.pop("__type", "").split("#")[-1]
    message = answer.pop("message", answer.pop("Message", None))
    return type_, message, answer


def sql_answer(answer):
    if "body" in answer:
        return without_volatile(each_string(from_stored, answer["body"]))
    type_, _, message = answer["message"].partition(": ")
    extras = parsed(answer["detail"]) if answer["detail"] else {}
    if not answer["state"].startswith("ND"):
        type_, message = answer["state"], answer["message"]
    return (type_, from_stored(message) or None,
            each_string(from_stored, extras))


def kind_of(answer):
    return answer[0] if isinstance(answer, tuple) else "success"


def replay(http, sql, schemas, operations, counter):
    """The mismatch that the requests lead to, or None."""
    try:
        session = Equality(http, sql, schemas, counter)
        for operation in operations:
            session.check(operation)
    except Mismatch as mismatch:
        return mismatch
    return None


# ----------------------------------------------------------------- machine

ITEM_OPERATIONS = [
    generator.put_items, generator.update_items, generator.delete_items,
    generator.get_items, generator.queries, generator.scans,
]
BATCHES = [generator.batch_gets, generator.batch_writes,
           generator.transact_gets, generator.transact_writes]
TABLE_REQUESTS = [
    ("CreateTable", {**pools.SCHEMAS[3].definition(),
                     "TableName": "model_new"}),
    ("CreateTable", {
        **pools.SCHEMAS[0].definition(), "TableName": "model_new",
        "BillingMode": "PROVISIONED", "ProvisionedThroughput": {
            "ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}),
    ("DescribeTable", {"TableName": "model_s_n"}),
    ("DescribeTable", {"TableName": "model_missing"}),
    ("DeleteTable", {"TableName": "model_missing"}),
    ("ListTables", {"Limit": 3, "ExclusiveStartTableName": "model_b"}),
    ("DescribeLimits", {}),
]
EXPRESSIONS = {
    "PutItem": ["ConditionExpression"],
    "UpdateItem": ["UpdateExpression", "ConditionExpression"],
    "Query": ["KeyConditionExpression", "FilterExpression",
              "ProjectionExpression"],
    "Scan": ["FilterExpression", "ProjectionExpression"],
}


@st.composite
def sound(draw, tables):
    if draw(pools.PERCENT) < 75:
        make = draw(st.sampled_from(ITEM_OPERATIONS))
        operation = draw(make(draw(st.sampled_from(tables))))
    else:
        make = draw(st.sampled_from(BATCHES))
        operation = draw(make(tables))
    return raw(operation)


@st.composite
def damaged(draw, requests):
    request = draw(requests)
    return Raw(request.name, draw(mutations.damaged(request.body)))


def damaged_sound(tables):
    return damaged(sound(tables))


@st.composite
def garbage(draw, table):
    """Anything where an expression belongs."""
    schema = table.schema
    name = draw(st.sampled_from(list(EXPRESSIONS)))
    body = {"TableName": schema.table}
    key = {name_: {tag: "1" if tag == "N" else "YQ=="}
           for name_, tag in schema.keys}
    if name in ("PutItem", "UpdateItem"):
        body["Item" if name == "PutItem" else "Key"] = key
    for parameter in draw(st.lists(st.sampled_from(EXPRESSIONS[name]),
                                   min_size=1, max_size=3, unique=True)):
        body[parameter] = draw(mutations.garbage())
    body["ExpressionAttributeNames"] = {"#n0": "n", "#n1": "m"}
    body["ExpressionAttributeValues"] = {":v0": {"N": "1"},
                                         ":v1": {"S": "a"}}
    return Raw(name, body)


class EqualityMachine(RuleBasedStateMachine):
    http = None                 # set by subclasses
    sql = None
    counter = None

    def __init__(self):
        super().__init__()
        self.session = None

    @initialize(schemas=st.lists(st.sampled_from(pools.SCHEMAS), min_size=1,
                                 max_size=2, unique=True))
    def begin(self, schemas):
        self.session = Equality(self.http, self.sql, tuple(schemas),
                                self.counter)

    @rule(operation=of_a_table(generator.plain_fillings))
    def fill(self, operation):
        self.session.check(raw(operation))

    @rule(operation=of_a_table(generator.large_fillings),
          sometimes=pools.PERCENT)
    def fill_pages(self, operation, sometimes):
        if sometimes > 90:
            self.session.check(raw(operation))

    @rule(operation=of_tables(sound))
    def send_sound(self, operation):
        self.session.check(operation)

    @rule(operation=of_tables(damaged_sound))
    def send_damaged(self, operation):
        self.session.check(operation)

    @rule(operation=of_tables(damaged_sound))
    def send_more_damaged(self, operation):
        self.session.check(operation)

    @rule(operation=of_a_table(garbage))
    def send_garbage(self, operation):
        self.session.check(operation)

    @rule(request=damaged(st.sampled_from(
        [Raw(*request) for request in TABLE_REQUESTS])))
    def send_of_tables(self, request):
        self.session.check(request)
