"""Transactions through boto3: all or nothing, reasons, tokens."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from botocore.exceptions import ClientError

import support


class Transactions(support.TestCase):
    keys = [("pk", "S")]

    def key(self, name):
        return {"pk": {"S": f"{self.id()} {name}"}}

    def action(self, kind, name, more=None, **terms):
        """One action on an item of this test's."""
        member = "Item" if kind == "Put" else "Key"
        return {kind: {"TableName": self.table,
                       member: {**self.key(name), **(more or {})}, **terms}}

    def add(self, name, amount):
        return self.action("Update", name, UpdateExpression="ADD n :n",
                           ExpressionAttributeValues={":n": {"N": str(amount)}})

    def write(self, *actions, **more):
        return self.dynamodb.transact_write_items(TransactItems=list(actions),
                                                  **more)

    def test_every_action(self):
        self.put({**self.key("old"), "n": {"N": "1"}})
        output = self.write(
            self.action("Put", "new", {"v": {"S": "x"}},
                        ConditionExpression="attribute_not_exists(pk)"),
            self.add("counter", 5),
            self.action("Delete", "old"),
            self.action("ConditionCheck", "nobody",
                        ConditionExpression="attribute_not_exists(pk)"),
            ReturnConsumedCapacity="TOTAL")
        self.assertEqual(output["ConsumedCapacity"], [
            {"TableName": self.table, "CapacityUnits": 8.0,
             "WriteCapacityUnits": 8.0}])
        output = self.dynamodb.transact_get_items(TransactItems=[
            {"Get": {"TableName": self.table, "Key": self.key("counter"),
                     "ProjectionExpression": "n"}},
            {"Get": {"TableName": self.table, "Key": self.key("old")}},
            {"Get": {"TableName": self.table, "Key": self.key("new")}}])
        self.assertEqual(output["Responses"], [
            {"Item": {"n": {"N": "5"}}}, {},
            {"Item": {**self.key("new"), "v": {"S": "x"}}}])

    def test_reasons(self):
        self.put({**self.key("a"), "n": {"N": "1"}})
        with self.assertRaises(
                self.dynamodb.exceptions.TransactionCanceledException) as caught:
            self.write(
                self.action("Put", "b"),
                self.action("Delete", "a",
                            ConditionExpression="attribute_not_exists(pk)",
                            ReturnValuesOnConditionCheckFailure="ALL_OLD"),
                self.action("Update", "c", UpdateExpression="SET n = nosuch"))
        response = caught.exception.response
        self.assertEqual(response["CancellationReasons"], [
            {"Code": "None"},
            {"Code": "ConditionalCheckFailed",
             "Message": "The conditional request failed",
             "Item": {**self.key("a"), "n": {"N": "1"}}},
            {"Code": "ValidationError",
             "Message": "The provided expression refers to an attribute that "
                        "does not exist in the item"}])
        self.assertEqual(
            response["Error"]["Message"],
            "Transaction cancelled, please refer cancellation reasons for "
            "specific reasons [None, ConditionalCheckFailed, ValidationError]")
        self.assertIsNone(self.get(self.key("b")))

    def test_errors_of_the_whole(self):
        with self.assert_error(
                "ValidationException", "Transaction request cannot include "
                "multiple operations on one item"):
            self.write(self.add("a", 1), self.action("Delete", "a"))
        with self.assert_error("ResourceNotFoundException",
                               "Requested resource not found"):
            self.write(self.add("a", 1), {"Delete": {
                "TableName": support.new_name(), "Key": self.key("a")}})
        with self.assert_error("ValidationException"):
            self.write(*[self.add(str(i), 1) for i in range(101)])
        self.assertIsNone(self.get(self.key("a")))

    def test_a_token_makes_a_request_idempotent(self):
        token = str(uuid.uuid4())
        for report in ("NONE", "TOTAL"):
            output = self.write(self.add("n", 1), ClientRequestToken=token,
                                ReturnConsumedCapacity=report)
        self.assertEqual(output["ConsumedCapacity"], [
            {"TableName": self.table, "CapacityUnits": 2.0,
             "ReadCapacityUnits": 2.0}])
        self.assertEqual(self.get(self.key("n"))["n"], {"N": "1"})
        with self.assertRaises(
                self.dynamodb.exceptions.IdempotentParameterMismatchException):
            self.write(self.add("n", 2), ClientRequestToken=token)

    def test_the_client_has_a_token_of_its_own_for_each_call(self):
        for _ in range(3):
            self.write(self.add("n", 1))
        self.assertEqual(self.get(self.key("n"))["n"], {"N": "3"})

    def test_a_hundred_items_of_several_tables(self):
        other = self.new_table([("pk", "S"), ("sk", "N")])
        self.write(
            *[self.add(str(i), i) for i in range(50)],
            *[{"Put": {"TableName": other, "Item": {
                "pk": {"S": "p"}, "sk": {"N": str(i)}}}} for i in range(50)])
        output = self.dynamodb.transact_get_items(TransactItems=[
            {"Get": {"TableName": self.table, "Key": self.key(str(i))}}
            for i in range(50)] + [
            {"Get": {"TableName": other,
                     "Key": {"pk": {"S": "p"}, "sk": {"N": str(i)}}}}
            for i in range(50)])
        self.assertEqual(
            [int(response["Item"]["n"]["N"]) for response in
             output["Responses"][:50]], list(range(50)))
        self.assertEqual(
            [int(response["Item"]["sk"]["N"]) for response in
             output["Responses"][50:]], list(range(50)))

    def test_the_resource_has_plain_values(self):
        table = support.resource().Table(self.table)
        pk = self.key("plain")["pk"]["S"]
        client = table.meta.client
        client.transact_write_items(TransactItems=[
            {"Put": {"TableName": self.table, "Item": {
                "pk": pk, "n": Decimal("1.5"), "s": {"a", "b"},
                "m": {"x": [1, None, True]}}}}])
        output = client.transact_get_items(TransactItems=[
            {"Get": {"TableName": self.table, "Key": {"pk": pk}}}])
        self.assertEqual(output["Responses"][0]["Item"], {
            "pk": pk, "n": Decimal("1.5"), "s": {"a", "b"},
            "m": {"x": [1, None, True]}})

    def test_whoever_comes_first(self):
        """Thirty-two at once want the same two names: one gets both."""
        def take(owner):
            try:
                self.write(*[
                    self.action("Put", name, {"owner": {"S": str(owner)}},
                                ConditionExpression="attribute_not_exists(pk)")
                    for name in (("x", "y") if owner % 2 else ("y", "x"))])
                return owner
            except ClientError as error:
                self.assertEqual(
                    error.response["Error"]["Code"],
                    "TransactionCanceledException")
                self.assertEqual(
                    {reason["Code"] for reason in
                     error.response["CancellationReasons"]},
                    {"ConditionalCheckFailed"})
                return None

        with ThreadPoolExecutor(32) as pool:
            owners = [owner for owner in pool.map(take, range(32))
                      if owner is not None]
        self.assertEqual(len(owners), 1)
        for name in ("x", "y"):
            self.assertEqual(self.get(self.key(name))["owner"],
                             {"S": str(owners[0])})
