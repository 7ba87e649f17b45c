"""Tables that change: indexes, throughput, and what clients wait for."""

import time

import support

SIMPLE = {
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "BillingMode": "PAY_PER_REQUEST",
}

INDEXED = {
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": type_}
        for name, type_ in [("Artist", "S"), ("Song", "S"), ("Genre", "S"),
                            ("Year", "N")]],
    "KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"},
                  {"AttributeName": "Song", "KeyType": "RANGE"}],
    "BillingMode": "PAY_PER_REQUEST",
    "LocalSecondaryIndexes": [{
        "IndexName": "ByYear",
        "KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"},
                      {"AttributeName": "Year", "KeyType": "RANGE"}],
        "Projection": {"ProjectionType": "INCLUDE",
                       "NonKeyAttributes": ["Label", "Cover"]}}],
    "GlobalSecondaryIndexes": [{
        "IndexName": "ByGenre",
        "KeySchema": [{"AttributeName": "Genre", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"}}],
}


class UpdateTable(support.TestCase):

    def make(self, **arguments):
        name = support.new_name(type(self).__name__)
        self.addCleanup(support.drop_table, self.dynamodb, name)
        answer = self.dynamodb.create_table(TableName=name, **arguments)
        self.assertEqual(answer["TableDescription"]["TableStatus"], "CREATING")
        self.dynamodb.get_waiter("table_exists").wait(
            TableName=name, WaiterConfig=support.WAIT)
        return name

    def describe(self, name):
        return self.dynamodb.describe_table(TableName=name)["Table"]

    def update(self, name, **arguments):
        return self.dynamodb.update_table(
            TableName=name, **arguments)["TableDescription"]

    def wait_for_indexes(self, name):
        """Until every index is ACTIVE; returns the statuses seen."""
        seen = []
        while True:
            table = self.describe(name)
            statuses = {index["IndexName"]: index["IndexStatus"]
                        for index in table.get("GlobalSecondaryIndexes", [])}
            if not seen or seen[-1] != statuses:
                seen.append(statuses)
            if (table["TableStatus"] == "ACTIVE"
                    and set(statuses.values()) <= {"ACTIVE"}):
                return seen
            time.sleep(0.1)

    def test_table_with_indexes(self):
        name = self.make(**INDEXED)
        table = self.describe(name)
        local, = table["LocalSecondaryIndexes"]
        self.assertEqual(local["IndexArn"], table["TableArn"] + "/index/ByYear")
        self.assertEqual(local["Projection"]["NonKeyAttributes"],
                         ["Cover", "Label"])
        index, = table["GlobalSecondaryIndexes"]
        self.assertEqual(index["IndexStatus"], "ACTIVE")
        self.assertNotIn("Backfilling", index)
        self.assertEqual(index["KeySchema"], [
            {"AttributeName": "Genre", "KeyType": "HASH"}])
        self.assertEqual(
            [definition["AttributeName"]
             for definition in table["AttributeDefinitions"]],
            ["Artist", "Genre", "Song", "Year"])

    def test_index_added_and_deleted(self):
        name = self.make(**SIMPLE)
        for number in range(200):
            self.dynamodb.put_item(TableName=name, Item={
                "pk": {"S": str(number)}, "group": {"S": f"g{number % 4}"}})
        answer = self.update(
            name,
            AttributeDefinitions=[{"AttributeName": "group",
                                   "AttributeType": "S"}],
            GlobalSecondaryIndexUpdates=[{"Create": {
                "IndexName": "ByGroup",
                "KeySchema": [{"AttributeName": "group", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"}}}])
        self.assertEqual(answer["TableStatus"], "UPDATING")
        index, = answer["GlobalSecondaryIndexes"]
        self.assertEqual(index["IndexStatus"], "CREATING")
        self.assertIs(index["Backfilling"], False)

        # writes go on meanwhile
        self.dynamodb.put_item(TableName=name, Item={
            "pk": {"S": "late"}, "group": {"S": "g1"}})
        self.wait_for_indexes(name)
        self.assertNotIn("Backfilling",
                         self.describe(name)["GlobalSecondaryIndexes"][0])
        found = support.items_of(
            self.dynamodb.query, TableName=name, IndexName="ByGroup",
            KeyConditionExpression="#g = :g",
            ExpressionAttributeNames={"#g": "group"},
            ExpressionAttributeValues={":g": {"S": "g1"}})
        self.assertEqual(len(found), 51)

        answer = self.update(name, GlobalSecondaryIndexUpdates=[
            {"Delete": {"IndexName": "ByGroup"}}])
        self.assertEqual(answer["GlobalSecondaryIndexes"][0]["IndexStatus"],
                         "DELETING")
        while "GlobalSecondaryIndexes" in self.describe(name):
            time.sleep(0.1)
        self.assertEqual(
            self.describe(name)["AttributeDefinitions"],
            [{"AttributeName": "pk", "AttributeType": "S"}])

    def test_billing_mode_and_throughput(self):
        name = self.make(**SIMPLE)
        self.update(name, BillingMode="PROVISIONED",
                    ProvisionedThroughput={"ReadCapacityUnits": 5,
                                           "WriteCapacityUnits": 5})
        answer = self.update(name, ProvisionedThroughput={
            "ReadCapacityUnits": 9, "WriteCapacityUnits": 1})
        self.assertEqual(answer["ProvisionedThroughput"]["ReadCapacityUnits"], 5)
        table = self.describe(name)
        self.assertEqual(table["TableStatus"], "ACTIVE")
        self.assertEqual(table["BillingModeSummary"]["BillingMode"],
                         "PROVISIONED")
        throughput = table["ProvisionedThroughput"]
        self.assertEqual(throughput["ReadCapacityUnits"], 9)
        self.assertEqual(throughput["NumberOfDecreasesToday"], 1)
        self.assertEqual(throughput["LastIncreaseDateTime"],
                         throughput["LastDecreaseDateTime"])
        with self.assert_error("ValidationException"):
            self.update(name, ProvisionedThroughput={
                "ReadCapacityUnits": 9, "WriteCapacityUnits": 1})
        self.update(name, BillingMode="PAY_PER_REQUEST")
        table = self.describe(name)
        self.assertEqual(table["ProvisionedThroughput"]["ReadCapacityUnits"], 0)

    def test_settings_one_by_one(self):
        name = self.make(**SIMPLE)
        self.update(name, TableClass="STANDARD_INFREQUENT_ACCESS")
        self.update(name, SSESpecification={"Enabled": True})
        table = self.describe(name)
        self.assertEqual(table["TableClassSummary"]["TableClass"],
                         "STANDARD_INFREQUENT_ACCESS")
        self.assertEqual(table["SSEDescription"]["Status"], "ENABLED")
        with self.assert_error("ValidationException"):
            self.update(name, TableClass="STANDARD",
                        BillingMode="PAY_PER_REQUEST")
        with self.assert_error(
                "ResourceNotFoundException",
                "Requested resource not found: Table: Nowhere not found"):
            self.update("Nowhere", BillingMode="PAY_PER_REQUEST")

    def test_a_table_named_by_its_arn(self):
        name = self.make(**SIMPLE)
        arn = self.describe(name)["TableArn"]
        self.assertEqual(self.describe(arn)["TableName"], name)
        self.update(arn, BillingMode="PAY_PER_REQUEST")
        with self.assert_error(
                "ValidationException", "1 validation error detected: Invalid "
                f"AWS region in '{arn.replace('us-east-1', 'eu-west-9')}'"):
            self.describe(arn.replace("us-east-1", "eu-west-9"))
