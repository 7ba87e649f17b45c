"""Query and Scan through boto3: key conditions, filters, pages, the sample
tables, and a generated catalogue of 100,000 songs."""

import itertools
import random
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal

from boto3.dynamodb.conditions import Attr, Key

import support

PAGE_SIZES = [1, 2, 3, 7, 100, None]


class SampleTables(support.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tables = {}
        for name, keys in support.SAMPLE_TABLES.items():
            table = support.make_table(cls.dynamodb, keys,
                                       support.new_name(name))
            cls.addClassCleanup(support.drop_table, cls.dynamodb, table)
            support.write_all(cls.dynamodb, table, support.sample_items(name))
            cls.tables[name] = support.resource().Table(table)

    def test_get_a_product(self):
        product = self.tables["ProductCatalog"].get_item(
            Key={"Id": 102})["Item"]
        self.assertEqual(product["Authors"], ["Mara Quill", "Jonas Brandt"])
        self.assertIs(product["InPublication"], True)

    def test_update_a_product(self):
        output = self.tables["ProductCatalog"].update_item(
            Key={"Id": 205},
            UpdateExpression="SET Price = Price - :off, Color = :colors",
            ConditionExpression=Attr("Price").gte(150),
            ExpressionAttributeValues={":off": 50, ":colors": {"White"}},
            ReturnValues="UPDATED_NEW")
        self.assertEqual(output["Attributes"],
                         {"Price": Decimal(450), "Color": {"White"}})

    def test_scan_products_with_a_filter(self):
        output = self.tables["ProductCatalog"].scan(
            FilterExpression=Attr("ProductCategory").eq("Bicycle")
            & Attr("Color").contains("Black") & Attr("Price").lt(400),
            ProjectionExpression="Id")
        self.assertEqual(sorted(int(item["Id"]) for item in output["Items"]),
                         [201, 202, 203])
        self.assertEqual(output["ScannedCount"], 8)
        self.assertEqual(output["Count"], 3)

    def test_replies_in_a_period(self):
        for condition, dates in [
                (Key("ReplyDateTime").gt("2015-09-16"), ["2015-09-22"]),
                (Key("ReplyDateTime").begins_with("2015-09"),
                 ["2015-09-15", "2015-09-22"]),
                (Key("ReplyDateTime").between("2015-09-15", "2015-09-16"),
                 ["2015-09-15"]),
                (Key("ReplyDateTime").lt("2015"), [])]:
            output = self.tables["Reply"].query(
                KeyConditionExpression=Key("Id").eq(
                    "Amazon DynamoDB#DynamoDB Thread 1") & condition)
            self.assertEqual([item["ReplyDateTime"][:10]
                              for item in output["Items"]], dates)

    def test_forums_by_a_batch(self):
        table = self.tables["Forum"]
        output = support.resource().batch_get_item(RequestItems={
            table.name: {
                "Keys": [{"Name": "Amazon DynamoDB"}, {"Name": "Amazon S3"}],
                "ProjectionExpression": "#n, Threads",
                "ExpressionAttributeNames": {"#n": "Name"}}})
        self.assertCountEqual(output["Responses"][table.name], [
            {"Name": "Amazon DynamoDB", "Threads": 2},
            {"Name": "Amazon S3", "Threads": 1}])


def text_keys():
    generator = random.Random(1)
    letters = "\0\1\2 aAbzZ~\x7f\u00e4\u0800\uffee\U00010000\U0010ffff"
    keys = {"".join(generator.choices(letters, k=generator.randint(1, 6)))
            for _ in range(300)}
    return sorted(keys, key=str.encode)[:200]


def number_keys():
    generator = random.Random(2)
    keys = {Decimal(generator.randint(-10 ** 6, 10 ** 6))
            .scaleb(generator.randint(-12, 12)).normalize()
            for _ in range(200)}
    return [format(key, "f") for key in sorted(keys)]


def binary_keys():
    generator = random.Random(3)
    return sorted({generator.randbytes(generator.randint(1, 5))
                   for _ in range(200)})


class Pages:
    """For each type of sort key, with the keys in their order."""

    type_ = None
    sort_keys = []
    filler = "x" * 20000

    @classmethod
    def setUpClass(cls):
        cls.keys = [("pk", "S"), ("sk", cls.type_)]
        super().setUpClass()
        wanted = [cls.item("p", sk, number)
                  for number, sk in enumerate(cls.sort_keys)]
        # neighbours, which must not be seen
        others = [cls.item(pk, sk, 0) for pk in ("o", "p\0", "p ", "q")
                  for sk in cls.sort_keys[:3]]
        shuffled = wanted + others
        random.Random(4).shuffle(shuffled)
        support.write_all(cls.dynamodb, cls.table, shuffled)
        cls.count = len(shuffled)

    @classmethod
    def item(cls, pk, sk, number):
        return {"pk": {"S": pk}, "sk": {cls.type_: sk}, "n": {"N": str(number)},
                "filler": {"S": cls.filler}}

    def query(self, condition="pk = :pk", values=None, **arguments):
        values = {":pk": {"S": "p"}, **(values or {})}
        return list(support.pages(
            self.dynamodb.query, TableName=self.table,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=values, **arguments))

    def sort_keys_of(self, result):
        return [item["sk"][self.type_]
                for page in result for item in page["Items"]]

    def test_pages_are_together_the_whole_partition(self):
        for size, forward in itertools.product(PAGE_SIZES, (True, False)):
            with self.subTest(size=size, forward=forward):
                limit = {"Limit": size} if size else {}
                result = self.query(ScanIndexForward=forward, **limit)
                self.assertEqual(
                    self.sort_keys_of(result),
                    self.sort_keys if forward else self.sort_keys[::-1])
                for page in result:
                    self.assertEqual(page["Count"], len(page["Items"]))
                    self.assertEqual(page["ScannedCount"], page["Count"])
                    if size:
                        self.assertLessEqual(page["Count"], size)
                if size is None:
                    # 200 times 20 kB, in pages of a megabyte
                    self.assertGreaterEqual(len(result), 4)

    def test_ranges_are_what_the_order_says(self):
        generator = random.Random(5)
        keys = self.sort_keys
        for _ in range(12):
            low, high = sorted(generator.sample(range(len(keys)), 2))
            values = {":low": {self.type_: keys[low]},
                      ":high": {self.type_: keys[high]}}
            for condition, used, wanted in [
                    ("sk BETWEEN :low AND :high", (":low", ":high"),
                     keys[low:high + 1]),
                    ("sk > :low", (":low",), keys[low + 1:]),
                    ("sk >= :low", (":low",), keys[low:]),
                    ("sk < :high", (":high",), keys[:high]),
                    ("sk <= :high", (":high",), keys[:high + 1]),
                    ("sk = :low", (":low",), [keys[low]])]:
                with self.subTest(condition, low=low, high=high):
                    result = self.query(
                        "pk = :pk AND " + condition,
                        {name: values[name] for name in used},
                        ProjectionExpression="sk", Limit=50)
                    self.assertEqual(self.sort_keys_of(result), wanted)

    def test_a_filter_does_not_lose_pages(self):
        result = self.query(Limit=7, FilterExpression="n < :ten",
                            values={":ten": {"N": "10"}})
        self.assertEqual(self.sort_keys_of(result), self.sort_keys[:10])
        self.assertEqual(sum(page["ScannedCount"] for page in result),
                         len(self.sort_keys))

    def test_a_start_key_need_not_exist(self):
        middle = len(self.sort_keys) // 2
        start = {"pk": {"S": "p"}, "sk": {self.type_: self.sort_keys[middle]}}
        self.dynamodb.delete_item(TableName=self.table, Key=start)
        try:
            for forward, wanted in [(True, self.sort_keys[middle + 1:]),
                                    (False, self.sort_keys[:middle][::-1])]:
                result = self.query(ExclusiveStartKey=start,
                                    ScanIndexForward=forward)
                self.assertEqual(self.sort_keys_of(result), wanted)
        finally:
            self.put(self.item("p", self.sort_keys[middle], middle))

    def test_count_only(self):
        result = self.query(Select="COUNT", Limit=30)
        self.assertEqual(sum(page["Count"] for page in result),
                         len(self.sort_keys))
        self.assertFalse(any("Items" in page for page in result))

    def test_scan_pages_are_together_the_table(self):
        for size in (7, 100, None):
            limit = {"Limit": size} if size else {}
            got = support.items_of(self.dynamodb.scan, TableName=self.table,
                                   ProjectionExpression="pk, sk", **limit)
            found = {(item["pk"]["S"], item["sk"][self.type_])
                     for item in got}
            self.assertEqual(len(got), self.count)
            self.assertEqual(len(found), self.count)


class TextPages(Pages, support.TestCase):
    type_ = "S"
    sort_keys = text_keys()

    def test_begins_with(self):
        for prefix in ("\0", "\1", "a", "\U0010ffff", "no such key"):
            result = self.query("pk = :pk AND begins_with(sk, :p)",
                                {":p": {"S": prefix}})
            self.assertEqual(
                self.sort_keys_of(result),
                [key for key in self.sort_keys if key.startswith(prefix)])


class NumberPages(Pages, support.TestCase):
    type_ = "N"
    sort_keys = number_keys()


class BinaryPages(Pages, support.TestCase):
    type_ = "B"
    sort_keys = binary_keys()

    def test_begins_with(self):
        for prefix in (b"\x00", b"\xff", self.sort_keys[0][:1]):
            result = self.query("pk = :pk AND begins_with(sk, :p)",
                                {":p": {"B": prefix}})
            self.assertEqual(
                self.sort_keys_of(result),
                [key for key in self.sort_keys if key.startswith(prefix)])


#
# The catalogue.  Its functions run in processes of their own: one Python
# process is not fast enough to load 100,000 items in decent time.
#

ARTISTS = 500
SONGS = 200
WORDS = ("Blue Night River Stone Paper Moon Glass Winter Road Fire Silver Rain "
         "Echo Garden Harbour Dust Velvet Signal Ocean Mirror").split()
PROCESSES = 4


def artist_name(number):
    return f"{WORDS[number % 20]} {WORDS[number // 20 % 20]} {number:03}"


def song(artist, number):
    generator = random.Random(artist * SONGS + number)
    title = f"{' '.join(generator.sample(WORDS, 3))} #{number:03}"
    return {
        "Artist": {"S": artist_name(artist)}, "SongTitle": {"S": title},
        "Album": {"S": f"Volume {number // 12 + 1}"},
        "Year": {"N": str(1960 + generator.randrange(65))},
        "Price": {"N": f"{generator.randrange(50, 300) / 100:g}"},
        "Genres": {"SS": generator.sample(["rock", "folk", "jazz", "soul"],
                                          generator.randint(1, 3))},
        "Live": {"BOOL": generator.random() < 0.1},
        "Credits": {"M": {"Label": {"S": generator.choice(WORDS)},
                          "Writers": {"L": [
                              {"S": generator.choice(WORDS)}
                              for _ in range(generator.randint(1, 3))]}}},
    }


def load_artists(table, numbers):
    dynamodb = support.client()
    for number in numbers:
        support.write_all(dynamodb, table,
                          [song(number, n) for n in range(SONGS)])


def segment_keys(table, segment, total):
    got = support.items_of(
        support.client().scan, TableName=table, Segment=segment,
        TotalSegments=total, ProjectionExpression="Artist, SongTitle")
    return [(item["Artist"]["S"], item["SongTitle"]["S"]) for item in got]


def segment_count(table, segment, total):
    return sum(page["Count"] for page in support.pages(
        support.client().scan, TableName=table, Segment=segment,
        TotalSegments=total, Select="COUNT"))


class Catalogue(support.TestCase):
    keys = [("Artist", "S"), ("SongTitle", "S")]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool = ProcessPoolExecutor(PROCESSES)
        cls.addClassCleanup(cls.pool.shutdown)
        list(cls.pool.map(load_artists, [cls.table] * PROCESSES,
                          [range(n, ARTISTS, PROCESSES)
                           for n in range(PROCESSES)]))

    def segments(self, function, total):
        return list(self.pool.map(function, [self.table] * total,
                                  range(total), [total] * total))

    def test_query_of_an_artist(self):
        for number in (0, 1, 77, ARTISTS - 1):
            wanted = sorted((song(number, n) for n in range(SONGS)),
                            key=lambda item: item["SongTitle"]["S"].encode())
            got = support.items_of(
                self.dynamodb.query, TableName=self.table, Limit=77,
                KeyConditionExpression="Artist = :a",
                ExpressionAttributeValues={
                    ":a": {"S": artist_name(number)}})
            self.assertEqual([support.normal_item(item) for item in got],
                             [support.normal_item(item) for item in wanted])

    def test_query_with_a_filter(self):
        artist = 42
        wanted = [item for item in (song(artist, n) for n in range(SONGS))
                  if item["SongTitle"]["S"].startswith("B")
                  and Decimal(item["Price"]["N"]) < 2
                  and "jazz" in item["Genres"]["SS"]]
        got = support.items_of(
            self.dynamodb.query, TableName=self.table,
            KeyConditionExpression="Artist = :a AND "
                                   "begins_with(SongTitle, :b)",
            FilterExpression="Price < :two AND contains(Genres, :jazz) AND "
                             "size(Credits.Writers) >= :one",
            ExpressionAttributeValues={
                ":a": {"S": artist_name(artist)}, ":b": {"S": "B"},
                ":two": {"N": "2"}, ":jazz": {"S": "jazz"},
                ":one": {"N": "1"}})
        self.assert_same_items(got, wanted)

    def test_paginator_of_the_sdk(self):
        paginator = self.dynamodb.get_paginator("query")
        result = paginator.paginate(
            TableName=self.table, KeyConditionExpression="Artist = :a",
            ExpressionAttributeValues={":a": {"S": artist_name(3)}},
            PaginationConfig={"PageSize": 30, "MaxItems": 100})
        self.assertEqual(len(result.build_full_result()["Items"]), 100)

    def test_plain_scan_sees_everything_once(self):
        keys = segment_keys(self.table, 0, 1)
        self.assertEqual(len(keys), ARTISTS * SONGS)
        self.assertEqual(len(set(keys)), ARTISTS * SONGS)

    def test_segments_are_disjoint_and_complete(self):
        for total in range(1, 17):
            parts = self.segments(segment_keys, total)
            union = set().union(*parts)
            self.assertEqual(sum(map(len, parts)), ARTISTS * SONGS)
            self.assertEqual(len(union), ARTISTS * SONGS)
            self.assertTrue(all(parts), "one of so few segments is empty")

    def test_more_segments_than_partitions(self):
        counts = self.segments(segment_count, 200)
        self.assertEqual(sum(counts), ARTISTS * SONGS)
