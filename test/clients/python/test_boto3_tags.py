"""Tags through boto3: set, list by hand and by paginator, take away."""

import support


class Tags(support.TestCase):

    keys = [("pk", "S")]

    def setUp(self):
        self.arn = self.dynamodb.describe_table(
            TableName=self.table)["Table"]["TableArn"]
        self.addCleanup(self.untag_all)

    def untag_all(self):
        keys = list(self.tags())
        if keys:
            self.dynamodb.untag_resource(ResourceArn=self.arn, TagKeys=keys)

    def tags(self):
        """All of them, as the paginator sees them; none may come twice."""
        pages = self.dynamodb.get_paginator(
            "list_tags_of_resource").paginate(ResourceArn=self.arn)
        tags = [tag for page in pages for tag in page["Tags"]]
        result = {tag["Key"]: tag["Value"] for tag in tags}
        self.assertEqual(len(result), len(tags))
        return result

    def tag(self, tags):
        return self.dynamodb.tag_resource(
            ResourceArn=self.arn,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()])

    def test_set_overwrite_and_take_away(self):
        self.assertEqual(self.tags(), {})
        output = self.tag({"Owner": "Blue Team", "cost/center": "", "été": "値"})
        self.assertEqual(output["ResponseMetadata"]["HTTPStatusCode"], 200)
        self.tag({"Owner": "Red Team"})
        self.assertEqual(self.tags(), {"Owner": "Red Team", "cost/center": "",
                                       "été": "値"})
        output = self.dynamodb.untag_resource(
            ResourceArn=self.arn, TagKeys=["cost/center", "absent"])
        self.assertEqual(output["ResponseMetadata"]["HTTPStatusCode"], 200)
        self.assertEqual(self.tags(), {"Owner": "Red Team", "été": "値"})

    def test_all_at_once(self):
        tags = {f"key {number}": str(number) for number in range(50)}
        self.tag(tags)
        page = self.dynamodb.list_tags_of_resource(ResourceArn=self.arn)
        self.assertEqual(len(page["Tags"]), 50)
        self.assertNotIn("NextToken", page)
        self.assertEqual(self.tags(), tags)

    def test_refused(self):
        self.tag({str(number): "" for number in range(50)})
        for arguments, message in [
                ([("a", "1"), ("a", "2")],
                 "Duplicate Tag Keys provided as input: "
                 "Duplicate Tag Key found a"),
                ([("aws:x", "1")],
                 "Tag Key cannot be prefixed with aws:, Key: aws:x"),
                ([("a", "1;2")],
                 "The Tag Value provided is invalid, Value: 1;2"),
                ([], "Atleast one Tag needs to be provided as Input."),
                ([("one too many", "")],
                 "Number of Tags exceed the current limit for the provided "
                 "ResourceArn")]:
            with self.assert_error("ValidationException", message):
                self.dynamodb.tag_resource(
                    ResourceArn=self.arn,
                    Tags=[{"Key": key, "Value": value}
                          for key, value in arguments])
        missing = self.arn + "-missing"
        with self.assert_error(
                "ResourceNotFoundException",
                f"Requested resource not found: ResourceArn: {missing} "
                "not found"):
            self.dynamodb.list_tags_of_resource(ResourceArn=missing)
        self.assertEqual(len(self.tags()), 50)

    def test_tags_of_create_table(self):
        name = support.new_name()
        self.addCleanup(support.drop_table, self.dynamodb, name)
        arguments = support.definition(name, [("pk", "S")])
        with self.assert_error("ValidationException",
                               "The Tag Key provided is invalid, Key: a?"):
            self.dynamodb.create_table(
                **arguments, Tags=[{"Key": "a?", "Value": "b"}])
        with self.assert_error("ResourceNotFoundException"):
            self.dynamodb.describe_table(TableName=name)
        output = self.dynamodb.create_table(
            **arguments, Tags=[{"Key": "a", "Value": "b"}])
        arn = output["TableDescription"]["TableArn"]
        self.dynamodb.get_waiter("table_exists").wait(
            TableName=name, WaiterConfig=support.WAIT)
        self.assertEqual(
            self.dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"],
            [{"Key": "a", "Value": "b"}])
