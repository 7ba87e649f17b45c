"""Secondary indexes against a model: items enter sparse indexes, leave them and
move in them, and after every few writes each index has what it should, in
order; and queries that take the server several slices."""

import unittest
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import support

# name: (hash attributes, range attributes, projected beside the keys)
INDEXES = {
    "local": (["pk"], ["l"], []),
    "by-g": (["g"], [], None),
    "by-g-n": (["g"], ["n"], ["v"]),
    "by-b-l": (["b"], ["l"], []),
    "by-n-pk": (["n"], ["pk"], None),
    "many": (["g", "b"], ["n", "l"], None),
}
TYPES = {"pk": "S", "sk": "N", "g": "S", "n": "N", "b": "B", "l": "S"}

pks = st.sampled_from(["a", "b"]).map(lambda text: {"S": text})
sks = st.sampled_from(["0", "1", "2", "-1"]).map(lambda text: {"N": text})
VALUES = {
    "g": st.sampled_from(["x", "xx", "\0"]).map(lambda text: {"S": text}),
    "n": st.sampled_from(["0", "-1.5", "2", "10", "1" * 38, "1" * 37 + "2",
                          "0.001"]).map(lambda text: {"N": text}),
    "b": st.sampled_from([b"\0", b"\0\0", b"\1", b"\xff"]).map(
        lambda value: {"B": value}),
    "l": st.sampled_from(["a", "a\0", "b", "\U0001f600", "\uffff"]).map(
        lambda text: {"S": text}),
    "v": st.sampled_from([1, 2]).map(lambda value: {"N": str(value)}),
}
attributes = st.fixed_dictionaries({}, optional=VALUES)
keys = st.fixed_dictionaries({"pk": pks, "sk": sks})
writes = st.lists(st.one_of(
    st.tuples(st.just("put"), keys, attributes),
    st.tuples(st.just("set"), keys, attributes),
    st.tuples(st.just("remove"), keys, st.sets(st.sampled_from("gnblv"))),
    st.tuples(st.just("add"), keys, VALUES["v"]),
    st.tuples(st.just("delete"), keys, st.none())), min_size=1, max_size=12)


def definition(name):
    arguments = support.definition(name, [("pk", "S"), ("sk", "N")])
    arguments["AttributeDefinitions"] = [
        {"AttributeName": key, "AttributeType": type_}
        for key, type_ in TYPES.items()]
    for index, (hashes, ranges, projected) in INDEXES.items():
        projection = {"ProjectionType": "ALL" if projected is None else
                      "INCLUDE" if projected else "KEYS_ONLY"}
        if projected:
            projection["NonKeyAttributes"] = projected
        kind = "Local" if index == "local" else "Global"
        arguments.setdefault(kind + "SecondaryIndexes", []).append({
            "IndexName": index, "Projection": projection,
            "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}
                          for key in hashes]
            + [{"AttributeName": key, "KeyType": "RANGE"} for key in ranges]})
    return arguments


def rank(value):
    """Where DynamoDB sorts a key value among those of its type."""
    (tag, payload), = value.items()
    return {"S": str.encode, "N": Decimal, "B": bytes}[tag](payload)


class Model(dict):
    """The table's items by key, and what indexes make of them."""

    def write(self, kind, key, what):
        name = (key["pk"]["S"], key["sk"]["N"])
        if kind == "delete":
            self.pop(name, None)
        elif kind == "put":
            self[name] = {**key, **what}
        elif kind == "remove" and what and name not in self:
            pass                # an update that only removes makes no item
        else:
            item = self.setdefault(name, dict(key))
            if kind == "set":
                item.update(what)
            elif kind == "remove":
                for attribute in what:
                    item.pop(attribute, None)
            elif kind == "add":
                total = (Decimal(item.get("v", {"N": "0"})["N"])
                         + Decimal(what["N"]))
                item["v"] = {"N": str(total)}

    def partitions(self, index):
        """{hash values: projected items}, each in order."""
        hashes, ranges, projected = INDEXES[index]
        found = {}
        for item in self.values():
            if all(key in item for key in hashes + ranges):
                names = item if projected is None else (
                    set(hashes + ranges + projected) | {"pk", "sk"})
                found.setdefault(
                    tuple(rank(item[key]) for key in hashes), []).append(
                        {name: item[name] for name in names if name in item})
        for items in found.values():
            items.sort(key=lambda item: [rank(item[key]) for key in ranges])
        return found


class Indexes(support.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = support.new_name(cls.__name__)
        cls.dynamodb.create_table(**definition(cls.table))
        cls.addClassCleanup(support.drop_table, cls.dynamodb, cls.table)
        cls.dynamodb.get_waiter("table_exists").wait(
            TableName=cls.table, WaiterConfig=support.WAIT)

    @settings(max_examples=60, deadline=None, database=None, print_blob=True,
              suppress_health_check=list(HealthCheck))
    @given(st.lists(writes, min_size=1, max_size=3), st.integers(1, 9))
    def test_an_index_has_what_the_model_has(self, batches, page_size):
        self.clear()
        model = Model()
        for batch in batches:
            for kind, key, what in batch:
                self.write(kind, key, what)
                model.write(kind, key, what)
            for index in INDEXES:
                self.check(index, model.partitions(index), page_size)

    def clear(self):
        for item in support.items_of(self.dynamodb.scan, TableName=self.table,
                                     ProjectionExpression="pk, sk"):
            self.dynamodb.delete_item(TableName=self.table, Key=item)

    def write(self, kind, key, what):
        if kind == "put":
            self.put({**key, **what})
        elif kind == "delete":
            self.dynamodb.delete_item(TableName=self.table, Key=key)
        else:
            arguments = {}
            if what and kind == "remove":
                arguments["UpdateExpression"] = (
                    "REMOVE " + ", ".join(sorted(what)))
            elif what:
                values = what if kind == "set" else {"v": what}
                arguments["ExpressionAttributeValues"] = {
                    ":" + name: value for name, value in values.items()}
                arguments["UpdateExpression"] = (
                    "ADD v :v" if kind == "add" else "SET " + ", ".join(
                        f"{name} = :{name}" for name in values))
            self.dynamodb.update_item(TableName=self.table, Key=key,
                                      **arguments)

    def check(self, index, partitions, page_size):
        where = {"TableName": self.table, "IndexName": index,
                 "Limit": page_size}
        self.assert_same_items(
            support.items_of(self.dynamodb.scan, **where),
            [item for items in partitions.values() for item in items])

        hashes, ranges, _ = INDEXES[index]
        for items in partitions.values():
            query = {
                **where,
                "KeyConditionExpression": " AND ".join(
                    f"{key} = :{key}" for key in hashes),
                "ExpressionAttributeValues": {
                    ":" + key: items[0][key] for key in hashes}}
            forward = support.items_of(self.dynamodb.query, **query)
            self.assert_same_items(forward, items)
            self.assertEqual(
                [[item[key] for key in ranges] for item in forward],
                [[item[key] for key in ranges] for item in items], index)
            self.assertEqual(
                support.items_of(self.dynamodb.query, ScanIndexForward=False,
                                 **query), forward[::-1], index)


class Slices(support.TestCase):
    """More than the server reads at a time, less than a page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = support.new_name(cls.__name__)
        cls.dynamodb.create_table(**definition(cls.table))
        cls.addClassCleanup(support.drop_table, cls.dynamodb, cls.table)
        cls.dynamodb.get_waiter("table_exists").wait(
            TableName=cls.table, WaiterConfig=support.WAIT)
        support.write_all(cls.dynamodb, cls.table, [{
            "pk": {"S": "a"}, "sk": {"N": str(number)}, "g": {"S": "x"},
            "n": {"N": str(number % 7)}, "b": {"B": b"\0"}, "l": {"S": "same"},
            "v": {"S": "v" * 12000}} for number in range(60)])

    def read(self, operation, **arguments):
        page = operation(TableName=self.table, **arguments)
        self.assertNotIn("LastEvaluatedKey", page)
        return page["Items"]

    def test_query(self):
        for index, key, value in [
                ("by-g", "g", {"S": "x"}), ("by-g-n", "g", {"S": "x"}),
                ("by-b-l", "b", {"B": b"\0"}), ("local", "pk", {"S": "a"})]:
            with self.subTest(index=index):
                query = {"IndexName": index,
                         "KeyConditionExpression": key + " = :v",
                         "ExpressionAttributeValues": {":v": value}}
                forward = self.read(self.dynamodb.query, **query)
                self.assertEqual(sorted(int(item["sk"]["N"])
                                        for item in forward), list(range(60)))
                if index == "by-g-n":
                    numbers = [int(item["n"]["N"]) for item in forward]
                    self.assertEqual(numbers, sorted(numbers))
                self.assertEqual(
                    self.read(self.dynamodb.query, ScanIndexForward=False,
                              **query), forward[::-1])

    def test_scan(self):
        for index in ["by-g", "by-n-pk", "local", "many"]:
            with self.subTest(index=index):
                items = self.read(self.dynamodb.scan, IndexName=index)
                self.assertEqual(sorted(int(item["sk"]["N"])
                                        for item in items), list(range(60)))


if __name__ == "__main__":
    unittest.main()
