"""Single items through boto3: what is put comes back, conditions, returned
values, capacity, errors."""

import base64
import itertools
import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from boto3.dynamodb.conditions import Attr
from boto3.dynamodb.types import Binary

import support

ALL_TYPES = {
    "string": {"S": "text"},
    "empty string": {"S": ""},
    "unicode": {"S": "\u00fc \u20ac \U0001f600 \ufeff \u2028 \\ \" / \x7f"},
    "control": {"S": "".join(map(chr, range(1, 32)))},
    "number": {"N": "-12.5"},
    "binary": {"B": bytes(range(256))},
    "empty binary": {"B": b""},
    "true": {"BOOL": True},
    "false": {"BOOL": False},
    "null": {"NULL": True},
    "strings": {"SS": ["b", "a", "\u00e4", ""]},
    "numbers": {"NS": ["1", "-2", "0.5", "100"]},
    "binaries": {"BS": [b"\x00", b"\xff", b"\x00\x01"]},
    "list": {"L": [{"S": "x"}, {"N": "1"}, {"L": []}, {"NULL": True}]},
    "map": {"M": {"a.b": {"M": {}}, "c[0]": {"L": [{"M": {"d": {"S": "e"}}}]}}},
}


class Items(support.TestCase):
    keys = [("pk", "S")]

    def test_every_type_comes_back(self):
        item = {"pk": {"S": "types"}, **ALL_TYPES}
        self.put(item)
        self.assert_same_items([self.get({"pk": {"S": "types"}})], [item])

    def test_put_replaces_the_whole_item(self):
        key = {"pk": {"S": "replace"}}
        self.put({**key, "a": {"S": "1"}, "b": {"S": "2"}})
        self.put({**key, "b": {"S": "3"}})
        self.assertEqual(self.get(key), {**key, "b": {"S": "3"}})

    def test_missing_item_is_absent(self):
        key = {"pk": {"S": "missing"}}
        self.assertIsNone(self.get(key))
        output = self.dynamodb.delete_item(TableName=self.table, Key=key,
                                           ReturnValues="ALL_OLD")
        self.assertNotIn("Attributes", output)

    def test_code_point_zero_in_values_and_names(self):
        item = {"pk": {"S": "zero"}, "s": {"S": "a\0b\1\0"},
                "ss": {"SS": ["\0", "\1", "\1\1", ""]},
                "m": {"M": {"\0": {"S": "\1"}, "\1": {"L": [{"S": "\0"}]}}}}
        self.put(item)
        got = self.get({"pk": {"S": "zero"}})
        self.assert_same_items([got], [item])

        self.dynamodb.update_item(
            TableName=self.table, Key={"pk": {"S": "zero"}},
            UpdateExpression="SET s = :new",
            ConditionExpression="size(s) = :five AND contains(s, :zero) AND "
                                "contains(ss, :zero) AND begins_with(s, :begin)"
                                " AND s < :new",
            ExpressionAttributeValues={
                ":new": {"S": "a\1"}, ":five": {"N": "5"},
                ":zero": {"S": "\0"}, ":begin": {"S": "a\0b"}})
        self.assertEqual(self.get({"pk": {"S": "zero"}})["s"], {"S": "a\1"})

    def test_code_point_zero_in_keys(self):
        keys = ["\0", "\1", "\0\0", "\1\1", "\1\2", "\2", "a\0", "a\1", "a"]
        for key in keys:
            self.put({"pk": {"S": key}, "v": {"S": "v" + key}})
        for key in keys:
            self.assertEqual(self.get({"pk": {"S": key}}),
                             {"pk": {"S": key}, "v": {"S": "v" + key}})

    def test_numbers_come_back_in_canonical_form(self):
        nines = "9" * 38
        for given, stored in [
                ("00042", "42"), ("-0", "0"), ("0E9", "0"), ("1.5E2", "150"),
                (".5", "0.5"), ("0.50", "0.5"), ("-1e-3", "-0.001"),
                ("1E125", "1" + "0" * 125),
                ("-1E125", "-1" + "0" * 125),
                ("1E-130", "0." + "0" * 129 + "1"),
                ("-1E-130", "-0." + "0" * 129 + "1"),
                (nines, nines), ("-" + nines, "-" + nines),
                ("9." + "9" * 37 + "E125", nines + "0" * 88),
                ("0." + "0" * 92 + nines, "0." + "0" * 92 + nines),
                ("1" + "0" * 40, "1" + "0" * 40)]:
            with self.subTest(given):
                self.put({"pk": {"S": "number"}, "n": {"N": given},
                          "ns": {"NS": [given]}})
                got = self.get({"pk": {"S": "number"}})
                self.assertEqual(got["n"], {"N": stored})
                self.assertEqual(got["ns"], {"NS": [stored]})

    def test_impossible_numbers_are_refused(self):
        not_a_number = "The parameter cannot be converted to a numeric value"
        overflow = ("Number overflow. Attempting to store a number with "
                    "magnitude larger than supported range")
        underflow = ("Number underflow. Attempting to store a number with "
                     "magnitude smaller than supported range")
        digits = ("Attempting to store more than 38 significant digits in a "
                  "Number")
        for given, message in [
                ("", not_a_number), ("abc", not_a_number + ": abc"),
                ("1e", not_a_number + ": 1e"), (" 1", not_a_number + ":  1"),
                ("NaN", not_a_number + ": NaN"),
                ("Infinity", not_a_number + ": Infinity"),
                ("0x10", not_a_number + ": 0x10"),
                ("1E126", overflow), ("-1E126", overflow),
                ("1E-131", underflow), ("-1E-131", underflow),
                ("1" + "0" * 37 + "1", digits), ("1." + "1" * 38, digits)]:
            with self.subTest(given), \
                    self.assert_error("ValidationException", message):
                self.put({"pk": {"S": "number"}, "n": {"N": given}})

    def test_conditions_decide_writes(self):
        key = {"pk": {"S": "conditional"}}
        self.put({**key, "v": {"N": "1"}})
        refused = "ConditionalCheckFailedException"
        with self.assert_error(refused, "The conditional request failed"):
            self.put({**key, "v": {"N": "2"}},
                     ConditionExpression="attribute_not_exists(pk)")
        with self.assert_error(refused):
            self.dynamodb.delete_item(
                TableName=self.table, Key=key, ConditionExpression="v > :one",
                ExpressionAttributeValues={":one": {"N": "1"}})
        with self.assert_error(refused):
            self.dynamodb.update_item(
                TableName=self.table, Key={"pk": {"S": "not there"}},
                UpdateExpression="SET v = :one",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":one": {"N": "1"}})
        self.assertEqual(self.get(key)["v"], {"N": "1"})
        self.assertIsNone(self.get({"pk": {"S": "not there"}}))
        self.put({**key, "v": {"N": "2"}}, ConditionExpression="v = :one",
                 ExpressionAttributeValues={":one": {"N": "1.0"}})
        self.assertEqual(self.get(key)["v"], {"N": "2"})

    def test_legacy_expected(self):
        key = {"pk": {"S": "expected"}}
        self.put({**key, "v": {"N": "1"}},
                 Expected={"pk": {"Exists": False}})
        with self.assert_error("ConditionalCheckFailedException"):
            self.put({**key, "v": {"N": "2"}},
                     Expected={"pk": {"Exists": False}})
        self.put({**key, "v": {"N": "2"}},
                 Expected={"v": {"ComparisonOperator": "BETWEEN",
                                 "AttributeValueList": [{"N": "0"},
                                                        {"N": "1"}]}})
        self.assertEqual(self.get(key)["v"], {"N": "2"})

    def test_return_values(self):
        key = {"pk": {"S": "return"}}
        first = {**key, "a": {"N": "1"}, "b": {"S": "x"}}
        self.assertNotIn("Attributes", self.put(first, ReturnValues="ALL_OLD"))
        self.assertEqual(self.put(first, ReturnValues="ALL_OLD")["Attributes"],
                         first)
        for wanted, attributes in [
                ("NONE", None),
                ("ALL_OLD", {**key, "a": {"N": "2"}, "b": {"S": "x"}}),
                ("UPDATED_OLD", {"a": {"N": "3"}}),
                ("ALL_NEW", {**key, "a": {"N": "5"}, "b": {"S": "x"}}),
                ("UPDATED_NEW", {"a": {"N": "6"}})]:
            output = self.dynamodb.update_item(
                TableName=self.table, Key=key,
                UpdateExpression="SET a = a + :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
                ReturnValues=wanted)
            self.assertEqual(output.get("Attributes"), attributes, wanted)
        output = self.dynamodb.delete_item(TableName=self.table, Key=key,
                                           ReturnValues="ALL_OLD")
        self.assertEqual(output["Attributes"],
                         {**key, "a": {"N": "6"}, "b": {"S": "x"}})

    def test_capacity_follows_the_size(self):
        key = {"pk": {"S": "capacity"}}
        # sizes: pk 2 + 8, and the attribute d with its one letter
        for size, write, read in [(1024, 1, 1), (1025, 2, 1), (4096, 4, 1),
                                  (4097, 5, 2)]:
            item = {**key, "d": {"S": "x" * (size - 11)}}
            self.dynamodb.delete_item(TableName=self.table, Key=key)
            output = self.put(item, ReturnConsumedCapacity="TOTAL")
            self.assertEqual(output["ConsumedCapacity"],
                             {"TableName": self.table,
                              "CapacityUnits": float(write)})
            for consistent, units in [(True, read), (False, read / 2)]:
                output = self.dynamodb.get_item(
                    TableName=self.table, Key=key, ConsistentRead=consistent,
                    ReturnConsumedCapacity="TOTAL")
                self.assertEqual(output["ConsumedCapacity"]["CapacityUnits"],
                                 units)
        output = self.dynamodb.delete_item(TableName=self.table, Key=key,
                                           ReturnConsumedCapacity="INDEXES")
        self.assertEqual(output["ConsumedCapacity"],
                         {"TableName": self.table, "CapacityUnits": 5.0,
                          "Table": {"CapacityUnits": 5.0}})

    def test_projection_of_paths(self):
        key = {"pk": {"S": "projection"}}
        self.put({**key, "a": {"M": {"b": {"L": [{"S": "0"}, {"S": "1"},
                                                 {"S": "2"}]},
                                     "c": {"S": "c"}}},
                  "d.e": {"S": "dotted"}, "f": {"S": "f"}})
        output = self.dynamodb.get_item(
            TableName=self.table, Key=key,
            ProjectionExpression="a.b[2], a.b[0], #de, nothing",
            ExpressionAttributeNames={"#de": "d.e"})
        self.assertEqual(output["Item"],
                         {"a": {"M": {"b": {"L": [{"S": "0"}, {"S": "2"}]}}},
                          "d.e": {"S": "dotted"}})

    def test_update_expressions(self):
        key = {"pk": {"S": "update"}}
        output = self.dynamodb.update_item(
            TableName=self.table, Key=key, ReturnValues="ALL_NEW",
            UpdateExpression="SET l = :l, m = :m, n = if_not_exists(n, :one) "
                             "ADD ns :ns, tally :one",
            ExpressionAttributeValues={
                ":l": {"L": [{"S": "a"}, {"S": "b"}]},
                ":m": {"M": {"x": {"N": "1"}}},
                ":one": {"N": "1"}, ":ns": {"NS": ["1", "2"]}})
        self.assert_same_items([output["Attributes"]], [
            {**key, "l": {"L": [{"S": "a"}, {"S": "b"}]},
             "m": {"M": {"x": {"N": "1"}}}, "n": {"N": "1"},
             "ns": {"NS": ["1", "2"]}, "tally": {"N": "1"}}])
        output = self.dynamodb.update_item(
            TableName=self.table, Key=key, ReturnValues="ALL_NEW",
            UpdateExpression="SET l = list_append(:c, l), m.y = m.x - :one "
                             "REMOVE n DELETE ns :ns ADD tally :one",
            ExpressionAttributeValues={
                ":c": {"L": [{"S": "c"}]}, ":one": {"N": "1"},
                ":ns": {"NS": ["1", "2"]}})
        self.assert_same_items([output["Attributes"]], [
            {**key, "l": {"L": [{"S": "c"}, {"S": "a"}, {"S": "b"}]},
             "m": {"M": {"x": {"N": "1"}, "y": {"N": "0"}}},
             "tally": {"N": "2"}}])

    def test_sixty_four_threads_increment_one_counter(self):
        key = {"pk": {"S": "counter"}}

        def increment(_):
            output = self.dynamodb.update_item(
                TableName=self.table, Key=key, UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
                ReturnValues="UPDATED_NEW")
            return int(output["Attributes"]["n"]["N"])

        with ThreadPoolExecutor(64) as pool:
            seen = list(pool.map(increment, range(64 * 20)))
        self.assertEqual(sorted(seen), list(range(1, 64 * 20 + 1)))
        self.assertEqual(self.get(key)["n"], {"N": str(64 * 20)})

    def test_one_of_many_conditional_puts_wins(self):
        def claim(number):
            try:
                self.put({"pk": {"S": "claim"}, "by": {"N": str(number)}},
                         ConditionExpression="attribute_not_exists(pk)")
                return number
            except self.dynamodb.exceptions.ConditionalCheckFailedException:
                return None

        with ThreadPoolExecutor(32) as pool:
            winners = [number for number in pool.map(claim, range(64))
                       if number is not None]
        self.assertEqual(len(winners), 1)
        self.assertEqual(self.get({"pk": {"S": "claim"}})["by"],
                         {"N": str(winners[0])})


class Batches(support.TestCase):
    keys = [("pk", "S"), ("sk", "N")]

    def test_write_and_get_over_two_tables(self):
        other = self.new_table([("id", "B")])
        here = [{"pk": {"S": "b"}, "sk": {"N": str(n)}} for n in range(12)]
        there = [{"id": {"B": bytes([n])}} for n in range(12)]
        output = self.dynamodb.batch_write_item(
            RequestItems={
                self.table: [{"PutRequest": {"Item": item}} for item in here],
                other: [{"PutRequest": {"Item": item}} for item in there]},
            ReturnConsumedCapacity="TOTAL")
        self.assertEqual(output["UnprocessedItems"], {})
        self.assertEqual(
            {one["TableName"]: one["CapacityUnits"]
             for one in output["ConsumedCapacity"]},
            {self.table: 12.0, other: 12.0})
        missing = {"pk": {"S": "b"}, "sk": {"N": "99"}}
        output = self.dynamodb.batch_get_item(RequestItems={
            self.table: {"Keys": here + [missing], "ConsistentRead": True},
            other: {"Keys": there}})
        self.assertEqual(output["UnprocessedKeys"], {})
        self.assert_same_items(output["Responses"][self.table], here)
        self.assert_same_items(output["Responses"][other], there)

    def test_deletes_and_puts_in_one_batch(self):
        old = {"pk": {"S": "d"}, "sk": {"N": "1"}}
        new = {"pk": {"S": "d"}, "sk": {"N": "2"}}
        self.put(old)
        self.dynamodb.batch_write_item(RequestItems={self.table: [
            {"DeleteRequest": {"Key": old}}, {"PutRequest": {"Item": new}}]})
        self.assertIsNone(self.get(old))
        self.assertEqual(self.get(new), new)

    def test_large_answers_leave_unprocessed_keys(self):
        keys = [{"pk": {"S": "large"}, "sk": {"N": str(n)}}
                for n in range(60)]
        for key in keys:
            self.put({**key, "d": {"S": "x" * 350000}})
        left = {self.table: {"Keys": keys, "ConsistentRead": True}}
        got = []
        rounds = 0
        while left:
            output = self.dynamodb.batch_get_item(RequestItems=left)
            got += output["Responses"].get(self.table, [])
            left = output["UnprocessedKeys"]
            rounds += 1
        self.assertGreater(rounds, 1, "60 times 350 kB is over 16 MB")
        self.assertEqual(sorted(int(item["sk"]["N"]) for item in got),
                         list(range(60)))

    def test_same_key_twice_is_refused(self):
        key = {"pk": {"S": "twice"}, "sk": {"N": "1"}}
        with self.assert_error(
                "ValidationException",
                "Provided list of item keys contains duplicates"):
            self.dynamodb.batch_write_item(RequestItems={self.table: [
                {"PutRequest": {"Item": key}},
                {"DeleteRequest": {"Key": key}}]})
        self.assertIsNone(self.get(key))

    def test_batch_writer_of_the_resource(self):
        table = support.resource().Table(self.table)
        with table.batch_writer(overwrite_by_pkeys=["pk", "sk"]) as batch:
            for number, turn in itertools.product(range(100), range(2)):
                batch.put_item(Item={"pk": "writer", "sk": number,
                                     "turn": turn})
            batch.delete_item(Key={"pk": "writer", "sk": 0})
        got = support.items_of(
            self.dynamodb.query, TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "writer"}})
        self.assertEqual([int(item["sk"]["N"]) for item in got],
                         list(range(1, 100)))
        self.assertEqual({item["turn"]["N"] for item in got}, {"1"})


class ResourceItems(support.TestCase):
    """The resource, which speaks Python's types."""

    keys = [("pk", "S")]

    def setUp(self):
        self.resource_table = support.resource().Table(self.table)

    def test_types_of_python(self):
        item = {"pk": "python", "text": "x", "int": 1,
                "decimal": Decimal("1.5"), "none": None, "yes": True,
                "bytes": b"\x00\xff", "strings": {"a", "b"},
                "numbers": {1, Decimal("2.5")}, "binaries": {b"a", b"b"},
                "list": [1, "a", [], {}], "map": {"k": {"deeper": [None]}}}
        self.resource_table.put_item(Item=item)
        got = self.resource_table.get_item(Key={"pk": "python"})["Item"]
        self.assertIsInstance(got["bytes"], Binary)
        self.assertIsInstance(got["int"], Decimal)
        self.assertEqual(got, item)

    def test_condition_objects(self):
        self.resource_table.put_item(Item={"pk": "attr", "n": 5,
                                           "tags": ["x", "y"],
                                           "m": {"in.side": "abc"}})
        key = {"pk": "attr"}
        for holds, condition in [
                (True, Attr("n").eq(5)), (False, Attr("n").ne(5)),
                (True, Attr("n").between(5, 6)), (False, Attr("n").lt(5)),
                (True, Attr("n").is_in([4, 5])),
                (True, Attr("tags").contains("x")),
                (False, Attr("tags").contains("z")),
                (True, Attr("tags").size().gte(2)),
                (True, Attr("tags[1]").begins_with("y")),
                (True, Attr("missing").not_exists() & Attr("n").exists()),
                (True, Attr("missing").exists() | ~Attr("n").gt(5)),
                (True, Attr("n").attribute_type("N")),
                (False, Attr("n").attribute_type("S"))]:
            with self.subTest(condition.get_expression()):
                try:
                    self.resource_table.update_item(
                        Key=key, UpdateExpression="SET touched = :t",
                        ConditionExpression=condition,
                        ExpressionAttributeValues={":t": True})
                    held = True
                except self.dynamodb.exceptions \
                        .ConditionalCheckFailedException:
                    held = False
                self.assertEqual(held, holds)

    def test_serialized_binary_is_what_was_given(self):
        raw = base64.b64decode("/+8=")
        self.resource_table.put_item(Item={"pk": "raw", "b": Binary(raw)})
        got = self.resource_table.get_item(Key={"pk": "raw"})["Item"]
        self.assertEqual(got["b"].value, raw)


class Errors(support.TestCase):
    keys = [("pk", "S")]

    def test_missing_table(self):
        key = {"pk": {"S": "x"}}
        nowhere = support.new_name("Nowhere")
        message = "Requested resource not found"
        missing = self.dynamodb.exceptions.ResourceNotFoundException
        with self.assertRaises(missing) as caught:
            self.dynamodb.get_item(TableName=nowhere, Key=key)
        self.assertEqual(caught.exception.response["Error"]["Message"],
                         message)
        self.assertEqual(
            caught.exception.response["ResponseMetadata"]["HTTPStatusCode"],
            400)
        for operation, arguments in [
                ("put_item", {"Item": key}), ("delete_item", {"Key": key}),
                ("update_item", {"Key": key}), ("scan", {})]:
            with self.subTest(operation), \
                    self.assert_error("ResourceNotFoundException", message):
                getattr(self.dynamodb, operation)(TableName=nowhere,
                                                  **arguments)

    def test_every_answer_has_a_request_id(self):
        ids = set()
        for _ in range(3):
            output = self.dynamodb.list_tables(Limit=1)
            ids.add(output["ResponseMetadata"]["RequestId"])
        self.assertEqual(len(ids), 3)
        self.assertEqual({len(id_) for id_ in ids}, {52})

    def test_wrong_json_types_are_a_serialization_error(self):
        key = {"pk": {"S": "x"}}
        for request, message in [
                ({"TableName": 23, "Key": key},
                 "NUMBER_VALUE cannot be converted to String"),
                ({"TableName": self.table, "Key": {"pk": {"N": 1}}},
                 "NUMBER_VALUE cannot be converted to String"),
                ({"TableName": self.table, "Key": key,
                  "AttributesToGet": "pk"}, "Unexpected field type")]:
            with self.subTest(request), \
                    self.assert_error("SerializationException", message):
                self.get_item_with_body(request)

    def get_item_with_body(self, body):
        """GetItem with a body that botocore would not make."""
        dynamodb = support.client()

        def replace_body(request, **_):
            request.data = json.dumps(body).encode()

        dynamodb.meta.events.register("before-sign.dynamodb.GetItem",
                                      replace_body)
        dynamodb.get_item(TableName=self.table, Key={"pk": {"S": "x"}})

    def test_keys_that_do_not_match_the_schema(self):
        for key in [{"pk": {"N": "1"}}, {"other": {"S": "x"}},
                    {"pk": {"S": "x"}, "more": {"S": "y"}}]:
            with self.subTest(key), self.assert_error(
                    "ValidationException",
                    "The provided key element does not match the schema"):
                self.dynamodb.get_item(TableName=self.table, Key=key)

    def test_put_without_its_key(self):
        with self.assert_error(
                "ValidationException",
                "One or more parameter values were invalid: "
                "Missing the key pk in the item"):
            self.put({"a": {"S": "x"}})
        with self.assert_error(
                "ValidationException",
                "One or more parameter values were invalid: "
                "Type mismatch for key pk expected: S actual: N"):
            self.put({"pk": {"N": "1"}})
