"""Properties of generated items: what hypothesis can think of comes back, and
conditions judge it as Python does."""

import unittest
from decimal import Decimal

from boto3.dynamodb.conditions import Attr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import support

# A database of earlier examples would be written into the checkout.
settings.register_profile(
    "dynamo", max_examples=150, deadline=None, database=None, print_blob=True,
    suppress_health_check=list(HealthCheck))
settings.load_profile("dynamo")

text = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)
names = text.filter(lambda name: name not in ("", "pk"))
# boto3 itself refuses what has more than 38 digits written out, and the ends
# of the exponent's range
numbers = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(-10 ** 37, 10 ** 37), st.integers(-80, 37)).filter(
        lambda number: number.adjusted() < 38)
binaries = st.binary(max_size=40)
scalars = st.one_of(st.none(), st.booleans(), text, numbers, binaries)
sets = st.one_of(*(st.sets(one, min_size=1, max_size=5)
                   for one in (text, numbers, binaries)))
values = st.recursive(
    st.one_of(scalars, sets),
    lambda inner: st.one_of(st.lists(inner, max_size=4),
                            st.dictionaries(names, inner, max_size=4)),
    max_leaves=15)
items = st.dictionaries(names, values, max_size=6)


class Properties(support.TestCase):
    keys = [("pk", "S")]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.resource_table = support.resource().Table(cls.table)

    @given(items)
    def test_an_item_comes_back(self, item):
        item = {**item, "pk": "item"}
        self.resource_table.put_item(Item=item)
        got = self.resource_table.get_item(Key={"pk": "item"},
                                           ConsistentRead=True)["Item"]
        self.assertEqual(got, item)

    @given(text.filter(bool), text)
    def test_a_key_comes_back(self, key, value):
        self.resource_table.put_item(Item={"pk": key, "v": value})
        got = self.resource_table.get_item(Key={"pk": key})["Item"]
        self.assertEqual(got, {"pk": key, "v": value})
        self.resource_table.delete_item(Key={"pk": key})
        self.assertNotIn("Item", self.resource_table.get_item(Key={"pk": key}))

    @given(values, values)
    def test_equality_is_python_s(self, one, other):
        # True == 1 in Python only
        self.resource_table.put_item(Item={"pk": "equal", "v": one})
        self.assertTrue(self.holds("equal", Attr("v").eq(one)))
        wanted = self.wire(one) == self.wire(other)
        self.assertEqual(self.holds("equal", Attr("v").eq(other)), wanted)
        self.assertEqual(self.holds("equal", Attr("v").ne(other)), not wanted)

    def ordered(self, one, other, sort_key):
        self.resource_table.put_item(Item={"pk": "order", "v": one})
        left, right = sort_key(one), sort_key(other)
        for condition, wanted in [
                (Attr("v").lt(other), left < right),
                (Attr("v").lte(other), left <= right),
                (Attr("v").gt(other), left > right),
                (Attr("v").gte(other), left >= right)]:
            self.assertEqual(self.holds("order", condition), wanted)

    @given(numbers, numbers)
    def test_order_of_numbers(self, one, other):
        self.ordered(one, other, lambda number: number)

    @given(text, text)
    def test_order_of_text_is_that_of_its_bytes(self, one, other):
        self.ordered(one, other, str.encode)

    @given(binaries, binaries)
    def test_order_of_binaries(self, one, other):
        self.ordered(one, other, bytes)

    # numbers whose sums fit in 38 digits; Python's Decimal would round them
    @given(st.lists(st.integers(-10 ** 37, 10 ** 37), min_size=1, max_size=5))
    def test_addition_is_exact(self, terms):
        key = {"pk": "sum"}
        self.resource_table.put_item(Item=key)
        for term in terms:
            self.resource_table.update_item(
                Key=key, UpdateExpression="ADD v :term",
                ExpressionAttributeValues={":term": term})
        got = self.resource_table.get_item(Key=key)["Item"]["v"]
        self.assertEqual(got, sum(terms))

    def holds(self, key, condition):
        output = self.resource_table.scan(
            FilterExpression=Attr("pk").eq(key) & condition, Select="COUNT",
            ConsistentRead=True)
        return output["Count"] == 1

    @staticmethod
    def wire(value):
        """The value as DynamoDB compares it: type and content."""
        if isinstance(value, (bool, type(None))):
            return type(value), value
        if isinstance(value, list):
            return "L", [Properties.wire(element) for element in value]
        if isinstance(value, dict):
            return "M", {name: Properties.wire(element)
                         for name, element in value.items()}
        if isinstance(value, (set, frozenset)):
            return "set", type(next(iter(value))), value
        return type(value), value


if __name__ == "__main__":
    unittest.main()
