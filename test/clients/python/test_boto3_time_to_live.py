"""Time to live through boto3: its states, and items that are still there."""

import time

import support


class TimeToLive(support.TestCase):

    def describe(self, table):
        return self.dynamodb.describe_time_to_live(
            TableName=table)["TimeToLiveDescription"]

    def update(self, table, enabled, attribute="expires"):
        specification = {"Enabled": enabled, "AttributeName": attribute}
        output = self.dynamodb.update_time_to_live(
            TableName=table, TimeToLiveSpecification=specification)
        self.assertEqual(output["TimeToLiveSpecification"], specification)

    def wait_for(self, table, status, through):
        """No waiter of boto3's knows time to live: poll, as clients do."""
        for _ in range(150):
            description = self.describe(table)
            if description["TimeToLiveStatus"] == status:
                return description
            self.assertEqual(description["TimeToLiveStatus"], through)
            time.sleep(0.1)
        return self.fail(f"{table} does not become {status}")

    def test_there_and_back(self):
        table = self.new_table([("pk", "S")])
        self.assertEqual(self.describe(table),
                         {"TimeToLiveStatus": "DISABLED"})
        self.update(table, True)
        self.assertEqual(
            self.wait_for(table, "ENABLED", "ENABLING"),
            {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"})
        self.assertEqual(self.dynamodb.describe_table(
            TableName=table)["Table"]["TableStatus"], "ACTIVE")
        self.update(table, False)
        self.assertEqual(self.wait_for(table, "DISABLED", "DISABLING"),
                         {"TimeToLiveStatus": "DISABLED"})

    def test_refused(self):
        table = self.new_table([("pk", "S")])
        with self.assert_error("ValidationException",
                               "TimeToLive is already disabled"):
            self.update(table, False)
        self.update(table, True)
        with self.assert_error("ValidationException",
                               "TimeToLive is already enabled"):
            self.update(table, True)
        with self.assert_error(
                "ValidationException",
                "TimeToLive is active on a different AttributeName: "
                "current AttributeName is expires"):
            self.update(table, True, "other")
        with self.assert_error(
                "ResourceNotFoundException",
                f"Requested resource not found: Table: {table}-missing "
                "not found"):
            self.describe(table + "-missing")

    def test_items_that_do_not_expire(self):
        """Written before and after, changed and read as ever."""
        table = self.new_table([("pk", "S")])
        future = str(int(time.time()) + 3600)
        items = [{"pk": {"S": "future"}, "expires": {"N": future}},
                 {"pk": {"S": "string"}, "expires": {"S": "1"}},
                 {"pk": {"S": "long ago"}, "expires": {"N": "1"}},
                 {"pk": {"S": "none"}}]
        support.write_all(self.dynamodb, table, items[:2])
        self.update(table, True)
        self.wait_for(table, "ENABLED", "ENABLING")
        support.write_all(self.dynamodb, table, items[2:])
        self.dynamodb.update_item(
            TableName=table, Key={"pk": {"S": "future"}},
            UpdateExpression="SET expires = expires + :day",
            ExpressionAttributeValues={":day": {"N": "86400"}})
        items[0]["expires"]["N"] = str(int(future) + 86400)
        self.assert_same_items(
            support.items_of(self.dynamodb.scan, TableName=table), items)
