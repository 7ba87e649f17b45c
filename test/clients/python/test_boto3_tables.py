"""Tables through boto3: create, describe, list in pages, delete, waiters."""

import support


class Tables(support.TestCase):

    def test_description_of_a_new_table(self):
        name = support.new_name()
        self.addCleanup(support.drop_table, self.dynamodb, name)
        output = self.dynamodb.create_table(
            **support.definition(name, [("pk", "S"), ("sk", "N")]))
        self.assertEqual(output["TableDescription"]["TableName"], name)
        self.dynamodb.get_waiter("table_exists").wait(
            TableName=name, WaiterConfig=support.WAIT)
        table = self.dynamodb.describe_table(TableName=name)["Table"]
        self.assertEqual(table["TableStatus"], "ACTIVE")
        self.assertEqual(table["KeySchema"], [
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"}])
        self.assertCountEqual(table["AttributeDefinitions"], [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "N"}])
        self.assertRegex(table["TableArn"],
                         rf"^arn:aws:dynamodb:us-east-1:\d{{12}}:table/{name}$")
        self.assertRegex(table["TableId"],
                         r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")

    def test_provisioned_table(self):
        name = support.new_name()
        self.addCleanup(support.drop_table, self.dynamodb, name)
        arguments = support.definition(name, [("pk", "S")])
        del arguments["BillingMode"]
        self.dynamodb.create_table(
            **arguments, ProvisionedThroughput={"ReadCapacityUnits": 7,
                                                "WriteCapacityUnits": 3})
        table = self.dynamodb.describe_table(TableName=name)["Table"]
        self.assertEqual(table["ProvisionedThroughput"]["ReadCapacityUnits"], 7)
        self.assertEqual(table["ProvisionedThroughput"]["WriteCapacityUnits"],
                         3)

    def test_a_name_is_taken_once(self):
        name = self.new_table([("pk", "S")])
        with self.assert_error("ResourceInUseException",
                               f"Table already exists: {name}"):
            self.dynamodb.create_table(
                **support.definition(name, [("pk", "S")]))

    def test_unlike_names_are_unlike_tables(self):
        base = support.new_name("Name")
        names = [base, base.lower(), base + "_pkey", base + ".x",
                 base + "-" + "n" * (254 - len(base))]
        for number, name in enumerate(names):
            support.make_table(self.dynamodb, [("pk", "N")], name)
            self.addCleanup(support.drop_table, self.dynamodb, name)
            self.dynamodb.put_item(TableName=name,
                                   Item={"pk": {"N": str(number)}})
        for number, name in enumerate(names):
            self.assertEqual(self.dynamodb.scan(TableName=name)["Items"],
                             [{"pk": {"N": str(number)}}])

    def test_deleted_table_is_gone_and_its_name_free(self):
        name = self.new_table([("pk", "S")])
        self.dynamodb.put_item(TableName=name, Item={"pk": {"S": "x"}})
        first = self.dynamodb.describe_table(TableName=name)["Table"]
        output = self.dynamodb.delete_table(TableName=name)
        self.assertEqual(output["TableDescription"]["TableStatus"], "DELETING")
        self.dynamodb.get_waiter("table_not_exists").wait(
            TableName=name, WaiterConfig=support.WAIT)
        with self.assert_error("ResourceNotFoundException"):
            self.dynamodb.get_item(TableName=name, Key={"pk": {"S": "x"}})
        with self.assert_error(
                "ResourceNotFoundException",
                f"Requested resource not found: Table: {name} not found"):
            self.dynamodb.delete_table(TableName=name)

        support.make_table(self.dynamodb, [("pk", "N")], name)
        self.assertEqual(self.dynamodb.scan(TableName=name)["Items"], [])
        again = self.dynamodb.describe_table(TableName=name)["Table"]
        self.assertNotEqual(again["TableId"], first["TableId"])

    def test_list_in_pages(self):
        prefix = support.new_name("List")
        names = [f"{prefix}.{letter}" for letter in "BDacez"]
        for name in names:
            support.make_table(self.dynamodb, [("pk", "S")], name)
            self.addCleanup(support.drop_table, self.dynamodb, name)
        for size in (1, 2, 3, 100):
            listed = []
            paginator = self.dynamodb.get_paginator("list_tables")
            for page in paginator.paginate(
                    ExclusiveStartTableName=prefix,
                    PaginationConfig={"PageSize": size}):
                self.assertLessEqual(len(page["TableNames"]), size)
                listed += page["TableNames"]
            self.assertEqual(listed, sorted(listed), "in order of bytes")
            self.assertEqual([name for name in listed
                              if name.startswith(prefix + ".")], names)

    def test_names_that_are_refused(self):
        loose = support.client(parameter_validation=False)
        for name in ["ab", "a" * 256, "with blank", "sl/ash", "\u00e4bc",
                     "quote\"", ""]:
            with self.subTest(name), self.assert_error("ValidationException"):
                loose.create_table(**support.definition(name, [("pk", "S")]))

    def test_definitions_that_are_refused(self):
        name = support.new_name()
        good = support.definition(name, [("pk", "S"), ("sk", "N")])
        for change in [
                {"KeySchema": good["KeySchema"][::-1]},
                {"KeySchema": good["KeySchema"][:1]},
                {"AttributeDefinitions": good["AttributeDefinitions"][:1]},
                {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"},
                               {"AttributeName": "pk", "KeyType": "RANGE"}]},
                {"ProvisionedThroughput": {"ReadCapacityUnits": 1,
                                           "WriteCapacityUnits": 1}},
                {"BillingMode": "PROVISIONED"}]:
            with self.subTest(change), \
                    self.assert_error("ValidationException"):
                self.dynamodb.create_table(**{**good, **change})
        with self.assert_error("ResourceNotFoundException"):
            self.dynamodb.describe_table(TableName=name)
