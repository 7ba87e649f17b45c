"""Helpers of the Python tests: clients, tables, sample data, comparisons."""

import contextlib
import itertools
import json
import os
import unittest

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SAMPLES = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                       "..", "samples")
WAIT = {"Delay": 0.2, "MaxAttempts": 150}

# The tables of the developer guide: name, then key and type, hash key first.
# Secondary indexes are not part of these tests.
SAMPLE_TABLES = {
    "ProductCatalog": [("Id", "N")],
    "Forum": [("Name", "S")],
    "Thread": [("ForumName", "S"), ("Subject", "S")],
    "Reply": [("Id", "S"), ("ReplyDateTime", "S")],
}

_names = itertools.count(1)


def endpoint():
    return os.environ["DYNAMO_ENDPOINT"]


def config(**settings):
    settings.setdefault("retries", {"max_attempts": 2})
    settings.setdefault("max_pool_connections", 80)
    settings.setdefault("read_timeout", 60)
    return Config(**settings)


def client(**settings):
    return boto3.client("dynamodb", endpoint_url=endpoint(),
                        config=config(**settings))


def resource():
    return boto3.resource("dynamodb", endpoint_url=endpoint(),
                          config=config())


def new_name(prefix="Test"):
    """A table name no other test, nor another run of the tests, uses."""
    return f"{prefix}-{os.getpid()}-{next(_names)}"


def definition(name, keys):
    """The arguments of CreateTable; keys as in SAMPLE_TABLES."""
    return {
        "TableName": name,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": key, "AttributeType": type_}
            for key, type_ in keys],
        "KeySchema": [
            {"AttributeName": key, "KeyType": role}
            for (key, _), role in zip(keys, ["HASH", "RANGE"])],
    }


def make_table(dynamodb, keys, name=None):
    name = name or new_name()
    dynamodb.create_table(**definition(name, keys))
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig=WAIT)
    return name


def drop_table(dynamodb, name):
    with contextlib.suppress(dynamodb.exceptions.ResourceNotFoundException):
        dynamodb.delete_table(TableName=name)
        dynamodb.get_waiter("table_not_exists").wait(TableName=name,
                                                     WaiterConfig=WAIT)


def sample_items(table):
    """The items of a sample table, in wire form."""
    with open(os.path.join(SAMPLES, table + ".json"), encoding="utf-8") as file:
        return [request["PutRequest"]["Item"]
                for request in json.load(file)[table]]


def write_all(dynamodb, table, items):
    """BatchWriteItem in portions of 25, until nothing is unprocessed."""
    for start in range(0, len(items), 25):
        left = {table: [{"PutRequest": {"Item": item}}
                        for item in items[start:start + 25]]}
        while left:
            left = dynamodb.batch_write_item(
                RequestItems=left)["UnprocessedItems"]


def pages(operation, **arguments):
    """Every page, by hand: what a paginator hides is what is tested."""
    while True:
        page = operation(**arguments)
        yield page
        if "LastEvaluatedKey" not in page:
            return
        arguments["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def items_of(operation, **arguments):
    return [item for page in pages(operation, **arguments)
            for item in page["Items"]]


def normal(value):
    """A wire value in a form to compare: sets have no order."""
    (tag, payload), = value.items()
    if tag in ("SS", "NS", "BS"):
        return tag, frozenset(payload)
    if tag == "L":
        return tag, tuple(normal(element) for element in payload)
    if tag == "M":
        return tag, normal_item(payload)
    return tag, payload


def normal_item(item):
    return frozenset((name, normal(value)) for name, value in item.items())


class TestCase(unittest.TestCase):
    """A class that has `keys` gets a table for all its tests."""

    keys = None
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.dynamodb = client()
        if cls.keys:
            cls.table = make_table(cls.dynamodb, cls.keys,
                                   new_name(cls.__name__))
            cls.addClassCleanup(drop_table, cls.dynamodb, cls.table)

    def new_table(self, keys):
        name = make_table(self.dynamodb, keys)
        self.addCleanup(drop_table, self.dynamodb, name)
        return name

    def put(self, item, **arguments):
        return self.dynamodb.put_item(TableName=self.table, Item=item,
                                      **arguments)

    def get(self, key):
        return self.dynamodb.get_item(TableName=self.table, Key=key,
                                      ConsistentRead=True).get("Item")

    def assert_same_items(self, got, wanted):
        """The same items, whatever their order, none twice."""
        got = [normal_item(item) for item in got]
        self.assertEqual(len(got), len(set(got)), "an item came twice")
        self.assertEqual(set(got), {normal_item(item) for item in wanted})

    @contextlib.contextmanager
    def assert_error(self, code, message=None):
        with self.assertRaises(ClientError) as caught:
            yield caught
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code, error)
        if message is not None:
            self.assertEqual(error["Message"], message)
