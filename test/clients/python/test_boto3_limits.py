"""Values just within a limit work, and values just beyond it are refused.

Keys and long values are random, so that no compression makes them smaller
than they are.
"""

import random

import support

KEY_TOO_LONG = ("One or more parameter values were invalid: Size of hashkey "
                "has exceeded the maximum size limit of2048 bytes")
RANGE_TOO_LONG = ("One or more parameter values were invalid: Aggregated size "
                  "of all range keys has exceeded the size limit of 1024 bytes")
ITEM_TOO_LARGE = "Item size has exceeded the maximum allowed size"
UPDATE_TOO_LARGE = "Item size to update has exceeded the maximum allowed size"
TOO_DEEP = ("Nesting Levels have exceeded supported limits: Attributes in the "
            "item have nested levels beyond supported limit")

# One range of code points for each length in UTF-8
RANGES = [(0x21, 0x7e), (0xa1, 0x7ff), (0x800, 0xd7ff), (0x10000, 0x10ffff)]


def random_text(size, seed):
    """Text of exactly so many bytes, of characters of one to four bytes."""
    generator = random.Random(seed)
    text = ""
    while size > 0:
        length = generator.randint(1, min(4, size))
        text += chr(generator.randint(*RANGES[length - 1]))
        size -= length
    return text


def random_bytes(size, seed):
    return random.Random(seed).randbytes(size)


class StringKeys(support.TestCase):
    keys = [("pk", "S"), ("sk", "S")]

    def test_longest_keys(self):
        items = [{"pk": {"S": random_text(2048, seed)},
                  "sk": {"S": random_text(1024, seed + 100)},
                  "n": {"N": str(seed)}} for seed in range(20)]
        for item in items:
            self.put(item)
        for item in items:
            self.assertEqual(self.get({"pk": item["pk"], "sk": item["sk"]}),
                             item)
            self.assertEqual(self.query(item["pk"]), [item])

    def test_long_keys_that_begin_alike_are_unlike(self):
        begin = random_text(2000, 1)
        ends = ["", "a", "b", "\u00e4", "a" * 48, "a" * 47 + "b"]
        for number, end in enumerate(ends):
            self.put({"pk": {"S": begin + end}, "sk": {"S": "x"},
                      "n": {"N": str(number)}})
        for number, end in enumerate(ends):
            self.assertEqual(self.query({"S": begin + end}),
                             [{"pk": {"S": begin + end}, "sk": {"S": "x"},
                               "n": {"N": str(number)}}])

    def test_a_partition_with_the_longest_key_pages(self):
        pk = {"S": random_text(2048, 1000)}
        sort_keys = [random_text(1024, seed) for seed in range(40)]
        for sk in sort_keys:
            self.put({"pk": pk, "sk": {"S": sk}})
        sort_keys.sort(key=lambda sk: sk.encode())
        for forward in (True, False):
            got = support.items_of(
                self.dynamodb.query, TableName=self.table, Limit=3,
                ScanIndexForward=forward,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": pk})
            self.assertEqual([item["sk"]["S"] for item in got],
                             sort_keys if forward else sort_keys[::-1])
        got = support.items_of(self.dynamodb.scan, TableName=self.table,
                               Limit=3)
        self.assertEqual(
            sum(item["pk"] == pk for item in got), len(sort_keys))

    def test_one_byte_more_is_refused(self):
        for pk, sk, message in [
                (random_text(2049, 1), "x", KEY_TOO_LONG),
                ("x", random_text(1025, 1), RANGE_TOO_LONG)]:
            item = {"pk": {"S": pk}, "sk": {"S": sk}}
            with self.assert_error("ValidationException", message):
                self.put(item)
            with self.assert_error("ValidationException", message):
                self.dynamodb.get_item(TableName=self.table, Key=item)

    def test_empty_keys_are_refused(self):
        for pk, sk, name in [("", "x", "pk"), ("x", "", "sk")]:
            with self.assert_error(
                    "ValidationException",
                    "One or more parameter values are not valid. The "
                    "AttributeValue for a key attribute cannot contain an "
                    f"empty string value. Key: {name}"):
                self.put({"pk": {"S": pk}, "sk": {"S": sk}})

    def query(self, pk):
        return support.items_of(
            self.dynamodb.query, TableName=self.table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": pk})


class BinaryKeys(support.TestCase):
    keys = [("pk", "B"), ("sk", "B")]

    def test_longest_keys(self):
        items = [{"pk": {"B": random_bytes(2048, seed)},
                  "sk": {"B": random_bytes(1024, seed + 100)}}
                 for seed in range(20)]
        for item in items:
            self.put(item)
        for item in items:
            self.assertEqual(self.get(item), item)
        self.assert_same_items(
            support.items_of(self.dynamodb.scan, TableName=self.table,
                             Limit=3), items)

    def test_one_byte_more_is_refused(self):
        for pk, sk, message in [
                (random_bytes(2049, 1), b"x", KEY_TOO_LONG),
                (b"x", random_bytes(1025, 1), RANGE_TOO_LONG)]:
            with self.assert_error("ValidationException", message):
                self.put({"pk": {"B": pk}, "sk": {"B": sk}})


class NumberKeys(support.TestCase):
    keys = [("pk", "N"), ("sk", "N")]

    def test_numbers_at_both_ends_in_order(self):
        numbers = ["-" + "9" * 38 + "0" * 88, "-1" + "0" * 125, "-2", "-1.5",
                   "-0." + "0" * 129 + "1", "0", "0." + "0" * 129 + "1",
                   "0." + "0" * 92 + "9" * 38, "1", "9" * 38,
                   "1" + "0" * 125, "9" * 38 + "0" * 88]
        for pk in ("1" + "0" * 125, "-0." + "0" * 129 + "1"):
            for number in random.Random(1).sample(numbers, len(numbers)):
                self.put({"pk": {"N": pk}, "sk": {"N": number}})
            got = support.items_of(
                self.dynamodb.query, TableName=self.table, Limit=5,
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"N": pk}})
            self.assertEqual([item["sk"]["N"] for item in got], numbers)

    def test_equal_numbers_are_one_key(self):
        for pk, sk in [("10", "-0.50"), ("1E1", "-5E-1"), ("010.0", "-.5")]:
            self.put({"pk": {"N": pk}, "sk": {"N": sk}, "as": {"S": pk}})
        self.assertEqual(
            self.get({"pk": {"N": "10"}, "sk": {"N": "-0.5"}}),
            {"pk": {"N": "10"}, "sk": {"N": "-0.5"}, "as": {"S": "010.0"}})


class Sizes(support.TestCase):
    keys = [("pk", "S")]

    def item_of_size(self, size):
        """An item of so many bytes: pk 2 + 4, n 1 + 2, s 1, b 1 + 1000."""
        return {"pk": {"S": "size"}, "n": {"N": "42"},
                "b": {"B": random_bytes(1000, 1)},
                "s": {"S": random_text(size - 1011, size)}}

    def test_largest_item(self):
        item = self.item_of_size(409600)
        self.put(item)
        self.assertEqual(self.get({"pk": {"S": "size"}}), item)

    def test_one_byte_more_is_refused(self):
        self.put({"pk": {"S": "size"}})
        item = self.item_of_size(409601)
        with self.assert_error("ValidationException", ITEM_TOO_LARGE):
            self.put(item)
        with self.assert_error("ValidationException", ITEM_TOO_LARGE):
            self.dynamodb.batch_write_item(RequestItems={
                self.table: [{"PutRequest": {"Item": item}}]})
        with self.assert_error("ValidationException", UPDATE_TOO_LARGE):
            self.dynamodb.update_item(
                TableName=self.table, Key={"pk": {"S": "size"}},
                UpdateExpression="SET s = :s",
                ExpressionAttributeValues={":s": {"S": "x" * 409600}})
        self.assertEqual(self.get({"pk": {"S": "size"}}),
                         {"pk": {"S": "size"}})

    def test_large_items_page_by_themselves(self):
        table = self.new_table([("pk", "S"), ("sk", "N")])
        for number in range(8):
            self.dynamodb.put_item(TableName=table, Item={
                "pk": {"S": "p"}, "sk": {"N": str(number)},
                "b": {"B": random_bytes(400000, number)}})
        got = list(support.pages(
            self.dynamodb.query, TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": "p"}}))
        self.assertGreater(len(got), 2, "a page holds one megabyte")
        self.assertEqual([item["sk"]["N"] for page in got
                          for item in page["Items"]],
                         [str(number) for number in range(8)])


class Nesting(support.TestCase):
    keys = [("pk", "S")]

    @staticmethod
    def nested(levels):
        """A value with so many levels, lists and maps in turn."""
        value = {"S": "bottom"}
        for level in range(levels - 1):
            value = {"L": [value]} if level % 2 else {"M": {"m": value}}
        return value

    def test_deepest_item(self):
        item = {"pk": {"S": "deep"}, "v": self.nested(32)}
        self.put(item)
        self.assertEqual(self.get({"pk": {"S": "deep"}}), item)

    def test_one_level_more_is_refused(self):
        with self.assert_error("ValidationException", TOO_DEEP):
            self.put({"pk": {"S": "deeper"}, "v": self.nested(33)})
        with self.assert_error("ValidationException",
                               "1 validation error detected: " + TOO_DEEP):
            self.dynamodb.update_item(
                TableName=self.table, Key={"pk": {"S": "deeper"}},
                UpdateExpression="SET v = :v",
                ExpressionAttributeValues={":v": self.nested(33)})
        self.assertIsNone(self.get({"pk": {"S": "deeper"}}))

    def test_far_too_deep_is_refused(self):
        with self.assert_error("ValidationException", TOO_DEEP):
            self.put({"pk": {"S": "abyss"}, "v": self.nested(60)})
