"""The AWS command line.  Each call takes a second, so the tests are few and
long: each is a session as a user would have it."""

import json
import subprocess
import tempfile
import unittest

import support

THREAD_KEY = json.dumps({"ForumName": {"S": "Amazon DynamoDB"},
                         "Subject": {"S": "DynamoDB Thread 1"}})


class AwsCli(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        run = subprocess.run(["aws", "--version"], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, check=True)
        # version 1 encodes the binaries it is given, version 2 takes base64
        cls.encodes = run.stdout.startswith("aws-cli/1.")

    def aws(self, *arguments, check=True):
        run = subprocess.run(
            ["aws", "dynamodb", "--endpoint-url", support.endpoint(),
             "--region", "us-east-1", "--output", "json",
             *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            stdin=subprocess.DEVNULL, timeout=120, check=False)
        if not check:
            return run
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout) if run.stdout.strip() else None

    def assert_refused(self, operation, text, *arguments):
        """The command fails and says just this."""
        run = self.aws(*arguments, check=False)
        self.assertNotEqual(run.returncode, 0)
        self.assertEqual(
            run.stderr.strip().removeprefix("aws: [ERROR]: "),
            f"An error occurred ({text.partition(':')[0]}) when calling the "
            f"{operation} operation: {text.partition(': ')[2]}")

    def create(self, name, keys):
        definitions = [f"AttributeName={key},AttributeType={type_}"
                       for key, type_ in keys]
        schema = [f"AttributeName={key},KeyType={role}"
                  for (key, _), role in zip(keys, ["HASH", "RANGE"])]
        self.addCleanup(support.drop_table, support.client(), name)
        output = self.aws("create-table", "--table-name", name,
                          "--billing-mode", "PAY_PER_REQUEST",
                          "--attribute-definitions", *definitions,
                          "--key-schema", *schema)
        self.assertEqual(output["TableDescription"]["TableName"], name)
        self.assertIn(output["TableDescription"]["TableStatus"],
                      ["CREATING", "ACTIVE"])
        self.aws("wait", "table-exists", "--table-name", name)

    def test_life_of_a_table(self):
        name = support.new_name("CliLife")
        self.create(name, [("Artist", "S"), ("SongTitle", "S")])

        table = self.aws("describe-table", "--table-name", name)["Table"]
        self.assertEqual(table["TableStatus"], "ACTIVE")
        self.assertEqual(table["KeySchema"], [
            {"AttributeName": "Artist", "KeyType": "HASH"},
            {"AttributeName": "SongTitle", "KeyType": "RANGE"}])
        self.assertEqual(table["BillingModeSummary"]["BillingMode"],
                         "PAY_PER_REQUEST")
        self.assertIn(f":table/{name}", table["TableArn"])
        self.assertIn(name, self.aws("list-tables")["TableNames"])

        self.assert_refused(
            "CreateTable",
            f"ResourceInUseException: Table already exists: {name}",
            "create-table", "--table-name", name,
            "--billing-mode", "PAY_PER_REQUEST",
            "--attribute-definitions", "AttributeName=a,AttributeType=S",
            "--key-schema", "AttributeName=a,KeyType=HASH")

        output = self.aws("delete-table", "--table-name", name)
        self.assertEqual(output["TableDescription"]["TableStatus"], "DELETING")
        self.aws("wait", "table-not-exists", "--table-name", name)
        self.assert_refused(
            "DescribeTable",
            "ResourceNotFoundException: Requested resource not found: "
            f"Table: {name} not found",
            "describe-table", "--table-name", name)

    def test_table_with_indexes_changed(self):
        name = support.new_name("CliIndexes")
        self.addCleanup(support.drop_table, support.client(), name)
        answer = self.aws(
            "create-table", "--table-name", name,
            "--billing-mode", "PAY_PER_REQUEST",
            "--attribute-definitions", "AttributeName=Artist,AttributeType=S",
            "AttributeName=Year,AttributeType=N",
            "AttributeName=Genre,AttributeType=S",
            "--key-schema", "AttributeName=Artist,KeyType=HASH",
            "AttributeName=Year,KeyType=RANGE",
            "--local-secondary-indexes",
            "IndexName=ByGenre,KeySchema=[{AttributeName=Artist,KeyType=HASH},"
            "{AttributeName=Genre,KeyType=RANGE}],"
            "Projection={ProjectionType=KEYS_ONLY}",
            "--global-secondary-indexes",
            "IndexName=GenreAll,KeySchema=[{AttributeName=Genre,KeyType=HASH}],"
            "Projection={ProjectionType=ALL}",
            "--table-class", "STANDARD_INFREQUENT_ACCESS",
            "--tags", "Key=owner,Value=team")["TableDescription"]
        self.assertEqual(answer["GlobalSecondaryIndexes"][0]["IndexStatus"],
                         "CREATING")
        self.aws("wait", "table-exists", "--table-name", name)

        answer = self.aws(
            "update-table", "--table-name", name,
            "--attribute-definitions", "AttributeName=Label,AttributeType=S",
            "--global-secondary-index-updates", json.dumps([{"Create": {
                "IndexName": "ByLabel",
                "KeySchema": [{"AttributeName": "Label", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"}}}])
        )["TableDescription"]
        self.assertEqual(answer["TableStatus"], "UPDATING")
        while True:
            table = self.aws("describe-table", "--table-name", name)["Table"]
            statuses = {index["IndexName"]: index["IndexStatus"]
                        for index in table["GlobalSecondaryIndexes"]}
            if set(statuses.values()) == {"ACTIVE"}:
                break
        self.assertEqual(set(statuses), {"GenreAll", "ByLabel"})

        self.aws("update-table", "--table-name", name,
                 "--table-class", "STANDARD")
        self.assert_refused(
            "UpdateTable",
            "ValidationException: One or more parameter values were invalid: "
            "ProvisionedThroughput must be specified when BillingMode is "
            "PROVISIONED", "update-table", "--table-name", name,
            "--billing-mode", "PROVISIONED")
        self.aws("delete-table", "--table-name", name)
        self.aws("wait", "table-not-exists", "--table-name", name)

    def test_items_and_conditions(self):
        name = support.new_name("CliItems")
        self.create(name, [("Artist", "S"), ("SongTitle", "S")])
        key = {"Artist": {"S": "No One You Know"},
               "SongTitle": {"S": "Call Me Today"}}
        item = {**key, "Price": {"N": "1.98"}, "Cover": {"B": "AAEC/w=="},
                "Awards": {"NULL": True}, "Live": {"BOOL": False},
                "Tags": {"SS": ["blues", "slow"]},
                "Nested": {"M": {"deep": {"L": [{"N": "0.10"}, {"S": "ü€😀"}]}}}}
        stored = {**item,
                  "Nested": {"M": {"deep": {"L": [{"N": "0.1"}, {"S": "ü€😀"}]}}}}
        if self.encodes:
            item["Cover"]["B"] = "pa\u00dfe"
            stored["Cover"] = {"B": "cGHDn2U="}
        table = ["--table-name", name]
        with_key = table + ["--key", json.dumps(key)]

        self.aws("put-item", *table, "--item", json.dumps(item))
        got = self.aws("get-item", *with_key, "--consistent-read")["Item"]
        self.assertEqual(support.normal_item(got), support.normal_item(stored))

        got = self.aws("get-item", *with_key, "--projection-expression",
                       "#n[0], Price, Tags",
                       "--expression-attribute-names", '{"#n": "Nested"}')
        self.assertEqual(set(got["Item"]), {"Price", "Tags"})

        self.assert_refused(
            "PutItem",
            "ConditionalCheckFailedException: The conditional request failed",
            "put-item", *table, "--item", json.dumps(item),
            "--condition-expression", "attribute_not_exists(Artist)")

        output = self.aws(
            "update-item", *with_key, "--update-expression",
            "SET Price = Price + :more, Plays = if_not_exists(Plays, :none) "
            "REMOVE Awards ADD Tags :tag",
            "--expression-attribute-values",
            '{":more": {"N": "0.02"}, ":none": {"N": "0"}, '
            '":tag": {"SS": ["live"]}}',
            "--return-values", "UPDATED_NEW")
        self.assertEqual(output["Attributes"]["Price"], {"N": "2"})
        self.assertEqual(output["Attributes"]["Plays"], {"N": "0"})
        self.assertEqual(sorted(output["Attributes"]["Tags"]["SS"]),
                         ["blues", "live", "slow"])

        self.assert_refused(
            "UpdateItem",
            "ConditionalCheckFailedException: The conditional request failed",
            "update-item", *with_key,
            "--update-expression", "SET Price = :p",
            "--condition-expression", "Price > :p",
            "--expression-attribute-values", '{":p": {"N": "2"}}')
        self.assert_refused(
            "DeleteItem",
            "ConditionalCheckFailedException: The conditional request failed",
            "delete-item", *with_key,
            "--condition-expression", "attribute_exists(Awards)")

        output = self.aws("delete-item", *with_key,
                          "--return-values", "ALL_OLD")
        self.assertEqual(output["Attributes"]["Price"], {"N": "2"})
        self.assertFalse(self.aws("get-item", *with_key, "--consistent-read"))
        self.assert_refused(
            "GetItem",
            "ValidationException: "
            "The provided key element does not match the schema",
            "get-item", *table, "--key", '{"Artist": {"N": "1"}}')

    def test_sample_tables_in_batches_and_pages(self):
        tables = {}
        for sample, keys in support.SAMPLE_TABLES.items():
            tables[sample] = support.new_name(sample)
            self.create(tables[sample], keys)
            self.write_sample(sample, tables[sample])

        for sample, name in tables.items():
            with self.subTest(sample):
                got = self.aws("scan", "--table-name", name)["Items"]
                self.assertEqual(
                    {support.normal_item(item) for item in got},
                    {support.normal_item(item)
                     for item in support.sample_items(sample)})

        self.query_in_pages(tables["Reply"])
        self.scan_in_segments(tables["ProductCatalog"])

        got = self.aws("get-item", "--table-name", tables["Thread"],
                       "--key", THREAD_KEY)["Item"]
        self.assertEqual(got["Replies"], {"N": "2"})

    def write_sample(self, sample, name):
        """BatchWriteItem from a file, as in the developer guide."""
        requests = {name: [{"PutRequest": {"Item": item}}
                           for item in support.sample_items(sample)]}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(requests, file)
            file.flush()
            output = self.aws("batch-write-item",
                              "--request-items", "file://" + file.name)
        self.assertEqual(output["UnprocessedItems"], {})

    def query_in_pages(self, table):
        query = ["query", "--table-name", table,
                 "--key-condition-expression", "Id = :id",
                 "--expression-attribute-values",
                 '{":id": {"S": "Amazon DynamoDB#DynamoDB Thread 1"}}']
        dates = ["2015-09-15T19:58:22.947Z", "2015-09-22T19:58:22.947Z"]

        # the CLI pages on its own, one item a request
        output = self.aws(*query, "--page-size", "1")
        self.assertEqual([item["ReplyDateTime"]["S"]
                          for item in output["Items"]], dates)

        # and hands over a token of its own where it was told to stop
        first = self.aws(*query, "--max-items", "1", "--page-size", "1")
        self.assertEqual(len(first["Items"]), 1)
        second = self.aws(*query, "--max-items", "1",
                          "--starting-token", first["NextToken"])
        self.assertEqual([item["ReplyDateTime"]["S"] for item
                          in first["Items"] + second["Items"]], dates)

        output = self.aws(*query, "--no-scan-index-forward")
        self.assertEqual([item["ReplyDateTime"]["S"]
                          for item in output["Items"]], dates[::-1])

    def scan_in_segments(self, table):
        ids = []
        for segment in range(3):
            output = self.aws("scan", "--table-name", table,
                              "--total-segments", "3",
                              "--segment", str(segment),
                              "--projection-expression", "Id",
                              "--page-size", "2")
            ids += [int(item["Id"]["N"]) for item in output["Items"]]
        self.assertEqual(sorted(ids),
                         [101, 102, 103, 201, 202, 203, 204, 205])

    def test_tags_and_time_to_live(self):
        name = support.new_name("CliTags")
        self.create(name, [("Id", "S")])
        arn = self.aws("describe-table", "--table-name",
                       name)["Table"]["TableArn"]

        self.assertIsNone(self.aws(
            "tag-resource", "--resource-arn", arn, "--tags",
            *[f"Key=key{number},Value=value {number}"
              for number in range(25)]))
        tags = self.aws("list-tags-of-resource", "--resource-arn",
                        arn)["Tags"]
        self.assertCountEqual(tags, [
            {"Key": f"key{number}", "Value": f"value {number}"}
            for number in range(25)])
        self.assertIsNone(self.aws(
            "untag-resource", "--resource-arn", arn, "--tag-keys",
            *[f"key{number}" for number in range(24)]))
        self.assertEqual(
            self.aws("list-tags-of-resource", "--resource-arn", arn),
            {"Tags": [{"Key": "key24", "Value": "value 24"}]})

        specification = {"Enabled": True, "AttributeName": "expires"}
        self.assertEqual(
            self.aws("update-time-to-live", "--table-name", name,
                     "--time-to-live-specification",
                     "Enabled=true, AttributeName=expires"),
            {"TimeToLiveSpecification": specification})
        description = self.aws("describe-time-to-live", "--table-name",
                               name)["TimeToLiveDescription"]
        self.assertEqual(description["AttributeName"], "expires")
        self.assertIn(description["TimeToLiveStatus"],
                      ["ENABLING", "ENABLED"])
        self.assert_refused(
            "UpdateTimeToLive",
            "ValidationException: TimeToLive is already enabled",
            "update-time-to-live", "--table-name", name,
            "--time-to-live-specification",
            "Enabled=true, AttributeName=expires")

    def test_transactions(self):
        name = support.new_name("CliTransact")
        self.create(name, [("pk", "S")])

        def write(*items, token=None):
            return ("transact-write-items", "--transact-items",
                    json.dumps(items),
                    *(("--client-request-token", token) if token else ()))

        put = {"Put": {"TableName": name, "Item": {"pk": {"S": "a"}},
                       "ConditionExpression": "attribute_not_exists(pk)"}}
        add = {"Update": {"TableName": name, "Key": {"pk": {"S": "n"}},
                          "UpdateExpression": "ADD n :one",
                          "ExpressionAttributeValues": {":one": {"N": "1"}}}}
        self.aws(*write(put, add, token=name[-36:]))
        # not done again, so the condition does not fail
        self.aws(*write(put, add, token=name[-36:]))
        self.assert_refused(
            "TransactWriteItems",
            "TransactionCanceledException: Transaction cancelled, please refer "
            "cancellation reasons for specific reasons "
            "[None, ConditionalCheckFailed]", *write(add, put))
        output = self.aws(
            "transact-get-items", "--transact-items", json.dumps(
                [{"Get": {"TableName": name, "Key": {"pk": {"S": key}}}}
                 for key in ("n", "nobody", "a")]))
        self.assertEqual(output["Responses"], [
            {"Item": {"pk": {"S": "n"}, "n": {"N": "1"}}}, {},
            {"Item": {"pk": {"S": "a"}}}])


if __name__ == "__main__":
    unittest.main()
